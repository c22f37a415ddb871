// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/ask.h"

#include "record/record_codec.h"
#include "web/gate.h"
#include "web/link.h"
#include "web/state.h"

/* Its IPv4 address of this network; of one that has none at all, the IPv6
 * address that every host has on its link. NULL when there is neither. */
static const struct addr *address_of(const struct hub *hub,
				     const struct home_device *device)
{
	if (device->address.family != 4) {
		for (size_t i = 0; hub->network.index && i < device->addr_count;
		     i++)
			if (device->addrs[i].family == 6 &&
			    addr_is_link_local(&device->addrs[i]))
				return &device->addrs[i];
		return NULL;
	}
	return cidr_contains(&hub->network.address, &device->address)
		       ? &device->address
		       : NULL;
}

static bool is_due(const struct hub *hub, const struct home_device *device)
{
	const struct addr *address = address_of(hub, device);

	return device->present && address &&
	       gate_lets(device, hub->consent.given, GATE_ANNOUNCEMENTS) &&
	       hub->tick_ms - device->found_ms >= ASK_AFTER_MS &&
	       (!device->asked_ms || !addr_equal(&device->asked, address) ||
		hub->tick_ms - device->asked_ms >= ASK_AGAIN_MS) &&
	       !gate_closed_at(&hub->home, address);
}

void ask_tick(struct hub *hub)
{
	struct message m = { .type = MESSAGE_ASK, .fd = -1 };
	struct home_device *device;
	uint32_t at = 0;

	if (hub->discover.fd < 0 || !hub->consent.given || hub->paused ||
	    hub->stopping || !hub->network.up ||
	    hub->tick_ms - hub->asked_ms < ASK_PACE_MS)
		return;
	hub->asked_ms = hub->tick_ms;
	while ((device = home_next(&hub->home, &at)))
		if (is_due(hub, device))
			break;
	if (!device)
		return;
	m.ask.own = hub->network.address.addr;
	m.ask.device = *address_of(hub, device);
	m.ask.index = hub->network.index;
	if (channel_send(hub->discover.fd, &m)) {
		hub->counters.messages_delayed++;
		return;
	}
	device->asked = m.ask.device;
	device->asked_ms = hub->tick_ms;
}

/* The one of this address that is being asked, if it is still its own. */
static struct home_device *asked_at(const struct hub *hub,
				    const struct addr *address)
{
	struct home_device *device;
	uint32_t at = 0;

	if (gate_closed_at(&hub->home, address))
		return NULL;
	while ((device = home_next(&hub->home, &at)))
		if (device->asked_ms && addr_equal(&device->asked, address) &&
		    hub->tick_ms - device->asked_ms < ASK_ANSWER_MS)
			return device;
	return NULL;
}

void ask_take_answer(struct hub *hub, const struct message_answer *answer)
{
	const struct home_device *device = asked_at(hub, &answer->device);
	uint64_t now_ns = hub->now_ms * 1000000;
	struct record_clue clue = {
		.time_ns = now_ns,
		.kind = answer->kind,
		.text = slice_of(answer->text, answer->length),
	};
	struct record_window window = {
		.start_ns = now_ns - now_ns % RECORD_WINDOW_NS,
		.clues = &clue,
		.clue_count = 1,
	};
	struct record_encoder encoder;
	struct buf bytes;

	if (!device) {
		hub->counters.messages_refused++;
		return;
	}
	window.device = device->mac;
	buf_init(&bytes, RECORD_CODEC_PART_MIN);
	record_encoder_init(&encoder, &window);
	if (record_encode_part(&encoder, &bytes, RECORD_CODEC_PART_MIN) == 1)
		link_take_window(hub, buf_slice(&bytes), false);
	buf_done(&bytes);
}
