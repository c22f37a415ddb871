// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/unlock.h"

#include <string.h>
#include <sys/random.h>

#include "web/gate.h"
#include "web/lock.h"
#include "web/state.h"
#include "web/view.h"

#define ALPHABET      "abcdefghijkmnpqrstuvwxyz23456789"
#define ALPHABET_MASK 31

static void tell(struct hub *hub, struct state_peer *peer, struct message *m)
{
	m->fd = -1;
	if (peer->fd >= 0 && channel_send(peer->fd, m) == ERR_AGAIN)
		hub->counters.messages_delayed++;
}

static void answer(struct hub *hub, uint32_t number,
		   enum message_unlock_verdict verdict)
{
	struct message m = { .type = MESSAGE_UNLOCK_ANSWER };

	m.unlock_answer.number = number;
	m.unlock_answer.verdict = verdict;
	tell(hub, &hub->discover, &m);
}

/* This computer's, which the device can open: by IPv6, where the device has
 * nothing else, not that of the link, which no browser takes. */
static const struct addr *own_address(const struct hub *hub,
				      const struct home_device *device)
{
	const struct message_chosen *on = &hub->network;
	bool v4 = on->address.addr.family == 4;

	return v4 && device->address.family == 4 ? &on->address.addr
						 : &on->own6;
}

static void serve(struct hub *hub)
{
	struct message m = { .type = MESSAGE_UNLOCK };

	message_text(m.unlock.code, sizeof(m.unlock.code), hub->unlock.code);
	if (hub->unlock.code[0])
		m.unlock.address = hub->unlock.address;
	tell(hub, &hub->discover, &m);
}

static void end(struct hub *hub)
{
	uint64_t refused = hub->unlock.refused;

	hub->unlock = (struct unlock){ .refused = refused };
	hub->devices_changed = true;
	serve(hub);
}

void unlock_begin_again(struct hub *hub)
{
	if (!hub->unlock.code[0])
		return;
	hub->unlock.port = 0;
	hub->unlock.asked_count = 0;
	serve(hub);
}

static bool make_code(char out[UNLOCK_CODE_LENGTH + 1])
{
	uint8_t random[UNLOCK_CODE_LENGTH];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return false;
	for (size_t i = 0; i < UNLOCK_CODE_LENGTH; i++)
		out[i] = ALPHABET[random[i] & ALPHABET_MASK];
	out[UNLOCK_CODE_LENGTH] = '\0';
	return true;
}

int hub_unlock(struct hub *hub, struct home_device *device)
{
	struct unlock *unlock = &hub->unlock;
	char code[UNLOCK_CODE_LENGTH + 1];

	if (device->excluded)
		return ERR_DENIED;
	if (gate_state(device) == GATE_OPEN || hub->discover.fd < 0 ||
	    !own_address(hub, device)->family)
		return ERR_INVALID;
	if (!make_code(code))
		return ERR_IO;
	end(hub);
	memcpy(unlock->code, code, sizeof(code));
	unlock->mac = device->mac;
	unlock->address = *own_address(hub, device);
	unlock->until_ms = hub->now_ms + UNLOCK_MS;
	unlock->until_tick_ms = hub->tick_ms + UNLOCK_MS;
	serve(hub);
	return 0;
}

int hub_unlock_by_mac(struct hub *hub, struct home_device *device,
		      const struct mac *mac)
{
	int err;

	/* its own name says that it is to be left alone, and is heard again in
	 * its own browser alone */
	if (gate_state(device) == GATE_EXCLUDED)
		return ERR_DENIED;
	if (gate_state(device) == GATE_OPEN)
		return ERR_INVALID;
	if (hub->tick_ms - device->tries_since_ms >= UNLOCK_MAC_MS) {
		device->tries_since_ms = hub->tick_ms;
		device->tries = 0;
	}
	if (device->tries >= UNLOCK_MAC_TRIES)
		return ERR_LIMIT;
	if (!mac_equal(mac, &device->mac)) {
		device->tries++;
		hub->unlock.refused++;
		return ERR_NOTFOUND;
	}
	err = hub_open(hub, device, true);
	if (!err && mac_equal(&hub->unlock.mac, &device->mac))
		end(hub);
	return err;
}

void unlock_take_ready(struct hub *hub, const struct message_unlock_ready *m)
{
	if (!hub->unlock.code[0] || strcmp(m->code, hub->unlock.code))
		return;
	hub->unlock.port = (uint16_t)m->port;
	hub->unlock.failed = !m->port;
	hub->devices_changed = true;
}

void unlock_take_request(struct hub *hub,
			 const struct message_unlock_request *m)
{
	struct unlock *unlock = &hub->unlock;
	struct message ask = { .type = MESSAGE_WHO_HAS };

	if (!unlock->code[0] || hub->guard.fd < 0 ||
	    unlock->asked_count == UNLOCK_ASKED_MAX) {
		answer(hub, m->number, MESSAGE_UNLOCK_UNKNOWN);
		return;
	}
	unlock->asked[unlock->asked_count++] = *m;
	ask.neighbour.address = m->from;
	tell(hub, &hub->guard, &ask);
}

/* Who asked from this address is answered; false when nobody did. */
static bool answer_all(struct hub *hub, const struct addr *from,
		       enum message_unlock_verdict verdict)
{
	struct unlock *unlock = &hub->unlock;
	size_t kept = 0, had = unlock->asked_count;

	for (size_t i = 0; i < had; i++) {
		if (addr_equal(&unlock->asked[i].from, from))
			answer(hub, unlock->asked[i].number, verdict);
		else
			unlock->asked[kept++] = unlock->asked[i];
	}
	unlock->asked_count = kept;
	return kept < had;
}

static enum message_unlock_verdict by_its_browser(struct hub *hub,
						  struct home_device *device)
{
	if (device->lock == HOME_LEFT_ALONE)
		return lock_hear_again(hub, device) ? MESSAGE_UNLOCK_UNKNOWN
						    : MESSAGE_UNLOCK_HEARD;
	return hub_open(hub, device, true) ? MESSAGE_UNLOCK_UNKNOWN
					   : MESSAGE_UNLOCK_DONE;
}

void unlock_take_neighbour(struct hub *hub, const struct message_neighbour *m)
{
	struct unlock *unlock = &hub->unlock;
	struct home_device *device = home_find(&hub->home, &unlock->mac);
	bool known = !mac_is_zero(&m->mac);
	enum message_unlock_verdict verdict;

	if (!unlock->code[0])
		return;
	if (!device || !known || !mac_equal(&m->mac, &unlock->mac)) {
		if (!answer_all(hub, &m->address,
				known ? MESSAGE_UNLOCK_OTHER
				      : MESSAGE_UNLOCK_UNKNOWN))
			return;
		unlock->refused++;
		unlock->other = m->address;
		hub->devices_changed = true;
		return;
	}
	if (!unlock->asked_count)
		return;
	verdict = by_its_browser(hub, device);
	if (answer_all(hub, &m->address, verdict) &&
	    verdict != MESSAGE_UNLOCK_UNKNOWN)
		end(hub);
}

void unlock_tick(struct hub *hub)
{
	if (hub->unlock.code[0] &&
	    (hub->tick_ms >= hub->unlock.until_tick_ms || !hub->consent.given))
		end(hub);
}

json_t *unlock_view(const struct hub *hub, const struct home_device *device)
{
	const struct unlock *unlock = &hub->unlock;
	char address[ADDR_TEXT_BYTES];
	json_t *url = json_null();

	if (!unlock->code[0] || !mac_equal(&unlock->mac, &device->mac))
		return json_null();
	if (unlock->port)
		url = json_sprintf(unlock->address.family == 6
					   ? "http://[%s]:%u/%s"
					   : "http://%s:%u/%s",
				   addr_format(&unlock->address, address),
				   unlock->port, unlock->code);
	return json_pack("{s:o,s:b,s:o,s:o}", "url", url, "failed",
			 unlock->failed, "until", view_number(unlock->until_ms),
			 "other", view_home_addr(&unlock->other));
}
