// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_PEERS_H
#define GUARD_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "message/message.h"

/*
 * Inspectors of one LAN tell each other which devices they watch, so that two
 * never fight over one: a broadcast frame of the type for local experiments
 * (IEEE 802, 88-B5), sent only while at least one device is watched, or,
 * without devices, while another inspector watches this computer. It says what
 * the ARP frames of the same moment show to anyone on the LAN anyhow.
 *
 *   4 bytes  "IoTI"
 *   1        version, 1
 *   8        the instance's number, random at its start
 *   1        devices in this frame, at most PEERS_FRAME_DEVICES
 *   6 each   their MACs
 *
 * A device that another claims is left alone. Where both began before hearing
 * each other, the lower instance number keeps it; the other gives it back, and
 * the first poisons anew. Nobody can tell a true claim from a forged one: so
 * none ends a watch without a restore, and who claims is said to the user.
 */
#define PEERS_FRAME_DEVICES 200
/** How often it is said, and for how long it holds. */
#define PEERS_TELL_MS 1000
#define PEERS_HOLD_MS 3500

/** Claims kept: several inspectors at their limit. */
#define PEERS_CLAIMS_MAX 1024

struct peers_claim {
	struct mac device;
	uint64_t instance;
	struct mac by; /* who said so */
	uint64_t until_ms;
};

struct peers {
	uint64_t instance;
	struct peers_claim claims[PEERS_CLAIMS_MAX];
	size_t count;
	uint64_t refused; /* past the limit */
};

void peers_init(struct peers *p, uint64_t instance);

/** Appends one frame's payload. ERR_LIMIT, ERR_NOMEM. */
int peers_format(const struct peers *p, const struct mac *devices, size_t count,
		 struct buf *out) must_check;

/** Takes a frame's payload, sent by a MAC; *ours says that we sent it ourselves
 * (it came back by a loop), and nothing is kept. ERR_TRUNCATED, ERR_MALFORMED.
 */
int peers_take(struct peers *p, const struct mac *by, struct slice payload,
	       uint64_t now_ms, bool *ours) must_check;

/** Who else claims the device now, of several the lowest instance; or NULL. */
const struct peers_claim *
peers_claimed(const struct peers *p, const struct mac *device, uint64_t now_ms);

#endif
