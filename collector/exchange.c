// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/exchange.h"

#include <stdio.h>

#define ERROR_BYTES_MAX 512

void exchange_init(struct exchange *e, struct collector *collector,
		   void (*resume)(struct exchange *e))
{
	*e = (struct exchange){ .collector = collector, .resume = resume };
	buf_init(&e->reply.body, EXCHANGE_REPLY_BYTES);
	arena_init(&e->arena, PARSE_ARENA_BYTES);
	e->reply.type = "application/json";
}

void exchange_done(struct exchange *e)
{
	if (e->reply.stream.user)
		e->reply.stream.close(e->reply.stream.user);
	buf_done(&e->reply.body);
	arena_done(&e->arena);
	store_consent_done(&e->consent);
}

void exchange_json_text(struct buf *out, const char *text)
{
	buf_puts(out, "\"");
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			buf_printf(out, "\\u%04x", (unsigned)*text);
		else if (*text == '"' || *text == '\\')
			buf_printf(out, "\\%c", *text);
		else
			buf_append(out, text, 1);
	}
	buf_puts(out, "\"");
}

void exchange_fail(struct exchange *e, unsigned status, const char *format, ...)
{
	char why[ERROR_BYTES_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	buf_clear(&e->reply.body);
	buf_puts(&e->reply.body, "{\"error\":");
	exchange_json_text(&e->reply.body, why);
	buf_puts(&e->reply.body, "}\n");
	e->reply.status = status;
}

void exchange_limit(struct exchange *e, unsigned retry_after_s, const char *why)
{
	exchange_fail(e, 429, "%s", why);
	e->reply.retry_after_s = retry_after_s;
}

void exchange_busy(struct exchange *e, unsigned retry_after_s, const char *why)
{
	exchange_fail(e, 503, "%s", why);
	e->reply.retry_after_s = retry_after_s;
}
