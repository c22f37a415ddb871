// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ja.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/grease.h"

enum {
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_ALPN = 16,
	/* of each part of a JA4 that is a hash, in hex */
	PART_CHARS = 12,
	/* "t13d1516h2", terminated */
	HEAD_BYTES = 11,
	/* most that JA4's two digits count */
	COUNT_MAX = 99,
	NUMBERS_MAX = TLS_HELLO_MAX_BYTES / 2,
};

/* Numbers of a hello without GREASE. */
struct numbers {
	size_t count;
	uint16_t v[NUMBERS_MAX];
};

static void add_number(struct numbers *n, uint16_t v)
{
	if (!grease_is(v) && n->count < NUMBERS_MAX)
		n->v[n->count++] = v;
}

static void take_list(struct numbers *n, struct slice list)
{
	n->count = 0;
	for (size_t i = 0; i < tls_list_u16_count(list); i++)
		add_number(n, tls_list_u16(list, i));
}

static void take_extensions(struct numbers *n, struct slice extensions)
{
	struct tls_extension e;
	size_t at = 0;

	n->count = 0;
	while (tls_next_extension(extensions, &at, &e) > 0)
		add_number(n, e.type);
}

static int compare_numbers(const void *a, const void *b)
{
	uint16_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static void sort_numbers(struct numbers *n)
{
	qsort(n->v, n->count, sizeof(n->v[0]), compare_numbers);
}

/* By hand: printf took a sixth of the whole program's time. */
static void put_decimals(struct buf *out, const struct numbers *n)
{
	for (size_t i = 0; i < n->count; i++) {
		uint8_t text[6]; /* the first for what separates */
		size_t at = sizeof(text);
		unsigned v = n->v[i];

		do
			text[--at] = (uint8_t)('0' + v % 10);
		while (v /= 10);
		if (i)
			text[--at] = '-';
		buf_append(out, text + at, sizeof(text) - at);
	}
}

static void put_hex(struct buf *out, const struct numbers *n)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < n->count; i++) {
		unsigned v = n->v[i];
		const char text[5] = { ',', hex[v >> 12], hex[v >> 8 & 15],
				       hex[v >> 4 & 15], hex[v & 15] };

		buf_append(out, text + !i, sizeof(text) - !i);
	}
}

void ja3_raw(const struct tls_client_hello *hello, struct buf *out)
{
	struct numbers n;

	buf_printf(out, "%u,", hello->legacy_version);
	take_list(&n, hello->cipher_suites);
	put_decimals(out, &n);
	buf_puts(out, ",");
	take_extensions(&n, hello->extensions);
	put_decimals(out, &n);
	buf_puts(out, ",");
	take_list(&n, hello->groups);
	put_decimals(out, &n);
	buf_puts(out, ",");
	for (size_t i = 0; i < hello->point_formats.len; i++)
		buf_printf(out, i ? "-%u" : "%u", hello->point_formats.data[i]);
}

/* JA4, "TLS and DTLS Version": the highest offered, of those it knows. */
static const char *version_text(const struct tls_client_hello *hello)
{
	static const struct {
		uint16_t version;
		const char *text;
	} known[] = {
		{ 0x0304, "13" }, { 0x0303, "12" }, { 0x0302, "11" },
		{ 0x0301, "10" }, { 0x0300, "s3" }, { 0x0002, "s2" },
		{ 0xfeff, "d1" }, { 0xfefd, "d2" }, { 0xfefc, "d3" },
	};
	struct slice offered = hello->supported_versions;
	uint16_t highest = offered.data ? 0 : hello->legacy_version;

	for (size_t i = 0; i < tls_list_u16_count(offered); i++) {
		uint16_t v = tls_list_u16(offered, i);

		if (!grease_is(v) && v > highest)
			highest = v;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].version == highest)
			return known[i].text;
	}
	return "00";
}

static bool is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* JA4, "ALPN Extension Value": of the first protocol the first and the last
 * character, or of its hex where either is no letter and no digit. */
static void alpn_text(struct slice alpn, char out[3])
{
	static const char hex[] = "0123456789abcdef";
	size_t len = alpn.len ? alpn.data[0] : 0;

	out[0] = '0';
	out[1] = '0';
	out[2] = 0;
	if (!len || len >= alpn.len)
		return;
	out[0] = (char)alpn.data[1];
	out[1] = (char)alpn.data[len];
	if (is_alphanumeric(alpn.data[1]) && is_alphanumeric(alpn.data[len]))
		return;
	out[0] = hex[alpn.data[1] >> 4];
	out[1] = hex[alpn.data[len] & 15];
}

static unsigned two_digits(size_t count)
{
	return count < COUNT_MAX ? (unsigned)count : COUNT_MAX;
}

/* The part in clear (JA4_a). */
static void head_text(const struct tls_client_hello *hello,
		      enum ja_transport transport, char out[HEAD_BYTES])
{
	struct numbers suites, extensions;
	char alpn[3];
	bool named = false;

	take_list(&suites, hello->cipher_suites);
	take_extensions(&extensions, hello->extensions);
	for (size_t i = 0; i < extensions.count; i++)
		named = named || extensions.v[i] == EXTENSION_SERVER_NAME;
	alpn_text(hello->alpn, alpn);
	(void)snprintf(out, HEAD_BYTES, "%c%s%c%02u%02u%s", (char)transport,
		       version_text(hello), named ? 'd' : 'i',
		       two_digits(suites.count), two_digits(extensions.count),
		       alpn);
}

static void put_suites(const struct tls_client_hello *hello,
		       enum ja_order order, struct buf *out)
{
	struct numbers n;

	take_list(&n, hello->cipher_suites);
	if (order == JA_SORTED)
		sort_numbers(&n);
	put_hex(out, &n);
}

/* What the head says already is not said again. */
static void drop_named(struct numbers *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->count; i++) {
		if (n->v[i] != EXTENSION_SERVER_NAME &&
		    n->v[i] != EXTENSION_ALPN)
			n->v[kept++] = n->v[i];
	}
	n->count = kept;
}

static void put_extensions(const struct tls_client_hello *hello,
			   enum ja_order order, struct buf *out)
{
	struct numbers n;

	take_extensions(&n, hello->extensions);
	if (order == JA_SORTED) {
		drop_named(&n);
		sort_numbers(&n);
	}
	put_hex(out, &n);
	take_list(&n, hello->signature_algorithms);
	if (n.count)
		buf_puts(out, "_");
	put_hex(out, &n);
}

void ja4_raw(const struct tls_client_hello *hello, enum ja_transport transport,
	     enum ja_order order, struct buf *out)
{
	char head[HEAD_BYTES];

	head_text(hello, transport, head);
	buf_printf(out, "%s_", head);
	put_suites(hello, order, out);
	buf_puts(out, "_");
	put_extensions(hello, order, out);
}

static void hex_text(const uint8_t *bytes, size_t chars, char *out)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < chars; i++)
		out[i] = hex[(i & 1 ? bytes[i / 2] : bytes[i / 2] >> 4) & 15];
	out[chars] = 0;
}

static int ja3_text(struct crypto *crypto, const struct buf *raw,
		    char out[JA3_TEXT_BYTES])
{
	uint8_t digest[CRYPTO_MD5_BYTES];
	int err = buf_check(raw);

	if (!err)
		err = crypto_md5(crypto, buf_slice(raw), digest);
	if (!err)
		hex_text(digest, JA3_TEXT_BYTES - 1, out);
	return err;
}

int ja3(struct crypto *crypto, const struct tls_client_hello *hello,
	struct buf *scratch, char out[JA3_TEXT_BYTES])
{
	buf_clear(scratch);
	ja3_raw(hello, scratch);
	return ja3_text(crypto, scratch, out);
}

void ja3s_raw(const struct tls_server_hello *hello, struct buf *out)
{
	struct numbers n;

	buf_printf(out, "%u,%u,", hello->legacy_version, hello->cipher_suite);
	take_extensions(&n, hello->extensions);
	put_decimals(out, &n);
}

int ja3s(struct crypto *crypto, const struct tls_server_hello *hello,
	 struct buf *scratch, char out[JA3_TEXT_BYTES])
{
	buf_clear(scratch);
	ja3s_raw(hello, scratch);
	return ja3_text(crypto, scratch, out);
}

/* JA4: of nothing there is no hash, but zeros. */
static int part_text(struct crypto *crypto, const struct buf *text,
		     char out[PART_CHARS + 1])
{
	uint8_t digest[CRYPTO_SHA256_BYTES] = { 0 };
	int err = buf_check(text);

	if (!err && text->len)
		err = crypto_sha256(crypto, buf_slice(text), digest);
	if (!err)
		hex_text(digest, PART_CHARS, out);
	return err;
}

int ja4(struct crypto *crypto, const struct tls_client_hello *hello,
	enum ja_transport transport, struct buf *scratch,
	char out[JA4_TEXT_BYTES])
{
	char head[HEAD_BYTES], suites[PART_CHARS + 1];
	char extensions[PART_CHARS + 1];
	int err;

	head_text(hello, transport, head);
	buf_clear(scratch);
	put_suites(hello, JA_SORTED, scratch);
	err = part_text(crypto, scratch, suites);
	if (err)
		return err;
	buf_clear(scratch);
	put_extensions(hello, JA_SORTED, scratch);
	err = part_text(crypto, scratch, extensions);
	if (err)
		return err;
	(void)snprintf(out, JA4_TEXT_BYTES, "%s_%s_%s", head, suites,
		       extensions);
	return 0;
}
