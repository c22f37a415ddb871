// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/metrics.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECTIONS_MAX 16
#define IDLE_S		30

#define TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct metrics {
	struct collector *collector;
	struct MHD_Daemon *daemon;
};

struct metric {
	const char *name, *help;
	double scale; /* what is counted, in the unit of the name */
};

static const struct metric counted[COUNTERS] = {
	[COUNTER_CONNECTIONS] = { "connections", "Connections opened", 1 },
	[COUNTER_CONNECTIONS_CLOSED] = { "connections_closed",
					 "Connections closed", 1 },
	[COUNTER_DROPPED_SLOW] = { "dropped_slow",
				   "Connections whose request took too long",
				   1 },
	[COUNTER_DROPPED_IDLE] = { "dropped_idle",
				   "Connections without a request", 1 },
	[COUNTER_DROPPED_LARGE] = { "dropped_large",
				    "Connections whose body had no end", 1 },
	[COUNTER_REQUESTS] = { "requests", "Requests begun", 1 },
	[COUNTER_REPLIES_OK] = { "replies_ok", "Requests granted", 1 },
	[COUNTER_REFUSED_LOGIN] = { "refused_login",
				    "Requests with a wrong account or secret",
				    1 },
	[COUNTER_REFUSED_CONSENT] = { "refused_consent",
				      "Requests under another consent", 1 },
	[COUNTER_REFUSED_SIZE] = { "refused_size", "Requests too large", 1 },
	[COUNTER_REFUSED_RATE] = { "refused_rate",
				   "Requests past an account's limits", 1 },
	[COUNTER_REFUSED_OTHER] = { "refused_other", "Requests that were wrong",
				    1 },
	[COUNTER_BUSY] = { "busy", "Requests put off (503)", 1 },
	[COUNTER_FAILED] = { "failed", "Requests that failed (5xx)", 1 },
	[COUNTER_SLOW_STORE] = { "slow_store",
				 "Requests put off for the store took too long",
				 1 },
	[COUNTER_UPLOADS] = { "uploads", "Uploads acknowledged", 1 },
	[COUNTER_PACKED_BYTES] = { "packed_bytes", "Bytes of uploads as sent",
				   1 },
	[COUNTER_PLAIN_BYTES] = { "plain_bytes", "Bytes of uploads unpacked",
				  1 },
	[COUNTER_SEALED] = { "sealed_days", "Days that were sealed", 1 },
	[COUNTER_CROWD_MADE] = { "crowd_made",
				 "Times that what homes are given back was made",
				 1 },
	[COUNTER_PURGES] = { "purges",
			     "Times that what is past its time was erased", 1 },
	[COUNTER_UPKEEP_FAILED] = { "upkeep_failures",
				    "Upkeep that failed, and is tried again",
				    1 },
	[COUNTER_CLOCK_AHEAD] = { "clock_ahead",
				  "Segments that end after the collector's now",
				  1 },
	[COUNTER_UNPACK_NS] = { "unpack_cpu_seconds",
				"Processor time of unpacking", 1e-9 },
	[COUNTER_PARSE_NS] = { "parse_cpu_seconds",
			       "Processor time of parsing and validation",
			       1e-9 },
};

static void write_counter(struct buf *out, const char *name, const char *help,
			  double value)
{
	buf_printf(out,
		   "# TYPE iot_collector_%s counter\n"
		   "# HELP iot_collector_%s %s.\n"
		   "iot_collector_%s_total %.15g\n",
		   name, name, help, name, value);
}

static void write_gauge(struct buf *out, const char *name, const char *help,
			double value)
{
	buf_printf(out,
		   "# TYPE iot_collector_%s gauge\n"
		   "# HELP iot_collector_%s %s.\n"
		   "iot_collector_%s %.15g\n",
		   name, name, help, name, value);
}

static void write_commit(struct collector *c, struct buf *out)
{
	struct commit_counters commit;
	struct store_counters store;
	bool full;

	commit_read(c->commit, &commit, &store, &full);
	write_counter(out, "segments", "Segments stored",
		      (double)store.segments);
	write_counter(out, "rows", "Rows stored", (double)store.rows);
	write_counter(out, "repeated", "Segments that came again",
		      (double)store.repeated);
	write_counter(out, "gaps_closed",
		      "Gaps in an account's numbers given up",
		      (double)store.gaps_closed);
	write_counter(out, "cache_cleared", "Caches emptied for being full",
		      (double)store.cache_cleared);
	write_counter(out, "commits", "Transactions", (double)store.commits);
	write_counter(out, "store_failures", "Failures of the database",
		      (double)store.failures);
	write_counter(out, "queue_refused", "Uploads that found the queue full",
		      (double)commit.refused);
	write_counter(out, "insert_cpu_seconds",
		      "Processor time of the writer before commits",
		      (double)commit.insert_ns * 1e-9);
	write_counter(out, "commit_seconds", "Time that commits took",
		      (double)commit.sync_ns * 1e-9);
	write_gauge(out, "queue_uploads", "Uploads that wait to be stored",
		    (double)commit.waiting);
	write_gauge(out, "queue_bytes", "Their bytes",
		    (double)commit.waiting_bytes);
	write_gauge(out, "store_full", "1: there is no room left", full);
}

void metrics_write(struct collector *c, struct buf *out)
{
	for (int i = 0; i < COUNTERS; i++)
		write_counter(out, counted[i].name, counted[i].help,
			      (double)counters_get(&c->counters,
						   (enum counter)i) *
				      counted[i].scale);
	write_counter(out, "crowd_dropped",
		      "Rows that went to keep what homes are given back within "
		      "its memory",
		      (double)c->crowd.dropped);
	write_gauge(out, "crowd_bytes", "Memory of what homes are given back",
		    (double)c->crowd.bytes);
	write_gauge(out, "connections_open", "Connections open now",
		    (double)(counters_get(&c->counters, COUNTER_CONNECTIONS) -
			     counters_get(&c->counters,
					  COUNTER_CONNECTIONS_CLOSED)));
	write_commit(c, out);
	buf_puts(out, "# EOF\n");
}

static enum MHD_Result handle(void *user, struct MHD_Connection *mhd,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_len, void **state)
{
	struct metrics *m = user;
	struct MHD_Response *response;
	bool good = !strcmp(url, "/metrics") && !strcmp(method, "GET");
	struct buf text;
	enum MHD_Result sent;

	(void)version;
	(void)upload;
	if (!*state) {
		*state = m;
		return MHD_YES;
	}
	if (*upload_len)
		return MHD_NO;
	buf_init(&text, METRICS_BYTES_MAX);
	if (good)
		metrics_write(m->collector, &text);
	response = MHD_create_response_from_buffer(
		text.len, (void *)(uintptr_t)buf_text(&text),
		MHD_RESPMEM_MUST_COPY);
	buf_done(&text);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", TYPE);
	sent = MHD_queue_response(mhd, good ? 200 : 404, response);
	MHD_destroy_response(response);
	return sent;
}

int metrics_start(struct collector *c, int listen_fd, struct metrics **out)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (!m) {
		close(listen_fd);
		return ERR_NOMEM;
	}
	m->collector = c;
	/* MHD_USE_ITC: told to stop also while all its connections are taken,
	 * when it does not look at the listening socket */
	m->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL,
		handle, m, MHD_OPTION_LISTEN_SOCKET, listen_fd,
		MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
	if (!m->daemon) {
		close(listen_fd);
		free(m);
		return ERR_IO;
	}
	*out = m;
	return 0;
}

void metrics_stop(struct metrics *m)
{
	if (!m)
		return;
	MHD_stop_daemon(m->daemon);
	free(m);
}
