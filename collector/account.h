// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_ACCOUNT_H
#define COLLECTOR_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "collector/store/store.h"

/*
 * Who sends, and how much of it is taken: accounts with what each used of its
 * limits. For any thread.
 */

/** Accounts remembered; past it all are forgotten, and read again. */
#define ACCOUNTS_CACHED 131072u
/** How old what is remembered may be: a consent may have been withdrawn. */
#define ACCOUNTS_FRESH_MS 5000u
/** Researchers' tokens whose use is counted; past it all are forgotten. */
#define ACCOUNTS_TOKENS 4096u
/** Places that new accounts came from; past it all are forgotten. */
#define ACCOUNTS_PLACES 16384u

/** What is counted, each with a limit of its own. */
enum account_use {
	ACCOUNT_UPLOADS,
	ACCOUNT_BYTES, /* of uploads, unpacked */
	ACCOUNT_ASKS,
	ACCOUNT_ERASURES,   /* the writer searches all days for each */
	ACCOUNT_DOWNLOADS,  /* of all that is held of an account */
	ACCOUNT_AGREEMENTS, /* of an account that is known */
	ACCOUNT_EXPORTS,    /* of a researcher's token */
	ACCOUNT_NEW,	    /* new accounts, of all */
	ACCOUNT_NEW_PLACE,  /* new accounts from one place */
	ACCOUNT_USES,
};

/** So much in a period on average; most at once is that of burst periods. */
struct account_limit {
	uint64_t most;
	uint32_t period_s;
	uint32_t burst;
};

/** As they are where nothing else is asked for. */
extern const struct account_limit account_limits[ACCOUNT_USES];

/** Where a client is, roughly: its network (IPv4 /24, IPv6 /48), since what a
 * home or a provider has is many addresses. Zero: not known. It stays in
 * memory, for an hour at most, where new accounts are counted. */
struct account_place {
	uint8_t prefix[8];
};

struct accounts;

/** The reader is its own from then on, also on failure. */
int accounts_new(struct store_reader *reader,
		 const struct account_limit limits[ACCOUNT_USES], uint64_t seed,
		 struct accounts **out) must_check;
void accounts_free(struct accounts *a);

/** What "Authorization: Basic" says: RFC 7617, both parts hex. */
struct account_login {
	uint8_t name[STORE_ACCOUNT_BYTES];
	uint8_t secret[STORE_HASH_BYTES]; /* its SHA-256 */
};

/** header may be NULL. ERR_DENIED: there is none, or it is another. */
int account_login_parse(const char *header,
			struct account_login *out) must_check;

/** ERR_NOTFOUND; ERR_DENIED: another secret; ERR_IO. */
int accounts_find(struct accounts *a, const struct account_login *login,
		  struct store_account *out) must_check;
/** It changed in the store. */
void accounts_forget(struct accounts *a,
		     const uint8_t name[STORE_ACCOUNT_BYTES]);
/**
 * So much of a use by an account just found. ERR_LIMIT: it is past its limit;
 * after retry_after_s, at least 1, it may have as much.
 */
int accounts_claim(struct accounts *a, const uint8_t name[STORE_ACCOUNT_BYTES],
		   enum account_use use, uint64_t much,
		   uint32_t *retry_after_s) must_check;
/** One export of a researcher's token. As accounts_claim(). */
int accounts_claim_export(struct accounts *a, int64_t token,
			  uint32_t *retry_after_s) must_check;
/** A new account from a place. As accounts_claim(). */
int accounts_claim_new(struct accounts *a, const struct account_place *place,
		       uint32_t *retry_after_s) must_check;

/** The text that is agreed to now. ERR_NOTFOUND: there is none. */
int accounts_consent(struct accounts *a, struct store_consent *out) must_check;

#endif
