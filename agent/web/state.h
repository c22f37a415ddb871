// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_STATE_H
#define WEB_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "data/imported.h"
#include "message/channel.h"
#include "message/message.h"
#include "record/record.h"
#include "store/store.h"
#include "web/given.h"
#include "web/hold.h"
#include "web/home.h"
#include "web/hub.h"
#include "web/hush.h"
#include "web/research.h"
#include "web/reverse.h"
#include "web/settings.h"
#include "web/stream.h"
#include "web/unlock.h"
#include "web/watchtower.h"

struct server;

/*
 * All that the hub knows. Private to this folder; made and run by hub.c.
 */

/** Version of the consent text that the page shows: agreeing to an older one
 * is asked for again. */
#define STATE_CONSENT_VERSION 2

/** Of one window taken apart: at its limits it is less. */
#define STATE_ARENA_BYTES ((size_t)16 << 20)

/** Tokens used that the store could not note. */
#define STATE_TOKENS_MAX 32

/** What guard does not know yet, and is told as soon as its queue takes it. */
enum state_unsaid {
	UNSAID_EXCLUDE = 1 << 0,
	UNSAID_LIST = 1 << 1,
	UNSAID_CHOOSE = 1 << 2,
	UNSAID_WATCH = 1 << 3,
	UNSAID_PAUSE = 1 << 4,
	UNSAID_SCAN = 1 << 5,
	UNSAID_PAIRS = 1 << 6,
};

struct state_consent {
	bool given;
	uint64_t version, at_ms;
};

struct state_interfaces {
	struct message_interface list[MESSAGE_INTERFACES_MAX];
	size_t count;
	struct message_interface coming[MESSAGE_INTERFACES_MAX];
	size_t coming_count;
	bool known; /* a whole list came */
};

/** The socket to another process, and what is known of it. */
struct state_peer {
	int fd; /* -1: none */
	uint32_t pid, restarts;
	uint64_t since_ms;
};

struct state_fault {
	bool current;
	uint64_t at_ms;
	char text[MESSAGE_TEXT_MAX], remedy[MESSAGE_TEXT_MAX];
};

struct state_counters {
	uint64_t windows, windows_refused;
	uint64_t messages_refused; /* did not decode, or fit the state */
	uint64_t messages_delayed; /* guard's queue was full */
};

struct hub {
	struct hub_config config;
	struct store *store;
	struct server *server;
	struct stream_set streams;
	struct arena arena;	 /* of the window being taken */
	struct arena held_arena; /* of one that was withheld */
	struct home home;
	struct imported imported; /* lists of the user's */
	struct know know;	  /* them, and the program's own */
	struct reverse_names reverse;
	struct given given;
	struct hush hush;
	struct hold hold;
	struct watchtower watchtower;
	struct research research;
	struct state_consent consent;

	struct state_peer keeper, guard, engine, discover, upload;
	struct state_interfaces interfaces;
	char chosen[MESSAGE_NAME_MAX]; /* by the user or for him; "" */
	bool chosen_by_user;
	struct message_chosen network; /* as guard has it */
	uint64_t chosen_ms, scanned_ms, scan_mark;
	bool paused, stopping, ended;
	unsigned int unsaid; /* enum state_unsaid */

	struct settings settings;
	struct message_pairs between; /* watched among themselves */
	struct unlock unlock;
	struct state_fault faults[MESSAGE_FAULT_KINDS];
	struct state_fault store_fault, damage_fault;
	struct message_guard_counters guard_counters;
	struct message_discover_counters discover_counters;
	struct record_counters engine_counters;
	struct state_counters counters;

	char tokens[STATE_TOKENS_MAX][SESSION_NONCE_HEX + 1];
	size_t token_count;

	uint64_t seed;	     /* of hash tables */
	uint64_t now_ms;     /* since the epoch */
	uint64_t tick_ms;    /* of a clock that only goes forward */
	uint64_t started_ms; /* since the epoch */
	uint64_t left_ms;    /* tick when the last page closed */
	uint64_t told_ms, beat_ms, listed_ms, expired_ms, erased_ms; /* ticks */
	uint64_t asked_ms;					     /* tick */
	uint64_t closing_ms; /* that closing devices took since erased_ms */
	bool page_was_open;
	bool erase_due; /* of closed devices, by lock_load_closed() */
	bool status_changed, devices_changed;
};

/** tick_ms as it is now: that stands still while the hub does something. */
uint64_t hub_tick_now(void);

/** Whether a start token is good; it never is again. */
bool hub_take_token(struct hub *hub, const char *token);

/** What a page gets when it opens its stream. */
void hub_greet(struct hub *hub, struct stream *stream);

/* What the user asks for. Each takes effect at once; the network follows. */

/** ERR_INVALID for another version than the text shown, ERR_LIMIT for too many
 * excluded, ERR_IO when it could not be stored: then nothing is done. */
int hub_consent(struct hub *hub, uint64_t version, const struct mac *excluded,
		size_t count) must_check;
/** Takes effect even if it cannot be stored (ERR_IO). */
int hub_withdraw(struct hub *hub) must_check;
/** ERR_NOTFOUND, ERR_INVALID when it cannot be used. */
int hub_choose(struct hub *hub, const char *name) must_check;
void hub_pause(struct hub *hub, bool pause);
/** Takes effect even if it cannot be stored (ERR_IO). */
int hub_between(struct hub *hub, const struct message_pairs *pairs) must_check;
/** ERR_IO as above. */
int hub_restore(struct hub *hub) must_check;
void hub_stop(struct hub *hub, const char *why);
void hub_scan(struct hub *hub);
void hub_list_interfaces(struct hub *hub);
/** The owner says that a device is one that was here before under another MAC:
 * all of the older becomes the newer's, and the older is no more, for good.
 * ERR_INVALID unless that is offered (web/returned.h); ERR_IO: nothing was
 * joined, or it was but not all of what the owner chose for the older. */
int hub_merge(struct hub *hub, struct home_device *older,
	      struct home_device *newer) must_check;
/** ERR_IO; of all, also when a database that was set aside is still there. */
int hub_delete(struct hub *hub, struct home_device *device,
	       uint64_t *rows) must_check;
int hub_delete_all(struct hub *hub, uint64_t *rows) must_check;
/** ERR_LIMIT, ERR_IO. */
int hub_watch(struct hub *hub, struct home_device *device,
	      bool watch) must_check;
/** The owner says that it is a thing; or, unlocked, whoever has it in hand
 * that it may be watched. ERR_DENIED when it is excluded, or locked and not
 * unlocked; ERR_IO. */
int hub_open(struct hub *hub, struct home_device *device,
	     bool unlocked) must_check;
/** Begins to unlock it on the device itself. ERR_DENIED when it is excluded,
 * ERR_INVALID when it is open, or no page can be served to it; ERR_IO. */
int hub_unlock(struct hub *hub, struct home_device *device) must_check;
/** Its whole MAC was typed. ERR_NOTFOUND when that is not it, ERR_LIMIT after
 * too many of those; else as hub_unlock(). */
int hub_unlock_by_mac(struct hub *hub, struct home_device *device,
		      const struct mac *mac) must_check;
/** Locks it and erases all of it. ERR_DENIED for the router and what is
 * excluded. Takes effect even if it cannot be stored (ERR_IO). */
int hub_lock(struct hub *hub, struct home_device *device) must_check;
/** ERR_LIMIT, ERR_IO. */
int hub_exclude(struct hub *hub, struct home_device *device,
		bool exclude) must_check;

#endif
