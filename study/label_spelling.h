// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_LABEL_SPELLING_H
#define STUDY_LABEL_SPELLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Finds labels that are one edit apart without comparing all pairs. Two texts
 * of one length that differ in one byte are equal once that byte is a
 * wildcard; a text is another with one byte more when it equals that one with a
 * wildcard put in. So each label is kept under all its forms with one wildcard,
 * and a search asks for all the forms that one edit may give: in all, work and
 * memory are linear in the bytes of the labels. What is found is compared byte
 * by byte; the hash decides nothing.
 */

#define SPELLING_NONE UINT32_MAX

/** What counts as an edit, beside one byte changed, put in or left out. */
enum {
	SPELLING_SWAPS = 1 << 0,   /* two neighbours swapped, too */
	SPELLING_LETTERS = 1 << 1, /* none of a digit: models are numbered */
	SPELLING_SAME = 1 << 2,	   /* none: spelling_same() alone is asked */
};

struct spelling {
	const struct slice *labels; /* by number; the caller's */
	unsigned flags;
	uint64_t *entries; /* number + 1, wildcard, part of the hash */
	uint64_t base;
	uint64_t mask;
};

/** Numbers are places in labels, whose texts have 255 bytes at most and outlive
 * it. ERR_NOMEM, ERR_LIMIT. */
int spelling_init(struct spelling *s, const struct slice *labels, size_t count,
		  unsigned flags, uint64_t seed) must_check;
void spelling_done(struct spelling *s);

/** Makes a label findable; lower numbers before higher ones. */
void spelling_add(struct spelling *s, uint32_t number);
/** The lowest number among those added that is one edit from the text, which
 * is none of them; or SPELLING_NONE. */
uint32_t spelling_find(const struct spelling *s, struct slice text);
/** The number added with this very text, or SPELLING_NONE. */
uint32_t spelling_same(const struct spelling *s, struct slice text);

#endif
