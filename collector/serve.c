// SPDX-License-Identifier: GPL-3.0-or-later
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/text.h"
#include "collector/cert.h"
#include "collector/collector.h"
#include "collector/command.h"
#include "collector/http.h"
#include "collector/listen.h"
#include "collector/metrics.h"
#include "collector/upkeep.h"

#define LISTEN_DEFAULT	"8443"
#define CONNECTIONS_MAX 65536u
#define THREADS_MAX	64
/* Of seconds, days and homes. */
#define SMALL_MAX 100000000u
/* Of KiB: what homes are told takes 48 before it knows anything. */
#define CROWD_KIB_MIN 128u
/* Files besides connections. */
#define FILES_OWN 128

enum {
	OPTION_HTTP = 256,
	OPTION_CERT,
	OPTION_KEY,
	OPTION_METRICS,
	OPTION_UPLOADS,
	OPTION_BYTES,
	OPTION_ASKS,
	OPTION_ERASURES,
	OPTION_DOWNLOADS,
	OPTION_AGREEMENTS,
	OPTION_EXPORTS,
	OPTION_ACCOUNTS,
	OPTION_PLACE,
	OPTION_PAGES,
	OPTION_REQUEST,
	OPTION_IDLE,
	OPTION_ANSWER,
	OPTION_CROWD_ACCOUNTS,
	OPTION_CROWD_DAYS,
	OPTION_CROWD_EVERY,
	OPTION_CROWD_MEMORY,
	OPTION_QUEUE_MEMORY,
};

struct options {
	const char *data_dir, *listen, *http, *cert, *key, *metrics;
	struct account_limit limits[ACCOUNT_USES];
	uint64_t pages_max, request_s, idle_s, answer_s;
	uint64_t crowd_accounts, crowd_days, crowd_every_s, crowd_kib;
	uint64_t queue_kib;
};

static const struct argp_option table[] = {
	{ "data-dir", 'd', "DIR", 0,
	  "where the store is (" COMMAND_DATA_DIR ")", 0 },
	{ "listen", 'l', "[ADDRESS:]PORT", 0,
	  "where inspectors come, by HTTPS (" LISTEN_DEFAULT ")", 0 },
	{ "cert", OPTION_CERT, "FILE", 0,
	  "certificate with its chain, in PEM; without it, one is made for "
	  "a trial",
	  0 },
	{ "key", OPTION_KEY, "FILE", 0, "its key, in PEM", 0 },
	{ "http", OPTION_HTTP, "[ADDRESS:]PORT", 0,
	  "instead of HTTPS: plain HTTP on the loopback, behind a proxy", 0 },
	{ "metrics", OPTION_METRICS, "[ADDRESS:]PORT", 0,
	  "GET /metrics (OpenMetrics), on the loopback", 0 },
	{ "uploads-per-minute", OPTION_UPLOADS, "N", 0,
	  "of one account, on average (60)", 0 },
	{ "bytes-per-day", OPTION_BYTES, "N", 0,
	  "of one account, unpacked (2^30)", 0 },
	{ "asks-per-minute", OPTION_ASKS, "N", 0,
	  "of one account: questions about devices, and lists (120)", 0 },
	{ "erasures-per-hour", OPTION_ERASURES, "N", 0, "of one account (60)",
	  0 },
	{ "downloads-per-hour", OPTION_DOWNLOADS, "N", 0,
	  "of one account, of all that is held of it (12)", 0 },
	{ "agreements-per-hour", OPTION_AGREEMENTS, "N", 0,
	  "of one account that is known (60)", 0 },
	{ "exports-per-hour", OPTION_EXPORTS, "N", 0,
	  "tables that one token reads (120)", 0 },
	{ "accounts-per-hour", OPTION_ACCOUNTS, "N", 0,
	  "new accounts, of all (1000)", 0 },
	{ "accounts-per-place", OPTION_PLACE, "N", 0,
	  "new accounts from one network an hour, by HTTPS (60)", 0 },
	{ "request-seconds", OPTION_REQUEST, "N", 0,
	  "what a request may take (10)", 0 },
	{ "idle-seconds", OPTION_IDLE, "N", 0,
	  "how long a connection is kept without one (30)", 0 },
	{ "answer-seconds", OPTION_ANSWER, "N", 0,
	  "how long a request waits for the store before it is put off (20)",
	  0 },
	{ "queue-memory", OPTION_QUEUE_MEMORY, "KIB", 0,
	  "of uploads that wait for the store; past it they are put off "
	  "(65536)",
	  0 },
	{ "day-pages-max", OPTION_PAGES, "N", 0,
	  "most pages of 4 KiB of a day's file (as the disk has)", 0 },
	{ "crowd-accounts", OPTION_CROWD_ACCOUNTS, "N", 0,
	  "homes that must agree before others are told (3)", 0 },
	{ "crowd-days", OPTION_CROWD_DAYS, "N", 0,
	  "days on which a home uploaded before it counts for that (7)", 0 },
	{ "crowd-every", OPTION_CROWD_EVERY, "SECONDS", 0,
	  "how old what homes are told may become (600)", 0 },
	{ "crowd-memory", OPTION_CROWD_MEMORY, "KIB", 0,
	  "of what homes are told, 128 or more; past it what has least support "
	  "goes (65536)",
	  0 },
	{ 0 }
};

static void take_number(struct argp_state *state, const char *arg,
			uint64_t *out)
{
	if (text_number(arg, 1, (uint64_t)1 << 40, out))
		argp_error(state, "\"%s\" is not a number from 1 to 2^40", arg);
}

static void take_from(struct argp_state *state, const char *arg, unsigned least,
		      uint64_t *out)
{
	if (text_number(arg, least, SMALL_MAX, out))
		argp_error(state, "\"%s\" is not a number from %u to %u", arg,
			   least, SMALL_MAX);
}

static void take_small(struct argp_state *state, const char *arg, uint64_t *out)
{
	take_from(state, arg, 1, out);
}

/* Which limit an option is. */
static struct account_limit *find_limit(struct options *o, int key)
{
	static const int keys[ACCOUNT_USES] = {
		[ACCOUNT_UPLOADS] = OPTION_UPLOADS,
		[ACCOUNT_BYTES] = OPTION_BYTES,
		[ACCOUNT_ASKS] = OPTION_ASKS,
		[ACCOUNT_ERASURES] = OPTION_ERASURES,
		[ACCOUNT_DOWNLOADS] = OPTION_DOWNLOADS,
		[ACCOUNT_AGREEMENTS] = OPTION_AGREEMENTS,
		[ACCOUNT_EXPORTS] = OPTION_EXPORTS,
		[ACCOUNT_NEW] = OPTION_ACCOUNTS,
		[ACCOUNT_NEW_PLACE] = OPTION_PLACE,
	};

	for (int i = 0; i < ACCOUNT_USES; i++)
		if (keys[i] == key)
			return &o->limits[i];
	return NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	struct account_limit *limit = find_limit(o, key);

	if (limit) {
		take_number(state, arg, &limit->most);
		return 0;
	}
	switch (key) {
	case 'd':
		o->data_dir = arg;
		return 0;
	case 'l':
		o->listen = arg;
		return 0;
	case OPTION_HTTP:
		o->http = arg;
		return 0;
	case OPTION_CERT:
		o->cert = arg;
		return 0;
	case OPTION_KEY:
		o->key = arg;
		return 0;
	case OPTION_METRICS:
		o->metrics = arg;
		return 0;
	case OPTION_REQUEST:
		take_small(state, arg, &o->request_s);
		return 0;
	case OPTION_IDLE:
		take_small(state, arg, &o->idle_s);
		return 0;
	case OPTION_ANSWER:
		take_small(state, arg, &o->answer_s);
		return 0;
	case OPTION_PAGES:
		take_number(state, arg, &o->pages_max);
		return 0;
	case OPTION_CROWD_ACCOUNTS:
		take_small(state, arg, &o->crowd_accounts);
		return 0;
	case OPTION_CROWD_DAYS:
		take_small(state, arg, &o->crowd_days);
		return 0;
	case OPTION_CROWD_EVERY:
		take_small(state, arg, &o->crowd_every_s);
		return 0;
	case OPTION_CROWD_MEMORY:
		take_from(state, arg, CROWD_KIB_MIN, &o->crowd_kib);
		return 0;
	case OPTION_QUEUE_MEMORY:
		take_small(state, arg, &o->queue_kib);
		return 0;
	case ARGP_KEY_ARG:
		return command_surplus(state, arg);
	case ARGP_KEY_END:
		if (!o->cert != !o->key)
			argp_error(state, "--cert and --key come together");
		if (o->http && (o->cert || o->listen))
			argp_error(state, "--http is instead of HTTPS");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.doc = "Takes uploads of inspectors until it is told to stop.",
};

/* What a running collector is made of. */
struct running {
	struct collector collector;
	struct store *store;
	struct buf cert, key;
	int listen_fd, metrics_fd;
	struct http *http;
	struct metrics *metrics;
	struct upkeep *upkeep;
	char name[LISTEN_NAME_BYTES];
};

static int open_store(struct running *r, const struct options *o)
{
	const struct store_options store = {
		.seed = command_seed(),
		.pages_max = o->pages_max,
		.reserve_bytes = STORE_RESERVE_BYTES,
	};
	struct store_reader *reader;
	char why[STORE_WHY_BYTES];

	r->collector.data_dir = o->data_dir;
	if (store_open(o->data_dir, &store, &r->store, why) ||
	    store_reader_open(o->data_dir, &reader, why))
		return command_fail(o->data_dir, why);
	if (accounts_new(reader, o->limits, command_seed(),
			 &r->collector.accounts) ||
	    commit_start(r->store, (size_t)o->queue_kib << 10,
			 &r->collector.commit))
		return command_fail("could not start", err_text(ERR_NOMEM));
	return 0;
}

static int read_pem(const char *path, struct buf *out)
{
	int err = cert_read(path, out);

	if (!err)
		return 0;
	return command_fail(path,
			    err == ERR_IO ? strerror(errno) : err_text(err));
}

/* The certificate given, or that of the trial, which is made once. */
static int load_cert(struct running *r, const struct options *o)
{
	char cert[PATH_MAX], key[PATH_MAX];
	char fingerprint[CERT_FINGERPRINT_BYTES];

	snprintf(cert, sizeof(cert), "%s/" CERT_TRIAL, o->data_dir);
	snprintf(key, sizeof(key), "%s/" CERT_TRIAL_KEY, o->data_dir);
	if (!o->cert && access(cert, F_OK) && cert_make(cert, key))
		return command_fail("could not make a certificate",
				    strerror(errno));
	if (read_pem(o->cert ? o->cert : cert, &r->cert) ||
	    read_pem(o->key ? o->key : key, &r->key))
		return 1;
	if (cert_fingerprint(&r->cert, fingerprint))
		return command_fail(o->cert ? o->cert : cert,
				    "not a certificate in PEM");
	printf("certificate%s: sha256 %s\n",
	       o->cert ? "" : " (made here, for a trial)", fingerprint);
	return 0;
}

static int fail_at(const char *at, int err)
{
	if (err == ERR_INVALID)
		return command_fail(at, "not [ADDRESS:]PORT, of numbers");
	if (err == ERR_DENIED)
		return command_fail(at, "not the loopback");
	return command_fail(at,
			    err == ERR_IO ? strerror(errno) : err_text(err));
}

static int open_sockets(struct running *r, const struct options *o)
{
	const char *at = o->http ? o->http : o->listen;
	char metrics[LISTEN_NAME_BYTES];
	int err;

	if (!at)
		at = LISTEN_DEFAULT;
	err = listen_open(at, o->http, &r->listen_fd, r->name);
	if (err)
		return fail_at(at, err);
	if (!o->metrics)
		return 0;
	err = listen_open(o->metrics, true, &r->metrics_fd, metrics);
	if (err)
		return fail_at(o->metrics, err);
	printf("metrics: http://%s/metrics\n", metrics);
	return 0;
}

/* As many files as the system lets us have: each connection is one. */
static unsigned allow_connections(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return 512;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_max <= 2 * FILES_OWN)
		return FILES_OWN;
	return files.rlim_max - FILES_OWN < CONNECTIONS_MAX
		       ? (unsigned)(files.rlim_max - FILES_OWN)
		       : CONNECTIONS_MAX;
}

static int start_http(struct running *r, const struct options *o)
{
	int processors = get_nprocs();
	struct http_options http = {
		.listen_fd = r->listen_fd,
		.threads = processors > THREADS_MAX ? THREADS_MAX
			   : processors > 1	    ? (unsigned)processors
						    : 1,
		.connections_max = allow_connections(),
		.request_ms = o->request_s * 1000,
		.idle_ms = o->idle_s * 1000,
		.answer_ms = o->answer_s * 1000,
	};

	if (!o->http) {
		http.cert_pem = buf_text(&r->cert);
		http.key_pem = buf_text(&r->key);
	}
	r->listen_fd = -1;
	if (http_start(&r->collector, &http, &r->http))
		return command_fail("could not serve",
				    o->http ? "the server does not start"
					    : "is the key that of the "
					      "certificate?");
	return 0;
}

static int start_upkeep(struct running *r, const struct options *o)
{
	const struct upkeep_options options = {
		.crowd_every_s = (uint32_t)o->crowd_every_s,
		.crowd = { .least_accounts = (uint32_t)o->crowd_accounts,
			   .least_days = (uint32_t)o->crowd_days,
			   .days = CROWD_DAYS,
			   .bytes_max = (size_t)o->crowd_kib << 10 },
	};

	if (upkeep_start(&r->collector, &options, &r->upkeep))
		return command_fail("could not start", err_text(ERR_NOMEM));
	return 0;
}

static int start(struct running *r, const struct options *o)
{
	int status = open_store(r, o);

	if (!status && !o->http)
		status = load_cert(r, o);
	if (!status)
		status = open_sockets(r, o);
	if (!status)
		status = start_http(r, o);
	if (!status)
		status = start_upkeep(r, o);
	if (!status && r->metrics_fd >= 0) {
		int fd = r->metrics_fd;

		r->metrics_fd = -1;
		if (metrics_start(&r->collector, fd, &r->metrics))
			status = command_fail("could not serve metrics",
					      err_text(ERR_IO));
	}
	return status;
}

/* What waits is written, and what comes meanwhile is put off (503); then all
 * connections end. The library's own way to close the door first
 * (MHD_quiesce_daemon) races with its threads for the listening socket, and
 * aborts when it loses. */
static void stop(struct running *r)
{
	upkeep_stop(r->upkeep);
	commit_stop(r->collector.commit);
	http_stop(r->http);
	metrics_stop(r->metrics);
	commit_free(r->collector.commit);
	upkeep_free(r->upkeep);
	accounts_free(r->collector.accounts);
	store_close(r->store);
	workbenches_done(&r->collector.workbenches);
	crowd_done(&r->collector.crowd);
	if (r->listen_fd >= 0)
		close(r->listen_fd);
	if (r->metrics_fd >= 0)
		close(r->metrics_fd);
	buf_done(&r->cert);
	buf_done(&r->key);
}

static void wait_for_signal(void)
{
	sigset_t ends;
	int which;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigwait(&ends, &which);
}

/* Before any thread is there, so that all have it so. */
static void block_signals(void)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
}

/* Until a text is set every home is put off: said here, or nobody knows why. */
static void say_without_text(const struct running *r, const struct options *o)
{
	struct store_consent consent;
	int err = accounts_consent(r->collector.accounts, &consent);

	if (!err)
		store_consent_done(&consent);
	else if (err == ERR_NOTFOUND)
		printf("no consent text is set yet, so every home is put off: "
		       "iot-collector consent TEXT.txt --data-dir %s "
		       "--approval REF --contact WHO --retention-days N\n",
		       o->data_dir);
}

int command_serve(int argc, char **argv)
{
	struct options o = {
		.data_dir = COMMAND_DATA_DIR,
		.request_s = HTTP_REQUEST_S,
		.idle_s = HTTP_IDLE_S,
		.answer_s = HTTP_ANSWER_S,
		.crowd_accounts = CROWD_ACCOUNTS,
		.crowd_days = CROWD_LEAST_DAYS,
		.crowd_every_s = CROWD_EVERY_S,
		.crowd_kib = CROWD_BYTES >> 10,
		.queue_kib = COMMIT_BYTES_MAX >> 10,
	};
	struct running r = { .listen_fd = -1, .metrics_fd = -1 };
	int status;

	memcpy(o.limits, account_limits, sizeof(o.limits));
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return COMMAND_EXIT_USAGE;
	block_signals();
	umask(077);
	buf_init(&r.cert, CERT_BYTES_MAX);
	buf_init(&r.key, CERT_BYTES_MAX);
	workbenches_init(&r.collector.workbenches);
	crowd_init(&r.collector.crowd, (uint32_t)o.crowd_accounts);
	status = start(&r, &o);
	if (!status) {
		say_without_text(&r, &o);
		printf("ready: %s://%s\n", o.http ? "http" : "https", r.name);
		fflush(stdout);
		wait_for_signal();
	}
	stop(&r);
	return status;
}
