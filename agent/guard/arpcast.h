// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_ARPCAST_H
#define GUARD_ARPCAST_H

#include "guard/wire.h"

/*
 * The ARP frames of interception, each unicast and from our own MAC. Something
 * is said of an address in two ways: as a request by it (which Linux takes at
 * any time, and answers, also where it had no entry), and as a reply from it
 * (which the others take).
 */

/** An address and its true MAC. */
struct arpcast_host {
	struct addr address;
	struct mac mac;
};

/** Says to each of the two that the other is at our MAC. */
int arpcast_poison(const struct wire *wire, const struct arpcast_host *device,
		   const struct arpcast_host *gateway) must_check;

/** Says to each of the two where the other truly is. */
int arpcast_restore(const struct wire *wire, const struct arpcast_host *device,
		    const struct arpcast_host *gateway) must_check;

/** Says to one host that an address is at mac, if it has an entry for it. */
int arpcast_inform(const struct wire *wire, const struct arpcast_host *to,
		   const struct addr *address,
		   const struct mac *mac) must_check;

/** Answers one that asked our MAC for the other's address. */
int arpcast_answer(const struct wire *wire, const struct arpcast_host *to,
		   const struct addr *asked) must_check;

/** Asks, in our own name, who has an address: everyone, or the MAC to. */
int arpcast_ask(const struct wire *wire, const struct addr *own,
		const struct addr *address, const struct mac *to) must_check;

#endif
