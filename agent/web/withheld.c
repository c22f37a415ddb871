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
		  struct slice window, size_t most, bool watched)
{
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

static void take_out(struct withheld *held, struct withheld_sum *sum,
		     struct withheld_window **from,
		     struct withheld_window *before)
{
	struct withheld_window *window = *from;

	*from = window->next;
	if (!window->next)
		held->last = before;
	held->windows--;
	held->bytes -= window->length;
	sum->bytes -= window->length;
	explicit_bzero(window->bytes, window->length);
	free(window);
}

void withheld_take(struct withheld *held, struct withheld_sum *sum)
{
	take_out(held, sum, &held->first, NULL);
}

void withheld_sift(struct withheld *held, struct withheld_sum *sum,
		   bool (*goes)(void *user, struct slice window), void *user)
{
	struct withheld_window **at = &held->first, *before = NULL;

	while (*at) {
		if (goes(user, slice_of((*at)->bytes, (*at)->length))) {
			take_out(held, sum, at, before);
		} else {
			before = *at;
			at = &before->next;
		}
	}
}

void withheld_wipe(struct withheld *held, struct withheld_sum *sum)
{
	while (held->first)
		withheld_take(held, sum);
	held->lost = 0;
}
