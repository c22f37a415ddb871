// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <limits.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "collector/store/rollup.h"
#include "collector/store/sqlite.h"
#include "know/suffix.h"
#include "record/home_host.h"

/* Of those who have a name for an address, this share has the same. */
#define MAJORITY "0.8"
/* What a device does tells of its maker as far as those who do it have the same
 * one: it weighs as much as the share of homes that the commonest maker has,
 * and nothing below this one. So a cloud that many use tells nothing. */
#define TELLING "0.25"
/* Hosts under what is asked about, where that is no registered domain: of more,
 * each would be looked up while others wait. */
#define BELOW_MAX "1000"
/* Of what is asked of a device, no more is looked at. */
#define ASKED_MAX 64
/* Instructions of SQLite's between two looks whether to stop. */
#define STEPS 100000
/* Segments that are added between two looks whether somebody asks: some ten
 * milliseconds. */
#define PIECE 5000
/* … all of them, when it is made. */
#define WHOLE INT64_MAX

/* Rows of a sealed day's sums that are added at a time: little enough for what
 * is pushed out in between to be what has least support. */
#define SUMS_PIECE 20000
/* When there is no room, a quarter of all is made free: less would have all of
 * it looked through again soon. Where that is not enough, another, and so on.
 */
#define FREE_STEPS 4
#define FREE_TRIED 2
/* Of one account, or one device: no home has so many names, and what has more
 * goes before what others say. */
#define ROWS_OF_ONE 20000
/* Past this support nothing is left that could go. */
#define SUPPORT_MAX (1u << 30)

/* Of a path, each letter of which may be three. */
#define URI_BYTES (3 * PATH_MAX + 16)

/* Of what takes a day, or a part of it. */
#define PARAMETERS 4

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum crowd_statement {
	CROWD_NAME,
	CROWD_LABELS,
	CROWD_ASKED,
	CROWD_GUESS,
	CROWD_HOMES,
	CROWD_CONTACTS,
	CROWD_BELOW,
	CROWD_CONTACTS_BELOW,
	CROWD_STATEMENTS,
};

struct store_crowd {
	sqlite3 *db; /* in memory */
	sqlite3_stmt *statements[CROWD_STATEMENTS];
	struct store_crowd_options options;
	uint32_t *days; /* that it is made of, oldest first */
	size_t day_count;
	int64_t until; /* the last segment of the last day that it has */
	uint64_t dropped;
};

/* account, device and the ids of texts and addresses are those of the store;
 * a text and an address are here once. trusted: accounts that uploaded on
 * enough days. feature: kind is enum feature_kind. Each column has a type: an
 * index of one that has none does not serve to find what one has that does.
 * Texts are found by what they are turned round, in which a domain and the
 * hosts under it stand side by side. domain: the number of the registered one,
 * of which a device has far fewer than hosts. */
static const char schema[] =
	"CREATE TABLE text(id INTEGER PRIMARY KEY, value TEXT, "
	"domain INTEGER);"
	"CREATE INDEX text_turned ON text(turned(value));"
	"CREATE TABLE address(id INTEGER PRIMARY KEY, value BLOB);"
	"CREATE INDEX address_value ON address(value);"
	"CREATE TABLE activity(account INTEGER, day INTEGER, "
	"PRIMARY KEY(account, day)) WITHOUT ROWID;"
	"CREATE TABLE name(address INTEGER, name INTEGER, account INTEGER, "
	"PRIMARY KEY(address, name, account)) WITHOUT ROWID;"
	"CREATE TABLE label(device INTEGER PRIMARY KEY, account INTEGER, "
	"oui TEXT, name TEXT, category TEXT, vendor TEXT, segment INTEGER, "
	"end_s INTEGER) WITHOUT ROWID;"
	"CREATE INDEX label_kind ON label(lower(vendor), lower(category));"
	"CREATE TABLE feature(kind INTEGER, value INTEGER, device INTEGER, "
	"PRIMARY KEY(kind, value, device)) WITHOUT ROWID;"
	"CREATE TABLE trusted(account INTEGER PRIMARY KEY) WITHOUT ROWID;"
	"CREATE TABLE asked(kind INTEGER, value TEXT, domain INTEGER, "
	"PRIMARY KEY(kind, value)) WITHOUT ROWID;";

enum feature_kind {
	FEATURE_HOST,
	FEATURE_HELLO,
	FEATURE_OUI, /* of what is asked about alone */
	FEATURE_DOMAIN,
};

/* Whoever answers a request can say any host's name: what devices asked for by
 * HTTP is no name of an address. */
#define TOLD_SOURCES                                                         \
	"(SELECT id FROM main_db.text WHERE value IN (CAST('dns' AS BLOB), " \
	"CAST('sni' AS BLOB)))"

/* Of one day, attached as "day", with collector.db as "main_db". What comes
 * again changes nothing. ?3: the day, ?4: the days that it takes to be trusted.
 */

/* What a sealed day's sums have, of their rows ?1 to ?2. */
static const struct summed {
	enum rollup from;
	const char *sql;
} summed[] = {
	{ ROLLUP_ACTIVITY,
	  "INSERT OR IGNORE INTO main.activity SELECT account, ?3 FROM "
	  "day.rollup_activity WHERE rowid BETWEEN ?1 AND ?2" },
	{ ROLLUP_NAME,
	  "INSERT OR IGNORE INTO main.name SELECT address, name, account "
	  "FROM day.rollup_name WHERE rowid BETWEEN ?1 AND ?2 AND "
	  "(first_source IN " TOLD_SOURCES " OR last_source IN " TOLD_SOURCES
	  ")" },
	{ ROLLUP_NAME,
	  "INSERT OR IGNORE INTO main.feature SELECT 0, name, device FROM "
	  "day.rollup_name WHERE rowid BETWEEN ?1 AND ?2" },
	{ ROLLUP_HELLO,
	  "INSERT OR IGNORE INTO main.feature SELECT 1, ja4, device FROM "
	  "day.rollup_hello WHERE rowid BETWEEN ?1 AND ?2" },
};

/* What its rows have, of the segments ?1 to ?2. */

#define OF_SEGMENTS "r.id BETWEEN ?1 << 16 AND (?2 + 1 << 16) - 1"

_Static_assert(STORE_PLACE_BITS == 16, "as the queries have it");

static const char *const takings[] = {
	"INSERT OR IGNORE INTO main.activity SELECT DISTINCT account, ?3 "
	"FROM day.segment WHERE id BETWEEN ?1 AND ?2",
	"INSERT OR IGNORE INTO main.trusted SELECT a.account FROM (SELECT "
	"DISTINCT account FROM day.segment WHERE id BETWEEN ?1 AND ?2) r "
	"JOIN main.activity a USING (account) GROUP BY a.account HAVING "
	"count(*) >= ?4",
	"INSERT OR IGNORE INTO main.name SELECT r.address, r.name, s.account "
	"FROM day.name r JOIN day.segment s ON s.id = r.id >> 16 WHERE "
	"r.source IN " TOLD_SOURCES " AND r.address IS NOT NULL AND r.name IS "
	"NOT NULL AND " OF_SEGMENTS,
	"INSERT OR IGNORE INTO main.feature SELECT 0, r.name, r.device FROM "
	"day.name r WHERE r.name IS NOT NULL AND " OF_SEGMENTS,
	"INSERT OR IGNORE INTO main.feature SELECT 1, r.ja4, r.device FROM "
	"day.hello r WHERE r.ja4 IS NOT NULL AND " OF_SEGMENTS,
	"INSERT OR IGNORE INTO main.text SELECT id, CAST(value AS TEXT), "
	"domain(value) FROM main_db.text WHERE id IN (SELECT r.name FROM "
	"day.name r WHERE " OF_SEGMENTS
	" UNION SELECT r.ja4 FROM day.hello r WHERE " OF_SEGMENTS ")",
	"INSERT OR IGNORE INTO main.feature SELECT 3, t.domain, r.device FROM "
	"day.name r CROSS JOIN main.text t ON t.id = r.name WHERE "
	"t.domain IS NOT NULL AND " OF_SEGMENTS,
	"INSERT OR IGNORE INTO main.address SELECT * FROM main_db.address "
	"WHERE id IN (SELECT r.address FROM day.name r WHERE " OF_SEGMENTS ")",
};

/* Of all sealed days at once, what is left of them. */
static const char *const words[] = {
	"INSERT OR IGNORE INTO main.text SELECT id, CAST(value AS TEXT), "
	"domain(value) FROM main_db.text WHERE id BETWEEN ?1 AND ?2 AND id IN "
	"(SELECT name FROM main.name UNION SELECT value FROM main.feature "
	"WHERE kind < 3)",
	"INSERT OR IGNORE INTO main.feature SELECT 3, t.domain, f.device FROM "
	"main.text t CROSS JOIN main.feature f ON f.kind = 0 AND f.value = "
	"t.id WHERE t.domain IS NOT NULL AND t.id BETWEEN ?1 AND ?2",
	"INSERT OR IGNORE INTO main.address SELECT * FROM main_db.address "
	"WHERE id BETWEEN ?1 AND ?2 AND id IN (SELECT address FROM main.name)",
};

/* What goes where there is no room: first what nobody is told, or who says too
 * much; then, ?1, what so few homes or devices have. */
static const char *const drops_first[] = {
	"DELETE FROM feature WHERE device NOT IN (SELECT device FROM label)",
	"DELETE FROM name WHERE account IN (SELECT account FROM name GROUP BY "
	"account HAVING count(*) > ?1)",
	"DELETE FROM feature WHERE device IN (SELECT device FROM feature GROUP "
	"BY device HAVING count(*) > ?1)",
};
static const char *const drops[] = {
	"DELETE FROM name WHERE address IN (SELECT address FROM name GROUP BY "
	"address HAVING count(DISTINCT account) <= ?1)",
	"DELETE FROM feature WHERE (kind, value) IN (SELECT kind, value FROM "
	"feature GROUP BY kind, value HAVING count(*) <= ?1)",
};
static const char drop_words[] =
	"DELETE FROM text WHERE id NOT IN (SELECT name FROM name UNION SELECT "
	"value FROM feature WHERE kind < 3);"
	"DELETE FROM address WHERE id NOT IN (SELECT address FROM name)";

/* Labels are few, and in no roll-up. */
static const char take_labels[] =
	"INSERT INTO main.label SELECT r.device, s.account, lower(hex(d.oui)), "
	"CAST(n.value AS TEXT), CAST(c.value AS TEXT), CAST(v.value AS TEXT), "
	"s.number, s.end_s FROM day.label r "
	"JOIN day.segment s ON s.id = r.id >> 16 "
	"JOIN main_db.device d ON d.id = r.device "
	"JOIN main_db.text w ON w.id = r.source AND w.value <> "
	"CAST('rejected' AS BLOB) "
	"LEFT JOIN main_db.text n ON n.id = r.name "
	"LEFT JOIN main_db.text c ON c.id = r.category "
	"LEFT JOIN main_db.text v ON v.id = r.vendor WHERE " OF_SEGMENTS
	" ON CONFLICT(device) DO UPDATE SET oui = excluded.oui, "
	"name = excluded.name, category = excluded.category, "
	"vendor = excluded.vendor, segment = excluded.segment, "
	"end_s = excluded.end_s WHERE excluded.segment > segment";

static const char *const statements[CROWD_STATEMENTS] = {
	[CROWD_NAME] =
		/* each JOIN in its order: of one address, what it has */
	"SELECT t.value, count(*) AS homes FROM address a CROSS JOIN "
	"name n ON n.address = a.id CROSS JOIN trusted USING (account) "
	"CROSS JOIN text t ON t.id = n.name WHERE a.value = ?1 "
	"GROUP BY n.name HAVING homes >= ?2 AND homes > " MAJORITY
	" * (SELECT count(DISTINCT account) FROM address b CROSS JOIN "
	"name m ON m.address = b.id CROSS JOIN trusted USING (account) "
	"WHERE b.value = ?1)",
	[CROWD_LABELS] =
		"SELECT CASE ?1 WHEN 0 THEN name WHEN 1 THEN category ELSE "
		"vendor END AS text FROM label JOIN trusted USING (account) "
		"WHERE text IS NOT NULL GROUP BY lower(text) "
		"HAVING count(DISTINCT account) >= ?2 "
		"ORDER BY count(DISTINCT account) DESC, text LIMIT 1000",
	[CROWD_ASKED] = "INSERT OR IGNORE INTO asked VALUES(?1, ?2, "
			"CASE ?1 WHEN 0 THEN domain(?2) END)",
	/* A device is like the one asked for by what both have of what was
	 * asked, at least two things, or all. Another host of the same domain
	 * is one, all its hosts together; the same host counts by itself too.
	 * Each counts for a home once, and as much as it tells. */
	[CROWD_GUESS] =
		"WITH hit AS (SELECT l.device, a.value, a.domain FROM asked a "
		"CROSS JOIN text t ON turned(t.value) = turned(a.value) "
		"CROSS JOIN feature f ON f.kind = a.kind AND f.value = t.id "
		"CROSS JOIN label l ON l.device = f.device "
		"UNION ALL "
		"SELECT l.device, NULL, a.domain FROM (SELECT DISTINCT domain "
		"FROM asked) a "
		"CROSS JOIN feature f ON f.kind = 3 AND f.value = a.domain "
		"CROSS JOIN label l ON l.device = f.device "
		"UNION ALL "
		"SELECT device, value, NULL FROM asked JOIN label "
		"ON kind = 2 AND value = oui), telling AS (SELECT thing, "
		"1.0 * max(homes) / sum(homes) AS weight FROM (SELECT "
		"coalesce(h.value, h.domain) AS thing, count(DISTINCT "
		"l.account) AS homes FROM hit h JOIN label l USING (device) "
		"JOIN trusted USING (account) GROUP BY thing, lower(l.vendor)) "
		"GROUP BY thing HAVING weight >= " TELLING "), "
		"alike AS (SELECT h.device, total(t.weight) AS hits FROM hit h "
		"LEFT JOIN telling t ON t.thing = coalesce(h.value, h.domain) "
		"GROUP BY h.device HAVING hits > 0 AND (count(h.value) >= 2 OR "
		"count(DISTINCT coalesce(h.domain, h.value)) >= (SELECT "
		"min(2, count(DISTINCT coalesce(domain, value))) "
		"FROM asked))), best AS (SELECT l.* "
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
		"(account) CROSS JOIN feature f ON f.kind = 3 AND f.value = "
		"domain(?3) AND f.device = label.device "
		"WHERE lower(vendor) = lower(?1) AND "
		"lower(category) = lower(?2)",
	[CROWD_BELOW] = "SELECT count(*) FROM (SELECT 1 FROM text WHERE "
			"turned(value) > turned('.' || ?1) AND turned(value) < "
			"turned('/' || ?1) LIMIT " BELOW_MAX " + 1) HAVING "
			"count(*) <= " BELOW_MAX,
	[CROWD_CONTACTS_BELOW] =
		"SELECT count(DISTINCT account) FROM label JOIN trusted USING "
		"(account) JOIN feature f ON f.kind = 0 AND f.value IN (SELECT "
		"id FROM text WHERE turned(value) = turned(?3) UNION ALL "
		"SELECT id FROM text WHERE turned(value) > turned('.' || ?3) "
		"AND turned(value) < turned('/' || ?3)) "
		"AND f.device = label.device "
		"WHERE lower(vendor) = lower(?1) AND "
		"lower(category) = lower(?2)",
};

#define crowd_ready(c, which, ...)                                          \
	database_ready((c)->db, &(c)->statements[which], statements[which], \
		       __VA_ARGS__)

/* What is taken of a day; sealed: all, as its roll-ups have it. */
struct piece {
	uint32_t day;
	bool sealed;
	int64_t first, last; /* segments */
};

static int run_with(struct store_crowd *c, const char *sql,
		    const int64_t *values)
{
	sqlite3_stmt *stmt = NULL;
	int err = database_ready(c->db, &stmt, sql, "");

	/* none has all of them */
	for (int i = 0; !err && i < sqlite3_bind_parameter_count(stmt); i++)
		if (sqlite3_bind_int64(stmt, i + 1, values[i]))
			err = ERR_IO;
	if (!err)
		err = database_run(stmt);
	sqlite3_finalize(stmt);
	return err;
}

static int read_pages(sqlite3 *db, int64_t *used, int64_t *most)
{
	int64_t free_pages = 0;
	int err = database_number(db, "PRAGMA main.page_count", used);

	if (!err)
		err = database_number(db, "PRAGMA main.freelist_count",
				      &free_pages);
	if (!err)
		err = database_number(db, "PRAGMA main.max_page_count", most);
	if (!err)
		*used -= free_pages;
	return err;
}

static int run_each(struct store_crowd *c, const char *const *sql, size_t count,
		    int64_t value)
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = run_with(c, sql[i], &value);
	return err;
}

static int drop(struct store_crowd *c, uint32_t support)
{
	int64_t before = sqlite3_total_changes64(c->db);
	int err = support ? run_each(c, drops, COUNT(drops), support)
			  : run_each(c, drops_first, COUNT(drops_first),
				     ROWS_OF_ONE);

	c->dropped += (uint64_t)(sqlite3_total_changes64(c->db) - before);
	return err ? err : database_exec(c->db, drop_words);
}

/* ERR_LIMIT: all that may go is gone. */
static int make_room(struct store_crowd *c, int step)
{
	int64_t used, most;
	int err = 0;

	for (uint32_t support = 0; !err && support <= SUPPORT_MAX;
	     support = support ? 2 * support : 1) {
		err = drop(c, support);
		if (!err)
			err = read_pages(c->db, &used, &most);
		if (!err && used <= most - most * step / FREE_STEPS)
			return 0;
	}
	return err ? err : ERR_LIMIT;
}

static bool is_full(const struct store_crowd *c, int err)
{
	return err && sqlite3_errcode(c->db) == SQLITE_FULL;
}

/* Of a range, ?1 to ?2: where room was made and it is not enough, its halves,
 * and so on; what alone is too much for all that there is, is passed over. */
static int take_by(struct store_crowd *c, const char *sql,
		   const int64_t values[PARAMETERS])
{
	int64_t half[PARAMETERS], middle;
	int err = run_with(c, sql, values);

	for (int step = 1; is_full(c, err) && step <= FREE_TRIED; step++) {
		err = make_room(c, step);
		if (err == ERR_LIMIT)
			break;
		if (!err)
			err = run_with(c, sql, values);
	}
	if (err != ERR_LIMIT && !is_full(c, err))
		return err;
	if (values[0] >= values[1]) {
		c->dropped++;
		return 0;
	}
	middle = values[0] + (values[1] - values[0]) / 2;
	memcpy(half, values, sizeof(half));
	half[1] = middle;
	err = take_by(c, sql, half);
	half[0] = middle + 1;
	half[1] = values[1];
	return err ? err : take_by(c, sql, half);
}

/* Of all days at once: see takings. */
static int trust(struct store_crowd *c)
{
	const int64_t values[PARAMETERS] = { [3] = c->options.least_days };

	return take_by(c,
		       "INSERT OR IGNORE INTO trusted SELECT account FROM "
		       "activity GROUP BY account HAVING count(*) >= ?4",
		       values);
}

static int take_sum(struct store_crowd *c, const struct summed *sum,
		    uint32_t day)
{
	char sql[96];
	int64_t last;
	int err;

	snprintf(sql, sizeof(sql), "SELECT coalesce(max(rowid), 0) FROM day.%s",
		 rollup_names[sum->from]);
	err = database_number(c->db, sql, &last);
	for (int64_t at = 0; at < last && !err; at += SUMS_PIECE) {
		const int64_t values[PARAMETERS] = { at + 1, at + SUMS_PIECE,
						     day };

		err = take_by(c, sum->sql, values);
	}
	return err;
}

static int take_piece(struct store_crowd *c, const struct piece *piece)
{
	const int64_t values[PARAMETERS] = { piece->first, piece->last,
					     piece->day,
					     c->options.least_days };
	/* before what is of devices without a label goes */
	int err = take_by(c, take_labels, values);

	for (size_t i = 0; piece->sealed && i < COUNT(summed) && !err; i++)
		err = take_sum(c, &summed[i], piece->day);
	for (size_t i = 0; !piece->sealed && i < COUNT(takings) && !err; i++)
		err = take_by(c, takings[i], values);
	return err;
}

/* Read only, as a URI asks for; what is no part of a path there is written as
 * RFC 3986 2.1 has it. */
static int write_uri(const char *folder, const char *name, char out[URI_BYTES])
{
	char path[PATH_MAX];
	struct buf uri;
	int err;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    (int)sizeof(path))
		return ERR_LIMIT;
	buf_init(&uri, URI_BYTES);
	buf_puts(&uri, "file:");
	for (const char *at = path; *at; at++)
		if (strchr("%?#", *at))
			buf_printf(&uri, "%%%02X", (unsigned)*at);
		else
			buf_append(&uri, at, 1);
	buf_puts(&uri, "?mode=ro");
	err = buf_check(&uri);
	if (!err && snprintf(out, URI_BYTES, "%s", buf_text(&uri)) >= URI_BYTES)
		err = ERR_LIMIT;
	buf_done(&uri);
	return err;
}

static int attach(sqlite3 *db, const char *folder, const char *name,
		  const char *as)
{
	char uri[URI_BYTES], sql[32];
	sqlite3_stmt *stmt = NULL;
	int err;

	if (write_uri(folder, name, uri))
		return ERR_LIMIT;
	snprintf(sql, sizeof(sql), "ATTACH ? AS %s", as);
	err = database_ready(db, &stmt, sql, "t", uri);
	if (!err)
		err = database_run(stmt);
	sqlite3_finalize(stmt);
	return err;
}

/* Whether what the day comes to has all that is asked of it here: collectors
 * before sealed it without the sources of names. */
static int has_sums(sqlite3 *db, bool *out)
{
	int64_t columns;
	int err = database_number(db,
				  "SELECT count(*) FROM pragma_table_info("
				  "'rollup_name', 'day') WHERE name = "
				  "'last_source'",
				  &columns);

	if (!err)
		*out = columns;
	return err;
}

/* 1: the day has more than most segments after the first; 0: no more. */
static int take_day(struct store_crowd *c, uint32_t day, int64_t *until,
		    int64_t most)
{
	struct piece piece = { .day = day, .first = *until + 1 };
	bool sealed;
	int64_t last = 0;
	int err = has_sums(c->db, &sealed);

	if (!err)
		err = database_number(c->db,
				      "SELECT coalesce(max(id), 0) FROM "
				      "day.segment",
				      &last);
	if (err)
		return err;
	piece.sealed = sealed && !*until;
	/* of a sealed day too, for its labels */
	piece.last = last - *until > most ? *until + most : last;
	if (piece.sealed)
		piece.last = last;
	if (piece.last < piece.first)
		return 0;
	err = take_piece(c, &piece);
	if (err)
		return err;
	*until = piece.last;
	return piece.last < last;
}

static bool is_gone(const char *folder, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", folder, name) <
		       (int)sizeof(path) &&
	       access(path, F_OK) && errno == ENOENT;
}

/* As take_day(); 0 where there is none of it (any more). */
static int take_file(struct store_crowd *c, const char *folder, uint32_t day,
		     int64_t *until, int64_t most)
{
	char name[DATABASE_DAY_BYTES];
	int64_t version; /* 0: it has no tables yet */
	int more = 0;

	database_day_name(day, name);
	if (attach(c->db, folder, name, "day"))
		/* purged meanwhile, or not yet begun: else it would be passed
		 * over for a whole day */
		return is_gone(folder, name) ? 0 : ERR_IO;
	if (database_number(c->db, "PRAGMA day.user_version", &version))
		more = ERR_IO;
	else if (version)
		more = take_day(c, day, until, most);
	if (database_exec(c->db, "DETACH day") && more >= 0)
		more = ERR_IO;
	return more;
}

static int read_days(const struct store_crowd *c, const char *folder,
		     uint32_t **days, size_t *count)
{
	const size_t most = c->options.days;
	sqlite3 *main;
	int err = database_open(folder, DATABASE_MAIN, DATABASE_READ, &main);

	if (err)
		return err;
	err = database_days(main, days, count);
	sqlite3_close(main);
	if (!err && *count > most) {
		memmove(*days, *days + (*count - most), most * sizeof(**days));
		*count = most;
	}
	return err;
}

/* Until the end, or of the last day alone no more than a piece. */
static int fill(struct store_crowd *c, const char *folder, size_t from,
		int64_t most)
{
	const int64_t all_words[PARAMETERS] = { 1, UINT32_MAX };
	int more = attach(c->db, folder, DATABASE_MAIN, "main_db");

	if (more)
		return more;
	for (size_t i = from; i < c->day_count && more >= 0; i++) {
		int64_t until = i + 1 < c->day_count ? 0 : c->until;

		more = take_file(c, folder, c->days[i], &until, most);
		if (more >= 0 && i + 1 == c->day_count)
			c->until = until;
	}
	/* what sealed days had is known by numbers alone as yet */
	for (size_t i = 0; most == WHOLE && i < COUNT(words) && more >= 0; i++)
		if (take_by(c, words[i], all_words))
			more = ERR_IO;
	if (database_exec(c->db, "DETACH main_db") && more >= 0)
		more = ERR_IO;
	return more;
}

/* The program is to end, or something is to be erased: whatever is being read
 * or asked is broken off, for the writer waits until it ends. */
static int should_stop(void *user)
{
	const atomic_bool *stop = user;

	return atomic_load(stop);
}

static void heed_stop(struct store_crowd *c)
{
	if (c->options.stop)
		sqlite3_progress_handler(c->db, STEPS, should_stop,
					 (void *)(uintptr_t)c->options.stop);
}

/* turned(text): its bytes, the last first. */
static void turn_text(sqlite3_context *context, int count, sqlite3_value **args)
{
	const uint8_t *text = sqlite3_value_blob(args[0]);
	int len = sqlite3_value_bytes(args[0]);
	uint8_t *out = sqlite3_malloc(len + 1);

	(void)count;
	if (!out) {
		sqlite3_result_error_nomem(context);
		return;
	}
	for (int i = 0; i < len; i++)
		out[i] = text[len - 1 - i];
	sqlite3_result_blob(context, out, len, sqlite3_free);
}

/* domain(text): a number that stands for the host's registered domain; none
 * where it has none, or is a home's own, and its domain no maker's. */
static void number_domain(sqlite3_context *context, int count,
			  sqlite3_value **args)
{
	const uint8_t *text = sqlite3_value_blob(args[0]);
	const struct slice host =
		slice_of(text, (size_t)sqlite3_value_bytes(args[0]));
	const struct slice domain = suffix_registered_domain(host);
	uint8_t hash[SHA256_DIGEST_LENGTH];
	int64_t number;

	(void)count;
	if (!domain.data || home_host_is(host))
		return;
	SHA256(domain.data, domain.len, hash);
	memcpy(&number, hash, sizeof(number));
	sqlite3_result_int64(context, number);
}

/* 0: as much as there is. */
static int limit_memory(struct store_crowd *c)
{
	char sql[64];
	int64_t page;

	if (!c->options.bytes_max)
		return 0;
	if (database_number(c->db, "PRAGMA page_size", &page) || !page)
		return ERR_NOMEM;
	snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %lld",
		 (long long)c->options.bytes_max / page);
	return database_exec(c->db, sql);
}

static int open_memory(struct store_crowd *c)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;

	if (sqlite3_open_v2(":memory:", &c->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				    SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
			    NULL) ||
	    sqlite3_create_function(c->db, "turned", 1, flags, NULL, turn_text,
				    NULL, NULL) ||
	    sqlite3_create_function(c->db, "domain", 1, flags, NULL,
				    number_domain, NULL, NULL) ||
	    database_exec(c->db, schema) || limit_memory(c))
		return ERR_NOMEM;
	/* else a day that is just being closed is passed over until another
	 * turns */
	sqlite3_busy_timeout(c->db, DATABASE_BUSY_MS);
	heed_stop(c);
	return 0;
}

int store_crowd_make(const char *folder,
		     const struct store_crowd_options *options,
		     struct store_crowd **out)
{
	struct store_crowd *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return ERR_NOMEM;
	c->options = *options;
	err = open_memory(c);
	if (!err)
		err = read_days(c, folder, &c->days, &c->day_count);
	if (!err)
		err = fill(c, folder, 0, WHOLE);
	if (!err)
		err = trust(c);
	if (err)
		store_crowd_free(c);
	else
		*out = c;
	return err;
}

int store_crowd_renew(struct store_crowd *c, const char *folder)
{
	uint32_t *days;
	size_t count;
	int more = read_days(c, folder, &days, &count);

	if (more)
		return more;
	if (count != c->day_count ||
	    (count && memcmp(days, c->days, count * sizeof(*days)) != 0))
		more = ERR_NOTFOUND;
	free(days);
	if (more || !count)
		return more;
	return fill(c, folder, count - 1, PIECE);
}

struct store_crowd_size store_crowd_size(const struct store_crowd *c)
{
	struct store_crowd_size size = { .dropped = c->dropped };
	int64_t used, most, page;

	if (!read_pages(c->db, &used, &most) &&
	    !database_number(c->db, "PRAGMA page_size", &page))
		size.bytes = (size_t)(used * page);
	return size;
}

void store_crowd_free(struct store_crowd *c)
{
	if (!c)
		return;
	for (int i = 0; i < CROWD_STATEMENTS; i++)
		sqlite3_finalize(c->statements[i]);
	sqlite3_close(c->db);
	free(c->days);
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
	/* a host's name is shorter; cut, it might be no text any more */
	if (!sqlite3_column_text(stmt, 0) ||
	    sqlite3_column_bytes(stmt, 0) >= STORE_NAME_BYTES) {
		sqlite3_reset(stmt);
		return ERR_NOTFOUND;
	}
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

static int ask(struct store_crowd *c, enum feature_kind kind, const char *value)
{
	if (crowd_ready(c, CROWD_ASKED, "it", (int64_t)kind, value))
		return ERR_IO;
	return database_run(c->statements[CROWD_ASKED]);
}

static int ask_all(struct store_crowd *c, const struct store_crowd_device *d)
{
	int err = database_exec(c->db, "DELETE FROM asked");

	if (!err && d->oui)
		err = ask(c, FEATURE_OUI, d->oui);
	for (size_t i = 0; i < ASKED_MAX && d->hosts[i] && !err; i++)
		err = ask(c, FEATURE_HOST, d->hosts[i]);
	for (size_t i = 0; i < ASKED_MAX && d->hellos[i] && !err; i++)
		err = ask(c, FEATURE_HELLO, d->hellos[i]);
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
		return err;
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

/* Of a registered domain each device has the number, unless hosts right under
 * it are homes' own. */
static bool has_number(const char *domain)
{
	const struct slice whole = slice_text(domain);
	char host[STORE_NAME_BYTES + 2];

	snprintf(host, sizeof(host), "h.%s", domain);
	return suffix_registered_domain(whole).len == whole.len &&
	       !home_host_is(slice_text(host));
}

int store_crowd_contacts(struct store_crowd *c, const char *vendor,
			 const char *category, const char *domain,
			 uint32_t *homes)
{
	enum crowd_statement which = CROWD_CONTACTS;
	uint32_t below;

	if (!has_number(domain)) {
		which = CROWD_CONTACTS_BELOW;
		if (crowd_ready(c, CROWD_BELOW, "t", domain))
			return ERR_IO;
		switch (read_count(c->statements[CROWD_BELOW], &below)) {
		case 0:
			break;
		case ERR_NOTFOUND:
			*homes = 0;
			return 0;
		default:
			return ERR_IO;
		}
	}
	if (crowd_ready(c, which, "ttt", vendor, category, domain))
		return ERR_IO;
	return read_count(c->statements[which], homes);
}
