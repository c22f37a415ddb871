// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/import/import.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/addr.h"
#include "study/fleet_endpoints.h"
#include "study/fleet_rows.h"
#include "study/import/kind.h"
#include "study/import/sqlite.h"
#include "study/import/store.h"

/* SQL of ours that the program carries (study/embed.py). */
struct slice import_common_sql(void);
struct slice import_finish_sql(void);

/* An address, or what a home says instead of its own. */
#define IMPORT_TEXT_BYTES 64

static int run_script(struct fleet *f, struct slice script)
{
	char *sql = malloc(script.len + 1);
	int err;

	if (!sql)
		return ERR_NOMEM;
	memcpy(sql, script.data, script.len);
	sql[script.len] = '\0';
	err = fleet_run(f, sql);
	free(sql);
	return err;
}

/* Of a store, while it is read, after the fleet's name: what is there of an
 * older one is removed, and "home.export" may well be a user's. */
#define IMPORT_EXPORT FLEET_PART ".export"

/* How a home names an address of its own, which it does not tell. */
#define HOME_ADDRESS "[address:"

/* The one spelling of an address, and whether it is in the home. */
static bool read_address(struct slice text, char out[IMPORT_TEXT_BYTES],
			 bool *is_local)
{
	struct addr addr;

	if (!text.data || text.len >= IMPORT_TEXT_BYTES)
		return false;
	memcpy(out, text.data, text.len);
	out[text.len] = '\0';
	*is_local = !strncmp(out, HOME_ADDRESS, strlen(HOME_ADDRESS));
	if (*is_local)
		return true;
	if (addr_parse(out, &addr))
		return false;
	*is_local = addr_is_private(&addr) || addr_is_multicast(&addr) ||
		    addr_is_broadcast(&addr);
	(void)addr_format(&addr, out);
	return true;
}

/* All texts of the source that are addresses. */
static int list_addresses(struct fleet *f, const char *query)
{
	struct fleet_cursor c;
	struct fleet_rows rows;
	int err = fleet_run(f, "CREATE OR REPLACE TEMP TABLE address"
			       "(text VARCHAR, addr VARCHAR, local BOOLEAN)");

	if (!err)
		err = fleet_cursor_begin(&c, f, query);
	if (err)
		return err;
	err = fleet_rows_begin(&rows, f, "address");
	while (!err && fleet_cursor_next(&c)) {
		char addr[IMPORT_TEXT_BYTES];
		bool is_local;

		if (!read_address(fleet_cursor_text(&c, 0), addr, &is_local))
			continue;
		fleet_rows_text_of(&rows, fleet_cursor_text(&c, 0));
		fleet_rows_text(&rows, addr);
		fleet_rows_bool(&rows, is_local);
		fleet_rows_next(&rows);
	}
	if (!err)
		err = fleet_rows_end(&rows);
	fleet_cursor_end(&c);
	return err;
}

static int tell_left_out(struct fleet *f, struct raw_log *log)
{
	struct fleet_cursor c;
	uint64_t rows = 0;
	int err = fleet_cursor_begin(&c, f,
				     "SELECT file, why, rows FROM left_out");

	if (err)
		return err;
	while (fleet_cursor_next(&c)) {
		struct slice file = fleet_cursor_text(&c, 0);
		struct slice why = fleet_cursor_text(&c, 1);

		raw_tell(log, "%.*s: left out %lld rows %.*s", (int)file.len,
			 (const char *)file.data,
			 (long long)fleet_cursor_int(&c, 2), (int)why.len,
			 (const char *)why.data);
		rows += (uint64_t)fleet_cursor_int(&c, 2);
	}
	fleet_cursor_end(&c);
	log->rows_left_out += rows;
	return rows && log->is_strict ? ERR_MALFORMED : 0;
}

/* The words of lacks that are said of the kind, and of each file not there. */
struct lacks {
	char text[256];
};

static void lack(struct lacks *l, const char *what)
{
	size_t len = strlen(l->text);

	if (what && *what)
		snprintf(l->text + len, sizeof(l->text) - len, "%s%s",
			 len ? ", " : "", what);
}

static int read_files(struct fleet *f, const char *folder, const char *prefix,
		      const struct import_kind *kind, struct raw_log *log,
		      struct lacks *lacks)
{
	int err = 0, wrong = 0;

	for (const struct import_file *file = kind->files; file->raw.name;
	     file++) {
		bool found;

		/* every file is looked at, so that all is told at once */
		err = raw_read(f, folder, prefix, &file->raw, log, &found);
		if (err && !wrong)
			wrong = err;
		if (!err && !found)
			lack(lacks, file->lacks);
	}
	return wrong;
}

/* The words that the kind's script has found. */
static int lack_also(struct fleet *f, struct lacks *lacks)
{
	struct fleet_cursor c;
	int err = fleet_cursor_begin(&c, f, "SELECT word FROM also_lacks");

	if (err)
		return err;
	while (fleet_cursor_next(&c)) {
		struct slice word = fleet_cursor_text(&c, 0);
		char text[32];

		snprintf(text, sizeof(text), "%.*s", (int)word.len,
			 (const char *)word.data);
		lack(lacks, text);
	}
	fleet_cursor_end(&c);
	return 0;
}

static int note_meta(struct fleet *f, const char *source, const char *lacks)
{
	char today[sizeof("2147485547-12-31")];
	time_t now = time(NULL);
	struct tm utc;
	int err = fleet_meta_set(f, "source", source);

	if (!err)
		err = fleet_meta_set(f, "lacks", lacks);
	if (!err && gmtime_r(&now, &utc) &&
	    strftime(today, sizeof(today), "%Y-%m-%d", &utc))
		err = fleet_meta_set(f, "imported", today);
	return err;
}

static int import_folder(struct fleet *f, const char *folder,
			 const char *prefix, const struct import_kind *kind,
			 struct raw_log *log)
{
	struct lacks lacks = { "" };
	int err;

	lack(&lacks, kind->lacks);
	err = read_files(f, folder, prefix, kind, log, &lacks);
	if (!err && kind->addresses)
		err = list_addresses(f, kind->addresses);
	if (!err)
		err = run_script(f, import_common_sql());
	if (!err && kind->derive)
		err = kind->derive(f, log);
	if (!err)
		err = run_script(f, kind->script());
	if (!err)
		err = run_script(f, import_finish_sql());
	if (!err)
		err = tell_left_out(f, log);
	if (err || !kind->lacks)
		return err;
	err = lack_also(f, &lacks);
	return err ? err : note_meta(f, kind->name, lacks.text);
}

static int import_database(struct fleet *f, const char *path,
			   struct raw_log *log)
{
	int err = sqlite_read(f, path, log);

	if (!err)
		err = list_addresses(f, sqlite_addresses);
	if (!err)
		err = run_script(f, import_common_sql());
	if (!err)
		err = run_script(f, sqlite_script());
	if (!err)
		err = run_script(f, import_finish_sql());
	if (!err)
		err = tell_left_out(f, log);
	return err ? err : note_meta(f, sqlite_kind, sqlite_lacks);
}

static int import_export(struct fleet *f, const char *folder,
			 struct raw_log *log)
{
	const char *prefix = "";
	const struct import_kind *kind = import_kind_of(folder, &prefix);

	return kind ? import_folder(f, folder, prefix, kind, log) : ERR_IO;
}

/* A collector's, by its export, which is beside the fleet as long as it is
 * read. */
static int import_store(struct fleet *f, const char *store, struct raw_log *log)
{
	char folder[PATH_MAX + sizeof(IMPORT_EXPORT)];
	int err;

	snprintf(folder, sizeof(folder), "%s" IMPORT_EXPORT, f->path);
	err = store_export(store, folder, log);
	if (!err)
		err = import_export(f, folder, log);
	store_remove(folder);
	return err;
}

int import_source(struct fleet *f, const char *path, const struct know *know,
		  struct raw_log *log)
{
	struct stat status;
	const struct import_kind *kind;
	const char *prefix = "";
	int err;

	if (stat(path, &status) ||
	    access(path, S_ISDIR(status.st_mode) ? R_OK | X_OK : R_OK)) {
		raw_tell(log, "%s: %s", path, strerror(errno));
		return ERR_NOTFOUND;
	}
	kind = S_ISDIR(status.st_mode) ? import_kind_of(path, &prefix) : NULL;
	if (kind) {
		err = import_folder(f, path, prefix, kind, log);
	} else if (S_ISDIR(status.st_mode) && store_is_one(path)) {
		err = import_store(f, path, log);
	} else if (S_ISREG(status.st_mode) && sqlite_is_one(path)) {
		err = import_database(f, path, log);
	} else {
		raw_tell(log,
			 "%s: is no folder with accounts.csv, client_hello.csv,"
			 " Device_labels.csv or meta.csv, no collector's store,"
			 " and no SQLite file",
			 path);
		err = ERR_NOTFOUND;
	}
	return err ? err : fleet_name_endpoints(f, know);
}

bool import_is_source(const char *path)
{
	struct stat status;

	return !stat(path, &status) &&
	       (S_ISDIR(status.st_mode) ||
		(S_ISREG(status.st_mode) && sqlite_is_one(path)));
}
