// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/tuya.h"

#include "base/cursor.h"

enum {
	PREFIX_BYTES = 4,
	HEADER_BYTES = 16,
	RETURN_CODE_BYTES = 4,
	CHECKSUM_BYTES = 4,
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

/* MD5 of "yGAdlopoPVldABfn" */
static const uint8_t key[CRYPTO_KEY_BYTES] = {
	0x6c, 0x1e, 0xc8, 0xe2, 0xbb, 0x9b, 0xb5, 0x9a,
	0xb5, 0x0b, 0x0d, 0xaf, 0x64, 0x9b, 0x41, 0x0a,
};

/* Blocks, behind a return code, which is there or not, and in front of a
 * checksum. The padding stays: JSON ends before it. */
static int open_blocks(struct crypto *crypto, struct slice content,
		       uint8_t *out, struct slice *text)
{
	size_t len = content.len - CHECKSUM_BYTES - SUFFIX_BYTES, from;

	*text = slice_of(NULL, 0);
	if (content.len < CHECKSUM_BYTES + SUFFIX_BYTES)
		return 0;
	from = len % CRYPTO_BLOCK_BYTES;
	if ((from && from != RETURN_CODE_BYTES) ||
	    len - from > TUYA_CONTENT_MAX_BYTES)
		return 0;
	for (size_t at = from; at < len; at += CRYPTO_BLOCK_BYTES) {
		int err = crypto_aes_block_open(crypto, key, content.data + at,
						out + at - from);

		if (err)
			return err;
	}
	*text = slice_of(out, len - from);
	return 0;
}

/* A nonce, the text and its tag; the header behind the prefix is protected
 * with them. */
static int open_sealed(struct crypto *crypto, struct slice bytes,
		       struct slice content, uint8_t *out, struct slice *text)
{
	size_t around = CRYPTO_NONCE_BYTES + CRYPTO_TAG_BYTES + SUFFIX_BYTES;
	struct crypto_sealed sealed = {
		.key = key,
		.nonce = content.data,
		.associated = { slice_of(bytes.data + PREFIX_BYTES,
					 HEADER_6699_BYTES - PREFIX_BYTES) },
	};
	int err;

	*text = slice_of(NULL, 0);
	if (content.len < around ||
	    content.len - around > TUYA_CONTENT_MAX_BYTES)
		return 0;
	sealed.text = slice_of(content.data + CRYPTO_NONCE_BYTES,
			       content.len - CRYPTO_NONCE_BYTES - SUFFIX_BYTES);
	err = crypto_open(crypto, &sealed, out);
	if (!err)
		*text = slice_of(out, content.len - around);
	return err == ERR_DENIED ? 0 : err;
}

/* Behind a return code, which is there or not. */
static bool is_json(struct slice text)
{
	size_t brace = find(text, 0, slice_text("{\""));

	return brace + 1 < text.len &&
	       (brace == 0 || brace == RETURN_CODE_BYTES);
}

int tuya_decode(struct crypto *crypto, struct slice bytes,
		uint8_t text[TUYA_CONTENT_MAX_BYTES], struct tuya *out)
{
	struct tuya tuya = { .encrypted = false };
	struct slice content, shown;
	size_t kind = 0;
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
	shown = content;
	if (!is_json(content)) {
		tuya.encrypted = true;
		err = kind ? open_sealed(crypto, bytes, content, text, &shown)
			   : open_blocks(crypto, content, text, &shown);
		if (err)
			return err;
	}
	if (is_json(shown)) {
		tuya.product_key = member(shown, "\"productKey\":\"");
		tuya.version = member(shown, "\"version\":\"");
	}
	*out = tuya;
	return 0;
}
