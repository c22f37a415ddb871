// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "guard/undo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken is written back alike, but for spellings of one address. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct undo undo, again;
	struct buf text;

	buf_init(&text, UNDO_BYTES_MAX);
	buf_append(&text, data, size);
	if (buf_check(&text) || memchr(data, 0, size) ||
	    undo_parse(buf_text(&text), &undo))
		goto out;
	buf_clear(&text);
	if (undo_format(&undo, &text) || undo_parse(buf_text(&text), &again) ||
	    memcmp(&undo, &again, sizeof(undo)) != 0)
		abort();
out:
	buf_done(&text);
	return 0;
}
