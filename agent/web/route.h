// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "base/slice.h"
#include "web/http.h"

struct hub;

/*
 * The paths of /api: what each needs, and what it does. The request comes
 * with a session and from our own page; see api/agent.yaml.
 */

#define ROUTE_EVENTS "/api/events"

/**
 * Answers in any case. other_method: neither GET nor POST, or NULL. type: the
 * Content-Type, or NULL. body: of a POST.
 */
void route_answer(struct hub *hub, struct http_request *request,
		  const char *other_method, const char *type, struct slice body,
		  struct http_reply *reply);

#endif
