// SPDX-License-Identifier: GPL-3.0-or-later

#include <string.h>

#include "guard/clock.h"
#include "guard/state.h"

/* Pairs told at once, and the time until the next: 1,225 take 0.6 s. */
#define PAIRS_AT_ONCE 16
#define PACE_MS	      8
/* While nothing can be told: when to look again. */
#define LOOK_MS 300

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

static bool is_idle(const struct pair *p)
{
	return p->four.step == STEP_IDLE && p->six.step == STEP_IDLE;
}

bool pairs_any(const struct guard *g)
{
	for (size_t i = 0; i < g->pair_count; i++)
		if (!is_idle(&g->pairs[i]))
			return true;
	return false;
}

bool pairs_have(const struct guard *g, const struct mac *mac, bool six)
{
	for (size_t i = 0; i < g->pair_count; i++) {
		const struct pair *p = &g->pairs[i];

		if ((six ? p->six.step : p->four.step) != STEP_IDLE &&
		    (mac_equal(&p->a, mac) || mac_equal(&p->b, mac)))
			return true;
	}
	return false;
}

bool pairs_are(struct guard *g, const struct mac *a, const struct mac *b)
{
	const struct pair *p = find(g, a, b);

	return p && p->six.step != STEP_IDLE;
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

static bool is_held(const struct watch *w, bool six)
{
	return w && (six ? w->six.step : w->step) == STEP_HELD;
}

static bool is_changed(const struct watch *w, bool six)
{
	return w && (six ? watch6_is_changed(w) : watch_is_changed(w));
}

static bool both_held(const struct watch *a, const struct watch *b, bool six)
{
	return is_held(a, six) && is_held(b, six);
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

			if ((!both_held(a, b, false) &&
			     !both_held(a, b, true)) ||
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

static void lie4(struct guard *g, const struct watch *a, const struct watch *b)
{
	const struct arpcast_host one = { a->address, a->mac };
	const struct arpcast_host two = { b->address, b->mac };

	if (!arpcast_poison(&g->arp, &one, &two))
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

/* Says to each of the two where the other is: at our MAC, or truly. */
static void say(struct guard *g, const struct watch *a, const struct watch *b,
		bool six, bool truth)
{
	if (six) {
		say_ndp_to(g, a, b, truth);
		say_ndp_to(g, b, a, truth);
	} else if (truth) {
		giveback_tell(g, a,
			      &(struct arpcast_host){ b->address, b->mac });
		/* where a's address is another's, b was told of that one */
		if (!mac_is_zero(&b->taken_by))
			giveback_tell(g, b,
				      &(struct arpcast_host){ a->address,
							      a->mac });
	} else {
		lie4(g, a, b);
	}
	g->pairs_said++;
}

void pairs_look(struct guard *g)
{
	g->pairs_stale = true;
}

static void set_step(struct guard *g, struct pair_way *way, bool six,
		     enum step step, uint64_t now_ms)
{
	bool back = step == STEP_RESTORING;

	way->step = step;
	burst_stop(&way->heard);
	burst_start(&way->burst,
		    back && g->suspend.near ? burst_hasty
		    : back && six	    ? burst_firm6
					    : burst_firm,
		    now_ms);
	guard_due(g, now_ms);
}

static void turn_held(struct guard *g, struct pair_way *way,
		      const struct watch *a, const struct watch *b, bool six,
		      uint64_t now_ms)
{
	if (hold_is_due(g, &way->burst, &way->heard, way->poison_ms, now_ms)) {
		say(g, a, b, six, false);
		way->poison_ms = now_ms + POISON_MS;
		g->counters.poisons++;
	}
	guard_due(g, way->poison_ms);
}

/* As far as this is the network that they were taken on. */
static bool can_tell(const struct guard *g, const struct watch *a,
		     const struct watch *b, bool six)
{
	if (g->gone || !g->linked)
		return false;
	return six ? watch6_is_here(g, a) || watch6_is_here(g, b)
		   : watch_is_here(g, a) || watch_is_here(g, b);
}

/* The devices' own giving back waits for this: until then it is known, and in
 * the record, where they are. One that ended all the same was not to be told
 * anything any more. */
static void turn_restoring(struct guard *g, struct pair_way *way,
			   const struct watch *a, const struct watch *b,
			   bool six, uint64_t now_ms)
{
	bool known = is_changed(a, six) && is_changed(b, six);

	if (known && !can_tell(g, a, b, six)) {
		set_step(g, way, six, STEP_RESTORING, now_ms + LOOK_MS);
		return;
	}
	if (known && burst_due(&way->burst, now_ms))
		say(g, a, b, six, true);
	guard_due(g, burst_next_ms(&way->burst));
	if (known && burst_next_ms(&way->burst) != UINT64_MAX)
		return;
	way->step = STEP_IDLE;
	guard_due(g, now_ms);
}

static void turn_way(struct guard *g, const struct pair *p,
		     struct pair_way *way, bool six, uint64_t now_ms)
{
	const struct watch *a = watches_find(g, &p->a);
	const struct watch *b = watches_find(g, &p->b);
	bool go = both_held(a, b, six) && is_wanted(g, &p->a, &p->b);

	if (way->step != STEP_HELD && go)
		set_step(g, way, six, STEP_HELD, now_ms);
	else if (way->step == STEP_HELD && !go)
		set_step(g, way, six, STEP_RESTORING, now_ms);
	if (way->step == STEP_HELD)
		turn_held(g, way, a, b, six, now_ms);
	else if (way->step == STEP_RESTORING)
		turn_restoring(g, way, a, b, six, now_ms);
}

static void forget_over(struct guard *g)
{
	size_t kept = 0, at = 0;

	for (size_t i = 0; i < g->pair_count; i++) {
		if (i == g->pairs_at)
			at = kept;
		if (!g->pairs[i].over)
			g->pairs[kept++] = g->pairs[i];
	}
	if (kept == g->pair_count)
		return;
	g->pair_count = kept;
	g->pairs_at = at;      /* whose turn it was, it still is */
	g->pairs_stale = true; /* those refused for the limit have room */
	settings_shorten(g);
}

void pairs_turn(struct guard *g, uint64_t now_ms)
{
	size_t before = g->pair_count;

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

		turn_way(g, p, &p->four, false, now_ms);
		turn_way(g, p, &p->six, true, now_ms);
		p->over = is_idle(p);
		if (g->pairs_said >= PAIRS_AT_ONCE) {
			g->pairs_at = (g->pairs_at + i + 1) % g->pair_count;
			g->pairs_ms = now_ms + PACE_MS;
			guard_due(g, g->pairs_ms);
			break;
		}
	}
	forget_over(g);
}

/* The other of a pair, or NULL. */
static const struct watch *other_of(struct guard *g, const struct pair *p,
				    const struct mac *mac)
{
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
		const struct watch *other =
			p->four.step == STEP_HELD
				? other_of(g, p, &arp->sender_mac)
				: NULL;
		bool asks = other && arp->op == ARP_OP_REQUEST &&
			    addr_equal(&arp->target_ip, &other->address);

		if (!other)
			continue;
		if (to_us && asks &&
		    !arpcast_answer(&g->arp, &asker, &arp->target_ip))
			g->counters.arp_sent++;
		else if (!to_us && (asks || announces))
			hold_say_again(g, &p->four.heard, &p->four.heard_ms,
				       now_ms);
	}
}

void pairs_heard6(struct guard *g, const struct ndp *ndp, uint64_t now_ms)
{
	const struct ndpcast_host asker = { ndp->src, ndp->eth_src };
	bool to_us = mac_equal(&ndp->eth_dst, &g->lan.mac);
	bool asks = ndp->type == NDP_NEIGHBOUR_SOLICITATION;

	for (size_t i = 0; i < g->pair_count; i++) {
		struct pair *p = &g->pairs[i];
		const struct watch *other =
			p->six.step == STEP_HELD ? other_of(g, p, &ndp->eth_src)
						 : NULL;
		bool of_other = other && watch6_has(other, &ndp->target);

		if (!other)
			continue;
		if (to_us && asks && of_other &&
		    !addr_is_unspecified(&ndp->src) &&
		    !ndpcast_answer(&g->six.wire, &asker, &ndp->target, false))
			g->counters.ndp_sent++;
		else if (!to_us && (!asks || of_other))
			hold_say_again(g, &p->six.heard, &p->six.heard_ms,
				       now_ms);
	}
}
