// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_STORE_SQLITE_H
#define COLLECTOR_STORE_SQLITE_H

#include <stdbool.h>

#include "base/table.h"
#include "collector/store/database.h"
#include "collector/store/dictionary.h"
#include "collector/store/ranges.h"
#include "collector/store/reference.h"
#include "collector/store/store.h"

/* Private to this folder: the store on SQLite. */

/** Devices and accounts of which something is remembered. */
#define STORE_DEVICES_CACHED  262144u
#define STORE_ACCOUNTS_CACHED 65536u

/** Rows have their place in the segment in these bits of their id. */
#define STORE_PLACE_BITS 16

_Static_assert(STORE_ROWS_MAX < 1u << STORE_PLACE_BITS,
	       "a segment's rows have room below its number");

/*
 * What a step of a purge takes at most, between which uploads are committed:
 * some ten milliseconds of each. A segment is taken as a whole, so it may be
 * more rows by one segment's.
 */
#define STORE_STEP_ENTRIES  2000u     /* of the dictionaries */
#define STORE_STEP_ROWS	    5000u     /* erased */
#define STORE_STEP_SEGMENTS 1000u     /* whose rows are erased, or searched */
#define STORE_STEP_BYTES    (1 << 20) /* of a day's file, overwritten */
/** Entries at a time where all of them go at once. */
#define STORE_SWEEP_ENTRIES 100000u
/** Steps after which somebody who still reads a day that goes is left to the
 * next purge: a piece of an export takes less. */
#define STORE_GONE_TRIES 200u

enum store_day_state {
	STORE_DAY_OPEN,
	STORE_DAY_CLOSED,
	STORE_DAY_SEALED,
	STORE_DAY_EMPTY, /* all is past its time; its file is to go */
};

/** Statements on collector.db. */
enum store_statement {
	STORE_CONSENT_ADD,
	STORE_CONSENT_WITHDRAW,
	STORE_ACCOUNT_ADD,
	STORE_ACCOUNT_CONSENT,
	STORE_ACCOUNT_GET,
	STORE_ACCOUNT_SAYS,
	STORE_ACCEPTED_GET,
	STORE_DEVICE_FIND,
	STORE_DEVICE_ADD,
	STORE_DEVICE_COUNT,
	STORE_DEVICE_PUT,
	STORE_TOMBSTONE_PUT,
	STORE_RETIRED_BACK,
	STORE_RETIRED_DROP,
	STORE_STATEMENTS,
};

/** Statements on the open day's file. */
enum store_day_statement {
	STORE_SEGMENT_ADD,
	STORE_DAY_ACCEPTED_GET,
	STORE_DAY_ACCEPTED_PUT,
	STORE_DAY_ACTIVE_PUT,
	STORE_DAY_TALLY,
	STORE_ROW_ADD, /* + enum shape_table */
	STORE_DAY_STATEMENTS = STORE_ROW_ADD + SHAPE_TABLES,
};

/* Until when a tombstone keeps out what comes, by either; 0: not by this. */
struct store_until {
	uint64_t segment; /* by number */
	uint32_t time_s;  /* by the home's clock, where it told no number */
};

/* What is remembered of a device. */
struct store_device {
	int64_t id, consent; /* under which it was named last */
	uint32_t last_s, seen_day;
	int8_t watched; /* -1: not known */
	bool has_oui;
	uint8_t oui[3];
	struct store_until erased;
};

struct store_device_key {
	int64_t account;
	uint8_t key[STORE_DEVICE_BYTES];
};

/* How long an account inspected on a day. */
struct store_activity {
	uint32_t day;	 /* which it is of */
	int64_t windows; /* -1: not known, as they did not come in order */
	uint32_t first_s, last_s; /* 0 without any */
};

/* What is remembered of an account. */
struct store_sender {
	struct ranges accepted;
	struct store_activity activity;
	int32_t utc_offset_min;
	uint32_t seen_day;
	char client[STORE_CLIENT_BYTES];
	uint8_t name[STORE_ACCOUNT_BYTES];
	struct store_until nameless; /* of its names */
	int64_t devices;	     /* that count for its limit */
	uint32_t counted_day;	     /* when they were; 0: not yet */
};

/* Where a sweep is; all 0: at its beginning. */
struct sweeping {
	uint32_t day;
	struct reference_entry entry; /* the last suspect looked up there */
	int64_t segment;	      /* or the last whose rows were searched */
};

enum purge_stage {
	PURGE_BEGIN,
	PURGE_DAYS, /* rows, and whole days, that are past their time */
	PURGE_GONE, /* files of such days */
	PURGE_IDLE, /* devices and accounts that are */
	PURGE_SWEEP,
	PURGE_CUT,
};

/* Where a purge is; all 0: at its beginning. */
struct purging {
	enum purge_stage stage;
	uint32_t day;		      /* the next of this stage */
	struct reference_entry entry; /* the last made suspect, or looked at */
	unsigned tries;		      /* to be alone with its file */
	bool busy, erased;
	bool left; /* a file that somebody has open */
};

struct store {
	char *folder;
	int folder_fd; /* locked; -1 where only collector.db is written */
	uint64_t pages_max, reserve_bytes;
	bool scarce; /* the reserve was given: small steps */
	sqlite3 *main, *day;
	bool main_open, day_open; /* their transactions */
	uint32_t today;
	uint64_t now_s;	      /* as far as it was told */
	int64_t next_segment; /* none is given twice while it is open */
	sqlite3_stmt *statements[STORE_STATEMENTS];
	sqlite3_stmt *day_statements[STORE_DAY_STATEMENTS];
	struct dictionary texts, addresses;
	struct table devices; /* struct store_device_key -> store_device */
	struct table senders; /* account -> struct store_sender */
	struct table active;  /* int64_t: devices of the open day's table */
	struct store_counters counters, pending;
	/* rows that the open transaction added; of SHAPE_DEVICE, segments */
	uint64_t added[SHAPE_TABLES];
	char error[STORE_WHY_BYTES];
	bool full;
	bool uncut;    /* a log has what was erased: the next purge cuts it */
	int64_t batch; /* the number of collector.db's transaction */
	bool orphans;  /* the last one's day failed: see sqlite_batch.c */
	struct sweeping sweep;
	struct purging purge;
	int64_t joined; /* the first device that an upload added, or 0 */
};

/** Notes why the database failed. Gives ERR_IO. */
int store_failed(struct store *s, sqlite3 *db);
/** Begins the transaction of collector.db, or of the day, if not begun. */
int store_write_main(struct store *s) must_check;
int store_write_day(struct store *s) must_check;
/** Statement which of collector.db, prepared (once) and bound. */
#define store_ready(s, which, ...)                         \
	database_ready((s)->main, &(s)->statements[which], \
		       store_statements[which], __VA_ARGS__)
extern const char *const store_statements[STORE_STATEMENTS];

/* sqlite_day.c */
/** Opens the file of s->today. */
int store_day_open(struct store *s) must_check;
void store_day_close(struct store *s);
/** The day is over: another begins. */
int store_day_turn(struct store *s, uint32_t day) must_check;

/*
 * sqlite_batch.c: collector.db is committed before the day, so what a
 * transaction added there stays, without a row that refers to it, where the
 * day's commit fails or the program ends in between. It is known by number,
 * and removed.
 */
/** In collector.db's transaction, before anything is added. */
int store_batch_begin(struct store *s) must_check;
/** In the day's, before both are committed. */
int store_batch_confirm(struct store *s) must_check;
/** Of a day's file that was opened: sets s->orphans. */
int store_batch_open_day(struct store *s) must_check;
/** Between transactions. */
int store_batch_drop_orphans(struct store *s) must_check;

/* sqlite_erase.c */

/** One erasure under way. */
struct erasing {
	struct store *store;
	int64_t account, device; /* device: 0 but for one device */
	int64_t consent;	 /* not 0: a step of what came under it */
	enum store_erase_what what;
	uint64_t until_segment; /* later ones stay; 0: none does */
	sqlite3 *db;		/* of the day that it is at, with main_db */
	int segments;		/* it is about these of that day */
	int64_t after;		/* it is done with those until this one */
	int later;		/* of the account's, stay */
	uint64_t rows;
	bool busy;  /* somebody reads, or seals, what it erased from */
	bool stays; /* a later segment has rows of the device */
};

/** Erases from a day; what nothing refers to any more is suspect then. Of a
 * consent: a step, whose log is left to be cut. */
int erase_day(struct erasing *e, uint32_t day) must_check;
/** Cuts a connection's log, now or, where somebody still reads, later. */
int store_cut(struct store *s, sqlite3 *db) must_check;
/** Goes on with what was begun before the program ended, or was put off; adds
 * to *rows what went, whatever it gives. */
int store_erase_resume(struct store *s, uint64_t *rows) must_check;
/** The name of a tombstone: SHA-256 of what, account and device, so that who
 * has not both learns nothing. device: of STORE_ERASE_DEVICE alone. */
void store_tombstone_hash(enum store_erase_what what,
			  const uint8_t account[STORE_ACCOUNT_BYTES],
			  const uint8_t *device, uint8_t out[STORE_HASH_BYTES]);
/** Until when something was erased. device: NULL for the account's names. */
int store_erased(struct store *s, const uint8_t account[STORE_ACCOUNT_BYTES],
		 const uint8_t *device, struct store_until *until) must_check;
/** Reads a tombstone, of this store or another. ERR_NOTFOUND, ERR_IO. */
int store_tombstone_get(sqlite3 *db, const uint8_t hash[STORE_HASH_BYTES],
			struct store_until *out) must_check;
bool store_is_until(const struct store_until *until,
		    const struct store_segment *segment);
/** What an owner means by names: whether a row is one, and whether a column
 * of rows that are not. */
bool store_is_name_row(enum shape_table table, const struct store_cell *cells);
bool store_is_name(enum shape_table table, unsigned column);

/** Something was erased: who copies the store begins anew. */
int store_count_erasure(struct store *s) must_check;

/* sqlite_idle.c: devices and accounts go when what they sent on the day on
 * which they were seen last would go, and nothing refers to them. */
/** When that is, for an SQL statement. day: seen_day; consent: its number;
 * schema: of collector.db, with a dot. */
#define STORE_KEPT_UNTIL(day, consent, schema)                               \
	"min((" day " + 1 + (SELECT retention_days FROM " schema             \
	"consent c WHERE c.id = " consent ")) * 86400, "                     \
	"coalesce((SELECT value + 365 * 86400 FROM " schema "setting WHERE " \
	"key = 'published' AND value >= (" day " + 1) * 86400), "            \
	"9223372036854775807))"
_Static_assert(STORE_AFTER_PUBLICATION_DAYS == 365, "as the text has it");
/** Makes suspect those that may go, a step. 1: there is more; 0: no more. */
int store_idle_step(struct store *s) must_check;
/** Removes those of the suspects up to an entry that nothing refers to, within
 * a transaction of collector.db. */
int store_idle_drop(struct store *s,
		    const struct reference_entry *until) must_check;
/** The name under which is kept what an account that is gone had sent. */
void store_retired_hash(const uint8_t account[STORE_ACCOUNT_BYTES],
			uint8_t out[STORE_HASH_BYTES]);
/** When next one goes, after now; UINT64_MAX: none does. */
int store_idle_deadline(sqlite3 *main, uint64_t now_s,
			uint64_t *time_s) must_check;

/* sqlite_reserve.c: a file that is there for its room alone. */
#define STORE_RESERVE_NAME "reserve"
/** Of the disk, at most. */
#define STORE_RESERVE_SHARE 16
/** Less is none. */
#define STORE_RESERVE_LEAST (256u << 10)
/** Gives it up where there is too little room to erase: true, and it is to be
 * taken again, before anybody else takes the room. */
bool store_reserve_give(struct store *s);
/** Makes it, if there is none, as far as there is room. */
void store_reserve_take(struct store *s);

/* sqlite_seal.c: store_seal() in two. A day is only called sealed where its
 * tables are there: something may be erased in between. */
int store_seal_rows(const char *folder, uint32_t day) must_check;
int store_seal_mark(const char *folder, uint32_t day) must_check;

/* sqlite_backup.c */
/** How often something was erased. */
int store_erasures_counted(const char *folder, int64_t *out) must_check;

/* sqlite_orphans.c */
/** Removes the suspects that no row refers to: all of it. */
int store_sweep(struct store *s) must_check;
/** A step of it, between transactions; what becomes suspect meanwhile begins
 * it anew. 1: there is more; 0: it is over. */
int store_sweep_step(struct store *s) must_check;

/* sqlite_gone.c */
/** Removes a day's files. */
void store_unlink_day(const char *folder, uint32_t day);
/**
 * Removes the file of a day that is past its time, a step: it is overwritten
 * from its end, and shortened, so that a crash ends nothing. 1: there is more;
 * 0: it is gone. ERR_BUSY: somebody has it open. ERR_IO.
 */
int store_remove_step(struct store *s, uint32_t day) must_check;
/** All of all such days. */
int store_remove_all(struct store *s) must_check;

/* sqlite_upload.c */
/** Forgets what is remembered of devices and accounts. */
void store_forget(struct store *s);
/** Counts what was added, in the day's transaction, before it is committed. */
int store_tally(struct store *s) must_check;

#endif
