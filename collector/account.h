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

struct account_limits {
	uint32_t uploads_per_minute; /* on average; twice that in a burst */
	uint64_t bytes_per_day;	     /* unpacked */
	uint32_t accounts_per_hour;  /* new ones, of all */
};

/* As they are where nothing else is asked for. */
#define ACCOUNT_UPLOADS_PER_MINUTE 60
#define ACCOUNT_BYTES_PER_DAY	   ((uint64_t)1 << 30)
#define ACCOUNT_NEW_PER_HOUR	   1000

struct accounts;

/** The reader is its own from then on, also on failure. */
int accounts_new(struct store_reader *reader,
		 const struct account_limits *limits, uint64_t seed,
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
/** ERR_LIMIT: too many new accounts in this hour. */
int accounts_claim_new(struct accounts *a) must_check;
/** One upload of an account just found. ERR_LIMIT: it sent too many. */
int accounts_claim_upload(struct accounts *a,
			  const uint8_t name[STORE_ACCOUNT_BYTES]) must_check;
/** Bytes of an upload. ERR_LIMIT: too many in 24 hours. */
int accounts_claim_bytes(struct accounts *a,
			 const uint8_t name[STORE_ACCOUNT_BYTES],
			 uint64_t bytes) must_check;

/** The text that is agreed to now. ERR_NOTFOUND: there is none. */
int accounts_consent(struct accounts *a, struct store_consent *out) must_check;

#endif
