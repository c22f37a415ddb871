// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/certificate.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A subject is within its bound, and an error leaves what was there. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char before[] = "before";
	struct buf text;

	buf_init(&text, 1024);
	buf_puts(&text, before);
	if (certificate_subject(slice_of(data, size), &text) == ERR_MALFORMED)
		must(text.len == strlen(before));
	must(!strncmp(buf_text(&text), before, strlen(before)));
	buf_done(&text);
	return 0;
}
