// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/greeting.h"

#include <strings.h>

#include "decode/line.h"

/* RFC 854, and the options that are numbered (IANA, Telnet Options) */
enum {
	IAC = 255,
	WILL = 251,
	DONT = 254,
	OPTION_MAX = 49,
	NEGOTIATION_BYTES = 3,
};

static bool ends_with(struct slice s, const char *text)
{
	size_t len = strlen(text);

	return s.len >= len &&
	       !strncasecmp((const char *)s.data + s.len - len, text, len);
}

/* How many are at the beginning; what is behind them may be text. */
static unsigned count_options(struct slice bytes)
{
	unsigned count = 0;

	for (size_t at = 0; bytes.len - at >= NEGOTIATION_BYTES; count++) {
		const uint8_t *p = bytes.data + at;

		if (p[0] != IAC || p[1] < WILL || p[1] > DONT ||
		    p[2] > OPTION_MAX)
			break;
		at += NEGOTIATION_BYTES;
	}
	return count;
}

static bool is_prompt(struct slice bytes)
{
	struct slice tail = line_trim(bytes);

	return ends_with(tail, "login:") || ends_with(tail, "username:") ||
	       ends_with(tail, "password:");
}

int greeting_decode(struct slice bytes, struct greeting *out)
{
	struct greeting greeting = { 0 };
	struct slice line;

	if (!bytes.len)
		return ERR_MALFORMED;
	greeting.options = count_options(bytes);
	if (greeting.options) {
		greeting.kind = GREETING_TELNET;
		*out = greeting;
		return 0;
	}
	line = line_first(bytes, GREETING_LINE_MAX_BYTES);
	if (line_starts(line, "SSH-") && line_is_text(line)) {
		greeting.kind = GREETING_SSH;
		greeting.text = line;
	} else if (is_prompt(bytes)) {
		greeting.kind = GREETING_PROMPT;
	} else {
		return ERR_MALFORMED;
	}
	*out = greeting;
	return 0;
}
