// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/fleet.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "study/hold.h"

/* Raised when the tables change; a file of another version is refused. */
#define FLEET_VERSION "1"

#define TEXT(number)	  #number
#define MEMORY_OF(number) TEXT(number) "MiB"

/* An extension is never fetched over the network, nor one loaded that somebody
 * left in the user's folder. */
static const struct {
	const char *name, *value;
} settings[] = {
	{ "memory_limit", MEMORY_OF(FLEET_MEMORY_MIB) },
	{ "autoinstall_known_extensions", "false" },
	{ "autoload_known_extensions", "false" },
	{ "allow_community_extensions", "false" },
};

static const char schema[] =
	"CREATE TABLE meta(key VARCHAR, value VARCHAR);"
	"CREATE TABLE users(\"user\" INTEGER, account VARCHAR,"
	" utc_offset_min SMALLINT);"
	"CREATE TABLE devices(device INTEGER, id VARCHAR, \"user\" INTEGER,"
	" oui VARCHAR, manufacturer VARCHAR);"
	"CREATE TABLE labels(device INTEGER, name VARCHAR, category VARCHAR,"
	" vendor VARCHAR);"
	"CREATE TABLE clues(device INTEGER, kind VARCHAR, text VARCHAR);"
	"CREATE TABLE endpoints(endpoint INTEGER, addr VARCHAR, host VARCHAR,"
	" inferred BOOLEAN, domain VARCHAR, country VARCHAR, tracker BOOLEAN);"
	"CREATE TABLE flows(device INTEGER, \"end\" INTEGER, first_ms BIGINT,"
	" endpoint INTEGER, protocol UTINYINT, remote_port USMALLINT,"
	" device_port USMALLINT, in_bytes BIGINT, out_bytes BIGINT,"
	" in_packets BIGINT, out_packets BIGINT, local BOOLEAN);"
	"CREATE TABLE hellos(device INTEGER, time_ms BIGINT, endpoint INTEGER,"
	" remote_port USMALLINT, version USMALLINT, cipher_suites VARCHAR,"
	" ja3 VARCHAR, ja4 VARCHAR);"
	"CREATE TABLE views(\"user\" INTEGER, view VARCHAR, seconds DOUBLE);"
	"CREATE TABLE truth(device INTEGER, name VARCHAR, category VARCHAR,"
	" vendor VARCHAR, computer BOOLEAN);"
	"CREATE TABLE label_changes(method VARCHAR, kind VARCHAR,"
	" vendor VARCHAR, before VARCHAR, after VARCHAR, rule VARCHAR,"
	" devices INTEGER);"
	"CREATE TABLE standard(device INTEGER, method VARCHAR, vendor VARCHAR,"
	" name VARCHAR);"
	"CREATE TABLE validation(device INTEGER, standard VARCHAR,"
	" method VARCHAR, outcome VARCHAR, outcome_certain VARCHAR);"
	"INSERT INTO meta VALUES ('fleet', '" FLEET_VERSION "');";

/* What went wrong, on one line: the engine quotes the statement below. */
static int fail(struct fleet *f, int err, const char *why)
{
	size_t length = strcspn(why ? why : "", "\n");

	snprintf(f->error, sizeof(f->error), "%.*s", (int)length,
		 why ? why : err_text(err));
	return err;
}

/* What the engine calls the files of its folder. */
#define SPILLED	       "duckdb_temp_"
#define SPILLED_FOLDER ".tmp"
/* What it calls the log of what it has not yet put into a file. */
#define LOG ".wal"

/* What a killed program left beside its fleet. The engine lets nobody else have
 * a fleet that is open to be written, and makes its folder when it first needs
 * one: what is there before is nobody's. */
static void remove_spilled(const char *path)
{
	char folder[PATH_MAX];
	const struct dirent *entry;
	DIR *dir;
	int n = snprintf(folder, sizeof(folder), "%s" SPILLED_FOLDER, path);
	int fd = n < 0 || n >= PATH_MAX
			 ? -1
			 : open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
						O_CLOEXEC);

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, SPILLED, strlen(SPILLED)))
			(void)unlinkat(fd, entry->d_name, 0);
	closedir(dir);
	(void)rmdir(folder);
}

static int open_database(struct fleet *f, const char *path, bool is_written)
{
	duckdb_config config;
	char *why = NULL;
	int err = 0;

	if (duckdb_create_config(&config) != DuckDBSuccess)
		return fail(f, ERR_NOMEM, NULL);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (duckdb_set_config(config, settings[i].name,
				      settings[i].value) != DuckDBSuccess)
			err = ERR_UNSUPPORTED;
	if (!err && !is_written &&
	    duckdb_set_config(config, "access_mode", "READ_ONLY") !=
		    DuckDBSuccess)
		err = ERR_UNSUPPORTED;
	if (!err &&
	    duckdb_open_ext(path, &f->database, config, &why) != DuckDBSuccess)
		err = ERR_IO;
	duckdb_destroy_config(&config);
	if (!err &&
	    duckdb_connect(f->database, &f->connection) != DuckDBSuccess)
		err = ERR_IO;
	if (err)
		(void)fail(f, err, why);
	else if (is_written)
		remove_spilled(path);
	duckdb_free(why);
	return err;
}

static void close_database(struct fleet *f)
{
	duckdb_disconnect(&f->connection);
	duckdb_close(&f->database);
}

/* The name in the making, or that of the engine's log beside it. */
static int part_path(const struct fleet *f, const char *after,
		     char out[PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s" FLEET_PART "%s", f->path, after);

	return n < 0 || n >= PATH_MAX ? ERR_LIMIT : 0;
}

static void remove_part(const struct fleet *f)
{
	char path[PATH_MAX];

	if (!part_path(f, "", path))
		(void)unlink(path);
	if (!part_path(f, LOG, path))
		(void)unlink(path);
}

/* Another process that makes it, or works on it, holds the engine's lock. */
static int check_free(struct fleet *f, const char *file, const char *why)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(file, O_RDWR | O_CLOEXEC);
	bool is_locked;

	if (fd < 0)
		return 0;
	is_locked = !fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK;
	close(fd);
	return is_locked ? fail(f, ERR_EXISTS, why) : 0;
}

static void let_go(int beside)
{
	if (beside >= 0)
		close(beside);
}

static int set_path(struct fleet *f, const char *path)
{
	int n;

	*f = (struct fleet){ 0 };
	n = snprintf(f->path, sizeof(f->path), "%s", path);
	return n < 0 || n >= PATH_MAX - 16
		       ? fail(f, ERR_LIMIT, "the path is too long")
		       : 0;
}

int fleet_create(struct fleet *f, const char *path, bool replace)
{
	char part[PATH_MAX];
	int err = set_path(f, path), beside;

	if (!err && !replace && !access(path, F_OK))
		return fail(f, ERR_EXISTS, "there is such a file already");
	if (!err)
		err = part_path(f, "", part);
	if (err)
		return err;
	beside = hold_beside(path);
	err = check_free(f, part, "another is making it");
	if (!err)
		err = check_free(f, path, "another is working on it");
	if (!err) {
		remove_part(f);
		f->is_new = true;
		err = open_database(f, part, true);
	}
	let_go(beside);
	if (!err)
		err = fleet_run(f, schema);
	if (err)
		fleet_close(f);
	return err;
}

/* A file of the engine's that is no fleet would only fail later. */
static int check_version(struct fleet *f)
{
	char *version = fleet_meta(f, "fleet");
	int err = version && !strcmp(version, FLEET_VERSION) ? 0
							     : ERR_UNSUPPORTED;

	free(version);
	return err ? fail(f, err, "it is no fleet, or of another version") : 0;
}

int fleet_open(struct fleet *f, const char *path, bool is_written)
{
	int err = set_path(f, path);

	if (!err && access(path, F_OK))
		return fail(f, ERR_NOTFOUND, strerror(errno));
	if (!err)
		err = open_database(f, path, is_written);
	if (!err)
		err = check_version(f);
	if (err)
		fleet_close(f);
	return err;
}

/* The log of a killed program is of the fleet that is replaced. */
static int put_in_place(struct fleet *f, const char *part)
{
	char log[PATH_MAX + sizeof(LOG)];

	snprintf(log, sizeof(log), "%s" LOG, f->path);
	if ((!unlink(log) || errno == ENOENT) && !rename(part, f->path))
		return 0;
	(void)fail(f, ERR_IO, strerror(errno));
	remove_part(f);
	return ERR_IO;
}

int fleet_finish(struct fleet *f)
{
	char part[PATH_MAX];
	int err = fleet_run(f, "CHECKPOINT"), beside;

	if (!err)
		err = part_path(f, "", part);
	if (err) {
		fleet_close(f);
		return err;
	}
	/* once it is closed, another would take it for one that was left */
	beside = f->is_new ? hold_beside(f->path) : -1;
	close_database(f);
	if (f->is_new)
		err = put_in_place(f, part);
	let_go(beside);
	f->is_new = false;
	return err;
}

void fleet_close(struct fleet *f)
{
	int beside = f->is_new ? hold_beside(f->path) : -1;

	close_database(f);
	if (f->is_new)
		remove_part(f);
	let_go(beside);
	f->is_new = false;
}

int fleet_query(struct fleet *f, const char *sql, duckdb_result *out)
{
	if (duckdb_query(f->connection, sql, out) == DuckDBSuccess)
		return 0;
	(void)fail(f, ERR_IO, duckdb_result_error(out));
	duckdb_destroy_result(out);
	return ERR_IO;
}

int fleet_run(struct fleet *f, const char *sql)
{
	duckdb_result result;
	int err = fleet_query(f, sql, &result);

	if (!err)
		duckdb_destroy_result(&result);
	return err;
}

int fleet_runf(struct fleet *f, const char *format, ...)
{
	va_list args;
	char *text = NULL;
	int err;

	va_start(args, format);
	err = vasprintf(&text, format, args) < 0 ? ERR_NOMEM : 0;
	va_end(args);
	if (err)
		return fail(f, err, NULL);
	err = fleet_run(f, text);
	free(text);
	return err;
}

int fleet_end(struct fleet *f, int err)
{
	duckdb_result result;
	bool ended;

	if (!err)
		return fleet_run(f, "COMMIT");
	/* what went wrong first is what is told */
	ended = duckdb_query(f->connection, "ROLLBACK", &result) ==
		DuckDBSuccess;
	duckdb_destroy_result(&result);
	return ended ? err : ERR_IO;
}

int fleet_number(struct fleet *f, const char *sql, int64_t *out)
{
	duckdb_result result;
	int err = fleet_query(f, sql, &result);

	if (err)
		return err;
	if (!duckdb_row_count(&result) || duckdb_value_is_null(&result, 0, 0))
		err = fail(f, ERR_NOTFOUND, "there is no such number");
	else
		*out = duckdb_value_int64(&result, 0, 0);
	duckdb_destroy_result(&result);
	return err;
}

char *fleet_quote(const char *text)
{
	char *out = malloc(2 * strlen(text) + 3), *to = out;

	if (!out)
		return NULL;
	*to++ = '\'';
	for (; *text; text++) {
		if (*text == '\'')
			*to++ = '\'';
		*to++ = *text;
	}
	*to++ = '\'';
	*to = '\0';
	return out;
}

int fleet_meta_set(struct fleet *f, const char *key, const char *value)
{
	char *k = fleet_quote(key), *v = fleet_quote(value);
	int err = k && v ? 0 : fail(f, ERR_NOMEM, NULL);

	if (!err)
		err = fleet_runf(f,
				 "DELETE FROM meta WHERE key = %s;"
				 "INSERT INTO meta VALUES (%s, %s)",
				 k, k, v);
	free(k);
	free(v);
	return err;
}

char *fleet_meta(struct fleet *f, const char *key)
{
	char *quoted = fleet_quote(key), *sql = NULL, *found, *out = NULL;
	duckdb_result result;

	if (quoted &&
	    asprintf(&sql, "SELECT value FROM meta WHERE key = %s", quoted) < 0)
		sql = NULL;
	if (sql && !fleet_query(f, sql, &result)) {
		if (duckdb_row_count(&result)) {
			found = duckdb_value_varchar(&result, 0, 0);
			out = found ? strdup(found) : NULL;
			duckdb_free(found);
		}
		duckdb_destroy_result(&result);
	}
	free(quoted);
	free(sql);
	return out;
}
