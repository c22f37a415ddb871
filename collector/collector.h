// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_COLLECTOR_H
#define COLLECTOR_COLLECTOR_H

#include <stdatomic.h>

#include "collector/account.h"
#include "collector/commit.h"
#include "collector/counters.h"
#include "collector/crowd.h"
#include "collector/workbench.h"

/** What every request is answered with. */
struct collector {
	const char *data_dir; /* for a reader of one's own */
	struct accounts *accounts;
	struct commit *commit;
	struct workbenches workbenches;
	struct crowd crowd;
	struct counters counters;
	atomic_bool unfinished; /* an erasure is, which upkeep goes on with */
};

#endif
