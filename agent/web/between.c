// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/between.h"

#include <assert.h>
#include <string.h>

#include "web/gate.h"

#define SETTING	   "between"
#define PAIR_BYTES (2 * sizeof(struct mac))

/* One byte for "all", then the MACs of each pair. */
int between_save(const struct message_pairs *pairs, struct store *store)
{
	uint8_t bytes[STORE_SETTING_BYTES];
	size_t used = 1;

	static_assert(1 + MESSAGE_PAIRS_MAX * PAIR_BYTES <= STORE_SETTING_BYTES,
		      "a setting holds all that can be chosen");
	bytes[0] = pairs->all;
	for (uint32_t i = 0; i < pairs->count; i++) {
		memcpy(bytes + used, pairs->pairs[i].a.b, 6);
		memcpy(bytes + used + 6, pairs->pairs[i].b.b, 6);
		used += PAIR_BYTES;
	}
	return store_setting_put(store, SETTING, slice_of(bytes, used));
}

void between_load(struct message_pairs *pairs, struct store *store)
{
	uint8_t bytes[STORE_SETTING_BYTES];
	int len = store_setting_get(store, SETTING, bytes);

	*pairs = (struct message_pairs){ .all = false };
	if (len <= 0)
		return;
	pairs->all = bytes[0] == 1;
	for (size_t at = 1;
	     at + PAIR_BYTES <= (size_t)len && pairs->count < MESSAGE_PAIRS_MAX;
	     at += PAIR_BYTES) {
		struct message_pair *p = &pairs->pairs[pairs->count++];

		memcpy(p->a.b, bytes + at, 6);
		memcpy(p->b.b, bytes + at + 6, 6);
	}
}

/* Of who is excluded or locked, not even that it is one of a pair. */
static bool may_show(const struct home_device *device)
{
	return gate_lets(device, true, GATE_NAMES);
}

json_t *between_view(const struct message_pairs *pairs, const struct home *home)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < pairs->count; i++) {
		const struct home_device *a =
			home_find(home, &pairs->pairs[i].a);
		const struct home_device *b =
			home_find(home, &pairs->pairs[i].b);

		if (a && b && may_show(a) && may_show(b))
			json_array_append_new(list,
					      json_pack("[ss]", a->id, b->id));
	}
	return json_pack("{s:b,s:o}", "all", pairs->all, "pairs", list);
}

bool between_forget(struct message_pairs *pairs, const struct mac *mac)
{
	uint32_t had = pairs->count, kept = 0;

	for (uint32_t i = 0; i < had; i++)
		if (!mac_equal(&pairs->pairs[i].a, mac) &&
		    !mac_equal(&pairs->pairs[i].b, mac))
			pairs->pairs[kept++] = pairs->pairs[i];
	pairs->count = kept;
	return kept < had;
}

static bool has_pair(const struct message_pairs *pairs,
		     const struct message_pair *p)
{
	for (uint32_t i = 0; i < pairs->count; i++) {
		const struct message_pair *q = &pairs->pairs[i];

		if ((mac_equal(&q->a, &p->a) && mac_equal(&q->b, &p->b)) ||
		    (mac_equal(&q->a, &p->b) && mac_equal(&q->b, &p->a)))
			return true;
	}
	return false;
}

bool between_replace(struct message_pairs *pairs, const struct mac *from,
		     const struct mac *into)
{
	uint32_t had = pairs->count;
	bool changed = false;

	pairs->count = 0;
	for (uint32_t i = 0; i < had; i++) {
		struct message_pair p = pairs->pairs[i];

		changed |= mac_equal(&p.a, from) || mac_equal(&p.b, from);
		if (mac_equal(&p.a, from))
			p.a = *into;
		if (mac_equal(&p.b, from))
			p.b = *into;
		if (!mac_equal(&p.a, &p.b) && !has_pair(pairs, &p))
			pairs->pairs[pairs->count++] = p;
	}
	return changed;
}

static int read_pair(const json_t *json, const struct home *home,
		     struct message_pair *out)
{
	const char *first = json_string_value(json_array_get(json, 0));
	const char *second = json_string_value(json_array_get(json, 1));
	const struct home_device *a, *b;

	if (json_array_size(json) != 2 || !first || !second)
		return ERR_INVALID;
	a = home_by_id(home, first);
	b = home_by_id(home, second);
	if (!a || !b || a == b || !may_show(a) || !may_show(b))
		return ERR_INVALID;
	*out = (struct message_pair){ a->mac, b->mac };
	return 0;
}

int between_read(json_t *json, const struct home *home,
		 struct message_pairs *out)
{
	struct message_pairs pairs = { .all = false };
	json_t *list;
	int all;

	if (json_unpack(json, "{s:b,s:o!}", "all", &all, "pairs", &list) ||
	    !json_is_array(list) || json_array_size(list) > MESSAGE_PAIRS_MAX)
		return ERR_INVALID;
	pairs.all = all;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (read_pair(json_array_get(list, i), home,
			      &pairs.pairs[pairs.count++]))
			return ERR_INVALID;
	*out = pairs;
	return 0;
}
