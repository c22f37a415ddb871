// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/err.h"

#include <stddef.h>

static const char *const texts[] = {
	[-ERR_NOMEM] = "out of memory",
	[-ERR_LIMIT] = "limit reached",
	[-ERR_TRUNCATED] = "truncated",
	[-ERR_MALFORMED] = "malformed",
	[-ERR_UNSUPPORTED] = "not supported",
	[-ERR_AGAIN] = "not yet",
	[-ERR_NOTFOUND] = "not found",
	[-ERR_EXISTS] = "exists already",
	[-ERR_DENIED] = "not permitted",
	[-ERR_INVALID] = "invalid",
	[-ERR_CLOSED] = "closed by the other side",
	[-ERR_IO] = "input/output error",
	[-ERR_BUSY] = "busy",
};

const char *err_text(int code)
{
	size_t i = code < 0 ? (size_t) - (long)code : 0;

	if (code >= 0)
		return "success";
	if (i >= sizeof(texts) / sizeof(texts[0]) || !texts[i])
		return "unknown error";
	return texts[i];
}
