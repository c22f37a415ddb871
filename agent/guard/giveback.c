// SPDX-License-Identifier: GPL-3.0-or-later

#include <linux/if_ether.h>

#include "guard/state.h"

/* After a restore's last frame: what is on its way, then what still comes. */
#define RESTORE_SETTLE_MS 60
#define RESTORE_LISTEN_MS 160
/* A device that still sends to us after so long is left to itself. */
#define RESTORE_MOST_MS 10000
/* Between two looks whether the interface is back. */
#define LINK_LOOK_MS 2000
/* The other inspector has it: packets on their way are still forwarded. */
#define YIELD_MS 5000
/* Headers read at once of what still goes through us. */
#define THROUGH_AT_ONCE 4096

void giveback_begin(struct guard *g, struct watch *w, uint64_t now_ms)
{
	watch_step(g, w, STEP_RESTORING, now_ms);
	burst_stop(&w->heard);
	burst_start(&w->burst, burst_firm, now_ms);
	w->leaks = false;
	w->listening = false;
}

static int open_through(struct guard *g)
{
	struct wire wire;

	if (g->through >= 0)
		return 0;
	if (wire_open(g->lan.index, &g->lan.mac, ETH_P_IP, &wire))
		return ERR_IO;
	g->through = wire.socket;
	return 0;
}

/* Marks those whose packets still come to us, by the Ethernet source. What
 * the router still sends by us is for one of them: all are marked. */
static void read_through(struct guard *g)
{
	uint8_t buffer[WIRE_FRAME_MAX];
	struct wire wire = { .socket = g->through };
	struct wire_frame frame;

	for (int n = 0; g->through >= 0 && n < THROUGH_AT_ONCE; n++) {
		if (wire_receive(&wire, buffer, &frame))
			return;
		for (size_t i = 0; i < g->watch_count; i++)
			if (mac_equal(&frame.source, &g->watches[i].mac) ||
			    mac_equal(&frame.source, &g->gateway_mac))
				g->watches[i].leaks = true;
	}
}

static void listen_through(struct guard *g, struct watch *w)
{
	struct filter_device devices[MESSAGE_WATCH_MAX];
	struct filter_spec spec = capture_spec(
		g, devices, capture_devices(g, STEP_RESTORING, devices));
	static struct filter filter;

	w->listening = true;
	if (open_through(g) || filter_through_us(&spec, &filter) ||
	    capture_attach(g->through, &filter))
		return;	 /* it is restored all the same, unverified */
	read_through(g); /* what came until now does not count */
	for (size_t i = 0; i < g->watch_count; i++)
		g->watches[i].leaks = false;
}

static void end_restore(struct guard *g, struct watch *w, uint64_t now_ms)
{
	g->counters.restores++;
	watch_step(g, w, STEP_IDLE, now_ms);
	if (!w->wanted)
		watch_tell(g, w, MESSAGE_WATCH_RESTORED, "");
	settings_shorten(g);
}

void giveback_turn(struct guard *g, struct watch *w, uint64_t now_ms)
{
	struct arpcast_host device = { w->address, w->mac };
	struct arpcast_host gateway = hold_gateway(g);
	uint64_t last_ms = w->burst.start_ms + BURST_FIRM_MS;

	if (g->gone || (!g->linked && g->stopping)) {
		end_restore(g, w, now_ms);
		return;
	}
	if (!g->linked) { /* again when it is back */
		burst_start(&w->burst, burst_firm, now_ms + LINK_LOOK_MS);
		w->step_ms = now_ms;
		return;
	}
	if (burst_due(&w->burst, now_ms) &&
	    !arpcast_restore(&g->arp, &device, &gateway))
		g->counters.arp_sent += 4;
	guard_due(g, burst_next_ms(&w->burst));
	if (burst_next_ms(&w->burst) != UINT64_MAX)
		return;
	if (now_ms < last_ms + RESTORE_SETTLE_MS) {
		guard_due(g, last_ms + RESTORE_SETTLE_MS);
		return;
	}
	if (!w->listening)
		listen_through(g, w);
	if (now_ms < last_ms + RESTORE_SETTLE_MS + RESTORE_LISTEN_MS) {
		guard_due(g, last_ms + RESTORE_SETTLE_MS + RESTORE_LISTEN_MS);
		return;
	}
	read_through(g);
	if (!w->leaks || now_ms - w->step_ms >= RESTORE_MOST_MS) {
		end_restore(g, w, now_ms);
		return;
	}
	w->listening = false;
	burst_start(&w->burst, burst_firm, now_ms);
	guard_due(g, now_ms);
}

void giveback_yield(struct guard *g, struct watch *w, uint64_t now_ms)
{
	if (now_ms - w->step_ms < YIELD_MS) {
		guard_due(g, w->step_ms + YIELD_MS);
		return;
	}
	if (!peers_claimed(&g->peers, &w->mac, now_ms)) {
		/* it went, perhaps without restoring, or never was */
		if (!w->wanted)
			watch_tell(g, w, MESSAGE_WATCH_RESTORING, "");
		giveback_begin(g, w, now_ms);
		return;
	}
	watch_step(g, w, STEP_IDLE, now_ms);
	settings_shorten(g);
}
