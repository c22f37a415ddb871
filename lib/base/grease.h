// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BASE_GREASE_H
#define BASE_GREASE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * RFC 8701: 0x0a0a, 0x1a1a, …, which a hello has among its suites, extensions,
 * versions and groups so that nobody depends on there being no others.
 */
static inline bool grease_is(uint16_t v)
{
	return (v & 0x0f0f) == 0x0a0a && (v >> 8) == (v & 0xff);
}

#endif
