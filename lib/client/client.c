// SPDX-License-Identifier: GPL-3.0-or-later
#include "client/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"

/* Sockets of the caller that are waited for beside the request's. */
#define POLLS_MAX 16
/* Length of a reply to be put off by: a day is long enough. */
#define RETRY_AFTER_MAX 86400
/* What OpenSSL calls these two (X509_V_ERR_... of x509_vfy.h). */
#define CERT_NOT_YET_VALID 9
#define CERT_EXPIRED	   10

struct client {
	CURLM *multi;
	CURL *easy; /* kept, and its connection with it */
	struct curl_slist *headers;
	struct buf system; /* the system's authorities, PEM */
	struct buf body;
	int reply_fd;
	uint64_t length;
	size_t reply_max;
	bool busy, ended, too_long;
	/* whose the request is, and the connection: "" nobody's */
	char user[CLIENT_USER_MAX + 1], connected[CLIENT_USER_MAX + 1];
	bool is_connected;
	CURLcode result;
	char error[CURL_ERROR_SIZE];
};

/* Where distributions keep them, should the library not say. */
static const char *const authority_files[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/cert.pem",
};

static bool read_file(const char *path, struct buf *out)
{
	uint8_t part[16384];
	FILE *file = fopen(path, "re");
	size_t got;

	if (!file)
		return false;
	while ((got = fread(part, 1, sizeof(part), file)) > 0)
		buf_append(out, part, got);
	fclose(file);
	if (!buf_check(out) && out->len)
		return true;
	buf_clear(out);
	return false;
}

static void read_authorities(struct client *c)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	if (info->age >= CURLVERSION_TENTH && info->cainfo &&
	    read_file(info->cainfo, &c->system))
		return;
	for (size_t i = 0;
	     i < sizeof(authority_files) / sizeof(authority_files[0]); i++)
		if (read_file(authority_files[i], &c->system))
			return;
}

int client_new(struct client **out)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return ERR_NOMEM;
	buf_init(&c->system, CLIENT_AUTHORITIES_MAX);
	buf_init(&c->body, 0);
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(c);
		return ERR_IO;
	}
	c->multi = curl_multi_init();
	c->easy = curl_easy_init();
	/* the last alone is kept: not that of a user before */
	if (!c->multi || !c->easy ||
	    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, 1L)) {
		client_free(c);
		return ERR_NOMEM;
	}
	read_authorities(c);
	*out = c;
	return 0;
}

static void end(struct client *c)
{
	if (!c->busy)
		return;
	curl_multi_remove_handle(c->multi, c->easy);
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(c->headers);
	c->headers = NULL;
	c->busy = false;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	end(c);
	curl_easy_cleanup(c->easy);
	curl_multi_cleanup(c->multi);
	buf_done(&c->system);
	buf_done(&c->body);
	free(c);
}

void client_stop(struct client *c)
{
	end(c);
	c->ended = false;
}

bool client_is_busy(const struct client *c)
{
	return c->busy;
}

/* One part of an address, to be freed; NULL when it has none. */
static char *part_of(CURLU *parsed, CURLUPart what)
{
	char *text;

	return curl_url_get(parsed, what, &text, 0) ? NULL : text;
}

static bool is_this_computer(const char *host)
{
	struct addr a;
	char bare[ADDR_TEXT_BYTES];
	size_t len = strlen(host);

	if (!strcmp(host, "localhost"))
		return true;
	if (host[0] == '[' && len - 2 < sizeof(bare)) {
		memcpy(bare, host + 1, len - 2);
		bare[len - 2] = '\0';
		host = bare;
	}
	return !addr_parse(host, &a) && addr_is_loopback(&a);
}

bool client_url_is_good(const char *url)
{
	CURLU *parsed = curl_url();
	char *scheme = NULL, *host = NULL, *user = NULL, *query = NULL;
	char *fragment = NULL;
	bool good = false;

	if (!parsed || strlen(url) > CLIENT_URL_MAX ||
	    curl_url_set(parsed, CURLUPART_URL, url, 0))
		goto out;
	scheme = part_of(parsed, CURLUPART_SCHEME);
	host = part_of(parsed, CURLUPART_HOST);
	user = part_of(parsed, CURLUPART_USER);
	query = part_of(parsed, CURLUPART_QUERY);
	fragment = part_of(parsed, CURLUPART_FRAGMENT);
	good = scheme && host && host[0] && !user && !query && !fragment &&
	       (!strcmp(scheme, "https") ||
		(!strcmp(scheme, "http") && is_this_computer(host)));
out:
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(query);
	curl_free(fragment);
	curl_url_cleanup(parsed);
	return good;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t put = write(fd, bytes, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		bytes += put;
		n -= (size_t)put;
	}
	return true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user)
{
	struct client *c = user;
	size_t n = size * count;

	if (n > c->reply_max - c->length) {
		c->too_long = true;
		return 0;
	}
	if (c->reply_fd >= 0) {
		if (!write_all(c->reply_fd, bytes, n))
			return 0;
	} else {
		buf_append(&c->body, bytes, n);
		if (buf_check(&c->body))
			return 0;
	}
	c->length += n;
	return n;
}

static int add_header(struct client *c, const char *name, const char *value)
{
	char line[256];
	struct curl_slist *longer;

	snprintf(line, sizeof(line), "%s: %s", name, value);
	longer = curl_slist_append(c->headers, line);
	if (!longer)
		return ERR_NOMEM;
	c->headers = longer;
	return 0;
}

static int add_headers(struct client *c, const struct client_request *r)
{
	int err = 0;

	/* a refusal is to come before the body, not instead of it */
	if (r->post)
		err = add_header(c, "Expect", "");
	if (!err && r->content_type)
		err = add_header(c, "Content-Type", r->content_type);
	if (!err && r->content_encoding)
		err = add_header(c, "Content-Encoding", r->content_encoding);
	return err;
}

static bool set_trust(struct client *c, const struct client_request *r)
{
	struct slice pem =
		r->authorities.len ? r->authorities : buf_slice(&c->system);
	struct curl_blob blob = { .len = pem.len, .flags = CURL_BLOB_COPY };

	/* libcurl's header has it without const, and only copies it */
	memcpy(&blob.data, &pem.data, sizeof(blob.data));
	return !curl_easy_setopt(c->easy, CURLOPT_SSL_VERIFYPEER, 1L) &&
	       !curl_easy_setopt(c->easy, CURLOPT_SSL_VERIFYHOST, 2L) &&
	       !curl_easy_setopt(c->easy, CURLOPT_SSLVERSION,
				 (long)CURL_SSLVERSION_TLSv1_2) &&
	       !curl_easy_setopt(c->easy, CURLOPT_CAINFO, NULL) &&
	       !curl_easy_setopt(c->easy, CURLOPT_CAPATH, NULL) &&
	       (!pem.len ||
		!curl_easy_setopt(c->easy, CURLOPT_CAINFO_BLOB, &blob));
}

static bool set_time(struct client *c, const struct client_request *r)
{
	bool file = r->reply_fd >= 0;

	return !curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS,
				 (long)CLIENT_CONNECT_MS) &&
	       !curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS,
				 file ? 0L : (long)CLIENT_TOTAL_MS) &&
	       !curl_easy_setopt(c->easy, CURLOPT_LOW_SPEED_LIMIT, 1L) &&
	       !curl_easy_setopt(c->easy, CURLOPT_LOW_SPEED_TIME,
				 (long)CLIENT_STALL_S) &&
	       !curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
}

/* Until a connection of this user's has served, each is made anew. */
static bool set_whose(struct client *c)
{
	bool same = c->is_connected && !strcmp(c->user, c->connected);

	return !curl_easy_setopt(c->easy, CURLOPT_FRESH_CONNECT,
				 same ? 0L : 1L) &&
	       !curl_easy_setopt(c->easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

static bool set_request(struct client *c, const struct client_request *r)
{
	CURL *easy = c->easy;
	bool good =
		!curl_easy_setopt(easy, CURLOPT_URL, r->url) &&
		!curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") &&
		!curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) &&
		!curl_easy_setopt(easy, CURLOPT_PROXY, "") &&
		!curl_easy_setopt(easy, CURLOPT_NETRC,
				  (long)CURL_NETRC_IGNORED) &&
		!curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
				  (long)CURL_HTTP_VERSION_1_1) &&
		!curl_easy_setopt(easy, CURLOPT_USERAGENT, "iot-inspector") &&
		!curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, c->error) &&
		!curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) &&
		!curl_easy_setopt(easy, CURLOPT_WRITEDATA, c) &&
		!curl_easy_setopt(easy, CURLOPT_HTTPHEADER, c->headers);

	if (r->post)
		good = good && !curl_easy_setopt(easy, CURLOPT_POST, 1L) &&
		       !curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
					 (curl_off_t)r->body.len) &&
		       !curl_easy_setopt(
			       easy, CURLOPT_POSTFIELDS,
			       r->body.len ? (const char *)r->body.data : "");
	else
		good = good && !curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	if (r->user)
		good = good &&
		       !curl_easy_setopt(easy, CURLOPT_HTTPAUTH,
					 (long)CURLAUTH_BASIC) &&
		       !curl_easy_setopt(easy, CURLOPT_USERNAME, r->user) &&
		       !curl_easy_setopt(easy, CURLOPT_PASSWORD, r->password);
	return good && set_trust(c, r) && set_time(c, r) && set_whose(c);
}

int client_begin(struct client *c, const struct client_request *r)
{
	if (c->busy)
		return ERR_BUSY;
	if (!client_url_is_good(r->url) ||
	    (r->user && strlen(r->user) > CLIENT_USER_MAX))
		return ERR_INVALID;
	snprintf(c->user, sizeof(c->user), "%s", r->user ? r->user : "");
	curl_easy_reset(c->easy);
	buf_done(&c->body);
	buf_init(&c->body, r->reply_max);
	c->reply_fd = r->reply_fd;
	c->reply_max = r->reply_max;
	c->length = 0;
	c->too_long = c->ended = false;
	c->error[0] = '\0';
	c->busy = true;
	if (add_headers(c, r) || !set_request(c, r) ||
	    curl_multi_add_handle(c->multi, c->easy)) {
		end(c);
		return ERR_NOMEM;
	}
	return 0;
}

int client_poll(struct client *c, struct pollfd *polls, size_t count,
		int timeout_ms)
{
	struct curl_waitfd extra[POLLS_MAX] = { 0 };
	int running, left, ready = 0;
	CURLMsg *message;

	if (!c->busy)
		return poll(polls, count, timeout_ms);
	if (count > POLLS_MAX) {
		errno = EINVAL;
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		extra[i] = (struct curl_waitfd){
			.fd = polls[i].fd,
			/* it has no word for one that is to be passed over */
			.events = polls[i].fd < 0 ? 0 : CURL_WAIT_POLLIN,
		};
	curl_multi_perform(c->multi, &running);
	if (running && curl_multi_poll(c->multi, extra, (unsigned int)count,
				       timeout_ms, &ready))
		return -1;
	for (size_t i = 0; i < count; i++)
		polls[i].revents = extra[i].revents ? POLLIN : 0;
	curl_multi_perform(c->multi, &running);
	while ((message = curl_multi_info_read(c->multi, &left)))
		if (message->msg == CURLMSG_DONE) {
			c->result = message->data.result;
			c->ended = true;
		}
	return ready;
}

/* By this computer's clock the certificate holds no longer, or not yet. */
static bool is_out_of_time(const struct client *c)
{
	long verified = 0;

	curl_easy_getinfo(c->easy, CURLINFO_SSL_VERIFYRESULT, &verified);
	return c->result == CURLE_PEER_FAILED_VERIFICATION &&
	       (verified == CERT_NOT_YET_VALID || verified == CERT_EXPIRED);
}

/* One line of why it failed. */
static void explain(const struct client *c, char why[CLIENT_WHY_BYTES])
{
	if (c->too_long)
		snprintf(why, CLIENT_WHY_BYTES,
			 "the reply is longer than %zu bytes", c->reply_max);
	else
		snprintf(why, CLIENT_WHY_BYTES, "%s",
			 c->error[0] ? c->error
				     : curl_easy_strerror(c->result));
	for (char *at = why; *at; at++)
		if ((unsigned char)*at < 0x20)
			*at = ' ';
	if (is_out_of_time(c))
		snprintf(why + strlen(why), CLIENT_WHY_BYTES - strlen(why),
			 ", or this computer's clock is wrong");
}

bool client_take(struct client *c, struct client_reply *out)
{
	struct client_reply reply = { 0 };
	curl_off_t number = 0;

	if (!c->ended)
		return false;
	if (c->result == CURLE_OK) {
		curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE,
				  &reply.status);
		if (!curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER,
				       &number) &&
		    number > 0)
			reply.retry_after_s = number > RETRY_AFTER_MAX
						      ? RETRY_AFTER_MAX
						      : (uint64_t)number;
		reply.length = c->length;
		reply.body = buf_slice(&c->body);
	} else {
		explain(c, reply.why);
	}
	if (!curl_easy_getinfo(c->easy, CURLINFO_SIZE_UPLOAD_T, &number))
		reply.sent_bytes = (uint64_t)number;
	c->is_connected = c->result == CURLE_OK;
	memcpy(c->connected, c->user, sizeof(c->connected));
	c->ended = false;
	end(c);
	*out = reply;
	return true;
}

int client_run(struct client *c, const struct client_request *r,
	       struct client_reply *out)
{
	int err = client_begin(c, r);

	if (err)
		return err;
	while (!client_take(c, out))
		if (client_poll(c, NULL, 0, 1000) < 0) {
			client_stop(c);
			return ERR_IO;
		}
	return 0;
}
