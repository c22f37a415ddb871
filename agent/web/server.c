// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "web/asset.h"
#include "web/route.h"
#include "web/session.h"
#include "web/state.h"
#include "web/stream.h"

#define HOST_BYTES   32
#define COOKIE_BYTES 32

/* How long a stop waits for the pages to take their last words. */
#define STOP_TURNS   20
#define STOP_TURN_MS 10

struct server {
	struct hub *hub;
	struct MHD_Daemon *daemon;
	int epoll_fd;
	char hosts[6][HOST_BYTES]; /* what Host may be */
	size_t host_count;
	char cookie[COOKIE_BYTES]; /* its name */
	struct server_counters counters;
	struct share share;
};

/* One request, while its body comes. */
struct exchange {
	struct buf body;
	uint64_t received;
};

static const struct {
	const char *name, *value;
} security_headers[] = {
	{ "Content-Security-Policy",
	  "default-src 'self'; base-uri 'none'; form-action 'none'; "
	  "frame-ancestors 'none'; object-src 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Embedder-Policy", "require-corp" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
};

/* The server reads what it is given, but its type does not say so. */
static void *lent(const void *bytes)
{
	return (void *)(uintptr_t)bytes;
}

static enum MHD_Result send_response(struct MHD_Connection *connection,
				     unsigned int status,
				     struct MHD_Response *response)
{
	enum MHD_Result sent;

	for (size_t i = 0;
	     i < sizeof(security_headers) / sizeof(security_headers[0]); i++)
		MHD_add_response_header(response, security_headers[i].name,
					security_headers[i].value);
	sent = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return sent;
}

static enum MHD_Result send_json(struct MHD_Connection *connection,
				 struct http_reply *reply)
{
	char *text = json_dumps(reply->json, JSON_COMPACT);
	struct MHD_Response *response;

	json_decref(reply->json);
	if (!text)
		return MHD_NO;
	response = MHD_create_response_from_buffer(strlen(text), text,
						   MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, "Content-Type", "application/json");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	if (reply->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", "GET, POST");
	return send_response(connection, reply->status, response);
}

static enum MHD_Result send_file(struct MHD_Connection *connection,
				 const struct http_reply *reply)
{
	struct MHD_Response *response =
		MHD_create_response_from_fd64(reply->file_bytes, reply->file);
	char save[64];

	if (!response) {
		close(reply->file);
		return MHD_NO;
	}
	MHD_add_response_header(response, "Content-Type",
				"application/x-ndjson");
	(void)snprintf(save, sizeof(save), "attachment; filename=\"%s\"",
		       reply->file_name);
	MHD_add_response_header(response, "Content-Disposition", save);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	return send_response(connection, reply->status, response);
}

static enum MHD_Result send_error(struct MHD_Connection *connection,
				  unsigned int status, const char *code,
				  const char *text)
{
	struct http_reply reply = { 0 };

	http_reply_error(&reply, status, code, text);
	return send_json(connection, &reply);
}

/* A page for people, of one paragraph of our own words. */
static enum MHD_Result send_words(struct MHD_Connection *connection,
				  unsigned int status, const char *words)
{
	struct buf page;
	struct MHD_Response *response;

	buf_init(&page, 4096);
	buf_printf(&page,
		   "<!doctype html>\n<html lang=\"en\">\n"
		   "<meta charset=\"utf-8\">\n<title>IoT Inspector</title>\n"
		   "<h1>IoT Inspector</h1>\n<p>%s</p>\n</html>\n",
		   words);
	response = MHD_create_response_from_buffer(
		page.len, lent(buf_text(&page)), MHD_RESPMEM_MUST_COPY);
	buf_done(&page);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type",
				"text/html; charset=utf-8");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	return send_response(connection, status, response);
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

struct header_count {
	const char *name;
	int count;
};

static enum MHD_Result count_header(void *user, enum MHD_ValueKind kind,
				    const char *key, const char *value)
{
	struct header_count *count = user;

	(void)kind;
	(void)value;
	count->count += !strcasecmp(key, count->name);
	return MHD_YES;
}

static bool comes_once(struct MHD_Connection *connection, const char *name)
{
	struct header_count count = { name, 0 };

	MHD_get_connection_values(connection, MHD_HEADER_KIND, count_header,
				  &count);
	return count.count == 1;
}

static bool host_is_ours(const struct server *server,
			 struct MHD_Connection *connection)
{
	const char *host = header(connection, "Host");

	if (!host || !comes_once(connection, "Host"))
		return false;
	for (size_t i = 0; i < server->host_count; i++)
		if (!strcasecmp(host, server->hosts[i]))
			return true;
	return false;
}

/* Fetch Metadata and RFC 6454: browsers send at least one where it matters. */
static bool origin_is_ours(struct MHD_Connection *connection)
{
	const char *origin = header(connection, "Origin");
	const char *site = header(connection, "Sec-Fetch-Site");
	const char *host = header(connection, "Host");

	if (site && strcmp(site, "same-origin") && strcmp(site, "none"))
		return false;
	if (!origin)
		return true;
	return comes_once(connection, "Origin") &&
	       !strncmp(origin, "http://", 7) && !strcasecmp(origin + 7, host);
}

static const char *session_of(const struct server *server,
			      struct MHD_Connection *connection)
{
	return MHD_lookup_connection_value(connection, MHD_COOKIE_KIND,
					   server->cookie);
}

static bool has_session(const struct server *server,
			struct MHD_Connection *connection)
{
	const char *value = session_of(server, connection);

	return value && session_cookie_is_ours(&server->hub->config.secret,
					       slice_text(value));
}

/* Of a connection with a session. */
static bool in_its_share(struct server *server,
			 struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return share_claim(&server->share, info ? info->socket_context : NULL,
			   slice_text(session_of(server, connection)));
}

static enum MHD_Result answer_start(struct server *server,
				    struct MHD_Connection *connection)
{
	const char *token = MHD_lookup_connection_value(
		connection, MHD_GET_ARGUMENT_KIND, "token");
	char session[SESSION_TEXT_BYTES], cookie[256];
	struct MHD_Response *response;

	if (!token || !hub_take_token(server->hub, token)) {
		server->counters.refused_session++;
		return send_words(connection, MHD_HTTP_FORBIDDEN,
				  "This address was used before, or is of an "
				  "earlier run: it works once. Start the "
				  "inspector again, and open the address that "
				  "it prints.");
	}
	if (session_cookie_make(&server->hub->config.secret, session))
		return send_error(connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
				  "internal", "No session could be made.");
	snprintf(cookie, sizeof(cookie),
		 "%s=%s; Path=/; HttpOnly; SameSite=Strict", server->cookie,
		 session);
	response = MHD_create_response_from_buffer(0, lent(""),
						   MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Set-Cookie", cookie);
	MHD_add_response_header(response, "Location", "/");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	return send_response(connection, MHD_HTTP_SEE_OTHER, response);
}

static struct MHD_Response *asset_response(struct MHD_Connection *connection,
					   const struct asset *asset)
{
	const char *accept = header(connection, "Accept-Encoding");
	struct MHD_Response *response;
	uint8_t *plain;

	if (accept && strstr(accept, "gzip")) {
		response =
			MHD_create_response_from_buffer(asset->length,
							lent(asset->bytes),
							MHD_RESPMEM_PERSISTENT);
		if (response)
			MHD_add_response_header(response, "Content-Encoding",
						"gzip");
		return response;
	}
	plain = malloc(asset->plain_length + 1);
	if (!plain || asset_unpack(asset, plain)) {
		free(plain);
		return NULL;
	}
	response = MHD_create_response_from_buffer(asset->plain_length, plain,
						   MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(plain);
	return response;
}

static enum MHD_Result send_asset(struct MHD_Connection *connection,
				  const struct asset *asset)
{
	const char *known = header(connection, "If-None-Match");
	bool same = known && !strcmp(known, asset->etag);
	struct MHD_Response *response;

	response = same ? MHD_create_response_from_buffer(
				  0, lent(""), MHD_RESPMEM_PERSISTENT)
			: asset_response(connection, asset);
	if (!response)
		return MHD_NO;
	if (!same)
		MHD_add_response_header(response, "Content-Type", asset->type);
	MHD_add_response_header(response, "ETag", asset->etag);
	MHD_add_response_header(response, "Vary", "Accept-Encoding");
	MHD_add_response_header(response, "Cache-Control",
				asset->immutable
					? "private, max-age=31536000, immutable"
					: "no-cache");
	return send_response(connection,
			     same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK,
			     response);
}

static enum MHD_Result answer_events(struct server *server,
				     struct MHD_Connection *connection)
{
	struct MHD_Response *response;
	struct stream *stream;

	if (stream_open(&server->hub->streams, connection, &stream, &response))
		return send_error(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
				  "busy", "Too many pages are open.");
	MHD_add_response_header(response, "Content-Type", "text/event-stream");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	hub_greet(server->hub, stream);
	return send_response(connection, MHD_HTTP_OK, response);
}

/* The session is there; what is asked for? */
static enum MHD_Result answer(struct server *server,
			      struct MHD_Connection *connection,
			      const char *path, const char *method,
			      struct exchange *exchange)
{
	bool get = !strcmp(method, MHD_HTTP_METHOD_GET);
	const struct asset *asset = asset_find(path);
	struct http_reply reply = { 0 };
	struct http_request request = {
		.connection = connection,
		.path = path,
		.post = !strcmp(method, MHD_HTTP_METHOD_POST),
	};

	if (get && asset)
		return send_asset(connection, asset);
	if (get && !strcmp(path, ROUTE_EVENTS))
		return answer_events(server, connection);
	if (exchange->received > HTTP_BODY_BYTES) {
		http_reply_error(&reply, MHD_HTTP_CONTENT_TOO_LARGE,
				 "too_large", "The request is too large.");
	} else {
		route_answer(server->hub, &request,
			     get || request.post ? NULL : method,
			     header(connection, "Content-Type"),
			     buf_slice(&exchange->body), &reply);
	}
	if (reply.status >= 400 && reply.status < 500)
		server->counters.refused_other++;
	if (reply.is_file)
		return send_file(connection, &reply);
	return send_json(connection, &reply);
}

static enum MHD_Result check_and_answer(struct server *server,
					struct MHD_Connection *connection,
					const char *path, const char *method,
					struct exchange *exchange)
{
	bool get = !strcmp(method, MHD_HTTP_METHOD_GET);

	server->counters.requests++;
	if (!host_is_ours(server, connection)) {
		server->counters.refused_host++;
		return send_error(connection, MHD_HTTP_FORBIDDEN, "bad_host",
				  "This is not the address of the page.");
	}
	if (get && !strcmp(path, "/start"))
		return answer_start(server, connection);
	if (!origin_is_ours(connection)) {
		server->counters.refused_origin++;
		return send_error(connection, MHD_HTTP_FORBIDDEN,
				  "cross_origin",
				  "Another site may not ask this.");
	}
	if (!has_session(server, connection)) {
		server->counters.refused_session++;
		if (get && !strcmp(path, "/"))
			return send_words(connection, MHD_HTTP_UNAUTHORIZED,
					  "Open the address that the inspector "
					  "printed when it started: it lets "
					  "this browser in.");
		return send_error(connection, MHD_HTTP_UNAUTHORIZED,
				  "no_session",
				  "Open the address that the inspector printed "
				  "when it started.");
	}
	if (!in_its_share(server, connection))
		return send_error(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
				  "busy",
				  "This page has too many connections "
				  "open.");
	return answer(server, connection, path, method, exchange);
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_len, void **state)
{
	struct exchange *exchange = *state;

	(void)version;
	if (!exchange) {
		exchange = calloc(1, sizeof(*exchange));
		if (!exchange)
			return MHD_NO;
		buf_init(&exchange->body, HTTP_BODY_BYTES);
		*state = exchange;
		return MHD_YES;
	}
	if (*upload_len) {
		exchange->received += *upload_len;
		if (exchange->received > SERVER_DISCARD_BYTES)
			return MHD_NO;
		buf_append(&exchange->body, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	return check_and_answer(user, connection, url, method, exchange);
}

static void connected(void *user, struct MHD_Connection *connection,
		      void **context, enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct server *server = user;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED)
		share_close(*context);
	else
		*context = share_open(&server->share, info->connect_fd);
}

static void completed(void *user, struct MHD_Connection *connection,
		      void **state, enum MHD_RequestTerminationCode why)
{
	struct exchange *exchange = *state;

	(void)user;
	(void)connection;
	(void)why;
	if (!exchange)
		return;
	buf_done(&exchange->body);
	free(exchange);
	*state = NULL;
}

/* What Host may say, by the port we listen on. */
static int set_names(struct server *server, int listen_fd)
{
	static const char *const names[] = { "127.0.0.1", "localhost",
					     "[::1]" };
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = { 0 };
	socklen_t len = sizeof(address);
	unsigned int port;

	if (getsockname(listen_fd, &address.any, &len))
		return ERR_IO;
	port = ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
						       : address.v4.sin_port);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(server->hosts[server->host_count++], HOST_BYTES,
			 "%s:%u", names[i], port);
		if (port == 80)
			snprintf(server->hosts[server->host_count++],
				 HOST_BYTES, "%s", names[i]);
	}
	snprintf(server->cookie, sizeof(server->cookie), "iot-inspector-%u",
		 port);
	return 0;
}

int server_start(struct hub *hub, int listen_fd, struct server **out)
{
	struct server *server = calloc(1, sizeof(*server));
	const union MHD_DaemonInfo *info;
	int flags = fcntl(listen_fd, F_GETFL);

	if (!server || flags < 0 ||
	    fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) ||
	    set_names(server, listen_fd)) {
		free(server);
		close(listen_fd);
		return ERR_IO;
	}
	server->hub = hub;
	server->counters.share = &server->share;
	server->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle,
		server, MHD_OPTION_LISTEN_SOCKET, listen_fd,
		MHD_OPTION_CONNECTION_LIMIT, SHARE_CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, SERVER_CONNECTION_BYTES,
		MHD_OPTION_CONNECTION_TIMEOUT, SERVER_IDLE_S,
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_NOTIFY_CONNECTION, connected, server,
		MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
	if (!server->daemon) {
		free(server);
		close(listen_fd);
		return ERR_IO;
	}
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	server->epoll_fd = info->epoll_fd;
	*out = server;
	return 0;
}

void server_stop(struct server *server)
{
	if (!server)
		return;
	stream_end_all(&server->hub->streams);
	for (int i = 0; i < STOP_TURNS && server->hub->streams.count; i++) {
		struct pollfd fd = { .fd = server->epoll_fd, .events = POLLIN };

		server_run(server);
		(void)!poll(&fd, 1, STOP_TURN_MS);
	}
	server_run(server);
	MHD_stop_daemon(server->daemon);
	free(server);
}

void server_poll(struct server *server, struct pollfd *out, int *timeout_ms)
{
	MHD_UNSIGNED_LONG_LONG ms;

	*out = (struct pollfd){ .fd = server->epoll_fd, .events = POLLIN };
	*timeout_ms = -1;
	if (MHD_get_timeout(server->daemon, &ms) == MHD_YES)
		*timeout_ms = ms > 60000 ? 60000 : (int)ms;
}

void server_run(struct server *server)
{
	MHD_run(server->daemon);
}

const struct server_counters *server_counters(const struct server *server)
{
	return &server->counters;
}
