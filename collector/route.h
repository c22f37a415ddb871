// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_ROUTE_H
#define COLLECTOR_ROUTE_H

#include "collector/collector.h"
#include "collector/exchange.h"

/* api/collector.yaml: which requests there are, and who may make them. */

/** Largest body of a request that is no upload. */
#define ROUTE_BODY_MAX ((size_t)65536)

struct route {
	const char *method, *path;
	size_t body_max;      /* 0: it has none */
	bool login;	      /* an account's */
	enum account_use use; /* of an account's, what it counts as */
	/** True: the reply is made. False: e->resume will be called. */
	bool (*answer)(struct collector *c, struct exchange *e);
};

/**
 * By method and path, and login where it is needed. NULL: the reply says why
 * not; whatever body there is need not be kept.
 */
const struct route *route_find(struct collector *c, struct exchange *e);
/** The whole request is there. As struct route's answer. */
bool route_answer(struct collector *c, const struct route *route,
		  struct exchange *e);
/** Counts a reply that is about to be sent. route: NULL where it was refused.
 */
void route_count(struct collector *c, const struct route *route,
		 const struct exchange *e);

#endif
