// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/greeting.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct greeting greeting;

	if (greeting_decode(input, &greeting))
		return 0;
	check_view(greeting.text, input);
	must(greeting.text.len <= GREETING_LINE_MAX_BYTES);
	must(!greeting.options == (greeting.kind != GREETING_TELNET));
	return 0;
}
