// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/match.h"

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* A byte above ASCII is part of some letter. */
static bool in_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
	       c >= 0x80;
}

static bool same(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

/* Names are joined by a change of case too: "NicksMacBook". */
static bool begins_word(struct slice text, size_t at)
{
	uint8_t before, first = text.data[at];

	if (!at)
		return true;
	before = text.data[at - 1];
	return !in_word(before) || !in_word(first) ||
	       (before >= 'a' && before <= 'z' && first >= 'A' && first <= 'Z');
}

/* Where the pattern begins and maybe ends a word; text.len when nowhere. */
static size_t find_word(struct slice pattern, struct slice text, bool whole)
{
	for (size_t i = 0; i + pattern.len <= text.len; i++) {
		size_t end = i + pattern.len;

		if (!begins_word(text, i))
			continue;
		if (!same(text.data + i, pattern.data, pattern.len))
			continue;
		if (whole && end < text.len && in_word(text.data[end]) &&
		    in_word(text.data[end - 1]))
			continue;
		return i;
	}
	return text.len;
}

static bool in_domain(struct slice pattern, struct slice text)
{
	size_t before;

	if (text.len < pattern.len)
		return false;
	before = text.len - pattern.len;
	return same(text.data + before, pattern.data, pattern.len) &&
	       (!before || text.data[before - 1] == '.');
}

bool match_text(enum match how, struct slice pattern, struct slice text,
		struct slice *rest)
{
	struct slice after = { NULL, 0 };
	size_t at = 0;

	switch (how) {
	case MATCH_ANY:
		after = text;
		break;
	case MATCH_IS:
		if (text.len != pattern.len ||
		    !same(text.data, pattern.data, text.len))
			return false;
		break;
	case MATCH_STARTS:
		if (text.len < pattern.len ||
		    !same(text.data, pattern.data, pattern.len))
			return false;
		after = slice_of(text.data + pattern.len,
				 text.len - pattern.len);
		break;
	case MATCH_WORD:
	case MATCH_BEGINS_WORD:
		at = find_word(pattern, text, how == MATCH_WORD);
		if (at == text.len)
			return false;
		at += pattern.len;
		after = slice_of(text.data + at, text.len - at);
		break;
	case MATCH_DOMAIN:
		if (!in_domain(pattern, text))
			return false;
		break;
	}
	if (rest)
		*rest = after;
	return true;
}
