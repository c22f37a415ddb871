// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_MATCH_H
#define JUDGE_MATCH_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * How a rule's pattern fits a text. Case is not looked at (ASCII). None looks
 * for a pattern inside a word: "ring" is not in "spring".
 */
enum match {
	MATCH_ANY,	   /* whatever it is */
	MATCH_IS,	   /* the whole text */
	MATCH_STARTS,	   /* its beginning */
	MATCH_WORD,	   /* whole words anywhere: neither side goes on with a
			    * letter or a digit */
	MATCH_BEGINS_WORD, /* the beginning of a word anywhere */
	MATCH_DOMAIN, /* a name, or one below it: whole labels from the end */
};

/** True when it fits; *rest is then what follows the pattern, or the whole
 * text for MATCH_ANY, absent for MATCH_DOMAIN. rest may be NULL. */
bool match_text(enum match how, struct slice pattern, struct slice text,
		struct slice *rest);

#endif
