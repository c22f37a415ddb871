// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"

void ranges_done(struct ranges *r)
{
	free(r->items);
	*r = (struct ranges){ 0 };
}

void ranges_clear(struct ranges *r)
{
	r->count = 0;
}

/* The first range that ends at number or after it. */
static uint32_t find(const struct ranges *r, uint64_t number)
{
	uint32_t low = 0, high = r->count;

	/* what comes is nearly always after all that came */
	if (high && r->items[high - 1].last < number)
		return high;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (r->items[middle].last < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool ranges_has(const struct ranges *r, uint64_t number)
{
	uint32_t at = find(r, number);

	return at < r->count && r->items[at].first <= number;
}

static int grow(struct ranges *r)
{
	uint32_t room = r->room ? 2 * r->room : 2;
	struct range *items;

	if (r->count < r->room)
		return 0;
	items = realloc(r->items, room * sizeof(*items));
	if (!items)
		return ERR_NOMEM;
	r->items = items;
	r->room = room;
	return 0;
}

static void remove_items(struct ranges *r, uint32_t at, uint32_t count)
{
	memmove(&r->items[at], &r->items[at + count],
		(r->count - at - count) * sizeof(*r->items));
	r->count -= count;
}

int ranges_add(struct ranges *r, uint64_t first, uint64_t last,
	       uint64_t *closed)
{
	/* what ends right before it is joined, too */
	uint32_t at = find(r, first ? first - 1 : 0), end = at;

	while (end < r->count &&
	       (last == UINT64_MAX || r->items[end].first <= last + 1))
		end++;
	if (end > at) {
		struct range *range = &r->items[at];

		if (first < range->first)
			range->first = first;
		range->last = last > r->items[end - 1].last
				      ? last
				      : r->items[end - 1].last;
		remove_items(r, at + 1, end - at - 1);
		return 0;
	}
	if (grow(r))
		return ERR_NOMEM;
	memmove(&r->items[at + 1], &r->items[at],
		(r->count - at) * sizeof(*r->items));
	r->items[at] = (struct range){ first, last };
	r->count++;
	if (r->count > RANGES_MAX) {
		r->items[0].last = r->items[1].last;
		remove_items(r, 1, 1);
		if (closed)
			(*closed)++;
	}
	return 0;
}

int ranges_join(struct ranges *r, const struct ranges *b, uint64_t *closed)
{
	for (uint32_t i = 0; i < b->count; i++) {
		int err = ranges_add(r, b->items[i].first, b->items[i].last,
				     closed);

		if (err)
			return err;
	}
	return 0;
}

void ranges_encode(const struct ranges *r, struct buf *out)
{
	for (uint32_t i = 0; i < r->count; i++) {
		buf_u64(out, r->items[i].first);
		buf_u64(out, r->items[i].last);
	}
}

int ranges_decode(struct ranges *r, struct slice bytes)
{
	struct cursor c = cursor_slice(bytes);
	struct ranges read = { 0 };
	int err = 0;

	while (!err && cursor_left(&c)) {
		uint64_t first = cursor_u64(&c), last = cursor_u64(&c);

		if (!cursor_ok(&c) || first > last ||
		    (read.count && first <= read.items[read.count - 1].last))
			err = ERR_MALFORMED;
		else
			err = ranges_add(&read, first, last, NULL);
	}
	if (err) {
		ranges_done(&read);
		return err;
	}
	ranges_done(r);
	*r = read;
	return 0;
}
