// SPDX-License-Identifier: GPL-3.0-or-later

#include <stdio.h>
#include <string.h>

#include "guard/clock.h"
#include "guard/state.h"

/* A device given back for its path is tried again after this, doubled each
 * time. */
#define RETRY_FIRST_MS 60000
#define RETRY_MOST_MS  3600000
/* Another speaks from a device's address: how often the device is asked, and
 * for how long its answer is waited for; a radio that sleeps takes its time. */
#define CLAIM_ASK_MS 300
#define CLAIM_MS     1500

static bool is_unsent(enum message_watch_phase phase, enum path_verdict verdict)
{
	return phase == MESSAGE_WATCH_CHECKING && verdict == PATH_UNSENT;
}

static enum message_resists resists(const struct watch *w)
{
	if (w->cause == MESSAGE_CAUSE_UNANSWERED ||
	    w->six.cause == MESSAGE_CAUSE_UNANSWERED)
		return MESSAGE_RESISTS_ROUTER;
	if (w->insist.on || is_unsent(w->phase, w->verdict) ||
	    is_unsent(w->six.phase, w->six.verdict))
		return MESSAGE_RESISTS_DEVICE;
	return MESSAGE_RESISTS_NOT;
}

static void tell(struct guard *g, const struct watch *w)
{
	struct message m = { .type = MESSAGE_WATCH_STATE, .fd = -1 };

	m.watch_state.mac = w->mac;
	m.watch_state.address = w->address;
	m.watch_state.phase = w->phase;
	m.watch_state.cause = w->cause;
	m.watch_state.since_ns = w->since_ns;
	message_text(m.watch_state.reason, sizeof(m.watch_state.reason),
		     w->reason);
	m.watch_state.phase6 = w->six.phase;
	message_text(m.watch_state.reason6, sizeof(m.watch_state.reason6),
		     w->six.reason ? w->six.reason : "");
	m.watch_state.resists = resists(w);
	guard_tell_hub(g, &m);
}

static void tell_cause6(struct guard *g, struct watch *w,
			enum message_watch_phase phase,
			enum message_watch_cause cause, const char *reason)
{
	if (w->six.reason && w->six.phase == phase &&
	    !strcmp(w->six.reason, reason))
		return;
	w->six.phase = phase;
	w->six.cause = cause;
	w->six.reason = reason;
	if (w->told)
		tell(g, w);
}

void watch6_tell(struct guard *g, struct watch *w,
		 enum message_watch_phase phase, const char *reason)
{
	tell_cause6(g, w, phase, MESSAGE_CAUSE_NONE, reason);
}

void watch6_tell_released(struct guard *g, struct watch *w,
			  enum message_watch_cause cause, const char *reason)
{
	tell_cause6(g, w, MESSAGE_WATCH_RELEASED, cause, reason);
}

void watch_insists(struct guard *g, struct watch *w, uint64_t now_ms)
{
	if (insist_heard(&w->insist, now_ms) && w->told)
		tell(g, w);
}

void watch_insist_turn(struct guard *g, struct watch *w, uint64_t now_ms)
{
	if (insist_is_over(&w->insist, now_ms) && w->told)
		tell(g, w);
}

void watches_tell_all(struct guard *g)
{
	for (size_t i = 0; i < g->watch_count; i++)
		tell(g, &g->watches[i]);
}

static void tell_cause(struct guard *g, struct watch *w,
		       enum message_watch_phase phase,
		       enum message_watch_cause cause, const char *reason)
{
	bool same = w->told && w->phase == phase;

	if (same && w->cause == cause && !strcmp(w->reason, reason))
		return;
	if (!same)
		w->since_ns = clock_epoch_ns();
	w->phase = phase;
	w->cause = cause;
	w->told = true;
	message_text(w->reason, sizeof(w->reason), reason);
	tell(g, w);
}

void watch_tell(struct guard *g, struct watch *w,
		enum message_watch_phase phase, const char *reason)
{
	tell_cause(g, w, phase, MESSAGE_CAUSE_NONE, reason);
}

void watch_tell_released(struct guard *g, struct watch *w,
			 enum message_watch_cause cause, const char *reason)
{
	tell_cause(g, w, MESSAGE_WATCH_RELEASED, cause, reason);
}

void watch_tell_as_six(struct guard *g, struct watch *w)
{
	tell_cause(g, w, w->six.phase, w->six.cause,
		   w->six.reason ? w->six.reason : "");
}

void watch_step(struct guard *g, struct watch *w, enum step step,
		uint64_t now_ms)
{
	w->step = step;
	w->step_ms = now_ms;
	guard_due(g, now_ms);
}

bool watch_is_here(const struct guard *g, const struct watch *w)
{
	const struct host *host = hosts_find(&g->hosts, &w->mac);

	if (host && addr_equal(&host->address, &w->address) &&
	    lan_is_heard(g, &w->mac))
		return true;
	return mac_equal(&w->gateway, &g->gateway_mac) &&
	       lan_is_heard(g, &w->gateway);
}

bool watch6_is_here(const struct guard *g, const struct watch *w)
{
	return lan_is_heard(g, &g->six.router_mac) || lan_is_heard(g, &w->mac);
}

bool watch_is_changed(const struct watch *w)
{
	return w->step == STEP_HELD || w->step == STEP_RESTORING;
}

bool watch_has_moved(const struct guard *g, const struct watch *w)
{
	const struct host *host = hosts_find(&g->hosts, &w->mac);

	return host && host->address.family &&
	       !addr_equal(&host->address, &w->address);
}

/* The device has answered: it was a lie, or two have one address. */
static void refute_claim(struct guard *g, struct watch *w, uint64_t now_ms)
{
	char address[ADDR_TEXT_BYTES], whom[MESSAGE_TEXT_MAX];

	if (now_ms - w->lies_ms > SPOOF_CLAIMS_MS) {
		w->lies_ms = now_ms;
		w->lies = 0;
	}
	if (++w->lies >= SPOOF_CLAIMS) {
		snprintf(whom, sizeof(whom), "a device that is watched (%s)",
			 addr_format(&w->address, address));
		lan_tell_spoofer(g, whom, &w->claimed_by, now_ms);
	}
	w->claimed_by = (struct mac){ { 0 } };
	w->poison_ms = now_ms; /* what was believed of the other */
}

void watches_heard(struct guard *g, const struct mac *mac,
		   const struct addr *address, uint64_t now_ms)
{
	/* one that speaks for those it watches has none of theirs */
	if (hosts_is_inspector(hosts_find(&g->hosts, mac), now_ms))
		return;
	for (size_t i = 0; i < g->watch_count; i++) {
		struct watch *w = &g->watches[i];

		if (!addr_equal(&w->address, address))
			continue;
		guard_due(g, now_ms);
		if (mac_equal(&w->mac, mac)) {
			w->taken_by = (struct mac){ { 0 } };
			if (!mac_is_zero(&w->claimed_by))
				refute_claim(g, w, now_ms);
		} else if (watch_is_changed(w) &&
			   !mac_equal(&w->taken_by, mac)) {
			if (mac_is_zero(&w->claimed_by))
				w->claimed_ms = w->claim_ask_ms = now_ms;
			w->claimed_by = *mac;
		}
	}
}

void watch_claim_turn(struct guard *g, struct watch *w, uint64_t now_ms)
{
	if (mac_is_zero(&w->claimed_by))
		return;
	if (!watch_has_moved(g, w) && now_ms - w->claimed_ms < CLAIM_MS) {
		if (now_ms >= w->claim_ask_ms) {
			lan_ask(g, &w->address, &w->mac);
			w->claim_ask_ms = now_ms + CLAIM_ASK_MS;
		}
		guard_due(g, w->claim_ask_ms);
		return;
	}
	w->taken_by = w->claimed_by;
	w->claimed_by = (struct mac){ { 0 } };
	if (w->step == STEP_RESTORING) /* all of it anew, to that one */
		burst_start(&w->burst, burst_firm, now_ms);
	guard_due(g, now_ms);
	settings_shorten(g);
}

bool watches_have(const struct guard *g, const struct mac *mac)
{
	for (size_t i = 0; i < g->watch_count; i++)
		if ((watch_is_changed(&g->watches[i]) ||
		     watch6_is_changed(&g->watches[i])) &&
		    mac_equal(&g->watches[i].mac, mac))
			return true;
	return false;
}

bool watches_any(const struct guard *g)
{
	for (size_t i = 0; i < g->watch_count; i++)
		if (watch_is_changed(&g->watches[i]) ||
		    watch6_is_changed(&g->watches[i]))
			return true;
	return g->changed;
}

void retry_put_off(struct retry *r, uint64_t now_ms)
{
	uint64_t wait = RETRY_FIRST_MS;

	for (uint32_t i = 0; i < r->times && wait < RETRY_MOST_MS; i++)
		wait *= 2;
	r->times++;
	r->refused = true;
	r->at_ms = now_ms + wait;
}

bool retry_is_put_off(const struct retry *r, uint64_t now_ms)
{
	return r->refused && now_ms < r->at_ms;
}

void watches_forget(struct guard *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->watch_count; i++) {
		struct watch *w = &g->watches[i];

		if (!w->wanted && w->step == STEP_IDLE &&
		    w->six.step == STEP_IDLE) {
			watch_tell(g, w, MESSAGE_WATCH_RESTORED, "");
			continue;
		}
		if (kept != i)
			g->watches[kept] = *w;
		kept++;
	}
	g->watch_count = kept;
}

struct watch *watches_find(struct guard *g, const struct mac *mac)
{
	for (size_t i = 0; i < g->watch_count; i++)
		if (mac_equal(&g->watches[i].mac, mac))
			return &g->watches[i];
	return NULL;
}

static void want(struct guard *g, const struct mac *mac, bool over_limit)
{
	struct watch *w = watches_find(g, mac);

	if (!w) {
		if (g->watch_count == WATCHES_MAX) {
			g->counters.watches_refused++;
			return;
		}
		w = &g->watches[g->watch_count++];
		*w = (struct watch){ .mac = *mac };
	}
	if (!w->wanted) { /* flipped on: what was refused may try again */
		w->retry = w->six.retry = (struct retry){ .times = 0 };
	}
	w->wanted = true;
	w->over_limit = over_limit;
	if (over_limit)
		g->counters.watches_refused++;
}

void watches_want_none(struct guard *g)
{
	for (size_t i = 0; i < g->watch_count; i++)
		g->watches[i].wanted = false;
}

static bool is_among(const struct mac *mac, const struct message_macs *set)
{
	for (uint32_t i = 0; i < set->count; i++)
		if (mac_equal(mac, &set->macs[i]))
			return true;
	return false;
}

void watches_want(struct guard *g, const struct message_macs *set)
{
	g->six.unproven = true; /* the addresses of others are sought now */
	for (size_t i = 0; i < g->watch_count; i++)
		if (!is_among(&g->watches[i].mac, set))
			g->watches[i].wanted = false;
	for (uint32_t k = 0; k < set->count; k++)
		want(g, &set->macs[k], k >= g->config->max_devices);
	if (set->count > g->config->max_devices)
		guard_fault(g, MESSAGE_FAULT_LIMIT,
			    "sudo iot-inspector run --max-devices 100",
			    "%u devices are to be watched, and %zu may be at "
			    "once",
			    set->count, g->config->max_devices);
	else
		guard_fault_over(g, MESSAGE_FAULT_LIMIT);
}

void watches_retry(struct guard *g)
{
	for (size_t i = 0; i < g->watch_count; i++)
		g->watches[i].retry.refused = g->watches[i].six.retry.refused =
			false;
}
