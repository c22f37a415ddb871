// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_UNLOCK_H
#define WEB_UNLOCK_H

#include <jansson.h>

#include "message/message.h"
#include "web/home.h"

struct hub;

/*
 * Opening a locked device by proving that one has it in hand. Either its own
 * browser opens an address with a code that our page shows: discover serves
 * that for some minutes, and guard is asked which MAC the kernel knows for
 * whoever pressed the button. Or its whole MAC is typed, as printed on it or
 * shown in its settings; that is limited. One whose own name asks to be left
 * alone is not opened: its own browser has it heard again, so that it can be
 * called something else, and its name goes before any proof.
 */

/** Of one code: time to walk to the device. */
#define UNLOCK_MS ((uint64_t)300 * 1000)
/** Characters of a code, 5 bits each; without those that look alike. */
#define UNLOCK_CODE_LENGTH 10
/** Who pressed the button and guard is asked about. */
#define UNLOCK_ASKED_MAX 4
/** MACs typed for one device in the time given. */
#define UNLOCK_MAC_TRIES 5
#define UNLOCK_MAC_MS	 ((uint64_t)3600 * 1000)

/** The one device that is being unlocked; code "": none. */
struct unlock {
	char code[UNLOCK_CODE_LENGTH + 1];
	struct mac mac;
	struct addr address; /* ours, that it is served on */
	uint64_t until_ms;   /* since the epoch */
	uint64_t until_tick_ms;
	uint16_t port;	   /* 0: not served (yet) */
	bool failed;	   /* it cannot be */
	struct addr other; /* another device tried; family 0: none */
	struct message_unlock_request asked[UNLOCK_ASKED_MAX];
	size_t asked_count;
	uint64_t refused; /* tries by another device, or a wrong MAC */
};

/** What came from discover, and from guard for it. */
void unlock_take_ready(struct hub *hub, const struct message_unlock_ready *m);
void unlock_take_request(struct hub *hub,
			 const struct message_unlock_request *m);
void unlock_take_neighbour(struct hub *hub, const struct message_neighbour *m);
/** A new discover knows of nothing. */
void unlock_begin_again(struct hub *hub);
void unlock_tick(struct hub *hub);

/** As in the API: the unlocking of this device, or null. */
json_t *unlock_view(const struct hub *hub, const struct home_device *device);

#endif
