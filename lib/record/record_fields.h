// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_RECORD_FIELDS_H
#define RECORD_RECORD_FIELDS_H

#include <stddef.h>

#include "record/record.h"

/*
 * What a window is made of, as tables, so that its forms (JSON, binary) are
 * written down once.
 */

/** How a field lies in memory, and how it is shown. */
enum record_kind {
	RECORD_FLAG,	 /* bool */
	RECORD_PROTOCOL, /* uint8_t: "tcp", "udp", else a number */
	RECORD_NUMBER16, /* uint16_t */
	RECORD_NUMBER64, /* uint64_t */
	RECORD_TIME,	 /* uint64_t: seconds with 9 decimals, as text */
	RECORD_ADDR,	 /* struct addr: text; left out when there is none */
	RECORD_ENUM,	 /* an enum: the name of its value */
	RECORD_TOKEN,	 /* char[]: visible ASCII; left out when empty */
	/* struct slice, left out when absent */
	RECORD_TEXT,  /* escaped as text_escape() does */
	RECORD_LIST8, /* numbers of one byte */
	RECORD_LIST16,
	RECORD_NAMES, /* length-prefixed, as in ALPN */
	RECORD_BYTES, /* hex */
};

struct record_field {
	const char *name;
	enum record_kind kind;
	size_t offset;
	/* RECORD_ENUM */
	const char *const *values;
	unsigned value_count;
	/* RECORD_TOKEN: bytes of the array, its end included; at most 256 */
	size_t room;
};

/** One of the lists of a window. */
struct record_type {
	const char *name;
	size_t size;			   /* of one item */
	size_t items_offset, count_offset; /* in struct record_window */
	const struct record_field *fields;
	size_t field_count;
};

/** The lists, by number. */
enum record_part {
	RECORD_PART_FLOWS,
	RECORD_PART_NAMES,
	RECORD_PART_QUESTIONS,
	RECORD_PART_HELLOS,
	RECORD_PART_HTTP,
	RECORD_PART_CLUES,
	RECORD_PART_SERVERS,
	RECORD_PART_SERVICES,
	RECORD_TYPES, /* how many there are */
};
extern const struct record_type record_types[RECORD_TYPES];

/** What record_clue_name() says. */
extern const char *const record_clue_names[RECORD_CLUE_KINDS];
/** What record_application_name() says. */
extern const char *const record_application_names[RECORD_APPLICATIONS];

/** Item i of a window's list. */
const void *record_item(const struct record_window *window,
			const struct record_type *type, size_t i);
size_t record_item_count(const struct record_window *window,
			 const struct record_type *type);
/** Makes these the window's list: lent to it. */
void record_set_items(struct record_window *window,
		      const struct record_type *type, const void *items,
		      size_t count);

#endif
