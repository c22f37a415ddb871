// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/http.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/clock.h"
#include "collector/route.h"

/* How often connections are looked over for those to be dropped. */
#define SWEEP_MS 500

#define NEVER UINT64_MAX

/* AES-128 with SHA-256 before what most clients name first, AES-256 with
 * SHA-384: handshakes take a sixth less. */
#define PRIORITIES                                     \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:"  \
	"%SERVER_PRECEDENCE:-CIPHER-ALL:+AES-128-GCM:" \
	"+CHACHA20-POLY1305:+AES-256-GCM"

static const char slow_store[] =
	"{\"error\":\"the store takes too long: ask again\"}\n";

struct connection {
	struct connection *next, **link;
	int fd;
	bool requested; /* the deadline is that of a request */
	uint64_t deadline_ms;
	struct call *waiting; /* for the store, until the deadline; or NULL */
};

struct http {
	struct collector *collector;
	struct MHD_Daemon *daemon;
	uint64_t request_ms, idle_ms, answer_ms;
	bool is_tls;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t stopped;
	struct connection *connections;
	bool stopping;
	pthread_t sweeper;
	_Atomic uint64_t bodies_bytes;
};

enum turn {
	TURN_RUNNING,
	TURN_SUSPENDED,
	TURN_RESUMED,
	TURN_LATE, /* answered without what it waited for */
};

/* One request of a connection. */
struct call {
	struct exchange exchange; /* first: resume() is given it */
	struct http *http;
	struct connection *connection;
	struct MHD_Connection *mhd;
	const struct route *route; /* NULL: refused */
	struct buf body;
	struct buf piece; /* of a reply's stream, and what of it went */
	size_t piece_sent;
	uint64_t claimed; /* of http->bodies_bytes */
	uint64_t received;
	bool asked;	  /* the route was given the whole request */
	bool unframed;	  /* where the request ends is anybody's guess */
	_Atomic int turn; /* enum turn */
	/* of one that is late: the connection, and who works on it yet */
	_Atomic int owners;
	struct call *next_late;
};

/* Deadlines */

/* Of the call's connection, where that is known. waiting: the call, which waits
 * for the store; or NULL. */
static void set_deadline(const struct call *call, bool requested,
			 uint64_t in_ms, struct call *waiting)
{
	struct connection *connection = call->connection;
	uint64_t at = clock_steady_ms() + in_ms;

	if (!connection)
		return;
	pthread_mutex_lock(&call->http->lock);
	connection->requested = requested;
	connection->deadline_ms = at;
	connection->waiting = waiting;
	pthread_mutex_unlock(&call->http->lock);
}

/* A part of a request, or of its reply, went. */
static void go_on(const struct call *call)
{
	set_deadline(call, true, call->http->request_ms, NULL);
}

/* Whether the call is not answered yet, nor will be by who works on it. */
static bool make_late(struct call *call)
{
	int suspended = TURN_SUSPENDED;

	return atomic_compare_exchange_strong(&call->turn, &suspended,
					      TURN_LATE);
}

/* What is shut down here is closed by the thread that it belongs to. Gives the
 * calls that are to be answered now. */
static struct call *drop_late(struct http *http)
{
	uint64_t now_ms = clock_steady_ms();
	struct call *late = NULL;

	for (struct connection *at = http->connections; at; at = at->next) {
		if (at->deadline_ms > now_ms)
			continue;
		if (at->waiting) {
			if (make_late(at->waiting)) {
				at->waiting->next_late = late;
				late = at->waiting;
			}
			continue;
		}
		at->deadline_ms = NEVER;
		shutdown(at->fd, SHUT_RDWR);
		counters_add(&http->collector->counters,
			     at->requested ? COUNTER_DROPPED_SLOW
					   : COUNTER_DROPPED_IDLE,
			     1);
	}
	return late;
}

/* A late call stays: its connection waits, and only goes on from here. */
static void answer_late(struct call *late)
{
	while (late) {
		struct call *next = late->next_late;

		MHD_resume_connection(late->mhd);
		late = next;
	}
}

/* What nobody has begun yet goes from the queue, so that the store does not
 * work for those who gave up; the others are answered without it. */
static void put_off(struct http *http)
{
	uint64_t now_ms = clock_steady_ms();
	struct call *late;

	if (now_ms > http->answer_ms)
		commit_expire(http->collector->commit, now_ms - http->answer_ms,
			      &http->collector->counters);
	pthread_mutex_lock(&http->lock);
	late = drop_late(http);
	pthread_mutex_unlock(&http->lock);
	answer_late(late);
}

static void *sweep(void *user)
{
	struct http *http = user;

	pthread_mutex_lock(&http->lock);
	while (!http->stopping) {
		struct timespec until;

		pthread_mutex_unlock(&http->lock);
		put_off(http);
		pthread_mutex_lock(&http->lock);
		if (http->stopping)
			break;
		until = clock_steady_in(SWEEP_MS);
		pthread_cond_timedwait(&http->stopped, &http->lock, &until);
	}
	pthread_mutex_unlock(&http->lock);
	return NULL;
}

static void notify(void *user, struct MHD_Connection *mhd, void **context,
		   enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info;
	struct connection *connection = *context;
	struct http *http = user;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(
			mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
		connection = calloc(1, sizeof(*connection));
		if (!connection)
			return;
		connection->fd = info->connect_fd;
		connection->deadline_ms = clock_steady_ms() + http->idle_ms;
		pthread_mutex_lock(&http->lock);
		connection->next = http->connections;
		connection->link = &http->connections;
		if (connection->next)
			connection->next->link = &connection->next;
		http->connections = connection;
		pthread_mutex_unlock(&http->lock);
		*context = connection;
		counters_add(&http->collector->counters, COUNTER_CONNECTIONS,
			     1);
	} else if (connection) {
		pthread_mutex_lock(&http->lock);
		*connection->link = connection->next;
		if (connection->next)
			connection->next->link = connection->link;
		pthread_mutex_unlock(&http->lock);
		free(connection);
		counters_add(&http->collector->counters,
			     COUNTER_CONNECTIONS_CLOSED, 1);
	}
}

/* Replies */

/* A client that takes none of it for as long as a request may last is
 * dropped. */
static ssize_t send_piece(void *user, uint64_t at, char *out, size_t room)
{
	struct call *call = user;
	struct exchange_stream *stream = &call->exchange.reply.stream;
	size_t left = call->piece.len - call->piece_sent;

	(void)at;
	if (!left) {
		int more;

		buf_clear(&call->piece);
		call->piece_sent = 0;
		more = stream->more(stream->user, &call->piece);
		if (more < 0 || buf_check(&call->piece))
			return MHD_CONTENT_READER_END_WITH_ERROR;
		left = call->piece.len;
		if (!left)
			return MHD_CONTENT_READER_END_OF_STREAM;
	}
	if (left > room)
		left = room;
	memcpy(out, call->piece.data + call->piece_sent, left);
	call->piece_sent += left;
	go_on(call);
	return (ssize_t)left;
}

static struct MHD_Response *new_response(const char *text, size_t len)
{
	return MHD_create_response_from_buffer(len, (void *)(uintptr_t)text,
					       MHD_RESPMEM_PERSISTENT);
}

/* Ends the response. */
static enum MHD_Result send_response(struct call *call,
				     struct MHD_Response *response,
				     unsigned status, const char *type,
				     unsigned retry_after_s)
{
	char seconds[16];
	enum MHD_Result sent;

	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	if (call->unframed)
		MHD_add_response_header(response, "Connection", "close");
	if (retry_after_s) {
		snprintf(seconds, sizeof(seconds), "%u", retry_after_s);
		MHD_add_response_header(response, "Retry-After", seconds);
	}
	go_on(call);
	sent = MHD_queue_response(call->mhd, status, response);
	MHD_destroy_response(response);
	return sent;
}

static enum MHD_Result send_reply(struct call *call)
{
	struct exchange_reply *reply = &call->exchange.reply;
	struct MHD_Response *response;

	if (reply->stream.user)
		response = MHD_create_response_from_callback(
			MHD_SIZE_UNKNOWN, EXCHANGE_PIECE_BYTES, send_piece,
			call, NULL);
	else
		response =
			new_response(buf_text(&reply->body), reply->body.len);
	if (!response)
		return MHD_NO;
	if (reply->challenge)
		MHD_add_response_header(response, "WWW-Authenticate",
					"Basic realm=\"collector\"");
	route_count(call->http->collector, call->route, &call->exchange);
	return send_response(call, response, reply->status, reply->type,
			     reply->retry_after_s);
}

/* In place of the reply, which is still being made. */
static enum MHD_Result send_slow_store(struct call *call)
{
	struct counters *counters = &call->http->collector->counters;
	struct MHD_Response *response =
		new_response(slow_store, sizeof(slow_store) - 1);

	if (!response)
		return MHD_NO;
	counters_add(counters, COUNTER_SLOW_STORE, 1);
	counters_add(counters, COUNTER_BUSY, 1);
	return send_response(call, response, 503, "application/json",
			     EXCHANGE_RETRY_S);
}

static void free_call(struct call *call)
{
	atomic_fetch_sub(&call->http->bodies_bytes, call->claimed);
	buf_done(&call->body);
	buf_done(&call->piece);
	exchange_done(&call->exchange);
	free(call);
}

/* Of a late one: the last of the two. */
static void give_call(struct call *call)
{
	if (atomic_fetch_sub(&call->owners, 1) == 1)
		free_call(call);
}

/* Of whoever answers later: the connection goes on, in its own thread, unless
 * it did already. */
static void resume(struct exchange *e)
{
	struct call *call = (struct call *)e;
	struct MHD_Connection *mhd = call->mhd;
	int turn = TURN_RUNNING;

	while (turn != TURN_LATE &&
	       !atomic_compare_exchange_weak(&call->turn, &turn, TURN_RESUMED))
		;
	if (turn == TURN_LATE)
		give_call(call);
	else if (turn == TURN_SUSPENDED)
		MHD_resume_connection(mhd);
}

static enum MHD_Result wait_for_answer(struct call *call)
{
	int running = TURN_RUNNING;

	set_deadline(call, true, call->http->answer_ms, call);
	MHD_suspend_connection(call->mhd);
	if (!atomic_compare_exchange_strong(&call->turn, &running,
					    TURN_SUSPENDED))
		MHD_resume_connection(call->mhd); /* it came meanwhile */
	return MHD_YES;
}

/* Requests */

/* The network that a client is in. Behind a proxy (no TLS) it is not known. */
static struct account_place read_place(const struct http *http,
				       struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct account_place place = { 0 };
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	if (!http->is_tls || !info || !info->client_addr)
		return place;
	if (info->client_addr->sa_family == AF_INET) {
		memcpy(&v4, info->client_addr, sizeof(v4));
		place.prefix[0] = 4;
		memcpy(place.prefix + 1, &v4.sin_addr, 3);
	} else if (info->client_addr->sa_family == AF_INET6) {
		memcpy(&v6, info->client_addr, sizeof(v6));
		if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
			place.prefix[0] = 4;
			memcpy(place.prefix + 1, &v6.sin6_addr.s6_addr[12], 3);
		} else {
			place.prefix[0] = 6;
			memcpy(place.prefix + 1, &v6.sin6_addr, 6);
		}
	}
	return place;
}

static const char *header(struct MHD_Connection *mhd, const char *name)
{
	return MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, name);
}

/* What says where the body ends. */
static enum MHD_Result count_framing(void *user, enum MHD_ValueKind kind,
				     const char *name, const char *value)
{
	unsigned *count = user;

	(void)kind;
	if (!strcasecmp(name, "Content-Length"))
		*count += 1;
	else if (!strcasecmp(name, "Transfer-Encoding"))
		*count += value && !strcasecmp(value, "chunked") ? 1 : 2;
	else if (strpbrk(name, " \t")) /* RFC 9112 5.1: others trim it */
		*count += 2;
	return MHD_YES;
}

/* Said twice, or as we do not read it: a proxy in front may have read another
 * end, and what comes then would be who else's request (RFC 9112 11.2). */
static void check_framing(struct call *call)
{
	unsigned count = 0;

	MHD_get_connection_values(call->mhd, MHD_HEADER_KIND, count_framing,
				  &count);
	if (count <= 1)
		return;
	call->unframed = true;
	call->route = NULL;
	exchange_fail(&call->exchange, 400,
		      "the length of the body must be said once");
}

static struct call *new_call(struct http *http, struct MHD_Connection *mhd,
			     const char *method, const char *url)
{
	struct call *call = calloc(1, sizeof(*call));
	const union MHD_ConnectionInfo *info;
	struct exchange *e;

	if (!call)
		return NULL;
	e = &call->exchange;
	exchange_init(e, http->collector, resume);
	buf_init(&call->body, 0);
	buf_init(&call->piece, EXCHANGE_PIECE_BYTES_MAX);
	call->http = http;
	call->mhd = mhd;
	call->owners = 2;
	info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	call->connection = info ? info->socket_context : NULL;
	go_on(call);
	counters_add(&http->collector->counters, COUNTER_REQUESTS, 1);
	e->request.method = method;
	e->request.path = url;
	e->request.place = read_place(http, mhd);
	e->request.authorization = header(mhd, "Authorization");
	e->request.content_type = header(mhd, "Content-Type");
	e->request.content_encoding = header(mhd, "Content-Encoding");
	call->route = route_find(http->collector, e);
	if (call->route)
		buf_init(&call->body, call->route->body_max);
	return call;
}

/* A piece of the body. What is refused is read on, so that the reply gets
 * through, but not for ever. */
static enum MHD_Result take_piece(struct call *call, const char *piece,
				  size_t len)
{
	struct http *http = call->http;

	call->received += len;
	if (call->received > HTTP_DISCARD_BYTES) {
		counters_add(&http->collector->counters, COUNTER_DROPPED_LARGE,
			     1);
		return MHD_NO;
	}
	if (!call->route)
		return MHD_YES;
	if (call->received > call->route->body_max) {
		exchange_fail(&call->exchange, 413,
			      "the body has more than %zu bytes",
			      call->route->body_max);
	} else if (atomic_fetch_add(&http->bodies_bytes, len) >
		   HTTP_BODIES_BYTES) {
		call->claimed += len;
		exchange_busy(&call->exchange, 5, "too many requests at once");
	} else {
		call->claimed += len;
		buf_append(&call->body, piece, len);
		if (!buf_check(&call->body))
			return MHD_YES;
		exchange_busy(&call->exchange, 5, "no memory");
	}
	call->route = NULL;
	return MHD_YES;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *mhd,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_len, void **state)
{
	struct call *call = *state;
	struct http *http = user;

	(void)version;
	if (!call) {
		call = *state = new_call(http, mhd, method, url);
		if (!call)
			return MHD_NO;
		check_framing(call);
		return call->unframed ? send_reply(call) : MHD_YES;
	}
	if (*upload_len) {
		size_t len = *upload_len;

		*upload_len = 0;
		return take_piece(call, upload, len);
	}
	if (call->route && !call->asked) {
		call->asked = true;
		call->exchange.request.body = buf_slice(&call->body);
		if (!route_answer(http->collector, call->route,
				  &call->exchange))
			return wait_for_answer(call);
	}
	return atomic_load(&call->turn) == TURN_LATE ? send_slow_store(call)
						     : send_reply(call);
}

static void completed(void *user, struct MHD_Connection *mhd, void **state,
		      enum MHD_RequestTerminationCode why)
{
	struct call *call = *state;

	(void)user;
	(void)mhd;
	(void)why;
	if (!call)
		return;
	set_deadline(call, false, call->http->idle_ms, NULL);
	if (atomic_load(&call->turn) == TURN_LATE)
		give_call(call);
	else
		free_call(call);
	*state = NULL;
}

/* The library cannot go on, and may have been built to end without a word.
 * What was acknowledged is durable; whoever started us starts us again. */
static void give_up(void *user, const char *file, unsigned line,
		    const char *why)
{
	(void)user;
	fprintf(stderr, "iot-collector: libmicrohttpd gave up (%s:%u): %s\n",
		file, line, why ? why : "it does not say why");
	abort();
}

static int start_sweeper(struct http *http)
{
	pthread_condattr_t steady;

	pthread_mutex_init(&http->lock, NULL);
	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_cond_init(&http->stopped, &steady);
	pthread_condattr_destroy(&steady);
	return pthread_create(&http->sweeper, NULL, sweep, http) ? ERR_NOMEM
								 : 0;
}

int http_start(struct collector *collector, const struct http_options *options,
	       struct http **out)
{
	struct http *http = calloc(1, sizeof(*http));
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0,
		  (void *)(uintptr_t)options->cert_pem },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0,
		  (void *)(uintptr_t)options->key_pem },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
		  (void *)(uintptr_t)PRIORITIES },
		{ MHD_OPTION_END, 0, NULL },
	};
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD |
			 MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;

	MHD_set_panic_func(give_up, NULL);
	if (http) {
		http->collector = collector;
		http->request_ms = options->request_ms;
		http->idle_ms = options->idle_ms;
		http->answer_ms = options->answer_ms;
		http->is_tls = options->cert_pem;
	}
	if (!http || start_sweeper(http)) {
		close(options->listen_fd);
		free(http);
		return ERR_NOMEM;
	}
	if (http->is_tls)
		flags |= MHD_USE_TLS;
	http->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, handle, http, MHD_OPTION_LISTEN_SOCKET,
		options->listen_fd, MHD_OPTION_THREAD_POOL_SIZE,
		options->threads, MHD_OPTION_CONNECTION_LIMIT,
		options->connections_max, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		HTTP_CONNECTION_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_NOTIFY_CONNECTION, notify, http,
		MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_ARRAY,
		options->cert_pem ? tls : &tls[3], MHD_OPTION_END);
	if (!http->daemon) {
		close(options->listen_fd);
		http_stop(http);
		return ERR_IO;
	}
	*out = http;
	return 0;
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	/* before the daemon, which must not end while one waits to go on */
	pthread_mutex_lock(&http->lock);
	http->stopping = true;
	pthread_cond_signal(&http->stopped);
	pthread_mutex_unlock(&http->lock);
	pthread_join(http->sweeper, NULL);
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	pthread_cond_destroy(&http->stopped);
	pthread_mutex_destroy(&http->lock);
	free(http);
}
