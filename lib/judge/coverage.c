// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/coverage.h"

#define MILLION	  1000000u
#define NS_PER_MS 1000000u
#define IP_UDP	  17
/* A gap between two calls that is longer was not lived through: the computer
 * slept. */
#define STEP_MAX_MS 60000u

void coverage_state(struct coverage *c, bool wanted, bool intercepted,
		    uint64_t now_ms)
{
	uint64_t step = now_ms > c->at_ms ? now_ms - c->at_ms : 0;

	if (c->at_ms && c->wanted && step <= STEP_MAX_MS) {
		c->watched_ms += step;
		c->intercepted_ms += c->intercepted ? step : 0;
	}
	c->at_ms = now_ms;
	c->wanted = wanted;
	c->intercepted = wanted && intercepted;
}

void coverage_released(struct coverage *c)
{
	c->releases++;
}

/* Nothing came back, and answers were on their way: both in either order. */
static void judge_router(struct coverage *c, struct coverage_path *path)
{
	if (!path->unanswered_ms || !path->past_ms ||
	    path->past_ms + COVERAGE_PROOF_MS < path->unanswered_ms ||
	    path->past_ms > path->unanswered_ms + COVERAGE_LATE_MS)
		return;
	c->resisted_ms = path->unanswered_ms;
	c->accepted_ms = 0;
	path->resisted = true;
	path->unanswered_ms = 0;
	path->answers_ms = 0;
}

static struct coverage_path *path_of(struct coverage *c, unsigned int family)
{
	return family == 6 ? &c->six : &c->four;
}

void coverage_unanswered(struct coverage *c, unsigned int family,
			 uint64_t now_ms)
{
	struct coverage_path *path = path_of(c, family);

	path->unanswered_ms = now_ms;
	judge_router(c, path);
}

bool coverage_is_resisted(const struct coverage *c)
{
	return c->resisted_ms && !c->accepted_ms;
}

/* Of the Internet's answers in a window, some came through us. Which family it
 * was is not known of an earlier run: then either shows it. */
static void note_answers(struct coverage *c, struct coverage_path *path,
			 uint64_t now_ms)
{
	bool known = c->four.resisted || c->six.resisted;

	if (!coverage_is_resisted(c) || now_ms <= c->resisted_ms ||
	    (known && !path->resisted))
		return;
	if (path->answers_ms <= c->resisted_ms) {
		path->answers_ms = now_ms;
	} else if (now_ms - path->answers_ms >= COVERAGE_ACCEPTED_MS) {
		path->resisted = false;
		if (!c->four.resisted && !c->six.resisted)
			c->accepted_ms = now_ms;
	}
}

void coverage_add(struct coverage *c, const struct record_window *w,
		  const struct addr *gateway, const struct addr *own)
{
	uint64_t now_ms = w->start_ns / NS_PER_MS;
	bool four = false, six = false;

	for (size_t i = 0; i < w->flow_count; i++) {
		const struct record_flow *f = &w->flows[i];

		c->seen_bytes += f->in_sequence_bytes + f->out_sequence_bytes;
		c->missed_bytes += f->in_missed_bytes + f->out_missed_bytes;
		if (!f->local && f->in_packets)
			*(f->remote.family == 6 ? &six : &four) = true;
		if (f->in_missed_bytes && !f->in_packets && !f->local)
			path_of(c, f->remote.family)->past_ms = now_ms;
		if (f->protocol == IP_UDP && !f->local)
			c->seen_udp_bytes += f->in_bytes + f->out_bytes;
		if (f->remote.family == 6 && !f->local) {
			c->seen_v6_bytes += f->in_bytes + f->out_bytes;
			c->v6_at_ms = now_ms;
		}
		if (f->local && f->out_bytes &&
		    !addr_is_multicast(&f->remote) &&
		    !addr_is_broadcast(&f->remote) &&
		    /* the router's IPv6 address is mostly such a one */
		    !(f->remote.family == 6 &&
		      addr_is_link_local(&f->remote)) &&
		    !addr_equal(&f->remote, gateway) &&
		    !addr_equal(&f->remote, own)) {
			c->seen_local_bytes += f->in_bytes + f->out_bytes;
			c->local_at_ms = now_ms;
		}
	}
	if (w->answered_past & RECORD_PAST_IPV4)
		c->four.past_ms = now_ms;
	if (w->answered_past & RECORD_PAST_IPV6)
		c->six.past_ms = now_ms;
	judge_router(c, &c->four);
	judge_router(c, &c->six);
	if (four)
		note_answers(c, &c->four, now_ms);
	if (six)
		note_answers(c, &c->six, now_ms);
}

static bool is_of_late(uint64_t at_ms, uint64_t now_ms)
{
	return at_ms && at_ms + COVERAGE_SPAN_MS > now_ms;
}

unsigned int coverage_round(const struct coverage *c, bool six, bool elsewhere,
			    uint64_t now_ms)
{
	unsigned int round = elsewhere ? COVERAGE_SUBNET : 0;

	if (six && !is_of_late(c->v6_at_ms, now_ms))
		round |= COVERAGE_IPV6;
	if (!is_of_late(c->local_at_ms, now_ms))
		round |= COVERAGE_LOCAL;
	return round;
}

int64_t coverage_share(uint64_t part, uint64_t all)
{
	if (!all)
		return -1;
	if (part >= all)
		return MILLION;
	/* bytes of a lifetime fit when they are scaled first */
	while (all > UINT64_MAX / MILLION) {
		all >>= 1;
		part >>= 1;
	}
	return (int64_t)(part * MILLION / all);
}
