// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/party.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "judge/endpoint.h"

/* Of the wire, each of which may become \xNN. */
#define NAME_BYTES 255

const char *party_addr(const struct addr *addr, char out[PARTY_TEXT_BYTES])
{
	struct addr cut = *addr;
	char text[ADDR_TEXT_BYTES];

	addr_format(&cut, text);
	if (addr->family == 6 && addr_is_private(addr) && addr->b[11] == 0xff &&
	    addr->b[12] == 0xfe) {
		memset(cut.b + 13, 0, 3);
		addr_format(&cut, text);
		text[strlen(text) - strlen("00:0")] = '\0';
		(void)snprintf(out, PARTY_TEXT_BYTES, "%s\u2026", text);
		return out;
	}
	(void)snprintf(out, PARTY_TEXT_BYTES, "%s", text);
	return out;
}

const char *party_text(struct slice name, const struct addr *addr,
		       char out[PARTY_TEXT_BYTES])
{
	struct buf shown;

	buf_init(&shown, 4 * NAME_BYTES);
	if (name.len > NAME_BYTES)
		name.len = NAME_BYTES;
	if (name.len)
		text_escape(&shown, name);
	if (name.len && !buf_check(&shown))
		/* the end says whose it is */
		(void)snprintf(out, PARTY_TEXT_BYTES, "%s",
			       shown.len < PARTY_TEXT_BYTES
				       ? buf_text(&shown)
				       : buf_text(&shown) + shown.len -
						 (PARTY_TEXT_BYTES - 1));
	else
		(void)party_addr(addr, out);
	buf_done(&shown);
	return out;
}

void party_know(const struct know *know, const struct addr *remote,
		struct party *out)
{
	struct endpoint_facts facts = {
		.name = out->name,
		.addr = *remote,
	};
	struct endpoint_verdict verdict;

	endpoint_judge(know, &facts, &verdict);
	endpoint_to_party(&facts, &verdict, out);
}
