// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_NAMES_H
#define READ_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/slice.h"
#include "base/table.h"
#include "record/record.h"

/** Most (device, address) pairs with names; each takes some 100 bytes. */
#define NAMES_PAIRS_MAX ((uint32_t)1 << 20)
/** Most names of one pair, a proxy has many, a server seldom two: the oldest
 * gives way. */
#define NAMES_OF_PAIR_MAX 64
/** Most bytes of names and their places, all together. */
#define NAMES_BYTES_MAX ((size_t)256 << 20)

/**
 * Who is behind an address, as each device itself learned it (the address to
 * name table of a whole input, so that a flow can be named at its end).
 */
struct names {
	struct table pairs;
	struct table texts; /* each name kept once */
	struct arena arena;
	uint64_t refused; /* names left out, or forgotten for others */
};

/** The name of an endpoint. */
struct names_answer {
	struct slice name; /* absent when nothing is known */
	bool inferred;	   /* another device's name for that address */
	enum record_name_source source;
};

void names_init(struct names *n, uint64_t seed);
void names_done(struct names *n);

void names_add(struct names *n, const struct mac *device,
	       const struct record_name *name);

/** A connection's end: whose it is, and when. */
struct names_question {
	const struct mac *device;
	const struct addr *addr;
	uint16_t device_port; /* 0: of no connection in particular */
	uint64_t time_ns;
};

/**
 * The best name that the device has for an address: DNS before SNI before HTTP
 * Host; of one source that of the same connection, else the latest one not
 * after the time, else the first one after it. Failing that, another device's,
 * inferred. Lives as long as the names.
 */
struct names_answer names_find(const struct names *n,
			       const struct names_question *question);

#endif
