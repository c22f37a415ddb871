// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "data/import.h"
#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More than comes of any input that libFuzzer makes. */
#define FILE_BYTES_MAX ((size_t)16 << 20)

/* What stands there has nothing to be escaped but its backslashes. */
static void check_shown(const char *text)
{
	size_t expected = strlen(text);
	struct buf shown;

	for (const char *c = text; (c = strchr(c, '\\')); c++)
		expected++;
	buf_init(&shown, FILE_BYTES_MAX);
	text_escape(&shown, slice_text(text));
	must(shown.len == expected);
	buf_done(&shown);
}

/* Each record is found by its key, and its texts are UTF-8. */
static uint32_t check_table(const struct reference *ref,
			    enum reference_table_id id)
{
	struct reference_table table = reference_table(ref, id);
	uint32_t there;

	for (uint32_t at = 0; at < table.count; at++) {
		uint32_t hash = reference_u32(&table, at, 0);
		struct slice key = slice_text(
			reference_text(ref, reference_u32(&table, at, 4)));
		struct slice what = slice_text(
			reference_text(ref, reference_u32(&table, at, 8)));

		must(key.len && text_is_utf8(key) && text_is_utf8(what));
		must(reference_find_text(ref, &table, hash, key, &there));
		must(there == at);
	}
	return table.count;
}

static void check_file(struct slice file, const struct list *l)
{
	uint64_t entries = 0;
	struct reference ref;
	struct know_source source;

	must(!reference_open(file, &ref) && know_source_count(&ref) == 1);
	for (int id = REFERENCE_HOSTS; id <= REFERENCE_MALICIOUS; id++)
		entries += check_table(&ref, id);
	for (int id = REFERENCE_DHCP_PARAMETERS; id <= REFERENCE_DHCP_VENDORS;
	     id++)
		entries += check_table(&ref, id);
	for (int id = REFERENCE_OUI24; id <= REFERENCE_OUI28; id++)
		entries += reference_table(&ref, id).count;
	source = know_source(&ref, 0);
	must(source.name[0] && source.what[0]);
	must(entries && entries == l->taken && entries == source.entries);
	check_shown(source.name);
	check_shown(source.date);
	check_shown(source.licence);
	check_shown(source.origin);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[IMPORT_WHY_BYTES] = "";
	struct list list;
	struct buf file;

	buf_init(&file, FILE_BYTES_MAX);
	if (!import_bytes(slice_of(data, size), "name", 7, &list, &file, why))
		check_file(buf_slice(&file), &list);
	else
		must(why[0] && !file.len);
	check_shown(why);
	list_done(&list);
	buf_done(&file);
	return 0;
}
