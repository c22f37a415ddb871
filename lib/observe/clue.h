// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_CLUE_H
#define OBSERVE_CLUE_H

#include "decode/dhcp6.h"
#include "decode/nbns.h"
#include "decode/ndp.h"
#include "observe/context.h"

/*
 * What devices say of themselves: DHCP, mDNS, LLMNR, NetBIOS, SSDP, the
 * User-Agent and the like. Each is kept once a window. LLMNR's answers go to
 * who asked alone: live, of a device that is not watched those are heard that
 * it sends to the group, and its asking whether its own name is free.
 */

/** Longest clue kept; what is longer is cut. */
#define CLUE_BYTES_MAX ((size_t)1024)

void clue_add(const struct context *c, struct device *device,
	      enum record_clue_kind kind, struct slice text);

void clue_dhcp(const struct context *c, struct device *device,
	       const struct dhcp *dhcp);
/** What a client says of itself; of an answer, the resolvers that it names. */
void clue_dhcp6(const struct context *c, struct device *device,
		const struct dhcp6 *dhcp);
/** The resolvers that a router names (RFC 8106 5.1). */
void clue_ndp(const struct context *c, struct device *router,
	      const struct ndp *ndp);
/** The names, of no group, that the sender registers, keeps or lists. */
void clue_netbios(const struct context *c, struct device *device,
		  const struct nbns *nbns);
/** The names that the sender of an LLMNR message says are its own, in a
 * response, or by asking whether they are anybody's. */
void clue_llmnr(const struct context *c, struct device *device,
		const struct dns_message *message);
/** The answers of an mDNS response (RFC 6762, 6763). */
void clue_mdns(const struct context *c, struct device *device,
	       const struct dns_message *message);
void clue_ssdp(const struct context *c, struct device *device,
	       const struct ssdp *ssdp);

#endif
