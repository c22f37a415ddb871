// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/label_spelling.h"

#include <string.h>
#include <sys/mman.h>

#include "study/label_text.h"

/* An entry: the label's number and one, so that zero is none; the place of its
 * wildcard; the upper bits of the form's hash. */
#define NUMBER_BITS 32
#define PLACE_BITS  8
#define TAG_BITS    24
#define NO_PLACE    0xffu /* the label as it is: the last place is 254 */

/* Entries twice those wanted at most keep the searches short. */
#define ENTRIES_MAX ((uint64_t)1 << 33)

/* No byte of a text. */
#define WILDCARD 257

/* Each byte changed, left out, or swapped with the next; one put in before each
 * or at the end. */
#define FORMS_MAX (4 * LABEL_BYTES_MAX + 1)

/* Of one text: the hash of each beginning, and powers of the base. */
struct sums {
	const uint8_t *text;
	size_t len;
	uint64_t start[LABEL_BYTES_MAX + 1];
	uint64_t power[LABEL_BYTES_MAX + 2];
};

static void sums_of(const struct spelling *s, struct slice text,
		    struct sums *out)
{
	out->text = text.data;
	out->len = text.len;
	out->start[0] = 0;
	out->power[0] = 1;
	for (size_t i = 0; i < text.len; i++) {
		out->start[i + 1] = out->start[i] * s->base + text.data[i] + 1;
		out->power[i + 1] = out->power[i] * s->base;
	}
	out->power[text.len + 1] = out->power[text.len] * s->base;
}

/* The hash of the text from a place on, put behind another. */
static uint64_t behind(const struct sums *t, uint64_t before, size_t from)
{
	uint64_t power = t->power[t->len - from];

	return before * power + t->start[t->len] - t->start[from] * power;
}

static uint64_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9u;
	return h ^ (h >> 32);
}

static uint64_t hash_changed(const struct spelling *s, const struct sums *t,
			     size_t at)
{
	return mix(behind(t, t->start[at] * s->base + WILDCARD, at + 1));
}

static uint64_t hash_longer(const struct spelling *s, const struct sums *t,
			    size_t at)
{
	return mix(behind(t, t->start[at] * s->base + WILDCARD, at));
}

static uint64_t hash_shorter(const struct sums *t, size_t at)
{
	return mix(behind(t, t->start[at], at + 1));
}

static uint64_t hash_swapped(const struct spelling *s, const struct sums *t,
			     size_t at)
{
	uint64_t h = t->start[at] * s->base + t->text[at + 1] + 1;

	return mix(behind(t, h * s->base + t->text[at] + 1, at + 2));
}

/* Whether two texts are equal when each leaves out the byte at its place. */
static bool equal_without(struct slice a, size_t place_a, struct slice b,
			  size_t place_b)
{
	size_t at_b = 0;

	if (a.len - (place_a < a.len) != b.len - (place_b < b.len))
		return false;
	for (size_t at_a = 0; at_a < a.len; at_a++) {
		if (at_a == place_a)
			continue;
		at_b += at_b == place_b;
		if (a.data[at_a] != b.data[at_b++])
			return false;
	}
	return true;
}

static bool equal_swapped(struct slice a, struct slice b, size_t at)
{
	return a.len == b.len && !memcmp(a.data, b.data, at) &&
	       a.data[at] == b.data[at + 1] && a.data[at + 1] == b.data[at] &&
	       !memcmp(a.data + at + 2, b.data + at + 2, a.len - at - 2);
}

/* What is looked for: a label whose form at label_place is the text's at
 * text_place, or with two swapped there. */
struct sought {
	struct slice text;
	size_t label_place, text_place;
	bool is_swapped;
};

static bool is_sought(const struct sought *k, struct slice label)
{
	if (k->is_swapped)
		return equal_swapped(label, k->text, k->text_place);
	return equal_without(label, k->label_place, k->text, k->text_place);
}

static uint64_t place_bits(const struct sought *k)
{
	uint64_t place = k->label_place < NO_PLACE ? k->label_place : NO_PLACE;

	return place << NUMBER_BITS;
}

static uint32_t search(const struct spelling *s, uint64_t hash,
		       const struct sought *k, uint64_t *free_at)
{
	uint64_t want =
		place_bits(k) | (hash >> (64 - TAG_BITS) << (64 - TAG_BITS));
	uint64_t at = hash & s->mask;

	for (; s->entries[at]; at = (at + 1) & s->mask) {
		uint64_t entry = s->entries[at];
		uint32_t number = (uint32_t)entry - 1;

		if ((entry ^ want) >> NUMBER_BITS == 0 &&
		    is_sought(k, s->labels[number]))
			return number;
	}
	if (free_at)
		*free_at = at;
	return SPELLING_NONE;
}

int spelling_init(struct spelling *s, const struct slice *labels, size_t count,
		  unsigned flags, uint64_t seed)
{
	uint64_t forms = 0, size = 64;

	*s = (struct spelling){ .labels = labels,
				.flags = flags,
				.base = mix(seed) | 1 };
	for (size_t i = 0; i < count; i++)
		forms += flags & SPELLING_SAME ? 1 : labels[i].len + 1;
	while (size < forms + forms / 2)
		size *= 2;
	if (size > ENTRIES_MAX || count >= SPELLING_NONE)
		return ERR_LIMIT;
	s->mask = size - 1;
	s->entries =
		mmap(NULL, size * sizeof(*s->entries), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->entries == MAP_FAILED) {
		s->entries = NULL;
		return ERR_NOMEM;
	}
	/* where pages are small, finding them takes longer than what is in
	 * them; it is no fault where there are no larger ones */
	(void)madvise(s->entries, size * sizeof(*s->entries), MADV_HUGEPAGE);
	return 0;
}

void spelling_done(struct spelling *s)
{
	if (s->entries)
		(void)munmap(s->entries, (s->mask + 1) * sizeof(*s->entries));
	*s = (struct spelling){ 0 };
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* The forms of one text, each with its hash: a table of all labels' forms is
 * far larger than the processor's caches, so all that is needed of it is asked
 * for before the first of it is looked at. */
struct forms {
	size_t count;
	struct {
		uint64_t hash;
		struct sought sought;
	} forms[FORMS_MAX];
};

static void put(const struct spelling *s, struct forms *f, uint64_t hash,
		struct sought sought)
{
	f->forms[f->count].hash = hash;
	f->forms[f->count++].sought = sought;
	__builtin_prefetch(&s->entries[hash & s->mask]);
}

/* Those that a label is found by. */
static void list_own(const struct spelling *s, struct slice text,
		     struct forms *out)
{
	struct sums t;

	out->count = 0;
	sums_of(s, text, &t);
	put(s, out, mix(t.start[t.len]),
	    (struct sought){ text, SIZE_MAX, SIZE_MAX, false });
	for (size_t i = 0; i < t.len && !(s->flags & SPELLING_SAME); i++)
		if (!(s->flags & SPELLING_LETTERS) || !is_digit(t.text[i]))
			put(s, out, hash_changed(s, &t, i),
			    (struct sought){ text, i, i, false });
}

/* Those of the labels that are one edit from the text. */
static void list_edits(const struct spelling *s, struct slice text,
		       struct forms *out)
{
	bool letters = s->flags & SPELLING_LETTERS;
	struct sums t;

	out->count = 0;
	sums_of(s, text, &t);
	for (size_t i = 0; i < t.len; i++) {
		if (letters && is_digit(text.data[i]))
			continue;
		put(s, out, hash_changed(s, &t, i),
		    (struct sought){ text, i, i, false });
		put(s, out, hash_shorter(&t, i),
		    (struct sought){ text, SIZE_MAX, i, false });
	}
	for (size_t i = 0; i <= t.len && t.len < LABEL_BYTES_MAX; i++)
		put(s, out, hash_longer(s, &t, i),
		    (struct sought){ text, i, SIZE_MAX, false });
	for (size_t i = 0; (s->flags & SPELLING_SWAPS) && i + 1 < t.len; i++) {
		if (text.data[i] == text.data[i + 1] ||
		    (letters &&
		     (is_digit(text.data[i]) || is_digit(text.data[i + 1]))))
			continue;
		put(s, out, hash_swapped(s, &t, i),
		    (struct sought){ text, SIZE_MAX, i, true });
	}
}

/* Under each form, unless a label with a lower number is there. */
void spelling_add(struct spelling *s, uint32_t number)
{
	struct forms forms;

	list_own(s, s->labels[number], &forms);
	for (size_t i = 0; i < forms.count; i++) {
		uint64_t hash = forms.forms[i].hash, free_at;
		const struct sought *k = &forms.forms[i].sought;

		if (search(s, hash, k, &free_at) == SPELLING_NONE)
			s->entries[free_at] =
				((uint64_t)number + 1) | place_bits(k) |
				(hash >> (64 - TAG_BITS) << (64 - TAG_BITS));
	}
}

uint32_t spelling_find(const struct spelling *s, struct slice text)
{
	uint32_t best = SPELLING_NONE;
	struct forms forms;

	list_edits(s, text, &forms);
	for (size_t i = 0; i < forms.count; i++) {
		uint32_t found = search(s, forms.forms[i].hash,
					&forms.forms[i].sought, NULL);

		if (found < best)
			best = found;
	}
	return best;
}

uint32_t spelling_same(const struct spelling *s, struct slice text)
{
	struct sought same = { text, SIZE_MAX, SIZE_MAX, false };
	struct sums t;

	if (text.len > LABEL_BYTES_MAX)
		return SPELLING_NONE;
	sums_of(s, text, &t);
	return search(s, mix(t.start[t.len]), &same, NULL);
}
