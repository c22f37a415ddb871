// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_REPORT_PAGE_H
#define STUDY_REPORT_PAGE_H

#include <stddef.h>

#include "base/buf.h"
#include "study/grid.h"
#include "study/sheet.h"

/*
 * The report as one HTML file that needs nothing else, and as Markdown. The
 * script (study/page/report.ts) sorts the tables and draws the figures from
 * them; the file's own policy lets no other run.
 */

/** Bytes of either: tables are cut at REPORT_ROWS_MAX rows, but for those of
 * figures, which have a row a day. */
#define REPORT_BYTES_MAX ((size_t)64 << 20)
/** Rows of a table that people see; its CSV file has all. */
#define REPORT_ROWS_MAX 500

/* study/page/dist, at build time; empty when the page was not built. */
extern const unsigned char report_script[], report_style[];
extern const size_t report_script_bytes, report_style_bytes;
extern const char report_script_hash[];

struct report_page {
	struct buf html, markdown;
};

/** One line of what the report is of. */
struct report_fact {
	const char *name, *value;
};

void report_page_init(struct report_page *p);
void report_page_done(struct report_page *p);

/** The head, with what the report is of; facts without a value are left out.
 * Then one line of contents for each table, then the tables. */
void report_page_begin(struct report_page *p, const char *title,
		       const struct report_fact *facts, size_t fact_count);
void report_page_contents(struct report_page *p, const struct sheet *sheet);
void report_page_begin_tables(struct report_page *p);
/** A table. rows: NULL when the source lacks what it needs; then what says what
 * that is, else, where withheld contacts leave its figures open, what these
 * are; else it is NULL. */
void report_page_sheet(struct report_page *p, const struct sheet *sheet,
		       const struct grid *rows, const char *what);
/** What the terms mean, and what makes the tables that the queries read. */
void report_page_end(struct report_page *p);

#endif
