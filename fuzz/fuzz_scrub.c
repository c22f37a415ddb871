// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "record/personal.h"
#include "record/scrub.h"
#include "record/unescape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mac own = { { 0x00, 0x17, 0x88, 0xa1, 0xb2, 0xc3 } };
static const struct mac macs[] = { { { 0x3c, 0x22, 0xfb, 0x0a, 0x1b, 0x2c } } };
static const struct addr wan = { .family = 4, .b = { 203, 0, 113, 77 } };
/* What is planted, and what of it may be nowhere in what comes out. Its ends
 * join nothing: digits without a sign between could be of anything. */
static const char *const planted[] = {
	"~3c:22:fb:0a:1b:2c~",
	"~3C-22-FB-0A-1B-2C~",
	"~3c22.fb0a.1b2c~",
	"~3c%3A22%3afb%3A0A%3A1B%3A2C~",
	"~3c\\:22\\:fb\\:0a\\:1b\\:2c~",
	"~%33%63%32%32%66%62%30%61%31%62%32%63~",
};
static const char digits[] = "3c22fb0a1b2c";
#define PART 6

/* Not by the key of a home: only what is found is looked at. */
static void no_hash(void *user, const void *data, size_t len, uint8_t out[32])
{
	(void)user;
	(void)data;
	(void)len;
	memset(out, 0xee, 32);
}

static const struct scrub home = {
	.hash = no_hash,
	.own = &own,
	.macs = macs,
	.mac_count = 1,
	.wan = &wan,
	.wan_count = 1,
};

/* Letters and digits alone, what was found left out. */
static void bare(struct slice text, bool marks, char *out)
{
	for (size_t i = 0; i < text.len; i++) {
		const uint8_t *end =
			marks && text.data[i] == '['
				? memchr(text.data + i, ']', text.len - i)
				: NULL;

		if (end)
			i = (size_t)(end - text.data);
		else if (isalnum(text.data[i]))
			*out++ = (char)tolower(text.data[i]);
	}
	*out = '\0';
}

static bool has_part(const char *text, size_t len)
{
	for (size_t i = 0; i + len <= strlen(digits); i++) {
		char part[PART + 1];

		snprintf(part, len + 1, "%s", digits + i);
		if (strstr(text, part))
			return true;
	}
	return false;
}

static void check(enum scrub_kind kind, struct slice text, bool plant)
{
	char rest[SCRUB_OUT_MAX + 1];
	struct buf out;

	buf_init(&out, SCRUB_OUT_MAX);
	if (!scrub_text(&home, kind, text, &out)) {
		struct slice made = buf_slice(&out);

		if (made.len > SCRUB_OUT_MAX || !text_is_utf8(made))
			abort();
		bare(made, true, rest);
		if (plant && has_part(rest, PART))
			abort();
	}
	buf_done(&out);
}

/* A MAC of the home's in the middle of any text. */
static void check_planted(const uint8_t *data, size_t size)
{
	char text[2 * SCRUB_TEXT_MAX], around[2 * SCRUB_TEXT_MAX];
	uint8_t plain[UNESCAPE_MAX];
	struct slice whole;
	const char *mac;
	size_t at, n;

	if (size < 2 || size > SCRUB_TEXT_MAX / 2)
		return;
	mac = planted[data[0] % (sizeof(planted) / sizeof(planted[0]))];
	n = strlen(mac);
	at = data[1] % (size - 1);
	data += 2;
	size -= 2;
	at = at > size ? size : at;
	/* what has a part of it by itself says nothing */
	bare(slice_of(data, size), false, around);
	if (has_part(around, 2))
		return;
	bare(unescape(slice_of(data, size), plain), false, around);
	if (has_part(around, 2) || memchr(data, '[', size))
		return;
	memcpy(text, data, at);
	memcpy(text + at, mac, n);
	memcpy(text + at + n, data + at, size - at);
	whole = slice_of(text, size + n);
	check(SCRUB_FREE, whole, true);
	check(SCRUB_HOST, whole, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	uint8_t plain[UNESCAPE_MAX];

	if (unescape(text, plain).len > size)
		abort();
	/* what an apostrophe alone tells is told by all of the rule, too */
	if (personal_is_marked(text) && !personal_is(text))
		abort();
	check(SCRUB_FREE, text, false);
	check(SCRUB_HOST, text, false);
	check_planted(data, size);
	return 0;
}
