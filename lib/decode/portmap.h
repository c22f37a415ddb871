// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_PORTMAP_H
#define DECODE_PORTMAP_H

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * The home's public address, as its router tells it to a device that wants to
 * be reached from the Internet.
 */

/** Where routers answer, over UDP. */
#define PORTMAP_PORT 5351

/** An answer by NAT-PMP (RFC 6886 3.2) or PCP (RFC 6887 11.1, 12.1).
 * ERR_NOTFOUND: it tells no address. */
int portmap_decode(struct slice datagram, struct addr *out) must_check;
/** An answer to UPnP's GetExternalIPAddress (WANIPConnection:2, 2.5.18), or a
 * part of one that has the address. ERR_NOTFOUND. */
int portmap_read_upnp(struct slice text, struct addr *out) must_check;

#endif
