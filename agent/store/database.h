// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include <sqlite3.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/slice.h"
#include "store/minute.h"
#include "store/pool.h"
#include "store/store.h"

/*
 * Private to this folder: the connection, its prepared statements, and its
 * one open transaction.
 */

/** Every statement, by its text in statement.c. */
enum statement {
	STATEMENT_BEGIN,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_SETTING_GET,
	STATEMENT_SETTING_PUT,
	STATEMENT_SETTING_REMOVE,
	STATEMENT_TOKEN_USE,
	STATEMENT_TOKEN_TRIM,
	STATEMENT_DEVICE_FIND,
	STATEMENT_DEVICE_ADD,
	STATEMENT_DEVICE_SEEN,
	STATEMENT_DEVICE_ALL,
	STATEMENT_DEVICE_WATCH,
	STATEMENT_DEVICE_UNWATCH_ALL,
	STATEMENT_DEVICE_EXCLUDE,
	STATEMENT_DEVICE_EXCLUDED,
	STATEMENT_DEVICE_NO_TRAFFIC,
	STATEMENT_ADDRESS_SEEN,
	STATEMENT_ADDRESS_ADD,
	STATEMENT_ADDRESS_TRIM,
	STATEMENT_ADDRESS_ALL,
	STATEMENT_ADDRESS_REMOVE,
	STATEMENT_DEVICE_REMOVE,
	STATEMENT_LOCK_PUT,
	STATEMENT_LOCK_REMOVE,
	STATEMENT_LOCK_TRIM,
	STATEMENT_LOCK_GET,
	STATEMENT_LOCK_ALL,
	STATEMENT_LOCK_STORED,
	STATEMENT_CLOSED_NAME_PUT,
	STATEMENT_CLOSED_NAME_REMOVE,
	STATEMENT_CLOSED_NAME_ALL,
	STATEMENT_CLOSED_NAME_TRIM,
	STATEMENT_REMOTE_FIND,
	STATEMENT_REMOTE_ADD,
	STATEMENT_REMOTE_USED,
	STATEMENT_HOST_FIND,
	STATEMENT_HOST_ADD,
	STATEMENT_HOST_USED,
	STATEMENT_CLUE_ADD,
	STATEMENT_CLUE_ALL,
	STATEMENT_CLUE_NAMES,
	STATEMENT_CLUE_COUNT,
	STATEMENT_CLUE_TRIM,
	STATEMENT_NAME_ADD,
	STATEMENT_NAME_BEST,
	STATEMENT_NAMES_OF_REMOTE,
	STATEMENT_QUESTION_ADD,
	STATEMENT_SHAPE_FIND,
	STATEMENT_SHAPE_ADD,
	STATEMENT_SHAPE_USED,
	STATEMENT_HELLO_ADD,
	STATEMENT_HTTP_ADD,
	STATEMENT_SERVER_ADD,
	STATEMENT_SERVICE_ADD,
	STATEMENT_FLOW_WINDOW_ADD,
	STATEMENT_FLOW_ADD,
	STATEMENT_PENDING_ADD,
	STATEMENT_PENDING_ALL,
	STATEMENT_PENDING_MERGED,
	STATEMENT_MINUTE_WINDOW_REMOVE,
	STATEMENT_MINUTE_WINDOW_ADD,
	STATEMENT_MINUTE_ADD,
	STATEMENT_ROLL_MINUTE,
	STATEMENT_ROLL_HOUR,
	STATEMENT_FLOW_SUM,
	STATEMENT_MINUTE_SUM,
	STATEMENT_HOUR_SUM,
	STATEMENT_FLOW_STEPS,
	STATEMENT_MINUTE_STEPS,
	STATEMENT_HOUR_STEPS,
	STATEMENT_SERVICE_ALL,
	STATEMENT_PORT_ALL,
	STATEMENT_SERVER_ALL,
	STATEMENT_HELLO_ALL,
	STATEMENT_HTTP_ALL,
	STATEMENT_QUESTION_ALL,
	STATEMENT_NAME_ALL,
	STATEMENT_FLOW_NEWEST,
	STATEMENT_FINDING_PUT,
	STATEMENT_FINDING_ALL,
	STATEMENT_FINDING_REMOVE,
	STATEMENT_SUMS_PUT,
	STATEMENT_SUMS_REPLACE,
	STATEMENT_SUMS_ALL,
	STATEMENT_COUNT,
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct store_counters counters;
	char *path;
	bool open;	    /* a transaction is */
	uint64_t opened_ms; /* by the tick that first saw it */
	uint64_t trimmed_ms;
	bool log_due; /* it still has what was erased */
	uint64_t log_tried_ms;
	uint64_t transaction_windows, transaction_rows;
	int64_t rolled_s[2]; /* summed up to here, by minute and by hour */
	int64_t newest_s;    /* newest window written */
	int64_t merged_s;    /* window that was last merged before */
	uint32_t unmerged;   /* facts that wait in pending; or more than none */
	struct buf packed;   /* of what is written at the moment */
	struct buf pending;  /* what was heard in it */
	uint32_t pending_count;
	struct pool_memory pools;
	struct minutes minutes;
	struct evp_md_ctx_st *digest; /* SHA-256, of shapes */
	const struct sift *sieve;     /* of sift_all(), while it runs */
	char error[STORE_ERROR_BYTES];
};

/** A statement's SQL. */
const char *statement_text(enum statement which);

/**
 * The statement, reset and bound: a letter per parameter, 'i' int64_t,
 * 'b' struct slice (absent: NULL), 'a' const struct addr * (family 0: NULL),
 * 't' const char *, 'r' the id of a row (0: NULL). NULL on
 * failure, which is noted. The caller resets it
 * when done.
 */
sqlite3_stmt *database_bind(struct store *s, enum statement which,
			    const char *format, ...) must_check;

/** Binds and runs to the end. Number of rows changed, or ERR_IO. */
int database_run(struct store *s, enum statement which, const char *format,
		 ...) must_check;

/** Begins a transaction unless one is open. */
int database_begin(struct store *s) must_check;

/** Ends the open transaction without its changes. */
void database_rollback(struct store *s);

/** Rows have gone: nothing that was remembered of them holds. */
void database_forget(struct store *s);

/** Notes sqlite's last failure for store_error() and counts it. */
void database_failed(struct store *s);

/** The bytes of an address: 4, 16 or none. */
struct slice database_addr(const struct addr *addr);
/** What database_addr() wrote; no address when it is none. */
struct addr database_addr_column(sqlite3_stmt *stmt, int column);
struct slice database_blob_column(sqlite3_stmt *stmt, int column);
/** 0 for what is negative or no number. */
uint64_t database_number(sqlite3_stmt *stmt, int column);

/** After a walk over rows, with the last step's result: notes what failed,
 * resets. ERR_IO. */
int database_walked(struct store *s, sqlite3_stmt *stmt, int rc) must_check;

#endif
