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

#define HOUR_MS	  3600000u
#define MINUTE_MS 60000u
#define DAY_MS	  86400000u

/* An allowance that fills with time: what may still be had, at that time. */
struct allowance {
	double left;
	uint64_t at_ms;
};

struct account_entry {
	struct store_account account;
	bool known; /* account is what the store had at read_ms */
	uint64_t read_ms;
	struct allowance uploads, bytes;
};

struct accounts {
	pthread_mutex_t lock;
	struct store_reader *reader;
	struct account_limits limits;
	struct table entries; /* name -> struct account_entry */
	struct allowance fresh;
};

/* Takes so much of an allowance that fills at most per period_ms. */
static bool claim(struct allowance *a, double wanted, double most,
		  double per_ms, uint64_t now_ms)
{
	if (!a->at_ms)
		a->left = most;
	else
		a->left += (double)(now_ms - a->at_ms) * per_ms;
	if (a->left > most)
		a->left = most;
	a->at_ms = now_ms;
	if (a->left < wanted)
		return false;
	a->left -= wanted;
	return true;
}

int accounts_new(struct store_reader *reader,
		 const struct account_limits *limits, uint64_t seed,
		 struct accounts **out)
{
	struct accounts *a = calloc(1, sizeof(*a));

	if (!a) {
		store_reader_close(reader);
		return ERR_NOMEM;
	}
	pthread_mutex_init(&a->lock, NULL);
	a->reader = reader;
	a->limits = *limits;
	table_init(&a->entries, STORE_ACCOUNT_BYTES,
		   sizeof(struct account_entry), ACCOUNTS_CACHED, seed);
	*out = a;
	return 0;
}

void accounts_free(struct accounts *a)
{
	if (!a)
		return;
	store_reader_close(a->reader);
	table_done(&a->entries);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

#define LOGIN_NAME_HEX	 (2 * STORE_ACCOUNT_BYTES)
#define LOGIN_SECRET_HEX 64
#define LOGIN_BYTES	 (LOGIN_NAME_HEX + 1 + LOGIN_SECRET_HEX)
#define LOGIN_BASE64	 ((LOGIN_BYTES + 2) / 3 * 4)

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

/* The entry, read anew where it is old. The lock is held. */
static struct account_entry *find(struct accounts *a, const uint8_t *name,
				  int *err)
{
	uint64_t now_ms = clock_steady_ms();
	struct account_entry *entry = table_find(&a->entries, name);
	struct store_account read;

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

int accounts_claim_new(struct accounts *a)
{
	const double most = a->limits.accounts_per_hour;
	bool had;

	pthread_mutex_lock(&a->lock);
	had = claim(&a->fresh, 1, most, most / HOUR_MS, clock_steady_ms());
	pthread_mutex_unlock(&a->lock);
	return had ? 0 : ERR_LIMIT;
}

int accounts_claim_upload(struct accounts *a,
			  const uint8_t name[STORE_ACCOUNT_BYTES])
{
	const double most = a->limits.uploads_per_minute;
	struct account_entry *entry;
	bool had;

	pthread_mutex_lock(&a->lock);
	entry = table_find(&a->entries, name);
	had = !entry || claim(&entry->uploads, 1, 2 * most, most / MINUTE_MS,
			      clock_steady_ms());
	pthread_mutex_unlock(&a->lock);
	return had ? 0 : ERR_LIMIT;
}

int accounts_claim_bytes(struct accounts *a,
			 const uint8_t name[STORE_ACCOUNT_BYTES],
			 uint64_t bytes)
{
	const double most = (double)a->limits.bytes_per_day;
	struct account_entry *entry;
	bool had;

	pthread_mutex_lock(&a->lock);
	entry = table_find(&a->entries, name);
	had = !entry || claim(&entry->bytes, (double)bytes, most, most / DAY_MS,
			      clock_steady_ms());
	pthread_mutex_unlock(&a->lock);
	return had ? 0 : ERR_LIMIT;
}

int accounts_consent(struct accounts *a, struct store_consent *out)
{
	int err;

	pthread_mutex_lock(&a->lock);
	err = store_consent_current(a->reader, out);
	pthread_mutex_unlock(&a->lock);
	return err;
}
