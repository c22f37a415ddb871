// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/dns.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/addr.h"
#include "base/cursor.h"
#include "base/text.h"

enum {
	HEADER_BYTES = 12,
	MESSAGE_MAX_BYTES = 65535,
	NAME_MAX_BYTES = 255, /* on the wire, RFC 1035 2.3.4 */
	CLASS_BITS = 0x7fff,  /* RFC 6762 18.12, 18.13 */
};

/* What a type's data looks like, a letter a part, as in zone files. */
static const struct {
	uint16_t type;
	const char *name;
	/* 4, 6: address; n: name; u: u16; U: u32; t: strings; s: SvcParams */
	const char *parts;
} types[] = {
	{ DNS_TYPE_A, "A", "4" },
	{ DNS_TYPE_NS, "NS", "n" },
	{ DNS_TYPE_CNAME, "CNAME", "n" },
	{ DNS_TYPE_SOA, "SOA", "nnUUUUU" },
	{ DNS_TYPE_PTR, "PTR", "n" },
	{ 13, "HINFO", NULL },
	{ DNS_TYPE_MX, "MX", "un" },
	{ DNS_TYPE_TXT, "TXT", "t" },
	{ DNS_TYPE_AAAA, "AAAA", "6" },
	{ DNS_TYPE_SRV, "SRV", "uuun" },
	{ 35, "NAPTR", NULL },
	{ DNS_TYPE_DNAME, "DNAME", "n" },
	{ DNS_TYPE_OPT, "OPT", NULL },
	{ 43, "DS", NULL },
	{ 46, "RRSIG", NULL },
	{ 47, "NSEC", NULL },
	{ 48, "DNSKEY", NULL },
	{ 50, "NSEC3", NULL },
	{ 52, "TLSA", NULL },
	{ DNS_TYPE_SVCB, "SVCB", "uns" },
	{ DNS_TYPE_HTTPS, "HTTPS", "uns" },
	{ DNS_TYPE_ANY, "ANY", NULL },
	{ 257, "CAA", NULL },
};

static int type_index(uint16_t type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].type == type)
			return (int)i;
	}
	return -1;
}

const char *dns_type_text(uint16_t type, char out[DNS_TYPE_TEXT_BYTES])
{
	int i = type_index(type);

	if (i >= 0)
		(void)snprintf(out, DNS_TYPE_TEXT_BYTES, "%s", types[i].name);
	else
		(void)snprintf(out, DNS_TYPE_TEXT_BYTES, "TYPE%u", type);
	return out;
}

int dns_decode(struct slice bytes, struct dns_message *out)
{
	struct cursor c = cursor_slice(bytes);
	struct dns_message message = { .bytes = bytes };
	uint16_t flags;

	message.id = cursor_u16(&c);
	flags = cursor_u16(&c);
	for (int i = 0; i < 4; i++)
		message.counts[i] = cursor_u16(&c);
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	message.response = flags & 0x8000;
	message.opcode = flags >> 11 & 15;
	message.truncated = flags & 0x0200;
	message.rcode = flags & 15;
	/* RFC 8490 has the last opcode, 6; 3 was never given away */
	if (bytes.len > MESSAGE_MAX_BYTES || message.opcode > 6 ||
	    message.opcode == 3)
		return ERR_MALFORMED;
	*out = message;
	return 0;
}

int dns_gather(struct slice stream, struct slice *message, size_t *used)
{
	struct cursor c = cursor_slice(stream);
	uint16_t length = cursor_u16(&c);
	struct slice bytes = cursor_take(&c, length);

	if (cursor_offset(&c) >= 2 && length < HEADER_BYTES)
		return ERR_MALFORMED;
	if (!cursor_ok(&c))
		return ERR_AGAIN;
	*message = bytes;
	*used = cursor_offset(&c);
	return 0;
}

/* One label's length, or a pointer's two bits; no other kinds are in use. */
static int read_label(struct cursor *c, uint8_t *length, size_t *pointer)
{
	uint8_t first = cursor_u8(c);

	*pointer = 0;
	*length = first;
	if (first >= 0xc0)
		*pointer = (first & 0x3fu) << 8 | cursor_u8(c);
	else if (first > 63)
		return ERR_MALFORMED;
	return cursor_check(c);
}

static int skip_name(struct cursor *c)
{
	size_t total = 0;

	for (;;) {
		uint8_t length;
		size_t pointer;
		int err = read_label(c, &length, &pointer);

		if (err)
			return err;
		total += 1u + length;
		if (length >= 0xc0 || !length)
			return 0;
		if (total >= NAME_MAX_BYTES)
			return ERR_MALFORMED;
		cursor_skip(c, length);
	}
}

void dns_walk_init(struct dns_walk *w, const struct dns_message *message)
{
	*w = (struct dns_walk){
		.message = message,
		.at = HEADER_BYTES,
		.questions_left = message->counts[0],
		.left = { message->counts[1], message->counts[2],
			  message->counts[3] },
	};
}

int dns_next_question(struct dns_walk *w, struct dns_question *out)
{
	struct cursor c = cursor_slice(w->message->bytes);
	struct dns_question question;
	int err;

	if (!w->questions_left)
		return 0;
	if (w->seen == DNS_RECORDS_MAX)
		return ERR_LIMIT;
	cursor_seek(&c, w->at);
	question.name_at = (uint16_t)w->at;
	err = skip_name(&c);
	if (err)
		return err;
	question.type = cursor_u16(&c);
	question.class = cursor_u16(&c) & CLASS_BITS;
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	w->at = cursor_offset(&c);
	w->questions_left--;
	w->seen++;
	*out = question;
	return 1;
}

int dns_next_record(struct dns_walk *w, struct dns_record *out)
{
	struct cursor c = cursor_slice(w->message->bytes);
	struct dns_question passed;
	struct dns_record record;
	int err;

	while ((err = dns_next_question(w, &passed)) > 0)
		;
	if (err)
		return err;
	while (w->section < 3 && !w->left[w->section])
		w->section++;
	if (w->section == 3)
		return 0;
	if (w->seen == DNS_RECORDS_MAX)
		return ERR_LIMIT;
	cursor_seek(&c, w->at);
	record.section = (enum dns_section)w->section;
	record.name_at = (uint16_t)w->at;
	err = skip_name(&c);
	if (err)
		return err;
	record.type = cursor_u16(&c);
	record.class = cursor_u16(&c);
	if (record.type != DNS_TYPE_OPT)
		record.class &= CLASS_BITS;
	record.ttl = cursor_u32(&c);
	record.data = cursor_take(&c, cursor_u16(&c));
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	w->at = cursor_offset(&c);
	record.data_at = (uint16_t)(w->at - record.data.len);
	w->left[w->section]--;
	w->seen++;
	*out = record;
	return 1;
}

/*
 * One byte of a label, or, quoted, of a character string (RFC 1035 5.1); at
 * most four characters, no terminator. special: what stands behind a
 * backslash; a space in front of it is escaped too. Returns where the next
 * goes.
 */
static char *put_byte(char *at, uint8_t byte, const char *special)
{
	bool space = byte == ' ' && special[0] == ' ';

	if (byte < 0x20 || byte > 0x7e || space) {
		*at++ = '\\';
		*at++ = (char)('0' + byte / 100);
		*at++ = (char)('0' + byte / 10 % 10);
		*at++ = (char)('0' + byte % 10);
		return at;
	}
	if (strchr(special, byte))
		*at++ = '\\';
	*at++ = (char)byte;
	return at;
}

/* Pointers lead backwards, to first at most. */
static int name_text(struct slice bytes, size_t first, size_t at,
		     char out[DNS_NAME_TEXT_BYTES])
{
	struct cursor c = cursor_slice(bytes);
	char text[DNS_NAME_TEXT_BYTES], *end = text;
	size_t total = 0, before = at;
	int pointers = 0;

	cursor_seek(&c, at);
	for (;;) {
		uint8_t length;
		size_t pointer;
		struct slice label;
		int err = read_label(&c, &length, &pointer);

		if (err)
			return err;
		if (length >= 0xc0) {
			if (pointer >= before || pointer < first ||
			    ++pointers > DNS_POINTERS_MAX)
				return ERR_MALFORMED;
			before = pointer;
			cursor_seek(&c, pointer);
			continue;
		}
		total += 1u + length;
		if (total > NAME_MAX_BYTES)
			return ERR_MALFORMED;
		if (!length)
			break;
		label = cursor_take(&c, length);
		if (!cursor_ok(&c))
			return ERR_TRUNCATED;
		if (end != text)
			*end++ = '.';
		for (size_t i = 0; i < label.len; i++)
			end = put_byte(end, label.data[i], " .\"\\();@$");
	}
	if (end == text)
		*end++ = '.';
	*end = 0;
	memcpy(out, text, (size_t)(end - text) + 1);
	return 0;
}

int dns_name_text(const struct dns_message *message, size_t at,
		  char out[DNS_NAME_TEXT_BYTES])
{
	return name_text(message->bytes, HEADER_BYTES, at, out);
}

int dns_next_domain(struct slice list, size_t *at,
		    char out[DNS_NAME_TEXT_BYTES])
{
	while (*at < list.len) {
		struct cursor c = cursor_slice(list);
		size_t start = *at;
		int err;

		cursor_seek(&c, start);
		err = skip_name(&c);
		if (err)
			return err;
		*at = cursor_offset(&c);
		/* a root, or what fills the option up */
		if (!list.data[start])
			continue;
		err = name_text(list, 0, start, out);
		return err ? err : 1;
	}
	return 0;
}

/* Appends bytes as the inside of a quoted string, specials escaped too. */
static void put_quoted(struct buf *out, struct slice bytes, const char *special)
{
	for (size_t i = 0; i < bytes.len; i++) {
		char text[4], *end = put_byte(text, bytes.data[i], special);

		buf_append(out, text, (size_t)(end - text));
	}
}

static void put_strings(struct cursor *c, struct buf *out)
{
	const char *space = "";

	while (cursor_left(c)) {
		struct slice s = cursor_take(c, cursor_u8(c));

		buf_printf(out, "%s\"", space);
		put_quoted(out, s, "\"\\");
		buf_puts(out, "\"");
		space = " ";
	}
}

static void put_address(struct cursor *c, struct buf *out, int family)
{
	char text[ADDR_TEXT_BYTES];
	struct addr a = { .family = (uint8_t)family };

	cursor_copy(c, a.b, family == 4 ? 4 : 16);
	buf_puts(out, addr_format(&a, text));
}

static void put_svc_addresses(struct cursor *c, struct buf *out, int family)
{
	put_address(c, out, family);
	while (cursor_left(c)) {
		buf_puts(out, ",");
		put_address(c, out, family);
	}
}

static const char *const svc_keys[] = {
	"mandatory", "alpn", "no-default-alpn", "port",
	"ipv4hint",  "ech",  "ipv6hint",	"dohpath",
};
enum {
	SVC_MANDATORY,
	SVC_ALPN,
	SVC_NO_DEFAULT_ALPN,
	SVC_PORT,
	SVC_IPV4HINT,
	SVC_ECH,
	SVC_IPV6HINT,
	SVC_DOHPATH,
	SVC_KEYS,
};

static void put_svc_key(struct buf *out, uint16_t key)
{
	if (key < SVC_KEYS)
		buf_puts(out, svc_keys[key]);
	else
		buf_printf(out, "key%u", key);
}

/* RFC 9460 7.1.1; a comma or backslash inside a name is escaped twice (A.1) */
static void put_svc_alpn(struct cursor *c, struct buf *out)
{
	const char *comma = "";

	buf_puts(out, "\"");
	do {
		struct slice name = cursor_take(c, cursor_u8(c));

		buf_puts(out, comma);
		comma = ",";
		for (size_t i = 0; i < name.len; i++) {
			if (name.data[i] == ',' || name.data[i] == '\\')
				buf_puts(out, "\\\\");
			put_quoted(out, slice_of(name.data + i, 1), "\"\\");
		}
	} while (cursor_left(c));
	buf_puts(out, "\"");
}

static void put_svc_mandatory(struct cursor *c, struct buf *out)
{
	const char *comma = "";

	do {
		buf_puts(out, comma);
		put_svc_key(out, cursor_u16(c));
		comma = ",";
	} while (cursor_left(c));
}

static int put_svc_value(struct cursor value, uint16_t key, struct buf *out)
{
	buf_puts(out, "=");
	if (key == SVC_MANDATORY) {
		put_svc_mandatory(&value, out);
	} else if (key == SVC_ALPN) {
		put_svc_alpn(&value, out);
	} else if (key == SVC_PORT) {
		buf_printf(out, "%u", cursor_u16(&value));
	} else if (key == SVC_IPV4HINT) {
		put_svc_addresses(&value, out, 4);
	} else if (key == SVC_IPV6HINT) {
		put_svc_addresses(&value, out, 6);
	} else if (key == SVC_ECH) {
		text_base64(out, cursor_rest(&value));
	} else {
		buf_puts(out, "\"");
		put_quoted(out, cursor_rest(&value), "\"\\");
		buf_puts(out, "\"");
	}
	return cursor_ok(&value) && !cursor_left(&value) ? 0 : ERR_MALFORMED;
}

/* RFC 9460 2.1, 2.2: keys in strictly increasing order */
static int put_svc_params(struct cursor *c, struct buf *out)
{
	int32_t last = -1;

	while (cursor_left(c)) {
		uint16_t key = cursor_u16(c), length = cursor_u16(c);
		struct cursor value = cursor_sub(c, length);
		int err = 0;

		if (!cursor_ok(c) || key <= last)
			return ERR_MALFORMED;
		last = key;
		buf_puts(out, " ");
		put_svc_key(out, key);
		if (length && key != SVC_NO_DEFAULT_ALPN)
			err = put_svc_value(value, key, out);
		else if (length || key < SVC_NO_DEFAULT_ALPN ||
			 (key > SVC_NO_DEFAULT_ALPN && key < SVC_DOHPATH))
			err = ERR_MALFORMED;
		if (err)
			return err;
	}
	return 0;
}

/* A name inside the data; c is over the data, which starts at data_at. */
static int put_name(const struct dns_message *message, size_t data_at,
		    struct cursor *c, struct buf *out)
{
	char text[DNS_NAME_TEXT_BYTES];
	int err = dns_name_text(message, data_at + cursor_offset(c), text);

	if (!err)
		err = skip_name(c);
	if (!err)
		buf_puts(out, text);
	return err;
}

static int put_parts(const struct dns_message *message,
		     const struct dns_record *record, const char *parts,
		     struct buf *out)
{
	struct cursor c = cursor_slice(record->data);
	int err = 0;

	for (const char *part = parts; *part && !err; part++) {
		if (part != parts && *part != 's')
			buf_puts(out, " ");
		if (*part == 'n')
			err = put_name(message, record->data_at, &c, out);
		else if (*part == 'u')
			buf_printf(out, "%u", cursor_u16(&c));
		else if (*part == 'U')
			buf_printf(out, "%" PRIu32, cursor_u32(&c));
		else if (*part == 't')
			put_strings(&c, out);
		else if (*part == 's')
			err = put_svc_params(&c, out);
		else
			put_address(&c, out, *part - '0');
	}
	if (!err && (!cursor_ok(&c) || cursor_left(&c)))
		err = ERR_MALFORMED;
	return err;
}

/* RFC 3597 5 */
static void put_unknown(struct slice data, struct buf *out)
{
	char hex[3];

	buf_printf(out, "\\# %zu%s", data.len, data.len ? " " : "");
	for (size_t i = 0; i < data.len; i++)
		buf_puts(out, text_hex(data.data + i, 1, hex));
}

int dns_data_text(const struct dns_message *message,
		  const struct dns_record *record, struct buf *out)
{
	int i = type_index(record->type), err = 0;
	size_t before = out->len;

	if (i >= 0 && types[i].parts)
		err = put_parts(message, record, types[i].parts, out);
	else
		put_unknown(record->data, out);
	if (!err)
		err = buf_check(out);
	if (err)
		buf_cut(out, before);
	return err;
}
