// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef UPLOAD_SPOOL_H
#define UPLOAD_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "record/share_json.h"

/*
 * What waits to be sent to a collector, in an SQLite file of its own that only
 * its owner may read: each segment as the line that will go, under a number
 * that is given once and never again, whatever becomes of the segment or of
 * this process. Every call is a transaction of its own, durable when it gives
 * 0 (synchronous=FULL); what was deleted is overwritten (secure_delete). When
 * it is full the oldest segments go first, and are counted.
 *
 * Beside it: small values by name (account, consent, switches), and the last
 * uploads that went and questions that were asked, byte by byte, for the owner
 * to see.
 */

/** A home that was cut off for days: some 5 kB each window. */
#define SPOOL_BYTES_MAX ((uint64_t)64 << 20)
/** Of the last uploads that went, each whole; the last is kept whatever its
 * length: after an outage one is a megabyte, else some 5 kB. */
#define SPOOL_SENT_MAX	     10
#define SPOOL_SENT_BYTES_MAX ((uint64_t)16 << 20)
/** Of the last questions that were asked; some 4 kB each at most. */
#define SPOOL_ASKED_MAX 20
#define SPOOL_VALUE_MAX ((size_t)4 << 20)
#define SPOOL_WHY_BYTES 256

struct spool;

struct spool_counts {
	uint64_t waiting, waiting_bytes;
	uint64_t oldest_ms; /* of those that wait, when it was made; or 0 */
	/* since the account began */
	uint64_t sent, sent_bytes; /* bytes as they went, compressed */
	uint64_t dropped;	   /* for the limit, or could not be edited */
	uint64_t refused;	   /* by the collector */
	uint64_t outdated;	   /* gathered under a text that was replaced */
};

struct spool_segment {
	uint64_t number, made_ms;
	uint32_t fields; /* the switches it was written with */
	struct slice line;
};

/** Makes it when missing. why: one line. ERR_IO, ERR_NOMEM. */
int spool_open(const char *path, struct spool **out,
	       char why[SPOOL_WHY_BYTES]) must_check;
/** NULL is accepted. */
void spool_close(struct spool *spool);
/** The last failure as one line; "" when the last writing went well. */
const char *spool_error(const struct spool *spool);

/** The value that is there from when a segment with labels was dropped, until
 * it is removed: they are to go again. */
#define SPOOL_LABELS_DROPPED "labels dropped"

/** Appends a value. ERR_NOTFOUND, ERR_IO. */
int spool_get(struct spool *spool, const char *name,
	      struct buf *out) must_check;
/** An absent value removes it. ERR_IO. */
int spool_put(struct spool *spool, const char *name,
	      struct slice value) must_check;

/** The number that the next segment gets. ERR_IO. */
int spool_next(struct spool *spool, uint64_t *number) must_check;
/** Adds a segment of that number. ERR_IO. */
int spool_add(struct spool *spool,
	      const struct spool_segment *segment) must_check;
/** Calls visit for each that waits, the oldest first, until it gives false.
 * What is visited is lent until it returns. ERR_IO. */
int spool_each(struct spool *spool,
	       bool (*visit)(void *user, const struct spool_segment *segment),
	       void *user) must_check;
/** Those from first to last are the collector's now. ERR_IO. */
int spool_accepted(struct spool *spool, uint64_t first,
		   uint64_t last) must_check;
/** One that the collector will not have. ERR_IO. */
int spool_refused(struct spool *spool, uint64_t number) must_check;
/** Takes out of all that wait; what went is not shown any more. ERR_IO. */
int spool_edit(struct spool *spool, const struct share_edit *edit) must_check;
/** All that wait, and what went. The numbers go on. ERR_IO. */
int spool_clear(struct spool *spool) must_check;
/** All that wait, counted: another text was agreed to. ERR_IO. */
int spool_outdated(struct spool *spool) must_check;
/** As spool_clear, and numbers and counts begin anew: for another account.
 * ERR_IO. */
int spool_begin(struct spool *spool) must_check;

/** Notes what went: its body before it was compressed. ERR_IO. */
int spool_note_sent(struct spool *spool, uint64_t at_ms, struct slice body,
		    uint64_t compressed) must_check;
/** Calls visit for each, the last first. ERR_IO. */
int spool_each_sent(struct spool *spool,
		    bool (*visit)(void *user, uint64_t at_ms, struct slice body,
				  uint64_t length, uint64_t compressed),
		    void *user) must_check;

/** Appends what went then. ERR_NOTFOUND: it is not kept, or not whole, as by
 * former versions; ERR_IO, or out's. */
int spool_sent_at(struct spool *spool, uint64_t at_ms,
		  struct buf *out) must_check;

/** Notes what is asked, before it goes. ERR_IO. */
int spool_note_asked(struct spool *spool, uint64_t at_ms, const char *path,
		     struct slice body) must_check;
/** Calls visit for each, the last first. ERR_IO. */
int spool_each_asked(struct spool *spool,
		     bool (*visit)(void *user, uint64_t at_ms, const char *path,
				   struct slice body),
		     void *user) must_check;

void spool_counts(struct spool *spool, struct spool_counts *out);

#endif
