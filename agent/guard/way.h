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

/** ERR_UNSUPPORTED when this kernel has one table only, ERR_IO. */
int way_open(struct net *net, int interface_index, const char *name,
	     const struct cidr *address, const struct addr *gateway) must_check;

/** Takes away what way_open() made for the same name and address. What is not
 * there is well. ERR_IO. */
int way_close(struct net *net, const char *name,
	      const struct cidr *address) must_check;

#endif
