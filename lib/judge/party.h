// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_PARTY_H
#define JUDGE_PARTY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/slice.h"
#include "record/record.h"

/** A name or an address as findings show it. */
#define PARTY_TEXT_BYTES 64

/** Who is at an address, as far as whoever is asked knows. Texts are lent. */
struct party {
	struct slice name;    /* of the host; absent when unknown */
	bool unnamed;	      /* it may not be called by a name */
	const char *company;  /* NULL: unknown */
	const char *tracker;  /* its category; NULL: none known */
	const char *bad_list; /* the list that has it as malicious, or NULL */
	char country[3];      /* ISO 3166-1, upper case, or empty */
	/* a company that nobody rents: a third party for whoever is not it */
	bool third;
};

/** Whoever knows: names of a device's remotes, and reference data. */
struct party_source {
	void *user;
	/** Fills what is known of a remote of the window's device. */
	void (*find)(void *user, const struct record_window *window,
		     const struct addr *remote, struct party *out);
};

/**
 * An address as findings show it: of a private IPv6 address that is made of a
 * MAC (RFC 4291 appendix A), as another device of the home may have, the MAC's
 * second half is left out. Returns out.
 */
const char *party_addr(const struct addr *addr, char out[PARTY_TEXT_BYTES]);

struct know;

/** Fills what the reference data knows of a remote, by the name in out. */
void party_know(const struct know *know, const struct addr *remote,
		struct party *out);

/** Different remotes asked about in a window: a scan has thousands. */
#define PARTY_ASKED_MAX 64

/**
 * The name as text that is safe to show, else the address. Returns out.
 */
const char *party_text(struct slice name, const struct addr *addr,
		       char out[PARTY_TEXT_BYTES]);

#endif
