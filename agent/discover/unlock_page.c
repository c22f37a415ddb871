// SPDX-License-Identifier: GPL-3.0-or-later
#include "discover/unlock_page.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "discover/place.h"

#define CONNECTION_BYTES ((size_t)8192)
#define IDLE_S		 10
#define PAGE_BYTES	 2048
#define BACKLOG		 8

/* Somebody who pressed the button. */
struct waiting {
	struct MHD_Connection *connection; /* NULL: unused */
	uint32_t number;
	uint64_t until_ms;
	bool answered;
	enum message_unlock_verdict verdict;
};

struct unlock_page {
	struct MHD_Daemon *daemon;
	int epoll_fd;
	uint16_t port;
	char path[MESSAGE_CODE_MAX + 1];
	char host[ADDR_TEXT_BYTES + 8];
	void (*ask)(void *user, uint32_t number, const struct addr *from);
	void *user;
	uint64_t now_ms;
	uint32_t asked, wrong;
	struct waiting waiting[UNLOCK_PAGE_WAITING_MAX];
};

static const char question[] =
	"<p>IoT Inspector runs in this home and shows its owner which servers "
	"a device talks to. This device looks like somebody's phone or "
	"computer, or its name asks that it be left alone: nothing of it is "
	"seen.</p>"
	"<p>If it is yours and you want it to be looked at, say so here. It "
	"can be locked again at any time, and what was seen is deleted "
	"then.</p>"
	"<form method=\"post\"><button>This is my device: unlock it</button>"
	"</form><p>Else close this page: nothing changes.</p>";

static const char *const verdicts[MESSAGE_UNLOCK_VERDICTS] = {
	[MESSAGE_UNLOCK_DONE] = "<p>This device is unlocked.</p>",
	[MESSAGE_UNLOCK_HEARD] =
		"<p>It is heard again what this device is called. As long as "
		"its name ends in <b>-noinspect</b> it is left alone: give it "
		"another one first, and join the network again.</p>",
	[MESSAGE_UNLOCK_OTHER] = "<p>This is not the device that is to be "
				 "unlocked: open the address there.</p>",
	[MESSAGE_UNLOCK_UNKNOWN] = "<p>It could not be told which device this "
				   "is, or it took too long. Is it in the same "
				   "network, without a VPN?</p>",
};

static enum MHD_Result send_page(struct MHD_Connection *connection,
				 unsigned int status, const char *words)
{
	static const struct {
		const char *name, *value;
	} headers[] = {
		{ "Content-Type", "text/html; charset=utf-8" },
		{ "Cache-Control", "no-store" },
		{ "Content-Security-Policy",
		  "default-src 'none'; form-action 'self'; base-uri 'none'; "
		  "frame-ancestors 'none'" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Connection", "close" },
	};
	char page[PAGE_BYTES];
	struct MHD_Response *response;
	enum MHD_Result sent;
	int len = snprintf(page, sizeof(page),
			   "<!doctype html>\n<html lang=\"en\">\n"
			   "<meta charset=\"utf-8\">\n"
			   "<meta name=\"viewport\" content=\"width=device-"
			   "width\">\n<title>IoT Inspector</title>\n"
			   "<h1>IoT Inspector</h1>\n%s\n</html>\n",
			   words);

	response = MHD_create_response_from_buffer((size_t)len, page,
						   MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		MHD_add_response_header(response, headers[i].name,
					headers[i].value);
	sent = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return sent;
}

/* Of our own path, host and, where it is said, origin. */
static bool is_ours(const struct unlock_page *page,
		    struct MHD_Connection *connection, const char *path)
{
	const char *host = MHD_lookup_connection_value(connection,
						       MHD_HEADER_KIND, "Host");
	const char *origin = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, "Origin");

	return host && !strcasecmp(host, page->host) &&
	       !strcmp(path, page->path) &&
	       (!origin || (!strncmp(origin, "http://", 7) &&
			    !strcasecmp(origin + 7, page->host)));
}

static bool address_of(struct MHD_Connection *connection, struct addr *out)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (!info)
		return false;
	*out = place_addr(info->client_addr);
	return out->family;
}

static struct waiting *waiting_of(struct unlock_page *page,
				  const struct MHD_Connection *connection)
{
	for (size_t i = 0; i < UNLOCK_PAGE_WAITING_MAX; i++)
		if (page->waiting[i].connection == connection)
			return &page->waiting[i];
	return NULL;
}

/* The button was pressed: the hub is asked, and the connection waits. */
static enum MHD_Result ask(struct unlock_page *page,
			   struct MHD_Connection *connection)
{
	struct waiting *w = waiting_of(page, connection);
	struct addr from;

	if (w && w->answered)
		return send_page(connection, MHD_HTTP_OK, verdicts[w->verdict]);
	if (w)
		return MHD_NO;
	w = waiting_of(page, NULL);
	if (!w || !address_of(connection, &from))
		return send_page(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
				 verdicts[MESSAGE_UNLOCK_UNKNOWN]);
	*w = (struct waiting){ .connection = connection,
			       .number = ++page->asked,
			       .until_ms =
				       page->now_ms + UNLOCK_PAGE_ANSWER_MS };
	MHD_suspend_connection(connection);
	page->ask(page->user, w->number, &from);
	return MHD_YES;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_len, void **state)
{
	struct unlock_page *page = user;

	(void)version;
	(void)upload;
	if (!*state) {
		*state = page;
		return MHD_YES;
	}
	if (*upload_len) {
		*upload_len = 0; /* the form has no fields */
		return MHD_YES;
	}
	if (!is_ours(page, connection, url)) {
		page->wrong++;
		return send_page(connection, MHD_HTTP_NOT_FOUND, "");
	}
	if (!strcmp(method, MHD_HTTP_METHOD_GET))
		return send_page(connection, MHD_HTTP_OK, question);
	if (!strcmp(method, MHD_HTTP_METHOD_POST))
		return ask(page, connection);
	return send_page(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "");
}

static void completed(void *user, struct MHD_Connection *connection,
		      void **state, enum MHD_RequestTerminationCode why)
{
	struct waiting *w = waiting_of(user, connection);

	(void)why;
	if (w)
		*w = (struct waiting){ 0 };
	*state = NULL;
}

static int listen_on(const struct addr *address, uint16_t port, int *out)
{
	struct place local = place_of(address, 0, port);
	int one = 1, err, fd;

	fd = socket(local.any.sa_family,
		    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ERR_IO;
	if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) &&
	    !bind(fd, &local.any, local.len) && !listen(fd, BACKLOG)) {
		*out = fd;
		return 0;
	}
	err = errno == EADDRINUSE ? ERR_BUSY : ERR_IO;
	close(fd);
	return err;
}

static int start_daemon(struct unlock_page *page, int listener)
{
	const union MHD_DaemonInfo *info;

	page->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle,
		page, MHD_OPTION_LISTEN_SOCKET, listener,
		MHD_OPTION_CONNECTION_LIMIT, UNLOCK_PAGE_CONNECTIONS_MAX,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, UNLOCK_PAGE_PER_ADDRESS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES,
		MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_NOTIFY_COMPLETED, completed, page, MHD_OPTION_END);
	if (!page->daemon)
		return ERR_IO;
	info = MHD_get_daemon_info(page->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	page->epoll_fd = info->epoll_fd;
	return 0;
}

int unlock_page_open(const struct addr *address, const char *code,
		     void (*ask_hub)(void *user, uint32_t number,
				     const struct addr *from),
		     void *user, struct unlock_page **out)
{
	struct unlock_page *page = calloc(1, sizeof(*page));
	char text[ADDR_TEXT_BYTES];
	int listener = -1, err = ERR_BUSY;
	uint16_t port = UNLOCK_PAGE_PORT_FIRST;

	if (!page)
		return ERR_NOMEM;
	while (err == ERR_BUSY && port <= UNLOCK_PAGE_PORT_LAST)
		err = listen_on(address, port++, &listener);
	page->port = (uint16_t)(port - 1);
	page->ask = ask_hub;
	page->user = user;
	snprintf(page->path, sizeof(page->path), "/%s", code);
	snprintf(page->host, sizeof(page->host),
		 address->family == 6 ? "[%s]:%u" : "%s:%u",
		 addr_format(address, text), page->port);
	if (!err)
		err = start_daemon(page, listener);
	if (err) {
		if (listener >= 0)
			close(listener);
		free(page);
		return err;
	}
	*out = page;
	return 0;
}

void unlock_page_close(struct unlock_page *page)
{
	if (!page)
		return;
	for (size_t i = 0; i < UNLOCK_PAGE_WAITING_MAX; i++)
		if (page->waiting[i].connection && !page->waiting[i].answered)
			unlock_page_answer(page, page->waiting[i].number,
					   MESSAGE_UNLOCK_UNKNOWN);
	/* the last words are sent, as far as that needs no waiting */
	MHD_run(page->daemon);
	MHD_run(page->daemon);
	MHD_stop_daemon(page->daemon);
	free(page);
}

const char *unlock_page_code(const struct unlock_page *page)
{
	return page->path + 1;
}

uint16_t unlock_page_port(const struct unlock_page *page)
{
	return page->port;
}

void unlock_page_answer(struct unlock_page *page, uint32_t number,
			enum message_unlock_verdict verdict)
{
	for (size_t i = 0; i < UNLOCK_PAGE_WAITING_MAX; i++) {
		struct waiting *w = &page->waiting[i];

		if (!w->connection || w->answered || w->number != number)
			continue;
		w->answered = true;
		w->verdict = verdict;
		MHD_resume_connection(w->connection);
	}
}

void unlock_page_poll(const struct unlock_page *page, struct pollfd *out,
		      int *timeout_ms)
{
	MHD_UNSIGNED_LONG_LONG ms;

	*out = (struct pollfd){ .fd = page->epoll_fd, .events = POLLIN };
	*timeout_ms = -1;
	if (MHD_get_timeout(page->daemon, &ms) == MHD_YES)
		*timeout_ms = ms > IDLE_S * 1000 ? IDLE_S * 1000 : (int)ms;
}

bool unlock_page_run(struct unlock_page *page, uint64_t now_ms)
{
	page->now_ms = now_ms;
	for (size_t i = 0; i < UNLOCK_PAGE_WAITING_MAX; i++)
		if (page->waiting[i].connection && !page->waiting[i].answered &&
		    page->waiting[i].until_ms <= now_ms)
			unlock_page_answer(page, page->waiting[i].number,
					   MESSAGE_UNLOCK_UNKNOWN);
	MHD_run(page->daemon);
	return page->wrong < UNLOCK_PAGE_WRONG_MAX;
}
