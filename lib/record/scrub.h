// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_SCRUB_H
#define RECORD_SCRUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * The one scrubber of what leaves the home as free text. In any text of a
 * device's it finds what says which device, home or person it is, and writes
 * [kind:hash] in its place, by a key that stays at home: the same identifier
 * is the same there everywhere, and cannot be turned back. It is looked for in
 * what the text is without its escapes (record/unescape.h), too: where there is
 * something in that, it goes out so.
 *
 *   mac      six pairs of hex digits joined by up to three of : - . _ , ; / |
 *            + ' " \ and spaces, a dash of typography, or an escaped
 *            character (%3A, \x3a, \u003a, &#58;), single digits joined by
 *            ':', three fours or two sixes joined by one of . - : _ and a
 *            space, twelve in a row; one of the home's as its six bytes, as
 *            six decimal numbers, without the zeros that it begins with, or
 *            as its second half alone; the second half of the device's own,
 *            joined or not, anywhere; as hash the first 32 digits of the
 *            device's id.
 *            Whatever stands around it, digits too
 *   eui64    eight pairs, four fours, sixteen digits in a row
 *   uuid     8-4-4-4-12, or 32 in a row
 *   address  IPv4 and IPv6 addresses that no Internet host has, those of the
 *            home's networks, and those that a MAC is part of; of IPv4 also
 *            joined by '-' or '_', as in names
 *   id       seven and more pairs, other runs of twelve hex digits and more,
 *            and base64 in which there is a MAC of the home, or any spelled
 *            and an address of mail
 *   serial   what stands after a word for it ("sn", "serial", "imei", "id",
 *            "user", …), and what looks like one: nine digits in a row, or
 *            (not in a host's name, of which it would leave nothing) eleven
 *            letters and digits in a row that change from one to the other
 *            five times or have five digits in a row
 *
 * The home's public addresses (IPv4 also backwards and in hex) and the names of
 * hosts at home (under local, lan, …, the home's own domains, and those of
 * record/home_host.h) are taken out: [home], [local].
 */

/** A text is cut to so many bytes, a character and what is found at the cut
 * left whole or written whole: a User-Agent has some 150. */
#define SCRUB_TEXT_MAX 256
/** What can become of it, escaped (api/record.schema.json). */
#define SCRUB_OUT_MAX 1024
/** Hex digits of a hash, and of a MAC's, which is the device's id. */
#define SCRUB_HASH_HEX 16
#define SCRUB_MAC_HEX  32

struct scrub {
	/** HMAC-SHA-256 by the home's key. */
	void (*hash)(void *user, const void *data, size_t len, uint8_t out[32]);
	void *user;
	const struct mac *own; /* of the device that says it; NULL: none */
	/* of all devices at home, for spellings that none can be told by */
	const struct mac *macs;
	size_t mac_count;
	const struct cidr *home;
	size_t home_count; /* the home's networks */
	const struct addr *wan;
	size_t wan_count; /* the home's public addresses */
	const struct slice *domains;
	size_t domain_count; /* what the home's router calls it */
};

enum scrub_kind {
	SCRUB_FREE, /* any text */
	SCRUB_HOST, /* a host's name */
};

/**
 * Appends the text, scrubbed and escaped as text_escape() does. ERR_LIMIT when
 * that has more than SCRUB_OUT_MAX bytes, ERR_NOMEM; then out is as it was.
 */
int scrub_text(const struct scrub *scrub, enum scrub_kind kind,
	       struct slice text, struct buf *out) must_check;

/** Appends an address: as it is, or "[address:…]" for one of the home's. */
int scrub_addr(const struct scrub *scrub, const struct addr *addr,
	       struct buf *out) must_check;

/** Whether it is one of the home's public addresses. */
bool scrub_is_wan(const struct scrub *scrub, const struct addr *addr);

/** Whether a host's name is of a home alone: under local, lan and their like, a
 * reverse name, or of a single label. */
bool scrub_is_local_name(struct slice name);
/** The same, or under a domain of this home's or of dynamic DNS. */
bool scrub_is_home_name(const struct scrub *scrub, struct slice name);

/** Whether the domain, or a name under it, stands somewhere in a text; of a
 * domain of one label, which is any word, only a name under it. */
bool scrub_says_domain(struct slice text, struct slice domain);

#endif
