// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/command.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte is what it may be. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct command_greeting greeting;
	struct command command;

	if (!command_read_greeting(input, &greeting)) {
		check_view(greeting.text, input);
		must(greeting.talks && !(greeting.talks >> COMMAND_TALKS));
		must(greeting.text.len <= COMMAND_LINE_MAX_BYTES);
	}
	if (!size)
		return 0;
	input = slice_of(data + 1, size - 1);
	if (!command_decode(input, data[0], &command)) {
		must(command.talk < COMMAND_TALKS);
		must(command.act <= COMMAND_LOGS_IN);
	}
	return 0;
}
