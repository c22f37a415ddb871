// SPDX-License-Identifier: GPL-3.0-or-later

/* An engine that only waits for its end, until the real one comes. */

#include <poll.h>

#include "engine/engine.h"
#include "message/channel.h"

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
