// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/researcher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "collector/clock.h"
#include "collector/export.h"

#define SCHEME	    "Bearer "
#define PATH	    "/v1/export/"
#define ENDING	    ".csv"
#define TABLE_BYTES 16

/** A reading: first to be written down, then on its way. */
struct researcher {
	struct store_reader *reader;
	struct export *export;
	int64_t token;
	char table[TABLE_BYTES];
};

static void end_reading(void *user)
{
	struct researcher *r = user;

	export_close(r->export);
	store_reader_close(r->reader);
	free(r);
}

/* "Bearer" and 64 lower-case hex digits (RFC 6750 2.1). */
static int parse_token(const char *header, uint8_t out[RESEARCHER_TOKEN_BYTES])
{
	if (!header || strncmp(header, SCHEME, strlen(SCHEME)) != 0)
		return ERR_DENIED;
	return text_unhex(slice_text(header + strlen(SCHEME)), out,
			  RESEARCHER_TOKEN_BYTES)
		       ? ERR_DENIED
		       : 0;
}

/* The table's name out of the path. */
static int parse_table(const char *path, char out[TABLE_BYTES])
{
	const char *name = path + strlen(PATH);
	size_t len = strlen(name), ending = strlen(ENDING);

	if (len <= ending || len - ending >= TABLE_BYTES ||
	    strcmp(name + len - ending, ENDING) != 0)
		return ERR_NOTFOUND;
	(void)snprintf(out, TABLE_BYTES, "%.*s", (int)(len - ending), name);
	for (const struct export_table *t = export_tables; t->name; t++)
		if (!strcmp(t->name, out))
			return 0;
	return ERR_NOTFOUND;
}

/* Identifiers are the token's: its tables can be joined, two tokens' not. */
static int open_export(struct researcher *r,
		       const uint8_t token[RESEARCHER_TOKEN_BYTES])
{
	uint8_t whole[RESEARCHER_TOKEN_BYTES + 6] = "export";
	uint8_t key[EXPORT_KEY_BYTES];
	unsigned int len = sizeof(key);
	int err = ERR_NOMEM;

	memcpy(whole + 6, token, RESEARCHER_TOKEN_BYTES);
	if (EVP_Digest(whole, sizeof(whole), key, &len, EVP_sha256(), NULL))
		/* others wait on this thread: the open day is left out */
		err = export_open(r->reader, r->table, key, false, &r->export);
	OPENSSL_cleanse(whole, sizeof(whole));
	OPENSSL_cleanse(key, sizeof(key));
	return err;
}

static int find_token(struct researcher *r,
		      const uint8_t token[RESEARCHER_TOKEN_BYTES])
{
	uint8_t hash[STORE_HASH_BYTES];
	unsigned int len = sizeof(hash);

	if (!EVP_Digest(token, RESEARCHER_TOKEN_BYTES, hash, &len, EVP_sha256(),
			NULL))
		return ERR_NOMEM;
	return store_token_find(r->reader, hash, clock_now_s(), &r->token);
}

static int write_down(struct store *store, struct commit_job *job)
{
	const struct researcher *r = exchange_of(job)->researcher;
	const struct store_access access = { .token = r->token,
					     .time_s = clock_now_s(),
					     .what = r->table };

	return store_access_add(store, &access);
}

static int more(void *user, struct buf *out)
{
	struct researcher *r = user;

	return export_read(r->export, EXCHANGE_PIECE_BYTES, out);
}

static void begin_reply(struct commit_job *job, int err)
{
	struct exchange *e = exchange_of(job);
	struct researcher *r = e->researcher;

	e->researcher = NULL;
	if (err) {
		end_reading(r);
		exchange_busy(e, EXCHANGE_RETRY_S,
			      "the store cannot write now");
	} else {
		e->reply.status = 200;
		e->reply.type = "text/csv";
		e->reply.stream = (struct exchange_stream){
			.more = more, .close = end_reading, .user = r
		};
	}
	e->resume(e);
}

static void refuse(struct exchange *e, struct researcher *r, int err)
{
	if (r)
		end_reading(r);
	if (err == ERR_DENIED) {
		exchange_fail(e, 401, "no such token, or it has expired");
		e->reply.challenge = true;
	} else if (err == ERR_NOTFOUND) {
		exchange_fail(e, 404, "there is no such table");
	} else {
		exchange_busy(e, EXCHANGE_RETRY_S,
			      "the store cannot be read now");
	}
}

bool researcher_export(struct collector *c, struct exchange *e)
{
	uint32_t retry_after_s;
	struct researcher *r = calloc(1, sizeof(*r));
	uint8_t token[RESEARCHER_TOKEN_BYTES];
	char why[STORE_WHY_BYTES];
	int err = r ? parse_token(e->request.authorization, token) : ERR_NOMEM;

	if (!err && store_reader_open(c->data_dir, &r->reader, why))
		err = ERR_IO;
	if (!err) {
		err = find_token(r, token);
		if (err == ERR_NOTFOUND)
			err = ERR_DENIED;
	}
	if (!err &&
	    accounts_claim_export(c->accounts, r->token, &retry_after_s)) {
		end_reading(r);
		exchange_limit(e, retry_after_s, "too many exports");
		return true;
	}
	if (!err)
		err = parse_table(e->request.path, r->table);
	if (!err)
		err = open_export(r, token);
	if (err) {
		refuse(e, r, err);
		return true;
	}
	e->researcher = r;
	e->job = (struct commit_job){ .run = write_down,
				      .done = begin_reply,
				      .bytes = sizeof(*e) };
	if (!commit_put(c->commit, &e->job))
		return false;
	e->researcher = NULL;
	refuse(e, r, ERR_IO);
	return true;
}
