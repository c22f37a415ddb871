// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/net.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "guard/way.h"

/* As rtnetlink answers in: what MNL_SOCKET_BUFFER_SIZE is at most. */
#define BUFFER_BYTES 32768

/* The kernel gives up a list during which something changed: asked again. */
#define LIST_TRIES 3

/* What a link's prefix is in IPv6 (RFC 4291 2.5.1). */
#define LINK_BITS6 64

/* Every attribute of one message, by type. */
struct attributes {
	const struct nlattr *at[64];
};

static int take_attribute(const struct nlattr *attribute, void *data)
{
	struct attributes *all = data;
	unsigned type = mnl_attr_get_type(attribute);

	if (type < sizeof(all->at) / sizeof(all->at[0]))
		all->at[type] = attribute;
	return MNL_CB_OK;
}

static bool attribute_copy(const struct nlattr *attribute, void *out,
			   size_t size)
{
	if (!attribute || mnl_attr_get_payload_len(attribute) != size)
		return false;
	memcpy(out, mnl_attr_get_payload(attribute), size);
	return true;
}

static bool attribute_v4(const struct nlattr *attribute, struct addr *out)
{
	uint8_t bytes[4];

	if (!attribute_copy(attribute, bytes, sizeof(bytes)))
		return false;
	*out = addr_v4(bytes);
	return true;
}

static bool attribute_addr(const struct nlattr *attribute, struct addr *out)
{
	uint8_t bytes[16];

	if (attribute_v4(attribute, out))
		return true;
	if (!attribute_copy(attribute, bytes, sizeof(bytes)))
		return false;
	*out = addr_v6(bytes);
	return true;
}

static uint8_t family_of(const struct addr *a)
{
	return a->family == 6 ? AF_INET6 : AF_INET;
}

static size_t bytes_of(const struct addr *a)
{
	return a->family == 6 ? 16 : 4;
}

static uint32_t attribute_u32(const struct nlattr *attribute)
{
	uint32_t v = 0;

	(void)!attribute_copy(attribute, &v, sizeof(v));
	return v;
}

static void attribute_text(const struct nlattr *attribute, char *out,
			   size_t size)
{
	if (attribute && !mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING))
		snprintf(out, size, "%s", mnl_attr_get_str(attribute));
}

int net_open(struct net *out)
{
	struct net net = { .sequence = 1 };

	net.asking = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	net.watching =
		mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!net.asking || !net.watching ||
	    mnl_socket_bind(net.asking, 0, MNL_SOCKET_AUTOPID) ||
	    mnl_socket_bind(net.watching,
			    RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
				    RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR |
				    RTMGRP_IPV6_ROUTE,
			    MNL_SOCKET_AUTOPID)) {
		net_close(&net);
		return ERR_IO;
	}
	net.port = mnl_socket_get_portid(net.asking);
	*out = net;
	return 0;
}

void net_close(struct net *net)
{
	if (net->asking)
		mnl_socket_close(net->asking);
	if (net->watching)
		mnl_socket_close(net->watching);
	net->asking = net->watching = NULL;
}

static int error_of(int number)
{
	switch (number) {
	case ENOENT:
	case ESRCH:
	case EHOSTUNREACH: /* a route that is not there, or drops */
	case ENETUNREACH:
	case EINVAL:
	case EXDEV:
	case EACCES:
		return ERR_NOTFOUND;
	case EEXIST:
		return ERR_EXISTS;
	case EOPNOTSUPP:
	case EAFNOSUPPORT:
		return ERR_UNSUPPORTED;
	default:
		return ERR_IO;
	}
}

/* What is left of an answer that was given up is not the next one's. */
static void drop_stale(struct net *net, uint8_t *buffer)
{
	ssize_t got;

	do {
		got = recv(mnl_socket_get_fd(net->asking), buffer, BUFFER_BYTES,
			   MSG_DONTWAIT);
	} while (got > 0 || (got < 0 && (errno == ENOBUFS || errno == EINTR)));
}

/* Sends a request and hands each message of the answer to take. */
static int ask(struct net *net, struct nlmsghdr *request, mnl_cb_t take,
	       void *data)
{
	static uint8_t buffer[BUFFER_BYTES];
	int result = MNL_CB_OK;
	ssize_t got;

	drop_stale(net, buffer);
	request->nlmsg_seq = ++net->sequence;
	if (mnl_socket_sendto(net->asking, request, request->nlmsg_len) < 0)
		return ERR_IO;
	while (result > MNL_CB_STOP) {
		got = mnl_socket_recvfrom(net->asking, buffer, sizeof(buffer));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		result = mnl_cb_run(buffer, (size_t)got, net->sequence,
				    net->port, take, data);
	}
	if (result == MNL_CB_STOP)
		return 0;
	return error_of(errno);
}

int net_ask(struct net *net, struct nlmsghdr *request)
{
	return ask(net, request, NULL, NULL);
}

struct list {
	struct net_interface *out;
	size_t count, max;
};

static struct net_interface *by_index(struct list *list, int index)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->out[i].index == index)
			return &list->out[i];
	return NULL;
}

static bool is_wireless(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s/phy80211", name);
	return !access(path, F_OK);
}

static int take_link(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	struct attributes a = { .at = { NULL } }, nested = { .at = { NULL } };
	struct list *list = data;
	struct net_interface *i;

	if (list->count == list->max ||
	    mnl_attr_parse(message, sizeof(*info), take_attribute, &a) < 0)
		return MNL_CB_OK;
	i = &list->out[list->count];
	*i = (struct net_interface){ .index = info->ifi_index };
	attribute_text(a.at[IFLA_IFNAME], i->name, sizeof(i->name));
	/* a port of a bridge has no network of its own */
	if (!i->name[0] || a.at[IFLA_MASTER])
		return MNL_CB_OK;
	if (a.at[IFLA_LINKINFO]) {
		mnl_attr_parse_nested(a.at[IFLA_LINKINFO], take_attribute,
				      &nested);
		attribute_text(nested.at[IFLA_INFO_KIND], i->kind,
			       sizeof(i->kind));
	}
	i->loopback = info->ifi_flags & IFF_LOOPBACK;
	i->ethernet = info->ifi_type == ARPHRD_ETHER &&
		      !(info->ifi_flags & IFF_NOARP) &&
		      attribute_copy(a.at[IFLA_ADDRESS], i->mac.b,
				     sizeof(i->mac.b)) &&
		      !mac_is_zero(&i->mac);
	i->up = (info->ifi_flags & (IFF_UP | IFF_RUNNING)) ==
		(IFF_UP | IFF_RUNNING);
	i->wireless = is_wireless(i->name);
	list->count++;
	return MNL_CB_OK;
}

/* The first, or the first that is neither made up for privacy nor about to
 * go. */
static void take_own6(struct net_interface *i, const struct addr *address,
		      uint32_t flags)
{
	bool lasts = !(flags & (IFA_F_TEMPORARY | IFA_F_DEPRECATED));

	if (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED) || i->lasts6 ||
	    (i->address6.addr.family && !lasts))
		return;
	i->address6 = (struct cidr){ *address, LINK_BITS6 };
	i->lasts6 = lasts;
}

static int take_address(const struct nlmsghdr *message, void *data)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	struct attributes a = { .at = { NULL } };
	struct net_interface *i = by_index(data, (int)info->ifa_index);
	struct addr address;

	if (!i || info->ifa_scope != RT_SCOPE_UNIVERSE ||
	    mnl_attr_parse(message, sizeof(*info), take_attribute, &a) < 0)
		return MNL_CB_OK;
	if (!attribute_addr(a.at[a.at[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS],
			    &address))
		return MNL_CB_OK;
	if (address.family == 6)
		take_own6(i, &address, info->ifa_flags);
	else if (!i->address.addr.family)
		i->address = (struct cidr){ address, info->ifa_prefixlen };
	return MNL_CB_OK;
}

static void take_hop(struct list *list, int index, const struct nlattr *via,
		     uint32_t metric)
{
	struct net_interface *i = by_index(list, index);
	struct addr gateway, *held;
	uint32_t *best;

	if (!i || !attribute_addr(via, &gateway) ||
	    (gateway.family == 6 && !addr_is_link_local(&gateway)))
		return;
	held = gateway.family == 6 ? &i->gateway6 : &i->gateway;
	best = gateway.family == 6 ? &i->metric6 : &i->metric;
	if (held->family && *best <= metric)
		return;
	*held = gateway;
	*best = metric;
}

/* A route over several hops has them nested (RTA_MULTIPATH). */
static void take_hops(struct list *list, const struct nlattr *hops,
		      uint32_t metric)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(hops);
	size_t left = mnl_attr_get_payload_len(hops);

	while (left >= sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) &&
	       hop->rtnh_len <= left) {
		struct attributes a = { .at = { NULL } };
		size_t step = RTNH_ALIGN(hop->rtnh_len);

		mnl_attr_parse_payload(RTNH_DATA(hop),
				       hop->rtnh_len - sizeof(*hop),
				       take_attribute, &a);
		take_hop(list, hop->rtnh_ifindex, a.at[RTA_GATEWAY], metric);
		if (step > left)
			break;
		left -= step;
		hop = (const void *)((const uint8_t *)hop + step);
	}
}

static int take_route(const struct nlmsghdr *message, void *data)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);
	struct attributes a = { .at = { NULL } };
	uint32_t metric;

	if (info->rtm_dst_len || info->rtm_type != RTN_UNICAST ||
	    info->rtm_flags & RTM_F_CLONED ||
	    mnl_attr_parse(message, sizeof(*info), take_attribute, &a) < 0)
		return MNL_CB_OK;
	/* what guard made itself says nothing of whether the router is there */
	if (info->rtm_family == AF_INET6 &&
	    attribute_u32(a.at[RTA_TABLE]) == WAY_TABLE)
		return MNL_CB_OK;
	metric = attribute_u32(a.at[RTA_PRIORITY]);
	if (a.at[RTA_MULTIPATH])
		take_hops(data, a.at[RTA_MULTIPATH], metric);
	else
		take_hop(data, (int)attribute_u32(a.at[RTA_OIF]),
			 a.at[RTA_GATEWAY], metric);
	return MNL_CB_OK;
}

static int dump(struct net *net, uint16_t type, uint8_t family_wanted,
		mnl_cb_t take, void *data)
{
	uint8_t buffer[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtgenmsg *family;

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	family = mnl_nlmsg_put_extra_header(request, sizeof(struct rtmsg));
	family->rtgen_family = family_wanted;
	return ask(net, request, take, data);
}

/* What it is known by where it has no IPv4, or none that leads anywhere. */
static void choose_family(struct net_interface *i)
{
	i->address4 = i->address;
	if ((i->address.addr.family && i->gateway.family) ||
	    !i->address6.addr.family || !i->gateway6.family)
		return;
	i->stranded =
		i->address.addr.family && !addr_is_link_local(&i->address.addr);
	i->address = i->address6;
	i->gateway = i->gateway6;
}

static int list_once(struct net *net, struct list *list)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	int err = dump(net, RTM_GETLINK, AF_UNSPEC, take_link, list);

	for (size_t i = 0; !err && i < sizeof(families); i++) {
		err = dump(net, RTM_GETADDR, families[i], take_address, list);
		if (!err)
			err = dump(net, RTM_GETROUTE, families[i], take_route,
				   list);
	}
	for (size_t i = 0; !err && i < list->count; i++)
		choose_family(&list->out[i]);
	return err;
}

int net_list(struct net *net, struct net_interface *out, size_t max)
{
	struct list list = { .out = out, .max = max };
	int err = ERR_IO;

	for (int tries = 0; err && tries < LIST_TRIES; tries++) {
		list.count = 0;
		err = list_once(net, &list);
	}
	return err ? err : (int)list.count;
}

const struct net_interface *net_find(const struct net_interface *list,
				     size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	return NULL;
}

struct list6 {
	int interface_index;
	struct addr *out;
	size_t count, max;
};

static int take_address6(const struct nlmsghdr *message, void *data)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	struct attributes a = { .at = { NULL } };
	struct list6 *list = data;

	if ((int)info->ifa_index != list->interface_index ||
	    info->ifa_family != AF_INET6 || list->count == list->max ||
	    info->ifa_flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED) ||
	    mnl_attr_parse(message, sizeof(*info), take_attribute, &a) < 0)
		return MNL_CB_OK;
	if (attribute_addr(a.at[a.at[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS],
			   &list->out[list->count]))
		list->count++;
	return MNL_CB_OK;
}

int net_addresses6(struct net *net, int interface_index, struct addr *out,
		   size_t max)
{
	struct list6 list = { interface_index, out, 0, max };
	int err = ERR_IO;

	for (int tries = 0; err && tries < LIST_TRIES; tries++) {
		list.count = 0;
		err = dump(net, RTM_GETADDR, AF_INET6, take_address6, &list);
	}
	return err ? err : (int)list.count;
}

struct neighbours {
	int interface_index;
	void *user;
	void (*found)(void *user, const struct addr *address,
		      const struct mac *mac);
};

static int take_neighbour6(const struct nlmsghdr *message, void *data)
{
	const struct ndmsg *info = mnl_nlmsg_get_payload(message);
	struct attributes a = { .at = { NULL } };
	const struct neighbours *n = data;
	struct addr address;
	struct mac mac;

	if (info->ndm_family != AF_INET6 ||
	    info->ndm_ifindex != n->interface_index ||
	    info->ndm_state &
		    (NUD_INCOMPLETE | NUD_FAILED | NUD_NOARP | NUD_PERMANENT) ||
	    mnl_attr_parse(message, sizeof(*info), take_attribute, &a) < 0)
		return MNL_CB_OK;
	if (attribute_addr(a.at[NDA_DST], &address) &&
	    attribute_copy(a.at[NDA_LLADDR], mac.b, sizeof(mac.b)))
		n->found(n->user, &address, &mac);
	return MNL_CB_OK;
}

int net_neighbours6(struct net *net, int interface_index,
		    void (*found)(void *user, const struct addr *address,
				  const struct mac *mac),
		    void *user)
{
	struct neighbours n = { interface_index, user, found };

	return dump(net, RTM_GETNEIGH, AF_INET6, take_neighbour6, &n);
}

struct neighbour {
	struct mac mac;
	uint16_t state;
	bool known;
};

static int take_neighbour(const struct nlmsghdr *message, void *data)
{
	const struct ndmsg *info = mnl_nlmsg_get_payload(message);
	struct attributes a = { .at = { NULL } };
	struct neighbour *n = data;

	if (mnl_attr_parse(message, sizeof(*info), take_attribute, &a) < 0)
		return MNL_CB_OK;
	n->state = info->ndm_state;
	n->known = attribute_copy(a.at[NDA_LLADDR], n->mac.b, sizeof(n->mac.b));
	return MNL_CB_STOP;
}

static struct nlmsghdr *neighbour_request(void *buffer, uint16_t type,
					  uint16_t flags, int interface_index,
					  const struct addr *address)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ndmsg *info;

	request->nlmsg_type = type;
	request->nlmsg_flags = flags;
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->ndm_family = family_of(address);
	info->ndm_ifindex = interface_index;
	mnl_attr_put(request, NDA_DST, bytes_of(address), address->b);
	return request;
}

static int find_neighbour(struct net *net, int interface_index,
			  const struct addr *address, struct neighbour *n)
{
	uint8_t buffer[256];

	*n = (struct neighbour){ .known = false };
	return ask(net,
		   neighbour_request(buffer, RTM_GETNEIGH, NLM_F_REQUEST,
				     interface_index, address),
		   take_neighbour, n);
}

static int take_mac(const struct neighbour *n, struct mac *out)
{
	if (!n->known || n->state & (NUD_INCOMPLETE | NUD_FAILED | NUD_NOARP) ||
	    mac_is_zero(&n->mac))
		return ERR_AGAIN;
	*out = n->mac;
	return 0;
}

int net_neighbour(struct net *net, int interface_index,
		  const struct addr *address, struct mac *out)
{
	struct neighbour n;
	int err = find_neighbour(net, interface_index, address, &n);

	return err ? err : take_mac(&n, out);
}

int net_answered(struct net *net, int interface_index,
		 const struct addr *address, struct mac *out)
{
	struct neighbour n;
	int err = find_neighbour(net, interface_index, address, &n);

	if (err)
		return err;
	return n.state & (NUD_REACHABLE | NUD_PERMANENT) ? take_mac(&n, out)
							 : ERR_AGAIN;
}

int net_check(struct net *net, int interface_index, const struct addr *address)
{
	struct neighbour n;
	int err = find_neighbour(net, interface_index, address, &n);

	if (!err && n.state & NUD_PERMANENT)
		return 0;
	if (!err && n.state & (NUD_STALE | NUD_REACHABLE | NUD_DELAY))
		return net_probe(net, interface_index, address);
	return net_resolve(net, interface_index, address);
}

int net_resolve(struct net *net, int interface_index,
		const struct addr *address)
{
	uint8_t buffer[256];
	struct nlmsghdr *request =
		neighbour_request(buffer, RTM_NEWNEIGH,
				  NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE,
				  interface_index, address);
	struct ndmsg *info = mnl_nlmsg_get_payload(request);

	info->ndm_flags = NTF_USE;
	return ask(net, request, NULL, NULL);
}

int net_probe(struct net *net, int interface_index, const struct addr *address)
{
	uint8_t buffer[256];
	struct nlmsghdr *request =
		neighbour_request(buffer, RTM_NEWNEIGH,
				  NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE,
				  interface_index, address);
	struct ndmsg *info = mnl_nlmsg_get_payload(request);

	info->ndm_state = NUD_PROBE;
	return ask(net, request, NULL, NULL);
}

static int take_way(const struct nlmsghdr *message, void *data)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);
	struct attributes a = { .at = { NULL } };
	struct net_route *route = data;

	if (info->rtm_type != RTN_UNICAST ||
	    mnl_attr_parse(message, sizeof(*info), take_attribute, &a) < 0)
		return MNL_CB_STOP;
	route->interface_index = (int)attribute_u32(a.at[RTA_OIF]);
	(void)!attribute_addr(a.at[RTA_GATEWAY], &route->gateway);
	return MNL_CB_STOP;
}

int net_route(struct net *net, const struct addr *to, const struct addr *from,
	      int arrival, struct net_route *out)
{
	uint8_t buffer[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct net_route route = { .interface_index = 0 };
	struct rtmsg *info;
	int err;

	request->nlmsg_type = RTM_GETROUTE;
	request->nlmsg_flags = NLM_F_REQUEST;
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->rtm_family = family_of(to);
	info->rtm_dst_len = (uint8_t)(8 * bytes_of(to));
	mnl_attr_put(request, RTA_DST, bytes_of(to), to->b);
	if (from) {
		info->rtm_src_len = (uint8_t)(8 * bytes_of(from));
		mnl_attr_put(request, RTA_SRC, bytes_of(from), from->b);
		mnl_attr_put_u32(request, RTA_IIF, (uint32_t)arrival);
	}
	err = ask(net, request, take_way, &route);
	if (err)
		return err;
	if (!route.interface_index)
		return ERR_NOTFOUND;
	*out = route;
	return 0;
}

int net_watch_fd(const struct net *net)
{
	return mnl_socket_get_fd(net->watching);
}

bool net_changed(struct net *net)
{
	static uint8_t buffer[BUFFER_BYTES];
	bool changed = false;
	ssize_t got;

	/* an overrun (ENOBUFS) means that much changed */
	do {
		got = mnl_socket_recvfrom(net->watching, buffer,
					  sizeof(buffer));
		changed = changed || got > 0 || (got < 0 && errno == ENOBUFS);
	} while (got > 0 || (got < 0 && (errno == ENOBUFS || errno == EINTR)));
	return changed;
}
