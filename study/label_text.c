// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/label_text.h"

#include <string.h>

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_alnum(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c >= 'A' && c <= 'Z');
}

static void add_byte(struct label_text *label, uint8_t c)
{
	if (label->len >= LABEL_BYTES_MAX) {
		label->is_cut = true;
		return;
	}
	label->text[label->len++] =
		(char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	label->text[label->len] = '\0';
}

static void add_cleaned(struct label_text *label, struct slice typed)
{
	bool is_apart = label->len > 0;

	for (size_t i = 0; i < typed.len; i++) {
		uint8_t c = typed.data[i];

		if (is_space(c)) {
			is_apart = label->len > 0;
			continue;
		}
		if (c < ' ' || c > '~')
			continue;
		/* a space is not left at the end of what is cut */
		if (is_apart && label->len + 1 < LABEL_BYTES_MAX)
			add_byte(label, ' ');
		else if (is_apart)
			label->is_cut = true;
		if (!label->is_cut)
			add_byte(label, c);
		is_apart = false;
	}
}

void label_clean(struct slice typed, struct label_text *out)
{
	label_join(typed, (struct slice){ 0 }, out);
}

void label_join(struct slice first, struct slice second, struct label_text *out)
{
	out->len = 0;
	out->text[0] = '\0';
	out->is_cut = false;
	add_cleaned(out, first);
	add_cleaned(out, second);
}

struct slice label_word(struct slice label, size_t *at)
{
	size_t start;

	while (*at < label.len && label.data[*at] == ' ')
		++*at;
	start = *at;
	while (*at < label.len && label.data[*at] != ' ')
		++*at;
	return start == *at ? (struct slice){ 0 }
			    : slice_of(label.data + start, *at - start);
}

struct slice label_bare(struct slice word)
{
	while (word.len && !is_alnum(word.data[0]))
		word = slice_of(word.data + 1, word.len - 1);
	while (word.len && !is_alnum(word.data[word.len - 1]))
		word.len--;
	return word;
}

bool label_contains(struct slice label, struct slice needle)
{
	return needle.len &&
	       memmem(label.data, label.len, needle.data, needle.len);
}

struct label_text *label_compact(struct slice label, struct label_text *out)
{
	out->len = 0;
	out->text[0] = '\0';
	out->is_cut = false;
	for (size_t i = 0; i < label.len; i++)
		if (is_alnum(label.data[i]))
			add_byte(out, label.data[i]);
	return out;
}

void label_add_word(struct label_text *label, struct slice word)
{
	if (label->len + 1 + word.len > LABEL_BYTES_MAX) {
		label->is_cut = true;
		return;
	}
	if (label->len)
		add_byte(label, ' ');
	for (size_t i = 0; i < word.len; i++)
		add_byte(label, word.data[i]);
}
