// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SIMULATE_SERVERS_H
#define STUDY_SIMULATE_SERVERS_H

#include <stdint.h>

#include "base/addr.h"
#include "base/table.h"
#include "study/simulate/home.h"

/*
 * The servers that simulated homes meet: the same in every home, and each a
 * number. Whether a home could name one is part of it, as in a fleet's
 * endpoints.
 */

/** Most servers of a fleet: a market of a thousand times ours fits. */
#define SERVERS_MAX (UINT32_C(1) << 24)
/** Longest name. */
#define SERVERS_NAME_BYTES 256

struct servers {
	const struct market *market;
	size_t *hosts; /* by a contact's number: the first with the name */
	struct table numbers;
};

struct server {
	struct addr addr;
	char name[SERVERS_NAME_BYTES]; /* "": not known */
	bool is_guessed;	       /* the name is reverse DNS's */
};

/** ERR_NOMEM. */
int servers_init(struct servers *s, const struct market *m) must_check;
void servers_done(struct servers *s);

/** The number of a contact's server, from 0 in the order they are met; *fresh
 * says whether it is met for the first time. ERR_LIMIT, ERR_NOMEM. */
int servers_number(struct servers *s, const struct home_contact *contact,
		   uint32_t *number, bool *fresh) must_check;

/** What it is. */
void servers_describe(const struct servers *s,
		      const struct home_contact *contact, struct server *out);

#endif
