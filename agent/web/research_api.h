// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_RESEARCH_API_H
#define WEB_RESEARCH_API_H

#include "web/http.h"

struct home_device;
struct hub;

/** Answers what is under /api/research, and a device's label and share; device
 * is that of {id}, or NULL. */
void research_api(struct hub *hub, const struct http_request *request,
		  struct home_device *device, struct http_reply *reply);

#endif
