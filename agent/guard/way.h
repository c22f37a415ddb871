// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_WAY_H
#define GUARD_WAY_H

#include "guard/net.h"

/*
 * The way of the packets that we forward: a routing table of our own, for what
 * comes in at the one interface, with the subnet and the router. So a device's
 * packets go where they would have gone, even if this computer's own leave by
 * another interface or a VPN, or come to do so meanwhile. The main table counts
 * for narrow routes only: what this computer forwards for containers and
 * virtual machines comes in at the same interface. The numbers are ours alone;
 * both calls may be repeated.
 */
#define WAY_TABLE 0x496f5449u /* "IoTI" */
/** And the two after it; before the main table's rule, 32766. */
#define WAY_PRIORITY 8580
/** Networks of a computer's own are /16 and smaller; a VPN's are larger. */
#define WAY_SUPPRESSED_BITS 15
/** Of IPv6, networks of one's own are a site's prefix (/48) or smaller. */
#define WAY_SUPPRESSED_BITS6 47

/** ERR_UNSUPPORTED when this kernel has one table only, ERR_IO. */
int way_open(struct net *net, int interface_index, const char *name,
	     const struct cidr *address, const struct addr *gateway) must_check;

/** Takes away what way_open() made for the same name and address. What is not
 * there is well. ERR_IO. */
int way_close(struct net *net, const char *name,
	      const struct cidr *address) must_check;

/**
 * The same for IPv6, in the same order of rules: the table has the router (by
 * its link-local address) and each intercepted address of a device, which lies
 * straight on the interface whatever prefixes this computer knows. Opened again
 * it stays whole throughout; another router takes the former's place.
 * way6_close()
 * takes the rules away, and with them what the table means; its addresses are
 * to be removed one by one. ERR_UNSUPPORTED, ERR_IO.
 */
int way6_open(struct net *net, int interface_index, const char *name,
	      const struct addr *router) must_check;
int way6_add(struct net *net, int interface_index,
	     const struct addr *device) must_check;
int way6_remove(struct net *net, const struct addr *device) must_check;
int way6_close(struct net *net, const char *name) must_check;

#endif
