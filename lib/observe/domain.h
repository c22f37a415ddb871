// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_DOMAIN_H
#define OBSERVE_DOMAIN_H

#include "decode/dhcp6.h"
#include "observe/context.h"

/*
 * What the home is called: the domains that servers of DHCP give devices with
 * their addresses (options 15 and 119, RFC 2132 3.17 and RFC 3397; of DHCPv6
 * option 24, RFC 3646 4). They go with the device's window, so that names
 * under them do not leave the home.
 */

/** Longest domain as text (RFC 1035 2.3.4); a longer one is counted as cut. */
#define DOMAIN_BYTES_MAX 253

/** Of a server's answer to the device; of a request there is nothing. */
void domain_dhcp(const struct context *c, struct device *device,
		 const struct dhcp *dhcp);
void domain_dhcp6(const struct context *c, struct device *device,
		  const struct dhcp6 *dhcp);

#endif
