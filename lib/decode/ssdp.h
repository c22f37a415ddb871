// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_SSDP_H
#define DECODE_SSDP_H

#include "base/err.h"
#include "base/slice.h"

enum ssdp_kind {
	SSDP_NOTIFY,
	SSDP_SEARCH,
	SSDP_RESPONSE,
};

/** An SSDP message (UPnP Device Architecture 2.0, 1.2 and 1.3). */
struct ssdp {
	enum ssdp_kind kind;
	/* views without white space around them; absent when the field is */
	struct slice st, nt, nts, usn, server, user_agent, location;
};

/**
 * A whole datagram. Its final empty line may be missing, as it often is; a
 * line without its end is cut, and left out. ERR_TRUNCATED when that is the
 * first; ERR_MALFORMED when it is not SSDP, or a response that is not 200.
 */
int ssdp_decode(struct slice bytes, struct ssdp *out) must_check;

#endif
