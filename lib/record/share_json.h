// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_SHARE_JSON_H
#define RECORD_SHARE_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "record/share.h"

/*
 * The lines of an upload (api/record.schema.json), written and changed.
 */

/** A segment's line: what SHARE_BYTES_MAX of rows can become. */
#define SHARE_LINE_MAX ((size_t)4 << 20)
/** A consent's hash in hex, terminated. */
#define SHARE_HASH_BYTES 65

struct share_header {
	const char *client;  /* version; told where its switch is on */
	const char *consent; /* hash of the text agreed to, in hex */
	int utc_offset_min;  /* the same */
	uint32_t fields;     /* bits of enum share_field */
};

/** Appends the first line, with its newline. ERR_NOMEM, ERR_LIMIT. */
int share_json_header(const struct share_header *header,
		      struct buf *out) must_check;

/** Appends a segment's line, with its newline. ERR_NOMEM, ERR_LIMIT. */
int share_json_segment(const struct share *share, uint64_t number,
		       struct buf *out) must_check;

/** What is to go out of a line that was written. */
struct share_edit {
	/** Ids that a device may have in a segment that ends then: the n-th, or
	 * NULL past the last. It goes with all of its rows. NULL: none does. */
	const char *(*device)(void *user, uint64_t end_s, size_t n);
	bool names; /* every name of a host or a device */
	/** Rows that have a text of which this is true; NULL: none. What is
	 * true of a text is true of a longer one that has it between quotes. */
	bool (*says)(void *user, struct slice text);
	void *user;
	/* the switches that it was written with, and those that stay on */
	uint32_t fields, keep;
};

/** When a segment's line says that it ends; 0 for none. */
uint64_t share_json_end(struct slice line);

/**
 * Appends the line again without what is to go out, and with its columns as
 * the switches that stay on have them. ERR_MALFORMED for a line that was not
 * written here, ERR_NOMEM, ERR_LIMIT.
 */
int share_json_edit(struct slice line, const struct share_edit *edit,
		    struct buf *out) must_check;

#endif
