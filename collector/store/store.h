// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_STORE_STORE_H
#define COLLECTOR_STORE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "collector/store/shape.h"

/*
 * What a collector keeps. Nothing above this header knows which database is
 * below it.
 *
 * A store lies in a folder of its own and has one writer: the struct store,
 * used by one thread. What is written between store_begin() and store_commit()
 * is durable, all of it, when store_commit() gives 0, and else none of it is.
 * Who only reads opens a store_reader, one for each thread.
 *
 * Rows belong to the day (UTC) on which they came. The day that is open is
 * only added to; a day that is over is closed, and never changes but by
 * erasing.
 */

struct store;
struct store_reader;

#define STORE_DAY_S	    86400u
#define STORE_WHY_BYTES	    256
#define STORE_ACCOUNT_BYTES 16 /* the random identifier */
#define STORE_HASH_BYTES    32 /* SHA-256 */
#define STORE_DEVICE_BYTES  16
#define STORE_CLIENT_BYTES  33 /* version of a client, terminated */

/** Rows of one table in one segment: a home of 512 devices has fewer. */
#define STORE_ROWS_MAX 16384u

/** Devices of one segment (api/record.schema.json). */
#define STORE_SEGMENT_DEVICES_MAX 512u
/** What a collector keeps for it: more than a step of an erasure writes. */
#define STORE_RESERVE_BYTES (64u << 20)

/** Devices that an account named within so many days: of a home that gives each
 * another identifier every day, 180, for ever. Those before count no more. */
#define STORE_DEVICES_MAX  16384u
#define STORE_DEVICES_DAYS 90u
/** Minutes of an account whose home does not say how far its clock is from
 * UTC. */
#define STORE_OFFSET_UNKNOWN INT32_MAX

struct store_options {
	uint64_t seed;	    /* of hash tables: secret and random */
	uint64_t pages_max; /* most pages of a day, 0: as the disk has */
	/* room that is kept, on a disk that is full, for what is erased; less
	 * on a small one; 0: none */
	uint64_t reserve_bytes;
	bool beside; /* a collector may run: no uploads are written */
};

struct store_counters {
	uint64_t segments, rows; /* new and committed */
	uint64_t repeated;	 /* segments that came again */
	uint64_t gaps_closed;	 /* see RANGES_MAX */
	uint64_t commits, failures;
	uint64_t cache_cleared; /* a cache was full */
};

/**
 * ERR_BUSY: another collector has it open. ERR_UNSUPPORTED: it is newer than
 * this program. why: one line for people. Makes what is missing.
 */
int store_open(const char *folder, const struct store_options *options,
	       struct store **out, char why[STORE_WHY_BYTES]) must_check;
/** What was not committed is lost. Accepts NULL. */
void store_close(struct store *s);
const struct store_counters *store_counters(const struct store *s);
/** The last failure, in words of the database; "" if there was none. */
const char *store_error(const struct store *s);
/** Whether it was that there is no room left. */
bool store_is_full(const struct store *s);

/** now_s tells the day; one before the open day counts as the open day. */
int store_begin(struct store *s, uint64_t now_s) must_check;
int store_commit(struct store *s) must_check;
void store_rollback(struct store *s);

/* Consent: the text that an owner agrees to, each version for itself. */

struct store_consent {
	int64_t id;			 /* counts up: the version */
	uint8_t hash[STORE_HASH_BYTES];	 /* of all its parts, see consent.h */
	char *text, *approval, *contact; /* freed by store_consent_done() */
	uint32_t retention_days;
	uint64_t made_s;
	bool withdrawn;
};

void store_consent_done(struct store_consent *consent);
/** Adds a version, which is the current one from then on; sets its id. */
int store_consent_add(struct store *s,
		      struct store_consent *consent) must_check;
/** ERR_NOTFOUND: there is none, or all were withdrawn. */
int store_consent_current(struct store_reader *r,
			  struct store_consent *out) must_check;
/** By its hash. ERR_NOTFOUND. */
int store_consent_find(struct store_reader *r,
		       const uint8_t hash[STORE_HASH_BYTES],
		       struct store_consent *out) must_check;
/** It is asked for no longer, and uploads under it are refused. */
int store_consent_withdraw(struct store *s, int64_t id) must_check;

/* Accounts. */

struct store_account {
	int64_t id; /* within this store */
	uint8_t name[STORE_ACCOUNT_BYTES];
	uint8_t secret[STORE_HASH_BYTES]; /* SHA-256 of the secret */
	int64_t consent;
	uint64_t made_s;
	/* of its consent, when found */
	uint8_t consent_hash[STORE_HASH_BYTES];
	bool consent_withdrawn;
};

/** ERR_NOTFOUND. */
int store_account_find(struct store_reader *r,
		       const uint8_t name[STORE_ACCOUNT_BYTES],
		       struct store_account *out) must_check;
/** Sets its id. ERR_EXISTS: the name is taken. */
int store_account_add(struct store *s,
		      struct store_account *account) must_check;
/** The account agreed to another version. */
int store_account_consent(struct store *s, int64_t account,
			  int64_t consent) must_check;

/* Uploads. */

enum store_cell_type {
	STORE_CELL_NONE,    /* null, or not shared */
	STORE_CELL_NUMBER,  /* also times, in ms since the epoch */
	STORE_CELL_BYTES,   /* text, or bytes that hex stood for */
	STORE_CELL_ADDRESS, /* 4 or 16 bytes */
};

struct store_cell {
	enum store_cell_type type : 8;
	uint32_t len; /* of bytes */
	union {
		int64_t number;
		const uint8_t *bytes; /* lent */
	};
};

/** cells[row * shapes[table].column_count + column] */
struct store_rows {
	const struct store_cell *cells;
	uint32_t count;
};

struct store_segment {
	uint64_t number; /* from 1 */
	uint32_t end_s;
	struct store_rows rows[SHAPE_TABLES];
};

/** One upload, checked by whoever made it. */
struct store_upload {
	int64_t account, consent;
	char client[STORE_CLIENT_BYTES]; /* "": not said */
	int32_t utc_offset_min;		 /* or STORE_OFFSET_UNKNOWN */
	const struct store_segment *segments;
	uint32_t segment_count;
};

/**
 * Stores the segments that the account did not send before. After the commit
 * all of the upload's segments are held. ERR_LIMIT: the account would have
 * more than STORE_DEVICES_MAX devices of late; nothing of the upload was
 * written, and what else the transaction has stays.
 */
int store_upload(struct store *s, const struct store_upload *upload) must_check;

/* Erasing. */

enum store_erase_what {
	STORE_ERASE_DEVICE,	/* all of one device */
	STORE_ERASE_NAMES,	/* names of hosts, and those given to devices */
	STORE_ERASE_EVERYTHING, /* the account too */
};

struct store_erasure {
	uint8_t account_name[STORE_ACCOUNT_BYTES];
	enum store_erase_what what;
	uint8_t device_key[STORE_DEVICE_BYTES]; /* of STORE_ERASE_DEVICE */
	/* What the home had made until then goes, and stays out, whenever it
	 * comes: up to this number of a segment, so that what is later stays,
	 * unless it is everything. 0: it did not say, so all that is held
	 * goes, and what was observed until then, by its own clock, stays out.
	 */
	uint64_t until_segment;
	uint32_t until_s;
};

/**
 * Erases what was sent, from the files themselves: rows of all days, and the
 * texts and addresses that nothing refers to any more. Within store_begin()
 * and store_commit(), of which it commits what was written before. 0: no file
 * and no log has any of it. rows: how many were erased or blanked.
 * ERR_NOTFOUND: there is no such account or device. ERR_BUSY: somebody else
 * reads what was before, or seals a day. After that, or another error, it goes
 * on at the next store_purge() or store_open().
 */
int store_erase(struct store *s, const struct store_erasure *erasure,
		uint64_t *rows) must_check;

/**
 * Erases again what another store, an older or newer one of the same accounts,
 * had erased: for a store that comes from a backup. What that one has withdrawn
 * (consents, tokens) is so here too, and its consents, tokens, accesses and
 * date of publication are taken over. applied: how many erasures. ERR_IO,
 * ERR_NOTFOUND: there is no such store.
 */
int store_erase_as(struct store *s, const char *folder,
		   uint64_t *applied) must_check;

/* Researchers: who may read what is held, until when, and when they did. */

struct store_token {
	int64_t id;
	uint8_t hash[STORE_HASH_BYTES]; /* SHA-256 of the token */
	const char *approval;		/* reference of the ethics approval */
	uint64_t made_s, expires_s; /* expired: it was withdrawn, or is over */
};

/** Sets its id. */
int store_token_add(struct store *s, struct store_token *token) must_check;
/** It expires at once. ERR_NOTFOUND. */
int store_token_withdraw(struct store *s, int64_t id,
			 uint64_t now_s) must_check;
/** The id of one that has not expired. ERR_NOTFOUND. */
int store_token_find(struct store_reader *r,
		     const uint8_t hash[STORE_HASH_BYTES], uint64_t now_s,
		     int64_t *id) must_check;
int store_tokens(struct store_reader *r,
		 int (*take)(void *user, const struct store_token *token),
		 void *user) must_check;

/** No token's number: read on the machine itself. */
#define STORE_TOKEN_MACHINE 0

/** One reading of what is held. */
struct store_access {
	int64_t token;
	uint64_t time_s;
	const char *what;
};
int store_access_add(struct store *s,
		     const struct store_access *access) must_check;
int store_accesses(struct store_reader *r,
		   int (*take)(void *user, const struct store_access *access),
		   void *user) must_check;

/* Retention: how long is kept what came on a day is what the consent says under
 * which it came, and no longer than a year after the study was published. So
 * long after the last day on which they were seen devices and accounts go, too,
 * of which nothing else is held; of an account stays, by a hash of its name,
 * which of its segments it sent, so that none counts twice should it return. */

#define STORE_AFTER_PUBLICATION_DAYS 365u

/** When the study was published; 0: it was not. ERR_IO. */
int store_set_published(struct store *s, uint64_t time_s) must_check;
/** Erases what is past its time; as store_erase(), of all accounts, and what an
 * erasure left. The open day is never past it. *rows: how many went, also where
 * it fails. ERR_BUSY: as store_erase(). ERR_AGAIN: nobody finds any more what
 * went, but somebody has its file open: the next one removes that. */
int store_purge(struct store *s, uint64_t now_s, uint64_t *rows) must_check;
/**
 * The same in steps of some ten milliseconds, between which transactions are
 * committed; what an erasure left is one. A day of which all is past its time
 * goes with its file. 1: there is more to do; else as store_purge(), and the
 * next begins anew, as it does after the program ended in between. Adds to
 * *rows.
 */
int store_purge_step(struct store *s, uint64_t now_s,
		     uint64_t *rows) must_check;
/** When next something is to go. ERR_NOTFOUND: nothing that is held is. */
int store_deadline(struct store_reader *r, uint64_t now_s,
		   uint64_t *time_s) must_check;

/* Backup. */

/** Copies the store into a new folder while a collector may run. Days first,
 * then what they refer to. ERR_EXISTS, ERR_IO (why says what), ERR_NOTFOUND,
 * ERR_BUSY: something was erased again and again meanwhile. */
int store_backup(const char *folder, const char *into,
		 char why[STORE_WHY_BYTES]) must_check;

/* Upkeep: beside the writer, on connections of its own. */

/** Seals the oldest day that is over: its indexes, and what its rows come to.
 * 1: it did; 0: all are sealed. ERR_IO. */
int store_seal(const char *folder) must_check;

/**
 * What homes together know, as of when it was made or last renewed: names that
 * other homes have for addresses, and how devices of a kind are. Of sealed days
 * it is made of their roll-ups. What is erased stays in it: it is to be made
 * anew. Where it would take more memory than it may, what is of devices that
 * nobody labelled goes, then the addresses that fewest homes name and what
 * fewest devices do: an address with all its names, so that no minority is lost
 * of one that stays. For one thread at a time.
 */
struct store_crowd;

struct store_crowd_options {
	uint32_t least_accounts; /* that must agree, for anything to be said */
	uint32_t least_days;	 /* on which an account uploaded, to count */
	uint32_t days;		 /* how far back it looks */
	size_t bytes_max; /* of memory; past it, what least support goes */
	/* set from another thread: breaks it off, with ERR_IO; or NULL */
	const atomic_bool *stop;
};

int store_crowd_make(const char *folder,
		     const struct store_crowd_options *options,
		     struct store_crowd **out) must_check;
/** Adds of what came since, to the open day, no more than a piece, so that
 * others can ask in between: 1: there is more; 0: it is as of now.
 * ERR_NOTFOUND: another day has begun, or one is gone: it is to be made anew.
 * After another error it is as good as before. */
int store_crowd_renew(struct store_crowd *crowd, const char *folder) must_check;
/** NULL is accepted. */
void store_crowd_free(struct store_crowd *crowd);

/** What it takes of memory, and what went to stay within its limit. */
struct store_crowd_size {
	size_t bytes;
	uint64_t dropped; /* rows, since it was made */
};
struct store_crowd_size store_crowd_size(const struct store_crowd *crowd);

/** Room for a host's name, terminated. */
#define STORE_NAME_BYTES 256

/** The name that most homes have for an address. ERR_NOTFOUND: too few, or
 * they do not agree. */
int store_crowd_name(struct store_crowd *crowd, const uint8_t *address,
		     size_t len, char name[STORE_NAME_BYTES],
		     uint32_t *accounts) must_check;

enum store_label {
	STORE_LABEL_NAME,
	STORE_LABEL_CATEGORY,
	STORE_LABEL_VENDOR,
};
/** The texts of labels that enough homes typed, the commonest first. take:
 * nonzero ends it. */
int store_crowd_labels(struct store_crowd *crowd, enum store_label which,
		       int (*take)(void *user, const char *text),
		       void *user) must_check;

/** What is asked about an unlabelled device. Lists end with NULL. */
struct store_crowd_device {
	const char *oui;			  /* lower-case hex, or NULL */
	const char *const *hosts, *const *hellos; /* names, JA4 */
};
struct store_crowd_guess {
	char name[STORE_NAME_BYTES], category[STORE_NAME_BYTES];
	char vendor[STORE_NAME_BYTES];
	uint32_t homes; /* with a device labelled so and like it */
	double share;	/* of the homes with a device like it */
};
#define STORE_GUESSES_MAX 3
/** Labels of devices like it, the likeliest first: how many, 0 to
 * STORE_GUESSES_MAX; ERR_IO. */
int store_crowd_guess(
	struct store_crowd *crowd, const struct store_crowd_device *device,
	struct store_crowd_guess out[STORE_GUESSES_MAX]) must_check;

/** How many homes have a device labelled with the vendor and the category. */
int store_crowd_homes(struct store_crowd *crowd, const char *vendor,
		      const char *category, uint32_t *homes) must_check;
/** … and in how many it contacts the domain or a host under it. 0 also where it
 * is no registered domain and has too many hosts under it to look at each. */
int store_crowd_contacts(struct store_crowd *crowd, const char *vendor,
			 const char *category, const char *domain,
			 uint32_t *homes) must_check;

/* Reading. */

/** ERR_NOTFOUND: there is no store. */
int store_reader_open(const char *folder, struct store_reader **out,
		      char why[STORE_WHY_BYTES]) must_check;
void store_reader_close(struct store_reader *r);

/** All rows held, by table; segments beside. For tests and for people. */
struct store_totals {
	uint64_t rows[SHAPE_TABLES];
	uint64_t segments, accounts, devices, texts, addresses, days;
	uint64_t bytes; /* of its files */
};

int store_totals(struct store_reader *r, struct store_totals *out) must_check;

/** How long accounts inspected: what they uploaded of, by 5-second windows. */
struct store_spans {
	uint64_t accounts, total_s;
	uint64_t median_s, p90_s; /* of an account; 0 without any */
};

struct store_day_figures {
	uint32_t day; /* since the epoch */
	bool sealed;
	uint64_t fresh;	  /* of the accounts, those made on this day */
	uint64_t devices; /* with flows */
	uint64_t labels;  /* typed, confirmed or rejected; none sent again */
	struct store_spans inspected;
};

/** Of all days; and how the store is. */
struct store_figures {
	uint64_t watched, labelled; /* devices */
	struct store_spans inspected;
	uint64_t unsealed;   /* days that are over and not sealed */
	uint64_t erasures;   /* begun and not ended */
	uint64_t free_bytes; /* of the disk that it is on */
	uint64_t written_s;  /* when the newest day's file was; 0: never */
};

/** take: each day, oldest first; nonzero ends it, and is given back. Of a day
 * that is not sealed it is what was counted as it came. ERR_NOMEM, ERR_IO. */
int store_figures(struct store_reader *r,
		  int (*take)(void *user, const struct store_day_figures *day),
		  void *user, struct store_figures *out) must_check;

/** A row that is held, as it was sent; lent until the next. */
struct store_row {
	int64_t account, device; /* within this store; device 0: of no device */
	uint8_t account_name[STORE_ACCOUNT_BYTES];
	uint8_t device_key[STORE_DEVICE_BYTES];
	uint64_t segment;
	uint32_t end_s;
	/* of the table's columns; that of the device has no value */
	struct store_cell cells[SHAPE_COLUMNS_MAX];
};

/** Walks the rows of a table in the order in which they came. */
struct store_walk;

/** account: its rows alone, or 0. Not for SHAPE_DEVICE. One at a time lives of
 * a reader. ERR_NOMEM, ERR_IO. */
int store_walk_open(struct store_reader *r, enum shape_table table,
		    int64_t account, struct store_walk **out) must_check;
/** 1, or 0 after the last; ERR_IO. */
int store_walk_next(struct store_walk *w, struct store_row *out) must_check;
/** Lets go of the files until the next: who waits between two, for a client
 * that takes its time, would keep what is erased meanwhile in their logs. */
void store_walk_pause(struct store_walk *w);
void store_walk_close(struct store_walk *w);

/** What each day comes to: of a sealed one no raw row is read. */
enum store_sums_of {
	STORE_SUMS_ENDPOINT, /* of a device and an endpoint: windows, bytes */
	STORE_SUMS_NAME,     /* which a device had for an address */
	STORE_SUMS_HELLO,    /* of a device and a fingerprint */
	STORE_SUMS_ACTIVITY, /* of an account; no device */
	STORE_SUMS,
};

/** Their columns; without names of tables. */
extern const struct shape store_sums_shapes[STORE_SUMS];
#define STORE_SUMS_COLUMNS_MAX 6

/** Lent until the next. */
struct store_sums_row {
	uint8_t account_name[STORE_ACCOUNT_BYTES];
	bool has_device;
	uint8_t device_key[STORE_DEVICE_BYTES];
	uint32_t day; /* since the epoch */
	struct store_cell cells[STORE_SUMS_COLUMNS_MAX];
};

struct store_sums;

/* As store_walk_…. ERR_IO: or what a day came to was dropped by a purge, and
 * perhaps made anew, while it was read. added_up: days that are not sealed,
 * too, of whose rows it is added up when they are come to: that takes long
 * where they are many, and what is erased there waits for it. */
int store_sums_open(struct store_reader *r, enum store_sums_of which,
		    bool added_up, struct store_sums **out) must_check;
int store_sums_next(struct store_sums *s,
		    struct store_sums_row *out) must_check;
void store_sums_pause(struct store_sums *s);
void store_sums_close(struct store_sums *s);

/** A device that is held, and whose. */
struct store_device_row {
	uint8_t account_name[STORE_ACCOUNT_BYTES];
	uint8_t key[STORE_DEVICE_BYTES];
	bool has_oui;
	uint8_t oui[3];
	int watched; /* -1: not known */
	uint32_t first_s, last_s;
};
/** take: nonzero ends it, and is given back. account: or 0 for all. *after:
 * 0, or where the last call ended, which it sets. */
int store_devices(struct store_reader *r, int64_t account, int64_t *after,
		  int (*take)(void *user, const struct store_device_row *row),
		  void *user) must_check;

/** An account that is held. */
struct store_account_row {
	uint8_t name[STORE_ACCOUNT_BYTES];
	uint8_t consent_hash[STORE_HASH_BYTES];
	const char *client;	/* "": not said */
	int32_t utc_offset_min; /* or STORE_OFFSET_UNKNOWN */
	uint32_t made_s;
};
int store_accounts(struct store_reader *r, int64_t account, int64_t *after,
		   int (*take)(void *user, const struct store_account_row *row),
		   void *user) must_check;

#endif
