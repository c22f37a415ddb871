// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_STREAM_H
#define WEB_STREAM_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct MHD_Connection;
struct MHD_Response;

/*
 * The live streams of the open pages (server-sent events, WHATWG HTML 9.2).
 * A stream with nothing to send is suspended in the server; that its reader
 * went away is seen by polling its socket. A reader too slow to follow is cut
 * off: its page connects again and gets everything anew.
 */

/** Pages open at once. */
#define STREAM_MAX 16
/** Sent but not yet taken by one reader. */
#define STREAM_QUEUE_BYTES ((size_t)4 << 20)

struct stream {
	struct MHD_Connection *connection; /* NULL: unused */
	int fd;
	struct buf queue;
	size_t sent; /* of queue */
	bool suspended;
	bool ending; /* when its queue is sent */
	bool broken; /* at once */
};

struct stream_set {
	struct stream streams[STREAM_MAX];
	size_t count;
	uint64_t opened; /* since the start */
	uint64_t refused, cut, events;
};

/**
 * Makes the response that keeps a connection open as a stream; *out is its
 * place in the set. ERR_LIMIT when as many as allowed are open.
 */
int stream_open(struct stream_set *set, struct MHD_Connection *connection,
		struct stream **out, struct MHD_Response **response) must_check;

/** Queues one event for all, or for one. json is not taken. */
void stream_send_all(struct stream_set *set, const char *event, json_t *json);
void stream_send(struct stream_set *set, struct stream *stream,
		 const char *event, json_t *json);

/** The sockets to poll for readers that left. Number of them. */
size_t stream_poll(const struct stream_set *set, struct pollfd out[STREAM_MAX]);
/** What the poll found. */
void stream_polled(struct stream_set *set, const struct pollfd *fds,
		   size_t count);

/** Lets every stream end, once its queue is sent. */
void stream_end_all(struct stream_set *set);

#endif
