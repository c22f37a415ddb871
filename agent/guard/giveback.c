// SPDX-License-Identifier: GPL-3.0-or-later

#include <linux/if_ether.h>
#include <string.h>

#include "guard/clock.h"
#include "guard/restore.h"
#include "guard/state.h"

/* After a sleep: how long it is looked for who of the network is there. */
#define LOOK_MOST_MS 5000
#define LOOK_MS	     300
/* Another inspector in the router's place, which hears that we are one, lets go
 * of us within this time. */
#define TRUTH_MOST_MS HOSTS_BEACON_MS
#define TRUTH_LOOK_MS 50
/* A record of an earlier run is tried again, and given up. */
#define LEFTOVER_AGAIN_MS 5000
#define LEFTOVER_MOST_MS  AWAY_MOST_MS

void giveback_begin(struct guard *g, struct watch *w, uint64_t now_ms)
{
	watch_step(g, w, STEP_RESTORING, now_ms);
	burst_stop(&w->heard);
	burst_start(&w->burst, g->suspend.near ? burst_hasty : burst_firm,
		    now_ms);
	w->leaks = false;
	w->listening = false;
	w->poison_ms = now_ms;
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
	if (!w->wanted && !watch6_is_changed(w))
		watch_tell(g, w, MESSAGE_WATCH_RESTORED, "");
	settings_shorten(g);
}

/* Nothing can be sent. False when there is no more to wait for. */
static bool wait_for_link(struct guard *g, struct watch *w, uint64_t now_ms)
{
	if (g->gone || now_ms - g->unlinked_ms >= AWAY_MOST_MS)
		return false;
	if (g->stopping) /* the record stays, for a later run */
		g->failed = true;
	burst_start(&w->burst, burst_firm, now_ms + LINK_LOOK_MS);
	w->step_ms = now_ms;
	return true;
}

/* Asks who is there. False when nobody answered for long enough. */
static bool look_around(struct guard *g, struct watch *w, uint64_t now_ms)
{
	uint64_t since_ms = w->step_ms > g->woke_ms ? w->step_ms : g->woke_ms;

	if (now_ms - since_ms >= LOOK_MOST_MS)
		return false;
	if (now_ms >= w->poison_ms) {
		lan_probe(g, &w->address);
		w->poison_ms = now_ms + LOOK_MS;
	}
	guard_due(g, w->poison_ms);
	burst_start(&w->burst, burst_firm, now_ms);
	return true;
}

/* Another inspector, which speaks for the router to us, is taken for it, or it
 * may have been replaced: the device is not sent there, but passed on for,
 * until the router is known. */
static bool wait_for_truth(struct guard *g, struct watch *w, uint64_t now_ms)
{
	burst_start(&w->burst, burst_firm, now_ms + TRUTH_LOOK_MS);
	guard_due(g, now_ms + TRUTH_LOOK_MS);
	return false;
}

/* Whether the device can be told now; else it is waited for, or left. */
static bool can_restore(struct guard *g, struct watch *w, uint64_t now_ms)
{
	bool wait;

	if (g->gone || !g->linked)
		wait = wait_for_link(g, w, now_ms);
	else if (!watch_is_here(g, w))
		wait = look_around(g, w, now_ms);
	else if ((lan_router_is_inspector(g, now_ms) ||
		  lan_router_is_asked(g, now_ms)) &&
		 now_ms - w->step_ms < TRUTH_MOST_MS)
		return wait_for_truth(g, w, now_ms);
	else
		return true;
	if (!wait)
		end_restore(g, w, now_ms);
	return false;
}

void giveback_tell(struct guard *g, const struct watch *w,
		   const struct arpcast_host *other)
{
	struct arpcast_host device = { w->address, w->mac };
	struct arpcast_host holder = { w->address, w->taken_by };
	bool taken = !mac_is_zero(&w->taken_by);

	if (!arpcast_restore(&g->arp, taken ? &holder : &device, other))
		g->counters.arp_sent += 4;
	if (taken &&
	    !arpcast_inform(&g->arp, &device, &other->address, &other->mac))
		g->counters.arp_sent++;
}

void giveback_turn(struct guard *g, struct watch *w, uint64_t now_ms)
{
	const struct arpcast_host gateway = hold_gateway(g);
	uint64_t last_ms;

	if (!can_restore(g, w, now_ms))
		return;
	last_ms = burst_last_ms(&w->burst);
	if (burst_due(&w->burst, now_ms))
		giveback_tell(g, w, &gateway);
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
	if (pairs_have(g, &w->mac, false))
		return;
	read_through(g);
	if (!w->leaks || now_ms - w->step_ms >= RESTORE_MOST_MS) {
		end_restore(g, w, now_ms);
		return;
	}
	w->listening = false;
	burst_start(&w->burst, burst_firm, now_ms);
	guard_due(g, now_ms);
}

/* On this network there is nobody of that one; or it was waited for. */
static bool is_given_up(const struct guard *g, enum undo_file file,
			uint64_t now_ms)
{
	return now_ms >= g->leftover_until_ms ||
	       restore_is_of_another(g->config->run_dir, file,
				     g->active && g->lan.up ? g->lan.name
							    : NULL);
}

/* Nothing waits here for an answer: devices may be watched meanwhile. */
static int restore_six(struct guard *g)
{
	static struct undo undo;
	struct mac mac;

	if (g->active && !undo_read(g->config->run_dir, UNDO_SIX, &undo) &&
	    !strcmp(undo.interface, g->lan.name) && undo.device6_count &&
	    !sysctl6_is_off(g->lan.name) &&
	    net_answered(&g->net, g->lan.index, &undo.routers6[0].address,
			 &mac)) {
		(void)!net_check(&g->net, g->lan.index,
				 &undo.routers6[0].address);
		return RESTORE_LATER;
	}
	return restore_one(g->config->run_dir, UNDO_SIX);
}

static int restore_file(struct guard *g, enum undo_file file, uint64_t now_ms)
{
	int err = file == UNDO_SIX ? restore_six(g)
				   : restore_one(g->config->run_dir, file);

	if (err == RESTORE_LATER && undo_is_there(g->config->run_dir, file) &&
	    is_given_up(g, file, now_ms))
		err = restore_give_up(g->config->run_dir, file);
	return err;
}

void giveback_leftover(struct guard *g, uint64_t now_ms)
{
	const char *remedy = "sudo iot-inspector restore";
	enum undo_file file = g->leftover ? UNDO_WHOLE : UNDO_SIX;
	int err;

	if ((!g->leftover && !g->leftover6) || (g->leftover && g->changed) ||
	    now_ms < g->leftover_ms)
		return;
	if (!g->leftover_until_ms)
		g->leftover_until_ms = now_ms + LEFTOVER_MOST_MS;
	err = restore_file(g, file, now_ms);
	if (err == RESTORE_LATER)
		guard_fault(g, MESSAGE_FAULT_SYSTEM, remedy,
			    "what an earlier run changed cannot be put back "
			    "yet: its router does not answer");
	else if (err < 0 && err != ERR_NOTFOUND && err != ERR_MALFORMED)
		guard_fault(g, MESSAGE_FAULT_SYSTEM, remedy,
			    "could not put back what an earlier run changed: "
			    "%s",
			    err_text(err));
	if (file == UNDO_WHOLE &&
	    !undo_is_there(g->config->run_dir, UNDO_WHOLE))
		g->leftover_until_ms = 0; /* the other has its own time */
	g->leftover =
		undo_is_there(g->config->run_dir, UNDO_WHOLE) && !g->changed;
	g->leftover6 = undo_is_there(g->config->run_dir, UNDO_SIX);
	if (!g->leftover && !g->leftover6) {
		guard_fault_over(g, MESSAGE_FAULT_SYSTEM);
		guard_look_for_bad_record(g);
		g->leftover_until_ms = 0;
	}
	/* it took its time */
	g->leftover_ms = clock_ms() + LEFTOVER_AGAIN_MS;
}
