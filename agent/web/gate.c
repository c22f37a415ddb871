// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/gate.h"

#include <string.h>

/* A prefix of IPv6 that is one link's. */
#define LINK_BYTES6 8

#define IN(state) (1u << GATE_##state)

/* What is let through in which states, and what else it needs. */
static const struct {
	unsigned int states;
	bool consent, watched;
} rules[GATES] = {
	[GATE_ADDRESS] = { IN(EXCLUDED) | IN(LOCKED) | IN(IDENTIFYING) |
				   IN(OPEN),
			   false, false },
	/* the user's own, also after a withdrawal */
	[GATE_NAMES] = { IN(IDENTIFYING) | IN(OPEN), false, false },
	[GATE_HISTORY] = { IN(OPEN), false, false },
	[GATE_ANNOUNCEMENTS] = { IN(IDENTIFYING) | IN(OPEN), true, false },
	[GATE_STORE] = { IN(OPEN), true, false },
	[GATE_WATCH] = { IN(IDENTIFYING) | IN(OPEN), true, true },
	[GATE_TRAFFIC] = { IN(OPEN), true, true },
	[GATE_SHARE] = { IN(OPEN), true, false },
};

enum gate_state gate_state(const struct home_device *device)
{
	if (device->excluded)
		return GATE_EXCLUDED;
	switch (device->lock) {
	case HOME_LEFT_ALONE:
		return GATE_EXCLUDED;
	case HOME_LOCKED_COMPUTER:
	case HOME_LOCKED_OWNER:
		return GATE_LOCKED;
	case HOME_OPEN_THING:
	case HOME_OPEN_OWNER:
	case HOME_OPEN_UNLOCKED:
		return GATE_OPEN;
	case HOME_IDENTIFYING:
		break;
	}
	/* the router is nobody's computer, and is never watched */
	return device->gateway ? GATE_OPEN : GATE_IDENTIFYING;
}

const char *gate_state_name(enum gate_state state)
{
	static const char *const names[GATE_STATES] = {
		[GATE_EXCLUDED] = "excluded",
		[GATE_LOCKED] = "locked",
		[GATE_IDENTIFYING] = "identifying",
		[GATE_OPEN] = "open",
	};

	return names[state];
}

bool gate_lets(const struct home_device *device, bool consent, enum gate what)
{
	return (rules[what].states & 1u << gate_state(device)) &&
	       (consent || !rules[what].consent) &&
	       (device->watched || !rules[what].watched);
}

static bool has_address(const struct home_device *device,
			const struct addr *addr)
{
	for (size_t i = 0; i < device->addr_count; i++)
		if (addr_equal(&device->addrs[i], addr))
			return true;
	return addr_equal(&device->address, addr);
}

/* In the prefix of a device's address: it is the link's, of IPv6 (RFC 4291
 * 2.5.1), so that it is somebody's of the home, known or not. */
static bool is_near(const struct home_device *device, const struct addr *addr)
{
	for (size_t i = 0; addr->family == 6 && i < device->addr_count; i++)
		if (device->addrs[i].family == 6 &&
		    !memcmp(device->addrs[i].b, addr->b, LINK_BYTES6))
			return true;
	return false;
}

bool gate_names_at(const struct home *home, const struct addr *addr)
{
	const struct home_device *device;
	bool known = false, near = addr_is_private(addr);
	uint32_t at = 0;

	while ((device = home_next(home, &at))) {
		near = near || is_near(device, addr);
		if (!has_address(device, addr))
			continue;
		if (!gate_lets(device, true, GATE_NAMES))
			return false;
		known = true;
	}
	return known || !near;
}

bool gate_closed_at(const struct home *home, const struct addr *addr)
{
	const struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(home, &at)))
		if (device->present && has_address(device, addr) &&
		    !gate_lets(device, true, GATE_ANNOUNCEMENTS))
			return true;
	return false;
}

struct home_device *gate_awaited_at(const struct home *home,
				    const struct addr *addr)
{
	struct home_device *device, *awaited = NULL;
	uint32_t at = 0;

	while ((device = home_next(home, &at))) {
		if (!has_address(device, addr))
			continue;
		if (gate_state(device) == GATE_IDENTIFYING)
			awaited = device;
		else if (gate_state(device) == GATE_OPEN && device->present)
			return NULL;
	}
	return awaited;
}

bool gate_is_closed(const struct home_device *device)
{
	return !gate_lets(device, true, GATE_ANNOUNCEMENTS);
}

bool gate_hides_at(const struct home *home, const struct addr *addr)
{
	const struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(home, &at)))
		if (gate_is_closed(device) && has_address(device, addr))
			return true;
	return false;
}

void gate_strip(struct record_window *window)
{
	/* what is new in a window is left out until it is named here */
	*window = (struct record_window){
		.start_ns = window->start_ns,
		.device = window->device,
		.is_gateway = window->is_gateway,
		.addrs = window->addrs,
		.addr_count = window->addr_count,
		.clues = window->clues,
		.clue_count = window->clue_count,
	};
}

bool gate_watched_in(const struct home_device *device, bool consent,
		     const struct record_window *window)
{
	return gate_lets(device, consent, GATE_WATCH) ||
	       window->start_ns / 1000000 < device->watch_ended_ms;
}

bool gate_window(const struct home_device *device, bool consent,
		 struct record_window *window)
{
	if (!gate_lets(device, consent, GATE_ANNOUNCEMENTS))
		return false;
	if (!gate_watched_in(device, consent, window))
		gate_strip(window);
	return true;
}
