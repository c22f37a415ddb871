// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/stream.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

/* What the server takes from a stream at once. */
#define BLOCK_BYTES 16384

/* A stream and its set, for the server's callbacks. */
struct reader {
	struct stream_set *set;
	struct stream *stream;
};

static void resume(struct stream *stream)
{
	if (!stream->suspended)
		return;
	stream->suspended = false;
	MHD_resume_connection(stream->connection);
}

static ssize_t read_stream(void *user, uint64_t position, char *out, size_t max)
{
	struct stream *stream = ((struct reader *)user)->stream;
	size_t left = stream->queue.len - stream->sent;

	(void)position;
	if (stream->broken || (stream->ending && !left))
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (!left) {
		buf_clear(&stream->queue);
		stream->sent = 0;
		stream->suspended = true;
		MHD_suspend_connection(stream->connection);
		return 0;
	}
	if (left > max)
		left = max;
	memcpy(out, stream->queue.data + stream->sent, left);
	stream->sent += left;
	return (ssize_t)left;
}

static void close_stream(void *user)
{
	struct reader *reader = user;

	buf_done(&reader->stream->queue);
	memset(reader->stream, 0, sizeof(*reader->stream));
	reader->set->count--;
	free(reader);
}

static struct stream *unused_stream(struct stream_set *set)
{
	for (size_t i = 0; i < STREAM_MAX; i++)
		if (!set->streams[i].connection)
			return &set->streams[i];
	return NULL;
}

int stream_open(struct stream_set *set, struct MHD_Connection *connection,
		struct stream **out, struct MHD_Response **response)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct stream *stream = unused_stream(set);
	struct reader *reader;

	if (!stream || !info) {
		set->refused++;
		return ERR_LIMIT;
	}
	reader = malloc(sizeof(*reader));
	if (!reader)
		return ERR_NOMEM;
	*reader = (struct reader){ set, stream };
	*response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN,
						      BLOCK_BYTES, read_stream,
						      reader, close_stream);
	if (!*response) {
		free(reader);
		return ERR_NOMEM;
	}
	*stream = (struct stream){ .connection = connection,
				   .fd = info->connect_fd };
	buf_init(&stream->queue, STREAM_QUEUE_BYTES);
	set->count++;
	set->opened++;
	*out = stream;
	return 0;
}

/* At once, whatever is still in its queue. */
static void break_off(struct stream *stream)
{
	stream->broken = true;
	resume(stream);
}

/* Drops what was taken, so that only what was not counts as a queue. */
static void drop_sent(struct stream *stream)
{
	struct buf *queue = &stream->queue;

	if (stream->sent < BLOCK_BYTES)
		return;
	queue->len -= stream->sent;
	memmove(queue->data, queue->data + stream->sent, queue->len);
	stream->sent = 0;
}

static void queue(struct stream_set *set, struct stream *stream,
		  const char *event, const char *data)
{
	if (stream->ending || stream->broken)
		return;
	drop_sent(stream);
	buf_puts(&stream->queue, "event: ");
	buf_puts(&stream->queue, event);
	buf_puts(&stream->queue, "\ndata: ");
	buf_puts(&stream->queue, data);
	buf_puts(&stream->queue, "\n\n");
	set->events++;
	if (buf_check(&stream->queue)) {
		set->cut++;
		break_off(stream);
		return;
	}
	resume(stream);
}

void stream_send(struct stream_set *set, struct stream *stream,
		 const char *event, json_t *json)
{
	char *data = json ? json_dumps(json, JSON_COMPACT) : NULL;

	if (data)
		queue(set, stream, event, data);
	free(data);
}

void stream_send_all(struct stream_set *set, const char *event, json_t *json)
{
	char *data;

	if (!set->count || !json)
		return;
	data = json_dumps(json, JSON_COMPACT);
	if (!data)
		return;
	for (size_t i = 0; i < STREAM_MAX; i++)
		if (set->streams[i].connection)
			queue(set, &set->streams[i], event, data);
	free(data);
}

size_t stream_poll(const struct stream_set *set, struct pollfd out[STREAM_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < STREAM_MAX; i++)
		if (set->streams[i].connection && set->streams[i].suspended)
			out[n++] = (struct pollfd){ .fd = set->streams[i].fd,
						    .events = POLLRDHUP };
	return n;
}

static void left(struct stream_set *set, int fd)
{
	for (size_t i = 0; i < STREAM_MAX; i++)
		if (set->streams[i].connection && set->streams[i].suspended &&
		    set->streams[i].fd == fd)
			break_off(&set->streams[i]);
}

void stream_polled(struct stream_set *set, const struct pollfd *fds,
		   size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i].revents)
			left(set, fds[i].fd);
}

void stream_end_all(struct stream_set *set)
{
	for (size_t i = 0; i < STREAM_MAX; i++)
		if (set->streams[i].connection) {
			set->streams[i].ending = true;
			resume(&set->streams[i]);
		}
}
