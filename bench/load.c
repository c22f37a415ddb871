// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Many inspectors that upload to a collector, over TLS, each on a connection
 * of its own: every period one segment, or the next as soon as the last was
 * acknowledged. What is printed is one line of JSON.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#define THREADS_MAX 16
#define EVENTS	    256
#define HEAD_BYTES  1024
#define REPLY_BYTES 4096
#define DEVICES	    5
/* Of a flow, a name and a question of it, and its share of the rest. */
#define FLOW_TEXT_MAX	 512
#define SEGMENT_TEXT_MAX 16384
/* Latencies in steps of an eighth of a power of two of microseconds. */
#define BUCKETS		   256
#define HANDSHAKES_AT_ONCE 64
#define WINDOW_S	   5
/* How often all homes are looked over. */
#define LOOK_NS 20000000u

/* What comes beside flows, in millionths of a flow. As iot-study simulate
 * uploads them: 26,558 flows, 22,022 names, 468 hellos, 163 clues and 24 labels
 * of ten homes. It has neither questions nor HTTP: of those, two questions (A
 * and AAAA) for each connection that began with a hello, and half as many
 * requests in clear. */
enum table {
	TABLE_FLOW,
	TABLE_NAME,
	TABLE_QUESTION,
	TABLE_HTTP,
	TABLE_HELLO,
	TABLE_CLUE,
	TABLE_LABEL,
	TABLES,
};

static const struct {
	const char *name;
	unsigned millionths;
	const char *columns;
} tables[TABLES] = {
	[TABLE_FLOW] = { "flow", 1000000,
			 "[\"device\",\"protocol\",\"remote\","
			 "\"remote_port\",\"device_port\",\"first_ms\","
			 "\"out_bytes\",\"out_packets\",\"in_bytes\","
			 "\"in_packets\",\"opener\"]" },
	[TABLE_NAME] = { "name", 829204,
			 "[\"device\",\"time_ms\",\"address\",\"name\","
			 "\"source\",\"resolver\",\"device_port\"]" },
	[TABLE_QUESTION] = { "question", 35244,
			     "[\"device\",\"time_ms\",\"name\",\"type\","
			     "\"resolver\"]" },
	[TABLE_HTTP] = { "http", 8811,
			 "[\"device\",\"time_ms\",\"remote\","
			 "\"remote_port\",\"host\",\"user_agent\"]" },
	[TABLE_HELLO] = { "hello", 17622,
			  "[\"device\",\"time_ms\",\"transport\","
			  "\"remote\",\"remote_port\",\"device_port\","
			  "\"version\",\"supported_versions\","
			  "\"cipher_suites\",\"compression_methods\","
			  "\"extensions\",\"groups\",\"point_formats\","
			  "\"signature_algorithms\",\"alpn\",\"sni\","
			  "\"ech\",\"grease_cipher_suites\","
			  "\"grease_extensions\",\"ja3\",\"ja4\"]" },
	[TABLE_CLUE] = { "clue", 6138, "[\"device\",\"kind\",\"text\"]" },
	[TABLE_LABEL] = { "label", 904,
			  "[\"device\",\"name\",\"category\","
			  "\"vendor\",\"source\"]" },
};

struct options {
	const char *host, *consent;
	unsigned port, homes, first, flows, threads, period_ms, seconds;
	unsigned kept; /* homes that keep their connection */
	bool plain, flows_alone;
};

enum phase {
	PHASE_CLOSED,
	PHASE_CONNECTING,
	PHASE_IDLE,
	PHASE_SENDING,
	PHASE_RECEIVING,
};

struct home {
	int fd;
	SSL *ssl;
	enum phase phase;
	bool joined;
	unsigned number;
	uint64_t segment; /* the last that was acknowledged */
	uint64_t due_ns;  /* of the request that is on its way, or was last */
	uint64_t owed_ns; /* that of the next, which came meanwhile; or 0 */
	unsigned rows[TABLES]; /* of that request */
	uint8_t *out;
	size_t out_len, out_at;
	char in[REPLY_BYTES];
	size_t in_len;
};

struct worker {
	const struct options *options;
	SSL_CTX *tls;
	pthread_t thread;
	int epoll_fd;
	struct home *homes;
	unsigned count, connecting, joined, next_connect;
	unsigned next_due; /* the home whose turn is next, and in which round */
	uint64_t round;
	uint64_t started_ns, ends_ns, began_ns;
	ZSTD_CCtx *zstd;
	char *text;
	size_t text_room;
	uint64_t uploads, segments, rows[TABLES], busy, refused, broken, late;
	uint64_t bytes_out, plain_bytes, connects;
	uint64_t buckets[BUCKETS];
	uint64_t slowest_ns, cpu_ns;
};

static _Atomic unsigned workers_ready;

static uint64_t now_ns(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static unsigned bucket_of(uint64_t ns)
{
	uint64_t us = ns / 1000;
	unsigned power;

	if (us < 8)
		return (unsigned)us;
	power = 63 - (unsigned)__builtin_clzll(us);
	return (power - 2) * 8 + (unsigned)(us >> (power - 3) & 7);
}

static double bucket_ms(unsigned bucket)
{
	unsigned power = bucket / 8 + 2;

	if (bucket < 8)
		return bucket / 1000.0;
	return (double)((8 + bucket % 8) * ((uint64_t)1 << (power - 3))) /
	       1000.0;
}

static void login_of(unsigned number, char out[160])
{
	char plain[98];

	snprintf(plain, sizeof(plain), "%032x:%064x", number, number);
	EVP_EncodeBlock((unsigned char *)out, (unsigned char *)plain, 97);
}

static void put_request(struct home *h, const char *path, const char *type,
			const char *encoding, const void *body, size_t len,
			bool close)
{
	char login[160];
	int head;

	login_of(h->number, login);
	h->out = realloc(h->out, HEAD_BYTES + len);
	if (!h->out)
		abort();
	head = snprintf((char *)h->out, HEAD_BYTES,
			"POST %s HTTP/1.1\r\nHost: localhost\r\n"
			"Authorization: Basic %s\r\nContent-Type: %s\r\n"
			"%s%sContent-Length: %zu\r\n\r\n",
			path, login, type, encoding,
			close ? "Connection: close\r\n" : "", len);
	memcpy(h->out + head, body, len);
	h->out_len = (size_t)head + len;
	h->out_at = 0;
	h->in_len = 0;
}

/* Those that do not are spread over all. */
static bool keeps(const struct worker *w, const struct home *h)
{
	const struct options *o = w->options;
	uint64_t place = h->number - o->first;
	uint64_t others = o->homes > o->kept ? o->homes - o->kept : 0;

	return place * others % o->homes >= others;
}

static void put_join(struct worker *w, struct home *h)
{
	char body[160];
	int len = snprintf(body, sizeof(body),
			   "{\"consent\":\"%s\",\"client\":\"bench\"}",
			   w->options->consent);

	put_request(h, "/v1/account", "application/json", "", body, (size_t)len,
		    !keeps(w, h));
}

/* A segment's text on its way. */
struct text {
	char *at, *limit;
};

static void add(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(t->at, (size_t)(t->limit - t->at), format, args);
	va_end(args);
	if (len < 0 || len >= t->limit - t->at)
		abort();
	t->at += len;
}

/* One endpoint of a home, which it goes on with for a minute. */
struct endpoint {
	unsigned mixed, device;
	char address[16], host[48];
};

static struct endpoint endpoint_of(const struct home *h, uint64_t number,
				   unsigned i)
{
	struct endpoint e = { .mixed = (h->number * 2654435761u) ^
				       (i * 40503u +
					(unsigned)(number / 12) * 97u),
			      .device = i % DEVICES };
	unsigned a = 11 + e.mixed % 180, b = e.mixed >> 8 & 63;

	snprintf(e.address, sizeof(e.address), "%u.%u.%u.%u", a, b,
		 e.mixed >> 14 & 15, 1 + i % 200);
	/* a service's addresses are many */
	snprintf(e.host, sizeof(e.host), "edge-%u.service-%u.example.com", b,
		 a);
	return e;
}

static void add_flow(struct text *t, const struct endpoint *e, uint64_t ms)
{
	unsigned mixed = e->mixed;

	add(t, "[%u,6,\"%s\",443,%u,%" PRIu64 ",%u,%u,%u,%u,1]", e->device,
	    e->address, 32768 + (mixed >> 4) % 28000, ms + (mixed >> 7) % 4900,
	    100 + (mixed >> 3) % 9000, 1 + (mixed >> 5) % 60,
	    100 + (mixed >> 2) % 90000, 1 + (mixed >> 6) % 90);
}

static void add_name(struct text *t, const struct endpoint *e, uint64_t ms)
{
	bool sni = e->mixed >> 9 & 1;

	add(t, "[%u,%" PRIu64 ",\"%s\",\"%s\",\"%s\",%s,%u]", e->device,
	    ms + e->mixed % 4900, e->address, e->host, sni ? "sni" : "dns",
	    sni ? "null" : "\"9.9.9.9\"", sni ? 32768 + e->mixed % 28000 : 0);
}

static void add_question(struct text *t, const struct endpoint *e, uint64_t ms)
{
	add(t, "[%u,%" PRIu64 ",\"%s\",%u,\"9.9.9.9\"]", e->device,
	    ms + e->mixed % 4900, e->host, e->mixed & 1 ? 1 : 28);
}

static void add_http(struct text *t, const struct endpoint *e, uint64_t ms)
{
	add(t,
	    "[%u,%" PRIu64 ",\"%s\",80,\"%s\",\"Mozilla/5.0 (Linux; "
	    "Television) Player/%u.4\"]",
	    e->device, ms + e->mixed % 4900, e->address, e->host,
	    e->mixed % 40);
}

static void add_hello(struct text *t, const struct endpoint *e, uint64_t ms)
{
	add(t,
	    "[%u,%" PRIu64 ",\"tcp\",\"%s\",443,%u,772,\"772+771\","
	    "\"4865+4866+4867+49195+49199+49196+49200+52393+52392+49171+"
	    "49172+156+157+47+53\",\"0\",\"0+23+65281+10+11+35+16+5+13+18+"
	    "51+45+43+27+17513+21\",\"29+23+24\",\"0\",\"1027+2052+1025+"
	    "1283+2053+1281+2054+1537\",\"h2,http/1.1\",\"%s\",0,1,1,"
	    "\"%032x\",\"t13d1516h2_8daaf6152771_%012x\"]",
	    e->device, ms + e->mixed % 4900, e->address,
	    32768 + e->mixed % 28000, e->host, e->mixed % 300, e->mixed % 300);
}

static void add_clue(struct text *t, const struct endpoint *e, uint64_t ms)
{
	(void)ms;
	add(t, "[%u,\"mdns_service\",\"_service-%u._tcp\"]", e->device,
	    e->mixed % 60);
}

static void add_label(struct text *t, const struct endpoint *e, uint64_t ms)
{
	(void)ms;
	add(t, "[%u,\"TV in the hall\",\"tv\",\"Maker %u\",\"typed\"]",
	    e->device, e->mixed % 200);
}

static void (*const add_row[TABLES])(struct text *t, const struct endpoint *e,
				     uint64_t ms) = {
	[TABLE_FLOW] = add_flow,	 [TABLE_NAME] = add_name,
	[TABLE_QUESTION] = add_question, [TABLE_HTTP] = add_http,
	[TABLE_HELLO] = add_hello,	 [TABLE_CLUE] = add_clue,
	[TABLE_LABEL] = add_label,
};

/* Fractions add up from segment to segment; homes begin at different ones. */
static unsigned rows_of(const struct options *o, const struct home *h,
			uint64_t number, enum table which)
{
	const uint64_t each = (uint64_t)o->flows * tables[which].millionths;
	const uint64_t before =
		h->number * 618034u % 1000000u + (number - 1) * each;

	if (o->flows_alone && which != TABLE_FLOW)
		return 0;
	return (unsigned)((before + each) / 1000000u - before / 1000000u);
}

/* What a home of five devices does in a window. */
static size_t write_segment(struct worker *w, struct home *h, uint64_t number)
{
	const struct options *o = w->options;
	const uint64_t end = 1767225600u + number * WINDOW_S;
	struct text t = { w->text, w->text + w->text_room };

	add(&t,
	    "{\"upload\":1,\"client\":\"bench\",\"consent\":\"%s\","
	    "\"utc_offset_min\":60,\"columns\":{"
	    "\"device\":[\"id\",\"oui\",\"watched\"]",
	    o->consent);
	for (int i = 0; i < TABLES; i++)
		add(&t, ",\"%s\":%s", tables[i].name, tables[i].columns);
	add(&t, "}}\n{\"segment\":%" PRIu64 ",\"end\":%" PRIu64 ",\"device\":[",
	    number, end);
	for (unsigned i = 0; i < DEVICES; i++)
		add(&t, "%s[\"%016x%016x\",\"3c5ab4\",1]", i ? "," : "",
		    h->number, i);
	add(&t, "]");
	for (int i = 0; i < TABLES; i++) {
		h->rows[i] = rows_of(o, h, number, (enum table)i);
		if (!h->rows[i])
			continue;
		add(&t, ",\"%s\":[", tables[i].name);
		for (unsigned k = 0; k < h->rows[i]; k++) {
			struct endpoint e = endpoint_of(h, number, k);

			add(&t, "%s", k ? "," : "");
			add_row[i](&t, &e, end * 1000 - 4990);
		}
		add(&t, "]");
	}
	add(&t, "}\n");
	return (size_t)(t.at - w->text);
}

static void put_upload(struct worker *w, struct home *h)
{
	uint8_t packed[65536];
	size_t len = write_segment(w, h, h->segment + 1);
	size_t size = ZSTD_compressCCtx(w->zstd, packed, sizeof(packed),
					w->text, len, 1);

	if (ZSTD_isError(size))
		abort();
	w->plain_bytes += len;
	w->bytes_out += size;
	put_request(h, "/v1/upload", "application/x-ndjson",
		    "Content-Encoding: zstd\r\n", packed, size, !keeps(w, h));
}

static void watch(struct worker *w, struct home *h, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = h };

	if (epoll_ctl(w->epoll_fd, EPOLL_CTL_MOD, h->fd, &event))
		abort();
}

static void shut(struct worker *w, struct home *h)
{
	if (h->phase == PHASE_CONNECTING)
		w->connecting--;
	if (h->ssl)
		SSL_free(h->ssl);
	if (h->fd >= 0)
		close(h->fd);
	h->ssl = NULL;
	h->fd = -1;
	h->phase = PHASE_CLOSED;
}

static void open_home(struct worker *w, struct home *h)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port =
					  htons((uint16_t)w->options->port) };
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = h };
	const int on = 1;

	inet_pton(AF_INET, w->options->host, &to.sin_addr);
	h->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (h->fd < 0)
		abort();
	setsockopt(h->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(h->fd, (struct sockaddr *)&to, sizeof(to)) &&
	    errno != EINPROGRESS) {
		w->broken++;
		shut(w, h);
		return;
	}
	if (!w->options->plain) {
		h->ssl = SSL_new(w->tls);
		SSL_set_fd(h->ssl, h->fd);
		SSL_set_connect_state(h->ssl);
	}
	h->phase = PHASE_CONNECTING;
	w->connecting++;
	w->connects++;
	if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, h->fd, &event))
		abort();
}

/* 1: done, 0: later, -1: the connection is gone. */
static int want(struct worker *w, struct home *h, int result)
{
	int error = SSL_get_error(h->ssl, result);

	if (error == SSL_ERROR_WANT_READ)
		watch(w, h, EPOLLIN);
	else if (error == SSL_ERROR_WANT_WRITE)
		watch(w, h, EPOLLOUT);
	else
		return -1;
	return 0;
}

static int do_send(struct worker *w, struct home *h)
{
	while (h->out_at < h->out_len) {
		size_t left = h->out_len - h->out_at;
		ssize_t sent;

		if (h->ssl) {
			int n = SSL_write(h->ssl, h->out + h->out_at,
					  (int)left);

			if (n <= 0)
				return want(w, h, n);
			sent = n;
		} else {
			sent = send(h->fd, h->out + h->out_at, left,
				    MSG_NOSIGNAL);
			if (sent < 0 && errno == EAGAIN) {
				watch(w, h, EPOLLOUT);
				return 0;
			}
			if (sent <= 0)
				return -1;
		}
		h->out_at += (size_t)sent;
	}
	return 1;
}

static bool is_whole(const struct home *h)
{
	const char *end = strstr(h->in, "\r\n\r\n");
	const char *length = strcasestr(h->in, "Content-Length: ");

	return end && length && length < end &&
	       h->in_len >= (size_t)(end + 4 - h->in) +
				    strtoul(length + 16, NULL, 10);
}

static int do_receive(struct worker *w, struct home *h)
{
	while (!is_whole(h)) {
		size_t room = sizeof(h->in) - 1 - h->in_len;
		ssize_t got;

		if (!room)
			return -1;
		if (h->ssl) {
			int n = SSL_read(h->ssl, h->in + h->in_len, (int)room);

			if (n <= 0)
				return want(w, h, n);
			got = n;
		} else {
			got = recv(h->fd, h->in + h->in_len, room, 0);
			if (got < 0 && errno == EAGAIN) {
				watch(w, h, EPOLLIN);
				return 0;
			}
			if (got <= 0)
				return -1;
		}
		h->in_len += (size_t)got;
		h->in[h->in_len] = '\0';
	}
	return 1;
}

static void count_reply(struct worker *w, struct home *h)
{
	unsigned status = (unsigned)strtoul(h->in + 9, NULL, 10);
	uint64_t at = now_ns(), took = at > h->due_ns ? at - h->due_ns : 0;

	if (!h->joined) {
		if (status == 503 || status == 429) {
			if (!w->busy++)
				fprintf(stderr, "joining: %.300s\n", h->in);
			shut(w, h); /* and comes again */
			return;
		}
		if (status != 200 && status != 201) {
			fprintf(stderr, "joining: %.300s\n", h->in);
			exit(1);
		}
		h->joined = true;
		w->joined++;
		return;
	}
	if (status == 200) {
		h->segment++;
		w->segments++;
		if (h->due_ns >= w->began_ns && at <= w->ends_ns) {
			w->uploads++;
			for (int i = 0; i < TABLES; i++)
				w->rows[i] += h->rows[i];
			w->buckets[bucket_of(took)]++;
			if (took > w->slowest_ns)
				w->slowest_ns = took;
		}
	} else if (status == 503 || status == 429) {
		w->busy++;
	} else {
		if (!w->refused++)
			fprintf(stderr, "refused: %.300s\n", h->in);
	}
}

static void begin_request(struct worker *w, struct home *h)
{
	h->phase = PHASE_SENDING;
	h->owed_ns = 0;
	if (h->joined)
		put_upload(w, h);
	else
		put_join(w, h);
}

static void go_on(struct worker *w, struct home *h);

/* What was due then is sent, as soon as it can be. */
static void start(struct worker *w, struct home *h, uint64_t due_ns)
{
	if (!h->joined)
		return;
	h->owed_ns = due_ns;
	if (h->phase == PHASE_CLOSED) {
		if (w->connecting < HANDSHAKES_AT_ONCE)
			open_home(w, h);
	} else if (h->phase == PHASE_IDLE) {
		h->due_ns = due_ns;
		begin_request(w, h);
		go_on(w, h);
	}
}

/* The reply is there. Where the next request is due, it goes at once. */
static void end_request(struct worker *w, struct home *h)
{
	bool was_joined = h->joined;

	count_reply(w, h);
	if (h->phase == PHASE_CLOSED)
		return;
	h->phase = PHASE_IDLE;
	if (strcasestr(h->in, "Connection: close"))
		shut(w, h);
	else
		watch(w, h, EPOLLIN);
	if (!w->options->period_ms && was_joined)
		h->owed_ns = now_ns();
	if (h->owed_ns && h->owed_ns < w->ends_ns)
		start(w, h, h->owed_ns);
}

static void go_on(struct worker *w, struct home *h)
{
	int done = 1;

	if (h->phase == PHASE_CONNECTING) {
		if (h->ssl) {
			int n = SSL_connect(h->ssl);

			done = n == 1 ? 1 : want(w, h, n);
		}
		if (done == 1) {
			w->connecting--;
			h->phase = PHASE_IDLE;
			if (h->owed_ns)
				h->due_ns = h->owed_ns;
			begin_request(w, h);
		}
	}
	if (done == 1 && h->phase == PHASE_SENDING) {
		done = do_send(w, h);
		if (done == 1)
			h->phase = PHASE_RECEIVING;
	}
	if (done == 1 && h->phase == PHASE_RECEIVING) {
		done = do_receive(w, h);
		if (done == 1) {
			end_request(w, h);
			return;
		}
	}
	if (done == 1 && h->phase == PHASE_IDLE)
		done = -1; /* it spoke first: it closed */
	if (done < 0) {
		/* an upload that was not answered: it goes again */
		if (h->phase == PHASE_SENDING || h->phase == PHASE_RECEIVING)
			h->owed_ns = h->due_ns;
		w->broken += h->phase != PHASE_IDLE;

		shut(w, h);
	}
}

static void take_events(struct worker *w, int timeout_ms)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(w->epoll_fd, events, EVENTS, timeout_ms);

	for (int i = 0; i < count; i++)
		go_on(w, events[i].data.ptr);
}

/* When it is the turn of the next home, of all in the order of their places. */
static uint64_t next_due(const struct worker *w)
{
	const uint64_t period = (uint64_t)w->options->period_ms * 1000000u;

	return w->started_ns + w->round * period +
	       period * w->next_due / w->count;
}

static void start_due(struct worker *w)
{
	const uint64_t now = now_ns();

	if (now >= w->ends_ns || (!w->options->period_ms && w->round))
		return;
	while (!(w->round && !w->options->period_ms) && next_due(w) <= now) {
		start(w, &w->homes[w->next_due], next_due(w));
		if (++w->next_due == w->count) {
			w->next_due = 0;
			w->round++;
		}
	}
}

/* Homes that are to join, whose connection broke, or that wait for one. */
static void connect_owing(struct worker *w)
{
	for (unsigned i = 0; i < w->count && w->connecting < HANDSHAKES_AT_ONCE;
	     i++)
		if (w->homes[i].phase == PHASE_CLOSED &&
		    (w->homes[i].owed_ns || !w->homes[i].joined))
			open_home(w, &w->homes[i]);
}

/* Everybody connects and joins, some at a time. Who is there uploads in its
 * rhythm meanwhile: who waited for all the others would be dropped as idle. */
static void join_all(struct worker *w)
{
	while (w->joined < w->count) {
		while (w->connecting < HANDSHAKES_AT_ONCE &&
		       w->next_connect < w->count)
			open_home(w, &w->homes[w->next_connect++]);
		/* who was turned away comes again, after the others */
		if (w->next_connect == w->count)
			connect_owing(w);
		if (w->options->period_ms)
			start_due(w);
		take_events(w, 1);
	}
}

static void *work(void *user)
{
	struct worker *w = user;
	const struct options *o = w->options;
	struct timespec cpu;
	uint64_t stop_ns;
	bool waiting = true;
	uint64_t looked_ns = 0;

	w->ends_ns = UINT64_MAX;
	w->began_ns = UINT64_MAX;
	w->started_ns = now_ns();
	join_all(w);
	workers_ready++;
	while (workers_ready < o->threads) {
		if (o->period_ms)
			start_due(w);
		take_events(w, 1);
	}
	/* two rounds after that are not measured */
	w->began_ns =
		now_ns() + (o->period_ms ? 2000000u * (uint64_t)o->period_ms
					 : 1000000000u);
	w->ends_ns = w->began_ns + (uint64_t)o->seconds * 1000000000u;
	stop_ns = w->ends_ns + 10000000000u;
	while (waiting && now_ns() < stop_ns) {
		start_due(w);
		take_events(w, 1);
		if (now_ns() < looked_ns + LOOK_NS)
			continue;
		looked_ns = now_ns();
		waiting = looked_ns < w->ends_ns;
		if (waiting)
			connect_owing(w);
		for (unsigned i = 0; i < w->count && !waiting; i++)
			waiting = w->homes[i].phase > PHASE_IDLE;
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	w->cpu_ns = (uint64_t)cpu.tv_sec * 1000000000u + (uint64_t)cpu.tv_nsec;
	for (unsigned i = 0; i < w->count; i++)
		w->late += w->homes[i].phase > PHASE_IDLE;
	return NULL;
}

static void prepare(struct worker *w, const struct options *o, SSL_CTX *tls,
		    unsigned which)
{
	unsigned from = o->homes * which / o->threads;
	unsigned to = o->homes * (which + 1) / o->threads;

	*w = (struct worker){ .options = o, .tls = tls, .count = to - from };
	w->homes = calloc(w->count ? w->count : 1, sizeof(*w->homes));
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	w->zstd = ZSTD_createCCtx();
	w->text_room = SEGMENT_TEXT_MAX + (size_t)o->flows * FLOW_TEXT_MAX;
	w->text = malloc(w->text_room);
	if (!w->homes || w->epoll_fd < 0 || !w->zstd || !w->text)
		abort();
	for (unsigned i = 0; i < w->count; i++) {
		w->homes[i].fd = -1;
		w->homes[i].number = o->first + from + i;
	}
}

static double quantile(const uint64_t *buckets, double share)
{
	uint64_t total = 0, seen = 0;

	for (unsigned i = 0; i < BUCKETS; i++)
		total += buckets[i];
	for (unsigned i = 0; i < BUCKETS; i++) {
		seen += buckets[i];
		if (total && (double)seen >= share * (double)total)
			return bucket_ms(i + 1);
	}
	return 0;
}

static uint64_t all_rows(const struct worker *w)
{
	uint64_t rows = 0;

	for (int i = 0; i < TABLES; i++)
		rows += w->rows[i];
	return rows;
}

static void print(struct worker *workers, const struct options *o)
{
	struct worker sum = { 0 };

	for (unsigned i = 0; i < o->threads; i++) {
		struct worker *w = &workers[i];

		sum.uploads += w->uploads;
		sum.segments += w->segments;
		for (int k = 0; k < TABLES; k++)
			sum.rows[k] += w->rows[k];
		sum.busy += w->busy;
		sum.refused += w->refused;
		sum.broken += w->broken;
		sum.late += w->late;
		sum.bytes_out += w->bytes_out;
		sum.plain_bytes += w->plain_bytes;
		sum.connects += w->connects;
		sum.cpu_ns += w->cpu_ns;
		if (w->slowest_ns > sum.slowest_ns)
			sum.slowest_ns = w->slowest_ns;
		for (unsigned k = 0; k < BUCKETS; k++)
			sum.buckets[k] += w->buckets[k];
	}
	printf("{\"uploads_per_s\":%.0f,\"rows_per_s\":%.0f,\"by_table\":{",
	       (double)sum.uploads / o->seconds,
	       (double)all_rows(&sum) / o->seconds);
	for (int i = 0; i < TABLES; i++)
		printf("%s\"%s\":%.0f", i ? "," : "", tables[i].name,
		       (double)sum.rows[i] / o->seconds);
	printf("},\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"slowest_ms\":%.2f,"
	       "\"acknowledged\":%" PRIu64 ",\"busy\":%" PRIu64
	       ",\"refused\":%" PRIu64 ",\"broken\":%" PRIu64
	       ",\"unanswered\":%" PRIu64 ",\"connects\":%" PRIu64
	       ",\"packed_bytes\":%" PRIu64 ",\"plain_bytes\":%" PRIu64
	       ",\"cpu_s\":%.2f}\n",
	       quantile(sum.buckets, 0.5), quantile(sum.buckets, 0.99),
	       (double)sum.slowest_ns * 1e-6, sum.segments, sum.busy,
	       sum.refused, sum.broken, sum.late, sum.connects, sum.bytes_out,
	       sum.plain_bytes, (double)sum.cpu_ns * 1e-9);
}

static unsigned number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

static void usage(void)
{
	fputs("usage: load -c CONSENT -p PORT [-h HOST] [-n HOMES] "
	      "[-a FIRST-ACCOUNT] [-f FLOWS] [-t THREADS] [-s SECONDS]\n"
	      "            [-r PERIOD-MS (0: flat out)] [-P (plain HTTP)] "
	      "[-F (flows alone)] "
	      "[-k HOMES-THAT-KEEP-THEIR-CONNECTION]\n",
	      stderr);
	exit(2);
}

static void parse(struct options *o, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "c:p:h:n:a:f:t:s:r:k:PF")) != -1)
		switch (option) {
		case 'c':
			o->consent = optarg;
			break;
		case 'p':
			o->port = number(optarg);
			break;
		case 'h':
			o->host = optarg;
			break;
		case 'n':
			o->homes = number(optarg);
			break;
		case 'a':
			o->first = number(optarg);
			break;
		case 'f':
			o->flows = number(optarg);
			break;
		case 't':
			o->threads = number(optarg);
			break;
		case 's':
			o->seconds = number(optarg);
			break;
		case 'r':
			o->period_ms = number(optarg);
			break;
		case 'P':
			o->plain = true;
			break;
		case 'F':
			o->flows_alone = true;
			break;
		case 'k':
			o->kept = number(optarg);
			break;
		default:
			usage();
		}
	if (!o->consent || !o->port || !o->threads ||
	    o->threads > THREADS_MAX || !o->homes || !o->seconds)
		usage();
}

int main(int argc, char **argv)
{
	struct options o = { .host = "127.0.0.1",
			     .homes = 100,
			     .first = 1,
			     .flows = 10,
			     .threads = 1,
			     .period_ms = 5000,
			     .seconds = 10,
			     .kept = UINT_MAX };
	struct worker workers[THREADS_MAX];
	struct rlimit files;
	SSL_CTX *tls;

	parse(&o, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	tls = SSL_CTX_new(TLS_client_method());
	if (!tls)
		return 1;
	/* the certificate is the trial's: who is measured is not verified */
	SSL_CTX_set_verify(tls, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS |
				      SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	for (unsigned i = 0; i < o.threads; i++)
		prepare(&workers[i], &o, tls, i);
	for (unsigned i = 0; i < o.threads; i++)
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return 1;
	for (unsigned i = 0; i < o.threads; i++)
		pthread_join(workers[i].thread, NULL);
	print(workers, &o);
	return 0;
}
