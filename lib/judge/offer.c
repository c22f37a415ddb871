// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/offer.h"

#include "base/cursor.h"
#include "know/suite.h"

static const struct {
	uint16_t lowest_good; /* version */
	unsigned int weak;
} rule_sets[] = {
	[OFFER_PAPER] = { 0x0302, SUITE_NULL | SUITE_EXPORT | SUITE_ANON |
					  SUITE_RC4 | SUITE_DES },
	[OFFER_CURRENT] = { 0x0303, SUITE_NULL | SUITE_EXPORT | SUITE_ANON |
					    SUITE_RC4 | SUITE_DES |
					    SUITE_3DES },
};

struct offer_verdict offer_judge(enum offer_rules rules, uint16_t highest,
				 struct slice suites)
{
	struct offer_verdict verdict = {
		.outdated = highest && highest < rule_sets[rules].lowest_good,
	};
	struct cursor c = cursor_slice(suites);

	while (cursor_left(&c) >= 2)
		verdict.weak |= suite_weakness(cursor_u16(&c));
	verdict.weak &= rule_sets[rules].weak;
	return verdict;
}
