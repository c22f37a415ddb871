// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_SHARE_H
#define RECORD_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/record.h"
#include "record/scrub.h"
#include "record/share_columns.h"

/*
 * The shareable record: what of one closed window of the home may leave it. A
 * type of its own, which only the functions here make, out of windows, labels
 * and views: what is in one has been redacted. share_json.h writes it.
 *
 * Left out for good: the device's own address and MAC, names of hosts at home
 * and reverse names, whatever has the home's public address, names that the
 * owner removed (and names under them), the resumption and key material of
 * hellos (only the numbers of their extensions are read), ServerHellos,
 * services, and all of what a device says of itself but share_clue_field()'s
 * kinds; of mDNS texts only those of share_is_txt_key().
 */

/** Devices in a segment, as the schema has it. */
#define SHARE_DEVICES_MAX 512
/** What one segment's rows may take in memory: some 14,000 flows. Past it rows
 * are refused, and counted. */
#define SHARE_BYTES_MAX ((size_t)4 << 20)
/** Characters of a label's texts, of which SCRUB_TEXT_MAX bytes go. */
#define SHARE_LABEL_MAX 128
/** 16 bytes in hex, terminated. */
#define SHARE_ID_BYTES 33

struct share_rules {
	struct scrub scrub; /* its own is filled in here */
	uint32_t fields;    /* bits of enum share_field that are on */
	/* names that the owner removed, lower case */
	const struct slice *removed;
	size_t removed_count;
	/* Whether the owner lets this name out, which looks like a person's.
	 * NULL: never. */
	bool (*is_approved)(void *user, const struct mac *device,
			    enum record_clue_kind kind, struct slice text);
	void *user;
};

enum share_label_source {
	SHARE_LABEL_TYPED,
	SHARE_LABEL_CONFIRMED,
	SHARE_LABEL_REJECTED,
};

/** Of a label: what the owner typed; NULL for nothing. */
struct share_label {
	const char *name, *category, *vendor;
	enum share_label_source source;
};

struct share;

/** end_ns: of the window, a multiple of RECORD_WINDOW_NS. ERR_NOMEM. */
int share_new(uint64_t end_ns, uint32_t fields, struct share **out) must_check;
/** NULL is accepted. */
void share_free(struct share *share);

/**
 * Redacts a window of one device and adds it. watched: else its OUI and clues
 * are all that is taken. The window ended when the segment does. Rows past the
 * limits are refused and counted. ERR_INVALID for rules with other switches or
 * another window, ERR_LIMIT for too many devices, ERR_NOMEM.
 */
int share_window(struct share *share, const struct share_rules *rules,
		 const struct record_window *window, bool watched) must_check;
/** A label of a device, without a name that looks like a person's
 * (personal.h). Errors as above. */
int share_label(struct share *share, const struct share_rules *rules,
		const struct mac *device, bool watched,
		const struct share_label *label) must_check;
/** How long a view of the page was open; [a-z-] only, else ERR_INVALID. */
int share_view(struct share *share, const char *view,
	       double seconds) must_check;

uint64_t share_end_ns(const struct share *share);
uint32_t share_fields(const struct share *share);
size_t share_rows(const struct share *share, enum share_table table);
/** All rows but devices. */
size_t share_count(const struct share *share);
/** Refused for a limit. */
uint64_t share_refused(const struct share *share);

/** The switch of a kind of clue, or SHARE_FIELDS when none lets it out. */
enum share_field share_clue_field(enum record_clue_kind kind);

/* For share_json.c. */

enum share_cell_kind {
	SHARE_NULL,
	SHARE_NUMBER,
	SHARE_REAL,
	SHARE_TEXT
};

struct share_cell {
	enum share_cell_kind kind;
	union {
		uint64_t number;
		double real;
		const char *text; /* UTF-8 */
	};
};

/** The cells of a row, in the order of share_tables. */
const struct share_cell *share_row(const struct share *share,
				   enum share_table table, size_t row);

#endif
