// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/way.h"

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define REQUEST_BYTES 256

/* Looked up in this order, for what comes in at the interface: the subnet,
 * then this computer's own networks (of containers, of virtual machines), then
 * the router. */
static const struct {
	uint32_t table;
	uint32_t
		suppressed; /* routes of as many bits, or fewer, do not count */
} rules[] = {
	{ WAY_TABLE, 0 },
	{ RT_TABLE_MAIN, WAY_SUPPRESSED_BITS },
	{ WAY_TABLE, UINT32_MAX },
};
#define RULES (sizeof(rules) / sizeof(rules[0]))

static struct nlmsghdr *rule(void *buffer, uint8_t family, uint16_t type,
			     uint16_t flags, const char *name, uint32_t i)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct fib_rule_hdr *header;

	request->nlmsg_type = type;
	request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->family = family;
	header->table = RT_TABLE_UNSPEC;
	header->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(request, FRA_TABLE, rules[i].table);
	mnl_attr_put_u32(request, FRA_PRIORITY, WAY_PRIORITY + i);
	if (rules[i].suppressed != UINT32_MAX)
		mnl_attr_put_u32(request, FRA_SUPPRESS_PREFIXLEN,
				 family == AF_INET6 &&
						 rules[i].suppressed ==
							 WAY_SUPPRESSED_BITS
					 ? WAY_SUPPRESSED_BITS6
					 : rules[i].suppressed);
	mnl_attr_put_strz(request, FRA_IIFNAME, name);
	return request;
}

static struct nlmsghdr *route(void *buffer, uint8_t family, uint16_t type,
			      uint16_t flags, uint8_t bits)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *header;

	request->nlmsg_type = type;
	request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->rtm_family = family;
	header->rtm_dst_len = bits;
	header->rtm_table = RT_TABLE_UNSPEC;
	header->rtm_scope = type == RTM_DELROUTE ? RT_SCOPE_NOWHERE
			    : bits		 ? RT_SCOPE_LINK
						 : RT_SCOPE_UNIVERSE;
	header->rtm_protocol =
		type == RTM_DELROUTE ? RTPROT_UNSPEC : RTPROT_STATIC;
	header->rtm_type = type == RTM_DELROUTE ? RTN_UNSPEC : RTN_UNICAST;
	mnl_attr_put_u32(request, RTA_TABLE, WAY_TABLE);
	return request;
}

/* The subnet's first address. */
static void mask(const struct cidr *address, uint8_t out[4])
{
	memcpy(out, address->addr.b, 4);
	for (unsigned bit = address->bits; bit < 32; bit++)
		out[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
}

static struct nlmsghdr *subnet_route(void *buffer, uint16_t type,
				     uint16_t flags, const struct cidr *address)
{
	struct nlmsghdr *request =
		route(buffer, AF_INET, type, flags, address->bits);
	uint8_t subnet[4];

	mask(address, subnet);
	mnl_attr_put(request, RTA_DST, sizeof(subnet), subnet);
	return request;
}

int way_open(struct net *net, int interface_index, const char *name,
	     const struct cidr *address, const struct addr *gateway)
{
	uint8_t buffer[REQUEST_BYTES];
	struct nlmsghdr *request;
	int err = way_close(net, name, address);

	if (err)
		return err;
	request = subnet_route(buffer, RTM_NEWROUTE, NLM_F_CREATE, address);
	mnl_attr_put_u32(request, RTA_OIF, (uint32_t)interface_index);
	err = net_ask(net, request);
	if (err)
		return err;
	request = route(buffer, AF_INET, RTM_NEWROUTE, NLM_F_CREATE, 0);
	mnl_attr_put(request, RTA_GATEWAY, 4, gateway->b);
	mnl_attr_put_u32(request, RTA_OIF, (uint32_t)interface_index);
	err = net_ask(net, request);
	for (uint32_t i = 0; !err && i < RULES; i++)
		err = net_ask(net, rule(buffer, AF_INET, RTM_NEWRULE,
					NLM_F_CREATE | NLM_F_EXCL, name, i));
	return err;
}

/* The one to the router first: without it the others are harmless. */
static int close_rules(struct net *net, uint8_t family, const char *name)
{
	uint8_t buffer[REQUEST_BYTES];
	int err = 0;

	for (uint32_t i = RULES; i-- && (!err || err == ERR_NOTFOUND);)
		err = net_ask(net,
			      rule(buffer, family, RTM_DELRULE, 0, name, i));
	return err;
}

int way_close(struct net *net, const char *name, const struct cidr *address)
{
	uint8_t buffer[REQUEST_BYTES];
	int err = close_rules(net, AF_INET, name);

	if (err == ERR_UNSUPPORTED) /* one table only: nothing was made */
		return err;
	if (!err || err == ERR_NOTFOUND)
		err = net_ask(net, route(buffer, AF_INET, RTM_DELROUTE, 0, 0));
	if (!err || err == ERR_NOTFOUND)
		err = net_ask(net,
			      subnet_route(buffer, RTM_DELROUTE, 0, address));
	return err == ERR_NOTFOUND ? 0 : err;
}

int way6_open(struct net *net, int interface_index, const char *name,
	      const struct addr *router)
{
	uint8_t buffer[REQUEST_BYTES];
	struct nlmsghdr *request;
	int err;

	request = route(buffer, AF_INET6, RTM_NEWROUTE,
			NLM_F_CREATE | NLM_F_REPLACE, 0);
	mnl_attr_put(request, RTA_GATEWAY, 16, router->b);
	mnl_attr_put_u32(request, RTA_OIF, (uint32_t)interface_index);
	err = net_ask(net, request);
	for (uint32_t i = 0; !err && i < RULES; i++) {
		err = net_ask(net, rule(buffer, AF_INET6, RTM_NEWRULE,
					NLM_F_CREATE | NLM_F_EXCL, name, i));
		err = err == ERR_EXISTS ? 0 : err;
	}
	return err;
}

int way6_add(struct net *net, int interface_index, const struct addr *device)
{
	uint8_t buffer[REQUEST_BYTES];
	struct nlmsghdr *request =
		route(buffer, AF_INET6, RTM_NEWROUTE, NLM_F_CREATE, 128);
	int err;

	mnl_attr_put(request, RTA_DST, 16, device->b);
	mnl_attr_put_u32(request, RTA_OIF, (uint32_t)interface_index);
	err = net_ask(net, request);
	return err == ERR_EXISTS ? 0 : err;
}

int way6_remove(struct net *net, const struct addr *device)
{
	uint8_t buffer[REQUEST_BYTES];
	struct nlmsghdr *request =
		route(buffer, AF_INET6, RTM_DELROUTE, 0, 128);
	int err;

	mnl_attr_put(request, RTA_DST, 16, device->b);
	err = net_ask(net, request);
	return err == ERR_NOTFOUND ? 0 : err;
}

int way6_close(struct net *net, const char *name)
{
	uint8_t buffer[REQUEST_BYTES];
	int err = close_rules(net, AF_INET6, name);

	if (!err || err == ERR_NOTFOUND)
		err = net_ask(net, route(buffer, AF_INET6, RTM_DELROUTE, 0, 0));
	return err == ERR_NOTFOUND ? 0 : err;
}
