// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "collector/store/rollup.h"
#include "collector/store/sqlite.h"

#define SQL_BYTES_MAX ((size_t)8192)
/* Of those who have a name for an address, this share has the same. */
#define MAJORITY "0.8"
/* Of what is asked of a device, no more is looked at. */
#define ASKED_MAX 64
/* Instructions of SQLite's between two looks whether to stop. */
#define STEPS 100000

enum crowd_statement {
	CROWD_NAME,
	CROWD_LABELS,
	CROWD_ASKED,
	CROWD_GUESS,
	CROWD_HOMES,
	CROWD_CONTACTS,
	CROWD_STATEMENTS,
};

struct store_crowd {
	sqlite3 *db; /* in memory */
	sqlite3_stmt *statements[CROWD_STATEMENTS];
	struct store_crowd_options options;
};

/* account and device are those of the store; values are resolved. trusted:
 * accounts that uploaded on enough days. */
static const char schema[] =
	"CREATE TABLE activity(account, day, PRIMARY KEY(account, day)) "
	"WITHOUT ROWID;"
	"CREATE TABLE name(address, name, account, "
	"PRIMARY KEY(address, name, account)) WITHOUT ROWID;"
	"CREATE TABLE label(device PRIMARY KEY, account, oui, name, category, "
	"vendor, segment, end_s) WITHOUT ROWID;"
	"CREATE TABLE feature(kind, value, device, "
	"PRIMARY KEY(kind, value, device)) WITHOUT ROWID;"
	"CREATE TABLE trusted(account PRIMARY KEY) WITHOUT ROWID;"
	"CREATE TABLE asked(kind, value, PRIMARY KEY(kind, value)) "
	"WITHOUT ROWID;";

/* Of one day, attached as "day", with collector.db as "main_db". Names and
 * features are given their rows by the roll-up of the day. */
static const char take_activity[] =
	"INSERT OR IGNORE INTO main.activity SELECT DISTINCT account, %u FROM "
	"day.segment";
static const char take_names[] =
	"INSERT OR IGNORE INTO main.name SELECT a.value, CAST(t.value AS TEXT),"
	" r.account FROM (%s) r JOIN main_db.address a ON a.id = r.address "
	"JOIN main_db.text t ON t.id = r.name";
static const char take_labels[] =
	"INSERT INTO main.label SELECT l.device, s.account, lower(hex(d.oui)), "
	"CAST(n.value AS TEXT), CAST(c.value AS TEXT), CAST(v.value AS TEXT), "
	"s.number, s.end_s FROM day.label l "
	"JOIN day.segment s ON s.id = l.id >> 16 "
	"JOIN main_db.device d ON d.id = l.device "
	"JOIN main_db.text w ON w.id = l.source AND w.value <> "
	"CAST('rejected' AS BLOB) "
	"LEFT JOIN main_db.text n ON n.id = l.name "
	"LEFT JOIN main_db.text c ON c.id = l.category "
	"LEFT JOIN main_db.text v ON v.id = l.vendor WHERE true "
	"ON CONFLICT(device) DO UPDATE SET oui = excluded.oui, "
	"name = excluded.name, category = excluded.category, "
	"vendor = excluded.vendor, segment = excluded.segment, "
	"end_s = excluded.end_s WHERE excluded.segment > segment";
static const char take_hosts[] =
	"INSERT OR IGNORE INTO main.feature SELECT 'host', CAST(t.value AS "
	"TEXT), r.device FROM (%s) r JOIN main.label l ON l.device = r.device "
	"JOIN main_db.text t ON t.id = r.name";
static const char take_hellos[] =
	"INSERT OR IGNORE INTO main.feature SELECT 'hello', CAST(t.value AS "
	"TEXT), r.device FROM (%s) r JOIN main.label l ON l.device = r.device "
	"JOIN main_db.text t ON t.id = r.ja4";

static const char *const statements[CROWD_STATEMENTS] = {
	[CROWD_NAME] =
		"SELECT name, count(*) AS homes FROM name JOIN trusted USING "
		"(account) WHERE address = ?1 GROUP BY name HAVING homes >= ?2 "
		"AND homes > " MAJORITY " * (SELECT count(DISTINCT account) "
		"FROM name JOIN trusted USING (account) WHERE address = ?1)",
	[CROWD_LABELS] =
		"SELECT CASE ?1 WHEN 0 THEN name WHEN 1 THEN category ELSE "
		"vendor END AS text FROM label JOIN trusted USING (account) "
		"WHERE text IS NOT NULL GROUP BY lower(text) "
		"HAVING count(DISTINCT account) >= ?2 "
		"ORDER BY count(DISTINCT account) DESC, text LIMIT 1000",
	[CROWD_ASKED] = "INSERT OR IGNORE INTO asked VALUES(?, ?)",
	/* A device is like the one asked for by what both have of what was
	 * asked, at least two things; each counts for a home once. */
	[CROWD_GUESS] =
		"WITH hit AS (SELECT device FROM asked JOIN feature USING "
		"(kind, value) UNION ALL SELECT device FROM asked JOIN label "
		"ON kind = 'oui' AND value = oui), alike AS (SELECT device, "
		"count(*) AS hits FROM hit GROUP BY device HAVING hits >= 2 OR "
		"hits = (SELECT count(*) FROM asked)), best AS (SELECT l.* "
		"FROM alike JOIN label l USING (device) JOIN trusted USING "
		"(account) WHERE hits * 2 >= (SELECT max(hits) FROM alike)) "
		/* a name only where as many homes have the same */
		"SELECT coalesce((SELECT n.name FROM best n WHERE "
		"lower(n.category) = lower(best.category) AND lower(n.vendor) "
		"= lower(best.vendor) AND n.name IS NOT NULL GROUP BY "
		"lower(n.name) HAVING count(DISTINCT n.account) >= ?1 ORDER BY "
		"count(DISTINCT n.account) DESC, n.name LIMIT 1), ''), "
		"category, vendor, count(DISTINCT account) AS homes, "
		"1.0 * count(DISTINCT account) / (SELECT count(DISTINCT "
		"account) FROM best) FROM best WHERE category IS NOT NULL AND "
		"vendor IS NOT NULL GROUP BY lower(category), "
		"lower(vendor) HAVING homes >= ?1 ORDER BY homes DESC, vendor, "
		"category LIMIT 3",
	[CROWD_HOMES] =
		"SELECT count(DISTINCT account) FROM label JOIN trusted USING "
		"(account) WHERE lower(vendor) = lower(?) AND lower(category) "
		"= lower(?)",
	[CROWD_CONTACTS] =
		"SELECT count(DISTINCT account) FROM label JOIN trusted USING "
		"(account) JOIN feature f ON f.device = label.device AND "
		"f.kind = 'host' AND (f.value = ?3 OR substr(f.value, "
		"-length(?3) - 1) = '.' || ?3) WHERE lower(vendor) = lower(?1) "
		"AND lower(category) = lower(?2)",
};

#define crowd_ready(c, which, ...)                                          \
	database_ready((c)->db, &(c)->statements[which], statements[which], \
		       __VA_ARGS__)

__attribute__((format(printf, 2, 3))) static int run(sqlite3 *db,
						     const char *format, ...)
{
	char sql[2048];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	if (len >= (int)sizeof(sql))
		return ERR_LIMIT;
	return database_exec(db, sql);
}

static int take_facts(sqlite3 *db, uint32_t day)
{
	char source[ROLLUP_SQL_BYTES];
	int err = run(db, take_activity, day);

	if (!err)
		err = rollup_source(db, "day", ROLLUP_NAME, source);
	if (!err)
		err = run(db, take_names, source);
	return err ? err : database_exec(db, take_labels);
}

/* Of labelled devices alone, so after all labels. */
static int take_features(sqlite3 *db, uint32_t day)
{
	char source[ROLLUP_SQL_BYTES];
	int err = rollup_source(db, "day", ROLLUP_NAME, source);

	(void)day;
	if (!err)
		err = run(db, take_hosts, source);
	if (!err)
		err = rollup_source(db, "day", ROLLUP_HELLO, source);
	return err ? err : run(db, take_hellos, source);
}

static int attach(sqlite3 *db, const char *folder, const char *name,
		  const char *as)
{
	char path[PATH_MAX], sql[32];
	sqlite3_stmt *stmt = NULL;
	int err;

	if (snprintf(path, sizeof(path), "file:%s/%s?mode=ro", folder, name) >=
	    (int)sizeof(path))
		return ERR_LIMIT;
	snprintf(sql, sizeof(sql), "ATTACH ? AS %s", as);
	err = database_ready(db, &stmt, sql, "t", path);
	if (!err)
		err = database_run(stmt);
	sqlite3_finalize(stmt);
	return err;
}

static int each_day(sqlite3 *db, const char *folder, const uint32_t *days,
		    size_t count, int (*take)(sqlite3 *db, uint32_t day))
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		char name[DATABASE_DAY_BYTES];
		int64_t version; /* 0: it has no tables yet */

		database_day_name(days[i], name);
		if (attach(db, folder, name, "day"))
			continue; /* purged meanwhile */
		if (!database_number(db, "PRAGMA day.user_version", &version) &&
		    version)
			err = take(db, days[i]);
		if (database_exec(db, "DETACH day") && !err)
			err = ERR_IO;
	}
	return err;
}

static int trust(struct store_crowd *c)
{
	return run(c->db,
		   "INSERT INTO trusted SELECT account FROM activity GROUP BY "
		   "account HAVING count(*) >= %u",
		   c->options.least_days);
}

/* The program is to end: whatever is being read is broken off. */
static int should_stop(void *user)
{
	const atomic_bool *stop = user;

	return atomic_load(stop);
}

static int fill(struct store_crowd *c, const char *folder)
{
	uint32_t *days = NULL;
	size_t count, from;
	sqlite3 *main;
	int err = database_open(folder, DATABASE_MAIN, DATABASE_READ, &main);

	if (err)
		return err;
	err = database_days(main, &days, &count);
	sqlite3_close(main);
	if (!err)
		err = attach(c->db, folder, DATABASE_MAIN, "main_db");
	if (!err) {
		from = count > c->options.days ? count - c->options.days : 0;
		err = each_day(c->db, folder, days + from, count - from,
			       take_facts);
		if (!err)
			err = each_day(c->db, folder, days + from, count - from,
				       take_features);
		if (database_exec(c->db, "DETACH main_db") && !err)
			err = ERR_IO;
	}
	free(days);
	return err ? err : trust(c);
}

int store_crowd_make(const char *folder,
		     const struct store_crowd_options *options,
		     struct store_crowd **out)
{
	struct store_crowd *c = calloc(1, sizeof(*c));
	int err = 0;

	if (!c)
		return ERR_NOMEM;
	c->options = *options;
	if (sqlite3_open_v2(":memory:", &c->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				    SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
			    NULL) ||
	    database_exec(c->db, schema))
		err = ERR_NOMEM;
	if (!err && options->stop)
		sqlite3_progress_handler(c->db, STEPS, should_stop,
					 (void *)(uintptr_t)options->stop);
	if (!err)
		err = fill(c, folder);
	if (err)
		store_crowd_free(c);
	else
		sqlite3_progress_handler(c->db, 0, NULL, NULL);
	if (!err)
		*out = c;
	return err;
}

void store_crowd_free(struct store_crowd *c)
{
	if (!c)
		return;
	for (int i = 0; i < CROWD_STATEMENTS; i++)
		sqlite3_finalize(c->statements[i]);
	sqlite3_close(c->db);
	free(c);
}

static void copy_text(sqlite3_stmt *stmt, int column,
		      char out[STORE_NAME_BYTES])
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	snprintf(out, STORE_NAME_BYTES, "%s", text ? (const char *)text : "");
}

int store_crowd_name(struct store_crowd *c, const uint8_t *address, size_t len,
		     char name[STORE_NAME_BYTES], uint32_t *accounts)
{
	sqlite3_stmt *stmt;
	int err;

	if (crowd_ready(c, CROWD_NAME, "bi", slice_of(address, len),
			(int64_t)c->options.least_accounts))
		return ERR_IO;
	stmt = c->statements[CROWD_NAME];
	err = database_row(stmt);
	if (err)
		return err;
	copy_text(stmt, 0, name);
	*accounts = (uint32_t)sqlite3_column_int64(stmt, 1);
	sqlite3_reset(stmt);
	return 0;
}

int store_crowd_labels(struct store_crowd *c, enum store_label which,
		       int (*take)(void *user, const char *text), void *user)
{
	sqlite3_stmt *stmt;
	int err = 0, rc = SQLITE_ERROR;

	if (crowd_ready(c, CROWD_LABELS, "ii", (int64_t)which,
			(int64_t)c->options.least_accounts))
		return ERR_IO;
	stmt = c->statements[CROWD_LABELS];
	while (!err && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		err = take(user, (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_reset(stmt);
	return err ? err : rc == SQLITE_DONE ? 0 : ERR_IO;
}

static int ask(struct store_crowd *c, const char *kind, const char *value)
{
	if (crowd_ready(c, CROWD_ASKED, "tt", kind, value))
		return ERR_IO;
	return database_run(c->statements[CROWD_ASKED]);
}

static int ask_all(struct store_crowd *c, const struct store_crowd_device *d)
{
	int err = database_exec(c->db, "DELETE FROM asked");

	if (!err && d->oui)
		err = ask(c, "oui", d->oui);
	for (size_t i = 0; i < ASKED_MAX && d->hosts[i] && !err; i++)
		err = ask(c, "host", d->hosts[i]);
	for (size_t i = 0; i < ASKED_MAX && d->hellos[i] && !err; i++)
		err = ask(c, "hello", d->hellos[i]);
	return err;
}

int store_crowd_guess(struct store_crowd *c,
		      const struct store_crowd_device *device,
		      struct store_crowd_guess out[STORE_GUESSES_MAX])
{
	sqlite3_stmt *stmt;
	int count = 0, rc = SQLITE_ERROR;

	if (ask_all(c, device) ||
	    crowd_ready(c, CROWD_GUESS, "i",
			(int64_t)c->options.least_accounts))
		return ERR_IO;
	stmt = c->statements[CROWD_GUESS];
	while (count < STORE_GUESSES_MAX &&
	       (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		copy_text(stmt, 0, out[count].name);
		copy_text(stmt, 1, out[count].category);
		copy_text(stmt, 2, out[count].vendor);
		out[count].homes = (uint32_t)sqlite3_column_int64(stmt, 3);
		out[count].share = sqlite3_column_double(stmt, 4);
		count++;
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? count : ERR_IO;
}

static int read_count(sqlite3_stmt *stmt, uint32_t *out)
{
	int err = database_row(stmt);

	if (err)
		return ERR_IO;
	*out = (uint32_t)sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return 0;
}

int store_crowd_homes(struct store_crowd *c, const char *vendor,
		      const char *category, uint32_t *homes)
{
	if (crowd_ready(c, CROWD_HOMES, "tt", vendor, category))
		return ERR_IO;
	return read_count(c->statements[CROWD_HOMES], homes);
}

int store_crowd_contacts(struct store_crowd *c, const char *vendor,
			 const char *category, const char *domain,
			 uint32_t *homes)
{
	if (crowd_ready(c, CROWD_CONTACTS, "ttt", vendor, category, domain))
		return ERR_IO;
	return read_count(c->statements[CROWD_CONTACTS], homes);
}
