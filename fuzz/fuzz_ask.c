// SPDX-License-Identifier: GPL-3.0-or-later
#include <arpa/inet.h>
#include <stdlib.h>

#include "datagrams.h"
#include "discover/ask.h"

static const struct addr own = { 4, { 127, 0, 0, 1 } };
static const struct addr device = { 4, { 127, 0, 0, 20 } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* From the device: by mDNS, or to its search. */
ssize_t recvfrom(int fd, void *data, size_t size, int flags,
		 __SOCKADDR_ARG from, socklen_t *len)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	uint8_t way = cursor_u8(&datagrams);

	memcpy(&at.sin_addr, device.b, 4);
	at.sin_port = way & 1 ? htons(5353) : htons(1900);
	if (way > 250)
		at.sin_addr.s_addr = 0;
	memcpy(from.__sockaddr__, &at, sizeof(at));
	*len = sizeof(at);
	return recv(fd, data, size, flags);
}

static void clue(void *user, const struct addr *of, enum record_clue_kind kind,
		 struct slice text)
{
	size_t *clues = user;

	if (!addr_equal(of, &device) || kind >= RECORD_CLUE_KINDS ||
	    !text.len || ++*clues > ASK_CLUES_MAX)
		abort();
}

static void description(void *user, const struct addr *of, uint32_t index,
			struct slice url)
{
	(void)user;
	if (!addr_equal(of, &device) || index || !url.len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t clues = 0;
	const struct ask_hearers hearers = { clue, description, &clues };
	struct ask *ask;

	datagrams = cursor_of(data, size);
	sends = 0;
	if (ask_open(&own, &hearers, &ask))
		return 0;
	(void)!ask_device(ask, &device, 0, 1000);
	ask_run(ask, 1001);
	ask_run(ask, 1002);
	ask_close(ask);
	return 0;
}
