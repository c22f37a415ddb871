// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/change.h"

#include <stdio.h>

void change_add(struct change_list *list, enum rule_kind kind, uint64_t at_ms,
		const char *text)
{
	struct change *c =
		&list->items[(list->start + list->count) % CHANGE_MAX];

	if (list->count < CHANGE_MAX)
		list->count++;
	else
		list->start = (list->start + 1) % CHANGE_MAX;
	*c = (struct change){ .kind = kind, .at_ms = at_ms };
	(void)snprintf(c->text, sizeof(c->text), "%s", text);
}

const struct change *change_at(const struct change_list *list, size_t i)
{
	return &list->items[(list->start + i) % CHANGE_MAX];
}
