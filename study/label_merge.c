// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/label_merge.h"

#include <stdlib.h>
#include <string.h>

#include "study/label_parts.h"
#include "study/label_spelling.h"
#include "study/label_text.h"

const char *label_rule_name(enum label_rule rule)
{
	static const char *const names[] = {
		[LABEL_STAYS] = "stays",
		[LABEL_SPELLING] = "spelling",
		[LABEL_PART] = "part",
		[LABEL_PUNCTUATION] = "punctuation",
	};

	return names[rule];
}

static int compare(const void *a, const void *b)
{
	const struct label *x = a, *y = b;
	size_t len = x->text.len < y->text.len ? x->text.len : y->text.len;
	int order;

	if (x->devices != y->devices)
		return x->devices < y->devices ? 1 : -1;
	order = memcmp(x->text.data, y->text.data, len);
	return order ? order
		     : (x->text.len > y->text.len) -
			       (x->text.len < y->text.len);
}

/* Of labels as common as each other the shorter is looked at first: it holds
 * none of the longer's words that the longer does not. */
static int compare_lengths(const void *a, const void *b)
{
	const struct label *x = a, *y = b;

	if (x->devices != y->devices || x->text.len == y->text.len)
		return compare(a, b);
	return x->text.len < y->text.len ? -1 : 1;
}

/* In an order, each itself; their texts alone. NULL: no memory. */
static struct slice *begin(struct label *labels, size_t count,
			   int (*order)(const void *, const void *))
{
	struct slice *texts = calloc(count + 1, sizeof(*texts));

	if (!texts)
		return NULL;
	qsort(labels, count, sizeof(*labels), order);
	for (uint32_t i = 0; i < count; i++) {
		texts[i] = labels[i].text;
		labels[i].becomes = i;
		labels[i].rule = LABEL_STAYS;
	}
	return texts;
}

int label_merge_paper(struct label *labels, size_t count, uint64_t seed)
{
	struct slice *texts = begin(labels, count, compare);
	struct spelling spelling = { 0 };
	struct parts parts = { 0 };
	int err = texts ? 0 : ERR_NOMEM;

	if (!err)
		err = spelling_init(&spelling, texts, count, 0, seed);
	if (!err)
		err = parts_init(&parts, texts, count);
	/*
	 * What a label becomes is the first before it that was not renamed and
	 * fits: all that is asked of those before it is known when it is
	 * reached, and only they are findable.
	 */
	for (uint32_t i = 0; !err && i < count; i++) {
		uint32_t spelled = spelling_find(&spelling, texts[i]);
		uint32_t part = parts_find(&parts, texts[i]);

		if (spelled == SPELLING_NONE && part == PARTS_NONE) {
			spelling_add(&spelling, i);
			parts_add(&parts, i);
		} else {
			labels[i].becomes = spelled <= part ? spelled : part;
			labels[i].rule =
				spelled <= part ? LABEL_SPELLING : LABEL_PART;
		}
	}
	parts_done(&parts);
	spelling_done(&spelling);
	free(texts);
	return err;
}

/* The compact forms of labels, in the memory of one allocation. */
struct compacts {
	char *bytes;
	struct slice *texts;
};

static int make_compacts(const struct label *labels, size_t count,
			 struct compacts *out)
{
	size_t bytes = 0, at = 0;

	for (size_t i = 0; i < count; i++)
		bytes += labels[i].text.len;
	out->bytes = malloc(bytes + 1);
	out->texts = calloc(count + 1, sizeof(*out->texts));
	if (!out->bytes || !out->texts)
		return ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		struct label_text compact;

		label_compact(labels[i].text, &compact);
		memcpy(out->bytes + at, compact.text, compact.len);
		out->texts[i] = slice_of(out->bytes + at, compact.len);
		at += compact.len;
	}
	return 0;
}

/* The words of a label that begin at one and end at another: those between
 * are a text of it. */
struct words {
	struct slice label;
	size_t start[LABEL_WORDS_MAX], end[LABEL_WORDS_MAX];
	size_t count;
};

static void split(struct slice label, struct words *out)
{
	size_t at = 0;
	struct slice word;

	out->label = label;
	out->count = 0;
	while (out->count < LABEL_WORDS_MAX &&
	       (word = label_word(label, &at)).data) {
		out->start[out->count] = (size_t)(word.data - label.data);
		out->end[out->count++] = at;
	}
}

/* The longest run of first words that is a label; else the commonest run. */
static uint32_t find_words(const struct spelling *before,
			   const struct label *labels, uint32_t i,
			   bool first_words)
{
	uint32_t best = SPELLING_NONE;
	struct words w;

	split(labels[i].text, &w);
	for (size_t n = w.count; first_words && n > 0; n--) {
		struct slice run = slice_of(w.label.data, w.end[n - 1]);
		uint32_t found = spelling_same(before, run);

		if (found != SPELLING_NONE && !labels[found].is_common)
			return found;
	}
	for (size_t from = 0; from < w.count; from++) {
		for (size_t to = from; to < w.count; to++) {
			struct slice run =
				slice_of(w.label.data + w.start[from],
					 w.end[to] - w.start[from]);
			uint32_t found = spelling_same(before, run);

			if (found < best && !labels[found].is_common)
				best = found;
		}
	}
	return best;
}

/* How much commoner than a label the right one must be for the label to be a
 * slip. */
static uint64_t ratio(struct slice label, const struct label *right)
{
	size_t shorter =
		label.len < right->text.len ? label.len : right->text.len;

	if (shorter < LABEL_SPELLED_MIN)
		return UINT32_MAX;
	return shorter < LABEL_SHORT && !right->is_known ? LABEL_SHORT_RATIO
							 : LABEL_RATIO;
}

static uint32_t find_spelling(const struct spelling *before,
			      const struct label *labels, uint32_t i)
{
	const struct label *label = &labels[i];
	uint32_t found;

	if (label->is_known)
		return SPELLING_NONE;
	found = spelling_find(before, label->text);
	if (found == SPELLING_NONE ||
	    labels[found].devices <
		    label->devices * ratio(label->text, &labels[found]))
		return SPELLING_NONE;
	return found;
}

/* By its letters and digits, with the "'s" of a possessive or without. */
static uint32_t find_compact(const struct spelling *compact, struct slice label,
			     struct slice letters)
{
	struct label_text owner;
	uint32_t found = SPELLING_NONE;

	if (letters.len)
		found = spelling_same(compact, letters);
	if (found != SPELLING_NONE || label.len < 3 ||
	    memcmp(label.data + label.len - 2, "'s", 2) != 0)
		return found;
	label_compact(slice_of(label.data, label.len - 2), &owner);
	return owner.len ? spelling_same(compact, label_slice(&owner))
			 : SPELLING_NONE;
}

/* The labels before the one that is looked at, as they are and by their letters
 * and digits alone. */
struct improving {
	struct label *labels;
	struct compacts compacts;
	struct spelling before, compact;
	bool first_words;
};

static void improve_one(struct improving *m, uint32_t i)
{
	struct label *label = &m->labels[i];
	uint32_t found =
		find_compact(&m->compact, label->text, m->compacts.texts[i]);

	label->rule = LABEL_PUNCTUATION;
	if (found == SPELLING_NONE) {
		found = find_spelling(&m->before, m->labels, i);
		label->rule = LABEL_SPELLING;
	}
	if (found == SPELLING_NONE) {
		found = find_words(&m->before, m->labels, i, m->first_words);
		label->rule = LABEL_PART;
	}
	if (found == SPELLING_NONE)
		label->rule = LABEL_STAYS;
	else
		/* that one was looked at before, so this leads to the end */
		label->becomes = m->labels[found].becomes;
	spelling_add(&m->before, i);
	spelling_add(&m->compact, i);
}

int label_merge_improved(struct label *labels, size_t count, bool first_words,
			 uint64_t seed)
{
	struct improving m = { .labels = labels, .first_words = first_words };
	struct slice *texts = begin(labels, count, compare_lengths);
	int err = texts ? make_compacts(labels, count, &m.compacts) : ERR_NOMEM;

	if (!err)
		err = spelling_init(&m.compact, m.compacts.texts, count,
				    SPELLING_SAME, seed);
	if (!err)
		err = spelling_init(&m.before, texts, count,
				    SPELLING_SWAPS | SPELLING_LETTERS, seed);
	for (uint32_t i = 0; !err && i < count; i++)
		improve_one(&m, i);
	spelling_done(&m.before);
	spelling_done(&m.compact);
	free(m.compacts.texts);
	free(m.compacts.bytes);
	free(texts);
	return err;
}
