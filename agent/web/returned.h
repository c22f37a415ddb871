// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_RETURNED_H
#define WEB_RETURNED_H

#include <jansson.h>

#include "web/home.h"

/*
 * Things that come back with another MAC, because they make theirs up: offered
 * to the owner with what speaks for it. Never of what the gate does not let
 * show, and never of somebody's computer (judge/randomised.h).
 */

/**
 * The device that this one most probably was before, in the shape of
 * api/agent.yaml; null when there is none. A new reference, or NULL without
 * memory. Both must be open, which the caller has asked the gate of device.
 */
json_t *returned_view(const struct home *home, bool consent,
		      const struct home_device *device);

#endif
