// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/sheet.h"

#include <stdio.h>
#include <string.h>

const struct sheet *sheet_find(const char *name)
{
	for (size_t i = 0; i < sheet_count; i++)
		if (!strcmp(sheets[i].name, name))
			return &sheets[i];
	return NULL;
}

/* The next word of a list; its length, 0 at the end. */
static size_t next_word(const char **at)
{
	*at += strspn(*at, ", ");
	return strcspn(*at, ", ");
}

bool sheet_has_word(const char *words, const char *word)
{
	size_t length;

	for (; (length = next_word(&words)); words += length)
		if (length == strlen(word) && !memcmp(words, word, length))
			return true;
	return false;
}

void sheet_lacks(const struct sheet *t, const char *lacks,
		 char out[SHEET_LACKS_BYTES])
{
	const char *need = t->needs;
	size_t length, used = 0;
	char word[SHEET_LACKS_BYTES];

	out[0] = '\0';
	for (; (length = next_word(&need)); need += length) {
		snprintf(word, sizeof(word), "%.*s", (int)length, need);
		if (lacks && sheet_has_word(lacks, word) &&
		    used < SHEET_LACKS_BYTES)
			used += (size_t)snprintf(out + used,
						 SHEET_LACKS_BYTES - used,
						 "%s%s", used ? ", " : "",
						 word);
	}
}

int sheet_run(const struct sheet *t, struct fleet *f, struct grid *out)
{
	return grid_query(out, f, t->sql);
}
