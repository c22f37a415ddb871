// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_WAY_H
#define GUARD_WAY_H

#include "guard/net.h"

/*
 * The way of the packets that we forward: a routing table of our own, for what
 * comes in at the one interface, with the subnet and the router and nothing
 * else. So a device's packets go where they would have gone, even if this
 * computer's own leave by another interface or a VPN, or come to do so
 * meanwhile. The numbers are ours alone; both calls may be repeated.
 */
#define WAY_TABLE    0x496f5449u /* "IoTI" */
#define WAY_PRIORITY 8580	 /* before the main table's rule, 32766 */

/** ERR_UNSUPPORTED when this kernel has one table only, ERR_IO. */
int way_open(struct net *net, int interface_index, const char *name,
	     const struct cidr *address, const struct addr *gateway) must_check;

/** Takes away what way_open() made for the same name and address. What is not
 * there is well. ERR_IO. */
int way_close(struct net *net, const char *name,
	      const struct cidr *address) must_check;

#endif
