// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/traffic.h"

#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "judge/party.h"

#define IP_TCP 6
#define IP_UDP 17

#define NS_PER_MS   1000000ull
#define BITS	    8
#define MS_PER_S    1000
#define PER_CENT    100
#define UDP_FLOODS  3	/* windows of a span */
#define ANSWERED_IN 100 /* one in so many is no flood */
/* Places to sum packets by host in; two hosts in one place count as one. */
#define PLACES 256u

/* What malware of the kind of Mirai comes in by: telnet and its usual other
 * port, TR-064 (CVE-2016-10372), Android's debugging, HiLink's and Realtek's
 * UPnP (CVE-2017-17215, CVE-2014-8361). */
static const uint16_t infection_ports[] = { 23,	  2323,	 23231, 5555,
					    7547, 37215, 52869 };

static uint64_t hash_addr(const struct addr *a)
{
	return table_hash(0, a, sizeof(*a));
}

static void say(struct finding_list *out, enum rule_kind kind,
		const struct addr *endpoint, uint64_t at_ms,
		const char *evidence)
{
	struct finding_report report = {
		.kind = kind,
		.subject = "",
		.endpoint = endpoint,
		.at_ms = at_ms,
		.evidence = evidence,
	};

	(void)!finding_report(out, &report);
}

static uint64_t hash_flow(const struct record_flow *f)
{
	return table_hash((uint64_t)f->device_port << 16 | f->remote_port,
			  &f->remote, sizeof(f->remote));
}

/* A connection that came to nothing: no content either way, and none before,
 * as one has that is kept alive, or closed long after its last use. */
static bool is_failed(const struct traffic *t, const struct record_flow *f)
{
	uint64_t hash;

	if (f->protocol != IP_TCP || f->opener != RECORD_OPENER_DEVICE ||
	    f->in_sequence_bytes || f->out_sequence_bytes ||
	    f->in_packets > f->out_packets)
		return false;
	hash = hash_flow(f);
	return !distinct_has(&t->used, hash) &&
	       !distinct_has(&t->used_before, hash);
}

static bool is_infection_port(uint16_t port)
{
	for (size_t i = 0;
	     i < sizeof(infection_ports) / sizeof(infection_ports[0]); i++)
		if (infection_ports[i] == port)
			return true;
	return false;
}

/* The one with the fewest ports gives way: a scan of hosts tries a port of
 * each. */
static struct traffic_target *target_of(struct traffic *t,
					const struct addr *addr)
{
	struct traffic_target *target = &t->targets[0];

	for (uint32_t i = 0; i < t->target_count; i++) {
		if (addr_equal(&t->targets[i].addr, addr))
			return &t->targets[i];
		if (t->targets[i].ports.set < target->ports.set)
			target = &t->targets[i];
	}
	if (t->target_count < TRAFFIC_TARGETS_MAX)
		target = &t->targets[t->target_count++];
	*target = (struct traffic_target){ .addr = *addr };
	return target;
}

/* Which rules are over their threshold; what is said says it once a window. */
struct verdicts {
	const struct record_flow *scan, *ports, *infection;
};

static void add_failed(struct traffic *t, const struct record_flow *f,
		       struct verdicts *v)
{
	struct traffic_target *target = target_of(t, &f->remote);

	distinct_add(&t->failed, hash_addr(&f->remote));
	if (distinct_count(&t->failed) >= rules[RULE_HOST_SCAN].threshold)
		v->scan = f;
	distinct_add(&target->ports,
		     table_hash(0, &f->remote_port, sizeof(f->remote_port)));
	if (distinct_count(&target->ports) >= rules[RULE_PORT_SCAN].threshold)
		v->ports = f;
}

/* Telnet to one's own set-top box is odd, to strangers it is an attack. */
static void add_infection(struct traffic *t, const struct record_flow *f,
			  struct verdicts *v)
{
	distinct_add(&t->infection, hash_addr(&f->remote));
	if (distinct_count(&t->infection) >=
	    rules[RULE_INFECTION_PORTS].threshold)
		v->infection = f;
}

static void say_scans(const struct traffic *t, const struct verdicts *v,
		      uint64_t now_ms, struct finding_list *out)
{
	char text[FINDING_EVIDENCE_BYTES], addr[PARTY_TEXT_BYTES];

	if (v->scan) {
		snprintf(text, sizeof(text),
			 "%u addresses without an answer, such as %s port %u",
			 distinct_count(&t->failed),
			 party_addr(&v->scan->remote, addr),
			 v->scan->remote_port);
		say(out, RULE_HOST_SCAN, &v->scan->remote, now_ms, text);
	}
	if (v->ports) {
		snprintf(text, sizeof(text), "many ports of %s, such as %u",
			 party_addr(&v->ports->remote, addr),
			 v->ports->remote_port);
		say(out, RULE_PORT_SCAN, &v->ports->remote, now_ms, text);
	}
	if (v->infection) {
		snprintf(text, sizeof(text),
			 "%u hosts on the Internet, such as %s port %u",
			 distinct_count(&t->infection),
			 party_addr(&v->infection->remote, addr),
			 v->infection->remote_port);
		say(out, RULE_INFECTION_PORTS, &v->infection->remote, now_ms,
		    text);
	}
}

/* Packets that one kind of flood is made of, by host. */
struct sums {
	uint64_t out[PLACES], in[PLACES];
};

static bool is_flood_flow(const struct traffic *t, const struct record_flow *f,
			  uint8_t protocol)
{
	if (f->protocol != protocol || addr_is_multicast(&f->remote))
		return false;
	return protocol == IP_UDP || is_failed(t, f);
}

/* The host that gets the most of it, and how much; NULL for none. */
static const struct record_flow *worst(const struct traffic *t,
				       const struct record_window *w,
				       uint8_t protocol, uint64_t *packets)
{
	const struct record_flow *flow = NULL;
	struct sums sums = { 0 };
	size_t top = 0;

	for (size_t i = 0; i < w->flow_count; i++) {
		const struct record_flow *f = &w->flows[i];
		size_t place = hash_addr(&f->remote) % PLACES;

		if (!is_flood_flow(t, f, protocol))
			continue;
		sums.out[place] += f->out_packets;
		sums.in[place] += f->in_packets;
		if (sums.out[place] >= sums.out[top]) {
			top = place;
			flow = f;
		}
	}
	*packets = sums.out[top];
	/* refused connections are answered, with a packet each */
	if (protocol == IP_UDP && sums.in[top] * ANSWERED_IN > sums.out[top])
		return NULL;
	return flow;
}

static void judge_floods(struct traffic *t, const struct record_window *w,
			 uint64_t now_ms, struct finding_list *out)
{
	char text[FINDING_EVIDENCE_BYTES], addr[PARTY_TEXT_BYTES];
	const struct record_flow *flow;
	uint64_t packets;

	flow = worst(t, w, IP_TCP, &packets);
	if (flow && packets >= rules[RULE_SYN_FLOOD].threshold) {
		snprintf(text, sizeof(text),
			 "%llu TCP packets without content to %s port %u in "
			 "5 s",
			 (unsigned long long)packets,
			 party_addr(&flow->remote, addr), flow->remote_port);
		say(out, RULE_SYN_FLOOD, &flow->remote, now_ms, text);
	}
	flow = worst(t, w, IP_UDP, &packets);
	if (!flow || packets < rules[RULE_UDP_FLOOD].threshold ||
	    ++t->udp_floods < UDP_FLOODS)
		return;
	snprintf(text, sizeof(text),
		 "%llu UDP packets to %s port %u in 5 s, unanswered",
		 (unsigned long long)packets, party_addr(&flow->remote, addr),
		 flow->remote_port);
	say(out, RULE_UDP_FLOOD, &flow->remote, now_ms, text);
}

static void judge_fan_out(const struct traffic *t, uint64_t now_ms,
			  struct finding_list *out)
{
	uint32_t hosts = distinct_count(&t->hosts);
	char text[FINDING_EVIDENCE_BYTES];

	if (hosts < TRAFFIC_FAN_OUT_LEAST ||
	    now_ms < t->since_ms + TRAFFIC_LEARN_MS ||
	    hosts < (uint64_t)t->most_hosts * rules[RULE_FAN_OUT].threshold)
		return;
	snprintf(text, sizeof(text),
		 "%u hosts on the Internet within an hour; never more than %u "
		 "before",
		 hosts, t->most_hosts);
	say(out, RULE_FAN_OUT, NULL, now_ms, text);
}

/* Of two spans in a row, so that one large upload is none. */
static void judge_upload(const struct traffic *t,
			 const struct traffic_world *world, uint64_t now_ms,
			 struct finding_list *out)
{
	uint64_t uplink =
		world->uplink_bps ? world->uplink_bps : TRAFFIC_UPLINK_BPS;
	uint64_t span_bytes = uplink / BITS * (TRAFFIC_SPAN_MS / MS_PER_S);
	uint64_t least =
		span_bytes / PER_CENT * rules[RULE_SLOWS_HOME].threshold;
	uint64_t share =
		(t->out_bytes + t->last_out_bytes) * PER_CENT / span_bytes / 2;
	char text[FINDING_EVIDENCE_BYTES];

	if (t->out_bytes < least || t->last_out_bytes < least)
		return;
	snprintf(text, sizeof(text),
		 "%llu per cent of %llu Mbit/s for 10 minutes%s",
		 (unsigned long long)share,
		 (unsigned long long)(uplink / 1000000),
		 world->uplink_bps ? ", your upload as you set it"
				   : " (taken for your upload; set "
				     "yours in Settings)");
	say(out, RULE_SLOWS_HOME, NULL, now_ms, text);
}

static void judge_away(const struct traffic *t, uint64_t now_ms,
		       struct finding_list *out)
{
	char text[FINDING_EVIDENCE_BYTES];

	if (t->away_bytes < rules[RULE_WHILE_AWAY].threshold)
		return;
	snprintf(text, sizeof(text), "%llu bytes sent within 5 minutes",
		 (unsigned long long)t->away_bytes);
	say(out, RULE_WHILE_AWAY, NULL, now_ms, text);
}

/* Ends the spans that are over, and what is counted in them. */
static void turn(struct traffic *t, uint64_t now_ms,
		 const struct traffic_world *world, struct finding_list *out)
{
	uint64_t span = now_ms / TRAFFIC_SPAN_MS;
	uint64_t hour = now_ms / TRAFFIC_HOUR_MS;
	uint64_t sent = t->out_bytes;
	uint32_t hosts;

	if (!t->since_ms) {
		t->since_ms = now_ms;
		t->span = span;
		t->hour = hour;
	}
	if (span > t->span) {
		judge_upload(t, world, now_ms, out);
		judge_away(t, now_ms, out);
		t->last_out_bytes = span == t->span + 1 ? sent : 0;
		t->out_bytes = t->away_bytes = 0;
		t->used_before = t->used;
		memset(&t->used, 0, sizeof(t->used));
		memset(&t->failed, 0, sizeof(t->failed));
		memset(&t->infection, 0, sizeof(t->infection));
		memset(t->targets, 0, sizeof(t->targets));
		t->target_count = t->udp_floods = 0;
		t->span = span;
	}
	if (hour > t->hour) {
		hosts = distinct_count(&t->hosts);
		if (hosts > t->most_hosts)
			t->most_hosts = hosts;
		memset(&t->hosts, 0, sizeof(t->hosts));
		t->hour = hour;
	}
}

void traffic_add(struct traffic *t, const struct record_window *w,
		 const struct traffic_world *world, struct finding_list *out)
{
	uint64_t now_ms = w->start_ns / NS_PER_MS;
	struct verdicts verdicts = { 0 };

	turn(t, now_ms, world, out);
	for (size_t i = 0; i < w->flow_count; i++) {
		const struct record_flow *f = &w->flows[i];

		if (f->in_sequence_bytes || f->out_sequence_bytes)
			distinct_add(&t->used, hash_flow(f));
		else if (is_failed(t, f))
			add_failed(t, f, &verdicts);
		if (f->local || !f->out_packets ||
		    addr_is_multicast(&f->remote))
			continue;
		if (f->in_packets)
			distinct_add(&t->hosts, hash_addr(&f->remote));
		t->out_bytes += f->out_bytes;
		t->away_bytes += world->away ? f->out_bytes : 0;
		if (f->protocol == IP_TCP &&
		    f->opener == RECORD_OPENER_DEVICE &&
		    is_infection_port(f->remote_port))
			add_infection(t, f, &verdicts);
	}
	say_scans(t, &verdicts, now_ms, out);
	judge_floods(t, w, now_ms, out);
	judge_fan_out(t, now_ms, out);
}
