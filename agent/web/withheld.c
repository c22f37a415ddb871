// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/withheld.h"

#include <stdlib.h>
#include <string.h>

struct withheld_window {
	struct withheld_window *next;
	size_t length;
	bool watched;
	uint8_t bytes[];
};

static void lose(struct withheld *held, struct withheld_sum *sum)
{
	held->lost++;
	sum->lost++;
}

void withheld_add(struct withheld *held, struct withheld_sum *sum,
		  struct slice window, bool watched)
{
	size_t most = watched ? WITHHELD_WATCHED_BYTES : WITHHELD_OTHER_BYTES;
	struct withheld_window *fresh;

	while (held->first && (held->bytes + window.len > most ||
			       sum->bytes + window.len > WITHHELD_ALL_BYTES)) {
		withheld_take(held, sum);
		lose(held, sum);
	}
	if (window.len > most || sum->bytes + window.len > WITHHELD_ALL_BYTES) {
		lose(held, sum);
		return;
	}
	fresh = malloc(sizeof(*fresh) + window.len);
	if (!fresh) {
		lose(held, sum);
		return;
	}
	*fresh = (struct withheld_window){ .length = window.len,
					   .watched = watched };
	memcpy(fresh->bytes, window.data, window.len);
	if (held->last)
		held->last->next = fresh;
	else
		held->first = fresh;
	held->last = fresh;
	held->windows++;
	held->bytes += window.len;
	sum->bytes += window.len;
}

bool withheld_first(const struct withheld *held, struct slice *window,
		    bool *watched)
{
	if (!held->first)
		return false;
	*window = slice_of(held->first->bytes, held->first->length);
	*watched = held->first->watched;
	return true;
}

void withheld_take(struct withheld *held, struct withheld_sum *sum)
{
	struct withheld_window *first = held->first;

	held->first = first->next;
	if (!held->first)
		held->last = NULL;
	held->windows--;
	held->bytes -= first->length;
	sum->bytes -= first->length;
	explicit_bzero(first->bytes, first->length);
	free(first);
}

void withheld_wipe(struct withheld *held, struct withheld_sum *sum)
{
	while (held->first)
		withheld_take(held, sum);
	held->lost = 0;
}
