// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/scrub.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Longest spelling of an identifier: eight pairs joined by %3A. */
#define FOUND_MAX 64

/* What was found at a place of the text. */
struct found {
	const char *kind;
	size_t len;	    /* in the text; 0: nothing */
	uint8_t hashed[64]; /* the identifier itself, however spelled */
	size_t hashed_len;
	bool is_mac;
};

struct place {
	const struct scrub *scrub;
	enum scrub_kind kind;
	const uint8_t *text;
	size_t len, at;
};

static bool is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_alnum(uint8_t c)
{
	return is_digit(c) || is_letter(c);
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static uint8_t nibble(uint8_t c)
{
	return is_digit(c) ? (uint8_t)(c - '0')
			   : (uint8_t)(lower(c) - 'a' + 10);
}

/* The character so far from the place; 0 outside of the text. */
static uint8_t peek(const struct place *p, size_t i)
{
	return p->at + i < p->len ? p->text[p->at + i] : 0;
}

static uint8_t before(const struct place *p)
{
	return p->at ? p->text[p->at - 1] : 0;
}

static size_t run(const struct place *p, size_t from, bool (*is)(uint8_t c))
{
	size_t n = 0;

	while (is(peek(p, from + n)))
		n++;
	return n;
}

static void pack(struct found *f, const char *kind, size_t len,
		 const uint8_t *bytes, size_t count)
{
	f->kind = kind;
	f->len = len;
	f->hashed_len = count < sizeof(f->hashed) ? count : sizeof(f->hashed);
	memcpy(f->hashed, bytes, f->hashed_len);
	f->is_mac = !strcmp(kind, "mac");
}

/* What joins two pairs here, and its length; 0: nothing does. */
static size_t joint(const struct place *p, size_t i, uint8_t *which)
{
	uint8_t c = peek(p, i);

	if (c && strchr(":-._ ", c)) {
		*which = c;
		return 1;
	}
	if (c == '%' && peek(p, i + 1) == '3' && lower(peek(p, i + 2)) == 'a') {
		*which = '%';
		return 3;
	}
	return 0;
}

/* Pairs of hex digits, joined alike; single digits too where by ':'. */
static void find_pairs(const struct place *p, struct found *f)
{
	/* the end of a word ("id00:17:…"): then no single digits */
	bool glued = is_hex(before(p));
	uint8_t bytes[20], first = 0, which = 0;
	size_t i = 0, count = 0, n, gap, end = 0;

	if (is_digit(before(p)))
		return;
	while (count < sizeof(bytes)) {
		n = run(p, i, is_hex);
		if (n != 2 && !(n == 1 && !glued && (!count || first == ':')))
			break;
		bytes[count++] = n == 2 ? (uint8_t)(nibble(peek(p, i)) << 4 |
						    nibble(peek(p, i + 1)))
					: nibble(peek(p, i));
		end = i += n;
		gap = joint(p, i, &which);
		if (!gap || (count > 1 && which != first) ||
		    (count == 1 && n == 1 && which != ':'))
			break;
		first = which;
		i += gap;
	}
	if (count == 6)
		pack(f, "mac", end, bytes, count);
	else if (count == 8)
		pack(f, "eui64", end, bytes, count);
	else if (count > 8)
		pack(f, "id", end, bytes, count);
}

/* Three fours joined by '.' or '-', four of them for EUI-64. */
static void find_fours(const struct place *p, struct found *f)
{
	uint8_t bytes[8], which = peek(p, 4);
	size_t i = 0, count = 0, end = 0;

	if (is_hex(before(p)) || (which != '.' && which != '-'))
		return;
	while (count < sizeof(bytes) && run(p, i, is_hex) == 4) {
		for (size_t k = 0; k < 4; k += 2)
			bytes[count++] = (uint8_t)(nibble(peek(p, i + k)) << 4 |
						   nibble(peek(p, i + k + 1)));
		end = i + 4;
		if (peek(p, end) != which)
			break;
		i = end + 1;
	}
	if (count == 6)
		pack(f, "mac", end, bytes, count);
	else if (count == 8)
		pack(f, "eui64", end, bytes, count);
}

static void find_uuid(const struct place *p, struct found *f)
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };
	uint8_t digits[32];
	size_t i = 0, n = 0;

	if (is_hex(before(p)))
		return;
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		uint8_t c = peek(p, i);

		if (g && c != '-' && c != '_')
			return;
		i += g != 0;
		if (run(p, i, is_hex) != groups[g])
			return;
		for (size_t k = 0; k < groups[g]; k++)
			digits[n++] = nibble(peek(p, i++));
	}
	pack(f, "uuid", i, digits, n);
}

/* Hex digits in a row: MAC, EUI-64, UUID, or what only they are made of. */
static void find_hex(const struct place *p, struct found *f)
{
	uint8_t bytes[64];
	size_t n = run(p, 0, is_hex), digits = 0, letters = 0, most;

	if (is_hex(before(p)) || n < 12)
		return;
	most = n < sizeof(bytes) ? n : sizeof(bytes);
	for (size_t i = 0; i < n; i++) {
		digits += is_digit(peek(p, i));
		letters += is_letter(peek(p, i));
	}
	for (size_t i = 0; i < most; i++)
		bytes[i] = nibble(peek(p, i));
	if (n == 12 || n == 16) {
		for (size_t i = 0; i < n / 2; i++)
			bytes[i] =
				(uint8_t)(bytes[2 * i] << 4 | bytes[2 * i + 1]);
		pack(f, n == 12 ? "mac" : "eui64", n, bytes, n / 2);
	} else if (n == 32) {
		pack(f, "uuid", n, bytes, n);
	} else if (digits) {
		pack(f, letters ? "id" : "serial", n, bytes, most);
	}
}

/* The second half of the device's own MAC, as names are made of it. */
static void find_own(const struct place *p, struct found *f)
{
	const struct mac *own = p->scrub->own;
	char half[7], joined[9];

	if (!own || is_hex(before(p)))
		return;
	text_hex(own->b + 3, 3, half);
	snprintf(joined, sizeof(joined), "%02x:%02x:%02x", own->b[3], own->b[4],
		 own->b[5]);
	for (size_t k = 0; k < 3; k++) {
		const char *want = k == 0   ? half
				   : k == 1 ? joined
					    : half + 2; /* its last two bytes */
		size_t n = strlen(want);

		if (p->len - p->at < n ||
		    strncasecmp((const char *)p->text + p->at, want, n) != 0 ||
		    is_hex(peek(p, n)))
			continue;
		/* four digits alone are anybody's */
		if (k == 2 && is_alnum(before(p)))
			continue;
		pack(f, "mac", n, own->b, sizeof(own->b));
		return;
	}
}

static bool is_eui64(const struct addr *a)
{
	return a->family == 6 && a->b[11] == 0xff && a->b[12] == 0xfe;
}

static bool is_home(const struct scrub *s, const struct addr *a)
{
	if (addr_is_private(a) && !addr_is_unspecified(a) &&
	    !addr_is_loopback(a))
		return true;
	for (size_t i = 0; i < s->home_count; i++)
		if (cidr_contains(&s->home[i], a))
			return true;
	return false;
}

bool scrub_is_wan(const struct scrub *s, const struct addr *a)
{
	for (size_t i = 0; i < s->wan_count; i++)
		if (addr_equal(&s->wan[i], a))
			return true;
	return false;
}

static void take_addr(const struct place *p, const struct addr *a, size_t len,
		      struct found *f)
{
	if (scrub_is_wan(p->scrub, a)) {
		f->kind = "home";
		f->len = len;
		f->hashed_len = 0;
	} else if (is_home(p->scrub, a) || is_eui64(a)) {
		pack(f, "address", len, a->b, a->family == 4 ? 4 : 16);
	}
}

/* Four numbers joined by '.' or '-'. */
static void find_v4(const struct place *p, struct found *f)
{
	uint8_t joined = 0;
	struct addr a = { .family = 4 };
	size_t i = 0;

	if (is_digit(before(p)) || before(p) == '.')
		return;
	for (size_t k = 0; k < 4; k++) {
		size_t n;
		unsigned int v = 0;

		if (k == 1)
			joined = peek(p, i);
		if (k &&
		    (peek(p, i) != joined || (joined != '.' && joined != '-')))
			return;
		i += k != 0;
		n = run(p, i, is_digit);
		if (!n || n > 3)
			return;
		while (n--)
			v = v * 10 + peek(p, i++) - '0';
		if (v > 255)
			return;
		a.b[k] = (uint8_t)v;
	}
	/* a number with more parts is a version */
	if (peek(p, i) == '.' && is_digit(peek(p, i + 1)))
		return;
	take_addr(p, &a, i, f);
}

static bool is_v6(uint8_t c)
{
	return is_hex(c) || c == ':' || c == '.';
}

static void find_v6(const struct place *p, struct found *f)
{
	char text[ADDR_TEXT_BYTES];
	size_t n = run(p, 0, is_v6);
	struct addr a;

	if (is_v6(before(p)) && before(p) != '.')
		return;
	/* a port, or the end of a sentence, may follow */
	for (; n >= 2; n--) {
		if (n >= sizeof(text))
			continue;
		memcpy(text, p->text + p->at, n);
		text[n] = '\0';
		if (!strchr(text, ':') || addr_parse(text, &a) || a.family != 6)
			continue;
		take_addr(p, &a, n, f);
		return;
	}
}

/* What looks like a serial number. */
static void find_serial(const struct place *p, struct found *f)
{
	size_t n = run(p, 0, is_alnum), digits = run(p, 0, is_digit);
	size_t row = 0, longest = 0, changes = 0;

	if (is_alnum(before(p)))
		return;
	if (digits == n && n >= 9) {
		pack(f, "serial", n, p->text + p->at, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		bool digit = is_digit(peek(p, i));

		changes += i && digit != is_digit(peek(p, i - 1));
		row = digit ? row + 1 : 0;
		longest = row > longest ? row : longest;
	}
	if (n < 11)
		return;
	if (longest >= 9 ||
	    (p->kind == SCRUB_FREE && (longest >= 5 || changes >= 5)))
		pack(f, "serial", n, p->text + p->at, n);
}

static bool is_local_suffix(struct slice name)
{
	static const char *const suffixes[] = {
		"local",    "lan",	 "localdomain", "home",
		"internal", "intranet",	 "home.arpa",	"in-addr.arpa",
		"ip6.arpa", "fritz.box", "localhost",
	};

	while (name.len && name.data[name.len - 1] == '.')
		name.len--;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t n = strlen(suffixes[i]);

		if (name.len >= n &&
		    !strncasecmp((const char *)name.data + name.len - n,
				 suffixes[i], n) &&
		    (name.len == n || name.data[name.len - n - 1] == '.'))
			return true;
	}
	return false;
}

bool scrub_is_local_name(struct slice name)
{
	struct addr a;
	char text[ADDR_TEXT_BYTES];

	if (!name.len || is_local_suffix(name))
		return true;
	if (memchr(name.data, '.', name.len))
		return false;
	/* an IPv6 address has no dot, and is no name */
	if (name.len < sizeof(text)) {
		memcpy(text, name.data, name.len);
		text[name.len] = '\0';
		if (!addr_parse(text, &a))
			return false;
	}
	return true;
}

static bool is_name(uint8_t c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* A host's name of the home in the middle of a text. */
static void find_local(const struct place *p, struct found *f)
{
	size_t n = run(p, 0, is_name);
	struct slice name = slice_of(p->text + p->at, n);

	if (is_name(before(p)) || !n || !memchr(name.data, '.', n) ||
	    !is_local_suffix(name))
		return;
	/* what is offered by mDNS, not a host */
	if (*name.data == '_')
		return;
	f->kind = "local";
	f->len = n;
	f->hashed_len = 0;
}

static bool is_value(uint8_t c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* A word for an identifier, then "=" or ":" or a space, then what it is. The
 * word stays. */
static size_t keyed_value(const struct place *p)
{
	static const char *const words[] = {
		"serialnumber", "serial_number", "serialno", "serial", "s/n",
		"sn",		"imei",		 "imsi",     "iccid",  "udid",
		"deviceid",	"device_id",	 "uid",	     "usn",
	};

	if (is_alnum(before(p)))
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]), gap = 0, value, digits = 0;

		if (p->len - p->at < n ||
		    strncasecmp((const char *)p->text + p->at, words[i], n) !=
			    0)
			continue;
		while (peek(p, n + gap) && strchr("=: #", peek(p, n + gap)))
			gap++;
		value = run(p, n + gap, is_value);
		for (size_t k = 0; k < value; k++)
			digits += is_digit(peek(p, n + gap + k));
		if (gap && value >= 4 && digits)
			return n + gap;
	}
	return 0;
}

static void (*const finders[])(const struct place *p, struct found *f) = {
	find_uuid, find_pairs, find_fours,  find_v6,	find_v4,
	find_hex,  find_own,   find_serial, find_local,
};

static void write_found(const struct scrub *s, const struct found *f,
			struct buf *out)
{
	uint8_t keyed[80], digest[32];
	char hex[65];
	size_t n = 0;

	if (!f->hashed_len) {
		buf_printf(out, "[%s]", f->kind);
		return;
	}
	if (!f->is_mac) {
		/* what is a MAC's is the device's id and nothing else's */
		n = (size_t)snprintf((char *)keyed, sizeof(keyed), "%s",
				     f->kind) +
		    1;
	}
	memcpy(keyed + n, f->hashed, f->hashed_len);
	s->hash(s->user, keyed, n + f->hashed_len, digest);
	text_hex(digest, sizeof(digest), hex);
	hex[f->is_mac ? SCRUB_MAC_HEX : SCRUB_HASH_HEX] = '\0';
	buf_printf(out, "[%s:%s]", f->kind, hex);
}

static void find(const struct place *p, struct found *f)
{
	*f = (struct found){ 0 };
	for (size_t i = 0; !f->len && i < sizeof(finders) / sizeof(finders[0]);
	     i++)
		finders[i](p, f);
}

/* Writes what the word at the place stands in front of, and moves behind it. */
static void take_keyed(struct place *p, size_t skip, size_t *plain,
		       struct buf *out)
{
	struct found f;

	p->at += skip;
	find(p, &f);
	if (!f.len)
		pack(&f, "serial", run(p, 0, is_value), p->text + p->at,
		     run(p, 0, is_value));
	text_escape(out, slice_of(p->text + *plain, p->at - *plain));
	write_found(p->scrub, &f, out);
	p->at += f.len;
	*plain = p->at;
}

int scrub_text(const struct scrub *s, enum scrub_kind kind, struct slice text,
	       struct buf *out)
{
	struct place p = {
		.scrub = s,
		.kind = kind,
		.text = text.data,
		.len = text.len < SCRUB_TEXT_MAX ? text.len : SCRUB_TEXT_MAX,
	};
	size_t plain = 0, was = out->len, skip;
	struct buf made;
	struct found f;
	int err;

	buf_init(&made, SCRUB_OUT_MAX);
	while (p.at < p.len) {
		skip = keyed_value(&p);
		if (skip) {
			take_keyed(&p, skip, &plain, &made);
			continue;
		}
		find(&p, &f);
		if (!f.len) {
			p.at++;
			continue;
		}
		text_escape(&made, slice_of(p.text + plain, p.at - plain));
		write_found(s, &f, &made);
		p.at += f.len;
		plain = p.at;
	}
	text_escape(&made, slice_of(p.text + plain, p.len - plain));
	err = buf_check(&made);
	if (!err) {
		buf_append(out, made.data, made.len);
		err = buf_check(out);
	}
	buf_done(&made);
	if (err)
		buf_cut(out, was);
	return err;
}

int scrub_addr(const struct scrub *s, const struct addr *addr, struct buf *out)
{
	struct found f = { 0 };
	char text[ADDR_TEXT_BYTES];

	if (is_home(s, addr) || is_eui64(addr)) {
		pack(&f, "address", 1, addr->b, addr->family == 4 ? 4 : 16);
		write_found(s, &f, out);
	} else {
		buf_puts(out, addr_format(addr, text));
	}
	return buf_check(out);
}

static bool has_word(struct slice text, const char *word, size_t *where)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= text.len; i++)
		if (!strncasecmp((const char *)text.data + i, word, n)) {
			*where = i;
			return true;
		}
	return false;
}

/* "s-iPhone", "s iPhone": somebody's. */
static bool is_owned(struct slice text, size_t word)
{
	size_t i = word;

	while (i && strchr(" -_.", text.data[i - 1]))
		i--;
	return i >= 2 && lower(text.data[i - 1]) == 's' &&
	       is_letter(text.data[i - 2]);
}

/* "iPhone de Ana". */
static bool is_of_somebody(struct slice text, size_t end)
{
	static const char *const of[] = {
		"de ",	"von ", "di ",	"van ", "of ",	"da ", "do ", "af ",
		"fra ", "de-",	"von-", "di-",	"van-", "da-", "do-"
	};

	while (end < text.len && strchr(" -_", text.data[end]))
		end++;
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		if (text.len - end > strlen(of[i]) &&
		    !strncasecmp((const char *)text.data + end, of[i],
				 strlen(of[i])))
			return true;
	return false;
}

bool scrub_is_personal(struct slice text)
{
	static const char *const things[] = {
		"iphone",   "ipad",    "ipod",	  "macbook", "imac",
		"mbp",	    "mac",     "galaxy",  "pixel",   "phone",
		"watch",    "tablet",  "laptop",  "pc",	     "desktop",
		"homepod",  "apple",   "tv",	  "echo",    "kindle",
		"camera",   "speaker", "printer", "room",    "android",
		"computer", "airpods",
	};
	size_t at;

	for (size_t i = 0; i + 1 < text.len; i++) {
		bool straight = text.data[i] == '\'';
		/* U+2019 in UTF-8 */
		bool curved = i + 3 < text.len && text.data[i] == 0xe2 &&
			      text.data[i + 1] == 0x80 &&
			      text.data[i + 2] == 0x99;
		size_t s = i + (curved ? 3 : 1);

		if (i && (straight || curved) &&
		    (lower(text.data[s]) == 's' || text.data[s] == ' '))
			return true;
	}
	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++)
		if (has_word(text, things[i], &at) &&
		    (is_owned(text, at) ||
		     is_of_somebody(text, at + strlen(things[i]))))
			return true;
	return false;
}
