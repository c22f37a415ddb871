// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/import/quotes.h"

#include <string.h>

void quotes_init(struct quotes *q, struct quotes_cells *cells)
{
	*q = (struct quotes){ .at = QUOTES_AT_START,
			      .line = 1,
			      .cells = cells };
}

/* The first byte of a field's text. */
static void look_at(const struct quotes *q, uint8_t byte, const char *formula)
{
	struct quotes_cells *cells = q->cells;

	if (!byte || !strchr(formula, byte) || !q->is_begun ||
	    q->column >= cells->columns || !cells->is_text[q->column])
		return;
	if (cells->count < QUOTES_CELLS_MAX)
		cells->first[cells->count] =
			(struct quotes_cell){ q->line, q->column };
	cells->count++;
}

static enum quotes_at end_or_plain(uint8_t byte)
{
	return byte == ',' || byte == '\n' ? QUOTES_AT_START : QUOTES_IN_PLAIN;
}

/* Text behind a quote that closed in its own line is one row's fault, which
 * the engine finds. */
static enum quotes_at behind_closed(const struct quotes *q, uint8_t byte)
{
	if (byte == '"')
		return QUOTES_IN_QUOTED;
	if (byte == ',' || byte == '\n')
		return QUOTES_AT_START;
	if (byte == '\r')
		return QUOTES_AT_CLOSED;
	return q->opened == q->line ? QUOTES_IN_PLAIN : QUOTES_AT_WRONG;
}

static void take_byte(struct quotes *q, uint8_t byte)
{
	if (q->at == QUOTES_IN_QUOTED) {
		if (q->is_fresh)
			look_at(q, byte, "=+-@\t\r");
		q->is_fresh = false;
		if (byte == '"')
			q->at = QUOTES_AT_CLOSED;
	} else if (q->at == QUOTES_AT_CLOSED) {
		q->at = behind_closed(q, byte);
	} else if (q->at == QUOTES_AT_START && byte == '"') {
		q->opened = q->line;
		q->at = QUOTES_IN_QUOTED;
		q->is_fresh = true;
	} else {
		if (q->at == QUOTES_AT_START)
			look_at(q, byte, "=+-@\t");
		q->at = end_or_plain(byte);
	}
}

/* A line ends by LF or by CR LF, and each as the first does. */
static void end_line(struct quotes *q)
{
	if (!q->ends)
		q->ends = 1 + q->returns;
	if (!q->odd && (q->returns > 1 || q->ends != 1 + q->returns))
		q->odd = q->line;
	q->column = 0;
	q->is_begun = true;
}

bool quotes_take(struct quotes *q, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len && q->at != QUOTES_AT_WRONG; i++) {
		uint8_t byte = bytes.data[i];

		take_byte(q, byte);
		if (q->at == QUOTES_AT_START && byte == ',')
			q->column++;
		if (q->at == QUOTES_AT_START && byte == '\n')
			end_line(q);
		if (byte != '\r' || q->at == QUOTES_IN_QUOTED)
			q->returns = 0;
		else
			q->returns++;
		q->line += byte == '\n';
	}
	return q->at != QUOTES_AT_WRONG;
}

bool quotes_may_end(const struct quotes *q)
{
	return q->at != QUOTES_IN_QUOTED && q->at != QUOTES_AT_WRONG;
}
