// SPDX-License-Identifier: GPL-3.0-or-later

#include <stdio.h>
#include <string.h>

#include "guard/clock.h"
#include "guard/state.h"

/* What is heard of one device, or pair, starts a new burst at most this often.
 */
#define HEARD_LEAST_MS 150
/* The engine's reports of the paths, due each half second. */
#define REPORT_LATE_MS 5000
/* Between two questions whether a device is there after a sleep. */
#define LOOK_MS 1000
/* The kernel's asking for a device's MAC: when to look, and when to give up. */
#define RESOLVE_LOOK_MS 5
#define RESOLVE_MOST_MS 3000

static const char firewall_reason[] =
	"this computer's firewall drops what it should pass on";
static const char taken_reason[] = "another device has its address";
static const char inspector_reason[] = "another inspector runs on it";

struct arpcast_host hold_gateway(const struct guard *g)
{
	return (struct arpcast_host){ g->lan.gateway, g->gateway_mac };
}

void hold_set_changed(struct guard *g)
{
	capture_filter(g);
	capture_tell_watched(g);
	pairs_look(g);
	g->beacon_ms = 0;
}

void hold_router_changed(struct guard *g, uint64_t now_ms)
{
	for (size_t i = 0; i < g->watch_count; i++) {
		struct watch *w = &g->watches[i];

		if (w->step == STEP_HELD)
			burst_start(&w->burst, burst_firm, now_ms);
		else if (w->step == STEP_RESTORING)
			giveback_begin(g, w, now_ms);
	}
	guard_due(g, now_ms);
}

static bool is_held(const struct watch *w)
{
	return w->step == STEP_HELD || w->six.step == STEP_HELD;
}

static void send_beacon(struct guard *g, const struct mac *devices,
			size_t count, struct buf *frame)
{
	buf_clear(frame);
	if (!peers_format(&g->peers, devices, count, frame) &&
	    !wire_send(&g->beacon, &wire_broadcast, WIRE_TYPE_BEACON,
		       buf_slice(frame)))
		g->counters.beacons_sent++;
}

static void tell_peers(struct guard *g, uint64_t now_ms)
{
	struct mac devices[PEERS_FRAME_DEVICES];
	size_t count = 0;
	struct buf frame;
	bool any = false;

	for (size_t i = 0; i < g->watch_count; i++)
		any = any || is_held(&g->watches[i]);
	if (!any && !g->router_is_peers)
		return;
	if (now_ms < g->beacon_ms) {
		guard_due(g, g->beacon_ms);
		return;
	}
	buf_init(&frame, WIRE_FRAME_MAX);
	/* one that watches this computer is to know, though none is held */
	if (!any)
		send_beacon(g, devices, 0, &frame);
	for (size_t i = 0; any && i < g->watch_count; i++) {
		if (is_held(&g->watches[i]))
			devices[count++] = g->watches[i].mac;
		if (!count ||
		    (count < PEERS_FRAME_DEVICES && i + 1 < g->watch_count))
			continue;
		send_beacon(g, devices, count, &frame);
		count = 0;
	}
	buf_done(&frame);
	g->beacon_ms = now_ms + PEERS_TELL_MS;
}

static void poison(struct guard *g, struct watch *w, uint64_t now_ms)
{
	struct arpcast_host device = { w->address, w->mac };
	struct arpcast_host gateway = hold_gateway(g);

	w->poison_ms = now_ms + POISON_MS;
	if (!mac_is_zero(&w->claimed_by))
		return; /* it may be another's: nobody is told anything */
	if (!arpcast_poison(&g->arp, &device, &gateway)) {
		g->counters.arp_sent += 4;
		g->counters.poisons++;
	}
	w->gateway = g->gateway_mac;
}

/* Gives a device back because of its path. */
static void release(struct guard *g, struct watch *w,
		    enum message_watch_cause cause, const char *reason,
		    uint64_t now_ms)
{
	g->counters.released++;
	retry_put_off(&w->retry, now_ms);
	watch_tell_released(g, w, cause, reason);
	giveback_begin(g, w, now_ms);
	hold_set_changed(g);
}

/* All of a turn that are ready, with one record and one filter. */
static void begin_ready(struct guard *g, struct watch *ready[], size_t count,
			uint64_t now_ms)
{
	size_t held = 0;

	for (size_t i = 0; i < count; i++)
		watch_step(g, ready[i], STEP_HELD, now_ms);
	if (settings_change(g)) {
		for (size_t i = 0; i < count; i++) {
			watch_step(g, ready[i], STEP_IDLE, now_ms);
			retry_put_off(&ready[i]->retry, now_ms);
			watch_tell_released(
				g, ready[i], MESSAGE_CAUSE_PREPARATION,
				"this computer could not be prepared");
		}
		settings_shorten(g);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *problem = settings_problem(g, ready[i]);

		if (problem) {
			watch_step(g, ready[i], STEP_IDLE, now_ms);
			retry_put_off(&ready[i]->retry, now_ms);
			watch_tell_released(g, ready[i],
					    MESSAGE_CAUSE_PREPARATION, problem);
			guard_fault(g, MESSAGE_FAULT_PATH, "", "%s", problem);
		} else {
			ready[held++] = ready[i];
		}
	}
	if (held < count)
		settings_shorten(g);
	if (!held)
		return;
	hold_set_changed(g);
	tell_peers(g, now_ms);
	for (size_t i = 0; i < held; i++) {
		struct watch *w = ready[i];

		path_reset(&w->path);
		w->verdict = PATH_UNKNOWN;
		burst_stop(&w->heard);
		burst_start(&w->burst, burst_firm, now_ms);
		(void)burst_due(&w->burst, now_ms);
		poison(g, w, now_ms);
		watch_tell(g, w, MESSAGE_WATCH_CHECKING, "");
		guard_due(g, burst_next_ms(&w->burst));
	}
}

static const char *obstacle4(const struct guard *g, uint64_t now_ms)
{
	const char *why = hold_obstacle(g, now_ms);

	return why || four_is_here(g) ? why
				      : "this computer has no IPv4 address";
}

const char *hold_obstacle(const struct guard *g, uint64_t now_ms)
{
	if (!g->active || strcmp(g->wanted, g->lan.name) != 0 || g->reopen)
		return "the network interface is not ready";
	if (!g->lan.up)
		return "the network interface is down";
	if (mac_is_zero(&g->gateway_mac))
		return "the router does not answer";
	if (lan_is_fresh(g, now_ms))
		return "it is listened for other inspectors";
	if (lan_router_is_inspector(g, now_ms) ||
	    lan_router_has_rival(g, now_ms))
		return "somebody else answers in the router's place";
	if (g->leftover)
		return "what an earlier run changed is being put back";
	if (!lan_is_heard(g, &g->gateway_mac))
		return "this may be another network: the router is asked";
	if (g->engine < 0)
		return "the reading process is being started";
	/* nobody looks whether the devices' packets get through */
	if (now_ms >= g->reported_ms + REPORT_LATE_MS)
		return "the reading process does not answer";
	if (g->hub < 0 || g->stopping)
		return "stopping";
	if (g->suspend.near)
		return "this computer is about to sleep";
	return NULL;
}

const char *hold_forbidden(const struct guard *g, const struct watch *w)
{
	const struct host *host;

	if (mac_is_group(&w->mac) || mac_is_zero(&w->mac))
		return "this is not a device's address";
	if (w->over_limit)
		return "more devices than may be watched at once";
	if (guard_excludes(g, &w->mac))
		return "this device is excluded";
	if (!g->active)
		return NULL;
	if (mac_equal(&w->mac, &g->gateway_mac) ||
	    mac_equal(&w->mac, &g->six.router_mac))
		return "the router itself cannot be watched";
	if (mac_equal(&w->mac, &g->lan.mac))
		return "this computer itself cannot be watched";
	host = hosts_find(&g->hosts, &w->mac);
	if (host && addr_equal(&host->address, &g->lan.gateway))
		return "the router itself cannot be watched";
	return NULL;
}

/* Of what hold_forbidden() says. */
static enum message_watch_cause cause_forbidden(const struct watch *w)
{
	return w->over_limit ? MESSAGE_CAUSE_LIMIT : MESSAGE_CAUSE_FORBIDDEN;
}

static bool is_address_taken(const struct guard *g, const struct watch *w,
			     const struct addr *address)
{
	for (size_t i = 0; i < g->watch_count; i++)
		if (&g->watches[i] != w && watch_is_changed(&g->watches[i]) &&
		    addr_equal(&g->watches[i].address, address))
			return true;
	return false;
}

/* A device that was there before a sleep is asked whether it still is, until
 * its silence makes it absent. */
static void look_for(struct guard *g, struct watch *w, const struct host *host,
		     uint64_t now_ms)
{
	if (now_ms >= w->poison_ms) {
		lan_probe(g, &host->address);
		w->poison_ms = now_ms + LOOK_MS;
	}
	guard_due(g, w->poison_ms);
}

/* Anyone can forge a beacon: whom it is left to is always said; of its MAC, no
 * more than of any other: a whole one opens a lock. */
static void tell_claim(struct guard *g, struct watch *w,
		       const struct peers_claim *claim)
{
	const struct host *by = hosts_find(&g->hosts, &claim->by);
	const uint8_t *mac = claim->by.b;
	char address[ADDR_TEXT_BYTES];
	char reason[MESSAGE_TEXT_MAX];

	snprintf(reason, sizeof(reason),
		 "another inspector (%s, %02x:%02x:%02x:xx:xx:xx) says that it "
		 "watches it",
		 by ? addr_format(&by->address, address) : "address not known",
		 mac[0], mac[1], mac[2]);
	watch_tell(g, w, MESSAGE_WATCH_PEER, reason);
}

static bool is_left_to_another(struct guard *g, struct watch *w,
			       uint64_t now_ms)
{
	const struct peers_claim *claim =
		peers_claimed(&g->peers, &w->mac, now_ms);

	if (hosts_is_inspector(hosts_find(&g->hosts, &w->mac), now_ms))
		watch_tell(g, w, MESSAGE_WATCH_PEER, inspector_reason);
	else if (claim)
		tell_claim(g, w, claim);
	else
		return false;
	return true;
}

/* A device that is direct and wanted: whether to begin. */
static void turn_idle(struct guard *g, struct watch *w, uint64_t now_ms)
{
	const char *why = hold_forbidden(g, w);
	const struct host *host;

	if (why) {
		watch_tell_released(g, w, cause_forbidden(w), why);
		return;
	}
	if (g->paused) {
		watch_tell(g, w, MESSAGE_WATCH_PAUSED, "");
		return;
	}
	if (retry_is_put_off(&w->retry, now_ms)) {
		if (w->phase == MESSAGE_WATCH_PAUSED)
			watch_tell(g, w, MESSAGE_WATCH_WAITING,
				   "it was given back, and is tried again in "
				   "a while");
		return;
	}
	why = hold_obstacle(g, now_ms);
	if (why) {
		watch_tell(g, w, MESSAGE_WATCH_WAITING, why);
		return;
	}
	host = hosts_find(&g->hosts, &w->mac);
	if (is_left_to_another(g, w, now_ms))
		return;
	if (!four_is_here(g)) {
		watch_tell_as_six(g, w);
		return;
	}
	if (g->firewall.verdict == FIREWALL_DROPS) {
		watch_tell_released(g, w, MESSAGE_CAUSE_FIREWALL,
				    firewall_reason);
		return;
	}
	if (host && host->present && !lan_is_heard(g, &w->mac))
		look_for(g, w, host, now_ms);
	if (!host || !host->present || !lan_is_heard(g, &w->mac) ||
	    !undo_is_host(&g->lan.address, &host->address) ||
	    is_address_taken(g, w, &host->address) ||
	    (!watch_has_moved(g, w) && !mac_is_zero(&w->taken_by))) {
		if (watch6_is_changed(w)) /* it has IPv6 only */
			watch_tell_as_six(g, w);
		else
			watch_tell(g, w, MESSAGE_WATCH_WAITING,
				   "not found on the network");
		return;
	}
	w->retry.refused = false;
	w->address = host->address;
	w->taken_by = w->claimed_by = (struct mac){ { 0 } };
	w->gateway = g->gateway_mac;
	watch_step(g, w, STEP_RESOLVING, now_ms);
	(void)!net_resolve(&g->net, g->lan.index, &w->address);
}

/* Whether the kernel knows the device's MAC, and it is the one wanted. */
static bool turn_resolving(struct guard *g, struct watch *w, uint64_t now_ms)
{
	struct mac mac;
	int err;

	if (!w->wanted || obstacle4(g, now_ms) || g->paused ||
	    hold_forbidden(g, w) || is_left_to_another(g, w, now_ms)) {
		watch_step(g, w, STEP_IDLE, now_ms);
		return false;
	}
	err = net_neighbour(&g->net, g->lan.index, &w->address, &mac);
	if (!err && mac_equal(&mac, &w->mac))
		return true;
	if (now_ms - w->step_ms < RESOLVE_MOST_MS) {
		guard_due(g, now_ms + RESOLVE_LOOK_MS);
		return false;
	}
	watch_step(g, w, STEP_IDLE, now_ms);
	watch_tell(g, w, MESSAGE_WATCH_WAITING,
		   err ? "it does not answer" : taken_reason);
	retry_put_off(&w->retry, now_ms);
	return false;
}

static void tell_why_not_held(struct guard *g, struct watch *w, uint64_t now_ms)
{
	const char *why = hold_forbidden(g, w);

	if (!w->wanted)
		watch_tell(g, w, MESSAGE_WATCH_RESTORING, "");
	else if (why)
		watch_tell_released(g, w, cause_forbidden(w), why);
	else if (g->paused)
		watch_tell(g, w, MESSAGE_WATCH_PAUSED, "");
	else if (g->firewall.verdict == FIREWALL_DROPS)
		watch_tell_released(g, w, MESSAGE_CAUSE_FIREWALL,
				    firewall_reason);
	else
		watch_tell(g, w, MESSAGE_WATCH_WAITING,
			   obstacle4(g, now_ms) ? obstacle4(g, now_ms)
			   : watch_has_moved(g, w)
				   ? "its address changed"
				   : "not found on the network");
}

static void turn_held(struct guard *g, struct watch *w, uint64_t now_ms)
{
	const struct peers_claim *other =
		peers_claimed(&g->peers, &w->mac, now_ms);

	if (!w->wanted || g->paused || obstacle4(g, now_ms) ||
	    hold_forbidden(g, w) || watch_has_moved(g, w) ||
	    !watch_is_here(g, w) || g->firewall.verdict == FIREWALL_DROPS) {
		tell_why_not_held(g, w, now_ms);
		giveback_begin(g, w, now_ms);
		hold_set_changed(g);
		return;
	}
	if (other && other->instance < g->peers.instance) {
		tell_claim(g, w, other);
		giveback_begin(g, w, now_ms);
		hold_set_changed(g);
		return;
	}
	if (!mac_is_zero(&w->taken_by)) {
		watch_tell(g, w, MESSAGE_WATCH_WAITING, taken_reason);
		retry_put_off(&w->retry, now_ms);
		giveback_begin(g, w, now_ms);
		hold_set_changed(g);
		return;
	}
	if (hosts_is_inspector(hosts_find(&g->hosts, &w->mac), now_ms)) {
		watch_tell(g, w, MESSAGE_WATCH_PEER, inspector_reason);
		giveback_begin(g, w, now_ms);
		hold_set_changed(g);
		return;
	}
	if (hold_is_due(g, &w->burst, &w->heard, w->poison_ms, now_ms))
		poison(g, w, now_ms);
	guard_due(g, w->poison_ms);
}

static bool turn_one(struct guard *g, struct watch *w, uint64_t now_ms)
{
	switch (w->step) {
	case STEP_IDLE:
		if (w->wanted)
			turn_idle(g, w, now_ms);
		return w->step == STEP_RESOLVING &&
		       turn_resolving(g, w, now_ms);
	case STEP_RESOLVING:
		return turn_resolving(g, w, now_ms);
	case STEP_HELD:
		watch_claim_turn(g, w, now_ms);
		turn_held(g, w, now_ms);
		return false;
	case STEP_RESTORING:
		watch_claim_turn(g, w, now_ms);
		giveback_turn(g, w, now_ms);
		return false;
	}
	return false;
}

static void insist_turn(struct guard *g, uint64_t now_ms)
{
	for (size_t i = 0; i < g->watch_count; i++)
		watch_insist_turn(g, &g->watches[i], now_ms);
	if (insist_is_over(&g->insist, now_ms))
		guard_fault_over(g, MESSAGE_FAULT_ROUTER);
}

void hold_turn(struct guard *g, uint64_t now_ms)
{
	struct watch *ready[WATCHES_MAX];
	size_t count = 0;

	insist_turn(g, now_ms);
	hold6_turn(g, now_ms);
	for (size_t i = 0; i < g->watch_count; i++)
		if (turn_one(g, &g->watches[i], now_ms))
			ready[count++] = &g->watches[i];
	if (count)
		begin_ready(g, ready, count, now_ms);
	tell_peers(g, now_ms);
	pairs_turn(g, now_ms);
	settings_put_back(g);
	watches_forget(g);
}

static void answer(struct guard *g, const struct arp *arp)
{
	struct arpcast_host asker = { arp->sender_ip, arp->sender_mac };

	if (!arpcast_answer(&g->arp, &asker, &arp->target_ip))
		g->counters.arp_sent++;
}

bool hold_is_due(struct guard *g, struct burst *burst, struct burst *heard,
		 uint64_t poison_ms, uint64_t now_ms)
{
	bool due = burst_due(burst, now_ms);

	if (burst_due(heard, now_ms)) {
		g->counters.repoisons++;
		due = true;
	}
	guard_due(g, burst_first_ms(burst, heard));
	return due || now_ms >= poison_ms;
}

void hold_say_again(struct guard *g, struct burst *heard, uint64_t *heard_ms,
		    uint64_t now_ms)
{
	if (now_ms - *heard_ms < HEARD_LEAST_MS) {
		g->counters.rate_limited++;
		return;
	}
	*heard_ms = now_ms;
	burst_start(heard, burst_heard, now_ms);
	guard_due(g, now_ms);
}

void hold_router_insists(struct guard *g, uint64_t now_ms)
{
	if (!watches_any(g) || !insist_heard(&g->insist, now_ms))
		return;
	guard_fault(g, MESSAGE_FAULT_ROUTER, "",
		    "the router tells every device where it is, %d times a "
		    "minute or more: each time they are told otherwise at "
		    "once, but a packet in between is not seen",
		    INSIST_TIMES);
}

void hold_heard(struct guard *g, const struct wire_frame *frame,
		const struct arp *arp, uint64_t now_ms)
{
	bool to_us = mac_equal(&frame->destination, &g->lan.mac);
	bool from_gateway = mac_equal(&arp->sender_mac, &g->gateway_mac);
	const struct addr *gateway = &g->lan.gateway;

	pairs_heard(g, frame, arp, now_ms);
	if (from_gateway && !to_us && addr_equal(&arp->target_ip, gateway))
		hold_router_insists(g, now_ms);
	for (size_t i = 0; i < g->watch_count; i++) {
		struct watch *w = &g->watches[i];
		bool from_device = mac_equal(&arp->sender_mac, &w->mac) &&
				   addr_equal(&arp->sender_ip, &w->address);
		bool asks = addr_equal(&arp->target_ip,
				       from_device ? gateway : &w->address);
		bool announces = addr_equal(&arp->target_ip, &arp->sender_ip);

		if (w->step != STEP_HELD || !(from_device || from_gateway))
			continue;
		if (to_us && arp->op == ARP_OP_REQUEST && asks)
			answer(g, arp);
		else if (!to_us && (from_device || asks || announces))
			hold_say_again(g, &w->heard, &w->heard_ms, now_ms);
		if (from_device && !to_us && announces)
			watch_insists(g, w, now_ms);
	}
}

enum message_watch_cause hold_cause(enum path_verdict path,
				    enum firewall_verdict firewall)
{
	if (path == PATH_UNANSWERED_OUT)
		return MESSAGE_CAUSE_UNANSWERED;
	return firewall == FIREWALL_OPEN ? MESSAGE_CAUSE_LOST_HERE
					 : MESSAGE_CAUSE_FIREWALL;
}

static void report_bad(struct guard *g, struct watch *w,
		       enum path_verdict verdict, uint64_t now_ms)
{
	const char *text = path_verdict_text(verdict);
	bool ours = verdict == PATH_BLACK_OUT || verdict == PATH_BLACK_IN ||
		    verdict == PATH_LOSSY;

	if (ours && g->firewall.verdict != FIREWALL_OPEN)
		guard_fault(g, MESSAGE_FAULT_FIREWALL, g->firewall.remedy,
			    "%s on this computer drops what it should pass "
			    "on: the devices were given back",
			    g->firewall.who);
	else
		guard_fault(g, MESSAGE_FAULT_PATH, "",
			    "a device was given back: %s", text);
	release(g, w, hold_cause(verdict, g->firewall.verdict), text, now_ms);
	/* as long as the rules are the same, to try again does harm again */
	if (ours && g->firewall.verdict != FIREWALL_OPEN)
		w->retry.at_ms = UINT64_MAX;
}

void hold_report(struct guard *g, const struct message_forwarded *f)
{
	uint64_t now_ms = clock_ms();
	/* what the kernel passes on to another than the one that is known is
	 * not counted as passed on, and not lost */
	bool doubt = lan_router_is_asked(g, now_ms) || heir_waits(&g->six.heir);

	for (uint32_t i = 0; i < f->count; i++) {
		struct watch *w = watches_find(g, &f->paths[i].mac);
		enum path_verdict verdict;

		if (w && doubt) {
			path_reset(&w->path);
			path_reset(&w->six.path);
			continue;
		}
		if (w)
			hold6_report(g, w, &f->paths[i], now_ms);
		if (!w || w->step != STEP_HELD)
			continue;
		path_report(&w->path, &f->paths[i].v4);
		verdict = w->verdict = path_judge(&w->path);
		if (verdict == PATH_GOOD) {
			w->retry.times = 0;
			watch_tell(g, w, MESSAGE_WATCH_ACTIVE, "");
			guard_fault_over(g, MESSAGE_FAULT_PATH);
			guard_fault_over(g, MESSAGE_FAULT_FIREWALL);
		} else if (verdict == PATH_UNSENT) {
			if (w->phase == MESSAGE_WATCH_CHECKING)
				watch_tell(g, w, MESSAGE_WATCH_CHECKING,
					   path_verdict_text(verdict));
		} else if (verdict != PATH_UNKNOWN) {
			report_bad(g, w, verdict, now_ms);
		}
	}
}
