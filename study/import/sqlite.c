// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/import/sqlite.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "study/fleet_rows.h"

struct slice import_sqlite_sql(void);

const char *const sqlite_kind = "database of the original project's program";
const char *const sqlite_lacks =
	"labels, names, zones, hellos, clues, fingerprints, views";
const char *const sqlite_addresses =
	"SELECT src_ip_address FROM raw_network_flows UNION"
	" SELECT dest_ip_address FROM raw_network_flows";

#define MAGIC "SQLite format 3"

/* A table, its columns that are used, and what of them are numbers. */
static const struct wanted {
	const char *table, *raw;
	const char *make;
	const char *select;
	int columns;
	const char *is_number; /* '1' where so, one for each column */
} tables[] = {
	{ "devices", "raw_devices",
	  "CREATE OR REPLACE TEMP TABLE raw_devices(mac_address VARCHAR,"
	  " ip_address VARCHAR, is_gateway BIGINT)",
	  "SELECT mac_address, ip_address, is_gateway FROM devices", 3, "001" },
	{ "hostnames", "raw_hostnames",
	  "CREATE OR REPLACE TEMP TABLE raw_hostnames(ip_address VARCHAR,"
	  " hostname VARCHAR, updated_ts BIGINT)",
	  "SELECT ip_address, hostname, updated_ts FROM hostnames", 3, "001" },
	{ "network_flows", "raw_network_flows",
	  "CREATE OR REPLACE TEMP TABLE raw_network_flows(ts BIGINT,"
	  " src_ip_address VARCHAR, dest_ip_address VARCHAR,"
	  " src_mac_address VARCHAR, dest_mac_address VARCHAR,"
	  " src_port VARCHAR, dest_port VARCHAR, protocol VARCHAR,"
	  " byte_count BIGINT, packet_count BIGINT)",
	  "SELECT timestamp, src_ip_address, dest_ip_address,"
	  " src_mac_address, dest_mac_address, src_port, dest_port, protocol,"
	  " byte_count, packet_count FROM network_flows",
	  10, "1000000011" },
};

struct slice sqlite_script(void)
{
	return import_sqlite_sql();
}

bool sqlite_is_one(const char *path)
{
	char start[sizeof(MAGIC)];
	FILE *file = fopen(path, "rb");
	bool is_one = file &&
		      fread(start, 1, sizeof(start), file) == sizeof(start) &&
		      !memcmp(start, MAGIC, sizeof(MAGIC));

	if (file)
		fclose(file);
	return is_one;
}

static void put_value(struct fleet_rows *rows, sqlite3_stmt *s, int column,
		      bool is_number)
{
	if (sqlite3_column_type(s, column) == SQLITE_NULL)
		fleet_rows_null(rows);
	else if (is_number)
		fleet_rows_int(rows, sqlite3_column_int64(s, column));
	else
		fleet_rows_text(rows,
				(const char *)sqlite3_column_text(s, column));
}

/* A text that is no UTF-8, or a number that is none, would stop the engine. */
static bool is_sound(sqlite3_stmt *s, const struct wanted *w)
{
	for (int i = 0; i < w->columns; i++) {
		int type = sqlite3_column_type(s, i);
		const char *text;

		if (type == SQLITE_NULL)
			continue;
		if (w->is_number[i] == '1') {
			if (type != SQLITE_INTEGER)
				return false;
			continue;
		}
		text = (const char *)sqlite3_column_text(s, i);
		if (!text || !text_is_utf8(slice_text(text)))
			return false;
	}
	return true;
}

static int copy_rows(struct fleet *f, const struct wanted *w, sqlite3_stmt *s,
		     struct raw_log *log)
{
	struct fleet_rows rows;
	uint64_t row = 0, wrong = 0;
	int err = fleet_rows_begin(&rows, f, w->raw), step;

	if (err)
		return err;
	while ((step = sqlite3_step(s)) == SQLITE_ROW) {
		row++;
		if (!is_sound(s, w)) {
			if (wrong++ < RAW_TOLD_MAX)
				raw_tell(log,
					 "%s: row %llu: a text that is no"
					 " UTF-8, or no number",
					 w->table, (unsigned long long)row);
			continue;
		}
		for (int i = 0; i < w->columns; i++)
			put_value(&rows, s, i, w->is_number[i] == '1');
		fleet_rows_next(&rows);
	}
	err = fleet_rows_end(&rows);
	if (!err && step != SQLITE_DONE)
		err = ERR_IO;
	log->rows_left_out += wrong;
	return !err && wrong && log->is_strict ? ERR_MALFORMED : err;
}

static int copy_table(struct fleet *f, sqlite3 *db, const struct wanted *w,
		      struct raw_log *log)
{
	sqlite3_stmt *s = NULL;
	int err = fleet_run(f, w->make);

	if (!err &&
	    sqlite3_prepare_v2(db, w->select, -1, &s, NULL) != SQLITE_OK) {
		raw_tell(log, "%s: %s", w->table, sqlite3_errmsg(db));
		err = ERR_MALFORMED;
	}
	if (!err) {
		err = copy_rows(f, w, s, log);
		if (err == ERR_IO)
			raw_tell(log, "%s: %s", w->table, sqlite3_errmsg(db));
	}
	sqlite3_finalize(s);
	return err;
}

int sqlite_read(struct fleet *f, const char *path, struct raw_log *log)
{
	sqlite3 *db = NULL;
	int err = 0;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK) {
		raw_tell(log, "%s: %s", path,
			 db ? sqlite3_errmsg(db) : err_text(ERR_NOMEM));
		err = ERR_IO;
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && !err; i++)
		err = copy_table(f, db, &tables[i], log);
	sqlite3_close(db);
	return err;
}
