// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/join.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "collector/clock.h"

#define HOUR_S 3600

/* 503 when no text was set: nobody can join yet. */
static bool find_consent(struct collector *c, struct exchange *e)
{
	int err = accounts_consent(c->accounts, &e->consent);

	if (err == ERR_NOTFOUND)
		exchange_busy(e, HOUR_S, "this collector has no consent text");
	else if (err)
		exchange_busy(e, EXCHANGE_RETRY_S,
			      "the store cannot be read now");
	return !err;
}

bool join_consent(struct collector *c, struct exchange *e)
{
	char hash[2 * STORE_HASH_BYTES + 1];
	struct buf *out = &e->reply.body;

	if (!find_consent(c, e))
		return true;
	buf_printf(out,
		   "{\"version\":%lld,\"text\":", (long long)e->consent.id);
	exchange_json_text(out, e->consent.text);
	buf_printf(out, ",\"hash\":\"%s\",\"approval\":",
		   text_hex(e->consent.hash, sizeof(e->consent.hash), hash));
	exchange_json_text(out, e->consent.approval);
	buf_puts(out, ",\"contact\":");
	exchange_json_text(out, e->consent.contact);
	buf_printf(out, ",\"retention_days\":%u}\n", e->consent.retention_days);
	e->reply.status = 200;
	if (buf_check(out))
		exchange_busy(e, EXCHANGE_RETRY_S, "no memory");
	return true;
}

static int add_account(struct store *store, struct commit_job *job)
{
	return store_account_add(store, &exchange_of(job)->account);
}

static int agree_anew(struct store *store, struct commit_job *job)
{
	struct exchange *e = exchange_of(job);

	return store_account_consent(store, e->account.id, e->consent.id);
}

static void answer(struct commit_job *job, int err)
{
	struct exchange *e = exchange_of(job);

	if (!err) {
		e->reply.status = job->run == add_account ? 201 : 200;
		buf_printf(&e->reply.body, "{\"account\":\"%s\"}\n",
			   job->run == add_account ? "new" : "known");
		accounts_forget(e->collector->accounts, e->login.name);
	} else if (err == ERR_EXISTS) {
		exchange_busy(e, 1, "the account is being made right now");
	} else {
		exchange_busy(e, EXCHANGE_RETRY_S,
			      "the store cannot write now");
	}
	e->resume(e);
}

/* {"consent": the current text's, "client": … if it is said}, and nothing
 * else. */
static bool agrees(struct exchange *e)
{
	char hash[2 * STORE_HASH_BYTES + 1];
	const char *consent, *client = NULL;
	json_error_t where;
	json_t *body =
		json_loadb((const char *)e->request.body.data,
			   e->request.body.len, JSON_REJECT_DUPLICATES, &where);
	bool good = false;

	if (!body || json_unpack_ex(body, &where, JSON_STRICT, "{s:s, s?s}",
				    "consent", &consent, "client", &client))
		exchange_fail(e, 400,
			      "the body must be {\"consent\":\"<hash>\","
			      "\"client\":\"<version>\"}");
	else if (strcmp(consent, text_hex(e->consent.hash,
					  sizeof(e->consent.hash), hash)) != 0)
		exchange_fail(e, 412, "the text has changed: agree to it anew");
	else
		good = true;
	json_decref(body);
	return good;
}

/* Makes the job for what is known of the account. False: answered. */
static bool choose(struct collector *c, struct exchange *e)
{
	int err = accounts_find(c->accounts, &e->login, &e->account);
	uint32_t retry_after_s;

	if (!err) {
		if (accounts_claim(c->accounts, e->login.name,
				   ACCOUNT_AGREEMENTS, 1, &retry_after_s)) {
			exchange_limit(e, retry_after_s,
				       "this account agrees too often");
			return false;
		}
		e->job.run = agree_anew;
		return true;
	}
	if (err == ERR_DENIED) {
		exchange_fail(e, 409, "this account has another secret");
		return false;
	}
	if (err != ERR_NOTFOUND) {
		exchange_busy(e, EXCHANGE_RETRY_S,
			      "the store cannot be read now");
		return false;
	}
	if (accounts_claim_new(c->accounts, &e->request.place,
			       &retry_after_s)) {
		exchange_limit(e, retry_after_s,
			       "too many new accounts in this hour");
		return false;
	}
	memcpy(e->account.name, e->login.name, sizeof(e->account.name));
	memcpy(e->account.secret, e->login.secret, sizeof(e->account.secret));
	e->account.consent = e->consent.id;
	e->account.made_s = clock_now_s();
	e->job.run = add_account;
	return true;
}

bool join_account(struct collector *c, struct exchange *e)
{
	if (account_login_parse(e->request.authorization, &e->login)) {
		exchange_fail(e, 401,
			      "an account is 32 hex digits, "
			      "its secret 64");
		e->reply.challenge = true;
		return true;
	}
	if (!find_consent(c, e) || !agrees(e) || !choose(c, e))
		return true;
	e->job.done = answer;
	e->job.bytes = sizeof(*e);
	if (!commit_put(c->commit, &e->job))
		return false;
	exchange_busy(e, EXCHANGE_RETRY_S, "too much waits to be stored");
	return true;
}
