// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/report_page.h"

#include <stdint.h>
#include <string.h>

void report_page_init(struct report_page *p)
{
	buf_init(&p->html, REPORT_BYTES_MAX);
	buf_init(&p->markdown, REPORT_BYTES_MAX);
}

void report_page_done(struct report_page *p)
{
	buf_done(&p->html);
	buf_done(&p->markdown);
}

static void begin_head(struct report_page *p, const char *title)
{
	struct buf *h = &p->html;

	buf_puts(h, "<!doctype html>\n<html lang=\"en\">\n<head>\n"
		    "<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, "
		    "initial-scale=1\">\n"
		    "<meta http-equiv=\"Content-Security-Policy\" content=\""
		    "default-src 'none'; style-src 'unsafe-inline'; "
		    "script-src '");
	buf_puts(h, report_script_hash);
	buf_puts(h, "'; base-uri 'none'; form-action 'none'\">\n<title>");
	grid_html_text(title, h);
	buf_puts(h, "</title>\n<style>");
	buf_append(h, report_style, report_style_bytes);
	buf_puts(h, "</style>\n</head>\n<body>\n<header id=\"top\">\n<h1>");
	grid_html_text(title, h);
	buf_puts(h, "</h1>\n");
	buf_printf(&p->markdown, "# %s\n\n", title);
}

void report_page_begin(struct report_page *p, const char *title,
		       const struct report_fact *facts, size_t fact_count)
{
	begin_head(p, title);
	buf_puts(&p->html, "<dl>\n");
	for (size_t i = 0; i < fact_count; i++) {
		if (!facts[i].value)
			continue;
		buf_puts(&p->html, "<dt>");
		grid_html_text(facts[i].name, &p->html);
		buf_puts(&p->html, "</dt><dd>");
		grid_html_text(facts[i].value, &p->html);
		buf_puts(&p->html, "</dd>\n");
		buf_printf(&p->markdown, "- %s: ", facts[i].name);
		grid_markdown_text(facts[i].value, &p->markdown);
		buf_puts(&p->markdown, "\n");
	}
	buf_puts(&p->html, "</dl>\n</header>\n<nav aria-label=\"Contents\">"
			   "<ol>\n");
}

void report_page_contents(struct report_page *p, const struct sheet *sheet)
{
	buf_printf(&p->html, "<li><a href=\"#%s\">", sheet->name);
	grid_html_text(sheet->title, &p->html);
	buf_puts(&p->html, "</a></li>\n");
}

void report_page_begin_tables(struct report_page *p)
{
	buf_puts(&p->html,
		 "<li><a href=\"#terms\">What the terms mean</a></li>\n"
		 "<li><a href=\"#made\">What the queries read</a></li>\n"
		 "</ol></nav>\n<main>\n");
}

static void put_query(struct report_page *p, const struct sheet *sheet,
		      bool has_rows)
{
	buf_puts(&p->html, "<footer>\n<details><summary>Query</summary>"
			   "<pre><code>");
	grid_html_text(sheet->sql, &p->html);
	buf_puts(&p->html, "</code></pre></details>\n");
	if (has_rows)
		buf_printf(&p->html, "<a href=\"%s.csv\">%s.csv</a>\n",
			   sheet->name, sheet->name);
	buf_puts(&p->html, "<a href=\"#terms\">Terms</a>\n"
			   "<a href=\"#top\">Top</a>\n</footer>\n");
	buf_printf(&p->markdown,
		   "\n<details><summary>Query</summary>\n\n```sql\n%s```\n\n"
		   "</details>\n",
		   sheet->sql);
}

/* A figure is drawn from its table, so that is never cut. */
static size_t rows_shown(const struct sheet *sheet)
{
	return strncmp(sheet->name, "figure", 6) ? REPORT_ROWS_MAX : SIZE_MAX;
}

static void put_lacks(struct report_page *p, const char *lacks)
{
	buf_puts(&p->html, "<p class=\"lacks\">Not to be had from this "
			   "source, which lacks: ");
	grid_html_text(lacks, &p->html);
	buf_puts(&p->html, ".</p>\n");
	buf_printf(&p->markdown,
		   "*Not to be had from this source, which lacks: %s.*\n",
		   lacks);
}

static void put_open(struct report_page *p, const char *open)
{
	buf_puts(&p->html, "<p class=\"lacks\">Contacts are withheld: ");
	grid_html_text(open, &p->html);
	buf_puts(&p->html, " <a href=\"#bounds\">Bounds.</a></p>\n");
	buf_printf(&p->markdown, "*Contacts are withheld: %s*\n\n", open);
}

void report_page_sheet(struct report_page *p, const struct sheet *sheet,
		       const struct grid *rows, const char *what)
{
	buf_printf(&p->html, "<section id=\"%s\">\n<h2><a href=\"#%s\">",
		   sheet->name, sheet->name);
	grid_html_text(sheet->title, &p->html);
	buf_puts(&p->html, "</a></h2>\n<p class=\"about\">");
	grid_html_text(sheet->about, &p->html);
	buf_puts(&p->html, "</p>\n");
	buf_printf(&p->markdown, "\n## %s\n\n%s\n\n", sheet->title,
		   sheet->about);
	if (rows) {
		if (what)
			put_open(p, what);
		grid_html(rows, sheet->shares, rows_shown(sheet), &p->html);
		grid_markdown(rows, sheet->shares, rows_shown(sheet),
			      &p->markdown);
	} else {
		put_lacks(p, what);
	}
	put_query(p, sheet, rows);
	buf_puts(&p->html, "</section>\n");
}

/* What makes the tables that the queries read, in its order. */
static const struct {
	const char *sql, *what;
} scripts[] = {
	{ sheet_settings_sql,
	  "What the report was asked for: asked(), lacks(), is_withheld(),"
	  " is_counted()" },
	{ sheet_clock_sql, "Days that no clock was right on: is_dated()" },
	{ sheet_sums_begin_sql, "Sums of the flows, which are begun" },
	{ sheet_sums_range_sql, "for each range of devices" },
	{ sheet_sums_end_sql, "and ended: met, busy" },
	{ sheet_monitored_sql, "Monitored devices" },
	{ sheet_prepare_sql,
	  "Contacts, domains, labelled devices, active users" },
	{ sheet_words_sql, "How texts are compared" },
	{ sheet_validate_sql, "Outcomes of validating: validation" },
	{ sheet_prepare_validated_sql,
	  "Standardised and validated devices, and what they did" },
	{ sheet_score_prepare_sql, "What scores are added up from" },
};

static void put_scripts(struct report_page *p)
{
	static const char said[] =
		"The queries are about tables of the fleet, which this report "
		"has made in its file: there they run as they are shown. "
		"settings has what this report was asked for; place, platform "
		"and weak_suite what the program's lists say; score_label and "
		"score_interval what it counted and drew.";

	buf_puts(&p->html,
		 "<section id=\"made\">\n<h2><a href=\"#made\">"
		 "What the queries read</a></h2>\n<p class=\"about\">");
	grid_html_text(said, &p->html);
	buf_puts(&p->html, "</p>\n");
	buf_printf(&p->markdown, "\n## What the queries read\n\n%s\n", said);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		buf_puts(&p->html, "<details><summary>");
		grid_html_text(scripts[i].what, &p->html);
		buf_puts(&p->html, "</summary><pre><code>");
		grid_html_text(scripts[i].sql, &p->html);
		buf_puts(&p->html, "</code></pre></details>\n");
		buf_printf(&p->markdown,
			   "\n<details><summary>%s</summary>\n\n"
			   "```sql\n%s```\n\n</details>\n",
			   scripts[i].what, scripts[i].sql);
	}
	buf_puts(&p->html, "</section>\n");
}

static void put_terms(struct report_page *p)
{
	buf_puts(&p->html, "<section id=\"terms\">\n<h2>"
			   "<a href=\"#terms\">What the terms mean</a></h2>\n"
			   "<dl>\n");
	buf_puts(&p->markdown, "\n## What the terms mean\n\n"
			       "| term | meaning |\n|---|---|\n");
	for (size_t i = 0; i < sheet_term_count; i++) {
		buf_puts(&p->html, "<dt>");
		grid_html_text(sheet_terms[i].term, &p->html);
		buf_puts(&p->html, "</dt><dd>");
		grid_html_text(sheet_terms[i].meaning, &p->html);
		buf_puts(&p->html, "</dd>\n");
		buf_printf(&p->markdown, "| %s | ", sheet_terms[i].term);
		grid_markdown_text(sheet_terms[i].meaning, &p->markdown);
		buf_puts(&p->markdown, " |\n");
	}
	buf_puts(&p->html, "</dl>\n</section>\n");
}

void report_page_end(struct report_page *p)
{
	put_terms(p);
	put_scripts(p);
	buf_puts(&p->html, "</main>\n<script>");
	buf_append(&p->html, report_script, report_script_bytes);
	buf_puts(&p->html, "</script>\n</body>\n</html>\n");
}
