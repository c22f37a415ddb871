// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_FRAGMENT_H
#define OBSERVE_FRAGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "decode/packet.h"
#include "observe/stream.h"

/*
 * Datagrams that came in fragments (RFC 791 3.2, RFC 8200 4.5), put together so
 * that what is in them is read, and each fragment is counted with the ports
 * that only the first one carries.
 */

/** Most at once: fragments are rare, and one source can send no end of them. */
#define FRAGMENTS_MAX 128u

struct fragments {
	struct table sets;
	struct streams *streams; /* where the parts are kept */
	struct stream *whole;	 /* of the latest one that is */
};

/** streams outlives it; it also ends sets that do not become whole in time. */
void fragments_init(struct fragments *f, uint64_t seed,
		    struct streams *streams);
void fragments_done(struct fragments *f);

/**
 * Adds a fragment of a window. A later one is given the ports of its datagram,
 * if they are known by now; the first one of UDP loses its payload, which is
 * read when the datagram is whole. True when it is, by this fragment: then
 * *whole is the packet with the datagram's transport layer, lent until the
 * next call.
 */
bool fragments_add(struct fragments *f, struct packet *packet, uint64_t window,
		   struct packet *whole);

#endif
