// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/share.h"

#include <string.h>
#include <sys/socket.h>

/* How many have this session, and the oldest of them. */
static size_t count(struct share *share, const char *session,
		    struct share_client **oldest)
{
	size_t n = 0;

	*oldest = NULL;
	for (size_t i = 0; i < SHARE_CONNECTIONS_MAX; i++) {
		struct share_client *client = &share->clients[i];

		if (!client->since || strcmp(client->session, session))
			continue;
		n++;
		if (!*oldest || client->since < (*oldest)->since)
			*oldest = client;
	}
	return n;
}

struct share_client *share_open(struct share *share, int fd)
{
	struct share_client *client = NULL, *oldest;

	/* the server closes it, as if its other end had */
	if (count(share, "", &oldest) >= SHARE_STRANGERS_MAX) {
		shutdown(oldest->fd, SHUT_RDWR);
		share->cut++;
	}
	for (size_t i = 0; !client && i < SHARE_CONNECTIONS_MAX; i++)
		if (!share->clients[i].since)
			client = &share->clients[i];
	if (client)
		*client = (struct share_client){ .fd = fd,
						 .since = ++share->opened };
	return client;
}

void share_close(struct share_client *client)
{
	if (client)
		memset(client, 0, sizeof(*client));
}

bool share_claim(struct share *share, struct share_client *client,
		 struct slice cookie)
{
	struct share_client *oldest;

	if (!client || cookie.len < SESSION_NONCE_HEX)
		return false;
	memcpy(client->session, cookie.data, SESSION_NONCE_HEX);
	if (count(share, client->session, &oldest) <= SHARE_SESSION_MAX)
		return true;
	share->refused++;
	return false;
}
