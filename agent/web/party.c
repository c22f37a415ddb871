// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/party.h"

#include <string.h>

#include "know/know.h"
#include "know/oui.h"
#include "store/query.h"
#include "web/state.h"

static void find_name(struct hub *hub, const struct record_window *window,
		      const struct addr *remote, struct party *out)
{
	const struct home_device *device =
		home_find(&hub->home, &window->device);
	uint8_t text[QUERY_NAME_BYTES];
	struct query_name name;
	int64_t id;
	char *copy;

	if (!device || !device->store_id ||
	    query_remote(hub->store, remote, &id) ||
	    query_name(hub->store, device->store_id, id, &name, text))
		return;
	copy = arena_text(&hub->arena, name.name);
	if (copy)
		out->name = slice_of(copy, name.name.len);
}

/* Neither the vendor of the device nor, by its own account, its platform. */
static bool is_third(const struct know *know, const struct mac *mac,
		     const char *company)
{
	const char *vendor = oui_vendor(mac);
	const char *own = vendor ? know_vendor_company(know, vendor) : NULL;

	return !own || strcmp(own, company) != 0;
}

void party_find(void *user, const struct record_window *window,
		const struct addr *remote, struct party *out)
{
	struct hub *hub = user;
	struct know_listing listing;
	struct know_host host;
	struct know know;

	know_init(&know);
	if (!out->name.data)
		find_name(hub, window, remote, out);
	if (know_malicious(&know, out->name, remote, &listing))
		out->bad_list = listing.list;
	(void)know_country(&know, remote, out->country);
	if (!out->name.len)
		return;
	if (know_tracker(&know, out->name, &listing)) {
		out->tracker = know_category_name(listing.category);
		out->third = true;
		if (listing.company[0])
			out->company = listing.company;
	}
	if (know_host(&know, out->name, &host)) {
		out->company = host.company;
		out->third |= is_third(&know, &window->device, host.company);
	}
}
