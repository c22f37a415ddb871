// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/party.h"

#include "base/text.h"
#include "store/query.h"
#include "web/gate.h"
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
	if (name.source == RECORD_NAME_DNS)
		name.name.len =
			text_unzone(name.name, false, text, sizeof(text));
	copy = arena_text(&hub->arena, name.name);
	if (copy)
		out->name = slice_of(copy, name.name.len);
}

void party_find(void *user, const struct record_window *window,
		const struct addr *remote, struct party *out)
{
	struct hub *hub = user;
	bool unnamed = !gate_names_at(&hub->home, remote);

	if (unnamed)
		out->name = (struct slice){ 0 };
	else if (!out->name.data)
		find_name(hub, window, remote, out);
	party_know(&hub->know, remote, out);
	out->unnamed = unnamed;
}
