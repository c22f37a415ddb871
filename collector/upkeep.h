// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_UPKEEP_H
#define COLLECTOR_UPKEEP_H

#include <stdint.h>

#include "collector/collector.h"

/*
 * What is done beside the uploads, on a thread of its own: days that are over
 * are sealed, what is past its time is erased, and what homes are given back is
 * made anew.
 */

struct upkeep_options {
	uint32_t crowd_every_s; /* how old what is given back may become */
	struct store_crowd_options crowd;
};

/** How often it looks whether there is something to do. */
#define UPKEEP_EVERY_MS 1000u

/** How often what is past its time is looked for. */
#define UPKEEP_PURGE_MS 3600000u
/** When it is tried again after it failed, or an erasure was not finished. */
#define UPKEEP_AGAIN_MS 10000u

struct upkeep;

/** ERR_NOMEM. */
int upkeep_start(struct collector *collector,
		 const struct upkeep_options *options,
		 struct upkeep **out) must_check;
/** Asks for nothing more. NULL is accepted. */
void upkeep_stop(struct upkeep *u);
/** After the writer ended: what was asked of it is over. NULL is accepted. */
void upkeep_free(struct upkeep *u);

#endif
