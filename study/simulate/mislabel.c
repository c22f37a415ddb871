// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/simulate/mislabel.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* How often people write "Philips" rather than "philips". */
#define CAPITALS 0.6

static const char *draw_choice(struct draw *d, const struct market_choices *c)
{
	return c->items[draw_weighted(d, &c->items[0].share, c->count,
				      sizeof(c->items[0]))]
		.text;
}

static void copy(char out[MISLABEL_BYTES], const char *text)
{
	(void)snprintf(out, MISLABEL_BYTES, "%s", text);
}

static void capitalise(char *text)
{
	for (size_t i = 0; text[i]; i++)
		if (!i || text[i - 1] == ' ' || text[i - 1] == '-')
			text[i] = (char)toupper((unsigned char)text[i]);
}

/* One letter too few, too many, wrong, or two exchanged. */
static void mistype(struct draw *d, char text[MISLABEL_BYTES])
{
	size_t len = strlen(text), at;

	if (len < 4 || len + 2 > MISLABEL_BYTES)
		return;
	at = 1 + draw_below(d, len - 2);
	switch (draw_below(d, 4)) {
	case 0:
		memmove(text + at, text + at + 1, len - at);
		break;
	case 1:
		memmove(text + at + 1, text + at, len - at + 1);
		break;
	case 2:
		text[at] = (char)('a' + draw_below(d, 26));
		break;
	default: {
		char first = text[at];

		text[at] = text[at + 1];
		text[at + 1] = first;
	}
	}
}

/* What is put around a word without changing what it says. */
static void decorate(struct draw *d, char text[MISLABEL_BYTES])
{
	static const char *const formats[] = {
		"%s ",	" %s",	  "%s.",      "%s\xc2\xae", "%s?",
		"%s's", "the %s", "%s (new)", "%s  smart",
	};
	const char *format = formats[draw_below(d, COUNT(formats))];
	const char *hole = strstr(format, "%s");
	char whole[MISLABEL_BYTES];

	(void)snprintf(whole, sizeof(whole), "%.*s%.72s%s",
		       (int)(hole - format), format, text, hole + 2);
	copy(text, whole);
}

static void draw_vendor(struct draw *d, const struct market *m,
			const struct mislabel_truth *truth,
			char out[MISLABEL_BYTES])
{
	const struct market_people *p = &m->people;

	copy(out, truth->vendor);
	if (draw_chance(d, p->wrong_vendor))
		copy(out, m->vendors[draw_below(d, m->vendor_count)].name);
	else if (truth->spellings && truth->spellings->count &&
		 draw_chance(d, p->sub_brand))
		copy(out, draw_choice(d, truth->spellings));
}

static void draw_name(struct draw *d, const struct market *m,
		      const struct mislabel_truth *truth,
		      char out[MISLABEL_BYTES])
{
	static const char *const places[] = {
		"living room", "kitchen", "bedroom", "office",	 "front door",
		"basement",    "garage",  "Anna's",  "upstairs", "my",
	};

	if (draw_chance(d, m->people.generic_name))
		copy(out, truth->category);
	else if (truth->spoken && truth->spoken->count && draw_chance(d, 0.6))
		copy(out, draw_choice(d, truth->spoken));
	else
		copy(out, truth->name);
	if (draw_chance(d, m->people.decorated)) {
		char whole[MISLABEL_BYTES];

		(void)snprintf(whole, sizeof(whole), "%s %.72s",
			       places[draw_below(d, COUNT(places))], out);
		copy(out, whole);
	}
}

void mislabel_draw(struct draw *d, const struct market *m,
		   const struct mislabel_truth *truth, struct mislabel *out)
{
	char *texts[] = { out->vendor, out->name, out->category };

	draw_vendor(d, m, truth, out->vendor);
	draw_name(d, m, truth, out->name);
	copy(out->category, truth->category);
	for (size_t i = 0; i < COUNT(texts); i++) {
		if (draw_chance(d, m->people.typo))
			mistype(d, texts[i]);
		if (draw_chance(d, CAPITALS))
			capitalise(texts[i]);
		if (draw_chance(d, m->people.decorated))
			decorate(d, texts[i]);
	}
	if (draw_chance(d, m->people.reversed)) {
		char name[MISLABEL_BYTES];

		copy(name, out->name);
		copy(out->name, out->vendor);
		copy(out->vendor, name);
	}
}
