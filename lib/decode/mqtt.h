// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_MQTT_H
#define DECODE_MQTT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/** Where a client id must have ended; servers allow 64 kB, devices send 30. */
#define MQTT_CONNECT_MAX_BYTES 4096

/**
 * The first packet of a connection (MQTT 3.1 to 5.0, 3.1): whether a user and
 * a password are in it, but neither of them.
 */
struct mqtt_connect {
	uint8_t level; /* 3: MQTT 3.1; 4: 3.1.1; 5 */
	bool has_user, has_password;
	struct slice client_id; /* a view; may be empty */
};

/** Whether a stream may begin with one, as far as its first bytes go. */
bool mqtt_may_begin(struct slice stream);

/**
 * Reads up to the client id. ERR_AGAIN: so far it looks like one, but it is
 * not whole; ERR_MALFORMED: it is none; ERR_LIMIT: the id ends too far.
 */
int mqtt_decode_connect(struct slice stream,
			struct mqtt_connect *out) must_check;

#endif
