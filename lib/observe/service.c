// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/service.h"

_Static_assert(RECORD_APPLICATIONS <= 32, "a bit for each in struct flow");

static void keep(const struct context *c, const struct flow *flow, int side,
		 const struct service *service)
{
	const struct flow_key *key = flow_key(flow);
	struct device *device = flow->device[side];
	struct record_service r = {
		.time_ns = c->time_ns,
		.protocol = key->protocol,
		.device = flow_addr(flow, side),
		.remote = flow_addr(flow, !side),
		.device_port = key->port[side],
		.remote_port = key->port[!side],
		.application = service->application,
		.credentials_in_clear = service->credentials,
		.detail = service->detail,
	};
	struct record_service *told = window_find_service(device, &r);

	if (r.detail.len > SERVICE_DETAIL_MAX) {
		r.detail.len = SERVICE_DETAIL_MAX;
		c->counters->texts_cut++;
	}
	if (!r.detail.len)
		r.detail = slice_of(NULL, 0);
	if (told)
		told->credentials_in_clear |= r.credentials_in_clear;
	if (told ? told->detail.data || !r.detail.data
		 : window_is_full(c->window, device, WINDOW_SERVICES))
		return;
	if (!window_copy(c->window, r.detail, &r.detail)) {
		window_refuse(c->window, WINDOW_SERVICES);
		return;
	}
	if (told)
		told->detail = r.detail;
	else
		window_add(c->window, device, WINDOW_SERVICES, &r);
}

void service_tell(const struct context *c, struct flow *flow,
		  const struct service *service)
{
	uint32_t bit = UINT32_C(1) << service->application;

	if (flow->told & bit && !service->credentials)
		return;
	flow->known |= bit;
	flow->told |= bit;
	for (int i = 0; i < 2; i++) {
		if (flow->device[i])
			keep(c, flow, i, service);
	}
}

enum record_application service_of(enum command_talk talk)
{
	static const enum record_application applications[COMMAND_TALKS] = {
		[COMMAND_FTP] = RECORD_APPLICATION_FTP,
		[COMMAND_SMTP] = RECORD_APPLICATION_SMTP,
		[COMMAND_POP3] = RECORD_APPLICATION_POP3,
		[COMMAND_IMAP] = RECORD_APPLICATION_IMAP,
		[COMMAND_XMPP] = RECORD_APPLICATION_XMPP,
		[COMMAND_LDAP] = RECORD_APPLICATION_LDAP,
		[COMMAND_AMQP] = RECORD_APPLICATION_AMQP,
	};

	return applications[talk];
}

bool service_is_known(const struct flow *flow,
		      enum record_application application)
{
	return flow->known & UINT32_C(1) << application;
}
