// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_CLEAR_H
#define JUDGE_CLEAR_H

#include <stdint.h>

#include "record/record.h"

/** What a protocol means for whoever listens on the way. */
enum clear_way {
	CLEAR_UNKNOWN,
	CLEAR_HARMLESS, /* in clear, with nothing in it to protect: the time */
	CLEAR_READABLE,
	CLEAR_ENCRYPTED,
};

struct clear_protocol {
	const char *name; /* "MQTT"; NULL where none is needed */
	enum clear_way way;
};

/** By what was said in it; what may change to TLS is recognised only where it
 * goes on in clear. RECORD_APPLICATIONS and above: unknown. */
const struct clear_protocol *
clear_by_application(enum record_application application);

/** For what was not recognised, or whose beginning was not seen: by the port
 * that is registered for it (IANA, Service Names) or in common use (8080,
 * 8443); unknown where what runs there may change to TLS (RFC 3207, 2595,
 * 4511 4.14, 4217, 6120 5). protocol: IP's number. Never NULL. */
const struct clear_protocol *clear_by_port(uint8_t protocol, uint16_t port);

#endif
