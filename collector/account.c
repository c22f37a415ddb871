// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/account.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/table.h"
#include "base/text.h"
#include "collector/clock.h"

#define MINUTE_S 60u
#define HOUR_S	 3600u
#define DAY_S	 86400u

const struct account_limit account_limits[ACCOUNT_USES] = {
	[ACCOUNT_UPLOADS] = { 60, MINUTE_S, 2 },
	[ACCOUNT_BYTES] = { (uint64_t)1 << 30, DAY_S, 1 },
	/* a page that is opened asks about each device of a home */
	[ACCOUNT_ASKS] = { 120, MINUTE_S, 2 },
	[ACCOUNT_ERASURES] = { 60, HOUR_S, 1 },
	[ACCOUNT_DOWNLOADS] = { 12, HOUR_S, 1 },
	[ACCOUNT_AGREEMENTS] = { 60, HOUR_S, 1 },
	[ACCOUNT_EXPORTS] = { 120, HOUR_S, 1 },
	[ACCOUNT_NEW] = { 1000, HOUR_S, 1 },
	[ACCOUNT_NEW_PLACE] = { 60, HOUR_S, 1 },
};

/* An allowance that fills with time: what may still be had, at that time. */
struct allowance {
	double left;
	uint64_t at_ms;
};

struct account_entry {
	struct store_account account;
	bool known; /* account is what the store had at read_ms */
	uint64_t read_ms;
	struct allowance used[ACCOUNT_EXPORTS]; /* those of an account */
};

struct accounts {
	pthread_mutex_t lock;
	struct store_reader *reader;
	struct account_limit limits[ACCOUNT_USES];
	struct table entries; /* name -> struct account_entry */
	struct table tokens;  /* id -> struct allowance */
	struct table places;  /* struct account_place -> struct allowance */
	uint64_t places_ms;   /* since when they are remembered */
	struct allowance fresh;
};

/* What the allowance has by now. */
static void fill(struct allowance *a, const struct account_limit *limit,
		 uint64_t now_ms)
{
	double most = (double)limit->most * limit->burst;
	double per_ms = (double)limit->most / (limit->period_s * 1000.0);

	if (!a->at_ms)
		a->left = most;
	else
		a->left += (double)(now_ms - a->at_ms) * per_ms;
	if (a->left > most)
		a->left = most;
	a->at_ms = now_ms;
}

/* When the allowance will have it, but no longer than an hour. */
static uint32_t wait_s(const struct allowance *a,
		       const struct account_limit *limit, double wanted)
{
	double lack = wanted - a->left;
	double s = lack * limit->period_s / (double)limit->most;

	return s >= HOUR_S ? HOUR_S : (uint32_t)s + 1;
}

/* Takes so much of an allowance, or says when there will be. */
static int claim(struct allowance *a, const struct account_limit *limit,
		 uint64_t much, uint32_t *retry_after_s)
{
	fill(a, limit, clock_steady_ms());
	if (a->left < (double)much) {
		*retry_after_s = wait_s(a, limit, (double)much);
		return ERR_LIMIT;
	}
	a->left -= (double)much;
	return 0;
}

int accounts_new(struct store_reader *reader,
		 const struct account_limit limits[ACCOUNT_USES], uint64_t seed,
		 struct accounts **out)
{
	struct accounts *a = calloc(1, sizeof(*a));

	if (!a) {
		store_reader_close(reader);
		return ERR_NOMEM;
	}
	pthread_mutex_init(&a->lock, NULL);
	a->reader = reader;
	memcpy(a->limits, limits, sizeof(a->limits));
	table_init(&a->entries, STORE_ACCOUNT_BYTES,
		   sizeof(struct account_entry), ACCOUNTS_CACHED, seed);
	table_init(&a->tokens, sizeof(int64_t), sizeof(struct allowance),
		   ACCOUNTS_TOKENS, seed);
	table_init(&a->places, sizeof(struct account_place),
		   sizeof(struct allowance), ACCOUNTS_PLACES, seed);
	*out = a;
	return 0;
}

void accounts_free(struct accounts *a)
{
	if (!a)
		return;
	store_reader_close(a->reader);
	table_done(&a->entries);
	table_done(&a->tokens);
	table_done(&a->places);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

#define LOGIN_NAME_HEX	 (2 * STORE_ACCOUNT_BYTES)
#define LOGIN_SECRET_HEX 64
#define LOGIN_BYTES	 (LOGIN_NAME_HEX + 1 + LOGIN_SECRET_HEX)
#define LOGIN_BASE64	 ((LOGIN_BYTES + 2) / 3 * 4)
/* So many bytes end so: what has fewer of these is longer. */
#define LOGIN_PADDING "=="

int account_login_parse(const char *header, struct account_login *out)
{
	uint8_t plain[LOGIN_BASE64], secret[LOGIN_SECRET_HEX / 2];
	struct account_login login;
	int err;

	if (!header || strncasecmp(header, "Basic ", 6) != 0)
		return ERR_DENIED;
	header += 6;
	while (*header == ' ')
		header++;
	if (strlen(header) != LOGIN_BASE64 ||
	    strcmp(header + LOGIN_BASE64 - strlen(LOGIN_PADDING),
		   LOGIN_PADDING) != 0 ||
	    EVP_DecodeBlock(plain, (const unsigned char *)header,
			    LOGIN_BASE64) < LOGIN_BYTES ||
	    plain[LOGIN_NAME_HEX] != ':')
		return ERR_DENIED;
	err = text_unhex(slice_of(plain, LOGIN_NAME_HEX), login.name,
			 sizeof(login.name));
	if (!err)
		err = text_unhex(slice_of(plain + LOGIN_NAME_HEX + 1,
					  LOGIN_SECRET_HEX),
				 secret, sizeof(secret));
	if (!err) {
		SHA256(secret, sizeof(secret), login.secret);
		*out = login;
	}
	OPENSSL_cleanse(plain, sizeof(plain));
	OPENSSL_cleanse(secret, sizeof(secret));
	return err ? ERR_DENIED : 0;
}

/* No place is remembered longer than the period that its accounts count in. */
static void forget_places(struct accounts *a, uint64_t now_ms)
{
	uint64_t period_s = a->limits[ACCOUNT_NEW_PLACE].period_s;

	if (now_ms - a->places_ms < period_s * 1000)
		return;
	table_clear(&a->places);
	a->places_ms = now_ms;
}

/* The entry, read anew where it is old. The lock is held. */
static struct account_entry *find(struct accounts *a, const uint8_t *name,
				  int *err)
{
	uint64_t now_ms = clock_steady_ms();
	struct account_entry *entry = table_find(&a->entries, name);
	struct store_account read;

	forget_places(a, now_ms);
	if (entry && entry->known &&
	    now_ms - entry->read_ms < ACCOUNTS_FRESH_MS)
		return entry;
	*err = store_account_find(a->reader, name, &read);
	if (*err) {
		table_remove(&a->entries, name);
		return NULL;
	}
	if (!entry) {
		if (a->entries.count == a->entries.max)
			table_clear(&a->entries);
		entry = table_get(&a->entries, name, NULL);
	}
	if (!entry) {
		*err = ERR_NOMEM;
		return NULL;
	}
	entry->account = read;
	entry->read_ms = now_ms;
	entry->known = true;
	return entry;
}

int accounts_find(struct accounts *a, const struct account_login *login,
		  struct store_account *out)
{
	struct account_entry *entry;
	int err = 0;

	pthread_mutex_lock(&a->lock);
	entry = find(a, login->name, &err);
	if (entry && CRYPTO_memcmp(entry->account.secret, login->secret,
				   sizeof(login->secret)) != 0)
		err = ERR_DENIED;
	if (!err)
		*out = entry->account;
	pthread_mutex_unlock(&a->lock);
	return err;
}

void accounts_forget(struct accounts *a,
		     const uint8_t name[STORE_ACCOUNT_BYTES])
{
	struct account_entry *entry;

	pthread_mutex_lock(&a->lock);
	entry = table_find(&a->entries, name);
	if (entry)
		entry->known = false; /* what it used of its limits stays */
	pthread_mutex_unlock(&a->lock);
}

/* The allowance of a key, of a table that forgets all when it is full. */
static struct allowance *allowance_of(struct table *t, const void *key)
{
	if (!table_find(t, key) && t->count == t->max)
		table_clear(t);
	return table_get(t, key, NULL);
}

int accounts_claim(struct accounts *a, const uint8_t name[STORE_ACCOUNT_BYTES],
		   enum account_use use, uint64_t much, uint32_t *retry_after_s)
{
	struct account_entry *entry;
	int err = 0;

	pthread_mutex_lock(&a->lock);
	entry = table_find(&a->entries, name);
	if (entry)
		err = claim(&entry->used[use], &a->limits[use], much,
			    retry_after_s);
	pthread_mutex_unlock(&a->lock);
	return err;
}

int accounts_claim_export(struct accounts *a, int64_t token,
			  uint32_t *retry_after_s)
{
	struct allowance *used;
	int err = 0;

	pthread_mutex_lock(&a->lock);
	used = allowance_of(&a->tokens, &token);
	if (used)
		err = claim(used, &a->limits[ACCOUNT_EXPORTS], 1,
			    retry_after_s);
	pthread_mutex_unlock(&a->lock);
	return err;
}

static struct allowance *place_used(struct accounts *a,
				    const struct account_place *place)
{
	static const struct account_place unknown;

	if (!memcmp(place, &unknown, sizeof(unknown)))
		return NULL;
	forget_places(a, clock_steady_ms());
	return allowance_of(&a->places, place);
}

int accounts_claim_new(struct accounts *a, const struct account_place *place,
		       uint32_t *retry_after_s)
{
	struct allowance *used;
	int err = 0;

	pthread_mutex_lock(&a->lock);
	used = place_used(a, place);
	if (used)
		err = claim(used, &a->limits[ACCOUNT_NEW_PLACE], 1,
			    retry_after_s);
	if (!err)
		err = claim(&a->fresh, &a->limits[ACCOUNT_NEW], 1,
			    retry_after_s);
	pthread_mutex_unlock(&a->lock);
	return err;
}

int accounts_consent(struct accounts *a, struct store_consent *out)
{
	int err;

	pthread_mutex_lock(&a->lock);
	err = store_consent_current(a->reader, out);
	pthread_mutex_unlock(&a->lock);
	return err;
}
