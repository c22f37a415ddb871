// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_LABEL_PARTS_H
#define STUDY_LABEL_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Finds which labels are part of a text, of many labels at once: the automaton
 * of Aho and Corasick (1975) over all of them, its nodes in order of depth so
 * that a node's children lie side by side. A label becomes findable when it is
 * added; each node then keeps the lowest number added that ends there, which is
 * written once, so all adding together is linear in the nodes.
 */

#define PARTS_NONE UINT32_MAX

struct parts {
	uint32_t node_count;
	uint32_t *first_child;	/* and one more, so that it ends the last */
	uint8_t *byte;		/* that leads to the node */
	uint32_t *shorter;	/* the longest other end that is a beginning */
	uint32_t *first_longer; /* whose shorter this is */
	uint32_t *next_longer;
	uint32_t *best;	   /* the lowest number added that ends here */
	uint32_t *node_of; /* a label's own */
};

/** Of labels that are distinct, not empty, and 255 bytes at most; their texts
 * may go afterwards. ERR_NOMEM, ERR_LIMIT. */
int parts_init(struct parts *p, const struct slice *labels,
	       size_t count) must_check;
void parts_done(struct parts *p);

/** Makes a label findable; lower numbers before higher ones. */
void parts_add(struct parts *p, uint32_t number);
/** The lowest number added whose label is somewhere in the text, or
 * PARTS_NONE. */
uint32_t parts_find(const struct parts *p, struct slice text);

#endif
