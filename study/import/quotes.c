// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/import/quotes.h"

void quotes_init(struct quotes *q)
{
	*q = (struct quotes){ .at = QUOTES_AT_START, .line = 1 };
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

bool quotes_take(struct quotes *q, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len && q->at != QUOTES_AT_WRONG; i++) {
		uint8_t byte = bytes.data[i];

		if (q->at == QUOTES_IN_QUOTED) {
			if (byte == '"')
				q->at = QUOTES_AT_CLOSED;
		} else if (q->at == QUOTES_AT_CLOSED) {
			q->at = behind_closed(q, byte);
		} else if (q->at == QUOTES_AT_START && byte == '"') {
			q->opened = q->line;
			q->at = QUOTES_IN_QUOTED;
		} else {
			q->at = end_or_plain(byte);
		}
		q->line += byte == '\n';
	}
	return q->at != QUOTES_AT_WRONG;
}

bool quotes_may_end(const struct quotes *q)
{
	return q->at != QUOTES_IN_QUOTED && q->at != QUOTES_AT_WRONG;
}
