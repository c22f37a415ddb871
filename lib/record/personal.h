// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_PERSONAL_H
#define RECORD_PERSONAL_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * The one rule for names that look like a person's: what leaves a home, and
 * what a release tells, go by it. A text is personal where it says whose a
 * thing is:
 *
 *   "Anna's iPhone", "James' room", "Ayşe'nin TV"   an apostrophe
 *   "Annas iPhone", "johns-macbook", "AnnasiPhone"  an s before a thing
 *   "iPhone de Ana", "Kamera von Jürgen"            a word for "of" behind one
 *   "iPhone (Anna)"                                 in brackets behind one
 *   "AnnaのiPhone", "小明的iPhone"                  their letter for "of"
 *
 * unless whose it is is a vendor, a thing, a place in the home or another word
 * that names nobody: "Philips TV", "Kids' room", "TV de la sala". Names that
 * are a vendor's or a product's as well as a person's (Philip, Alexa, Harmony,
 * August) are a person's where the text says that something is theirs. A name
 * alone, and one without a sign of whose ("John iPad"), is not seen: there is
 * no list of first names that would not be a list of words as well.
 */

/** Words of one text: more than SCRUB_TEXT_MAX bytes have. A text with more is
 * personal. */
#define PERSONAL_WORDS_MAX 128

bool personal_is(struct slice text);

/** By an apostrophe alone: of texts that programs write, the rest of the rule
 * would take words of theirs for somebody's. */
bool personal_is_marked(struct slice text);

#endif
