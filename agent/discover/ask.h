// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DISCOVER_ASK_H
#define DISCOVER_ASK_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"
#include "record/record.h"

/*
 * Questions to one device at a time, about what it offers: which services it
 * has, by DNS-SD over mDNS (RFC 6763 9, asked directly: RFC 6762 5.5), and then
 * each of them; and what it is to UPnP, by M-SEARCH (UPnP Device Architecture
 * 2.0, 1.3.2, unicast). By IPv4, and by IPv6 of the link to a device that has
 * no other. Never by multicast, so that nobody is asked who is to be left
 * alone. Only what comes from the device that was asked, while it is being
 * asked, is read: each is asked from a port of its own, so that one that was
 * asked before cannot answer in another's name. An answer to M-SEARCH may come
 * from any port; one by mDNS repeats its question's id (RFC 6762 6.7).
 */

/** Devices asked at once. */
#define ASK_DEVICES_MAX 16
/** How long one has for its answers. */
#define ASK_MS 5000
/** Kinds of service that one is asked about: more than any offers. */
#define ASK_SERVICES_MAX  24
#define ASK_SERVICE_BYTES 80
/** Datagrams of one that are read. */
#define ASK_ANSWERS_MAX 64
/** Clues of one, repeated ones left out by whoever is told. */
#define ASK_CLUES_MAX 256
/** Datagrams read between two looks at the rest. */
#define ASK_AT_ONCE 64

struct ask;

struct ask_counters {
	uint64_t devices; /* asked */
	uint64_t answers; /* read */
	uint64_t refused; /* of nobody asked, or past a limit */
	uint64_t malformed;
};

struct ask_hearers {
	void (*clue)(void *user, const struct addr *device,
		     enum record_clue_kind kind, struct slice text);
	/* where it says that its description is; once for each device */
	void (*description)(void *user, const struct addr *device,
			    uint32_t index, struct slice url);
	void *user;
};

/** From this address of ours, on its network. ERR_IO, ERR_NOMEM. */
int ask_open(const struct addr *own, const struct ask_hearers *hearers,
	     struct ask **out) must_check;
/** NULL is accepted. */
void ask_close(struct ask *ask);

/** index: of the interface that an IPv6 address is behind. ERR_LIMIT when as
 * many as can be are being asked; ERR_INVALID for an IPv6 address that is not
 * of a link. */
int ask_device(struct ask *ask, const struct addr *device, uint32_t index,
	       uint64_t now_ms) must_check;

/** What to wait for, of each that is being asked; fd -1 for none. */
void ask_poll(const struct ask *ask, struct pollfd out[ASK_DEVICES_MAX]);
/** Reads what has come. */
void ask_run(struct ask *ask, uint64_t now_ms);

const struct addr *ask_own(const struct ask *ask);
const struct ask_counters *ask_counters(const struct ask *ask);

#endif
