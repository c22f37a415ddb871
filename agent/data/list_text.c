// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "data/list.h"

/* What a line is. */
enum line_kind {
	LINE_NOTHING, /* empty, comment, head */
	LINE_HOSTS,   /* an address and its hosts, or one bare host */
	LINE_RULE,    /* ||host^ */
	LINE_PART,    /* a rule about a part of a page */
	LINE_STRANGE,
};

struct counts {
	uint64_t hosts, rules, parts, strange;
};

static struct slice trim(struct slice s)
{
	while (s.len && isspace(s.data[0])) {
		s.data++;
		s.len--;
	}
	while (s.len && isspace(s.data[s.len - 1]))
		s.len--;
	return s;
}

static bool next_line(struct slice *rest, struct slice *line)
{
	if (!text_next_line(rest, line))
		return false;
	*line = trim(*line);
	return true;
}

static bool begins(struct slice s, const char *text)
{
	size_t len = strlen(text);

	return s.len >= len && !strncasecmp((const char *)s.data, text, len);
}

static struct slice after(struct slice s, size_t n)
{
	return trim(slice_of(s.data + n, s.len - n));
}

/* "! Title: X" and its like, also with '#'. */
static void read_head(struct list *l, struct slice line)
{
	static const struct {
		const char *key;
		size_t field;
	} heads[] = {
		{ "Title:", offsetof(struct list, name) },
		{ "Last modified:", offsetof(struct list, date) },
		{ "Updated:", offsetof(struct list, date) },
		{ "Last updated:", offsetof(struct list, date) },
		{ "Date:", offsetof(struct list, date) },
		{ "Licence:", offsetof(struct list, licence) },
		{ "License:", offsetof(struct list, licence) },
		{ "Homepage:", offsetof(struct list, origin) },
	};
	struct slice text = after(line, 1);

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		char *field = (char *)l + heads[i].field;

		if (begins(text, heads[i].key) && !field[0] &&
		    !memchr(text.data, '%', text.len))
			list_set(field, after(text, strlen(heads[i].key)));
	}
}

/* Whether the options of a rule leave it about the host as a whole. */
static bool is_for_all(struct slice options)
{
	static const char *const whole[] = { "third-party", "popup", "3p",
					     "document",    "doc",   "all",
					     "important" };

	while (options.len) {
		const uint8_t *comma = memchr(options.data, ',', options.len);
		size_t len =
			comma ? (size_t)(comma - options.data) : options.len;
		struct slice one = slice_of(options.data, len);
		bool good = false;

		for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
			good |= slice_equal(one, slice_text(whole[i]));
		if (!good)
			return false;
		options = slice_of(options.data + len + (comma != NULL),
				   options.len - len - (comma != NULL));
	}
	return true;
}

static enum line_kind read_rule(struct list *l, struct slice line)
{
	bool excepted = begins(line, "@@");
	struct slice rest = excepted ? after(line, 2) : line;
	const uint8_t *end;
	char host[LIST_HOST_BYTES];
	size_t len;

	if (!begins(rest, "||"))
		return LINE_PART;
	rest = after(rest, 2);
	end = memchr(rest.data, '^', rest.len);
	len = end ? (size_t)(end - rest.data) : 0;
	if (!list_host(slice_of(rest.data, len), host))
		return LINE_PART;
	rest = after(rest, len + 1);
	if (rest.len && (rest.data[0] != '$' || !is_for_all(after(rest, 1))))
		return LINE_PART;
	if (!excepted || !rest.len)
		list_add_tracker(l, host,
				 excepted ? KNOW_CATEGORY_NONE : l->category,
				 slice_of(NULL, 0));
	return LINE_RULE;
}

/* A word that begins with '#' ends the line, as a comment. */
static struct slice next_word(struct slice *rest)
{
	struct slice word = { rest->data, 0 };

	while (word.len < rest->len && !isspace(rest->data[word.len]))
		word.len++;
	*rest = after(*rest, word.len);
	if (rest->len && rest->data[0] == '#')
		rest->len = 0;
	return word;
}

static bool to_addr(struct slice word, struct addr *out)
{
	char text[ADDR_TEXT_BYTES];

	if (!word.len || word.len >= sizeof(text))
		return false;
	memcpy(text, word.data, word.len);
	text[word.len] = '\0';
	return !addr_parse(text, out);
}

static void add_word(struct list *l, struct slice word)
{
	static const char *const own[] = { "localhost.localdomain",
					   "ip6-localhost.localdomain" };
	char host[LIST_HOST_BYTES];

	if (!list_host(word, host)) {
		l->left_out++;
		return;
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!strcmp(host, own[i]))
			return;
	list_add_tracker(l, host, l->category, slice_of(NULL, 0));
}

static enum line_kind read_hosts(struct list *l, struct slice line)
{
	struct slice rest = line, word = next_word(&rest);
	char host[LIST_HOST_BYTES];
	struct addr addr;

	if (to_addr(word, &addr)) {
		if (!rest.len) { /* a bare address */
			addr_format(&addr, host);
			list_add_tracker(l, host, l->category,
					 slice_of(NULL, 0));
			return LINE_HOSTS;
		}
		if (!addr_is_unspecified(&addr) && !addr_is_loopback(&addr))
			return LINE_NOTHING; /* some host's real address */
		while (rest.len)
			add_word(l, next_word(&rest));
		return LINE_HOSTS;
	}
	if (rest.len || !list_host(word, host))
		return LINE_STRANGE;
	list_add_tracker(l, host, l->category, slice_of(NULL, 0));
	return LINE_HOSTS;
}

static enum line_kind read_line(struct list *l, struct slice line)
{
	if (!line.len || line.data[0] == '[')
		return LINE_NOTHING;
	if (line.data[0] == '!' ||
	    (line.data[0] == '#' && !begins(line, "##"))) {
		read_head(l, line);
		return LINE_NOTHING;
	}
	if (begins(line, "||") || begins(line, "@@"))
		return read_rule(l, line);
	return read_hosts(l, line);
}

static bool says(const char *text, const char *word)
{
	return strcasestr(text, word) != NULL;
}

/* What a list of that title is of; and the names of those the program has. */
static void take_title(struct list *l)
{
	if (says(l->name, "malicious") || says(l->name, "malware") ||
	    says(l->name, "phishing") || says(l->name, "urlhaus"))
		l->category = KNOW_CATEGORY_MALICIOUS;
	else if (says(l->name, "easylist") || says(l->name, "advert"))
		l->category = KNOW_CATEGORY_ADVERTISING;
	if (l->category == KNOW_CATEGORY_MALICIOUS &&
	    says(l->origin, "urlhaus"))
		list_set(l->name, slice_text("URLhaus"));
}

/* The heads come before any host, and decide of what the list is. */
static void read_heads(struct list *l, struct slice rest)
{
	struct slice line;

	while (next_line(&rest, &line)) {
		if (!line.len || line.data[0] == '[')
			continue;
		if (line.data[0] != '!' && line.data[0] != '#')
			break;
		read_head(l, line);
	}
	take_title(l);
}

int list_read_text(struct list *l, struct slice bytes)
{
	struct counts c = { 0 };
	struct slice line;

	if (memchr(bytes.data, 0, bytes.len))
		return ERR_NOTFOUND;
	read_heads(l, bytes);
	while (next_line(&bytes, &line)) {
		switch (read_line(l, line)) {
		case LINE_NOTHING:
			break;
		case LINE_HOSTS:
			c.hosts++;
			break;
		case LINE_RULE:
			c.rules++;
			break;
		case LINE_PART:
			c.parts++;
			break;
		case LINE_STRANGE:
			c.strange++;
			break;
		}
	}
	/* lists of rules also have those for parts of pages, of any look;
	 * elsewhere one line in ten may be wrong */
	if (!l->taken || (!c.rules && c.strange * 10 > c.hosts))
		return ERR_NOTFOUND;
	l->left_out += c.parts + c.strange;
	l->what = l->category == KNOW_CATEGORY_MALICIOUS     ? "malicious hosts"
		  : l->category == KNOW_CATEGORY_ADVERTISING ? "advertisers"
							     : "trackers";
	return 0;
}
