// SPDX-License-Identifier: GPL-3.0-or-later

#include <string.h>

#include "guard/clock.h"
#include "guard/state.h"
#include "guard/way.h"

static const char no_room[] =
	"more IPv6 addresses than the kernel's filter has room for";

bool watch6_is_changed(const struct watch *w)
{
	return w->six.step == STEP_HELD || w->six.step == STEP_RESTORING;
}

static void set_step(struct guard *g, struct watch *w, enum step step,
		     uint64_t now_ms)
{
	w->six.step = step;
	w->six.step_ms = now_ms;
	guard_due(g, now_ms);
}

static void poison(struct guard *g, struct watch *w, uint64_t now_ms)
{
	const struct six *six = &g->six;
	const struct ndpcast_host device = { w->six.addresses[0], w->mac };
	const struct ndpcast_host router = { six->router[0], six->router_mac };

	for (size_t i = 0; i < w->six.count; i++)
		if (!ndpcast_tell(&six->wire, &router, &w->six.addresses[i],
				  &g->lan.mac, false))
			g->counters.ndp_sent += 2;
	for (size_t i = 0; i < six->router_addresses; i++)
		if (!ndpcast_tell(&six->wire, &device, &six->router[i],
				  &g->lan.mac, true))
			g->counters.ndp_sent += 2;
	g->counters.poisons++;
	w->six.poison_ms = now_ms + POISON_MS;
}

bool watch6_has(const struct watch *w, const struct addr *address)
{
	for (size_t i = 0; i < w->six.count; i++)
		if (addr_equal(&w->six.addresses[i], address))
			return true;
	return false;
}

/* Adds those known to be its own by now; gives how many. */
static size_t gather(struct guard *g, struct watch *w)
{
	const struct host6 *host;
	size_t before = w->six.count;
	uint32_t at = 0;

	while ((host = hosts6_next(&g->six.hosts, &at))) {
		if (!host->proven || !mac_equal(&host->mac, &w->mac) ||
		    watch6_has(w, &host->address) ||
		    w->six.count == HOSTS6_OF_ONE)
			continue;
		shed_take_back(g, &host->address);
		w->six.addresses[w->six.count++] = host->address;
		/* what a device is addressed by is the link-local one */
		if (addr_is_link_local(&host->address)) {
			struct addr first = w->six.addresses[0];

			w->six.addresses[0] = host->address;
			w->six.addresses[w->six.count - 1] = first;
		}
	}
	return w->six.count - before;
}

/* Those that went to another host, or made room for newer ones. */
static bool shed(struct guard *g, struct watch *w, uint64_t now_ms)
{
	size_t kept = 0, before = w->six.count;

	for (size_t i = 0; i < before; i++) {
		struct addr address = w->six.addresses[i];
		const struct host6 *host = hosts6_find(&g->six.hosts, &address);

		if (host && mac_equal(&host->mac, &w->mac))
			w->six.addresses[kept++] = address;
		else
			shed_add(g, &w->mac, &address, now_ms);
	}
	w->six.count = kept;
	return kept != before;
}

/* Why its IPv6 traffic is direct, and how to call that; or NULL. */
static const char *why_not(struct guard *g, struct watch *w,
			   enum message_watch_phase *phase, uint64_t now_ms)
{
	const struct host *host = hosts_find(&g->hosts, &w->mac);
	const char *why = hold_forbidden(g, w);

	*phase = MESSAGE_WATCH_RELEASED;
	if (why)
		return why;
	*phase = MESSAGE_WATCH_PAUSED;
	if (g->paused)
		return "";
	*phase = MESSAGE_WATCH_WAITING;
	if (hold_obstacle(g, now_ms))
		return hold_obstacle(g, now_ms);
	if (g->leftover6)
		return "what an earlier run changed is being put back";
	if (!g->six.open || !g->six.own_link.family)
		return "this computer has no IPv6 on this network";
	if (!g->six.router_count)
		return "no router announces IPv6";
	*phase = MESSAGE_WATCH_RELEASED;
	if (g->six.router_count > 1)
		return "there is more than one IPv6 router: which of them a "
		       "device uses cannot be told";
	*phase = MESSAGE_WATCH_WAITING;
	if (mac_is_zero(&g->six.router_mac))
		return "the IPv6 router does not answer";
	if (router6_has_rival(g, now_ms))
		return "somebody else says to be the IPv6 router";
	*phase = MESSAGE_WATCH_RELEASED;
	if (g->six.firewall.verdict == FIREWALL_DROPS)
		return "this computer's firewall drops the IPv6 packets it "
		       "should pass on";
	if (retry_is_put_off(&w->six.retry, now_ms))
		return w->six.reason ? w->six.reason : "";
	*phase = MESSAGE_WATCH_PEER;
	if (hosts_is_inspector(host, now_ms))
		return "another inspector runs on it";
	if (w->six.step == STEP_IDLE &&
	    peers_claimed(&g->peers, &w->mac, now_ms))
		return "another inspector says that it watches it";
	return NULL;
}

/* One that could not be begun is as if it had not been. */
static void undo_begin(struct guard *g, struct watch *w, const char *why,
		       uint64_t now_ms)
{
	for (size_t i = 0; i < w->six.count; i++)
		(void)!way6_remove(&g->net, &w->six.addresses[i]);
	w->six.count = 0;
	set_step(g, w, STEP_IDLE, now_ms);
	retry_put_off(&w->six.retry, now_ms);
	watch6_tell(g, w, MESSAGE_WATCH_RELEASED, why);
	settings_shorten(g);
}

static const char *problem_of(struct guard *g, const struct watch *w)
{
	const char *why = NULL;

	for (size_t i = 0; !why && i < w->six.count; i++)
		why = settings6_problem(g, &w->six.addresses[i]);
	return why;
}

static void release(struct guard *g, struct watch *w,
		    enum message_watch_cause cause, const char *why,
		    uint64_t now_ms)
{
	g->counters.released++;
	retry_put_off(&w->six.retry, now_ms);
	watch6_tell_released(g, w, cause, why);
	giveback6_begin(g, w, now_ms);
	hold_set_changed(g);
}

/* There is no room for what was gathered. */
static void refuse_more(struct guard *g, struct watch *w,
			const struct watch6 *before, uint64_t now_ms)
{
	guard_fault(g, MESSAGE_FAULT_LIMIT, "", "%s: some are not watched",
		    no_room);
	if (before->step != STEP_HELD) {
		undo_begin(g, w, no_room, now_ms);
		return;
	}
	w->six.count = before->count;
	memcpy(w->six.addresses, before->addresses, sizeof(before->addresses));
}

/* What was gathered is written down, prepared for, and said. */
static void begin(struct guard *g, struct watch *w, const struct watch6 *before,
		  uint64_t now_ms)
{
	bool first = w->six.step != STEP_HELD;
	const char *why = NULL;

	if (first)
		set_step(g, w, STEP_HELD, now_ms);
	if (!capture_has_room(g)) {
		refuse_more(g, w, before, now_ms);
		return;
	}
	if (settings6_change(g))
		why = "this computer could not be prepared for IPv6";
	else
		why = problem_of(g, w);
	if (why && first) {
		undo_begin(g, w, why, now_ms);
		return;
	}
	if (why) {
		release(g, w, MESSAGE_CAUSE_PREPARATION, why, now_ms);
		return;
	}
	hold_set_changed(g);
	if (first) {
		path_reset(&w->six.path);
		w->six.verdict = PATH_UNKNOWN;
		burst_stop(&w->six.heard);
		watch6_tell(g, w, MESSAGE_WATCH_CHECKING, "");
	}
	burst_start(&w->six.burst, burst_firm, now_ms);
	(void)burst_due(&w->six.burst, now_ms);
	poison(g, w, now_ms);
	guard_due(g, burst_next_ms(&w->six.burst));
}

static void turn_idle(struct guard *g, struct watch *w, uint64_t now_ms)
{
	enum message_watch_phase phase;
	const char *why = why_not(g, w, &phase, now_ms);
	const struct watch6 before = w->six;

	if (why) {
		watch6_tell(g, w, phase, why);
		return;
	}
	w->six.count = 0;
	if (!gather(g, w)) {
		watch6_tell(g, w, MESSAGE_WATCH_WAITING,
			    "no IPv6 address of it is known");
		return;
	}
	w->six.retry.refused = false;
	begin(g, w, &before, now_ms);
}

static void turn_held(struct guard *g, struct watch *w, uint64_t now_ms)
{
	const struct peers_claim *other =
		peers_claimed(&g->peers, &w->mac, now_ms);
	enum message_watch_phase phase;
	struct watch6 *six = &w->six;
	const char *why = why_not(g, w, &phase, now_ms);
	struct watch6 before;

	if (!w->wanted || why) {
		watch6_tell(g, w, w->wanted ? phase : MESSAGE_WATCH_RESTORING,
			    w->wanted ? why : "");
		giveback6_begin(g, w, now_ms);
		hold_set_changed(g);
		return;
	}
	if (other && other->instance < g->peers.instance) {
		watch6_tell(g, w, MESSAGE_WATCH_PEER,
			    "another inspector says that it watches it");
		giveback6_begin(g, w, now_ms);
		hold_set_changed(g);
		return;
	}
	if (shed(g, w, now_ms)) {
		settings_shorten(g);
		hold_set_changed(g);
	}
	before = *six;
	if (gather(g, w)) {
		begin(g, w, &before, now_ms);
		return;
	}
	if (!six->count) {
		watch6_tell(g, w, MESSAGE_WATCH_WAITING,
			    "its addresses are another's now");
		giveback6_begin(g, w, now_ms);
		hold_set_changed(g);
		return;
	}
	if (hold_is_due(g, &six->burst, &six->heard, six->poison_ms, now_ms))
		poison(g, w, now_ms);
	guard_due(g, six->poison_ms);
}

void hold6_router_changed(struct guard *g, uint64_t now_ms)
{
	for (size_t i = 0; i < g->watch_count; i++) {
		struct watch *w = &g->watches[i];

		if (w->six.step == STEP_HELD)
			burst_start(&w->six.burst, burst_firm, now_ms);
		else if (w->six.step == STEP_RESTORING)
			giveback6_begin(g, w, now_ms);
	}
	guard_due(g, now_ms);
}

void hold6_turn(struct guard *g, uint64_t now_ms)
{
	shed_turn(g, now_ms);
	for (size_t i = 0; i < g->watch_count; i++) {
		struct watch *w = &g->watches[i];

		switch (w->six.step) {
		case STEP_IDLE:
		case STEP_RESOLVING: /* not used: see prove() in lan6.c */
			if (w->wanted)
				turn_idle(g, w, now_ms);
			break;
		case STEP_HELD:
			turn_held(g, w, now_ms);
			break;
		case STEP_RESTORING:
			giveback6_turn(g, w, now_ms);
			break;
		}
	}
}

void hold6_heard(struct guard *g, const struct ndp *ndp, uint64_t now_ms)
{
	bool to_us = mac_equal(&ndp->eth_dst, &g->lan.mac);
	bool from_router = mac_equal(&ndp->eth_src, &g->six.router_mac);
	bool asks = ndp->type == NDP_NEIGHBOUR_SOLICITATION;
	bool advertises = mac_is_group(&ndp->eth_dst) &&
			  ndp->type == NDP_NEIGHBOUR_ADVERTISEMENT;
	const struct ndpcast_host asker = { ndp->src, ndp->eth_src };

	pairs_heard6(g, ndp, now_ms);
	if (from_router && advertises)
		hold_router_insists(g, now_ms);
	for (size_t i = 0; i < g->watch_count; i++) {
		struct watch *w = &g->watches[i];
		bool from_device = mac_equal(&ndp->eth_src, &w->mac);
		bool of_other = from_device ? router6_has(g, &ndp->target)
					    : watch6_has(w, &ndp->target);

		if (w->six.step != STEP_HELD || !(from_device || from_router))
			continue;
		if (to_us) {
			/* the check of an entry: we are who it is at */
			if (asks && of_other &&
			    !addr_is_unspecified(&ndp->src) &&
			    !ndpcast_answer(&g->six.wire, &asker, &ndp->target,
					    from_device))
				g->counters.ndp_sent++;
		} else if (!asks || of_other) {
			/* advertised or solicited to all with a true MAC */
			hold_say_again(g, &w->six.heard, &w->six.heard_ms,
				       now_ms);
		}
		if (from_device && advertises)
			watch_insists(g, w, now_ms);
	}
}

static void report_bad(struct guard *g, struct watch *w,
		       enum path_verdict verdict, uint64_t now_ms)
{
	bool ours = verdict == PATH_BLACK_OUT || verdict == PATH_BLACK_IN ||
		    verdict == PATH_LOSSY;
	const char *text = path_verdict_text(verdict);

	if (ours && g->six.firewall.verdict != FIREWALL_OPEN)
		guard_fault(g, MESSAGE_FAULT_FIREWALL, g->six.firewall.remedy,
			    "%s on this computer drops what it should pass "
			    "on: the devices' IPv6 was given back",
			    g->six.firewall.who);
	else
		guard_fault(g, MESSAGE_FAULT_PATH, "",
			    "a device's IPv6 was given back: %s", text);
	release(g, w, hold_cause(verdict, g->six.firewall.verdict), text,
		now_ms);
	/* as long as the rules are the same, to try again does harm again */
	if (ours && g->six.firewall.verdict != FIREWALL_OPEN)
		w->six.retry.at_ms = UINT64_MAX;
}

void hold6_report(struct guard *g, struct watch *w,
		  const struct message_path *path, uint64_t now_ms)
{
	enum path_verdict verdict;

	if (w->six.step != STEP_HELD)
		return;
	path_report(&w->six.path, &path->v6);
	verdict = w->six.verdict = path_judge(&w->six.path);
	if (verdict == PATH_GOOD) {
		w->six.retry.times = 0;
		watch6_tell(g, w, MESSAGE_WATCH_ACTIVE, "");
		if (!four_is_here(g)) {
			guard_fault_over(g, MESSAGE_FAULT_PATH);
			guard_fault_over(g, MESSAGE_FAULT_FIREWALL);
		}
	} else if (verdict == PATH_UNSENT) {
		if (w->six.phase == MESSAGE_WATCH_CHECKING)
			watch6_tell(g, w, MESSAGE_WATCH_CHECKING,
				    path_verdict_text(verdict));
	} else if (verdict != PATH_UNKNOWN) {
		report_bad(g, w, verdict, now_ms);
	}
}
