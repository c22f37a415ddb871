// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/report.h"

#include <stdio.h>
#include <stdlib.h>

#include "study/grid.h"
#include "study/report_page.h"
#include "study/sheet.h"
#include "study/standardise.h"
#include "study/validate.h"

#define TITLE "IoT Inspector: what the homes' devices do"

/* What the queries were told, and what the fleet says of itself. */
static const char facts_sql[] =
	"SELECT * FROM (VALUES"
	" ('method of standardising', asked('standard')),"
	" ('least devices of a vendor in table 4', asked('min_devices')),"
	" ('guessed names', asked('guessed names')),"
	" ('lists of trackers', asked('trackers')))"
	" AS told(key, value)"
	/* a truth that is what was typed says nothing of typing */
	" UNION ALL (SELECT 'truth, ' || kind, count(*) ||"
	" ' labelled devices, of which ' ||"
	" count(*) FILTER (lower(trim(l.vendor)) = lower(trim(t.vendor)))"
	" || ' have their true vendor as typed'"
	" FROM known_truth t JOIN labels l USING (device)"
	" SEMI JOIN labelled USING (device) GROUP BY kind"
	" ORDER BY kind)"
	" UNION ALL SELECT 'withheld', said FROM withheld_said"
	" UNION ALL (SELECT key, value FROM meta"
	" WHERE key NOT IN ('trackers', 'fleet', 'flows summed')"
	" ORDER BY key)";

static int put_facts(struct fleet *f, struct report_page *page)
{
	struct report_fact *facts;
	struct grid grid;
	int err = grid_query(&grid, f, facts_sql);

	if (err)
		return err;
	facts = calloc(grid.rows + 1, sizeof(*facts));
	for (size_t i = 0; facts && i < grid.rows; i++)
		facts[i] = (struct report_fact){ grid_cell(&grid, i, 0),
						 grid_cell(&grid, i, 1) };
	if (facts)
		report_page_begin(page, TITLE, facts, grid.rows);
	free(facts);
	grid_done(&grid);
	return facts ? 0 : ERR_NOMEM;
}

static int put_csv(struct output *out, const char *name,
		   const struct grid *grid)
{
	char file[OUTPUT_NAME_BYTES];
	struct buf csv;
	int err;

	buf_init(&csv, REPORT_BYTES_MAX);
	grid_csv(grid, &csv);
	snprintf(file, sizeof(file), "%s.csv", name);
	err = output_put(out, file, &csv);
	buf_done(&csv);
	return err;
}

/* What is said of tables beside them, too. */
struct said {
	const char *lacks;
	struct buf missing;  /* which tables are not there, and what lacks */
	struct buf withheld; /* whose figures withheld contacts leave open */
};

/* One table everywhere, or what it lacks. */
static int put_sheet(struct fleet *f, const struct sheet *sheet,
		     struct said *said, struct output *out,
		     struct report_page *page)
{
	char lacking[SHEET_LACKS_BYTES];
	bool is_open =
		sheet->withheld[0] && sheet_has_word(said->lacks, "withheld");
	struct grid grid;
	int err;

	sheet_lacks(sheet, said->lacks, lacking);
	if (lacking[0]) {
		report_page_sheet(page, sheet, NULL, lacking);
		buf_printf(&said->missing, "%s,\"%s\"\n", sheet->name, lacking);
		return 0;
	}
	err = sheet_run(sheet, f, &grid);
	if (err)
		return err;
	err = put_csv(out, sheet->name, &grid);
	if (!err)
		report_page_sheet(page, sheet, &grid,
				  is_open ? sheet->withheld : NULL);
	if (is_open)
		buf_printf(&said->withheld, "%s,\"%s\"\n", sheet->name,
			   sheet->withheld);
	grid_done(&grid);
	return err;
}

static bool is_shown(const struct sheet *sheet, const char *lacks)
{
	return !sheet->only[0] || sheet_has_word(lacks, sheet->only);
}

static int put_tables(struct fleet *f, struct said *said, struct output *out,
		      struct report_page *page)
{
	int err = 0;

	for (size_t i = 0; i < sheet_count; i++)
		if (is_shown(&sheets[i], said->lacks))
			report_page_contents(page, &sheets[i]);
	report_page_begin_tables(page);
	for (size_t i = 0; i < sheet_count && !err; i++)
		if (is_shown(&sheets[i], said->lacks))
			err = put_sheet(f, &sheets[i], said, out, page);
	report_page_end(page);
	return err;
}

static int put_all(struct fleet *f, const char *lacks, struct output *out,
		   struct report_page *page)
{
	struct said said = { .lacks = lacks };
	int err = put_facts(f, page);

	buf_init(&said.missing, REPORT_BYTES_MAX);
	buf_puts(&said.missing, "table,lacks\n");
	buf_init(&said.withheld, REPORT_BYTES_MAX);
	buf_puts(&said.withheld, "table,what\n");
	if (!err)
		err = put_tables(f, &said, out, page);
	if (!err)
		err = output_put(out, "missing.csv", &said.missing);
	if (!err && sheet_has_word(lacks, "withheld"))
		err = output_put(out, "withheld.csv", &said.withheld);
	if (!err)
		err = output_put(out, "index.html", &page->html);
	if (!err)
		err = output_put(out, "report.md", &page->markdown);
	buf_done(&said.withheld);
	buf_done(&said.missing);
	return err;
}

/* Of the tables of hashes while labels are merged; decides nothing. */
#define MERGE_SEED 1

int report_standardise(struct fleet *f, const struct label_tables *tables,
		       bool keeps_others)
{
	struct standardised done;
	struct know know;
	int err = 0;

	know_init(&know);
	for (int i = 0; i < STANDARDISE_METHODS && !err; i++) {
		enum standardise_method method = (enum standardise_method)i;

		if (!standardise_is_by(f, method, keeps_others ? NULL : tables))
			err = standardise(f, method, tables, &know, MERGE_SEED,
					  &done);
	}
	return err;
}

/* All that the tables are computed from. */
static int prepare(struct fleet *f, const struct report_options *o,
		   const struct label_tables *tables, bool *has_truth)
{
	int err = basis_options(f, &o->basis);

	if (!err)
		err = basis_traffic(f);
	if (!err)
		err = report_standardise(f, tables, false);
	for (int i = 0; i < STANDARDISE_METHODS && !err; i++)
		err = validate_fleet(
			f, standardise_method_name((enum standardise_method)i));
	if (!err)
		err = basis_tables(f, &o->basis);
	if (!err)
		err = score_take_truth(f, tables, &o->score, has_truth);
	if (!err && *has_truth)
		err = score_make(f, tables, &o->score);
	return err;
}

/* What the fleet's source lacks, and the truth when there is none. */
static char *list_lacks(struct fleet *f, bool has_truth)
{
	char *lacks = basis_lacks(f), *all;

	if (asprintf(&all, "%s%s", lacks ? lacks : "",
		     has_truth ? "" : ", truth") < 0)
		all = NULL;
	free(lacks);
	return all;
}

int report_write(struct fleet *f, const struct report_options *o,
		 struct output *out)
{
	char *lacks = NULL, why[LABEL_WHY_BYTES];
	struct label_tables tables;
	struct report_page page;
	bool has_truth = false;
	int err = label_tables_open(&tables, o->tables, why);

	if (err) {
		snprintf(f->error, sizeof(f->error), "%s", why);
		return err;
	}
	err = prepare(f, o, &tables, &has_truth);
	label_tables_close(&tables);
	if (!err) {
		lacks = list_lacks(f, has_truth);
		err = lacks ? 0 : ERR_NOMEM;
	}
	if (!err) {
		report_page_init(&page);
		err = put_all(f, lacks, out, &page);
		report_page_done(&page);
	}
	free(lacks);
	return err ? err : output_finish(out);
}
