// SPDX-License-Identifier: GPL-3.0-or-later

#include <assert.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "guard/clock.h"
#include "guard/state.h"

/* Routers are asked to advertise themselves: at first, and while none does. */
#define SOLICIT_FIRST_MS 4000
#define SOLICIT_TIMES	 3
#define SOLICIT_MS	 60000
/* Echo requests: two soon, then as often as a scan; one host after the other
 * if not all may be asked at once. */
#define ECHO_SOON_MS  20000
#define ECHO_AGAIN_MS 300000
#define ECHO_PACE_MS  10
/* The kernel's own table is looked at so often. */
#define LOOK_MS 30000
/* An address is proven by the kernel's asking for it: when to look at what
 * came of it, and after how many it is left for later. */
#define PROVE_LOOK_MS  10
#define PROVE_ASK_MS   1000
#define PROVE_TIMES    4
#define PROVE_LATER_MS 30000
/* One that is being made is there a second later (RFC 4862 5.4). */
#define TENTATIVE_MS 1200
/* The same unknown address is asked for so often at most. */
#define UNKNOWN_MS 1000
/* News of addresses told to the hub in a second: more is not a home's. */
#define NEWS_A_SECOND 100
/* Frames read before the loop turns again. */
#define HEARD_AT_ONCE 256

void lan6_open(struct guard *g, uint64_t now_ms)
{
	struct six *six = &g->six;
	uint64_t seed = 0;

	*six = (struct six){ .through = -1,
			     .stale = true,
			     .solicit_ms = now_ms,
			     .look_ms = now_ms,
			     .echo_ms = now_ms };
	(void)!getrandom(&seed, sizeof(seed), GRND_NONBLOCK);
	six->key = (uint32_t)seed | 1;
	six->identifier = (uint16_t)(seed >> 32);
	hosts6_init(&six->hosts, seed);
	six->open = !ndpcast_open(g->lan.index, &g->lan.mac, &six->wire);
}

void lan6_close(struct guard *g)
{
	if (g->six.open)
		wire_close(&g->six.wire);
	if (g->six.through >= 0)
		close(g->six.through);
	hosts6_done(&g->six.hosts);
	g->six = (struct six){ .through = -1 };
}

void lan6_doubt(struct guard *g)
{
	struct six *six = &g->six;
	struct host6 *host;
	uint32_t at = 0;

	if (!six->open)
		return;
	six->routers = (struct routers){ .count = 0 };
	six->router_count = 0;
	six->solicited = 0;
	six->solicit_ms = six->echo_ms = 0;
	six->stale = six->unproven = true;
	while ((host = hosts6_next(&six->hosts, &at)))
		host->proven = false;
}

static bool is_own(const struct six *six, const struct addr *address)
{
	for (size_t i = 0; i < six->own_count; i++)
		if (addr_equal(&six->own[i], address))
			return true;
	return false;
}

static bool is_on_link(const struct six *six, const struct addr *address)
{
	if (routers_is_on_link(&six->routers, address))
		return true;
	for (size_t i = 0; i < six->own_count; i++) {
		const struct cidr net = { six->own[i], 64 };

		if (cidr_contains(&net, address))
			return true;
	}
	return false;
}

void lan6_tell_engine(struct guard *g)
{
	struct message m = { .type = MESSAGE_NETWORK6, .fd = -1 };
	const struct six *six = &g->six;

	m.network6.own_count = (uint32_t)six->own_count;
	memcpy(m.network6.own, six->own, sizeof(six->own));
	m.network6.prefix_count = (uint32_t)six->routers.prefix_count;
	memcpy(m.network6.prefixes, six->routers.prefixes,
	       sizeof(m.network6.prefixes));
	guard_tell_engine(g, &m);
}

struct addr lan6_resolver(const struct guard *g)
{
	struct router router = { .until_ms = 0 };

	(void)routers_now(&g->six.routers, clock_ms(), &router);
	return router.resolver.family ? router.resolver : lan6_gateway(g);
}

struct addr lan6_gateway(const struct guard *g)
{
	static const struct addr none = { .family = 0 };

	if (!lan_has_four(g))
		return g->lan.gateway;
	return g->six.router_addresses ? g->six.router[0] : none;
}

void lan6_put_names(const struct guard *g, struct message_chosen *m)
{
	const struct routers *r = &g->six.routers;

	static_assert(ROUTERS_DOMAINS_MAX == MESSAGE_DOMAINS_MAX &&
			      NDP_DOMAIN_BYTES == MESSAGE_DOMAIN_BYTES,
		      "all of them fit");
	for (size_t i = 0; i < r->domain_count; i++)
		message_text(m->domains[i], sizeof(m->domains[i]),
			     r->domains[i]);
	m->domain_count = (uint32_t)r->domain_count;
	m->domains_left_out = r->domains_left_out;
	static_assert(ROUTERS_RESOLVERS_MAX == MESSAGE_RESOLVERS_MAX,
		      "all of them fit");
	m->resolver6_count = (uint32_t)r->resolver_count;
	memcpy(m->resolvers6, r->resolvers,
	       r->resolver_count * sizeof(r->resolvers[0]));
}

void lan6_tell_all(struct guard *g)
{
	const struct host6 *host;
	uint32_t at = 0;

	while (g->six.open && (host = hosts6_next(&g->six.hosts, &at)))
		lan_tell_address(g, &host->mac, &host->address);
}

const struct addr *lan6_address_of(const struct guard *g, const struct mac *mac)
{
	const struct host6 *host, *best = NULL;
	uint32_t at = 0;

	while (g->six.open && (host = hosts6_next(&g->six.hosts, &at)))
		if (mac_equal(&host->mac, mac) &&
		    (!best || addr_is_link_local(&host->address)))
			best = host;
	return best ? &best->address : NULL;
}

static void read_own(struct guard *g)
{
	struct addr own[MESSAGE_OWN6_MAX] = { { .family = 0 } };
	struct six *six = &g->six;
	int count;

	if (!six->stale)
		return;
	count = net_addresses6(&g->net, g->lan.index, own, MESSAGE_OWN6_MAX);
	if (count < 0)
		return;
	six->stale = false;
	if ((size_t)count == six->own_count &&
	    !memcmp(own, six->own, sizeof(own)))
		return;
	memcpy(six->own, own, sizeof(own));
	six->own_count = (size_t)count;
	six->own_link = (struct addr){ .family = 0 };
	for (size_t i = 0; i < six->own_count; i++)
		if (addr_is_link_local(&own[i]) && !six->own_link.family)
			six->own_link = own[i];
	six->echo_ms = six->solicit_ms = 0; /* there is more to ask from */
	lan6_tell_engine(g);
}

static bool has_watch(struct guard *g, const struct mac *mac)
{
	const struct watch *w = watches_find(g, mac);

	return w && w->wanted;
}

static void tell_news(struct guard *g, struct host6 *host, uint64_t now_ms)
{
	struct six *six = &g->six;

	if (now_ms / 1000 != six->second) {
		six->second = now_ms / 1000;
		six->news = 0;
	}
	if (host->told || !hosts_find(&g->hosts, &host->mac) ||
	    six->news++ >= NEWS_A_SECOND)
		return;
	host->told = true;
	lan_tell_address(g, &host->mac, &host->address);
}

/* An address is a MAC's; it may be there only after a wait. */
static void note(struct guard *g, const struct mac *mac,
		 const struct addr *address, uint64_t now_ms, uint64_t wait_ms)
{
	struct six *six = &g->six;
	struct host6 *host;
	bool fresh;

	if (mac_is_group(mac) || mac_is_zero(mac) ||
	    mac_equal(mac, &g->lan.mac) || guard_excludes(g, mac) ||
	    is_own(six, address) || !is_on_link(six, address))
		return;
	host = hosts6_heard(&six->hosts, mac, address, now_ms, &fresh);
	if (!host)
		return;
	tell_news(g, host, now_ms);
	if (!fresh)
		return;
	host->ask_ms = now_ms + wait_ms;
	six->unproven = true;
}

/* A MAC spoke from an address or for it. */
static void learn(struct guard *g, const struct mac *mac,
		  const struct addr *address, uint64_t now_ms, uint64_t wait_ms)
{
	static const struct addr none = { .family = 0 };

	if (!mac_is_group(mac) && !mac_is_zero(mac) &&
	    !mac_equal(mac, &g->lan.mac))
		(void)!hosts_heard(&g->hosts, mac, &none, now_ms,
				   clock_epoch_ns());
	note(g, mac, address, now_ms, wait_ms);
}

static void learn_neighbour(void *user, const struct addr *address,
			    const struct mac *mac)
{
	struct guard *g = user;
	const struct host6 *host = hosts6_find(&g->six.hosts, address);

	/* what was heard is newer than an entry that the kernel did not use */
	if (!host || mac_equal(&host->mac, mac))
		note(g, mac, address, clock_ms(), 0);
}

static bool is_sought(struct guard *g, const struct host6 *host)
{
	struct router router;

	return has_watch(g, &host->mac) ||
	       (routers_now(&g->six.routers, clock_ms(), &router) &&
		mac_equal(&router.mac, &host->mac));
}

/* Whether the kernel, too, is told that the address is that MAC's. */
static void prove(struct guard *g, uint64_t now_ms)
{
	struct six *six = &g->six;
	struct host6 *host;
	uint32_t at = 0;
	struct mac mac;

	if (!six->unproven)
		return;
	six->unproven = false;
	while ((host = hosts6_next(&six->hosts, &at))) {
		if (host->proven || !is_sought(g, host))
			continue;
		six->unproven = true;
		if (!net_neighbour(&g->net, g->lan.index, &host->address,
				   &mac) &&
		    mac_equal(&mac, &host->mac)) {
			host->proven = true;
			continue;
		}
		if (now_ms >= host->ask_ms) {
			(void)!net_resolve(&g->net, g->lan.index,
					   &host->address);
			host->ask_ms = now_ms + (host->asked++ % PROVE_TIMES ==
								 PROVE_TIMES - 1
							 ? PROVE_LATER_MS
							 : PROVE_ASK_MS);
		}
		if (host->asked % PROVE_TIMES)
			guard_due(g, now_ms + PROVE_LOOK_MS);
		guard_due(g, host->ask_ms);
	}
}

static void solicit(struct guard *g, uint64_t now_ms)
{
	struct six *six = &g->six;

	if (six->router_count || now_ms < six->solicit_ms)
		return;
	if (!ndpcast_ask_routers(&six->wire, &six->own_link))
		g->counters.ndp_sent++;
	six->solicit_ms =
		now_ms + (six->solicited++ < SOLICIT_TIMES ? SOLICIT_FIRST_MS
							   : SOLICIT_MS);
}

/* One echo request of each prefix: who answers does so from that prefix. */
static void echo(struct guard *g, const struct mac *to)
{
	struct six *six = &g->six;

	for (size_t i = 0; i < six->own_count; i++) {
		bool asked = false;

		for (size_t k = 0; k < i; k++)
			asked |= !memcmp(six->own[k].b, six->own[i].b, 8);
		if (!asked && !ndpcast_echo(&six->wire, &six->own[i], to,
					    six->identifier))
			g->counters.ndp_sent++;
	}
}

void lan6_ask(struct guard *g, const struct mac *mac)
{
	if (g->six.open && !guard_excludes(g, mac))
		echo(g, mac);
}

void lan6_ask_for(struct guard *g, const struct addr *address,
		  const struct mac *to)
{
	if (g->six.open && g->six.own_link.family && !mac_is_zero(to) &&
	    !ndpcast_ask(&g->six.wire, &g->six.own_link, address, to))
		g->counters.ndp_sent++;
}

void lan6_scan(struct guard *g)
{
	g->six.echo_ms = 0;
	guard_due(g, 0);
}

/* Everyone at once; where somebody must not be asked, those who may be, one
 * after the other. */
static void echo_turn(struct guard *g, uint64_t now_ms)
{
	struct six *six = &g->six;
	struct host *host;
	uint32_t at = 0;

	if (now_ms >= six->echo_ms) {
		six->echo_ms =
			now_ms + (six->echoes++ ? ECHO_AGAIN_MS : ECHO_SOON_MS);
		if (!g->excluded_count)
			echo(g, NULL);
	}
	while (now_ms >= six->pace_ms &&
	       (host = table_next(&g->hosts.by_mac, &at, NULL))) {
		if (now_ms < host->six_ms ||
		    mac_equal(&host->mac, &g->lan.mac) ||
		    guard_excludes(g, &host->mac))
			continue;
		host->six_ms = now_ms + (host->six_asked++ ? ECHO_AGAIN_MS
							   : ECHO_SOON_MS);
		echo(g, &host->mac);
		six->pace_ms = now_ms + ECHO_PACE_MS;
	}
	guard_due(g, six->echo_ms);
	if (now_ms < six->pace_ms)
		guard_due(g, six->pace_ms);
}

void lan6_turn(struct guard *g, uint64_t now_ms)
{
	struct six *six = &g->six;

	if (!six->open)
		return;
	read_own(g);
	if (!six->own_link.family || !g->lan.up)
		return;
	solicit(g, now_ms);
	echo_turn(g, now_ms);
	if (now_ms >= six->look_ms) {
		six->look_ms = now_ms + LOOK_MS;
		(void)!net_neighbours6(&g->net, g->lan.index, learn_neighbour,
				       g);
	}
	(void)router6_is_asked(g, now_ms);
	prove(g, now_ms);
	router6_choose(g, now_ms);
}

static bool was_asked(struct six *six, const struct addr *address,
		      uint64_t now_ms)
{
	for (size_t i = 0; i < SIX_ASKED_MAX; i++)
		if (addr_equal(&six->asked[i].address, address) &&
		    now_ms < six->asked[i].ms + UNKNOWN_MS)
			return true;
	six->asked[six->asked_at++ % SIX_ASKED_MAX] =
		(struct six_asked){ *address, now_ms };
	return false;
}

/* The router, or a watched device, asks everyone for an address of which we
 * know nothing: is it one of a watched device, or the router's? Nobody else
 * is asked. */
static void ask_unknown(struct guard *g, const struct ndp *ndp, uint64_t now_ms)
{
	struct six *six = &g->six;
	bool by_router = mac_equal(&ndp->eth_src, &six->router_mac);

	if (ndp->type != NDP_NEIGHBOUR_SOLICITATION ||
	    !mac_is_group(&ndp->eth_dst) || addr_is_unspecified(&ndp->src) ||
	    mac_is_zero(&six->router_mac) || is_own(six, &ndp->target) ||
	    !is_on_link(six, &ndp->target) ||
	    hosts6_find(&six->hosts, &ndp->target) ||
	    (!by_router && !has_watch(g, &ndp->eth_src)) ||
	    was_asked(six, &ndp->target, now_ms))
		return;
	for (size_t i = 0; i < g->watch_count; i++)
		if (by_router && g->watches[i].wanted &&
		    !guard_excludes(g, &g->watches[i].mac) &&
		    !ndpcast_ask(&six->wire, &six->own_link, &ndp->target,
				 &g->watches[i].mac))
			g->counters.ndp_sent++;
	if (!by_router && !ndpcast_ask(&six->wire, &six->own_link, &ndp->target,
				       &six->router_mac))
		g->counters.ndp_sent++;
}

static bool hear_router(struct guard *g, const struct ndp *ndp, uint64_t now_ms)
{
	struct routers *routers = &g->six.routers;
	uint64_t refused = routers->refused;
	bool news = routers_heard(routers, ndp, now_ms);

	g->counters.routers_refused += routers->refused - refused;
	return news;
}

static void hear(struct guard *g, const struct ndp *ndp, uint64_t now_ms)
{
	bool advertises = ndp->type == NDP_NEIGHBOUR_ADVERTISEMENT;

	/* who speaks for another is not learnt from */
	if (mac_equal(&ndp->eth_src, &g->lan.mac) ||
	    (ndp->has_link_mac && !mac_equal(&ndp->link_mac, &ndp->eth_src)))
		return;
	router6_claimed(g, ndp, now_ms);
	if (ndp->type == NDP_ROUTER_ADVERTISEMENT &&
	    router6_may_be(g, &ndp->eth_src) && hear_router(g, ndp, now_ms)) {
		if (!router6_has(g, &ndp->src))
			routers_succeed(&g->six.routers, &ndp->src,
					&ndp->eth_src);
		g->six.unproven = true; /* its addresses are sought now */
		lan6_tell_engine(g);
		lan_tell_chosen(g); /* of another resolver, a domain */
	}
	if (!addr_is_unspecified(&ndp->src))
		learn(g, &ndp->eth_src, &ndp->src, now_ms, 0);
	else if (ndp->type == NDP_NEIGHBOUR_SOLICITATION)
		learn(g, &ndp->eth_src, &ndp->target, now_ms, TENTATIVE_MS);
	if (advertises && !addr_equal(&ndp->target, &ndp->src))
		learn(g, &ndp->eth_src, &ndp->target, now_ms, 0);
	ask_unknown(g, ndp, now_ms);
	hold6_heard(g, ndp, now_ms);
}

static void hear_frame(struct guard *g, const struct wire_frame *frame,
		       uint64_t now_ms)
{
	int err, echo_err;
	struct addr src;
	struct ndp ndp;
	struct mac mac;

	err = ndp_decode(frame->whole, &ndp);
	if (!err) {
		g->counters.ndp_heard++;
		hear(g, &ndp, now_ms);
		return;
	}
	echo_err = err == ERR_UNSUPPORTED
			   ? ndp_decode_echo(frame->whole, g->six.identifier,
					     &mac, &src)
			   : err;
	if (!echo_err)
		learn(g, &mac, &src, now_ms, 0);
	else if (echo_err != ERR_UNSUPPORTED)
		g->counters.ndp_malformed++;
}

void lan6_hear(struct guard *g, uint64_t now_ms)
{
	uint8_t buffer[WIRE_FRAME_MAX];
	struct wire_frame frame;

	for (int n = 0; g->six.open && n < HEARD_AT_ONCE; n++) {
		int err = wire_receive(&g->six.wire, buffer, &frame);

		if (err == ERR_AGAIN || err == ERR_IO)
			break;
		if (!err)
			hear_frame(g, &frame, now_ms);
	}
}
