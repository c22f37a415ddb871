// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_HOME_H
#define WEB_HOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/table.h"
#include "message/message.h"
#include "store/device.h"
#include "web/identify.h"
#include "web/withheld.h"

/*
 * The home as the hub knows it: its devices, in memory, with what the user
 * chose for each and what guard says of them.
 */

/** Devices known, of this network and of those before. Past it, one that the
 * user chose nothing for makes room: so MACs that are made up do not keep a
 * real device out. */
#define HOME_DEVICES_MAX 2048
/** One that was not heard for so long is no longer listed, unless watched. */
#define HOME_LISTED_MS ((uint64_t)30 * 86400 * 1000)
/** Heard within this time is there: guard asks more often than that. */
#define HOME_PRESENT_MS ((uint64_t)600 * 1000)
/** A name heard, as shown: 64 bytes of it, a DNS label (RFC 1035 2.3.4), each
 * of which may become \xNN. */
#define HOME_NAME_BYTES 260
#define HOME_ID_BYTES	65

/** Clues that name a device, best first. */
enum home_name {
	HOME_NAME_DHCP_HOSTNAME,
	HOME_NAME_MDNS_HOST,
	HOME_NAME_MDNS_INSTANCE,
	HOME_NAME_DHCP_FQDN,
	HOME_NAME_LLMNR,
	HOME_NAME_NETBIOS,
	HOME_NAMES,
};

/** Whether a device may be looked at, and by whose word; stored by these
 * numbers. See web/gate.h for what follows. */
enum home_lock {
	HOME_IDENTIFYING = 0,
	HOME_OPEN_THING = 1,	  /* evidence says that it is a thing */
	HOME_OPEN_OWNER = 2,	  /* the owner says so */
	HOME_OPEN_UNLOCKED = 3,	  /* whoever has it in hand unlocked it */
	HOME_LOCKED_COMPUTER = 4, /* evidence says that it is a computer */
	HOME_LOCKED_OWNER = 5,	  /* by a click */
	HOME_LEFT_ALONE = 6,	  /* its own name asks for it */
};

/** Those that keep a device from being looked at, a bit each. */
#define HOME_LOCKS_CLOSED                                       \
	(1u << HOME_LOCKED_COMPUTER | 1u << HOME_LOCKED_OWNER | \
	 1u << HOME_LEFT_ALONE)
/** Those that nobody made by hand: they are found out again. */
#define HOME_LOCKS_FOUND                                      \
	(1u << HOME_OPEN_THING | 1u << HOME_LOCKED_COMPUTER | \
	 1u << HOME_LEFT_ALONE)

struct trace;

struct home_device {
	struct mac mac;
	char id[HOME_ID_BYTES]; /* HMAC-SHA-256 of the MAC, in hex */
	int64_t store_id;	/* 0: not stored yet */
	struct addr address;	/* IPv4, as guard sees it; else the newest */
	struct addr addrs[STORE_ADDRS_MAX];
	size_t addr_count;
	/* of the network that is inspected now: it has IPv6; and IPv4 of
	 * another subnet, family 0: not */
	bool has_six;
	struct addr elsewhere;
	uint64_t first_ms, last_ms;
	uint64_t in_bytes, out_bytes;
	char names[HOME_NAMES][HOME_NAME_BYTES]; /* escaped */
	bool gateway, present;
	bool excluded;
	bool excluded_for_good; /* on the command line */
	bool watched;
	uint64_t watch_ended_ms; /* windows that began before are still its */
	enum message_watch_phase phase;
	enum message_watch_cause cause;
	uint64_t phase_since_ms;
	char reason[MESSAGE_TEXT_MAX];
	enum message_watch_phase phase6; /* of its IPv6 traffic */
	char reason6[MESSAGE_TEXT_MAX];
	enum message_resists resists;
	uint64_t forward_in_frames, forward_out_frames;
	enum home_lock lock;
	uint64_t lock_since_ms;
	/* what spoke for a computer, per cent, when the owner gave his word */
	unsigned int lock_doubt;
	bool doubted;		     /* it was open, and is identified again */
	struct addr asked;	     /* under which it was asked what it is */
	uint64_t found_ms, asked_ms; /* ticks; 0: not in this run */
	uint64_t tries_since_ms;     /* tick; of MACs typed to unlock it */
	unsigned int tries;
	bool erase_due; /* closed, and that is not in the store yet */
	struct identify *identify;
	struct identify_opinion opinion; /* the last */
	struct withheld withheld;
	struct withheld said; /* of it, by others (web/hold.h) */
	/* closed: what others may still tell of it; else NULL */
	struct trace *trace;
	bool searched;		  /* closed: what others told of it is gone */
	unsigned int names_heard; /* closed: since it is, in this run */
};

struct home {
	struct table devices; /* struct mac -> struct home_device */
	uint8_t secret[32];   /* of the home: makes the ids */
	uint64_t devices_refused, devices_evicted;
	struct withheld_sum withheld, said;
};

void home_init(struct home *home, uint64_t seed);
void home_done(struct home *home);

/** A hash keyed with the home's secret; user: the home. Zeros when there is
 * none, which say nothing, and by which texts of a length are one. */
void home_hash(void *user, const void *data, size_t len, uint8_t out[32]);

/** A key that is of one day alone (UTC, since the epoch): hashes by it are
 * other ones the day after. */
struct home_day {
	uint64_t day;
	uint8_t key[32];
};
#define HOME_DAY_S UINT64_C(86400)
void home_day_init(const struct home *home, uint64_t day, struct home_day *out);
/** user: the day. As home_hash(). */
void home_day_hash(void *user, const void *data, size_t len, uint8_t out[32]);

/**
 * The device with this MAC, made when new; NULL, counted, when there are too
 * many. Only its mac and id are set then. One made may take the place of
 * another: a pointer to a stranger does not outlive this call.
 */
struct home_device *home_get(struct home *home, const struct mac *mac);
struct home_device *home_find(const struct home *home, const struct mac *mac);
/** By its id in hex; NULL. */
struct home_device *home_by_id(const struct home *home, const char *id);
/** All of them: start with *at = 0; NULL at the end. */
struct home_device *home_next(const struct home *home, uint32_t *at);

/** Takes it out of the home, and all that is held of it. */
void home_remove(struct home *home, struct home_device *device);

/** As the store had it. */
void home_load(struct home_device *device, const struct store_device *stored);

/** The same of its lock, if any. */
void home_load_lock(struct home_device *device, struct store *store);

/**
 * Sees that it has a row in the store, and that store_id is its number: the
 * transaction that made the one it had may have been lost, and the number be
 * another's since. ERR_IO.
 */
int home_store(struct home_device *device, struct store *store,
	       uint64_t now_ms) must_check;

/** The network is another: where they were on the one before says nothing. */
void home_forget_network(struct home *home);

/** Heard under this address: the first of a family is the one shown. */
void home_add_address(struct home_device *device, const struct addr *addr);

/** A clue: kept when it names the device. True when that changed. */
bool home_add_name(struct home_device *device, const char *kind,
		   struct slice text);
/** The kind of a name, as in the API. */
const char *home_name_kind(enum home_name name);

/** Forgets what was heard of it, as the store does on deletion; of a watch that
 * has ended no late window is taken any more either. */
void home_forget(struct home_device *device);

/**
 * The devices to list by address: the excluded, and at most max others;
 * *hidden counts those that max
 * leaves out: of those the user chose nothing for, the last that came.
 */
size_t home_list(const struct home *home, uint64_t now_ms, size_t max,
		 struct home_device *out[HOME_DEVICES_MAX], size_t *hidden);

size_t home_watched_count(const struct home *home);

#endif
