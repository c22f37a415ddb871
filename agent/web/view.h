// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_VIEW_H
#define WEB_VIEW_H

#include <jansson.h>

#include "base/slice.h"
#include "web/state.h"

/*
 * The state as JSON, in the shapes of api/agent.yaml. Each gives a new
 * reference, or NULL when memory is out. Texts from the network are escaped.
 */

/** Faults shown. */
#define VIEW_FAULTS_MAX 20
/** Longest text from the network that is shown, in bytes of the wire. */
#define VIEW_TEXT_BYTES 4096

json_t *view_status(struct hub *hub);
json_t *view_interfaces(const struct hub *hub);
json_t *view_devices(const struct hub *hub);
json_t *view_device(const struct hub *hub, const struct home_device *device);

/** Bytes from the wire as a JSON string. */
json_t *view_text(struct slice bytes);
/** Likewise a clue of this kind, made fit to be shown (web/announced.h). */
json_t *view_announced(const char *kind, struct slice bytes);
/**
 * An address, or null for none. Of a private one that is made of a MAC, the
 * MAC's second half is left out: fe80::211:22ff:fe…
 */
json_t *view_addr(const struct addr *addr);
/** The same of a device of the home, whose public addresses are cut too. */
json_t *view_home_addr(const struct addr *addr);
/** A time or a count. */
json_t *view_number(uint64_t value);

#endif
