// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_RETURNED_H
#define WEB_RETURNED_H

#include <jansson.h>

#include "judge/randomised.h"
#include "web/home.h"

/*
 * Things that come back with another MAC, because they make theirs up: offered
 * to the owner with what speaks for it, and made one when he says so
 * (hub_merge()). Never of what the gate does not let show, on either side, and
 * never of somebody's computer (judge/randomised.h).
 */

/** The device that this one most probably was before, and why; NULL when there
 * is none. The reasons are lent by the device. */
struct home_device *returned_find(const struct home *home, bool consent,
				  const struct home_device *device,
				  struct randomised_match *best);

/**
 * The same in the shape of api/agent.yaml, or null. A new reference, or NULL
 * without memory. Both must be open, which the caller has asked the gate of
 * device.
 */
json_t *returned_view(const struct home *home, bool consent,
		      const struct home_device *device);

#endif
