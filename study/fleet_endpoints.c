// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/fleet_endpoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/buf.h"
#include "know/oui.h"
#include "know/suffix.h"
#include "study/fleet_rows.h"

/* The text that a list of trackers is hashed over: a million hosts. */
#define LIST_BYTES_MAX ((size_t)64 << 20)
#define LINE_BYTES_MAX ((size_t)4096)
/* A host name's and an address's most, with the terminator (RFC 1035 2.3.4). */
#define TEXT_BYTES 256

/* False when it does not fit: no name or address is that long. */
static bool to_text(struct slice text, char out[TEXT_BYTES])
{
	if (!text.data || text.len >= TEXT_BYTES)
		return false;
	memcpy(out, text.data, text.len);
	out[text.len] = '\0';
	return true;
}

static void name_endpoint(struct fleet_rows *rows, const struct know *know,
			  const struct fleet_cursor *c)
{
	struct slice domain = { 0 };
	struct know_listing listing;
	char text[TEXT_BYTES], country[3];
	struct addr addr;
	bool has_country;

	if (!fleet_cursor_null(c, 2))
		domain = suffix_registered_domain(fleet_cursor_text(c, 2));
	has_country = to_text(fleet_cursor_text(c, 1), text) &&
		      !addr_parse(text, &addr) && !addr_is_private(&addr) &&
		      know_country(know, &addr, country);
	fleet_rows_int(rows, fleet_cursor_int(c, 0));
	if (domain.data)
		fleet_rows_text_of(rows, domain);
	else
		fleet_rows_null(rows);
	fleet_rows_text(rows, has_country ? country : NULL);
	if (domain.data)
		fleet_rows_bool(rows, know_tracker(know, domain, &listing));
	else
		fleet_rows_null(rows);
	fleet_rows_next(rows);
}

static int name_all_endpoints(struct fleet *f, const struct know *know)
{
	struct fleet_cursor c;
	struct fleet_rows rows;
	int err = fleet_run(f, "CREATE OR REPLACE TABLE named(endpoint INTEGER,"
			       " domain VARCHAR, country VARCHAR,"
			       " tracker BOOLEAN)");

	if (!err)
		err = fleet_cursor_begin(
			&c, f, "SELECT endpoint, addr, host FROM endpoints");
	if (err)
		return err;
	err = fleet_rows_begin(&rows, f, "named");
	if (!err) {
		while (fleet_cursor_next(&c))
			name_endpoint(&rows, know, &c);
		err = fleet_rows_end(&rows);
	}
	fleet_cursor_end(&c);
	return err ? err
		   : fleet_run(f, "UPDATE endpoints SET domain = n.domain,"
				  " country = n.country, tracker = n.tracker"
				  " FROM named n"
				  " WHERE n.endpoint = endpoints.endpoint;"
				  "DROP TABLE named");
}

/* Six hex digits of a device's first three bytes. */
static const char *vendor_of(const struct know *know, struct slice oui)
{
	struct mac mac = { 0 };
	char text[TEXT_BYTES];
	unsigned b[3];

	if (oui.len != 6 || !to_text(oui, text) ||
	    sscanf(text, "%2x%2x%2x", &b[0], &b[1], &b[2]) != 3)
		return NULL;
	for (int i = 0; i < 3; i++)
		mac.b[i] = (uint8_t)b[i];
	return oui_vendor_by(know, &mac);
}

static int name_manufacturers(struct fleet *f, const struct know *know)
{
	struct fleet_cursor c;
	struct fleet_rows rows;
	int err = fleet_run(f, "CREATE OR REPLACE TABLE named(oui VARCHAR,"
			       " manufacturer VARCHAR)");

	if (!err)
		err = fleet_cursor_begin(&c, f,
					 "SELECT DISTINCT oui FROM devices"
					 " WHERE oui IS NOT NULL");
	if (err)
		return err;
	err = fleet_rows_begin(&rows, f, "named");
	if (!err) {
		while (fleet_cursor_next(&c)) {
			struct slice oui = fleet_cursor_text(&c, 0);

			fleet_rows_text_of(&rows, oui);
			fleet_rows_text(&rows, vendor_of(know, oui));
			fleet_rows_next(&rows);
		}
		err = fleet_rows_end(&rows);
	}
	fleet_cursor_end(&c);
	return err ? err
		   : fleet_run(f, "UPDATE devices SET manufacturer ="
				  " n.manufacturer FROM named n"
				  " WHERE n.oui = devices.oui;"
				  "DROP TABLE named");
}

/* Where a record of trackers has its host and its list (know/reference.h), in
 * bytes. */
#define LISTED_HOST 4
#define LISTED_LIST 12

/* Every host on the lists of trackers, and by which. */
static uint32_t print_trackers(const struct know *know, struct buf *out)
{
	uint32_t count = 0;

	for (size_t i = 0; i < know->file_count; i++) {
		const struct reference *file = &know->files[i];
		struct reference_table table =
			reference_table(file, REFERENCE_TRACKERS);

		for (uint32_t at = 0; at < table.count; at++, count++) {
			uint32_t host = reference_u32(&table, at, LISTED_HOST);
			uint32_t list = reference_u32(&table, at, LISTED_LIST);

			buf_printf(out, "%s\t%s\n", reference_text(file, host),
				   reference_text(file, list));
		}
	}
	return count;
}

static bool is_of_trackers(const struct know_source *source)
{
	return strstr(source->what, "tracker") ||
	       strstr(source->what, "advertiser");
}

static int sha256(struct fleet *f, const struct buf *text, char out[65])
{
	duckdb_prepared_statement statement;
	duckdb_result result = { 0 };
	char *found = NULL;
	int err = ERR_IO;

	if (duckdb_prepare(f->connection, "SELECT sha256($1::BLOB)",
			   &statement) == DuckDBSuccess &&
	    duckdb_bind_blob(statement, 1, buf_text(text), text->len) ==
		    DuckDBSuccess &&
	    duckdb_execute_prepared(statement, &result) == DuckDBSuccess)
		found = duckdb_value_varchar(&result, 0, 0);
	if (found && strlen(found) == 64) {
		memcpy(out, found, 65);
		err = 0;
	}
	duckdb_free(found);
	duckdb_destroy_result(&result);
	duckdb_destroy_prepare(&statement);
	return err;
}

static int note_lists(struct fleet *f, const struct know *know)
{
	struct buf names, hosts;
	uint32_t count;
	char hash[65];
	int err;

	buf_init(&names, LINE_BYTES_MAX);
	buf_init(&hosts, LIST_BYTES_MAX);
	count = print_trackers(know, &hosts);
	for (size_t i = 0; i < know->file_count; i++) {
		size_t sources = know_source_count(&know->files[i]);

		for (size_t at = 0; at < sources; at++) {
			struct know_source source =
				know_source(&know->files[i], at);

			if (is_of_trackers(&source))
				buf_printf(&names, "%s (%s), ", source.name,
					   source.date);
		}
	}
	err = buf_check(&hosts);
	if (!err)
		err = sha256(f, &hosts, hash);
	if (!err) {
		buf_printf(&names, "%u hosts, SHA-256 %s", count, hash);
		err = buf_check(&names);
	}
	if (!err)
		err = fleet_meta_set(f, "trackers", buf_text(&names));
	buf_done(&names);
	buf_done(&hosts);
	return err;
}

int fleet_name_endpoints(struct fleet *f, const struct know *know)
{
	int err = name_all_endpoints(f, know);

	if (!err)
		err = name_manufacturers(f, know);
	return err ? err : note_lists(f, know);
}
