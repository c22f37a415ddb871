// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/guard.h"

#include <poll.h>

#include "message/channel.h"

enum guard_end guard_run(const struct guard_config *config, int keeper_fd)
{
	static struct channel_inbox inbox;
	static struct message m;

	(void)config;
	for (;;) {
		struct pollfd wait = { .fd = keeper_fd, .events = POLLIN };
		int err;

		(void)!poll(&wait, 1, -1);
		err = channel_receive(keeper_fd, &inbox, &m);
		if (err == ERR_CLOSED)
			return GUARD_KEEPER_GONE;
		if (!err && m.type == MESSAGE_STOP)
			return GUARD_STOPPED;
	}
}
