// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_SECRECY_H
#define JUDGE_SECRECY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/**
 * Whether a suite has forward secrecy: keys agreed upon by (EC)DHE, as all of
 * TLS 1.3 do (IANA, TLS Cipher Suites; RFC 9325 4.1).
 */
bool secrecy_of(uint16_t suite);

/** Whether any suite of a ClientHello's list has it. */
bool secrecy_offered(struct slice suites);

#endif
