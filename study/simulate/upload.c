// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/simulate/upload.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "base/text.h"
#include "client/client.h"
#include "record/share_json.h"
#include "study/simulate/windows.h"

#define LEVEL 3
/* Unpacked: a collector takes some MiB. */
#define UPLOAD_BYTES	 ((size_t)1 << 20)
#define UPLOAD_BYTES_MAX (UPLOAD_BYTES + SHARE_LINE_MAX)
#define REPLY_BYTES_MAX	 ((size_t)1 << 20)
/* A collector that puts us off longer than this, over and over, is down. */
#define ATTEMPTS    60
#define RETRY_S_MAX 60
/* Who is to wait longer than this is past a limit: waiting at each of hundreds
 * of homes, nobody would know why it does not end. */
#define LIMIT_S 20

struct sender {
	const struct simulate_target *target;
	struct client *client;
	struct client_reply reply;
	char consent[SHARE_HASH_BYTES];
	char account[HOME_ID_BYTES];
	char secret[2 * WINDOWS_KEY_BYTES + 1];
	struct share_header header;
	struct buf lines;
	uint64_t segment;		/* number of the next */
	uint64_t waiting, acknowledged; /* rows */
	char *why;
};

static int fail(struct sender *s, int err, const char *what)
{
	const struct client_reply *reply = &s->reply;
	int len = (int)(reply->body.len < 128 ? reply->body.len : 128);

	if (!reply->status)
		snprintf(s->why, SIMULATE_WHY_BYTES, "%s: %s", what,
			 reply->why);
	else
		snprintf(s->why, SIMULATE_WHY_BYTES, "%s: status %ld: %.*s",
			 what, reply->status,
			 len - (len && reply->body.data[len - 1] == '\n'),
			 (const char *)reply->body.data);
	return err;
}

/* One request, until the collector has time for it. */
static int ask(struct sender *s, const char *path,
	       struct client_request *request)
{
	char url[CLIENT_URL_MAX];

	if (snprintf(url, sizeof(url), "%s%s", s->target->url, path) >=
	    (int)sizeof(url))
		return ERR_LIMIT;
	request->url = url;
	request->authorities = s->target->authorities;
	request->reply_max = REPLY_BYTES_MAX;
	request->reply_fd = -1;
	for (int i = 0; i < ATTEMPTS; i++) {
		uint64_t wait_s;
		int err = client_run(s->client, request, &s->reply);

		if (err) {
			snprintf(s->why, SIMULATE_WHY_BYTES,
				 "\"%s\" is no address of a collector",
				 s->target->url);
			return err;
		}
		if (s->reply.status != 503 && s->reply.status != 429)
			break;
		wait_s = s->reply.retry_after_s ? s->reply.retry_after_s : 1;
		if (s->reply.status == 429 && wait_s > LIMIT_S)
			break;
		(void)sleep((unsigned)(wait_s < RETRY_S_MAX ? wait_s
							    : RETRY_S_MAX));
	}
	return 0;
}

static int find_consent(struct sender *s)
{
	struct client_request request = { .post = false };
	const char *hash = NULL;
	json_t *json = NULL;
	int err = ask(s, "/v1/consent", &request);

	if (err)
		return err;
	if (s->reply.status == 200)
		json = json_loadb((const char *)s->reply.body.data,
				  s->reply.body.len, 0, NULL);
	hash = json_string_value(json_object_get(json, "hash"));
	if (hash && strlen(hash) == SHARE_HASH_BYTES - 1)
		memcpy(s->consent, hash, SHARE_HASH_BYTES);
	else
		err = fail(s, ERR_IO, "the collector's text");
	json_decref(json);
	return err;
}

static int join(struct sender *s)
{
	char body[128];
	struct client_request request = {
		.post = true,
		.user = s->account,
		.password = s->secret,
		.content_type = "application/json",
	};
	int err;

	snprintf(body, sizeof(body),
		 "{\"consent\":\"%s\",\"client\":\"simulate\"}", s->consent);
	request.body = slice_text(body);
	err = ask(s, "/v1/account", &request);
	if (!err && s->reply.status != 200 && s->reply.status != 201)
		err = fail(s, ERR_DENIED, "an account");
	return err;
}

/* Sends what is waiting, and begins anew. */
static int flush(struct sender *s)
{
	size_t most = ZSTD_compressBound(s->lines.len), len;
	struct client_request request = {
		.post = true,
		.user = s->account,
		.password = s->secret,
		.content_type = "application/x-ndjson",
		.content_encoding = "zstd",
	};
	void *packed = malloc(most);
	int err = 0;

	if (!packed)
		return ERR_NOMEM;
	len = ZSTD_compress(packed, most, s->lines.data, s->lines.len, LEVEL);
	if (ZSTD_isError(len))
		err = ERR_NOMEM;
	request.body = slice_of(packed, len);
	if (!err)
		err = ask(s, "/v1/upload", &request);
	if (!err && s->reply.status != 200)
		err = fail(s, ERR_DENIED, "an upload");
	free(packed);
	if (!err)
		s->acknowledged += s->waiting;
	s->waiting = 0;
	buf_clear(&s->lines);
	return err;
}

static int add(struct sender *s, const struct share *share)
{
	int err = 0;

	if (!s->lines.len)
		err = share_json_header(&s->header, &s->lines);
	if (!err)
		err = share_json_segment(share, s->segment++, &s->lines);
	s->waiting += share_count(share);
	if (!err && s->lines.len >= UPLOAD_BYTES)
		err = flush(s);
	return err;
}

static int send_windows(struct sender *s, struct windows *w)
{
	struct share *share;
	int more, err = 0;

	while (!err && (more = windows_next(w, &share)) != 0) {
		if (more < 0)
			return more;
		err = add(s, share);
		share_free(share);
	}
	return !err && s->lines.len ? flush(s) : err;
}

static int send_home(struct sender *s, struct home *home,
		     const struct servers *servers, uint64_t seed,
		     uint64_t number)
{
	struct windows *w = malloc(sizeof(*w));
	int err = w ? windows_begin(w, home, servers, seed, number) : ERR_NOMEM;

	if (err) {
		free(w);
		return err;
	}
	s->segment = 1;
	s->header = (struct share_header){ .client = "simulate",
					   .consent = s->consent,
					   .utc_offset_min = home->offset_min,
					   .fields = SHARE_ALL };
	memcpy(s->account, home->account, sizeof(s->account));
	(void)text_hex(w->key, sizeof(w->key), s->secret);
	err = join(s);
	if (!err)
		err = send_windows(s, w);
	windows_end(w);
	free(w);
	return err;
}

static int send_homes(struct sender *s, const struct market *m,
		      const struct simulate_options *options,
		      struct home_plan *plan, struct home *home)
{
	struct servers servers;
	int err = servers_init(&servers, m);

	if (err)
		return err;
	for (uint64_t i = 0; i < options->homes && !err; i++) {
		home_draw(plan, i, false, home);
		err = send_home(s, home, &servers, options->seed, i);
		if (!err && options->progress)
			options->progress(options->user, i + 1);
	}
	servers_done(&servers);
	return err;
}

int simulate_upload(const struct market *m,
		    const struct simulate_options *options,
		    const struct simulate_target *target, uint64_t *rows,
		    char why[SIMULATE_WHY_BYTES])
{
	double *arrivals = calloc(options->days, sizeof(*arrivals));
	struct home *home = calloc(1, sizeof(*home));
	struct sender s = { .target = target, .why = why };
	struct home_plan plan = {
		.market = m,
		.seed = options->seed,
		.begin_s = SIMULATE_BEGIN_S,
		.days = options->days,
		.arrivals = arrivals,
	};
	int err = arrivals && home ? client_new(&s.client) : ERR_NOMEM;

	snprintf(why, SIMULATE_WHY_BYTES, "%s", err_text(err));
	buf_init(&s.lines, UPLOAD_BYTES_MAX);
	if (!err) {
		home_arrivals(m, plan.begin_s, plan.days, arrivals);
		err = find_consent(&s);
	}
	if (!err)
		err = send_homes(&s, m, options, &plan, home);
	if (!err)
		*rows = s.acknowledged;
	buf_done(&s.lines);
	client_free(s.client);
	free(arrivals);
	free(home);
	return err;
}
