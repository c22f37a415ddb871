// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/basis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "data/import.h"
#include "know/know.h"
#include "know/suffix.h"
#include "know/suite.h"
#include "study/fleet_rows.h"
#include "study/grid.h"
#include "study/sheet.h"

/* Of the hash tables that an imported list is read with. */
#define LIST_SEED 1

char *basis_lacks(struct fleet *f)
{
	struct grid grid;
	char *lacks = NULL;

	if (!grid_query(&grid, f, "SELECT asked('lacks')")) {
		if (grid_cell(&grid, 0, 0))
			lacks = strdup(grid_cell(&grid, 0, 0));
		grid_done(&grid);
	}
	return lacks;
}

/* What meta says, and "validation" where that leaves no method anything to go
 * by (study/tables/validate.sql). */
static const char lacks_sql[] =
	"INSERT INTO settings WITH l AS (SELECT coalesce((SELECT value FROM"
	" meta WHERE key = 'lacks'), '') AS said),"
	" words AS (SELECT said, string_split(said, ', ') AS word FROM l)"
	" SELECT 'lacks', CASE WHEN list_has_all(word,"
	" ['clues', 'oui', 'domains'])"
	" THEN said || ', validation' ELSE said END FROM words";

int basis_options(struct fleet *f, const struct basis_options *o)
{
	int err = fleet_runf(f,
			     "CREATE OR REPLACE TABLE settings(key VARCHAR,"
			     " value VARCHAR);"
			     "INSERT INTO settings VALUES ('standard', '%s'),"
			     " ('min_devices', '%lld'),"
			     " ('guessed names', '%s'); %s",
			     o->standard, (long long)o->min_devices,
			     o->is_certain ? "left out" : "counted", lacks_sql);

	if (!err)
		err = fleet_run(f, sheet_settings_sql);
	return err ? err : fleet_run(f, sheet_clock_sql);
}

/* meta's key: of how many flows the fleet keeps the sums. */
#define KEPT "flows summed"

static int sum_range(struct fleet *f, int64_t first, int64_t last)
{
	return fleet_runf(f,
			  "SET VARIABLE first = %lld;"
			  "SET VARIABLE last = %lld; %s",
			  (long long)first, (long long)last,
			  sheet_sums_range_sql);
}

/* Equal ranges of the devices' numbers, the first and the last without an end:
 * flows lie by device, or at least by home, so each is read once. */
static int sum_ranges(struct fleet *f, int64_t flows_at_once)
{
	int64_t first = INT32_MIN, flows, least, most, step;
	int err = fleet_number(f, "SELECT count(*) FROM flows", &flows);

	if (!err)
		err = fleet_number(f,
				   "SELECT coalesce(min(device), 0)"
				   " FROM devices",
				   &least);
	if (!err)
		err = fleet_number(f,
				   "SELECT coalesce(max(device), 0)"
				   " FROM devices",
				   &most);
	if (err)
		return err;
	step = (most - least) / (flows / flows_at_once + 1) + 1;
	for (int64_t next = least + step; !err && next <= most; next += step) {
		err = sum_range(f, first, next - 1);
		first = next;
	}
	return err ? err : sum_range(f, first, INT32_MAX);
}

int basis_keep_sums(struct fleet *f, int64_t flows_at_once)
{
	int err = fleet_run(f, "BEGIN");

	if (err)
		return err;
	err = fleet_run(f, sheet_sums_begin_sql);
	if (!err)
		err = sum_ranges(f, flows_at_once);
	if (!err)
		err = fleet_run(f, sheet_sums_end_sql);
	if (!err)
		err = fleet_run(f, "DELETE FROM meta WHERE key = '" KEPT "';"
				   "INSERT INTO meta SELECT '" KEPT "',"
				   " count(*) FROM flows");
	return fleet_end(f, err);
}

/* Older fleets have none, and flows may have been added with other tools. */
static int has_sums(struct fleet *f, bool *out)
{
	int64_t count;
	int err = fleet_number(f,
			       "SELECT count(*) FROM meta WHERE key = '" KEPT
			       "' AND value ="
			       " (SELECT count(*) FROM flows)::VARCHAR",
			       &count);

	if (!err)
		*out = count > 0;
	return err;
}

int basis_monitored(struct fleet *f)
{
	bool is_kept = false;
	int err = has_sums(f, &is_kept);

	if (!err && !is_kept)
		err = basis_keep_sums(f, BASIS_FLOWS_AT_ONCE);
	return err ? err : fleet_run(f, sheet_monitored_sql);
}

int basis_traffic(struct fleet *f)
{
	int err = basis_monitored(f);

	return err ? err : fleet_run(f, sheet_prepare_sql);
}

/* All cipher suites that nobody should offer, as hellos have them. */
static int list_weak_suites(struct fleet *f)
{
	struct fleet_rows rows;
	char number[8];
	int err = fleet_run(f, "CREATE OR REPLACE TABLE weak_suite"
			       "(code VARCHAR, by_paper BOOLEAN)");

	if (!err)
		err = fleet_rows_begin(&rows, f, "weak_suite");
	if (err)
		return err;
	for (unsigned suite = 0; suite <= UINT16_MAX; suite++) {
		unsigned weakness = suite_weakness((uint16_t)suite);

		if (!weakness)
			continue;
		snprintf(number, sizeof(number), "%u", suite);
		fleet_rows_text(&rows, number);
		fleet_rows_bool(&rows, weakness & ~(unsigned)SUITE_3DES);
		fleet_rows_next(&rows);
	}
	return fleet_rows_end(&rows);
}

/* What our own table of companies says of one that others' things are
 * controlled through (data/companies.txt). */
static bool is_platform(const struct know *know, const struct know_host *host)
{
	struct know_company company;

	return host->purpose == KNOW_PURPOSE_CONTROL &&
	       know_company(know, host->company, &company) &&
	       (!strncmp(company.what, "a platform", 10) ||
		!strncmp(company.what, "a message platform", 18));
}

/* Which of the domains there are belong to a platform, or to a tracker. */
static int list_domains(struct fleet *f, const struct know *platforms,
			const struct know *trackers)
{
	struct fleet_cursor c;
	struct fleet_rows rows;
	struct know_host host;
	struct know_listing listing;
	int err = fleet_run(f, "CREATE OR REPLACE TEMP TABLE known_domain"
			       "(domain VARCHAR, platform VARCHAR,"
			       " tracker BOOLEAN)");

	if (!err)
		err = fleet_cursor_begin(&c, f,
					 "SELECT DISTINCT domain FROM endpoints"
					 " WHERE domain <> ''");
	if (err)
		return err;
	err = fleet_rows_begin(&rows, f, "known_domain");
	while (!err && fleet_cursor_next(&c)) {
		struct slice domain = fleet_cursor_text(&c, 0);
		bool is_known = know_host(platforms, domain, &host) &&
				is_platform(platforms, &host);

		fleet_rows_text_of(&rows, domain);
		fleet_rows_text(&rows, is_known ? host.company : NULL);
		fleet_rows_bool(&rows,
				know_tracker(trackers, domain, &listing));
		fleet_rows_next(&rows);
	}
	if (!err)
		err = fleet_rows_end(&rows);
	fleet_cursor_end(&c);
	return err;
}

static int make_places(struct fleet *f, bool has_own_trackers)
{
	return fleet_runf(
		f,
		"CREATE OR REPLACE TABLE platform AS"
		" SELECT domain, platform FROM known_domain"
		" WHERE platform IS NOT NULL;"
		"CREATE OR REPLACE TABLE place AS"
		" SELECT endpoint, domain, country,"
		" %s AND is_counted(inferred) AS tracker,"
		" coalesce(inferred, false) AS guessed,"
		" is_withheld(addr, host) AS withheld"
		" FROM endpoints LEFT JOIN known_domain k USING (domain)",
		has_own_trackers ? "coalesce(k.tracker, false)"
				 : "endpoints.tracker");
}

/* As the list says it, else the UTC day on which its file was last changed. */
static void date_list(const char *path, const struct list *list,
		      char out[LIST_NAME_BYTES])
{
	struct stat st;
	struct tm utc;

	if (list->date[0])
		memcpy(out, list->date, LIST_NAME_BYTES);
	else if (stat(path, &st) || !gmtime_r(&st.st_mtime, &utc) ||
		 !strftime(out, LIST_NAME_BYTES, "file of %Y-%m-%d", &utc))
		memcpy(out, "no date", sizeof("no date"));
}

/* What of a list of trackers a fleet can be gone by. */
struct gone_by {
	uint32_t hosts;
	uint32_t domains; /* of the hosts: registered domains */
};

/* The list's name, date and hash, as meta's "trackers" has them for the
 * lists that a fleet was made with. */
static int note_list(struct fleet *f, const struct basis_options *o,
		     const struct list *list, const struct gone_by *by)
{
	char day[LIST_NAME_BYTES];
	char *path = fleet_quote(o->trackers);
	char *name = fleet_quote(list->name), *date;
	int err;

	date_list(o->trackers, list, day);
	date = fleet_quote(day);
	err = path && name && date ? 0 : ERR_NOMEM;

	if (!err)
		err = fleet_runf(f,
				 "INSERT INTO settings SELECT 'trackers', %s"
				 " || ', ' || %s || ', %u registered"
				 " domains, not gone by: %u hosts below"
				 " such and %llu other lines,"
				 " SHA-256 ' || sha256(content)"
				 " FROM read_blob(%s)",
				 name, date, by->domains,
				 by->hosts - by->domains,
				 (unsigned long long)list->left_out, path);
	free(path);
	free(name);
	free(date);
	return err;
}

/* Where a record of trackers has its host (know/reference.h), in bytes. */
#define LISTED_HOST 4

/* Of the list's hosts, how many are registered domains, which alone a tracker
 * is told by, as in the paper. */
static struct gone_by count_hosts(const struct reference *list)
{
	struct reference_table table =
		reference_table(list, REFERENCE_TRACKERS);
	struct gone_by by = { .hosts = table.count };

	for (uint32_t i = 0; i < table.count; i++) {
		struct slice host = slice_text(reference_text(
			list, reference_u32(&table, i, LISTED_HOST)));

		by.domains += slice_equal(suffix_registered_domain(host), host);
	}
	return by;
}

static int go_by_list(struct fleet *f, const struct basis_options *o,
		      const struct know *own)
{
	char why[IMPORT_WHY_BYTES];
	struct know theirs = { .file_count = 1 };
	struct list list;
	struct gone_by by = { 0 };
	struct buf file;
	int err;

	buf_init(&file, LIST_FILE_BYTES_MAX);
	err = import_file(o->trackers, LIST_SEED, &list, &file, why);
	if (err)
		snprintf(f->error, sizeof(f->error), "%.200s: %.300s",
			 o->trackers, why);
	if (!err)
		err = reference_open(buf_slice(&file), &theirs.files[0]);
	if (!err)
		by = count_hosts(&theirs.files[0]);
	if (!err && !by.domains) {
		snprintf(f->error, sizeof(f->error),
			 "%.200s: none of its %u hosts is a registered"
			 " domain, and a tracker is told by that alone",
			 o->trackers, by.hosts);
		err = ERR_MALFORMED;
	}
	if (!err)
		err = note_list(f, o, &list, &by);
	if (!err)
		err = list_domains(f, own, &theirs);
	list_done(&list);
	buf_done(&file);
	return err ? err : make_places(f, true);
}

int basis_tables(struct fleet *f, const struct basis_options *o)
{
	struct know own;
	int err = list_weak_suites(f);

	know_init(&own);
	if (!err && o->trackers)
		err = go_by_list(f, o, &own);
	else if (!err)
		err = list_domains(f, &own, &own);
	if (!err && !o->trackers)
		err = fleet_run(f, "INSERT INTO settings SELECT key, value"
				   " FROM meta WHERE key = 'trackers'");
	if (!err && !o->trackers)
		err = make_places(f, false);
	return err ? err : fleet_run(f, sheet_prepare_validated_sql);
}
