// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include "base/buf.h"
#include "base/err.h"
#include "judge/coverage.h"
#include "judge/finding.h"
#include "judge/lan.h"
#include "judge/posture.h"
#include "judge/traffic.h"

/*
 * All that is known of how well a device behaves, window by window. Windows
 * are judged the same whether they come live, from a file or from a test:
 * their own time is the only clock.
 */
struct judge {
	struct posture posture;
	struct traffic traffic;
	struct coverage coverage;
	struct finding_list findings;
};

struct judge_world {
	const struct lan *lan;		  /* not NULL */
	const struct party_source *party; /* NULL: nobody is known */
	struct addr gateway;		  /* family 0: not known */
	struct addr own;		  /* this computer's; the same */
	uint64_t uplink_bps;		  /* 0: not known */
	bool away;			  /* nobody is at home */
};

/** The router's own traffic is everybody's, and not judged. */
void judge_add(struct judge *j, const struct record_window *window,
	       const struct judge_world *world);
void judge_done(struct judge *j);

/*
 * The sums as bytes, for a store: everything but the findings, and but what is
 * of the minutes under way. The form is this program's own, with a version.
 */
/** Longest form. */
#define JUDGE_BYTES_MAX ((size_t)128 << 10)
/** ERR_NOMEM, ERR_LIMIT. */
int judge_write(const struct judge *j, struct buf *out) must_check;
/** ERR_TRUNCATED, ERR_MALFORMED, ERR_UNSUPPORTED: then j is as it was. */
int judge_read(struct slice bytes, struct judge *j) must_check;

#endif
