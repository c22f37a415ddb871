// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/labels.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/table.h"
#include "read/bytes.h"

/* Cells of a line that mean something: MAC, name, category, vendor. */
#define CELLS 4

struct labels {
	struct table by_mac;
	struct arena texts;
};

static int fail(struct labels_fault *fault, unsigned line, const char *reason,
		int code)
{
	*fault = (struct labels_fault){ .line = line, .reason = reason };
	return code;
}

/*
 * One cell, unquoted into out (room for what is left), up to its ',' or the
 * end of its line, which are not consumed. False: a quote that never ends.
 */
static bool read_cell(struct slice text, size_t *at, uint8_t *out, size_t *len)
{
	bool quoted = *at < text.len && text.data[*at] == '"';

	*len = 0;
	*at += quoted;
	for (; *at < text.len; (*at)++) {
		uint8_t c = text.data[*at];

		if (quoted && c == '"') {
			if (*at + 1 < text.len && text.data[*at + 1] == '"')
				(*at)++;
			else
				quoted = false;
			if (!quoted)
				continue;
		} else if (!quoted && (c == ',' || c == '\n' || c == '\r')) {
			break;
		}
		out[(*len)++] = c;
	}
	return !quoted;
}

/* A line's first CELLS cells, lent from scratch; the rest is passed over. */
static bool read_line(struct slice text, size_t *at, uint8_t *scratch,
		      struct slice cells[CELLS])
{
	size_t count = 0;

	memset(cells, 0, CELLS * sizeof(*cells));
	for (;;) {
		size_t len;

		if (!read_cell(text, at, scratch, &len))
			return false;
		if (count < CELLS)
			cells[count++] = slice_of(scratch, len);
		scratch += len;
		if (*at >= text.len || text.data[*at] != ',')
			break;
		(*at)++;
	}
	if (*at < text.len && text.data[*at] == '\r')
		(*at)++;
	if (*at < text.len && text.data[*at] == '\n')
		(*at)++;
	return true;
}

static bool is_heading(struct slice cell)
{
	return cell.len == 3 && !strncasecmp((const char *)cell.data, "mac", 3);
}

static int parse_mac(struct slice cell, struct mac *out)
{
	char text[MAC_TEXT_BYTES];

	if (cell.len != sizeof(text) - 1)
		return ERR_MALFORMED;
	memcpy(text, cell.data, cell.len);
	text[cell.len] = 0;
	return mac_parse(text, out);
}

static int keep(struct labels *l, const struct slice cells[CELLS],
		unsigned line, struct labels_fault *fault)
{
	struct slice kept[CELLS] = { 0 };
	struct label *label;
	struct mac mac;

	if (parse_mac(cells[0], &mac))
		return fail(fault, line, "does not begin with a MAC address",
			    ERR_MALFORMED);
	if (l->by_mac.count == LABELS_MAX)
		return fail(fault, line, "too many lines", ERR_LIMIT);
	label = table_get(&l->by_mac, &mac, NULL);
	for (size_t i = 1; i < CELLS; i++) {
		const char *text = arena_text(&l->texts, cells[i]);

		if (!label || !text)
			return ERR_NOMEM;
		kept[i] = slice_of(text, cells[i].len);
	}
	*label = (struct label){ .mac = mac,
				 .name = kept[1],
				 .category = kept[2],
				 .vendor = kept[3] };
	return 0;
}

static int parse(struct labels *l, struct slice text, uint8_t *scratch,
		 struct labels_fault *fault)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8 */
	struct slice cells[CELLS];
	unsigned line = 1;
	size_t at = 0;

	if (text.len >= 3 && !memcmp(text.data, mark, 3))
		at = 3;
	for (; at < text.len; line++) {
		int err;

		if (!read_line(text, &at, scratch, cells))
			return fail(fault, line, "has a quote without its end",
				    ERR_MALFORMED);
		if (!cells[0].len && !cells[1].len)
			continue;
		if (line == 1 && is_heading(cells[0]))
			continue;
		err = keep(l, cells, line, fault);
		if (err)
			return err;
	}
	return 0;
}

int labels_load(struct labels **out, const char *path,
		struct labels_fault *fault)
{
	struct labels *l = calloc(1, sizeof(*l));
	struct bytes *bytes = NULL;
	uint8_t *scratch = NULL;
	const uint8_t *data;
	size_t len;
	int err = ERR_NOMEM;

	*fault = (struct labels_fault){ .line = 0 };
	if (!l)
		return err;
	table_init(&l->by_mac, sizeof(struct mac), sizeof(struct label),
		   LABELS_MAX, 0);
	arena_init(&l->texts, 2 * LABELS_FILE_MAX_BYTES);
	err = bytes_open(&bytes, path);
	if (err)
		goto out;
	len = bytes_peek(bytes, LABELS_FILE_MAX_BYTES, &data);
	err = bytes_fault(bytes);
	if (err) {
		errno = bytes_errno(bytes);
		goto out;
	}
	if (len == LABELS_FILE_MAX_BYTES) {
		err = fail(fault, 0, "too large for labels", ERR_LIMIT);
		goto out;
	}
	scratch = malloc(len + 1);
	err = scratch ? parse(l, slice_of(data, len), scratch, fault)
		      : ERR_NOMEM;
	if (!err) {
		*out = l;
		l = NULL;
	}
out:
	free(scratch);
	bytes_free(bytes);
	labels_free(l);
	return err;
}

void labels_free(struct labels *l)
{
	int saved = errno;

	if (!l)
		return;
	table_done(&l->by_mac);
	arena_done(&l->texts);
	free(l);
	errno = saved;
}

const struct label *labels_find(const struct labels *l, const struct mac *mac)
{
	return l ? table_find(&l->by_mac, mac) : NULL;
}
