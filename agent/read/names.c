// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/names.h"

#include <string.h>

struct pair {
	struct mac device; /* zero: any device */
	struct addr addr;
};

/* One name, of a chain in order of arrival. */
struct entry {
	struct entry *next;
	uint64_t time_ns;
	struct slice name;
	enum record_name_source source;
	uint16_t device_port;
};

struct chain {
	struct entry *first, *last;
	uint32_t count;
};

/* Names are at most 255 octets, as text four times that (RFC 1035 5.1); what
 * is longer came from an HTTP Host and is no name. */
#define NAME_MAX_BYTES 1024

/* The hash of a text stands for it: at 64 seeded bits, two in a million names
 * are alike once in 30 million inputs; even so they are compared. */
struct text_key {
	uint64_t hash;
};

void names_init(struct names *n, uint64_t seed)
{
	n->refused = 0;
	table_init(&n->pairs, sizeof(struct pair), sizeof(struct chain),
		   NAMES_PAIRS_MAX, seed);
	table_init(&n->texts, sizeof(struct text_key), sizeof(struct slice),
		   NAMES_PAIRS_MAX, seed);
	arena_init(&n->arena, NAMES_BYTES_MAX);
}

void names_done(struct names *n)
{
	table_done(&n->pairs);
	table_done(&n->texts);
	arena_done(&n->arena);
}

/* A copy of the text that lives as long as the names, or absent. */
static struct slice keep_text(struct names *n, struct slice text)
{
	struct text_key key = { table_hash(n->texts.seed, text.data,
					   text.len) };
	struct slice *kept = table_get(&n->texts, &key, NULL);

	if (kept && kept->data && slice_equal(*kept, text))
		return *kept;
	text.data = arena_copy(&n->arena, text.data, text.len);
	if (kept && !kept->data)
		*kept = text;
	return text;
}

/* Room for one more name: of a full chain that of the oldest. */
static struct entry *make_room(struct names *n, struct chain *chain)
{
	struct entry *oldest = chain->first;

	if (chain->count < NAMES_OF_PAIR_MAX) {
		struct entry *entry = arena_alloc(&n->arena, sizeof(*entry));

		chain->count += entry != NULL;
		return entry;
	}
	chain->first = oldest->next;
	return oldest;
}

/* False when a name was left out, or another forgotten for it. */
static bool add_to(struct names *n, const struct mac *device,
		   const struct record_name *name, struct slice text)
{
	struct pair pair;
	struct chain *chain;
	struct entry *entry;
	bool full;

	memset(&pair, 0, sizeof(pair));
	pair.device = *device;
	pair.addr = name->addr;
	chain = table_get(&n->pairs, &pair, NULL);
	if (!chain)
		return false;
	if (chain->last && chain->last->source == name->source &&
	    slice_equal(chain->last->name, text))
		return true;
	full = chain->count == NAMES_OF_PAIR_MAX;
	entry = make_room(n, chain);
	if (!entry)
		return false;
	*entry = (struct entry){ .time_ns = name->time_ns,
				 .name = text,
				 .source = name->source,
				 .device_port = name->device_port };
	if (chain->first)
		/* NOLINTNEXTLINE(*NullDereference): first, so last too */
		chain->last->next = entry;
	else
		chain->first = entry;
	chain->last = entry;
	return !full;
}

void names_add(struct names *n, const struct mac *device,
	       const struct record_name *name)
{
	static const struct mac any;
	struct slice text;

	if (!name->name.len || name->name.len > NAME_MAX_BYTES)
		return;
	text = keep_text(n, name->name);
	if (!text.data) {
		n->refused++;
		return;
	}
	if (!add_to(n, device, name, text))
		n->refused++;
	/* a guess for others: the latest will do */
	(void)add_to(n, &any, name, text);
}

/* Whether a is better than b as an answer. */
static bool is_better(const struct entry *a, const struct entry *b,
		      const struct names_question *q)
{
	bool a_same = q->device_port && a->device_port == q->device_port;
	bool b_same = q->device_port && b->device_port == q->device_port;
	bool a_known = a->time_ns <= q->time_ns;
	bool b_known = b->time_ns <= q->time_ns;

	if (a->source != b->source)
		return a->source < b->source;
	if (a_same != b_same)
		return a_same;
	if (a_known != b_known)
		return a_known;
	return a_known ? a->time_ns >= b->time_ns : a->time_ns < b->time_ns;
}

static const struct entry *find_in(const struct names *n,
				   const struct names_question *q)
{
	const struct entry *best = NULL;
	const struct chain *chain;
	struct pair pair;

	memset(&pair, 0, sizeof(pair));
	pair.device = *q->device;
	pair.addr = *q->addr;
	chain = table_find(&n->pairs, &pair);
	for (const struct entry *e = chain ? chain->first : NULL; e;
	     e = e->next)
		if (!best || is_better(e, best, q))
			best = e;
	return best;
}

struct names_answer names_find(const struct names *n,
			       const struct names_question *question)
{
	static const struct mac any;
	struct names_answer answer = { .inferred = false };
	const struct entry *found = find_in(n, question);
	struct names_question others = *question;

	if (!found) {
		others.device = &any;
		others.device_port = 0;
		found = find_in(n, &others);
		answer.inferred = found != NULL;
	}
	if (found) {
		answer.name = found->name;
		answer.source = found->source;
	}
	return answer;
}
