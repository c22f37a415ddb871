// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/score.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "judge/match.h"

/* What others' labels call a computer, besides our categories. */
static const char *const computers[] = {
	"smartphone", "mobile", "mobile phone", "cell phone", "pc",
	"mac",	      "server", "notebook",	"smartwatch",
};

static enum identity_verdict side_of(const struct label *label)
{
	enum identity_verdict side = identity_side(label->category);

	if (!label->category.len)
		return IDENTITY_UNKNOWN;
	if (side != IDENTITY_UNKNOWN ||
	    match_text(MATCH_IS, slice_text("board"), label->category, NULL))
		return side;
	for (size_t i = 0; i < sizeof(computers) / sizeof(computers[0]); i++)
		if (match_text(MATCH_IS, slice_text(computers[i]),
			       label->category, NULL))
			return IDENTITY_COMPUTER;
	return IDENTITY_THING;
}

static struct score_vendor *vendor_of(struct score *s, struct slice name)
{
	for (size_t i = 0; i < s->vendor_count; i++)
		if (match_text(MATCH_IS, s->vendors[i].name, name, NULL))
			return &s->vendors[i];
	if (s->vendor_count == SCORE_VENDORS_MAX)
		return NULL;
	s->vendors[s->vendor_count] = (struct score_vendor){ .name = name };
	return &s->vendors[s->vendor_count++];
}

/* "TP-Link" and "TP-Link Kasa" are one maker's. */
static bool same_vendor(struct slice a, struct slice b)
{
	return match_text(MATCH_WORD, a, b, NULL) ||
	       match_text(MATCH_WORD, b, a, NULL);
}

/* True when it is taken for another's. */
static bool add_vendor(struct score *s, const struct label *label,
		       const struct identity *found)
{
	struct score_vendor *vendor;

	if (!label->vendor.len)
		return false;
	vendor = vendor_of(s, label->vendor);
	if (!vendor) {
		s->refused++;
		return false;
	}
	if (!found->vendor[0]) {
		vendor->unknown++;
		return false;
	}
	if (same_vendor(label->vendor, slice_text(found->vendor))) {
		vendor->right++;
		return false;
	}
	vendor->wrong++;
	return true;
}

static void add_device(struct score *s, const struct mac *mac,
		       const struct label *label, const struct identity *found)
{
	enum identity_verdict side = side_of(label);
	struct score_wrong wrong = { .mac = *mac,
				     .label = label,
				     .verdict = found->verdict };

	wrong.wrong_vendor = add_vendor(s, label, found);
	if (side != IDENTITY_UNKNOWN) {
		s->sides[side][found->verdict]++;
		wrong.wrong_side = found->verdict != IDENTITY_UNKNOWN &&
				   found->verdict != side;
	}
	if (!wrong.wrong_vendor && !wrong.wrong_side)
		return;
	if (s->wrong_count == SCORE_WRONG_MAX) {
		s->refused++;
		return;
	}
	memcpy(wrong.vendor, found->vendor, sizeof(wrong.vendor));
	s->wrong[s->wrong_count++] = wrong;
}

static int by_name(const void *left, const void *right)
{
	const struct score_vendor *a = left, *b = right;
	size_t n = a->name.len < b->name.len ? a->name.len : b->name.len;
	int order = memcmp(a->name.data, b->name.data, n);

	if (order)
		return order;
	return a->name.len < b->name.len ? -1 : a->name.len > b->name.len;
}

void score_make(struct score *score, const struct labels *labels,
		const struct identities *identities)
{
	const struct mac *mac;
	uint32_t at = 0;

	*score = (struct score){ .labelled = 0 };
	score->vendors = calloc(SCORE_VENDORS_MAX, sizeof(*score->vendors));
	score->wrong = calloc(SCORE_WRONG_MAX, sizeof(*score->wrong));
	while ((mac = identities_next(identities, &at))) {
		const struct label *label = labels_find(labels, mac);
		struct identity found;

		if (!label) {
			score->unlabelled++;
			continue;
		}
		if (!score->vendors || !score->wrong) {
			score->refused++;
			continue;
		}
		score->labelled++;
		identities_judge(identities, mac, &found);
		add_device(score, mac, label, &found);
	}
	if (score->vendor_count)
		qsort(score->vendors, score->vendor_count,
		      sizeof(*score->vendors), by_name);
}

void score_done(struct score *score)
{
	free(score->vendors);
	free(score->wrong);
}

static const enum identity_verdict shown[] = {
	IDENTITY_COMPUTER,
	IDENTITY_THING,
	IDENTITY_UNKNOWN,
};

static void put_sides(const struct score *s, struct buf *out)
{
	buf_printf(out, "%-24s%10s%10s%10s\n", "is, and is taken for",
		   "computer", "thing", "unknown");
	for (size_t i = 0; i < 2; i++) {
		buf_printf(out, "%-24s", identity_verdict_name(shown[i]));
		for (size_t j = 0; j < 3; j++)
			buf_printf(out, "%10zu", s->sides[shown[i]][shown[j]]);
		buf_puts(out, "\n");
	}
}

static void put_vendors(const struct score *s, struct buf *out)
{
	struct score_vendor all = { .right = 0 };

	buf_printf(out, "\n%-24s%10s%10s%10s\n", "vendor", "right", "another",
		   "unknown");
	for (size_t i = 0; i < s->vendor_count; i++) {
		const struct score_vendor *v = &s->vendors[i];
		size_t before = out->len;

		text_escape(out, v->name);
		if (out->len - before < 24)
			buf_printf(out, "%*s", (int)(24 - (out->len - before)),
				   "");
		buf_printf(out, "%10zu%10zu%10zu\n", v->right, v->wrong,
			   v->unknown);
		all.right += v->right;
		all.wrong += v->wrong;
		all.unknown += v->unknown;
	}
	buf_printf(out, "%-24s%10zu%10zu%10zu\n", "all", all.right, all.wrong,
		   all.unknown);
}

void score_text(const struct score *s, struct buf *out)
{
	char mac[MAC_TEXT_BYTES];

	buf_printf(out, "%zu devices with a label, %zu without\n\n",
		   s->labelled, s->unlabelled);
	put_sides(s, out);
	put_vendors(s, out);
	if (s->wrong_count)
		buf_puts(out, "\ntaken for what they are not:\n");
	for (size_t i = 0; i < s->wrong_count; i++) {
		const struct score_wrong *w = &s->wrong[i];

		buf_printf(out, "%s  \"", mac_format(&w->mac, mac));
		text_escape(out, w->label->name);
		buf_puts(out, "\" ");
		text_escape(out, w->label->vendor);
		buf_puts(out, " ");
		text_escape(out, w->label->category);
		buf_puts(out, ": ");
		text_escape(out, slice_text(w->vendor));
		buf_printf(out, " %s\n", identity_verdict_name(w->verdict));
	}
	if (s->refused)
		buf_printf(out, "%zu were left out: past a limit\n",
			   s->refused);
}

static void put_count(struct line *l, const char *key, size_t value)
{
	line_key(l, key);
	line_number(l, value);
}

static void json_sides(const struct score *s, struct line *l)
{
	line_key(l, "computer_or_not");
	line_open(l, '{');
	for (size_t i = 0; i < 2; i++) {
		line_key(l, identity_verdict_name(shown[i]));
		line_open(l, '{');
		for (size_t j = 0; j < 3; j++)
			put_count(l, identity_verdict_name(shown[j]),
				  s->sides[shown[i]][shown[j]]);
		line_close(l, '}');
	}
	line_close(l, '}');
}

static void json_vendors(const struct score *s, struct line *l)
{
	line_key(l, "vendors");
	line_open(l, '[');
	for (size_t i = 0; i < s->vendor_count; i++) {
		line_open(l, '{');
		line_key(l, "vendor");
		line_text(l, s->vendors[i].name);
		put_count(l, "right", s->vendors[i].right);
		put_count(l, "another", s->vendors[i].wrong);
		put_count(l, "unknown", s->vendors[i].unknown);
		line_close(l, '}');
	}
	line_close(l, ']');
}

static void json_wrong(const struct score *s, struct line *l)
{
	char mac[MAC_TEXT_BYTES];

	line_key(l, "wrong");
	line_open(l, '[');
	for (size_t i = 0; i < s->wrong_count; i++) {
		const struct score_wrong *w = &s->wrong[i];

		line_open(l, '{');
		line_key(l, "mac");
		line_string(l, mac_format(&w->mac, mac));
		line_key(l, "name");
		line_text(l, w->label->name);
		line_key(l, "vendor");
		line_text(l, w->label->vendor);
		line_key(l, "category");
		line_text(l, w->label->category);
		line_key(l, "found_vendor");
		line_text(l, slice_text(w->vendor));
		line_key(l, "found");
		line_string(l, identity_verdict_name(w->verdict));
		line_close(l, '}');
	}
	line_close(l, ']');
}

void score_json(const struct score *s, struct line *l)
{
	line_begin(l);
	put_count(l, "labelled", s->labelled);
	put_count(l, "unlabelled", s->unlabelled);
	put_count(l, "left_out", s->refused);
	json_sides(s, l);
	json_vendors(s, l);
	json_wrong(s, l);
}
