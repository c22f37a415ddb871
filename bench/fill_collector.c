// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The rows that bench/load sends, straight into a collector's store: what the
 * store alone takes, and how that goes on as it grows; a store that was filled
 * before is filled further. With days, the parts are days that end now; those
 * that are over are sealed while one upload after the other is committed, and
 * then so many homes erase what they sent. With
 * names, each segment has one that its first device has for an address, and a
 * hello. Prints a line of JSON for each part.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "collector/store/store.h"

#define DEVICES	     5
#define BATCH_ROWS   20000
#define WINDOW_S     5
#define PARTS	     10
#define ERASURES     5
#define NAMES	     20000   /* of hosts */
#define FIRST_NUMBER 1000000 /* after those of bench/load */
#define WAITS	     1000000 /* commits beside a seal that are told of */
#define AFTER_S	     10.0    /* after its end */

struct options {
	const char *folder;
	uint64_t rows;
	unsigned homes, flows, days, erasures;
	bool names;
};

struct segment {
	struct store_cell devices[DEVICES * 3];
	struct store_cell *flows;
	uint8_t keys[DEVICES][STORE_DEVICE_BYTES];
	uint8_t (*remotes)[4];
	struct store_cell name[7], hello[21];
	uint8_t address[4];
	char host[32], ja4[40];
};

static double now_s(clockid_t which)
{
	struct timespec at;

	clock_gettime(which, &at);
	return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

static struct store_cell number_cell(int64_t number)
{
	return (struct store_cell){ .type = STORE_CELL_NUMBER,
				    .number = number };
}

static struct store_cell bytes_cell(enum store_cell_type type,
				    const uint8_t *bytes, uint32_t len)
{
	return (struct store_cell){ .type = type, .len = len, .bytes = bytes };
}

/* As write_segment() of load.c. */
static void make(struct segment *s, const struct options *o, unsigned home,
		 uint64_t number)
{
	static const uint8_t oui[3] = { 0x3c, 0x5a, 0xb4 };
	const int64_t end_ms =
		(int64_t)(1767225600u + number * WINDOW_S) * 1000;

	for (unsigned i = 0; i < DEVICES; i++) {
		memset(s->keys[i], 0, sizeof(s->keys[i]));
		memcpy(s->keys[i], &home, sizeof(home));
		s->keys[i][15] = (uint8_t)i;
		s->devices[3 * i] = bytes_cell(STORE_CELL_BYTES, s->keys[i],
					       STORE_DEVICE_BYTES);
		s->devices[3 * i + 1] = bytes_cell(STORE_CELL_BYTES, oui, 3);
		s->devices[3 * i + 2] = number_cell(1);
	}
	for (unsigned i = 0; i < o->flows; i++) {
		const unsigned mixed =
			(home * 2654435761u) ^
			(i * 40503u + (unsigned)(number / 12) * 97u);
		struct store_cell *c = &s->flows[(size_t)i * 11];

		s->remotes[i][0] = (uint8_t)(11 + mixed % 180);
		s->remotes[i][1] = mixed >> 8 & 63;
		s->remotes[i][2] = mixed >> 14 & 15;
		s->remotes[i][3] = (uint8_t)(1 + i % 200);
		c[0] = number_cell(i % DEVICES);
		c[1] = number_cell(6);
		c[2] = bytes_cell(STORE_CELL_ADDRESS, s->remotes[i], 4);
		c[3] = number_cell(443);
		c[4] = number_cell(32768 + (mixed >> 4) % 28000);
		c[5] = number_cell(end_ms - 4990 + (mixed >> 7) % 4900);
		c[6] = number_cell(100 + (mixed >> 3) % 9000);
		c[7] = number_cell(1 + (mixed >> 5) % 60);
		c[8] = number_cell(100 + (mixed >> 2) % 90000);
		c[9] = number_cell(1 + (mixed >> 6) % 90);
		c[10] = number_cell(1);
	}
}

/* Few hosts are asked for by most, most by few. */
static void make_names(struct segment *s, unsigned home, uint64_t number)
{
	const unsigned mixed =
		(home * 2654435761u) ^ ((unsigned)number * 40503u);
	const uint64_t at = mixed % NAMES;
	const unsigned host = (unsigned)(at * at / NAMES);
	int len = snprintf(s->host, sizeof(s->host), "h%u.example%u.com", host,
			   host / 10);

	s->address[0] = 5;
	memcpy(s->address + 1, &host, 3);
	s->name[0] = number_cell(home % DEVICES);
	s->name[2] = bytes_cell(STORE_CELL_ADDRESS, s->address, 4);
	s->name[3] =
		bytes_cell(STORE_CELL_BYTES, (uint8_t *)s->host, (uint32_t)len);
	len = snprintf(s->ja4, sizeof(s->ja4), "t13d1516h2_%012x_%012x",
		       host % 300, home % 7);
	s->hello[0] = s->name[0];
	s->hello[20] =
		bytes_cell(STORE_CELL_BYTES, (uint8_t *)s->ja4, (uint32_t)len);
}

static void name_home(unsigned home, uint8_t name[STORE_ACCOUNT_BYTES])
{
	memset(name, 0, STORE_ACCOUNT_BYTES);
	memcpy(name, &home, sizeof(home));
	name[8] = 0xbe; /* which no account of bench/load has */
}

static int find_home(struct store_reader *reader, unsigned home, int64_t *id)
{
	struct store_account found;
	uint8_t name[STORE_ACCOUNT_BYTES];
	int err;

	name_home(home, name);
	err = store_account_find(reader, name, &found);
	*id = found.id;
	return err;
}

/* Of a store that was filled before: its homes, and how far they are. */
static int find_homes(const struct options *o, int64_t *accounts,
		      int64_t *consent, uint64_t *uploads)
{
	struct store_consent text = { 0 };
	const uint8_t hash[STORE_HASH_BYTES] = { 0xbe };
	struct store_totals totals;
	struct store_reader *reader;
	char why[STORE_WHY_BYTES];
	int err = store_reader_open(o->folder, &reader, why);

	if (err)
		return err;
	err = store_consent_find(reader, hash, &text);
	*consent = text.id;
	store_consent_done(&text);
	for (unsigned i = 0; i < o->homes && !err; i++)
		err = find_home(reader, i, &accounts[i]);
	if (!err)
		err = store_totals(reader, &totals);
	store_reader_close(reader);
	if (!err)
		*uploads = totals.segments;
	return err;
}

static int add_homes(struct store *store, const struct options *o,
		     int64_t *accounts, int64_t *consent, uint64_t at_s)
{
	struct store_consent text = { .text = (char *)(uintptr_t) "bench",
				      .approval = (char *)(uintptr_t) "",
				      .contact = (char *)(uintptr_t) "",
				      .retention_days = 1 };
	int err = store_begin(store, at_s);

	text.hash[0] = 0xbe;
	if (!err)
		err = store_consent_add(store, &text);
	*consent = text.id;
	for (unsigned i = 0; i < o->homes && !err; i++) {
		struct store_account account = { .consent = text.id };

		name_home(i, account.name);
		err = store_account_add(store, &account);
		accounts[i] = account.id;
	}
	if (!err)
		return store_commit(store);
	store_rollback(store);
	return err;
}

static int fill(struct store *store, const struct options *o,
		const int64_t *accounts, int64_t consent, uint64_t rows,
		uint64_t *upload, uint64_t at_s)
{
	const uint64_t most = rows < BATCH_ROWS ? rows : BATCH_ROWS;
	struct segment segment = { 0 };
	uint64_t done = 0;
	int err = 0;

	segment.flows = calloc((size_t)o->flows * 11, sizeof(*segment.flows));
	segment.remotes = calloc(o->flows, sizeof(*segment.remotes));
	if (!segment.flows || !segment.remotes)
		err = ERR_NOMEM;
	while (done < rows && !err) {
		uint64_t batch = 0;

		err = store_begin(store, at_s);
		for (; batch < most && !err; batch += o->flows) {
			unsigned home = (unsigned)(*upload % o->homes);
			uint64_t number = FIRST_NUMBER + *upload / o->homes;
			struct store_segment s = {
				.number = number,
				.end_s = (uint32_t)(1767225600u +
						    number * WINDOW_S),
			};
			struct store_upload u = { .account = accounts[home],
						  .consent = consent,
						  .client = "bench",
						  .segments = &s,
						  .segment_count = 1 };

			make(&segment, o, home, number);
			s.rows[SHAPE_DEVICE] =
				(struct store_rows){ segment.devices, DEVICES };
			s.rows[SHAPE_FLOW] =
				(struct store_rows){ segment.flows, o->flows };
			if (o->names) {
				make_names(&segment, home, number);
				s.rows[SHAPE_NAME] =
					(struct store_rows){ segment.name, 1 };
				s.rows[SHAPE_HELLO] =
					(struct store_rows){ segment.hello, 1 };
			}
			err = store_upload(store, &u);
			++*upload;
		}
		if (!err)
			err = store_commit(store);
		done += batch;
	}
	free(segment.flows);
	free(segment.remotes);
	return err;
}

static int fill_parts(struct store *store, const struct options *o,
		      const int64_t *accounts, int64_t consent,
		      uint64_t *upload, uint64_t at_s)
{
	const unsigned parts = o->days ? o->days : PARTS;
	const uint64_t rows = o->rows / parts;
	int err = 0;

	for (unsigned i = 0; i < parts && !err; i++) {
		double began = now_s(CLOCK_MONOTONIC);
		double cpu = now_s(CLOCK_PROCESS_CPUTIME_ID), took;

		err = fill(store, o, accounts, consent, rows, upload, at_s);
		if (o->days)
			at_s += STORE_DAY_S;
		took = now_s(CLOCK_MONOTONIC) - began;
		printf("{\"rows\":%" PRIu64 ",\"rows_per_s\":%.0f,"
		       "\"cpu_us_per_row\":%.3f}\n",
		       rows * (i + 1), (double)rows / took,
		       (now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 /
			       (double)rows);
		fflush(stdout);
	}
	return err;
}

struct sealing {
	const char *folder;
	double took_s;
	int err;
	atomic_bool over;
};

static void *seal_all(void *user)
{
	struct sealing *s = user;
	double began = now_s(CLOCK_MONOTONIC);
	int sealed = 1;

	while (sealed > 0)
		sealed = store_seal(s->folder);
	s->took_s = now_s(CLOCK_MONOTONIC) - began;
	s->err = sealed;
	atomic_store(&s->over, true);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

/* The days that are over, while one upload after the other is committed, and
 * some time longer: what was written is still on its way to the disk. */
static int seal_days(struct store *store, const struct options *o,
		     const int64_t *accounts, int64_t consent, uint64_t *upload,
		     uint64_t at_s)
{
	static const struct timespec pause = { .tv_nsec = 5000000 };
	struct sealing sealing = { .folder = o->folder };
	double *waits = calloc(WAITS, sizeof(*waits)), until = 0;
	size_t count = 0;
	pthread_t thread;
	int err = waits ? 0 : ERR_NOMEM;

	if (err || pthread_create(&thread, NULL, seal_all, &sealing)) {
		free(waits);
		return ERR_NOMEM;
	}
	while (!err && count < WAITS) {
		double began = now_s(CLOCK_MONOTONIC);

		if (!until && atomic_load(&sealing.over))
			until = began + AFTER_S;
		if (until && began > until)
			break;
		err = fill(store, o, accounts, consent, o->flows, upload, at_s);
		waits[count++] = now_s(CLOCK_MONOTONIC) - began;
		nanosleep(&pause, NULL);
	}
	pthread_join(thread, NULL);
	qsort(waits, count, sizeof(*waits), by_size);
	printf("{\"seal_s\":%.2f,\"commits\":%zu,\"commit_p50_ms\":%.1f,"
	       "\"commit_p99_ms\":%.1f,\"commit_most_ms\":%.1f}\n",
	       sealing.took_s, count, waits[count / 2] * 1e3,
	       waits[count * 99 / 100] * 1e3, waits[count - 1] * 1e3);
	fflush(stdout);
	free(waits);
	return err ? err : sealing.err;
}

/* The names first, then all of the home. */
static int erase_homes(struct store *store, unsigned homes, uint64_t at_s)
{
	int err = 0;

	for (unsigned i = 0; i < homes && !err; i++) {
		struct store_erasure erasure = {
			.what = i ? STORE_ERASE_EVERYTHING : STORE_ERASE_NAMES,
			.until_s = (uint32_t)at_s,
		};
		double began = now_s(CLOCK_MONOTONIC);
		uint64_t rows = 0;

		name_home(i, erasure.account_name);
		err = store_begin(store, at_s);
		if (!err)
			err = store_erase(store, &erasure, &rows);
		printf("{\"erased_rows\":%" PRIu64 ",\"erase_s\":%.3f}\n", rows,
		       now_s(CLOCK_MONOTONIC) - began);
		fflush(stdout);
	}
	return err;
}

int main(int argc, char **argv)
{
	const struct store_options options = { .seed = 7 };
	struct options o = { .homes = 20000,
			     .flows = 10,
			     .erasures = ERASURES };
	uint64_t now = (uint64_t)time(NULL), begins, upload = 0;
	int64_t *accounts, consent = 0;
	char why[STORE_WHY_BYTES];
	struct store *store;
	int err;

	if (argc < 3) {
		fputs("usage: fill_collector STORE ROWS [HOMES [FLOWS "
		      "[DAYS [ERASURES [names]]]]]\n",
		      stderr);
		return 2;
	}
	o.folder = argv[1];
	o.rows = strtoull(argv[2], NULL, 10);
	o.homes = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : o.homes;
	o.flows = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : o.flows;
	o.days = argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 0;
	o.erasures =
		argc > 6 ? (unsigned)strtoul(argv[6], NULL, 10) : o.erasures;
	o.names = argc > 7;
	begins = o.days ? now - (o.days - 1) * (uint64_t)STORE_DAY_S : now;
	accounts = calloc(o.homes, sizeof(*accounts));
	if (!accounts || store_open(o.folder, &options, &store, why)) {
		fprintf(stderr, "%s\n", accounts ? why : "no memory");
		return 1;
	}
	err = add_homes(store, &o, accounts, &consent, begins);
	if (err == ERR_EXISTS)
		err = find_homes(&o, accounts, &consent, &upload);
	if (!err)
		err = fill_parts(store, &o, accounts, consent, &upload, begins);
	if (!err && o.days)
		err = seal_days(store, &o, accounts, consent, &upload, now);
	if (!err && o.days)
		err = erase_homes(store, o.erasures, now);
	if (err)
		fprintf(stderr, "%s: %s\n", err_text(err), store_error(store));
	store_close(store);
	free(accounts);
	return err ? 1 : 0;
}
