// SPDX-License-Identifier: GPL-3.0-or-later
#include "discover/fetch.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"

#define HTTP_OK 200

struct fetch {
	CURL *easy; /* NULL: unused */
	struct addr own, device;
	uint32_t index;
	struct buf body;
};

struct fetch_set {
	CURLM *multi;
	void (*done)(void *user, const struct addr *device, struct slice body);
	void *user;
	struct fetch fetches[FETCH_MAX];
	size_t count;
	uint64_t failures;
};

int fetch_open(void (*done)(void *user, const struct addr *device,
			    struct slice body),
	       void *user, struct fetch_set **out)
{
	struct fetch_set *set = calloc(1, sizeof(*set));

	if (!set || curl_global_init(CURL_GLOBAL_NOTHING)) {
		free(set);
		return ERR_NOMEM;
	}
	set->multi = curl_multi_init();
	if (!set->multi) {
		free(set);
		return ERR_NOMEM;
	}
	set->done = done;
	set->user = user;
	*out = set;
	return 0;
}

static void end(struct fetch_set *set, struct fetch *fetch)
{
	curl_multi_remove_handle(set->multi, fetch->easy);
	curl_easy_cleanup(fetch->easy);
	buf_done(&fetch->body);
	*fetch = (struct fetch){ 0 };
	set->count--;
}

void fetch_close(struct fetch_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < FETCH_MAX; i++)
		if (set->fetches[i].easy)
			end(set, &set->fetches[i]);
	curl_multi_cleanup(set->multi);
	free(set);
}

/* One part of the address; the caller frees it. NULL when it has none. */
static char *part(CURLU *parsed, CURLUPart what)
{
	char *text;

	return curl_url_get(parsed, what, &text, CURLU_DEFAULT_PORT) ? NULL
								     : text;
}

/* "[fe80::1]" without its brackets, in place; others as they are. */
static const char *unbracketed(char *host)
{
	size_t len = strlen(host);

	if (len < 2 || host[0] != '[' || host[len - 1] != ']')
		return host;
	host[len - 1] = '\0';
	return host + 1;
}

/* Plain HTTP, of that very address, with a port, and nobody's name. */
static bool is_of(const char *url, const struct addr *device)
{
	CURLU *parsed = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
	struct addr named;
	bool its = false;

	if (!parsed ||
	    curl_url_set(parsed, CURLUPART_URL, url, CURLU_DISALLOW_USER))
		goto out;
	scheme = part(parsed, CURLUPART_SCHEME);
	host = part(parsed, CURLUPART_HOST);
	port = part(parsed, CURLUPART_PORT);
	user = part(parsed, CURLUPART_USER);
	its = scheme && !strcmp(scheme, "http") && !user && host && port &&
	      strcmp(port, "0") && !addr_parse(unbracketed(host), &named) &&
	      addr_equal(&named, device);
out:
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_url_cleanup(parsed);
	return its;
}

static int open_v4(const struct fetch *fetch, const struct curl_sockaddr *to)
{
	struct sockaddr_in own = { .sin_family = AF_INET }, device;
	int fd;

	memcpy(&own.sin_addr, fetch->own.b, 4);
	memcpy(&device, &to->addr, sizeof(device));
	if (memcmp(&device.sin_addr, fetch->device.b, 4) != 0)
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&own, sizeof(own))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* On a link the interface says from where. */
static int open_v6(const struct fetch *fetch, struct curl_sockaddr *to)
{
	struct sockaddr_in6 device;

	if (to->addrlen < sizeof(device))
		return -1;
	memcpy(&device, &to->addr, sizeof(device));
	if (memcmp(&device.sin6_addr, fetch->device.b, 16) != 0)
		return -1;
	device.sin6_scope_id = fetch->index;
	memcpy(&to->addr, &device, sizeof(device));
	return socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* To the device, from our address on its network, whatever the library
 * thinks. */
static curl_socket_t on_open(void *user, curlsocktype purpose,
			     struct curl_sockaddr *to)
{
	const struct fetch *fetch = user;
	int family = fetch->device.family == 4 ? AF_INET : AF_INET6, fd;

	if (purpose != CURLSOCKTYPE_IPCXN || to->family != family)
		return CURL_SOCKET_BAD;
	fd = family == AF_INET ? open_v4(fetch, to) : open_v6(fetch, to);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user)
{
	struct fetch *fetch = user;

	buf_append(&fetch->body, bytes, size * count);
	/* less than there was ends it */
	return buf_check(&fetch->body) ? 0 : size * count;
}

static bool set_up(struct fetch *fetch, const char *url)
{
	CURL *easy = fetch->easy;

	return !curl_easy_setopt(easy, CURLOPT_URL, url) &&
	       !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http") &&
	       !curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) &&
	       !curl_easy_setopt(easy, CURLOPT_PROXY, "") &&
	       !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) &&
	       !curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
				 (long)CURL_HTTP_VERSION_1_1) &&
	       !curl_easy_setopt(easy, CURLOPT_IPRESOLVE,
				 (long)(fetch->device.family == 4
						? CURL_IPRESOLVE_V4
						: CURL_IPRESOLVE_V6)) &&
	       !curl_easy_setopt(easy, CURLOPT_ADDRESS_SCOPE,
				 (long)fetch->index) &&
	       !curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
				 (long)FETCH_TIME_MS) &&
	       !curl_easy_setopt(easy, CURLOPT_USERAGENT, "iot-inspector") &&
	       !curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open) &&
	       !curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, fetch) &&
	       !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) &&
	       !curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch) &&
	       !curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch);
}

static int begin(struct fetch_set *set, const struct addr *own,
		 const struct addr *device, uint32_t index, struct slice url)
{
	struct fetch *fetch = NULL;
	char text[FETCH_URL_MAX + 1];

	if (url.len > FETCH_URL_MAX || memchr(url.data, 0, url.len))
		return ERR_INVALID;
	memcpy(text, url.data, url.len);
	text[url.len] = '\0';
	if ((device->family == 4 ? own->family != 4
				 : !addr_is_link_local(device) || !index) ||
	    !is_of(text, device))
		return ERR_INVALID;
	for (size_t i = 0; !fetch && i < FETCH_MAX; i++)
		if (!set->fetches[i].easy)
			fetch = &set->fetches[i];
	if (!fetch)
		return ERR_LIMIT;
	fetch->easy = curl_easy_init();
	if (!fetch->easy)
		return ERR_NOMEM;
	fetch->own = *own;
	fetch->device = *device;
	fetch->index = device->family == 6 ? index : 0;
	buf_init(&fetch->body, FETCH_BYTES_MAX);
	set->count++;
	if (set_up(fetch, text) &&
	    !curl_multi_add_handle(set->multi, fetch->easy))
		return 0;
	end(set, fetch);
	return ERR_NOMEM;
}

int fetch_begin(struct fetch_set *set, const struct addr *own,
		const struct addr *device, uint32_t index, struct slice url)
{
	int err = url.len ? begin(set, own, device, index, url) : ERR_INVALID;

	set->failures += err != 0;
	return err;
}

static void finish(struct fetch_set *set, CURL *easy, CURLcode result)
{
	struct fetch *fetch = NULL;
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &fetch);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (!result && status == HTTP_OK)
		set->done(set->user, &fetch->device, buf_slice(&fetch->body));
	else
		set->failures++;
	end(set, fetch);
}

int fetch_poll(struct fetch_set *set, struct pollfd *polls, size_t count,
	       int timeout_ms)
{
	struct curl_waitfd extra[FETCH_POLLS_MAX] = { 0 };
	int running, left, ready = 0;
	CURLMsg *message;

	if (!set->count)
		return poll(polls, count, timeout_ms);
	if (count > FETCH_POLLS_MAX)
		return -1;
	for (size_t i = 0; i < count; i++)
		extra[i] = (struct curl_waitfd){
			.fd = polls[i].fd,
			/* it has no word for one that is to be passed over */
			.events = polls[i].fd < 0 ? 0 : CURL_WAIT_POLLIN,
		};
	if (curl_multi_poll(set->multi, extra, (unsigned int)count, timeout_ms,
			    &ready))
		return -1;
	for (size_t i = 0; i < count; i++)
		polls[i].revents = extra[i].revents ? POLLIN : 0;
	curl_multi_perform(set->multi, &running);
	while ((message = curl_multi_info_read(set->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			finish(set, message->easy_handle, message->data.result);
	return ready;
}

size_t fetch_count(const struct fetch_set *set)
{
	return set->count;
}

uint64_t fetch_failures(const struct fetch_set *set)
{
	return set->failures;
}
