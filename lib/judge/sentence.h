// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_SENTENCE_H
#define JUDGE_SENTENCE_H

#include "base/buf.h"
#include "judge/endpoint.h"

/**
 * What a device does with an endpoint, as one plain sentence about it, without
 * "the device" in front and a stop at its end: "asks the time from an NTP
 * server run by Google". Says no more than is known; texts from outside are
 * escaped.
 */
void sentence_put(struct buf *out, const struct know *know,
		  const struct endpoint_facts *facts,
		  const struct endpoint_verdict *verdict);

/** Longest, with room for a name all of whose bytes are escaped. */
#define SENTENCE_BYTES_MAX 4096

#endif
