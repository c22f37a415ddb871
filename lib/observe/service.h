// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_SERVICE_H
#define OBSERVE_SERVICE_H

#include "decode/command.h"
#include "observe/context.h"
#include "observe/flow.h"

/** Longest detail kept; what is longer is cut. */
#define SERVICE_DETAIL_MAX ((size_t)255)

/** What a conversation turned out to be: see struct record_service. */
struct service {
	enum record_application application;
	bool credentials; /* in clear */
	struct slice detail;
};

/**
 * Tells it of the flow that the packet at hand belongs to, to each of its
 * devices, once a window. Credentials are told whenever they are seen.
 */
void service_tell(const struct context *c, struct flow *flow,
		  const struct service *service);

/** The application that a talk of decode/command.h is. */
enum record_application service_of(enum command_talk talk);

/** Whether the flow is known for it, from whatever window. */
bool service_is_known(const struct flow *flow,
		      enum record_application application);

#endif
