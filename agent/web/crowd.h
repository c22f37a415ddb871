// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_CROWD_H
#define WEB_CROWD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/slice.h"

/*
 * What a collector gives back (api/collector.yaml), as the home keeps it. All
 * of it comes from outside: a name is taken only for an address of the Internet
 * that the upload it answers had, and had no name for, and only if it could be
 * a host's. Nothing here is evidence: a name is shown as a guess, and nothing
 * is judged by it.
 */

/** Names kept: of more, those go that were told longest ago. */
#define CROWD_NAMES_MAX 2000
/** Names taken of one reply: as many as a collector tells. */
#define CROWD_REPLY_MAX 64
/** A host's name (RFC 1035 2.3.4), without the final dot. */
#define CROWD_NAME_BYTES_MAX 253
/** A name not told again for so long is none: the home's own are kept for as
 * long, and addresses change owners. */
#define CROWD_NAME_MS (UINT64_C(31) * 24 * 3600 * 1000)
/** A name told again is noted anew after this. */
#define CROWD_AGAIN_MS (UINT64_C(24) * 3600 * 1000)

struct crowd_counters {
	uint64_t names_taken;	/* new, or another one */
	uint64_t names_refused; /* not asked for, or no host's name */
	uint64_t names_dropped; /* for the limit */
};

struct crowd {
	json_t *names; /* by address: {name, homes, device, at} */
	bool changed;  /* since it was last written */
	struct crowd_counters counters;
};

struct crowd_name {
	struct slice name; /* lent until the crowd changes */
	uint64_t homes;	   /* how many call it so */
};

/** Letters, digits, '-' and '_' in two labels at least, the last one no number,
 * and not of the home alone: what could be asked for in DNS, and is not an
 * address. */
bool crowd_is_host(const char *name);

/** Without memory it stays empty. */
void crowd_init(struct crowd *crowd);
void crowd_done(struct crowd *crowd);
/** Everything goes but the counters. */
void crowd_clear(struct crowd *crowd);

/** Takes what names was; what is not that is nothing. */
void crowd_read(struct crowd *crowd, json_t *names);

/**
 * Takes names that came in the reply to an upload.
 * body: the upload as it went, before compression; names: the reply's list.
 */
void crowd_take_names(struct crowd *crowd, struct slice body, json_t *names,
		      uint64_t now_ms);

/** What other homes call an address; false: nothing is known. */
bool crowd_name_of(const struct crowd *crowd, const struct addr *addr,
		   uint64_t now_ms, struct crowd_name *out);

/** Names that were not told for long go. */
void crowd_expire(struct crowd *crowd, uint64_t now_ms);

/** What is known for the sake of a device goes. id: as in uploads. */
void crowd_forget(struct crowd *crowd, const char *id);

#endif
