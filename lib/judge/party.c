// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/party.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "know/know.h"
#include "know/oui.h"

/* Of the wire, each of which may become \xNN. */
#define NAME_BYTES 255

const char *party_text(struct slice name, const struct addr *addr,
		       char out[PARTY_TEXT_BYTES])
{
	char text[ADDR_TEXT_BYTES];
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
		(void)snprintf(out, PARTY_TEXT_BYTES, "%s",
			       addr_format(addr, text));
	buf_done(&shown);
	return out;
}

/* Not the device's vendor, as far as that is known. */
static bool is_third(const struct know *know, const struct mac *mac,
		     const char *company)
{
	const char *vendor = oui_vendor(mac);
	const char *own = vendor ? know_vendor_company(know, vendor) : NULL;

	return !own || strcmp(own, company) != 0;
}

void party_know(const struct know *know, const struct mac *device,
		const struct addr *remote, struct party *out)
{
	struct know_listing listing;
	struct know_host host;

	if (know_malicious(know, out->name, remote, &listing))
		out->bad_list = listing.list;
	(void)know_country(know, remote, out->country);
	if (!out->name.len)
		return;
	if (know_tracker(know, out->name, &listing)) {
		out->tracker = know_category_name(listing.category);
		out->third = true;
		if (listing.company[0])
			out->company = listing.company;
	}
	if (know_host(know, out->name, &host)) {
		out->company = host.company;
		out->third |= is_third(know, device, host.company);
	}
}
