// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_NBNS_H
#define DECODE_NBNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * The NetBIOS name service (RFC 1001, RFC 1002 4.2): who asks for a name, says
 * that it has one, or lists its names.
 */

/** Characters of a name; the 16th byte is its kind. */
#define NBNS_NAME_MAX 15
/** Most names kept of one message: a host has a dozen. */
#define NBNS_NAMES_MAX 32

enum nbns_op {
	NBNS_QUERY,
	NBNS_REGISTER,
	NBNS_RELEASE,
	NBNS_WAIT,
	NBNS_REFRESH,
};

struct nbns_name {
	char text[NBNS_NAME_MAX + 1]; /* without the spaces that fill it */
	uint8_t kind; /* 0x00 workstation, 0x20 file server, 0x1e group, … */
	bool group;   /* of several hosts, as a workgroup */
};

struct nbns {
	enum nbns_op op;
	bool response;
	uint8_t rcode;
	bool status; /* asks for, or is, a list of all names */
	/* the one in question; of an answer to a status query, the list */
	struct nbns_name names[NBNS_NAMES_MAX];
	size_t name_count;
	size_t names_left_out; /* past NBNS_NAMES_MAX */
};

/** A datagram. ERR_TRUNCATED; ERR_MALFORMED: no name service. */
int nbns_decode(struct slice bytes, struct nbns *out) must_check;

#endif
