// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef KNOW_OUI_DATA_H
#define KNOW_OUI_DATA_H

#include <stddef.h>
#include <stdint.h>

/** Assignments of one length of prefix, sorted. Made by data/make-oui. */
struct oui_block {
	unsigned bits;
	size_t count;
	const uint64_t *prefixes;
	const uint32_t *names; /* offsets into oui_names */
};

/** 36, 28 and 24 bits: the longest first. */
#define OUI_BLOCKS 3

extern const struct oui_block oui_blocks[OUI_BLOCKS];
/** All names, each terminated. */
extern const char oui_names[];

#endif
