// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_FIND_H
#define WEB_FIND_H

#include <jansson.h>

#include "judge/finding.h"

struct hub;
struct home_device;

/*
 * What was found, as JSON in the shapes of api/agent.yaml. Nothing of a device
 * whose history the gate does not let through.
 */

/** Findings of one reply; the gravest first. */
#define FIND_MAX 500
/** 16 digits of a number in hex, and a terminator. */
#define FIND_ID_BYTES 17

/** All that may be shown, of the home and of its devices. */
json_t *find_all(struct hub *hub);
json_t *find_of_device(struct hub *hub, const struct home_device *device);
/** How many are open, by severity: the event `findings`. */
json_t *find_count(struct hub *hub);

json_t *find_posture(struct hub *hub, const struct home_device *device);
json_t *find_coverage(struct hub *hub, const struct home_device *device);

/** One of those that may be shown; list is what it is in. */
struct find_one {
	struct finding_list *list;
	struct finding *finding;
	struct home_device *device; /* NULL: of the home */
};
bool find_by_id(struct hub *hub, const char *id, struct find_one *out);
json_t *find_one(struct hub *hub, const struct find_one *one);
/** Looks whether it is gone: {"gone", "wait_s", "finding"}. */
json_t *find_recheck(struct hub *hub, struct find_one *one);

#endif
