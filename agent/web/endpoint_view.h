// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_ENDPOINT_VIEW_H
#define WEB_ENDPOINT_VIEW_H

#include <jansson.h>

#include "web/endpoint.h"
#include "web/state.h"

/** Its name, else its address, in words that give away no MAC: the key of its
 * row. */
json_t *endpoint_view_label(const struct endpoint *endpoint);
/** Whose make the device is: by its owner's word, else as it was recognised,
 * for what a MAC tells may be the radio's maker only; "" when neither says.
 * Lent. */
const char *endpoint_view_vendor(const struct hub *hub,
				 const struct home_device *device);
/** All that is known of it, as Endpoint in api/agent.yaml; device: whose it
 * is. */
json_t *endpoint_view(const struct hub *hub, const struct home_device *device,
		      const struct endpoint *endpoint);

#endif
