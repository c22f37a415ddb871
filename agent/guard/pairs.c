// SPDX-License-Identifier: GPL-3.0-or-later

#include <string.h>

#include "guard/clock.h"
#include "guard/state.h"

/* As devices and router are told: every pair, again and again. */
#define POISON_MS 2000
/* What is heard of one device starts a new burst at most this often. */
#define HEARD_LEAST_MS 150
/* Pairs told at once, and the time until the next: 1,225 take 0.6 s. */
#define PAIRS_AT_ONCE 16
#define PACE_MS	      8

static bool is_pair(const struct pair *p, const struct mac *a,
		    const struct mac *b)
{
	return (mac_equal(&p->a, a) && mac_equal(&p->b, b)) ||
	       (mac_equal(&p->a, b) && mac_equal(&p->b, a));
}

static struct pair *find(struct guard *g, const struct mac *a,
			 const struct mac *b)
{
	for (size_t i = 0; i < g->pair_count; i++)
		if (is_pair(&g->pairs[i], a, b))
			return &g->pairs[i];
	return NULL;
}

bool pairs_any(const struct guard *g)
{
	for (size_t i = 0; i < g->pair_count; i++)
		if (g->pairs[i].step != STEP_IDLE)
			return true;
	return false;
}

void pairs_want(struct guard *g, const struct message_pairs *pairs)
{
	g->pairs_wanted = *pairs;
	g->pairs_stale = true;
	guard_due(g, 0);
}

/* Whether they are to be watched among themselves. */
static bool is_wanted(const struct guard *g, const struct mac *a,
		      const struct mac *b)
{
	const struct message_pairs *wanted = &g->pairs_wanted;

	for (uint32_t i = 0; !wanted->all && i < wanted->count; i++) {
		const struct message_pair *p = &wanted->pairs[i];

		if ((mac_equal(&p->a, a) && mac_equal(&p->b, b)) ||
		    (mac_equal(&p->a, b) && mac_equal(&p->b, a)))
			return true;
	}
	return wanted->all;
}

static bool both_held(const struct watch *a, const struct watch *b)
{
	return a && b &&
	       ((a->step == STEP_HELD && b->step == STEP_HELD) ||
		(a->six.step == STEP_HELD && b->six.step == STEP_HELD));
}

/* Makes those that are wanted and are not there yet. */
static void make(struct guard *g)
{
	bool refused = false;

	if (!g->pairs_stale)
		return;
	g->pairs_stale = false;
	for (size_t i = 0; i < g->watch_count; i++) {
		const struct watch *a = &g->watches[i];

		for (size_t k = i + 1; k < g->watch_count; k++) {
			const struct watch *b = &g->watches[k];

			if (!both_held(a, b) ||
			    !is_wanted(g, &a->mac, &b->mac) ||
			    find(g, &a->mac, &b->mac))
				continue;
			if (g->pair_count == PAIRS_MAX)
				refused = true;
			else
				g->pairs[g->pair_count++] =
					(struct pair){ .a = a->mac,
						       .b = b->mac };
		}
	}
	if (refused)
		guard_fault(g, MESSAGE_FAULT_LIMIT, "",
			    "of the devices watched among themselves, only %d "
			    "pairs are",
			    PAIRS_MAX);
}

/* Says to each of the two where the other is: at our MAC, or truly. */
static void say_arp(struct guard *g, const struct watch *a,
		    const struct watch *b, bool truth)
{
	const struct arpcast_host one = { a->address, a->mac };
	const struct arpcast_host two = { b->address, b->mac };

	if (a->step != STEP_HELD && a->step != STEP_RESTORING)
		return;
	if (b->step != STEP_HELD && b->step != STEP_RESTORING)
		return;
	if (!(truth ? arpcast_restore : arpcast_poison)(&g->arp, &one, &two))
		g->counters.arp_sent += 4;
}

static void say_ndp_to(struct guard *g, const struct watch *to,
		       const struct watch *of, bool truth)
{
	const struct ndpcast_host host = { to->six.addresses[0], to->mac };

	for (size_t i = 0; to->six.count && i < of->six.count; i++)
		if (!ndpcast_tell(&g->six.wire, &host, &of->six.addresses[i],
				  truth ? &of->mac : &g->lan.mac, false))
			g->counters.ndp_sent += 2;
}

static void say_ndp(struct guard *g, const struct watch *a,
		    const struct watch *b, bool truth)
{
	if (!watch6_is_changed(a) || !watch6_is_changed(b))
		return;
	say_ndp_to(g, a, b, truth);
	say_ndp_to(g, b, a, truth);
}

void pairs_look(struct guard *g)
{
	g->pairs_stale = true;
}

static void set_step(struct guard *g, struct pair *p, enum step step,
		     uint64_t now_ms)
{
	p->step = step;
	burst_stop(&p->heard);
	burst_start(&p->burst, burst_firm, now_ms);
	burst_start(&p->burst6, burst_firm6, now_ms);
	guard_due(g, now_ms);
}

static void turn_held(struct guard *g, struct pair *p, const struct watch *a,
		      const struct watch *b, uint64_t now_ms)
{
	bool due = burst_due(&p->burst, now_ms);

	burst_stop(&p->burst6); /* is for the end */
	if (burst_due(&p->heard, now_ms)) {
		g->counters.repoisons++;
		due = true;
	}
	if (due || now_ms >= p->poison_ms) {
		say_arp(g, a, b, false);
		say_ndp(g, a, b, false);
		p->poison_ms = now_ms + POISON_MS;
		g->counters.poisons++;
		g->pairs_said++;
	}
	guard_due(g, p->poison_ms);
	guard_due(g, burst_next_ms(&p->burst));
	guard_due(g, burst_next_ms(&p->heard));
}

/* False when it is over. The devices' own giving back ends later: until then
 * the record has their addresses. */
static bool turn_restoring(struct guard *g, struct pair *p,
			   const struct watch *a, const struct watch *b,
			   uint64_t now_ms)
{
	if (burst_due(&p->burst, now_ms) && a && b) {
		say_arp(g, a, b, true);
		g->pairs_said++;
	}
	if (burst_due(&p->burst6, now_ms) && a && b) {
		say_ndp(g, a, b, true);
		g->pairs_said++;
	}
	guard_due(g, burst_first_ms(&p->burst, &p->burst6));
	return burst_first_ms(&p->burst, &p->burst6) != UINT64_MAX;
}

static bool turn_one(struct guard *g, struct pair *p, uint64_t now_ms)
{
	const struct watch *a = watches_find(g, &p->a);
	const struct watch *b = watches_find(g, &p->b);
	bool go = both_held(a, b) && is_wanted(g, &p->a, &p->b);

	if (p->step != STEP_HELD && go)
		set_step(g, p, STEP_HELD, now_ms);
	else if (p->step == STEP_HELD && !go)
		set_step(g, p, STEP_RESTORING, now_ms);
	if (p->step == STEP_HELD)
		turn_held(g, p, a, b, now_ms);
	else if (p->step == STEP_RESTORING)
		return turn_restoring(g, p, a, b, now_ms);
	return p->step != STEP_IDLE;
}

void pairs_turn(struct guard *g, uint64_t now_ms)
{
	size_t before = g->pair_count, kept = 0;

	make(g);
	if (!g->pair_count)
		return;
	/* in the record before anything is said */
	if (g->pair_count != before && settings_write(g)) {
		g->pair_count = before;
		g->pairs_stale = true;
		return;
	}
	if (now_ms < g->pairs_ms) {
		guard_due(g, g->pairs_ms);
		return;
	}
	g->pairs_said = 0;
	for (size_t i = 0; i < g->pair_count; i++) {
		struct pair *p = &g->pairs[(g->pairs_at + i) % g->pair_count];

		p->over = g->pairs_said < PAIRS_AT_ONCE &&
			  !turn_one(g, p, now_ms);
		if (g->pairs_said >= PAIRS_AT_ONCE) {
			g->pairs_at = (g->pairs_at + i + 1) % g->pair_count;
			break;
		}
	}
	if (g->pairs_said >= PAIRS_AT_ONCE) {
		g->pairs_ms = now_ms + PACE_MS;
		guard_due(g, g->pairs_ms);
	}
	for (size_t i = 0; i < g->pair_count; i++)
		if (!g->pairs[i].over)
			g->pairs[kept++] = g->pairs[i];
	if (kept == g->pair_count)
		return;
	g->pair_count = kept;
	g->pairs_at = 0;
	g->pairs_stale = true; /* those refused for the limit have room */
	settings_shorten(g);
}

static void say_again(struct guard *g, struct pair *p, uint64_t now_ms)
{
	if (now_ms - p->heard_ms < HEARD_LEAST_MS) {
		g->counters.rate_limited++;
		return;
	}
	p->heard_ms = now_ms;
	burst_start(&p->heard, burst_heard, now_ms);
	guard_due(g, now_ms);
}

/* The other of a pair that is held, or NULL. */
static const struct watch *other_of(struct guard *g, const struct pair *p,
				    const struct mac *mac)
{
	if (p->step != STEP_HELD)
		return NULL;
	if (mac_equal(&p->a, mac))
		return watches_find(g, &p->b);
	return mac_equal(&p->b, mac) ? watches_find(g, &p->a) : NULL;
}

void pairs_heard(struct guard *g, const struct wire_frame *frame,
		 const struct arp *arp, uint64_t now_ms)
{
	const struct arpcast_host asker = { arp->sender_ip, arp->sender_mac };
	bool to_us = mac_equal(&frame->destination, &g->lan.mac);
	bool announces = addr_equal(&arp->target_ip, &arp->sender_ip);

	for (size_t i = 0; i < g->pair_count; i++) {
		struct pair *p = &g->pairs[i];
		const struct watch *other = other_of(g, p, &arp->sender_mac);
		bool asks = other && arp->op == 1 &&
			    addr_equal(&arp->target_ip, &other->address);

		if (!other)
			continue;
		if (to_us && asks &&
		    !arpcast_answer(&g->arp, &asker, &arp->target_ip))
			g->counters.arp_sent++;
		else if (!to_us && (asks || announces))
			say_again(g, p, now_ms);
	}
}

void pairs_heard6(struct guard *g, const struct ndp *ndp, uint64_t now_ms)
{
	const struct ndpcast_host asker = { ndp->src, ndp->eth_src };
	bool to_us = mac_equal(&ndp->eth_dst, &g->lan.mac);
	bool asks = ndp->type == NDP_NEIGHBOUR_SOLICITATION;

	for (size_t i = 0; i < g->pair_count; i++) {
		struct pair *p = &g->pairs[i];
		const struct watch *other = other_of(g, p, &ndp->eth_src);
		bool of_other = other && watch6_has(other, &ndp->target);

		if (!other)
			continue;
		if (to_us && asks && of_other &&
		    !addr_is_unspecified(&ndp->src) &&
		    !ndpcast_answer(&g->six.wire, &asker, &ndp->target, false))
			g->counters.ndp_sent++;
		else if (!to_us && (!asks || of_other))
			say_again(g, p, now_ms);
	}
}
