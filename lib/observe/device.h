// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_DEVICE_H
#define OBSERVE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/table.h"
#include "decode/ndp.h"
#include "observe/observe.h"
#include "observe/window.h"

/*
 * Who is a device, which addresses are whose, and who carries the others'
 * traffic.
 *
 * A device is known by its MAC. Where a capture has none (raw IP), and with
 * OBSERVE_ALL for a host of the Internet, whose frames bear a router's, one is
 * made up from its address, in the range for local use: 02:00 and an IPv4
 * address, 06: and 40 bits of a hash of an IPv6 one.
 */

/** Most addresses remembered of one device: IPv6 privacy addresses add up. */
#define DEVICE_ADDRS_MAX 16u
/**
 * Most addresses whose owner is known; beyond, the flow goes uncounted. Live
 * they are no more than the watched have, since what is pushed out of a
 * device's addresses has no owner from then on.
 */
#define DEVICE_OWNERS_MAX (4u * OBSERVE_DEVICES_MAX)
/**
 * Live, windows that an owner must have been silent for until another watched
 * device takes over its address by sending from it (2 minutes): a lease that
 * changes hands waits longer, and one that spoofs gets nothing of a device that
 * speaks.
 */
#define DEVICE_SILENT_WINDOWS 24u

struct device {
	struct mac mac;
	bool watched; /* live */
	bool excluded;
	bool kept;    /* live: has been watched or excluded; stays */
	bool carrier; /* passes on frames of Internet hosts: router or spoofer
		       */
	/* conversations whose far end lay behind it, by direction */
	uint32_t carried_from, carried_to;
	struct addr addrs[DEVICE_ADDRS_MAX];
	uint8_t addr_count;
	struct observe_path path; /* live */
	struct window_share share;
};

/** Who has an address. */
struct device_owner {
	struct device *device;
	bool seen;     /* as a source; else only as a destination */
	uint64_t last; /* live: window that the device sent from it in */
};

struct devices {
	enum observe_mode mode;
	struct table by_mac;  /* struct mac -> struct device */
	struct table by_addr; /* struct addr -> struct device_owner */
	struct cidr *locals;  /* the user's */
	size_t local_count;
	struct cidr prefixes[OBSERVE_PREFIXES_MAX]; /* learnt, or told */
	size_t prefix_count;
	struct mac gateway; /* given, else the most likely; else zero */
	bool gateway_given;
	uint32_t gateway_from, gateway_to; /* what it is chosen by */
	uint64_t seed;
	uint64_t window; /* serial number of the open one */
	struct record_counters *counters;
};

/** ERR_NOMEM. */
int devices_init(struct devices *d, const struct observe_config *config,
		 struct record_counters *counters) must_check;
void devices_done(struct devices *d);

/** The device of a MAC, made when new; NULL past the limit (counted). */
struct device *devices_get(struct devices *d, const struct mac *mac);
/**
 * The same for whoever is only heard of: live, as many are refused as it takes
 * to leave room for those that are to be watched.
 */
struct device *devices_hear(struct devices *d, const struct mac *mac);
/** Or NULL when there is none. */
struct device *devices_find(const struct devices *d, const struct mac *mac);

/** Not of the Internet: private, group, or in a range known as the LAN's. */
bool devices_is_local(const struct devices *d, const struct addr *a);

/**
 * Whom a packet's source address belongs to. mac: the frame's source, NULL
 * when the capture has none. NULL for nobody that is followed.
 */
struct device *devices_of_source(struct devices *d, const struct addr *a,
				 const struct mac *mac);
/** Likewise the destination. */
struct device *devices_of_destination(struct devices *d, const struct addr *a,
				      const struct mac *mac);
/** Live: the device sends from the address in this window, too. */
void devices_refresh(struct devices *d, const struct device *device,
		     const struct addr *a);
/** Whoever has the address, as far as is known; or NULL. */
struct device *devices_owner(const struct devices *d, const struct addr *a);

/**
 * The address is the device's, by its own word (ARP, DHCP). Not believed
 * against what was seen, since that is how spoofing speaks.
 */
void devices_claim(struct devices *d, struct device *device,
		   const struct addr *a);

/** A conversation with an Internet host went through this MAC. */
void devices_carried(struct devices *d, const struct mac *mac, bool from);

/** This MAC passes on what others send. */
void devices_note_carrier(struct devices *d, const struct mac *mac);

/**
 * What a device sends to a known router from an address of the Internet: the
 * prefix is the LAN's own (IPv6 has no private ones that all use).
 */
void devices_guess_prefix(struct devices *d, const struct packet *packet);

/** Live: the prefixes of the LAN, at most OBSERVE_PREFIXES_MAX, in place of
 * those of before. */
void devices_set_prefixes(struct devices *d, const struct cidr *prefixes,
			  size_t count);

/** Live: makes room when many strangers were heard. */
void devices_forget(struct devices *d);

/**
 * What neighbour discovery is about is on the LAN, and tells its prefixes; who
 * advertises itself is a router.
 */
void devices_hear_ndp(struct devices *d, const struct ndp *ndp);

#endif
