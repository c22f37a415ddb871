// SPDX-License-Identifier: GPL-3.0-or-later

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "guard/clock.h"
#include "guard/state.h"
#include "guard/usable.h"

/* How often the kernel is asked for the gateway's MAC. */
#define GATEWAY_KNOWN_MS   2000
#define GATEWAY_UNKNOWN_MS 200
/* After a round of scanning, what comes late is waited for. */
#define SCAN_LATE_MS 2000
/* After a sleep the router is asked for so often. */
#define PROBE_MS 300
/* Frames read before the loop turns again. */
#define HEARD_AT_ONCE 256
/* What the router sent before the claim may be read after it; it is asked each
 * GATEWAY_UNKNOWN_MS. */
#define RIVAL_LATE_MS 50

/* Others tell each second whom they watch. */
#define LISTEN_MS (PEERS_TELL_MS + 100)

static const char the_router[] = "the router";

void lan_list(struct guard *g)
{
	static struct net_interface list[MESSAGE_INTERFACES_MAX];
	int count = net_list(&g->net, list, MESSAGE_INTERFACES_MAX);

	/* a list that changed while it was read says nothing of who is gone */
	g->list_stale = count < 0;
	if (count < 0)
		return;
	memcpy(g->interfaces, list, sizeof(g->interfaces));
	g->interface_count = (size_t)count;
}

static void describe(const struct net_interface *i,
		     struct message_interface *out)
{
	message_text(out->name, sizeof(out->name), i->name);
	out->mac = i->mac;
	out->address = i->address;
	out->gateway = i->gateway;
	out->wireless = i->wireless;
	usable_judge(i, out->problem);
	out->usable = !out->problem[0];
}

void lan_tell_list(struct guard *g)
{
	struct message all[MESSAGE_INTERFACES_MAX];
	size_t count = 0, usable = 0;

	for (size_t i = 0; i < g->interface_count; i++) {
		if (g->interfaces[i].loopback)
			continue;
		all[count] =
			(struct message){ .type = MESSAGE_INTERFACE, .fd = -1 };
		describe(&g->interfaces[i], &all[count].interface);
		usable += all[count].interface.usable;
		count++;
	}
	if (!count)
		all[count++] =
			(struct message){ .type = MESSAGE_INTERFACE, .fd = -1 };
	for (size_t i = 0; i < count; i++) {
		struct message_interface *m = &all[i].interface;

		m->first = i == 0;
		m->last = i == count - 1;
		m->suggested =
			g->config->interface ? !strcmp(g->config->interface,
						       m->name)
					     : m->usable && usable == 1;
		guard_tell_hub(g, &all[i]);
	}
}

void lan_tell_chosen(struct guard *g)
{
	struct message m = { .type = MESSAGE_CHOSEN, .fd = -1 };

	if (g->active) {
		message_text(m.chosen.name, sizeof(m.chosen.name), g->lan.name);
		m.chosen.mac = g->lan.mac;
		m.chosen.address = g->lan.address;
		m.chosen.gateway = g->lan.gateway;
		m.chosen.gateway_mac = g->gateway_mac;
		m.chosen.own6 = g->lan.address6.addr;
		m.chosen.resolver =
			four_is_here(g) ? g->lan.gateway : lan6_resolver(g);
		if (g->four_lost_ms) {
			m.chosen.address = g->lan.address6;
			m.chosen.gateway = lan6_gateway(g);
		}
		lan6_put_names(g, &m.chosen);
		m.chosen.up = g->lan.up;
		m.chosen.index = (uint32_t)g->lan.index;
	}
	guard_tell_hub(g, &m);
}

static struct message_host
describe_host(const struct guard *g, const struct host *host, uint64_t now_ms)
{
	const struct addr *six = lan6_address_of(g, &host->mac);

	return (struct message_host){
		.mac = host->mac,
		.address = host->address.family || !six ? host->address : *six,
		.elsewhere = elsewhere_address(&host->elsewhere),
		.first_ns = host->first_ns,
		.last_ns = host->last_ns,
		.present = host->present,
		.is_gateway = mac_equal(&host->mac, &g->gateway_mac),
		.is_self = mac_equal(&host->mac, &g->lan.mac),
		.is_excluded = guard_excludes(g, &host->mac),
		.is_inspector = hosts_is_inspector(host, now_ms),
	};
}

static void tell_host(struct guard *g, struct host *host, uint64_t now_ms)
{
	struct message m = { .type = MESSAGE_HOST, .fd = -1 };

	m.host = describe_host(g, host, now_ms);
	host->news = false;
	host->told_ms = now_ms;
	guard_tell_hub(g, &m);
}

void lan_tell_address(struct guard *g, const struct mac *mac,
		      const struct addr *address)
{
	struct message m = { .type = MESSAGE_HOST, .fd = -1 };
	const struct host *host = hosts_find(&g->hosts, mac);

	if (!host)
		return;
	m.host = describe_host(g, host, clock_ms());
	m.host.address = *address;
	guard_tell_hub(g, &m);
}

void lan_tell_all(struct guard *g)
{
	uint64_t now = clock_ms();
	struct host *host;
	uint32_t at = 0;

	lan_tell_chosen(g);
	if (!g->active)
		return;
	while ((host = table_next(&g->hosts.by_mac, &at, NULL)))
		tell_host(g, host, now);
	lan6_tell_all(g);
}

static uint64_t random_number(void)
{
	uint64_t n = 0;

	(void)!getrandom(&n, sizeof(n), GRND_NONBLOCK);
	return n;
}

bool lan_has_four(const struct guard *g)
{
	return g->lan.address.addr.family == 4;
}

/* Every address of the subnet is to be asked for; of IPv6 there are too many,
 * and all are asked at once (lan6.c). */
static void open_scan(struct guard *g, uint64_t now_ms)
{
	g->scan = (struct scan){ .due_ms = UINT64_MAX };
	if (lan_has_four(g))
		scan_init(&g->scan, &g->lan.address, now_ms);
	g->counters.scan_skipped = g->scan.skipped;
	if (g->scan.skipped)
		guard_fault(g, MESSAGE_FAULT_SUBNET, "",
			    "the network has room for %llu devices, of which "
			    "%d addresses around ours are looked at; others "
			    "are found when they speak",
			    (unsigned long long)g->scan.skipped +
				    SCAN_ADDRESSES_MAX,
			    SCAN_ADDRESSES_MAX);
}

/* A host spoke; that of IPv4 is the address that it is known by. */
static void know_host(struct guard *g, const struct mac *mac,
		      const struct addr *address, uint64_t now_ms)
{
	static const struct addr none = { .family = 0 };

	hosts_heard(&g->hosts, mac, address->family == 4 ? address : &none,
		    now_ms, clock_epoch_ns());
}

void lan_forget_four(struct guard *g, uint64_t now_ms)
{
	static const struct addr none = { .family = 0 };
	struct host *host;
	uint32_t at = 0;

	while ((host = table_next(&g->hosts.by_mac, &at, NULL))) {
		host->address = none;
		host->elsewhere = (struct elsewhere){ .proven = false };
		host->news = true;
	}
	know_host(g, &g->lan.mac, &g->lan.address.addr, now_ms);
	open_scan(g, now_ms);
}

static void open_lan(struct guard *g, const struct net_interface *i,
		     uint64_t now_ms)
{
	g->lan = *i;
	if (wire_open(i->index, &i->mac, WIRE_TYPE_ARP, &g->arp))
		goto failed;
	if (wire_open(i->index, &i->mac, WIRE_TYPE_BEACON, &g->beacon)) {
		wire_close(&g->arp);
		goto failed;
	}
	g->active = g->linked = true;
	g->opened_ms = now_ms;
	g->reopen = g->gone = false;
	g->woke_ms = 0;
	g->gateway_mac = g->rival = (struct mac){ { 0 } };
	g->router_is_peers = false;
	g->rival_proven_ms = 0;
	g->gateway_ms = now_ms;
	g->four_lost_ms = g->four_found_ms = 0;
	hosts_init(&g->hosts, random_number());
	peers_init(&g->peers, random_number());
	open_scan(g, now_ms);
	know_host(g, &i->mac, &i->address.addr, now_ms);
	lan6_open(g, now_ms);
	guard_read_firewall(g);
	lan_tell_chosen(g);
	guard_due(g, now_ms);
	return;
failed:
	guard_fault(g, MESSAGE_FAULT_SYSTEM, "",
		    "could not open a socket on %s: %s", i->name,
		    strerror(errno));
}

void lan_close(struct guard *g)
{
	if (!g->active)
		return;
	wire_close(&g->arp);
	wire_close(&g->beacon);
	if (g->capture >= 0)
		close(g->capture);
	if (g->through >= 0)
		close(g->through);
	g->capture = g->through = -1;
	lan6_close(g);
	hosts_done(&g->hosts);
	g->active = false;
	g->reopen = false;
	lan_tell_chosen(g);
}

/* The interface the hub wants, when it can be used. */
static void try_open(struct guard *g, uint64_t now_ms)
{
	const struct net_interface *i =
		net_find(g->interfaces, g->interface_count, g->wanted);
	char problem[MESSAGE_TEXT_MAX];

	if (!i) {
		guard_fault(g, MESSAGE_FAULT_INTERFACE, "",
			    "there is no interface %s", g->wanted);
		return;
	}
	usable_judge(i, problem);
	if (problem[0]) {
		guard_fault(g,
			    i->ethernet && i->address.addr.family &&
					    (!i->gateway.family || i->stranded)
				    ? MESSAGE_FAULT_NO_GATEWAY
			    : i->up ? MESSAGE_FAULT_INTERFACE
				    : MESSAGE_FAULT_DOWN,
			    "", "%s cannot be used: %s", g->wanted, problem);
		return;
	}
	guard_fault_over(g, MESSAGE_FAULT_INTERFACE);
	guard_fault_over(g, MESSAGE_FAULT_NO_GATEWAY);
	guard_fault_over(g, MESSAGE_FAULT_DOWN);
	open_lan(g, i, now_ms);
}

void lan_doubt(struct guard *g, uint64_t now_ms)
{
	g->woke_ms = now_ms;
	g->probe_ms = now_ms;
	g->gateway_ms = now_ms;
	(void)!net_resolve(&g->net, g->lan.index, &g->lan.gateway);
	if (lan_has_four(g))
		scan_again(&g->scan, now_ms);
	lan6_doubt(g);
}

bool lan_is_heard(const struct guard *g, const struct mac *mac)
{
	const struct host *host = hosts_find(&g->hosts, mac);

	return !g->woke_ms || (host && host->heard_ms > g->woke_ms);
}

void lan_ask(struct guard *g, const struct addr *address, const struct mac *to)
{
	if (address->family == 6)
		lan6_ask_for(g, address, to);
	else if (four_is_here(g) &&
		 !arpcast_ask(&g->arp, &g->lan.address.addr, address, to))
		g->counters.arp_sent++;
}

/* In nobody's name: no entry is made or changed by it. */
static void probe(struct guard *g, const struct addr *address,
		  const struct mac *to)
{
	static const struct addr nobody = { .family = 4 };

	if (!arpcast_ask(&g->arp, &nobody, address, to))
		g->counters.arp_sent++;
}

void lan_probe(struct guard *g, const struct addr *address)
{
	if (address->family == 6)
		lan6_ask_for(g, address, &g->gateway_mac);
	else
		probe(g, address, &wire_broadcast);
}

/* Until it is heard that it still is the router that was known. */
static void probe_gateway(struct guard *g, uint64_t now_ms)
{
	if (!g->linked || lan_is_heard(g, &g->gateway_mac))
		return;
	if (now_ms >= g->probe_ms) {
		lan_probe(g, &g->lan.gateway);
		g->probe_ms = now_ms + PROBE_MS;
	}
	guard_due(g, g->probe_ms);
}

/* By the time of the turn: what is later than it would seem long ago. */
static void follow_link(struct guard *g, bool linked, uint64_t now_ms)
{
	if (linked == g->linked)
		return;
	g->linked = linked;
	if (linked)
		lan_doubt(g, now_ms);
	else
		g->unlinked_ms = now_ms;
}

/* What changed of the interface in use. */
static void follow(struct guard *g, uint64_t now_ms)
{
	const struct net_interface *i =
		net_find(g->interfaces, g->interface_count, g->lan.name);
	bool up = i && i->up && i->address.addr.family && i->gateway.family;

	g->gone = !i || i->index != g->lan.index;
	follow_link(g, !g->gone && i->up, now_ms);
	g->way_lost = g->way_lost || !g->linked;
	if (g->gone || !mac_equal(&i->mac, &g->lan.mac))
		g->reopen = true; /* another of that name, or none */
	else if (up && !four_follow(g, i, now_ms))
		g->reopen = true;
	if (i && !addr_equal(&i->address6.addr, &g->lan.address6.addr)) {
		g->lan.address6 = i->address6;
		lan_tell_chosen(g);
	}
	if (up == g->lan.up)
		return;
	g->lan.up = up;
	if (up) {
		guard_fault_over(g, MESSAGE_FAULT_DOWN);
		g->gateway_ms = 0;
		if (four_is_here(g))
			scan_again(&g->scan, now_ms);
	} else {
		guard_fault(g, MESSAGE_FAULT_DOWN, "",
			    "%s is down or has lost its address or router: "
			    "watching goes on when it is back",
			    g->lan.name);
	}
	lan_tell_chosen(g);
}

bool lan_is_fresh(const struct guard *g, uint64_t now_ms)
{
	return now_ms - g->opened_ms < LISTEN_MS;
}

bool lan_router_is_inspector(const struct guard *g, uint64_t now_ms)
{
	return hosts_is_inspector(hosts_find(&g->hosts, &g->gateway_mac),
				  now_ms);
}

bool lan_router_has_rival(const struct guard *g, uint64_t now_ms)
{
	return g->rival_proven_ms && now_ms - g->rival_proven_ms < RIVAL_MS;
}

bool lan_router_is_asked(const struct guard *g, uint64_t now_ms)
{
	return !mac_is_zero(&g->rival) && !lan_router_has_rival(g, now_ms);
}

void lan_tell_spoofer(struct guard *g, const char *whom, const struct mac *mac,
		      uint64_t now_ms)
{
	const struct host *host = hosts_find(&g->hosts, mac);
	char address[ADDR_TEXT_BYTES] = "unknown";

	spoof_found(&g->spoof, now_ms);
	if (host && host->address.family)
		addr_format(&host->address, address);
	guard_fault(g, MESSAGE_FAULT_SPOOFER, "",
		    "somebody else says to be %s: a device with a hardware "
		    "address of %02x:%02x:%02x:xx:xx:xx (its own address: %s)",
		    whom, mac->b[0], mac->b[1], mac->b[2], address);
}

/* The kernel was told of another MAC at the router's address. One that took
 * the router's place is taken for it; while the router goes on answering, it
 * is not. */
static bool is_replaced(struct guard *g, const struct mac *mac, uint64_t now_ms)
{
	const struct host *known = hosts_find(&g->hosts, &g->gateway_mac);

	if (mac_is_zero(&g->gateway_mac) || lan_router_is_inspector(g, now_ms))
		return true;
	if (!mac_equal(&g->rival, mac)) {
		g->rival = *mac;
		g->rival_ms = now_ms;
	}
	if (known && known->heard_ms > g->rival_ms + RIVAL_LATE_MS) {
		lan_tell_spoofer(g, the_router, mac, now_ms);
		g->rival_ms = g->rival_proven_ms = now_ms;
	}
	/* where nothing is known of who is there, all are asked: see above */
	if (lan_is_heard(g, &g->gateway_mac))
		lan_ask(g, &g->lan.gateway, &g->gateway_mac);
	(void)!net_probe(&g->net, g->lan.index, &g->lan.gateway);
	g->gateway_ms = now_ms + GATEWAY_UNKNOWN_MS;
	return now_ms - g->rival_ms >= RIVAL_ASKED_MS;
}

static void take_gateway(struct guard *g, const struct mac *mac,
			 uint64_t now_ms)
{
	if (mac_is_zero(&g->gateway_mac) || lan_router_is_inspector(g, now_ms))
		spoof_init(&g->spoof, mac);
	g->gateway_mac = *mac;
	g->rival = (struct mac){ { 0 } };
	g->rival_proven_ms = 0;
	if (g->changed) { /* another router took its place */
		g->undo.gateway_mac = *mac;
		if (settings_write(g))
			guard_fault(g, MESSAGE_FAULT_SYSTEM, "",
				    "could not write the undo record");
	}
	hold_router_changed(g, now_ms);
	know_host(g, mac, &g->lan.gateway, now_ms);
	lan_tell_chosen(g);
	capture_give(g);
}

/* The router's true MAC, as the kernel has it. */
static void look_for_gateway(struct guard *g, uint64_t now_ms)
{
	struct mac mac;
	int err;

	if (now_ms < g->gateway_ms || !g->lan.up || g->four_lost_ms)
		return;
	err = net_neighbour(&g->net, g->lan.index, &g->lan.gateway, &mac);
	g->gateway_ms = now_ms + (err || lan_router_is_inspector(g, now_ms)
					  ? GATEWAY_UNKNOWN_MS
					  : GATEWAY_KNOWN_MS);
	if (err) {
		(void)!net_resolve(&g->net, g->lan.index, &g->lan.gateway);
		return;
	}
	g->router_is_peers =
		hosts_is_inspector(hosts_find(&g->hosts, &mac), now_ms);
	if (mac_equal(&mac, &g->gateway_mac)) {
		g->rival = (struct mac){ { 0 } };
		return;
	}
	if (g->router_is_peers) {
		guard_fault(g, MESSAGE_FAULT_NO_GATEWAY, "",
			    "another inspector, or who says to be one, answers "
			    "in the router's place: it is waited for");
		return;
	}
	/* a lie: who is told it in our restore would believe it */
	if (mac_is_group(&mac) || mac_equal(&mac, &g->lan.mac) ||
	    watches_have(g, &mac))
		return;
	if (is_replaced(g, &mac, now_ms))
		take_gateway(g, &mac, now_ms);
}

static bool is_of_excluded(struct guard *g, const struct addr *address)
{
	struct mac mac;

	for (size_t i = 0; i < g->excluded_count; i++) {
		const struct host *host =
			hosts_find(&g->hosts, &g->excluded[i]);

		/* not heard yet: where it was when it last was */
		if (addr_equal(host && host->address.family
				       ? &host->address
				       : &g->excluded_at[i],
			       address))
			return true;
	}
	/* the kernel may know it, too */
	return g->excluded_count &&
	       !net_neighbour(&g->net, g->lan.index, address, &mac) &&
	       guard_excludes(g, &mac);
}

static void scan_turn(struct guard *g, uint64_t now_ms)
{
	uint64_t rounds = g->scan.rounds;
	struct addr address;

	if (scan_due(&g->scan, now_ms, &address) &&
	    !is_of_excluded(g, &address)) {
		lan_ask(g, &address, &wire_broadcast);
		g->counters.scan_requests++;
	}
	g->counters.scans = g->scan.rounds;
	if (g->scan.rounds != rounds)
		guard_due(g, now_ms + SCAN_LATE_MS);
	guard_due(g, g->scan.due_ms);
}

/* A round is over and all that answered was the router. */
static void check_isolation(struct guard *g, uint64_t now_ms)
{
	uint32_t others = 0, at = 0;
	const struct host *host;
	bool gateway = false;

	if (lan_has_four(g)
		    ? !g->scan.rounds || now_ms + SCAN_SOON_MS - SCAN_LATE_MS <
						 g->scan.due_ms
		    : g->six.echoes < 2)
		return;
	while ((host = table_next(&g->hosts.by_mac, &at, NULL))) {
		if (mac_equal(&host->mac, &g->gateway_mac))
			gateway = host->present;
		else if (!mac_equal(&host->mac, &g->lan.mac) && host->present)
			others++;
	}
	if (!others && gateway)
		guard_fault(g, MESSAGE_FAULT_ISOLATED, "",
			    "nobody but the router answers on %s: if there are "
			    "devices, the %s keeps them apart (guest network, "
			    "\"client isolation\"): switch that off there",
			    g->lan.name,
			    g->lan.wireless ? "access point" : "switch");
	else
		guard_fault_over(g, MESSAGE_FAULT_ISOLATED);
}

static void ask_elsewhere(struct guard *g, struct host *host, uint64_t now_ms)
{
	bool gone = false;

	if (guard_excludes(g, &host->mac)) {
		gone = host->elsewhere.proven;
		host->elsewhere = (struct elsewhere){ .proven = false };
	} else if (elsewhere_ask(&host->elsewhere, now_ms, &gone)) {
		probe(g, &host->elsewhere.address, &host->mac);
	}
	host->news = host->news || gone;
}

static void hosts_turn(struct guard *g, uint64_t now_ms)
{
	struct host *host;
	uint32_t at = 0;

	while ((host = table_next(&g->hosts.by_mac, &at, NULL))) {
		if (mac_equal(&host->mac, &g->lan.mac))
			host->heard_ms = now_ms;
		else if (guard_excludes(g, &host->mac))
			hosts_miss(host, now_ms);
		else if (hosts_ask(host, now_ms)) {
			if (host->address.family)
				lan_ask(g, &host->address, &host->mac);
			lan6_ask(g, &host->mac);
		}
		ask_elsewhere(g, host, now_ms);
		if (host->beacon_ms && !hosts_is_inspector(host, now_ms)) {
			host->beacon_ms = 0;
			host->news = true;
		}
		if (host->news)
			tell_host(g, host, now_ms);
	}
	g->counters.hosts_refused = g->hosts.refused + g->six.hosts.refused;
}

void lan_turn(struct guard *g, uint64_t now_ms)
{
	bool leave =
		g->stopping || g->reopen || strcmp(g->wanted, g->lan.name) != 0;

	if (g->list_stale) {
		lan_list(g);
		lan_tell_list(g);
	}
	if (g->active && leave && !watches_any(g))
		lan_close(g);
	if (!g->active && g->wanted[0] && !g->stopping)
		try_open(g, now_ms);
	if (!g->active)
		return;
	follow(g, now_ms);
	if (lan_is_fresh(g, now_ms))
		guard_due(g, g->opened_ms + LISTEN_MS);
	probe_gateway(g, now_ms);
	/* also when it is left: those given back are told of it */
	if (!g->reopen || lan_router_is_inspector(g, now_ms))
		look_for_gateway(g, now_ms);
	if (leave)
		return;
	guard_due(g, g->gateway_ms);
	if (four_is_here(g) && g->lan.up && !mac_is_zero(&g->gateway_mac))
		scan_turn(g, now_ms);
	check_isolation(g, now_ms);
	if (spoof_is_over(&g->spoof, now_ms))
		guard_fault_over(g, MESSAGE_FAULT_SPOOFER);
	hosts_turn(g, now_ms);
	lan6_turn(g, now_ms);
}

/* Somebody says to have the router's address. The router is asked whether it
 * is there: it may have been silent for long, and a router that was replaced
 * is. Of the other's MAC no more is told than of any other. */
static void hear_claim(struct guard *g, const struct mac *mac, uint64_t now_ms)
{
	const struct host *host = hosts_find(&g->hosts, mac);

	if (hosts_is_inspector(host, now_ms) || lan_is_fresh(g, now_ms) ||
	    lan_router_is_inspector(g, now_ms))
		return;
	if (spoof_heard(&g->spoof, mac, now_ms))
		lan_tell_spoofer(g, the_router, mac, now_ms);
	if (spoof_asks(&g->spoof, mac, now_ms) &&
	    lan_is_heard(g, &g->gateway_mac))
		lan_ask(g, &g->lan.gateway, &g->spoof.claimants[0].mac);
	if (!mac_equal(mac, &g->gateway_mac))
		g->gateway_ms = now_ms; /* the kernel may believe it */
	guard_due(g, g->gateway_ms);
}

/* Whether it may be a host's, of another subnet than ours. */
static bool is_elsewhere(const struct guard *g, const struct addr *address)
{
	return four_is_here(g) && address->family == 4 &&
	       !cidr_contains(&g->lan.address, address) &&
	       !addr_is_unspecified(address) && !addr_is_loopback(address) &&
	       !addr_is_multicast(address) && !addr_is_broadcast(address) &&
	       !addr_is_link_local(address);
}

void lan_spoke_from(struct guard *g, const struct mac *mac,
		    const struct addr *address, uint64_t now_ms)
{
	struct host *host = g->active ? hosts_find(&g->hosts, mac) : NULL;

	if (!host || !g->lan.up || !is_elsewhere(g, address) ||
	    mac_equal(mac, &g->lan.mac) || mac_equal(mac, &g->gateway_mac) ||
	    guard_excludes(g, mac) || hosts_is_inspector(host, now_ms))
		return;
	if (elsewhere_heard(&host->elsewhere, address, now_ms))
		probe(g, address, mac);
}

/* A host of our link speaks from another subnet. */
static void hear_elsewhere(struct guard *g, const struct wire_frame *frame,
			   const struct arp *arp, uint64_t now_ms)
{
	static const struct addr none = { .family = 0 };
	const struct mac *mac = &arp->sender_mac;
	struct host *host;

	if (!is_elsewhere(g, &arp->sender_ip))
		return;
	host = hosts_heard(&g->hosts, mac, &none, now_ms, clock_epoch_ns());
	if (host && arp->op == ARP_OP_REPLY &&
	    mac_equal(&frame->destination, &g->lan.mac) &&
	    elsewhere_answered(&host->elsewhere, &arp->sender_ip, now_ms)) {
		host->news = true;
		guard_due(g, now_ms);
	} else {
		lan_spoke_from(g, mac, &arp->sender_ip, now_ms);
	}
}

static void hear(struct guard *g, const struct wire_frame *frame,
		 uint64_t now_ms)
{
	struct arp arp;

	if (arp_decode(frame->payload, &arp)) {
		g->counters.arp_malformed++;
		return;
	}
	g->counters.arp_heard++;
	/* who speaks for another is not learnt from */
	if (!mac_equal(&frame->source, &arp.sender_mac) ||
	    mac_is_group(&arp.sender_mac) ||
	    mac_equal(&arp.sender_mac, &g->lan.mac) ||
	    addr_equal(&arp.sender_ip, &g->lan.address.addr))
		return;
	if (!undo_is_host(&g->lan.address, &arp.sender_ip)) {
		hear_elsewhere(g, frame, &arp, now_ms);
		return;
	}
	if (addr_equal(&arp.sender_ip, &g->lan.gateway))
		hear_claim(g, &arp.sender_mac, now_ms);
	if (addr_equal(&arp.sender_ip, &g->lan.gateway) !=
	    mac_equal(&arp.sender_mac, &g->gateway_mac))
		return;
	hosts_heard(&g->hosts, &arp.sender_mac, &arp.sender_ip, now_ms,
		    clock_epoch_ns());
	watches_heard(g, &arp.sender_mac, &arp.sender_ip, now_ms);
	hold_heard(g, frame, &arp, now_ms);
}

void lan_hear_arp(struct guard *g, uint64_t now_ms)
{
	uint8_t buffer[WIRE_FRAME_MAX];
	struct wire_frame frame;

	for (int n = 0; n < HEARD_AT_ONCE; n++) {
		int err = wire_receive(&g->arp, buffer, &frame);

		if (err == ERR_AGAIN || err == ERR_IO)
			break;
		if (!err)
			hear(g, &frame, now_ms);
	}
}

void lan_hear_beacons(struct guard *g, uint64_t now_ms)
{
	uint8_t buffer[WIRE_FRAME_MAX];
	struct wire_frame frame;
	struct host *host;
	bool ours;

	for (int n = 0; n < HEARD_AT_ONCE; n++) {
		int err = wire_receive(&g->beacon, buffer, &frame);

		if (err == ERR_AGAIN || err == ERR_IO)
			break;
		if (err || peers_take(&g->peers, &frame.source, frame.payload,
				      now_ms, &ours)) {
			g->counters.beacons_malformed++;
			continue;
		}
		if (ours)
			continue;
		g->counters.beacons_heard++;
		g->counters.claims_refused = g->peers.refused;
		host = hosts_find(&g->hosts, &frame.source);
		if (!host)
			continue;
		host->news = host->news || !hosts_is_inspector(host, now_ms);
		host->beacon_ms = now_ms;
	}
}
