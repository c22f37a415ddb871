// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/report.h"

#include <stdio.h>

#include "base/text.h"

/* Longest path shown, escaped. */
#define PATH_TEXT_MAX ((size_t)32768)

void report_fault(const char *verb, const char *path, const char *reason)
{
	struct buf text;

	buf_init(&text, PATH_TEXT_MAX);
	text_escape(&text, slice_text(path));
	fprintf(stderr, "could not %s \"%s\": %s\n", verb, buf_text(&text),
		reason);
	buf_done(&text);
}
