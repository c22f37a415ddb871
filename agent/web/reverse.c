// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/reverse.h"

#include <string.h>

#include "message/channel.h"
#include "web/given.h"
#include "web/state.h"

struct known {
	char name[MESSAGE_HOST_NAME_MAX]; /* "": none */
	uint64_t asked_ms;
	bool waiting;
};

void reverse_init(struct reverse_names *r, uint64_t seed)
{
	*r = (struct reverse_names){ 0 };
	table_init(&r->names, sizeof(struct addr), sizeof(struct known),
		   REVERSE_ADDRS_MAX, seed);
}

void reverse_done(struct reverse_names *r)
{
	table_done(&r->names);
}

static bool may_ask(const struct hub *hub)
{
	return hub->settings.reverse_dns && hub->consent.given &&
	       !hub->paused && hub->network.name[0] &&
	       given_resolver(hub).family;
}

static void ask(struct hub *hub, const struct addr *address,
		struct known *known)
{
	struct message m = { .type = MESSAGE_ASK_NAME, .fd = -1 };

	if (hub->discover.fd < 0 || hub->reverse.asked >= REVERSE_ASKED_MAX)
		return;
	m.ask_name.network = hub->network.address;
	m.ask_name.resolver = given_resolver(hub);
	m.ask_name.index = hub->network.index;
	m.ask_name.address = *address;
	if (channel_send(hub->discover.fd, &m))
		return;
	known->waiting = true;
	known->asked_ms = hub->tick_ms;
	hub->reverse.asked++;
	hub->reverse.asked_ms = hub->tick_ms;
}

struct slice reverse_name(struct hub *hub, const struct addr *address)
{
	struct slice none = { 0 };
	struct known *known;
	bool fresh;

	if (!may_ask(hub) || !address->family || addr_is_private(address) ||
	    addr_is_multicast(address) || addr_is_broadcast(address))
		return none;
	known = table_get(&hub->reverse.names, address, &fresh);
	if (!known) {
		/* a day's worth of strangers: begin anew */
		table_clear(&hub->reverse.names);
		hub->reverse.asked = 0;
		return none;
	}
	if (!known->waiting &&
	    (!known->asked_ms ||
	     hub->tick_ms - known->asked_ms > REVERSE_AGAIN_MS))
		ask(hub, address, known);
	return known->name[0] ? slice_text(known->name) : none;
}

void reverse_take(struct hub *hub, const struct message_host_name *answer)
{
	struct known *known = table_find(&hub->reverse.names, &answer->address);

	if (!known || !known->waiting)
		return;
	known->waiting = false;
	if (hub->reverse.asked)
		hub->reverse.asked--;
	memcpy(known->name, answer->name, sizeof(known->name));
}

void reverse_lost(struct hub *hub)
{
	struct known *known;
	uint32_t at = 0;

	hub->reverse.asked = 0;
	while ((known = table_next(&hub->reverse.names, &at, NULL))) {
		if (known->waiting)
			known->asked_ms = 0;
		known->waiting = false;
	}
}
