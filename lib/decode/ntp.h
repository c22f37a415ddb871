// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_NTP_H
#define DECODE_NTP_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum ntp_mode {
	NTP_ACTIVE = 1,
	NTP_PASSIVE = 2,
	NTP_CLIENT = 3,
	NTP_SERVER = 4,
	NTP_BROADCAST = 5,
};

/** The head of a time packet (RFC 5905 7.3; SNTP: RFC 4330). */
struct ntp {
	uint8_t version; /* 1 to 4 */
	enum ntp_mode mode;
	uint8_t stratum;
};

/** ERR_TRUNCATED; ERR_MALFORMED: no time packet, or one of control. */
int ntp_decode(struct slice bytes, struct ntp *out) must_check;

#endif
