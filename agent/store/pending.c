// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/pending.h"

#include <stdarg.h>
#include <stdbool.h>

#include "store/database.h"
#include "store/packed.h"

const char *const pending_formats[PENDING_KINDS] = {
	/* remote, source, host, resolver, device port, time */
	[PENDING_NAME] = "iiibii",
	/* host, type, resolver, time */
	[PENDING_QUESTION] = "iibi",
	/* remote, protocol, remote port, application, detail, clear, time */
	[PENDING_SERVICE] = "iiitbii",
	/* remote, remote port, transport, version, cipher suite, JA3S,
	 * subject, time */
	[PENDING_SERVER] = "iiiiitbi",
	/* kind, text, time */
	[PENDING_CLUE] = "tbi",
	/* time, remote, device port, remote port, transport, shape, host */
	[PENDING_HELLO] = "iiiiiir",
	/* time, remote, device port, remote port, method, host, user agent */
	[PENDING_HTTP] = "iiiibrb",
};

static bool is_number(char letter)
{
	return letter == 'i' || letter == 'r';
}

void pending_clear(struct store *s)
{
	buf_clear(&s->pending);
	s->pending_count = 0;
}

void pending_add(struct store *s, enum pending_kind kind, ...)
{
	va_list args;

	va_start(args, kind);
	packed_put(&s->pending, kind);
	for (const char *at = pending_formats[kind]; *at; at++) {
		if (is_number(*at))
			packed_put_signed(&s->pending, va_arg(args, int64_t));
		else
			packed_put_bytes(&s->pending,
					 va_arg(args, struct slice));
	}
	va_end(args);
	s->pending_count++;
}

int pending_store(struct store *s, int64_t device)
{
	int err = buf_check(&s->pending);

	if (!err && s->pending.len &&
	    database_run(s, STATEMENT_PENDING_ADD, "ib", device,
			 buf_slice(&s->pending)) < 0)
		err = ERR_IO;
	if (!err)
		s->unmerged += s->pending_count;
	pending_clear(s);
	return err;
}

int pending_next(struct cursor *facts,
		 struct pending_value values[PENDING_COLUMNS_MAX])
{
	uint64_t kind = packed_take(facts);

	if (!cursor_ok(facts) || kind >= PENDING_KINDS)
		return ERR_MALFORMED;
	for (const char *at = pending_formats[kind]; *at; at++, values++) {
		*values = (struct pending_value){ 0 };
		if (is_number(*at))
			values->number = packed_take_signed(facts);
		else
			values->bytes = packed_take_bytes(facts);
	}
	return cursor_ok(facts) ? (int)kind : ERR_MALFORMED;
}
