// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_NET_H
#define GUARD_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "message/message.h"

/*
 * What the kernel knows of the network, asked by netlink (rtnetlink(7)) and
 * never by text: links, addresses, default routes, neighbours.
 */

struct mnl_socket;

struct net {
	struct mnl_socket *asking;
	struct mnl_socket *watching; /* told of changes */
	uint32_t sequence;
	uint32_t port;
};

struct net_interface {
	int index;
	char name[MESSAGE_NAME_MAX];
	char kind[MESSAGE_NAME_MAX]; /* "bridge", "wireguard", …, or "" */
	struct mac mac;
	bool loopback;
	bool ethernet; /* its frames are Ethernet's, and ARP is used */
	bool wireless;
	bool up; /* administratively, and with a carrier */
	/* first IPv4 one of global scope, and the default route of least
	 * metric through it; where there is no such address, those of IPv6 if
	 * it has both. Family 0: none */
	struct cidr address;
	struct addr gateway;
	uint32_t metric;
	struct cidr address4; /* the IPv4 one, with a router or without */
	/* an IPv4 address that a network gave, and no router of IPv4: the two
	 * above are of IPv6 then, too */
	bool stranded;
	/* the same of IPv6: one that is to last, if any, its prefix taken as
	 * /64; a router's is of the link */
	struct cidr address6;
	bool lasts6;
	struct addr gateway6;
	uint32_t metric6;
};

/** ERR_IO. */
int net_open(struct net *out) must_check;
void net_close(struct net *net);

/** The interfaces, at most max of them. Gives how many, ERR_IO. */
int net_list(struct net *net, struct net_interface *out, size_t max) must_check;

/** One of a list by name, or NULL. */
const struct net_interface *net_find(const struct net_interface *list,
				     size_t count, const char *name);

/** The interface's IPv6 addresses that may be used, at most max of them. Gives
 * how many, ERR_IO. */
int net_addresses6(struct net *net, int interface_index, struct addr *out,
		   size_t max) must_check;

/** Hands over each IPv6 neighbour of which the kernel knows the MAC. ERR_IO. */
int net_neighbours6(struct net *net, int interface_index,
		    void (*found)(void *user, const struct addr *address,
				  const struct mac *mac),
		    void *user) must_check;

/**
 * The kernel's entry for a neighbour. ERR_NOTFOUND when it has none,
 * ERR_AGAIN when it does not know the MAC (yet), ERR_IO.
 */
int net_neighbour(struct net *net, int interface_index,
		  const struct addr *address, struct mac *out) must_check;

/** The same of an entry that was asked about, by net_check(), and answered for
 * since; of one that is fixed, at once. */
int net_answered(struct net *net, int interface_index,
		 const struct addr *address, struct mac *out) must_check;

/** Makes the kernel ask who has the address, or whether the entry that it has
 * is still true. One that somebody fixed stays as it is. */
int net_check(struct net *net, int interface_index,
	      const struct addr *address) must_check;

/** Makes the kernel ask who has the address, as if it had a packet for it. */
int net_resolve(struct net *net, int interface_index,
		const struct addr *address) must_check;

/** Makes the kernel ask whether the entry that it has is still true; what
 * nobody answers for is given up, and asked of everyone. */
int net_probe(struct net *net, int interface_index,
	      const struct addr *address) must_check;

/** Where the kernel would send a packet. */
struct net_route {
	int interface_index;
	struct addr gateway; /* family 0: straight */
};

/**
 * The way of a packet of ours to an address; or, with from given, of one that
 * came in at arrival from that address and is to be forwarded. Nothing is
 * sent. ERR_NOTFOUND when it would be dropped, ERR_IO.
 */
int net_route(struct net *net, const struct addr *to, const struct addr *from,
	      int arrival, struct net_route *out) must_check;

struct nlmsghdr;

/** A request that is only acknowledged; its sequence number is set here.
 * ERR_NOTFOUND, ERR_EXISTS, ERR_UNSUPPORTED, ERR_IO. */
int net_ask(struct net *net, struct nlmsghdr *request) must_check;

/** Readable when links, addresses or routes changed. */
int net_watch_fd(const struct net *net);
/** Takes what was told; true when something changed. */
bool net_changed(struct net *net);

#endif
