// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/certificate.h"

#include "base/cursor.h"

/* Tags of X.690 8.1.2 */
enum {
	TAG_INTEGER = 0x02,
	TAG_OID = 0x06,
	TAG_BMP_STRING = 0x1e,
	TAG_SEQUENCE = 0x30,
	TAG_SET = 0x31,
	TAG_VERSION = 0xa0,
};

/* Attributes of names (X.520, RFC 5280 4.1.2.4, PKCS #9) */
static const struct {
	size_t len;
	uint8_t oid[10];
	const char *name;
} attributes[] = {
	{ 3, { 0x55, 4, 3 }, "CN" },
	{ 3, { 0x55, 4, 5 }, "serialNumber" },
	{ 3, { 0x55, 4, 6 }, "C" },
	{ 3, { 0x55, 4, 7 }, "L" },
	{ 3, { 0x55, 4, 8 }, "ST" },
	{ 3, { 0x55, 4, 10 }, "O" },
	{ 3, { 0x55, 4, 11 }, "OU" },
	{ 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 }, "emailAddress" },
	{ 10, { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25 }, "DC" },
};

/* DER's length: definite, and of at most three bytes (X.690 8.1.3). */
static size_t read_length(struct cursor *c)
{
	uint8_t first = cursor_u8(c);

	switch (first) {
	case 0x81:
		return cursor_u8(c);
	case 0x82:
		return cursor_u16(c);
	case 0x83:
		return cursor_u24(c);
	}
	if (first & 0x80)
		cursor_fail(c);
	return first;
}

/* The contents of the next value, whose tag is given; failed if it is not. */
static struct cursor enter(struct cursor *c, uint8_t tag)
{
	struct cursor inner;

	if (cursor_u8(c) != tag)
		cursor_fail(c);
	inner = cursor_sub(c, read_length(c));
	return inner;
}

static const char *attribute_name(struct slice oid)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
		if (slice_equal(oid,
				slice_of(attributes[i].oid, attributes[i].len)))
			return attributes[i].name;
	}
	return NULL;
}

/* Two bytes a character (X.680 41.15), as UTF-8. */
static void put_wide(struct cursor *c, struct buf *out)
{
	while (cursor_left(c) >= 2) {
		uint16_t v = cursor_u16(c);

		if (v < 0x80) {
			buf_u8(out, (uint8_t)v);
		} else if (v < 0x800) {
			buf_u8(out, (uint8_t)(0xc0 | v >> 6));
			buf_u8(out, (uint8_t)(0x80 | (v & 0x3f)));
		} else {
			buf_u8(out, (uint8_t)(0xe0 | v >> 12));
			buf_u8(out, (uint8_t)(0x80 | (v >> 6 & 0x3f)));
			buf_u8(out, (uint8_t)(0x80 | (v & 0x3f)));
		}
	}
}

/* AttributeTypeAndValue */
static void put_attribute(struct cursor *c, struct buf *out, size_t start)
{
	struct cursor pair = enter(c, TAG_SEQUENCE);
	struct cursor oid = enter(&pair, TAG_OID), value;
	const char *name = attribute_name(cursor_rest(&oid));
	uint8_t tag = cursor_u8(&pair);

	value = cursor_sub(&pair, read_length(&pair));
	if (!cursor_ok(&pair)) {
		cursor_fail(c);
		return;
	}
	if (!name)
		return;
	buf_puts(out, out->len > start ? ", " : "");
	buf_printf(out, "%s=", name);
	if (tag == TAG_BMP_STRING)
		put_wide(&value, out);
	else
		buf_append(out, value.at, cursor_left(&value));
}

/* RFC 5280 4.1: what is in front of the subject is passed over. */
static struct cursor find_subject(struct cursor *certificate)
{
	struct cursor whole = enter(certificate, TAG_SEQUENCE);
	struct cursor body = enter(&whole, TAG_SEQUENCE);

	if (cursor_left(&body) && *body.at == TAG_VERSION)
		(void)enter(&body, TAG_VERSION);
	(void)enter(&body, TAG_INTEGER);  /* serial number */
	(void)enter(&body, TAG_SEQUENCE); /* signature algorithm */
	(void)enter(&body, TAG_SEQUENCE); /* issuer */
	(void)enter(&body, TAG_SEQUENCE); /* validity */
	return enter(&body, TAG_SEQUENCE);
}

int certificate_subject(struct slice der, struct buf *out)
{
	struct cursor certificate = cursor_slice(der);
	struct cursor subject = find_subject(&certificate);
	size_t start = out->len;

	while (cursor_left(&subject)) {
		struct cursor set = enter(&subject, TAG_SET);

		while (cursor_left(&set))
			put_attribute(&set, out, start);
		if (!cursor_ok(&set))
			cursor_fail(&subject);
	}
	if (!cursor_ok(&subject)) {
		buf_cut(out, start);
		return ERR_MALFORMED;
	}
	return buf_check(out);
}
