// SPDX-License-Identifier: GPL-3.0-or-later

#include <linux/if_ether.h>

#include "guard/clock.h"
#include "guard/state.h"
#include "guard/way.h"

/* After a sleep: how long it is looked for whether the router is there. */
#define LOOK_MOST_MS 5000
#define LOOK_MS	     300
/* Who is the router is undecided: looked at so often, and waited for. */
#define ASKED_LOOK_MS 50
#define ASKED_MOST_MS 5000

void giveback6_begin(struct guard *g, struct watch *w, uint64_t now_ms)
{
	w->six.step = STEP_RESTORING;
	w->six.step_ms = now_ms;
	guard_due(g, now_ms);
	burst_stop(&w->six.heard);
	/* to be over before a sleep: the network may go at any moment */
	burst_start(&w->six.burst, g->suspend.near ? burst_hasty : burst_firm6,
		    now_ms);
	w->six.leaks = false;
	w->six.listening = false;
	w->six.poison_ms = now_ms;
}

static void say(struct guard *g, const struct watch *w)
{
	const struct six *six = &g->six;
	const struct ndpcast_host device = { w->six.addresses[0], w->mac };
	const struct ndpcast_host router = { six->router[0], six->router_mac };

	for (size_t i = 0; i < w->six.count; i++)
		if (!ndpcast_tell(&six->wire, &router, &w->six.addresses[i],
				  &w->mac, false))
			g->counters.ndp_sent += 2;
	for (size_t i = 0; w->six.count && i < six->router_addresses; i++)
		if (!ndpcast_tell(&six->wire, &device, &six->router[i],
				  &six->router_mac, true))
			g->counters.ndp_sent += 2;
}

static int open_through(struct guard *g)
{
	struct wire wire;

	if (g->six.through >= 0)
		return 0;
	if (wire_open(g->lan.index, &g->lan.mac, ETH_P_IPV6, &wire))
		return ERR_IO;
	g->six.through = wire.socket;
	return 0;
}

/* As for IPv4: what the router still sends by us is for one of them. */
static void read_through(struct guard *g)
{
	uint8_t buffer[WIRE_FRAME_MAX];
	struct wire wire = { .socket = g->six.through };
	struct wire_frame frame;

	for (int n = 0; g->six.through >= 0 && n < THROUGH_AT_ONCE; n++) {
		if (wire_receive(&wire, buffer, &frame))
			return;
		for (size_t i = 0; i < g->watch_count; i++)
			if (mac_equal(&frame.source, &g->watches[i].mac) ||
			    mac_equal(&frame.source, &g->six.router_mac))
				g->watches[i].six.leaks = true;
	}
}

static void listen_through(struct guard *g, struct watch *w)
{
	struct filter_device devices[MESSAGE_WATCH_MAX];
	static struct addr addresses[FILTER_SIX_MAX];
	static struct filter filter;
	struct filter_spec spec;
	size_t count = 0;

	for (size_t i = 0; i < g->watch_count && count < MESSAGE_WATCH_MAX; i++)
		if (g->watches[i].six.step == STEP_RESTORING)
			devices[count++] = (struct filter_device){
				.mac = g->watches[i].mac
			};
	spec = capture_spec(g, devices, count);
	spec.six = addresses;
	spec.six_count = capture_addresses6(g, STEP_RESTORING, addresses);
	w->six.listening = true;
	if (open_through(g) || filter_through_us6(&spec, &filter) ||
	    capture_attach(g->six.through, &filter))
		return;	 /* it is restored all the same, unverified */
	read_through(g); /* what came until now does not count */
	for (size_t i = 0; i < g->watch_count; i++)
		g->watches[i].six.leaks = false;
}

static void end(struct guard *g, struct watch *w, uint64_t now_ms)
{
	for (size_t i = 0; i < w->six.count; i++)
		(void)!way6_remove(&g->net, &w->six.addresses[i]);
	w->six.count = 0;
	w->six.step = STEP_IDLE;
	w->six.step_ms = now_ms;
	g->counters.restores++;
	guard_due(g, now_ms);
	settings_shorten(g);
}

/* Nothing can be sent. False when there is no more to wait for. */
static bool wait_for_link(struct guard *g, struct watch *w, uint64_t now_ms)
{
	if (g->gone || now_ms - g->unlinked_ms >= AWAY_MOST_MS)
		return false;
	if (g->stopping) /* the record stays, for a later run */
		g->failed = true;
	burst_start(&w->six.burst, burst_firm6, now_ms + LINK_LOOK_MS);
	w->six.step_ms = now_ms;
	return true;
}

/* Asks whether the router is the one that was. False when nobody answered for
 * long enough. */
static bool look_around(struct guard *g, struct watch *w, uint64_t now_ms)
{
	uint64_t since_ms =
		w->six.step_ms > g->woke_ms ? w->six.step_ms : g->woke_ms;

	if (now_ms - since_ms >= LOOK_MOST_MS)
		return false;
	if (now_ms >= w->six.poison_ms) {
		if (!ndpcast_ask(&g->six.wire, &g->six.own_link,
				 &g->six.router[0], &g->six.router_mac))
			g->counters.ndp_sent++;
		w->six.poison_ms = now_ms + LOOK_MS;
	}
	guard_due(g, w->six.poison_ms);
	burst_start(&w->six.burst, burst_firm6, now_ms);
	return true;
}

/* Who may have been replaced is nobody that a device is sent to: it is passed
 * on for until it is known. */
static bool wait_for_router(struct guard *g, struct watch *w, uint64_t now_ms)
{
	burst_start(&w->six.burst, burst_firm6, now_ms + ASKED_LOOK_MS);
	guard_due(g, now_ms + ASKED_LOOK_MS);
	return false;
}

/* Whether the device can be told now; else it is waited for, or left. */
static bool can_restore(struct guard *g, struct watch *w, uint64_t now_ms)
{
	bool wait;

	if (g->gone || !g->linked)
		wait = wait_for_link(g, w, now_ms);
	else if (!watch6_is_here(g, w))
		wait = look_around(g, w, now_ms);
	else if (router6_is_asked(g, now_ms) &&
		 now_ms - w->six.step_ms < ASKED_MOST_MS)
		return wait_for_router(g, w, now_ms);
	else
		return true;
	if (!wait)
		end(g, w, now_ms);
	return false;
}

void giveback6_turn(struct guard *g, struct watch *w, uint64_t now_ms)
{
	uint64_t last_ms;

	if (!can_restore(g, w, now_ms))
		return;
	last_ms = burst_last_ms(&w->six.burst);
	if (burst_due(&w->six.burst, now_ms))
		say(g, w);
	guard_due(g, burst_next_ms(&w->six.burst));
	if (burst_next_ms(&w->six.burst) != UINT64_MAX)
		return;
	if (now_ms < last_ms + RESTORE_SETTLE_MS) {
		guard_due(g, last_ms + RESTORE_SETTLE_MS);
		return;
	}
	if (!w->six.listening)
		listen_through(g, w);
	if (now_ms < last_ms + RESTORE_SETTLE_MS + RESTORE_LISTEN_MS) {
		guard_due(g, last_ms + RESTORE_SETTLE_MS + RESTORE_LISTEN_MS);
		return;
	}
	if (pairs_have(g, &w->mac, true))
		return;
	read_through(g);
	if (!w->six.leaks || now_ms - w->six.step_ms >= RESTORE_MOST_MS) {
		end(g, w, now_ms);
		return;
	}
	w->six.listening = false;
	burst_start(&w->six.burst, burst_firm6, now_ms);
	guard_due(g, now_ms);
}
