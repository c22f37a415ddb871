// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_LABEL_TEXT_H
#define STUDY_LABEL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/*
 * Labels as they are compared: printable ASCII in lower case, words between
 * single spaces.
 */

/** A cleaned label's most bytes; what is beyond is cut off. The longest names
 * that people type are a quarter of it; a position in one fits a byte. */
#define LABEL_BYTES_MAX 255

struct label_text {
	size_t len;
	char text[LABEL_BYTES_MAX + 1]; /* terminated */
	bool is_cut;
};

/** Drops what is not ASCII and control characters, folds white space to single
 * spaces between words, and makes it lower case. */
void label_clean(struct slice typed, struct label_text *out);
/** Cleans two, and joins what is left of them by a space. */
void label_join(struct slice first, struct slice second,
		struct label_text *out);

/** The next word at or after *at, which moves behind it; absent after the
 * last. */
struct slice label_word(struct slice label, size_t *at);
/** A word without punctuation before and after it; may be empty. */
struct slice label_bare(struct slice word);
/** Whether needle is somewhere in the label; an empty one is nowhere. */
bool label_contains(struct slice label, struct slice needle);
/** Letters and digits alone. Returns out. */
struct label_text *label_compact(struct slice label, struct label_text *out);

static inline struct slice label_slice(const struct label_text *label)
{
	return slice_of(label->text, label->len);
}

/** Appends a word and the space before it; what does not fit is cut. */
void label_add_word(struct label_text *label, struct slice word);

#endif
