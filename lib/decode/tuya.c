// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/tuya.h"

#include "base/cursor.h"

enum {
	PREFIX_BYTES = 4,
	HEADER_BYTES = 16,
	SUFFIX_BYTES = 4,
	/* with the number of two bytes that newer ones have behind it */
	HEADER_6699_BYTES = 18,
	QUOTE = '"',
};

static const struct {
	uint8_t prefix[PREFIX_BYTES], suffix[SUFFIX_BYTES];
	size_t header_bytes;
} frames[] = {
	{ { 0, 0, 0x55, 0xaa }, { 0, 0, 0xaa, 0x55 }, HEADER_BYTES },
	{ { 0, 0, 0x66, 0x99 }, { 0, 0, 0x99, 0x66 }, HEADER_6699_BYTES },
};

/* Where the text is; text.len when it is not. */
static size_t find(struct slice in, size_t from, struct slice text)
{
	for (size_t i = from; i + text.len <= in.len; i++) {
		if (!memcmp(in.data + i, text.data, text.len))
			return i;
	}
	return in.len;
}

/* The value of a member that is a plain text, in JSON as devices write it:
 * flat, and without a space. */
static struct slice member(struct slice json, const char *name)
{
	struct slice key = slice_text(name);
	size_t at = find(json, 0, key) + key.len, end;

	if (at >= json.len)
		return slice_of(NULL, 0);
	for (end = at; end < json.len && json.data[end] != QUOTE; end++) {
		if (json.data[end] == '\\' || json.data[end] < ' ')
			return slice_of(NULL, 0);
	}
	return end < json.len ? slice_of(json.data + at, end - at)
			      : slice_of(NULL, 0);
}

static int read_frame(struct slice bytes, size_t kind, struct slice *content)
{
	struct cursor c = cursor_slice(bytes);
	size_t header = frames[kind].header_bytes;
	const uint8_t *end;
	uint32_t length;

	cursor_skip(&c, header - 4);
	length = cursor_u32(&c);
	*content = cursor_rest(&c);
	if (bytes.len < header + SUFFIX_BYTES)
		return ERR_TRUNCATED;
	end = bytes.data + bytes.len - SUFFIX_BYTES;
	/* of the newer ones the length leaves the suffix out */
	if (memcmp(end, frames[kind].suffix, SUFFIX_BYTES) != 0 ||
	    (content->len != length && content->len != length + SUFFIX_BYTES))
		return ERR_MALFORMED;
	return 0;
}

int tuya_decode(struct slice bytes, struct tuya *out)
{
	struct tuya tuya = { .encrypted = true };
	struct slice content;
	size_t kind = 0, brace;
	int err;

	if (bytes.len < PREFIX_BYTES)
		return ERR_TRUNCATED;
	while (memcmp(bytes.data, frames[kind].prefix, PREFIX_BYTES) != 0) {
		if (++kind == sizeof(frames) / sizeof(frames[0]))
			return ERR_MALFORMED;
	}
	err = read_frame(bytes, kind, &content);
	if (err)
		return err;
	/* behind a return code, which is there or not */
	brace = find(content, 0, slice_text("{\""));
	if (brace == 0 || brace == 4) {
		tuya.encrypted = false;
		tuya.product_key = member(content, "\"productKey\":\"");
		tuya.version = member(content, "\"version\":\"");
	}
	*out = tuya;
	return 0;
}
