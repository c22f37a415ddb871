// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "data/list.h"

#define COLUMNS_MAX    32
#define CELL_BYTES_MAX 1024

/** One line of a table (RFC 4180), its cells unquoted. */
struct cells {
	char text[COLUMNS_MAX][CELL_BYTES_MAX];
	size_t len[COLUMNS_MAX]; /* past CELL_BYTES_MAX: the rest is lost */
	size_t count;
};

/* A line of the table; quoted cells may have the end of a line in them. False
 * at the end of the bytes. */
static bool next_row(struct slice *rest, uint8_t separator, struct cells *out)
{
	bool quoted = false;
	size_t at = 0;

	if (!rest->len)
		return false;
	out->count = 1;
	out->len[0] = 0;
	for (; at < rest->len; at++) {
		uint8_t c = rest->data[at];
		size_t cell = out->count - 1;

		if (c == '"') {
			quoted = !quoted;
			/* of two in a quoted cell the second is meant */
			if (!quoted || !at || rest->data[at - 1] != '"' ||
			    !out->len[cell])
				continue;
		}
		if (!quoted && c == '\n')
			break;
		if (!quoted && c == separator) {
			if (out->count == COLUMNS_MAX)
				continue;
			out->len[out->count++] = 0;
			continue;
		}
		if (c == '\r')
			continue;
		if (out->len[cell] < CELL_BYTES_MAX)
			out->text[cell][out->len[cell]] = (char)c;
		out->len[cell]++;
	}
	at += at < rest->len;
	*rest = slice_of(rest->data + at, rest->len - at);
	return true;
}

/* Nothing where it is missing, or was too long to be kept whole. */
static struct slice cell(const struct cells *row, size_t column)
{
	if (column >= row->count || row->len[column] > CELL_BYTES_MAX)
		return slice_of(NULL, 0);
	return slice_of(row->text[column], row->len[column]);
}

/* The column of one of the names, or COLUMNS_MAX. */
static size_t column_of(const struct cells *head, const char *const *names)
{
	for (; *names; names++)
		for (size_t i = 0; i < head->count; i++)
			if (head->len[i] == strlen(*names) &&
			    !strncasecmp(head->text[i], *names, head->len[i]))
				return i;
	return COLUMNS_MAX;
}

static void add_text(struct list *l, enum reference_table_id id,
		     struct slice key, struct slice what)
{
	uint32_t field = reference_build_text(&l->build, what);

	if (!key.len || !field) {
		l->left_out++;
		return;
	}
	l->taken += reference_build_add(&l->build, id, key, &field, 1);
}

/* "1,3,6": numbers joined by commas. */
static bool is_parameters(struct slice text)
{
	bool digit = false;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == ',' && !digit)
			return false;
		digit = isdigit(text.data[i]);
		if (!digit && text.data[i] != ',')
			return false;
	}
	return digit;
}

/* A prefix of 24, 28 or 36 bits, with or without marks between its digits. */
static void add_mac(struct list *l, struct slice text, struct slice vendor)
{
	uint32_t record[3] = { 0 };
	uint64_t prefix = 0;
	size_t digits = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c == ':' || c == '-' || c == '.')
			continue;
		if (!isxdigit(c) || ++digits > 9) {
			digits = 0;
			break;
		}
		prefix = prefix << 4 |
			 (uint64_t)(isdigit(c) ? c - '0'
					       : (c | 0x20) - 'a' + 10);
	}
	record[0] = (uint32_t)prefix;
	record[1] = reference_build_text(&l->build, vendor);
	if (!record[1] || (digits != 6 && digits != 7)) {
		l->left_out++;
		return;
	}
	reference_build_put(&l->build,
			    digits == 6 ? REFERENCE_OUI24 : REFERENCE_OUI28,
			    record, 2);
	l->taken++;
}

/* What the columns of a table make of it. */
static const struct kind {
	const char *const keys[6];
	const char *what;
	enum reference_table_id id;
} kinds[] = {
	{ { "dhcp_fingerprint", "dhcp fingerprint", "fingerprint",
	    "dhcp_parameters", NULL },
	  "devices by what they ask of DHCP",
	  REFERENCE_DHCP_PARAMETERS },
	{ { "dhcp_vendor", "dhcp vendor", "vendor_class", "dhcp_vendor_class",
	    NULL },
	  "devices by their DHCP vendor class",
	  REFERENCE_DHCP_VENDORS },
	{ { "mac_vendor", "mac", "oui", "assignment", "mac_prefix", NULL },
	  "vendors of hardware addresses",
	  REFERENCE_OUI24 },
};

static const char *const name_columns[] = { "device",	   "device_name",
					    "description", "organization name",
					    "vendor",	   "vendor_name",
					    "name",	   NULL };

static void read_row(struct list *l, const struct kind *kind, struct slice key,
		     struct slice what)
{
	if (!text_is_utf8(what) || !text_is_utf8(key))
		l->left_out++;
	else if (kind->id == REFERENCE_OUI24)
		add_mac(l, key, what);
	else if (kind->id == REFERENCE_DHCP_PARAMETERS && !is_parameters(key))
		l->left_out++;
	else
		add_text(l, kind->id, key, what);
}

int list_read_csv(struct list *l, struct slice bytes)
{
	static const uint8_t separators[] = { ',', ';', '\t' };
	const struct kind *kind = NULL;
	struct cells row;
	struct slice rest = bytes;
	size_t key = COLUMNS_MAX, name = COLUMNS_MAX, s = 0;

	for (; s < sizeof(separators) && !kind; s++) {
		rest = bytes;
		if (!next_row(&rest, separators[s], &row))
			return ERR_NOTFOUND;
		name = column_of(&row, name_columns);
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			key = column_of(&row, kinds[i].keys);
			if (key != COLUMNS_MAX && name != COLUMNS_MAX &&
			    key != name) {
				kind = &kinds[i];
				break;
			}
		}
	}
	if (!kind)
		return ERR_NOTFOUND;
	while (next_row(&rest, separators[s - 1], &row))
		if (row.count > 1)
			read_row(l, kind, cell(&row, key), cell(&row, name));
		else if (row.len[0])
			l->left_out++;
	l->what = kind->what;
	return l->taken ? 0 : ERR_NOTFOUND;
}
