// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_NDPCAST_H
#define GUARD_NDPCAST_H

#include "decode/ndp.h"
#include "guard/wire.h"

/*
 * The neighbour discovery frames of interception (RFC 4861), each to one MAC
 * and from our own, whatever address it speaks of. Something is said of an
 * address in two ways: as a solicitation by it, which makes an entry where
 * there is none, and as an advertisement of it with the Override flag, which
 * changes the one that is there. A router's advertisements have the Router
 * flag: without it a host takes its default route away (7.2.5).
 */

/** An address and its true MAC. */
struct ndpcast_host {
	struct addr address;
	struct mac mac;
};

/** Hears solicitations, advertisements and echo replies, those of groups that
 * are not ours too, and can send. ERR_IO. */
int ndpcast_open(int interface_index, const struct mac *own,
		 struct wire *out) must_check;

/** Says to one host that an address, of a router or not, is at mac. */
int ndpcast_tell(const struct wire *wire, const struct ndpcast_host *to,
		 const struct addr *address, const struct mac *mac,
		 bool router) must_check;

/** The same, if it has an entry for it. */
int ndpcast_inform(const struct wire *wire, const struct ndpcast_host *to,
		   const struct addr *address, const struct mac *mac,
		   bool router) must_check;

/** Answers one that asked our MAC for an address. */
int ndpcast_answer(const struct wire *wire, const struct ndpcast_host *to,
		   const struct addr *asked, bool router) must_check;

/** Asks one MAC, in our own name, whether it has an address. */
int ndpcast_ask(const struct wire *wire, const struct addr *own,
		const struct addr *address, const struct mac *to) must_check;

/** Asks the routers to advertise themselves. */
int ndpcast_ask_routers(const struct wire *wire,
			const struct addr *own) must_check;

/** Sends an echo request to "all nodes": to one MAC, or NULL for all. */
int ndpcast_echo(const struct wire *wire, const struct addr *own,
		 const struct mac *to, uint16_t identifier) must_check;

#endif
