// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/label_score.h"

#include <stdio.h>

#include "study/fleet_rows.h"
#include "study/label_text.h"

/* "d-link" and "dlink" are one vendor. */
#define LETTERS(text) "regexp_replace(" text ", '[^a-z0-9]+', '', 'g')"

/* Truth, written as standardised labels are. */
static int clean_truth(struct fleet *f, const char *kind,
		       const struct label_tables *tables)
{
	struct fleet_cursor c;
	struct fleet_rows rows;
	char sql[320];
	int err = fleet_run(f, "CREATE OR REPLACE TEMP TABLE true_label"
			       "(device INTEGER, vendor VARCHAR,"
			       " name VARCHAR, computer BOOLEAN)");

	snprintf(sql, sizeof(sql),
		 "SELECT device, vendor, name, computer FROM known_truth"
		 " SEMI JOIN (FROM labels WHERE " STANDARDISE_WHOLE
		 ") USING (device) WHERE kind = '%s'",
		 kind);
	if (!err)
		err = fleet_cursor_begin(&c, f, sql);
	if (err)
		return err;
	err = fleet_rows_begin(&rows, f, "true_label");
	while (!err && fleet_cursor_next(&c)) {
		struct label_text vendor, name;
		const struct label_row *line;

		label_clean(fleet_cursor_text(&c, 1), &vendor);
		label_clean(fleet_cursor_text(&c, 2), &name);
		line = label_tables_find(tables, LABEL_VENDORS,
					 label_slice(&vendor));
		fleet_rows_int(&rows, fleet_cursor_int(&c, 0));
		fleet_rows_text_of(&rows,
				   line ? line->becomes : label_slice(&vendor));
		if (name.len)
			fleet_rows_text_of(&rows, label_slice(&name));
		else
			fleet_rows_null(&rows);
		fleet_rows_bool(&rows, fleet_cursor_int(&c, 3));
		fleet_rows_next(&rows);
	}
	if (!err)
		err = fleet_rows_end(&rows);
	fleet_cursor_end(&c);
	return err;
}

/* Pairs of devices that have these columns in common, of those where the truth
 * has one. */
static int pairs(struct fleet *f, const char *columns, const char *truth,
		 int64_t *out)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
		 "SELECT coalesce(sum(n * (n - 1) // 2), 0)::BIGINT FROM"
		 " (SELECT count(*) AS n FROM scored WHERE NOT computer"
		 "  AND vendor IS NOT NULL AND %s IS NOT NULL GROUP BY %s)",
		 truth, columns);
	return fleet_number(f, sql, out);
}

static int count(struct fleet *f, const char *what, int64_t *out)
{
	char sql[256];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM scored WHERE %s",
		 what);
	return fleet_number(f, sql, out);
}

int label_score(struct fleet *f, enum standardise_method method,
		const char *kind, const struct label_tables *tables,
		struct label_score *out)
{
	struct label_score s = { 0 };
	const struct {
		const char *what;
		int64_t *into;
	} counts[] = {
		{ "NOT computer", &s.devices },
		{ "NOT computer AND vendor IS NULL", &s.lost },
		{ "NOT computer AND is_right", &s.right },
		{ "computer", &s.computers },
		{ "computer AND vendor IS NOT NULL", &s.computers_in },
	};
	const struct {
		const char *columns, *truth;
		int64_t *into;
	} groups[] = {
		{ "vendor", "true_vendor", &s.vendor_pairs },
		{ "true_vendor", "true_vendor", &s.vendor_true },
		{ "vendor, true_vendor", "true_vendor", &s.vendor_both },
		{ "vendor, name", "true_name", &s.name_pairs },
		{ "true_vendor, true_name", "true_name", &s.name_true },
		{ "vendor, name, true_vendor, true_name", "true_name",
		  &s.name_both },
	};
	int err = clean_truth(f, kind, tables);

	if (!err)
		err = fleet_runf(
			f,
			"CREATE OR REPLACE TEMP TABLE scored AS"
			" SELECT s.vendor, s.name, t.vendor AS true_vendor,"
			" t.name AS true_name, t.computer,"
			" " LETTERS("s.vendor") " = " LETTERS(
				"t.vendor") " AS is_right"
					    " FROM true_label t SEMI JOIN monitored m"
					    " ON m.device = t.device"
					    " LEFT JOIN standard s ON s.device = t.device"
					    " AND s.method = '%s'",
			standardise_method_name(method));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]) && !err; i++)
		err = count(f, counts[i].what, counts[i].into);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]) && !err; i++)
		err = pairs(f, groups[i].columns, groups[i].truth,
			    groups[i].into);
	if (!err && !s.devices && !s.computers)
		err = ERR_NOTFOUND;
	if (!err)
		*out = s;
	return err;
}
