// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/scrub.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "record/base64.h"
#include "record/home_host.h"
#include "record/unescape.h"

/* Bytes of a text that are looked at: what begins before its cut is found
 * whole. */
#define LOOKED_AT_MAX (2 * SCRUB_TEXT_MAX)
_Static_assert(LOOKED_AT_MAX <= UNESCAPE_MAX, "what is escaped is found");

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
	size_t stop;  /* what begins there or behind is left out */
	size_t begin; /* behind what was found last */
	bool plain;   /* its escapes are undone */
	bool any;     /* something was found */
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
	return p->at > p->begin ? p->text[p->at - 1] : 0;
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

/* Hex digits there, so many. */
static bool has_hex(const struct place *p, size_t i, size_t count)
{
	while (count && is_hex(peek(p, i + count - 1)))
		count--;
	return !count;
}

/* A character written as %3A, %253A, \x3a, \u003a or &#58;: its length. */
static size_t escaped(const struct place *p, size_t i)
{
	uint8_t c = peek(p, i), next = lower(peek(p, i + 1));
	size_t n;

	if (c == '%' && next == '2' && peek(p, i + 2) == '5' &&
	    has_hex(p, i + 3, 2) && !is_hex(peek(p, i + 2 + 3 + 2)))
		return 5;
	if (c == '%' && has_hex(p, i + 1, 2))
		return 3;
	if (c == '\\' && next == 'x' && has_hex(p, i + 2, 2))
		return 4;
	if (c == '\\' && next == 'u' && has_hex(p, i + 2, 4))
		return 6;
	if (c != '&' || next != '#')
		return 0;
	n = 2 + (lower(peek(p, i + 2)) == 'x');
	n += run(p, i + n, is_hex);
	return n < 8 && peek(p, i + n) == ';' ? n + 1 : 0;
}

/* A dash of typography (U+2010 to U+2015, U+2212), or a wide colon: its length.
 */
static size_t dash(const struct place *p, size_t i)
{
	uint8_t first = peek(p, i), second = peek(p, i + 1);
	uint8_t third = second ? peek(p, i + 2) : 0;

	return (first == 0xe2 && second == 0x80 && third >= 0x90 &&
		third <= 0x95) ||
			       (first == 0xe2 && second == 0x88 &&
				third == 0x92) ||
			       (first == 0xef && second == 0xbc &&
				third == 0x9a)
		       ? 3
		       : 0;
}

/* What joins two pairs here, and its length; 0: nothing does. Which: the
 * character, '%' for an escaped one. */
static size_t joint(const struct place *p, size_t i, uint8_t *which)
{
	static const char marks[] = ":-._ ,;/|+\"'\t\\";
	size_t len = escaped(p, i);
	uint8_t c = '%';

	if (!len)
		len = dash(p, i);

	/* " : ", "\",\"" */
	for (; !len || (c != '%' && len < 3); len++) {
		uint8_t mark = peek(p, i + len);

		if (!mark || !strchr(marks, mark))
			break;
		if (!len || c == ' ')
			c = mark;
	}
	if (!len)
		return 0;
	*which = c;
	/* ", 0x22" */
	if (peek(p, i + len) == ' ')
		len++;
	if (peek(p, i + len) == '0' && lower(peek(p, i + len + 1)) == 'x')
		len += 2;
	return len;
}

struct pairs {
	uint8_t bytes[20];
	size_t count, end;
	bool alike;  /* all joined by the same of what is usual */
	bool letter; /* one of them is no decimal number */
	bool single; /* one of them is of one digit */
};

/* Pairs of hex digits; the last may have more behind it. Single digits too
 * where by ':'. */
static void read_pairs(const struct place *p, struct pairs *q)
{
	/* the end of a word ("id00:17:…"): then no single digits */
	bool glued = is_hex(before(p));
	uint8_t first = 0, which = 0;
	size_t i = 0, n, gap;

	*q = (struct pairs){ .alike = true };
	while (q->count < sizeof(q->bytes)) {
		n = run(p, i, is_hex);
		if (!n || (n == 1 && (glued || (q->count && first != ':'))))
			break;
		if (n > 2 && (q->count < 5 || q->single))
			break;
		n = n > 2 ? 2 : n;
		q->bytes[q->count++] =
			n == 2 ? (uint8_t)(nibble(peek(p, i)) << 4 |
					   nibble(peek(p, i + 1)))
			       : nibble(peek(p, i));
		for (size_t k = 0; k < n; k++)
			q->letter |= is_letter(peek(p, i + k));
		q->single |= n == 1;
		q->end = i += n;
		gap = joint(p, i, &which);
		if (!gap || (q->count == 1 && n == 1 && which != ':'))
			break;
		q->alike &= (!first || which == first) &&
			    (which == '%' || strchr(":-._ ", which));
		first = first ? first : which;
		i += gap;
	}
}

static bool is_v6(uint8_t c)
{
	return is_hex(c) || c == ':' || c == '.';
}

/* Whether the place is in an IPv6 address, of which others say what it is. */
static bool is_in_v6(const struct place *p)
{
	char text[ADDR_TEXT_BYTES];
	size_t from = p->at, end = p->at;
	struct addr a;

	while (from && is_v6(p->text[from - 1]))
		from--;
	while (end < p->len && is_v6(p->text[end]))
		end++;
	if (end - from >= sizeof(text))
		return false;
	memcpy(text, p->text + from, end - from);
	text[end - from] = '\0';
	return !addr_parse(text, &a);
}

/* One of the home's that ends with these bytes, or NULL. */
static const struct mac *known(const struct scrub *s, const uint8_t *bytes,
			       size_t count)
{
	for (size_t i = 0; i < s->mac_count; i++)
		if (!memcmp(s->macs[i].b + 6 - count, bytes, count))
			return &s->macs[i];
	return NULL;
}

static void find_pairs(const struct place *p, struct found *f)
{
	struct pairs q;

	if (!is_hex(peek(p, 0)))
		return;
	read_pairs(p, &q);
	/* a list of numbers is no MAC, nor is the end of an IPv6 address */
	if ((!q.alike && !q.letter) ||
	    (q.single && is_v6(before(p)) && is_in_v6(p) &&
	     !(q.count == 6 && known(p->scrub, q.bytes, 6))))
		return;
	if (q.count == 6)
		pack(f, "mac", q.end, q.bytes, q.count);
	else if (q.count == 8)
		pack(f, "eui64", q.end, q.bytes, q.count);
	else if (q.count > 6)
		pack(f, "id", q.end, q.bytes, q.count);
}

/* Three fours joined by '.', '-', ':', '_' or a space, four of them for EUI-64;
 * before the first and behind the last there may be more. */
static void find_fours(const struct place *p, struct found *f)
{
	uint8_t bytes[8], which = peek(p, 4);
	size_t i = 0, count = 0, end = 0, n;
	bool letter = false; /* years are no MAC */

	if (!which || !strchr(".-: _", which))
		return;
	while (count < sizeof(bytes)) {
		n = run(p, i, is_hex);
		if (n < 4 || (n > 4 && count < 4))
			break;
		for (size_t k = 0; k < 4; k++)
			letter |= is_letter(peek(p, i + k));
		for (size_t k = 0; k < 4; k += 2)
			bytes[count++] = (uint8_t)(nibble(peek(p, i + k)) << 4 |
						   nibble(peek(p, i + k + 1)));
		end = i + 4;
		if (n > 4 || peek(p, end) != which)
			break;
		i = end + 1;
	}
	if ((which == ':' && is_in_v6(p)) || (strchr(" _", which) && !letter))
		return;
	if (count == 6)
		pack(f, "mac", end, bytes, count);
	else if (count == 8)
		pack(f, "eui64", end, bytes, count);
}

static void find_uuid(const struct place *p, struct found *f)
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };
	uint8_t digits[32];
	size_t i = 0, n = 0, last = sizeof(groups) / sizeof(groups[0]) - 1;

	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		uint8_t c = peek(p, i);

		if (g && c != '-' && c != '_')
			return;
		i += g != 0;
		if (g == last ? run(p, i, is_hex) < groups[g]
			      : run(p, i, is_hex) != groups[g])
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
	size_t n = run(p, 0, is_hex), letters = 0, most;

	if (is_hex(before(p)) || n < 12)
		return;
	most = n < sizeof(bytes) ? n : sizeof(bytes);
	for (size_t i = 0; i < n; i++)
		letters += is_letter(peek(p, i));
	for (size_t i = 0; i < most; i++)
		bytes[i] = nibble(peek(p, i));
	if (n == 12 || n == 16) {
		for (size_t i = 0; i < n / 2; i++)
			bytes[i] =
				(uint8_t)(bytes[2 * i] << 4 | bytes[2 * i + 1]);
		pack(f, n == 12 ? "mac" : "eui64", n, bytes, n / 2);
	} else if (n == 32) {
		pack(f, "uuid", n, bytes, n);
	} else {
		pack(f, letters ? "id" : "serial", n, bytes, most);
	}
}

/* Two sixes, joined, with a letter in them; before and behind them there may be
 * more. */
static void find_sixes(const struct place *p, struct found *f)
{
	uint8_t bytes[6], which = peek(p, 6);
	bool letter = false;

	if (!which || !strchr(".-:_ ", which) || run(p, 0, is_hex) != 6 ||
	    run(p, 7, is_hex) < 6)
		return;
	for (size_t i = 0; i < 12; i += 2) {
		size_t at = i < 6 ? i : i + 1;

		letter |= is_letter(peek(p, at)) || is_letter(peek(p, at + 1));
		bytes[i / 2] = (uint8_t)(nibble(peek(p, at)) << 4 |
					 nibble(peek(p, at + 1)));
	}
	if (letter)
		pack(f, "mac", 13, bytes, sizeof(bytes));
}

/* A decimal number of one byte there, and behind it; false: there is none. */
static bool take_byte(const struct place *p, size_t *i, uint8_t *out)
{
	size_t n = run(p, *i, is_digit);
	unsigned int v = 0;

	if (!n || n > 3)
		return false;
	while (n--)
		v = v * 10 + peek(p, (*i)++) - '0';
	*out = (uint8_t)v;
	return v <= 255;
}

/* Six decimal numbers that are one of the home's. */
static void find_decimal(const struct place *p, struct found *f)
{
	uint8_t bytes[6] = { 0 };
	size_t i = 0;

	if (is_digit(before(p)))
		return;
	for (size_t k = 0; k < sizeof(bytes); k++) {
		if (k && !(peek(p, i) && strchr(":-._ ,;/|", peek(p, i))))
			return;
		i += k != 0;
		if (!take_byte(p, &i, &bytes[k]))
			return;
	}
	if (known(p->scrub, bytes, sizeof(bytes)))
		pack(f, "mac", i, bytes, sizeof(bytes));
}

/* What joins the pairs of half a MAC. */
static const char half_marks[] = ":-._ ";

/* One of the home's as a number, without the zeros that it begins with; or its
 * second half, as names are made of it. */
static void find_known(const struct place *p, struct found *f)
{
	size_t n = run(p, 0, is_hex), pad = 12 - n;
	uint8_t bytes[6] = { 0 };
	const struct mac *mac;

	if (is_hex(before(p)) || !(n == 6 || (n >= 8 && n <= 11)))
		return;
	for (size_t i = 0; i < n; i++)
		bytes[(pad + i) / 2] = (uint8_t)(bytes[(pad + i) / 2] << 4 |
						 nibble(peek(p, i)));
	mac = n == 6 ? known(p->scrub, bytes + 3, 3)
		     : known(p->scrub, bytes, sizeof(bytes));
	if (mac)
		pack(f, "mac", n, mac->b, sizeof(mac->b));
}

/* The second half of one of the home's, joined, standing alone. */
static void find_known_half(const struct place *p, struct found *f)
{
	uint8_t bytes[3], which = peek(p, 2);
	const struct mac *mac;

	if (is_alnum(before(p)) || !which || !strchr(half_marks, which) ||
	    peek(p, 5) != which || is_alnum(peek(p, 8)))
		return;
	for (size_t i = 0; i < 3; i++) {
		if (!has_hex(p, 3 * i, 2))
			return;
		bytes[i] = (uint8_t)(nibble(peek(p, 3 * i)) << 4 |
				     nibble(peek(p, 3 * i + 1)));
	}
	mac = known(p->scrub, bytes, sizeof(bytes));
	if (mac)
		pack(f, "mac", 8, mac->b, sizeof(mac->b));
}

/* The second half of the device's own MAC, as names are made of it. */
static void find_own(const struct place *p, struct found *f)
{
	const struct mac *own = p->scrub->own;
	uint8_t which = peek(p, 2);
	char half[7], joined[9];

	if (!own)
		return;
	if (!which || !strchr(half_marks, which))
		which = ':';
	text_hex(own->b + 3, 3, half);
	snprintf(joined, sizeof(joined), "%.2s%c%.2s%c%.2s", half, which,
		 half + 2, which, half + 4);
	for (size_t k = 0; k < 3; k++) {
		const char *want = k == 0   ? half
				   : k == 1 ? joined
					    : half + 2; /* its last two bytes */
		size_t n = strlen(want);

		if (p->len - p->at < n ||
		    strncasecmp((const char *)p->text + p->at, want, n) != 0)
			continue;
		/* four digits alone are anybody's */
		if (k == 2 && (is_alnum(before(p)) || is_hex(peek(p, n))))
			continue;
		pack(f, "mac", n, own->b, sizeof(own->b));
		return;
	}
}

/* A run of base64, or bytes as they are, in which there is a MAC. */
static void find_packed(const struct place *p, struct found *f)
{
	struct slice rest = slice_of(p->text + p->at, p->len - p->at);
	const struct scrub *s = p->scrub;
	size_t len;

	for (size_t i = 0; i < s->mac_count; i++)
		if (rest.len >= 6 && !memcmp(rest.data, s->macs[i].b, 6)) {
			pack(f, "mac", 6, rest.data, 6);
			return;
		}
	if (base64_is(before(p)))
		return;
	len = base64_run(rest);
	if (base64_says_mac(slice_of(rest.data, len), s->macs, s->mac_count))
		pack(f, "id", len, rest.data, len);
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

static void take_wan(size_t len, struct found *f)
{
	f->kind = "home";
	f->len = len;
	f->hashed_len = 0;
}

/* One of IPv4 as names of a provider's have it: in hex, or backwards. */
static bool is_wan_backwards(const struct scrub *s, const struct addr *a)
{
	return scrub_is_wan(s, &(struct addr){ .family = 4,
					       .b = { a->b[3], a->b[2], a->b[1],
						      a->b[0] } });
}

static void find_wan_hex(const struct place *p, struct found *f)
{
	struct addr a = { .family = 4 };

	if (!p->scrub->wan_count || !has_hex(p, 0, 8))
		return;
	for (size_t i = 0; i < 4; i++)
		a.b[i] = (uint8_t)(nibble(peek(p, 2 * i)) << 4 |
				   nibble(peek(p, 2 * i + 1)));
	if (scrub_is_wan(p->scrub, &a))
		take_wan(8, f);
}

static void take_addr(const struct place *p, const struct addr *a, size_t len,
		      struct found *f)
{
	if (scrub_is_wan(p->scrub, a)) {
		take_wan(len, f);
	} else if (is_home(p->scrub, a) || is_eui64(a)) {
		pack(f, "address", len, a->b, a->family == 4 ? 4 : 16);
	}
}

/* Four numbers joined by '.', '-' or '_'. */
static void find_v4(const struct place *p, struct found *f)
{
	uint8_t joined = 0;
	struct addr a = { .family = 4 };
	size_t i = 0;

	if (is_digit(before(p)))
		return;
	for (size_t k = 0; k < 4; k++) {
		if (k == 1)
			joined = peek(p, i);
		if (k &&
		    (peek(p, i) != joined || !joined || !strchr(".-_", joined)))
			return;
		i += k != 0;
		if (!take_byte(p, &i, &a.b[k]))
			return;
	}
	if (is_wan_backwards(p->scrub, &a)) {
		take_wan(i, f);
		return;
	}
	/* a number with more parts is a version */
	if (!scrub_is_wan(p->scrub, &a) &&
	    ((before(p) == '.' && p->at > 1 && is_digit(p->text[p->at - 2])) ||
	     (peek(p, i) == '.' && is_digit(peek(p, i + 1)))))
		return;
	take_addr(p, &a, i, f);
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

static bool is_mail(uint8_t c)
{
	return is_alnum(c) || (c && strchr("._%+-", c));
}

/* The address of somebody's mail (RFC 5321 4.1.2, what is common of it). */
static void find_mail(const struct place *p, struct found *f)
{
	size_t n = run(p, 0, is_mail), name;

	if (p->kind != SCRUB_FREE || is_mail(before(p)) || !n ||
	    peek(p, n) != '@')
		return;
	name = run(p, n + 1, is_mail);
	if (name && memchr(p->text + p->at + n + 1, '.', name))
		pack(f, "id", n + 1 + name, p->text + p->at, n + 1 + name);
}

/* A reverse name, also with a domain behind it that a resolver tried. */
static bool is_reverse(struct slice name)
{
	static const char *const zones[] = { ".in-addr.arpa", ".ip6.arpa" };

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		size_t n = strlen(zones[i]);

		for (size_t at = 0; at + n <= name.len; at++)
			if (!strncasecmp((const char *)name.data + at, zones[i],
					 n))
				return true;
	}
	return false;
}

/* RFC 6762 appendix G, RFC 8375, RFC 6761, and what routers call home. */
static bool is_local_suffix(struct slice name)
{
	static const char *const suffixes[] = {
		"local",
		"lan",
		"localdomain",
		"localnet",
		"home",
		"homenet",
		"internal",
		"intranet",
		"private",
		"corp",
		"domain",
		"workgroup",
		"router",
		"gateway",
		"localhost",
		"home.arpa",
		"in-addr.arpa",
		"ip6.arpa",
		"mshome.net",
		"fritz.box",
		"fritz.nas",
		"speedport.ip",
		"easy.box",
		"o2.box",
		"congstar.box",
		"routerlogin.net",
		"routerlogin.com",
		"tplinkwifi.net",
		"tplinklogin.net",
		"asusrouter.com",
		"station",
		"homestation",
	};

	while (name.len && name.data[name.len - 1] == '.')
		name.len--;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (text_is_under(name, slice_text(suffixes[i])))
			return true;
	return is_reverse(name);
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

static bool is_of_home(const struct scrub *s, struct slice name)
{
	while (name.len && name.data[name.len - 1] == '.')
		name.len--;
	for (size_t i = 0; i < s->domain_count; i++)
		if (text_is_under(name, s->domains[i]))
			return true;
	return is_local_suffix(name) || home_host_is(name);
}

bool scrub_is_home_name(const struct scrub *s, struct slice name)
{
	return is_of_home(s, name) || scrub_is_local_name(name);
}

static bool is_name(uint8_t c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

bool scrub_says_domain(struct slice text, struct slice domain)
{
	bool one_label = !domain.len || !memchr(domain.data, '.', domain.len);

	for (size_t at = 0; at < text.len;) {
		struct slice name = slice_of(text.data + at, 0);

		while (at + name.len < text.len && is_name(name.data[name.len]))
			name.len++;
		at += name.len + 1;
		while (name.len && name.data[name.len - 1] == '.')
			name.len--;
		if (text_is_under(name, domain) &&
		    (!one_label || name.len > domain.len))
			return true;
	}
	return false;
}

/* A host's name of the home in the middle of a text. */
static void find_local(const struct place *p, struct found *f)
{
	size_t n = run(p, 0, is_name);
	struct slice name = slice_of(p->text + p->at, n);

	if (is_name(before(p)) || !n || !memchr(name.data, '.', n) ||
	    !is_of_home(p->scrub, name))
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

/* Words that an identifier stands behind: after '=', ':' or '#', those that
 * are no others also after a space. */
static const struct {
	const char *word;
	bool plain; /* a space will do */
} keys[] = {
	{ "serialnumber", true },  { "serial number", true },
	{ "serial no", true },	   { "seriennummer", true },
	{ "serial_number", true }, { "serial-number", true },
	{ "serialnum", true },	   { "serialno", true },
	{ "serial", true },	   { "s/n", true },
	{ "snr", true },	   { "sn", true },
	{ "imei", true },	   { "imsi", true },
	{ "iccid", true },	   { "meid", true },
	{ "esn", true },	   { "udid", true },
	{ "deviceid", true },	   { "device_id", true },
	{ "device-id", true },	   { "devid", true },
	{ "hwid", true },	   { "uuid", true },
	{ "guid", true },	   { "macaddress", true },
	{ "mac", false },	   { "hwaddr", true },
	{ "uid", false },	   { "usn", false },
	{ "duid", false },	   { "cid", false },
	{ "did", false },	   { "gid", false },
	{ "id", false },	   { "clientid", false },
	{ "client_id", false },	   { "userid", false },
	{ "user_id", false },	   { "user", false },
	{ "username", false },	   { "account", false },
	{ "email", false },	   { "token", false },
	{ "session", false },	   { "bssid", false },
	{ "ssid", false },
};

static bool is_word_at(const struct place *p, const char *word)
{
	size_t n = strlen(word);

	return p->len - p->at >= n &&
	       !strncasecmp((const char *)p->text + p->at, word, n);
}

/* One of UUIDs that are none may have ':' in it ("uuid:roku:ecp:P0A1"). */
static size_t value_run(const struct place *p, size_t at)
{
	size_t n = 0;

	while (is_value(peek(p, at + n)) ||
	       (n && peek(p, at + n) == ':' && is_value(peek(p, at + n + 1))))
		n++;
	return n;
}

/* The value is something: "serial port" and "mac os" are not. */
static bool is_value_here(const struct place *p, size_t at, bool marked)
{
	size_t value = value_run(p, at), digits = 0;

	for (size_t k = 0; k < value; k++)
		digits += is_digit(peek(p, at + k));
	return marked ? value >= 2 : value >= 4 && digits;
}

/* A word for an identifier and what joins it to that: their length, or 0. The
 * word stays. */
static size_t keyed_value(const struct place *p)
{
	if (is_alnum(before(p)))
		return 0;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = strlen(keys[i].word), gap = 0;
		bool marked = false;

		if (!is_word_at(p, keys[i].word))
			continue;
		while (peek(p, n + gap) && strchr("=: #\"", peek(p, n + gap))) {
			marked |= peek(p, n + gap) != ' ';
			gap++;
		}
		if (gap && (marked || keys[i].plain) &&
		    is_value_here(p, n + gap, marked))
			return n + gap;
	}
	return 0;
}

/* What is one whatever is around it, and what is one by its look. */
static void (*const sure[])(const struct place *p, struct found *f) = {
	find_uuid,  find_pairs,	  find_fours,
	find_sixes, find_decimal, find_packed,
};
static void (*const likely[])(const struct place *p, struct found *f) = {
	find_v6,    find_v4,	     find_wan_hex, find_hex,	find_own,
	find_known, find_known_half, find_mail,	   find_serial, find_local,
};
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

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

static bool find_sure(const struct place *p, struct found *f)
{
	*f = (struct found){ 0 };
	for (size_t i = 0; !f->len && i < COUNT(sure); i++)
		sure[i](p, f);
	return f->len;
}

static bool find_likely(const struct place *p, struct found *f)
{
	*f = (struct found){ 0 };
	for (size_t i = 0; !f->len && i < COUNT(likely); i++)
		likely[i](p, f);
	return f->len;
}

/* Writes what the word at the place stands in front of, and moves behind it. */
static void take_keyed(struct place *p, size_t skip, size_t *plain,
		       struct buf *out)
{
	struct found f;
	size_t value;

	p->at += skip;
	value = value_run(p, 0);
	if (!find_likely(p, &f) || f.len < value)
		pack(&f, "serial", value, p->text + p->at, value);
	text_escape(out, slice_of(p->text + *plain, p->at - *plain));
	write_found(p->scrub, &f, out);
	p->at += f.len;
	*plain = p->at;
}

/* Up to where nothing is sure. */
static void scrub_part(struct place *p, struct buf *out)
{
	size_t plain = p->at, skip;
	struct found f;

	while (p->at < p->len && p->at < p->stop) {
		skip = keyed_value(p);
		if (skip) {
			take_keyed(p, skip, &plain, out);
			p->any = true;
			continue;
		}
		if (!find_likely(p, &f)) {
			p->at++;
			continue;
		}
		text_escape(out, slice_of(p->text + plain, p->at - plain));
		write_found(p->scrub, &f, out);
		p->any = true;
		p->at += f.len;
		plain = p->at;
	}
	text_escape(out, slice_of(p->text + plain, p->at - plain));
}

/* Where a text is cut: no character of UTF-8 is. */
static size_t stop_of(struct slice text)
{
	size_t stop = text.len < SCRUB_TEXT_MAX ? text.len : SCRUB_TEXT_MAX;

	for (int k = 0; k < 3 && stop && stop < text.len &&
			(text.data[stop] & 0xc0) == 0x80;
	     k++)
		stop--;
	return stop;
}

static void scrub_whole(struct place *p, struct buf *out);

/* What is escaped stays so where there is nothing in it. */
static void scrub_escaped(struct place *p, struct buf *out)
{
	size_t end = p->len < p->stop ? p->len : p->stop;
	uint8_t bytes[UNESCAPE_MAX], cut[UNESCAPE_MAX];
	struct slice whole = slice_of(p->text + p->at, p->len - p->at);
	struct slice text = whole;
	struct place plain = *p;
	struct buf made;

	if (p->at >= end || !unescape_any(&text, bytes)) {
		scrub_part(p, out);
		return;
	}
	plain.text = text.data;
	plain.len = text.len;
	plain.at = plain.begin = 0;
	plain.stop = unescape(slice_of(whole.data, end - p->at), cut).len;
	plain.plain = true;
	plain.any = false;
	buf_init(&made, SCRUB_OUT_MAX);
	scrub_whole(&plain, &made);
	if (plain.any) {
		p->any = true;
		p->at = end;
		buf_append(out, made.data, made.len);
		out->err = out->err ? out->err : buf_check(&made);
	} else {
		scrub_part(p, out);
	}
	buf_done(&made);
}

static void scrub_whole(struct place *p, struct buf *out)
{
	void (*scrub_rest)(struct place * part, struct buf * out) =
		p->plain ? scrub_part : scrub_escaped;
	struct place part = *p;
	struct found f;

	/* what is sure comes first: else a part of it could be taken for the
	 * end of something else, and the rest would stay */
	for (; p->at < p->stop; p->at++) {
		if (!find_sure(p, &f))
			continue;
		part.len = p->at;
		scrub_rest(&part, out);
		write_found(p->scrub, &f, out);
		part.any = true;
		part.at = part.begin = p->begin = p->at + f.len;
		p->at = part.at - 1;
	}
	part.len = p->len;
	scrub_rest(&part, out);
	p->any = part.any;
}

int scrub_text(const struct scrub *s, enum scrub_kind kind, struct slice text,
	       struct buf *out)
{
	struct place p = {
		.scrub = s,
		.kind = kind,
		.text = text.data,
		.len = text.len < LOOKED_AT_MAX ? text.len : LOOKED_AT_MAX,
		.stop = stop_of(text),
	};
	size_t was = out->len;
	struct buf made;
	int err;

	buf_init(&made, SCRUB_OUT_MAX);
	scrub_whole(&p, &made);
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
