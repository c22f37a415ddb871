// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/routers.h"

#include <string.h>
#include <strings.h>

/* A prefix shorter than what a site gets is no link's. */
#define PREFIX_BITS_LEAST 48

static bool learn_prefix(struct routers *r, const struct cidr *prefix)
{
	if (prefix->bits < PREFIX_BITS_LEAST ||
	    addr_is_multicast(&prefix->addr) ||
	    routers_is_on_link(r, &prefix->addr))
		return false;
	if (r->prefix_count == ROUTERS_PREFIXES_MAX) {
		r->refused++;
		return false;
	}
	r->prefixes[r->prefix_count++] = *prefix;
	return true;
}

static struct router *find(struct routers *r, const struct mac *mac)
{
	for (size_t i = 0; i < r->count; i++)
		if (mac_equal(&r->routers[i].mac, mac))
			return &r->routers[i];
	return NULL;
}

/* The first that is of the link: the home's own. */
static bool learn_resolver(const struct routers *r, struct router *router,
			   const struct ndp *ndp)
{
	for (size_t i = 0; i < ndp->resolver_count; i++) {
		if (!routers_is_on_link(r, &ndp->resolvers[i]))
			continue;
		if (addr_equal(&router->resolver, &ndp->resolvers[i]))
			return false;
		router->resolver = ndp->resolvers[i];
		return true;
	}
	return false;
}

static bool learn_any_resolver(struct routers *r, const struct addr *resolver)
{
	for (size_t i = 0; i < r->resolver_count; i++)
		if (addr_equal(&r->resolvers[i], resolver))
			return false;
	if (r->resolver_count == ROUTERS_RESOLVERS_MAX) {
		r->resolver_count--;
		r->refused++;
		memmove(r->resolvers, r->resolvers + 1,
			r->resolver_count * sizeof(r->resolvers[0]));
	}
	r->resolvers[r->resolver_count++] = *resolver;
	return true;
}

static bool learn_domain(struct routers *r, const char *name)
{
	for (size_t i = 0; i < r->domain_count; i++)
		if (!strcasecmp(r->domains[i], name))
			return false;
	if (r->domain_count == ROUTERS_DOMAINS_MAX) {
		memmove(r->domains, r->domains + 1,
			sizeof(r->domains) - sizeof(r->domains[0]));
		r->domain_count--;
		r->domains_left_out++;
	}
	memcpy(r->domains[r->domain_count++], name, strlen(name) + 1);
	return true;
}

bool routers_heard(struct routers *r, const struct ndp *ndp, uint64_t now_ms)
{
	struct router *router = find(r, &ndp->eth_src);
	bool news = false;

	for (size_t i = 0; i < ndp->prefix_count; i++)
		news |= learn_prefix(r, &ndp->prefixes[i]);
	for (size_t i = 0; i < ndp->resolver_count; i++)
		news |= learn_any_resolver(r, &ndp->resolvers[i]);
	for (size_t i = 0; i < ndp->domain_count; i++)
		news |= learn_domain(r, ndp->domains[i]);
	r->domains_left_out += ndp->domains_left_out;
	if (!router) {
		if (!ndp->router_lifetime_s)
			return news;
		if (r->count == ROUTERS_MAX) {
			r->refused++;
			return news;
		}
		router = &r->routers[r->count++];
		*router = (struct router){ .mac = ndp->eth_src };
	}
	news |= !addr_equal(&router->address, &ndp->src) ||
		(router->until_ms > now_ms) != !!ndp->router_lifetime_s;
	news |= learn_resolver(r, router, ndp);
	router->address = ndp->src;
	router->until_ms = now_ms + ndp->router_lifetime_s * UINT64_C(1000);
	return news;
}

void routers_succeed(struct routers *r, const struct addr *address,
		     const struct mac *mac)
{
	bool known = find(r, mac);
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct router router = r->routers[i];

		if (addr_equal(&router.address, address) &&
		    !mac_equal(&router.mac, mac)) {
			if (known)
				continue;
			router.mac = *mac;
			known = true;
		}
		r->routers[kept++] = router;
	}
	r->count = kept;
}

static bool is_live(const struct routers *r, size_t i, uint64_t now_ms)
{
	return r->routers[i].until_ms > now_ms;
}

/* Whether one before it advertises from the same address. */
static bool is_repeated(const struct routers *r, size_t i, uint64_t now_ms)
{
	for (size_t k = 0; k < i; k++)
		if (is_live(r, k, now_ms) &&
		    addr_equal(&r->routers[k].address, &r->routers[i].address))
			return true;
	return false;
}

size_t routers_now(const struct routers *r, uint64_t now_ms, struct router *out)
{
	size_t count = 0;

	for (size_t i = 0; i < r->count; i++)
		if (is_live(r, i, now_ms) && !is_repeated(r, i, now_ms) &&
		    !count++)
			*out = r->routers[i];
	return count;
}

bool routers_is_on_link(const struct routers *r, const struct addr *address)
{
	if (address->family != 6 || addr_is_multicast(address) ||
	    addr_is_unspecified(address) || addr_is_loopback(address))
		return false;
	if (addr_is_link_local(address))
		return true;
	for (size_t i = 0; i < r->prefix_count; i++)
		if (cidr_contains(&r->prefixes[i], address))
			return true;
	return false;
}
