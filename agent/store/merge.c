// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/merge.h"

#include "store/database.h"

#define MINUTE_S 60

void merge_note(struct store *s)
{
	s->unmerged++;
}

bool merge_is_due(const struct store *s, int64_t start_s)
{
	return s->unmerged >= MERGE_ROWS_MAX ||
	       start_s / MINUTE_S != s->merged_s / MINUTE_S;
}

int merge_all(struct store *s)
{
	static const enum statement steps[] = {
		STATEMENT_NAME_MERGE,	  STATEMENT_NAME_MERGED,
		STATEMENT_QUESTION_MERGE, STATEMENT_QUESTION_MERGED,
		STATEMENT_SERVICE_MERGE,  STATEMENT_SERVICE_MERGED,
	};

	if (!s->unmerged)
		return 0;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (database_run(s, steps[i], "") < 0)
			return ERR_IO;
	s->unmerged = 0;
	return 0;
}

void merge_to_read(struct store *s)
{
	if (!s->unmerged || database_begin(s) || !merge_all(s))
		return;
	s->counters.windows_lost += s->transaction_windows;
	database_rollback(s);
}
