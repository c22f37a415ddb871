// SPDX-License-Identifier: GPL-3.0-or-later

/* Engine and hub that only wait for their end, until the real ones come. */

#include <poll.h>

#include "engine/engine.h"
#include "message/channel.h"
#include "web/hub.h"

static int idle(int keeper)
{
	static struct channel_inbox inbox;
	static struct message m;

	for (;;) {
		struct pollfd wait = { .fd = keeper, .events = POLLIN };
		int err;

		(void)!poll(&wait, 1, -1);
		err = channel_receive(keeper, &inbox, &m);
		if (err == ERR_CLOSED || (!err && m.type == MESSAGE_STOP))
			return 0;
	}
}

int engine_run(const struct engine_config *config)
{
	return idle(config->keeper_fd);
}

int hub_run(const struct hub_config *config)
{
	(void)!channel_send_plain(config->keeper_fd, MESSAGE_READY);
	return idle(config->keeper_fd);
}
