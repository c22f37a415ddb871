// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_CHANGE_H
#define JUDGE_CHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "judge/rule.h"

/* What a device began to do, each dated: the latest of them. */

/** Kept of one device; the oldest gives way. */
#define CHANGE_MAX	  64
#define CHANGE_TEXT_BYTES 64

struct change {
	enum rule_kind kind;
	uint64_t at_ms;
	char text[CHANGE_TEXT_BYTES]; /* escaped */
};

struct change_list {
	struct change items[CHANGE_MAX]; /* oldest first, from start on */
	size_t start, count;
};

void change_add(struct change_list *list, enum rule_kind kind, uint64_t at_ms,
		const char *text);
/** Number i from the oldest on. */
const struct change *change_at(const struct change_list *list, size_t i);

#endif
