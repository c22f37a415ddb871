// SPDX-License-Identifier: GPL-3.0-or-later
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "collector/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * A request is four lines (method and path; Authorization; Content-Type;
 * Content-Encoding) and its body, which is packed here if the fourth line is
 * "zstd!". It is answered by a collector with a store; one account is known.
 */
#define LINES	    4
#define LINE_BYTES  512
#define UPLOADS_MAX 1000000000
#define BODY_MAX    65536

static struct {
	char folder[64];
	struct collector collector;
	struct store *store;
	pthread_mutex_t lock;
	pthread_cond_t resumed;
	bool done;
} own = { .folder = "/tmp/fuzz-request-XXXXXX",
	  .lock = PTHREAD_MUTEX_INITIALIZER,
	  .resumed = PTHREAD_COND_INITIALIZER };

static void stop(void)
{
	const struct dirent *entry;
	char path[512];
	DIR *dir;

	commit_stop(own.collector.commit);
	accounts_free(own.collector.accounts);
	store_close(own.store);
	workbenches_done(&own.collector.workbenches);
	dir = opendir(own.folder);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", own.folder,
			 entry->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
	rmdir(own.folder);
}

/* The account of 32 zeros with a secret of 64, under a hash of zeros. */
static void start(void)
{
	static const char login[] =
		"Basic MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA6MDAwMDAwMD"
		"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMD"
		"AwMDAwMDAwMDAwMA==";
	struct account_limit limits[ACCOUNT_USES];
	const struct store_options options = { .seed = 7 };
	struct store_consent text = { .text = (char *)(uintptr_t) "text",
				      .approval = (char *)(uintptr_t) "",
				      .contact = (char *)(uintptr_t) "",
				      .retention_days = 1 };
	struct store_account account = { .consent = 1 };
	struct store_reader *reader;
	struct account_login parsed;
	char why[STORE_WHY_BYTES];

	for (int i = 0; i < ACCOUNT_USES; i++)
		limits[i] = (struct account_limit){ UINT64_MAX / 2, 1, 1 };
	if (!mkdtemp(own.folder) ||
	    store_open(own.folder, &options, &own.store, why) ||
	    store_begin(own.store, 0) || store_consent_add(own.store, &text) ||
	    account_login_parse(login, &parsed))
		abort();
	memcpy(account.name, parsed.name, sizeof(account.name));
	memcpy(account.secret, parsed.secret, sizeof(account.secret));
	if (store_account_add(own.store, &account) || store_commit(own.store) ||
	    store_reader_open(own.folder, &reader, why) ||
	    accounts_new(reader, limits, 7, &own.collector.accounts) ||
	    commit_start(own.store, COMMIT_BYTES_MAX, &own.collector.commit))
		abort();
	own.collector.data_dir = own.folder;
	workbenches_init(&own.collector.workbenches);
	atexit(stop);
}

static void resume(struct exchange *e)
{
	(void)e;
	pthread_mutex_lock(&own.lock);
	own.done = true;
	pthread_cond_signal(&own.resumed);
	pthread_mutex_unlock(&own.lock);
}

static void wait_for_reply(void)
{
	pthread_mutex_lock(&own.lock);
	while (!own.done)
		pthread_cond_wait(&own.resumed, &own.lock);
	own.done = false;
	pthread_mutex_unlock(&own.lock);
}

static void drain(struct exchange *e)
{
	struct buf piece;

	buf_init(&piece, EXCHANGE_PIECE_BYTES_MAX);
	while (e->reply.stream.user &&
	       e->reply.stream.more(e->reply.stream.user, &piece) > 0)
		buf_clear(&piece);
	buf_done(&piece);
}

static void answer(struct exchange *e)
{
	const struct route *route = route_find(&own.collector, e);

	if (route && e->request.body.len <= route->body_max &&
	    !route_answer(&own.collector, route, e))
		wait_for_reply();
	else if (route && e->request.body.len > route->body_max)
		exchange_fail(e, 413, "too large");
	if (e->reply.status < 200 || e->reply.status > 503)
		abort();
	if (e->reply.status >= 500 && e->reply.status != 503)
		abort();
	route_count(&own.collector, route, e);
	drain(e);
}

static bool take_line(struct slice *rest, char out[LINE_BYTES])
{
	const uint8_t *end = memchr(rest->data, '\n', rest->len);
	size_t len = end ? (size_t)(end - rest->data) : 0;

	if (!end || len >= LINE_BYTES || memchr(rest->data, 0, len))
		return false;
	memcpy(out, rest->data, len);
	out[len] = '\0';
	*rest = slice_of(end + 1, rest->len - len - 1);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t packed[ZSTD_COMPRESSBOUND(BODY_MAX)];
	char lines[LINES][LINE_BYTES], *path;
	struct slice rest = slice_of(data, size);
	struct exchange e;

	if (!own.store)
		start();
	if (!size)
		return 0;
	for (int i = 0; i < LINES; i++)
		if (!take_line(&rest, lines[i]))
			return 0;
	path = strchr(lines[0], ' ');
	if (!path)
		return 0;
	*path++ = '\0';
	exchange_init(&e, &own.collector, resume);
	e.request = (struct exchange_request){ lines[0], path,	   lines[1],
					       lines[2], lines[3], rest };
	if (!strcmp(lines[3], "zstd!") && rest.len <= BODY_MAX) {
		e.request.content_encoding = "zstd";
		e.request.body =
			slice_of(packed, ZSTD_compress(packed, sizeof(packed),
						       rest.data, rest.len, 1));
	}
	answer(&e);
	exchange_done(&e);
	return 0;
}
