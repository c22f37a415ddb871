// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_ANNOUNCED_H
#define WEB_ANNOUNCED_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * What a device announces of itself, made fit to be shown: the one way of it
 * to the API.
 */

/** Longest such text, in bytes of the wire. */
#define ANNOUNCED_BYTES 4096

/**
 * The bytes of a clue as text: names of mDNS, which the decoder gives in the
 * form of zone files ("Living\032Room", RFC 1035 5.1), become the bytes that
 * stood in the packet; MACs are cut out (web/mask.h). Not escaped yet. kind as
 * record_clue_name() gives it. What is longer than out is cut. Gives the
 * length.
 */
size_t announced_clean(const char *kind, struct slice text,
		       uint8_t out[ANNOUNCED_BYTES]);

#endif
