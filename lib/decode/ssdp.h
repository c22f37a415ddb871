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
	struct slice st, nt, nts, usn, server, location; /* absent when not */
};

int ssdp_decode(struct slice bytes, struct ssdp *out) must_check;

#endif
