// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_HOSTS_H
#define GUARD_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/table.h"
#include "guard/elsewhere.h"

/*
 * Who is on the LAN, learnt from ARP and neighbour discovery: a host is a MAC,
 * with the IPv4 address it last spoke from. Those of IPv6 are in hosts6.h.
 */

/** Most hosts kept: four times what is scanned at most cannot all be there. */
#define HOSTS_MAX 2048
/** A host that was not heard for so long is asked, by unicast. */
#define HOSTS_PROBE_MS 60000
/** After so many unanswered questions, this far apart, it is gone. */
#define HOSTS_PROBES 3
#define HOSTS_ASK_MS 2000
/** A host that speaks from several addresses changes among them so often in
 * this time, and no more. */
#define HOSTS_CHANGE_MS 10000
#define HOSTS_CHANGES	2
/** A host whose beacons stop is an inspector's no longer. */
#define HOSTS_BEACON_MS 10000
/** An excluded host, which is never asked, is gone when silent for so long. */
#define HOSTS_SILENT_MS 900000
/** How often the hub is told of no more than that it was heard again. */
#define HOSTS_TELL_MS 30000

struct host {
	struct mac mac;
	struct addr address;	    /* IPv4; family 0: none heard of */
	uint64_t first_ns, last_ns; /* since the epoch */
	uint64_t heard_ms, asked_ms, address_ms;
	uint32_t unanswered;
	uint32_t changes; /* of address since address_ms */
	bool present;
	uint64_t beacon_ms; /* its last, or 0 */
	uint64_t told_ms;
	uint64_t six_ms; /* when it is to be asked for its IPv6 addresses */
	uint32_t six_asked;
	struct elsewhere elsewhere;
	bool news; /* the hub is to be told */
};

struct hosts {
	struct table by_mac;
	uint64_t refused;
};

void hosts_init(struct hosts *h, uint64_t seed);
void hosts_done(struct hosts *h);

/**
 * A host spoke from an address; of family 0 when it was no IPv4 one. NULL when
 * there is no room (counted). news is set when the hub should hear of it.
 */
struct host *hosts_heard(struct hosts *h, const struct mac *mac,
			 const struct addr *address, uint64_t now_ms,
			 uint64_t now_ns);
/** Whether an inspector runs there, as far as its beacons tell. */
bool hosts_is_inspector(const struct host *host, uint64_t now_ms);
struct host *hosts_find(const struct hosts *h, const struct mac *mac);

/** Whether to ask the host now if it is there; what is not answered makes it
 * absent in the end. */
bool hosts_ask(struct host *host, uint64_t now_ms);
/** Whom nobody may ask is absent when it was silent for long. */
void hosts_miss(struct host *host, uint64_t now_ms);
/** When hosts_ask() is to be called again. */
uint64_t hosts_ask_ms(const struct host *host);

#endif
