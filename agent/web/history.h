// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_HISTORY_H
#define WEB_HISTORY_H

#include <jansson.h>

#include "record/record.h"
#include "web/state.h"

/*
 * What a device did, as JSON in the shapes of api/agent.yaml: addresses become
 * endpoints, named by the device's own evidence at the time of reading. Each
 * gives 0 and a new reference, or ERR_LIMIT (more than one reply holds),
 * ERR_IO, ERR_NOMEM.
 */

#define HISTORY_ENDPOINTS_MAX 500
#define HISTORY_CLUES_MAX     500
#define HISTORY_WINDOW_MAX    200
#define HISTORY_TOP_DEFAULT   8
#define HISTORY_TOP_MAX	      20
/** Points of a series: as many as a screen has columns. */
#define HISTORY_POINTS_MAX     2000
#define HISTORY_POINTS_DEFAULT 180

/** Milliseconds; to is not included. */
struct history_range {
	uint64_t from_ms, to_ms;
};

int history_endpoints(struct hub *hub, const struct home_device *device,
		      const struct history_range *range,
		      json_t **out) must_check;

/** step_ms: a multiple of a window, or 0 for a fitting one. */
int history_traffic(struct hub *hub, const struct home_device *device,
		    const struct history_range *range, uint64_t step_ms,
		    size_t top, json_t **out) must_check;

int history_clues(struct hub *hub, const struct home_device *device,
		  json_t **out) must_check;

/** A live window, as the stream gives it out. NULL when memory is out. */
json_t *history_window(struct hub *hub, const struct home_device *device,
		       const struct record_window *window);

#endif
