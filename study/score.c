// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study/fleet_rows.h"
#include "study/import/raw.h"
#include "study/label_score.h"
#include "study/label_text.h"
#include "study/sheet.h"
#include "study/simulate/draw.h"
#include "study/standardise.h"

/* Columns of a household for one validator. */
enum {
	RIGHT_LABELS,
	RIGHT_NOT,
	WRONG_LABELS,
	WRONG_VALID,
	COUNTS
};

/* What has no name is told by its category; what has neither, by nothing. */
#define TRUE_NAME "coalesce(nullif(trim(name), ''), nullif(trim(category), ''))"

static const char truth_sql[] =
	"CREATE OR REPLACE TEMP TABLE known_truth AS"
	" SELECT device, coalesce(vendor, '') AS vendor, " TRUE_NAME
	" AS name, coalesce(computer, false) AS computer,"
	" CASE WHEN EXISTS (FROM meta"
	" WHERE key = 'source' AND value = 'simulation')"
	" THEN 'simulated' ELSE 'real' END AS kind"
	" FROM truth WHERE vendor <> '' OR computer";

/* Refuses the first device that the query gives, with what is wrong with it. */
static int refuse(struct fleet *f, const char *path, const char *sql,
		  const char *what)
{
	struct fleet_cursor c;
	int err = fleet_cursor_begin(&c, f, sql);

	if (err)
		return err;
	if (fleet_cursor_next(&c)) {
		struct slice who = fleet_cursor_text(&c, 0);

		snprintf(f->error, sizeof(f->error), "%.200s: %.*s%s", path,
			 (int)(who.len < 100 ? who.len : 100),
			 (const char *)who.data, what);
		err = ERR_MALFORMED;
	}
	fleet_cursor_end(&c);
	return err;
}

static const struct raw_file truth_columns = {
	.name = "truth",
	.may_have_more = true,
	.columns =
		(const struct raw_column[]){
			{ "id", "VARCHAR", true },
			{ "oui", "VARCHAR", true },
			{ "vendor", "VARCHAR", false },
			{ "name", "VARCHAR", true },
			{ "category", "VARCHAR", true },
			{ "computer", "BOOLEAN", true },
			{ NULL, NULL, false },
		},
};

/* The first thing that is wrong is what is said. */
static void keep_first(void *user, const char *line)
{
	struct fleet *f = user;

	if (!f->error[0])
		snprintf(f->error, sizeof(f->error), "%s", line);
}

/* As the fleet has them: "B8:27:EB" is b827eb. */
#define OUI_FOLDED "regexp_replace(lower(oui), '[^0-9a-f]', '', 'g')"

static int read_truth(struct fleet *f, const char *path)
{
	struct raw_log log = { .tell = keep_first,
			       .user = f,
			       .is_strict = true };
	int err;

	f->error[0] = '\0';
	err = raw_read_path(f, path, &truth_columns, &log);
	return err ? err
		   : fleet_run(f, "CREATE OR REPLACE TEMP TABLE truth_file AS"
				  " SELECT DISTINCT id,"
				  " coalesce(id, " OUI_FOLDED ") AS who,"
				  " coalesce(vendor, '') AS vendor, " TRUE_NAME
				  " AS name, coalesce(computer, false)"
				  " AS computer FROM raw_truth;"
				  "CREATE OR REPLACE TEMP TABLE truth_device AS"
				  " SELECT device, t.*"
				  " FROM devices d JOIN truth_file t"
				  " ON d.id = t.id"
				  " OR (t.id IS NULL AND d.oui = t.who)"
				  " QUALIFY row_number() OVER (PARTITION BY"
				  " device ORDER BY t.id NULLS LAST) = 1");
}

static int check_truth(struct fleet *f, const char *path)
{
	static const struct {
		const char *sql, *what;
	} checks[] = {
		{ "SELECT '' FROM truth_file WHERE who IS NULL",
		  "a row has neither an id nor an oui" },
		{ "SELECT who FROM truth_file GROUP BY who"
		  " HAVING count(*) > 1 ORDER BY who",
		  " is in two rows that differ" },
		{ "SELECT '' WHERE NOT EXISTS (FROM truth_device)",
		  "none of its rows is a device of the fleet" },
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !err; i++)
		err = refuse(f, path, checks[i].sql, checks[i].what);
	return err;
}

/* The file's devices by their id in the fleet, else by their OUI: a laboratory
 * knows whose each is, and a collector's export has new ids. */
static int take_file(struct fleet *f, const char *path)
{
	int err = read_truth(f, path);

	if (!err)
		err = check_truth(f, path);
	return err ? err
		   : fleet_run(f, "DELETE FROM known_truth WHERE device IN"
				  " (SELECT device FROM truth_device);"
				  "INSERT INTO known_truth SELECT device,"
				  " vendor, name, computer, 'real'"
				  " FROM truth_device"
				  " WHERE vendor <> '' OR computer");
}

/* As standardising would spell it. */
static void spell_vendor(const struct label_tables *tables, struct slice typed,
			 struct label_text *out)
{
	const struct label_row *row;

	label_clean(typed, out);
	row = label_tables_find(tables, LABEL_VENDORS, label_slice(out));
	if (row)
		label_clean(row->becomes, out);
}

static int spell_vendors(struct fleet *f, const struct label_tables *tables)
{
	struct fleet_cursor c;
	struct fleet_rows rows;
	struct label_text vendor;
	int err = fleet_run(f, "CREATE OR REPLACE TEMP TABLE true_vendor"
			       "(typed VARCHAR, vendor VARCHAR)");

	if (!err)
		err = fleet_cursor_begin(&c, f,
					 "SELECT DISTINCT vendor"
					 " FROM known_truth");
	if (err)
		return err;
	err = fleet_rows_begin(&rows, f, "true_vendor");
	while (!err && fleet_cursor_next(&c)) {
		struct slice typed = fleet_cursor_text(&c, 0);

		spell_vendor(tables, typed, &vendor);
		fleet_rows_text_of(&rows, typed);
		fleet_rows_text_of(&rows, label_slice(&vendor));
		fleet_rows_next(&rows);
	}
	if (!err)
		err = fleet_rows_end(&rows);
	fleet_cursor_end(&c);
	return err;
}

int score_take_truth(struct fleet *f, const struct label_tables *tables,
		     const struct score_options *o, bool *has_truth)
{
	int64_t known;
	int err = fleet_run(f, truth_sql);

	if (!err && o->truth)
		err = take_file(f, o->truth);
	if (!err)
		err = spell_vendors(f, tables);
	if (!err)
		err = fleet_number(f, "SELECT count(*) FROM known_truth",
				   &known);
	if (!err)
		*has_truth = known > 0;
	return err;
}

static const char *const kinds[] = { "simulated", "real" };

static int put_label_score(struct fleet *f, const char *kind,
			   enum standardise_method method,
			   const struct label_score *s)
{
	const int64_t numbers[] = {
		s->devices,	s->lost,	 s->right,
		s->computers,	s->computers_in, s->vendor_pairs,
		s->vendor_true, s->vendor_both,	 s->name_pairs,
		s->name_true,	s->name_both,
	};
	struct fleet_rows rows;
	int err = fleet_rows_begin(&rows, f, "score_label");

	if (err)
		return err;
	fleet_rows_text(&rows, kind);
	fleet_rows_text(&rows, standardise_method_name(method));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		fleet_rows_int(&rows, numbers[i]);
	fleet_rows_next(&rows);
	return fleet_rows_end(&rows);
}

static int score_labels(struct fleet *f, const struct label_tables *tables)
{
	struct label_score s;
	int err = fleet_run(
		f, "CREATE OR REPLACE TABLE score_label(truth VARCHAR,"
		   " standard VARCHAR,"
		   " devices BIGINT, lost BIGINT, right_vendor BIGINT,"
		   " computers BIGINT, computers_in BIGINT,"
		   " vendor_pairs BIGINT, vendor_true BIGINT,"
		   " vendor_both BIGINT, name_pairs BIGINT, name_true BIGINT,"
		   " name_both BIGINT)");

	for (size_t i = 0; i < 2 * (size_t)STANDARDISE_METHODS && !err; i++) {
		const char *kind = kinds[i / STANDARDISE_METHODS];
		enum standardise_method method =
			(enum standardise_method)(i % STANDARDISE_METHODS);

		err = label_score(f, method, kind, tables, &s);
		if (!err)
			err = put_label_score(f, kind, method, &s);
		else if (err == ERR_NOTFOUND)
			err = 0;
	}
	return err;
}

/* The counts of all households for all validators of one kind of truth and
 * one way of standardising. */
struct households {
	size_t count, validators;
	uint32_t *counts; /* [household][validator][COUNTS] */
};

static int read_households(struct fleet *f, const char *where,
			   struct households *h)
{
	struct fleet_cursor c;
	char sql[512];
	size_t at = 0;
	int64_t count, validators;
	int err;

	snprintf(sql, sizeof(sql),
		 "SELECT count(DISTINCT household) FROM score_household %s",
		 where);
	err = fleet_number(f, sql, &count);
	snprintf(sql, sizeof(sql),
		 "SELECT count(DISTINCT place) FROM score_household %s", where);
	if (!err)
		err = fleet_number(f, sql, &validators);
	if (err)
		return err;
	h->count = (size_t)count;
	h->validators = (size_t)validators;
	if (h->validators && h->count > SCORE_COUNTS_MAX / h->validators)
		return ERR_LIMIT;
	h->counts = calloc(h->count * h->validators * COUNTS + 1,
			   sizeof(*h->counts));
	if (!h->counts)
		return ERR_NOMEM;
	snprintf(sql, sizeof(sql),
		 "SELECT right_labels, right_not, wrong_labels, wrong_valid"
		 " FROM score_household"
		 " JOIN score_order USING (kind, standard, household) %s"
		 " ORDER BY number, place",
		 where);
	err = fleet_cursor_begin(&c, f, sql);
	if (err)
		return err;
	while (fleet_cursor_next(&c) && at < h->count * h->validators) {
		for (unsigned i = 0; i < COUNTS; i++)
			h->counts[at * COUNTS + i] =
				(uint32_t)fleet_cursor_int(&c, i);
		at++;
	}
	fleet_cursor_end(&c);
	return 0;
}

/* What one draw needs room for. */
struct drawing {
	uint32_t *times; /* that each household was drawn */
	uint64_t *sums;	 /* [validator][COUNTS] */
};

/* Of one draw: each validator's share, or -1 where there is none to share. The
 * households are gone through in their order, so that memory is read ahead. */
static void draw_once(const struct households *h, struct draw *draw,
		      const struct drawing *d, double *positive,
		      double *negative)
{
	size_t width = h->validators * COUNTS;
	const uint32_t *row = h->counts;
	uint64_t *sums = d->sums;

	memset(d->times, 0, h->count * sizeof(*d->times));
	memset(sums, 0, width * sizeof(*sums));
	for (size_t n = 0; n < h->count; n++)
		d->times[draw_below(draw, h->count)]++;
	for (size_t n = 0; n < h->count; n++, row += width) {
		if (!d->times[n])
			continue;
		for (size_t i = 0; i < width; i++)
			sums[i] += (uint64_t)d->times[n] * row[i];
	}
	for (size_t v = 0; v < h->validators; v++) {
		const uint64_t *sum = sums + v * COUNTS;

		positive[v * SCORE_DRAWS] =
			sum[WRONG_LABELS] ? (double)sum[WRONG_VALID] /
						    (double)sum[WRONG_LABELS]
					  : -1;
		negative[v * SCORE_DRAWS] =
			sum[RIGHT_LABELS] ? (double)sum[RIGHT_NOT] /
						    (double)sum[RIGHT_LABELS]
					  : -1;
	}
}

static int compare_shares(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The ends of the middle 95 % of the draws that gave a share. */
static void put_ends(struct fleet_rows *rows, double *shares)
{
	size_t none = 0, count;

	qsort(shares, SCORE_DRAWS, sizeof(*shares), compare_shares);
	while (none < SCORE_DRAWS && shares[none] < 0)
		none++;
	count = SCORE_DRAWS - none;
	if (!count) {
		fleet_rows_null(rows);
		fleet_rows_null(rows);
		return;
	}
	fleet_rows_double(rows, shares[none + count / 40]);
	fleet_rows_double(rows, shares[SCORE_DRAWS - 1 - count / 40]);
}

static int put_intervals(struct fleet *f, const struct households *h,
			 const char *kind, const char *standard, uint64_t seed)
{
	size_t width = h->validators * COUNTS, cells = h->validators;
	struct drawing room = {
		.times = calloc(h->count + 1, sizeof(*room.times)),
		.sums = calloc(width + 1, sizeof(*room.sums)),
	};
	double *shares = calloc(2 * cells * SCORE_DRAWS + 1, sizeof(*shares));
	double *negative = shares ? shares + cells * SCORE_DRAWS : NULL;
	struct fleet_rows rows;
	struct draw draw;
	int err = room.times && room.sums && shares ? 0 : ERR_NOMEM;

	draw_init(&draw, seed, 0);
	for (size_t n = 0; n < SCORE_DRAWS && !err; n++)
		draw_once(h, &draw, &room, shares + n, negative + n);
	if (!err)
		err = fleet_rows_begin(&rows, f, "score_interval");
	if (!err) {
		for (size_t v = 0; v < h->validators; v++) {
			fleet_rows_text(&rows, kind);
			fleet_rows_text(&rows, standard);
			fleet_rows_int(&rows, (int64_t)v + 1);
			put_ends(&rows, shares + v * SCORE_DRAWS);
			put_ends(&rows, negative + v * SCORE_DRAWS);
			fleet_rows_next(&rows);
		}
		err = fleet_rows_end(&rows);
	}
	free(room.times);
	free(room.sums);
	free(shares);
	return err;
}

/* One household alone cannot vary. */
static int draw_intervals(struct fleet *f, const char *kind,
			  const char *standard, uint64_t seed)
{
	struct households h = { 0 };
	char where[96];
	int err;

	snprintf(where, sizeof(where), "WHERE kind = '%s' AND standard = '%s'",
		 kind, standard);
	err = read_households(f, where, &h);
	if (!err && h.count > 1)
		err = put_intervals(f, &h, kind, standard, seed);
	free(h.counts);
	return err;
}

int score_make(struct fleet *f, const struct label_tables *tables,
	       const struct score_options *o)
{
	int err = score_labels(f, tables);

	if (!err)
		err = fleet_run(f, sheet_score_prepare_sql);
	if (!err)
		err = fleet_run(f, "CREATE OR REPLACE TABLE score_interval"
				   "(kind VARCHAR, standard VARCHAR,"
				   " place BIGINT, positive_low DOUBLE,"
				   " positive_high DOUBLE, negative_low DOUBLE,"
				   " negative_high DOUBLE)");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (int m = 0; m < STANDARDISE_METHODS && !err; m++)
			err = draw_intervals(f, kinds[i],
					     standardise_method_name((
						     enum standardise_method)m),
					     o->seed);
	return err;
}
