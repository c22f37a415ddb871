// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_OFFER_H
#define JUDGE_OFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/**
 * The set of rules that a verdict is by: the paper's, so that its figures can
 * be made again, or today's. They are never mixed.
 */
enum offer_rules {
	/* outdated: SSL 3.0, TLS 1.0; weak: RC4, export, NULL, anonymous, DES
	 * (paper 6.1) */
	OFFER_PAPER,
	/* outdated also TLS 1.1 (RFC 8996); weak also 3DES (RFC 9325) */
	OFFER_CURRENT,
};

/** What a ClientHello offers that nobody should. */
struct offer_verdict {
	bool outdated;
	unsigned int weak; /* bits of enum suite_weakness */
};

/**
 * highest: the highest version offered, GREASE left out; 0: not known, which is
 * not outdated. suites: as on the wire, two bytes each; an odd byte at the end
 * is not looked at.
 */
struct offer_verdict offer_judge(enum offer_rules rules, uint16_t highest,
				 struct slice suites);

#endif
