// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/grid.h"

#include <stdlib.h>
#include <string.h>

#include "study/sheet.h"

/* The engine's memory is given back by its own function. */
static char *copy_of(char *text)
{
	char *copy = text ? strdup(text) : NULL;

	duckdb_free(text);
	return copy;
}

static int take_names(struct grid *g, duckdb_result *result)
{
	for (size_t i = 0; i < g->columns; i++) {
		g->names[i] = strdup(duckdb_column_name(result, i));
		if (!g->names[i])
			return ERR_NOMEM;
		g->is_text[i] =
			duckdb_column_type(result, i) == DUCKDB_TYPE_VARCHAR;
	}
	return 0;
}

static int take_cells(struct grid *g, duckdb_result *result)
{
	char **cell = g->cells;

	for (size_t row = 0; row < g->rows; row++)
		for (size_t i = 0; i < g->columns; i++, cell++) {
			if (duckdb_value_is_null(result, i, row))
				continue;
			*cell = copy_of(duckdb_value_varchar(result, i, row));
			if (!*cell)
				return ERR_NOMEM;
		}
	return 0;
}

int grid_query(struct grid *g, struct fleet *f, const char *sql)
{
	duckdb_result result;
	int err = fleet_query(f, sql, &result);

	if (err)
		return err;
	*g = (struct grid){ .columns = duckdb_column_count(&result),
			    .rows = duckdb_row_count(&result) };
	if (!g->columns || g->rows > GRID_CELLS_MAX / g->columns) {
		duckdb_destroy_result(&result);
		return ERR_LIMIT;
	}
	g->names = calloc(g->columns, sizeof(*g->names));
	g->is_text = calloc(g->columns, sizeof(*g->is_text));
	g->cells = calloc(g->rows * g->columns + 1, sizeof(*g->cells));
	err = g->names && g->is_text && g->cells ? 0 : ERR_NOMEM;
	if (!err)
		err = take_names(g, &result);
	if (!err)
		err = take_cells(g, &result);
	duckdb_destroy_result(&result);
	if (err)
		grid_done(g);
	return err;
}

void grid_done(struct grid *g)
{
	for (size_t i = 0; g->names && i < g->columns; i++)
		free(g->names[i]);
	for (size_t i = 0; g->cells && i < g->rows * g->columns; i++)
		free(g->cells[i]);
	free(g->names);
	free(g->is_text);
	free(g->cells);
	*g = (struct grid){ 0 };
}

size_t grid_column(const struct grid *g, const char *name)
{
	size_t i = 0;

	while (i < g->columns && strcmp(g->names[i], name) != 0)
		i++;
	return i;
}

static void csv_cell(const char *text, bool is_text, struct buf *out)
{
	bool is_formula = is_text && *text && strchr("=+-@\t\r", *text);

	if (is_formula || strpbrk(text, ",\"\r\n")) {
		buf_puts(out, is_formula ? "\"'" : "\"");
		for (; *text; text++)
			buf_printf(out, *text == '"' ? "\"%c" : "%c", *text);
		buf_puts(out, "\"");
	} else {
		buf_puts(out, text);
	}
}

void grid_csv(const struct grid *g, struct buf *out)
{
	for (size_t i = 0; i < g->columns; i++) {
		buf_puts(out, i ? "," : "");
		csv_cell(g->names[i], true, out);
	}
	buf_puts(out, "\n");
	for (size_t row = 0; row < g->rows; row++) {
		for (size_t i = 0; i < g->columns; i++) {
			const char *cell = grid_cell(g, row, i);

			buf_puts(out, i ? "," : "");
			if (cell)
				csv_cell(cell, g->is_text[i], out);
		}
		buf_puts(out, "\n");
	}
}

/* The engine writes whole numbers of a column with fractions as "3.0". */
static bool has_no_fraction(const char *cell)
{
	size_t length = strlen(cell);

	return length > 2 && !strcmp(cell + length - 2, ".0");
}

/* A number's digits before its fraction in threes, when there are five. */
static void spell_number(const char *cell, struct buf *out)
{
	size_t sign = *cell == '-', digits = strspn(cell + sign, "0123456789");
	size_t length = has_no_fraction(cell) ? sign + digits : strlen(cell);

	for (size_t i = 0; i < length; i++) {
		size_t left = sign + digits - i;

		if (digits > 4 && i > sign && i < sign + digits &&
		    left % 3 == 0)
			buf_puts(out, ",");
		buf_append(out, cell + i, 1);
	}
}

static bool is_share(const struct grid *g, const char *shares, size_t column)
{
	return !g->is_text[column] && sheet_has_word(shares, g->names[column]);
}

/* A cell as people read it: shares as percentages, with one decimal as the
 * paper has them. */
static void spell_cell(const struct grid *g, const char *shares, size_t row,
		       size_t column, struct buf *out)
{
	const char *cell = grid_cell(g, row, column);

	if (!cell)
		return;
	if (is_share(g, shares, column))
		buf_printf(out, "%.1f%%", strtod(cell, NULL) * 100);
	else if (!g->is_text[column])
		spell_number(cell, out);
	else
		buf_puts(out, cell);
}

/* A column's name as a heading: "share_of_validated" with spaces. */
static void spell_name(const char *name, struct buf *out)
{
	for (; *name; name++)
		buf_printf(out, "%c", *name == '_' ? ' ' : *name);
}

/* What would end the cell, or be markup, in Markdown. */
void grid_markdown_text(const char *text, struct buf *out)
{
	for (; *text; text++) {
		if (*text == '\n' || *text == '\r')
			buf_puts(out, " ");
		else if (strchr("\\|<>*_`[]&", *text))
			buf_printf(out, "\\%c", *text);
		else
			buf_printf(out, "%c", *text);
	}
}

void grid_markdown(const struct grid *g, const char *shares, size_t rows_max,
		   struct buf *out)
{
	size_t rows = g->rows < rows_max ? g->rows : rows_max;
	struct buf cell;

	buf_init(&cell, out->max);
	buf_puts(out, "|");
	for (size_t i = 0; i < g->columns; i++) {
		buf_puts(out, " ");
		spell_name(g->names[i], out);
		buf_puts(out, " |");
	}
	buf_puts(out, "\n|");
	for (size_t i = 0; i < g->columns; i++)
		buf_puts(out, g->is_text[i] ? "---|" : "--:|");
	buf_puts(out, "\n");
	for (size_t row = 0; row < rows; row++) {
		buf_puts(out, "|");
		for (size_t i = 0; i < g->columns; i++) {
			buf_clear(&cell);
			spell_cell(g, shares, row, i, &cell);
			buf_puts(out, " ");
			grid_markdown_text(buf_text(&cell), out);
			buf_puts(out, " |");
		}
		buf_puts(out, "\n");
	}
	if (rows < g->rows)
		buf_printf(out, "\n%zu of %zu rows; the CSV file has all.\n",
			   rows, g->rows);
	buf_done(&cell);
}

void grid_html_text(const char *text, struct buf *out)
{
	static const struct {
		char c;
		const char *as;
	} escapes[] = { { '&', "&amp;" },
			{ '<', "&lt;" },
			{ '>', "&gt;" },
			{ '"', "&quot;" },
			{ '\'', "&#39;" } };

	for (; *text; text++) {
		const char *as = NULL;

		for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]);
		     i++)
			if (*text == escapes[i].c)
				as = escapes[i].as;
		if (as)
			buf_puts(out, as);
		else
			buf_append(out, text, 1);
	}
}

/* A cell keeps its exact value beside what is shown, to be sorted and drawn
 * by; a share also is a bar behind its number. */
static void html_cell(const struct grid *g, const char *shares, size_t row,
		      size_t column, struct buf *out)
{
	const char *cell = grid_cell(g, row, column);
	struct buf shown;

	buf_init(&shown, out->max);
	spell_cell(g, shares, row, column, &shown);
	if (cell && is_share(g, shares, column))
		buf_printf(out, "<td class=\"n s\" style=\"--v:%.1f%%\"",
			   strtod(cell, NULL) * 100);
	else
		buf_puts(out, g->is_text[column] ? "<td" : "<td class=\"n\"");
	if (cell && strcmp(cell, buf_text(&shown)) != 0) {
		buf_puts(out, " data-value=\"");
		grid_html_text(cell, out);
		buf_puts(out, "\"");
	}
	buf_puts(out, ">");
	grid_html_text(buf_text(&shown), out);
	buf_puts(out, "</td>");
	buf_done(&shown);
}

void grid_html(const struct grid *g, const char *shares, size_t rows_max,
	       struct buf *out)
{
	size_t rows = g->rows < rows_max ? g->rows : rows_max;

	buf_puts(out, "<div class=\"scroll\"><table>\n<thead><tr>");
	for (size_t i = 0; i < g->columns; i++) {
		buf_puts(out, g->is_text[i] ? "<th scope=\"col\" data-name=\""
					    : "<th scope=\"col\" class=\"n\" "
					      "data-name=\"");
		grid_html_text(g->names[i], out);
		buf_puts(out, "\">");
		spell_name(g->names[i], out);
		buf_puts(out, "</th>");
	}
	buf_puts(out, "</tr></thead>\n<tbody>\n");
	for (size_t row = 0; row < rows; row++) {
		buf_puts(out, "<tr>");
		for (size_t i = 0; i < g->columns; i++)
			html_cell(g, shares, row, i, out);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</tbody></table></div>\n");
	if (rows < g->rows)
		buf_printf(out,
			   "<p class=\"cut\">%zu of %zu rows; the CSV file has "
			   "all.</p>\n",
			   rows, g->rows);
}
