// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_CLUE_H
#define OBSERVE_CLUE_H

#include "observe/context.h"

/*
 * What devices say of themselves: DHCP, mDNS, SSDP, the User-Agent. Each is
 * kept once a window.
 */

/** Longest clue kept; what is longer is cut. */
#define CLUE_BYTES_MAX ((size_t)1024)

void clue_add(const struct context *c, struct device *device,
	      enum record_clue_kind kind, struct slice text);

void clue_dhcp(const struct context *c, struct device *device,
	       const struct dhcp *dhcp);
/** The answers of an mDNS response (RFC 6762, 6763). */
void clue_mdns(const struct context *c, struct device *device,
	       const struct dns_message *message);
void clue_ssdp(const struct context *c, struct device *device,
	       const struct ssdp *ssdp);

#endif
