// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/stream.h"

#include <stdlib.h>
#include <string.h>

#include "observe/sequence.h"

#define STREAM_BYTES_MIN ((size_t)2048)

void streams_init(struct streams *s, struct record_counters *counters)
{
	*s = (struct streams){ .counters = counters };
}

void streams_done(struct streams *s)
{
	while (s->oldest)
		streams_release(s, s->oldest->owner);
}

struct stream *streams_open(struct streams *s, struct stream **owner,
			    enum stream_kind kind, uint32_t base,
			    uint64_t window)
{
	struct stream *stream;

	streams_release(s, owner);
	stream = s->count < STREAMS_MAX ? calloc(1, sizeof(*stream)) : NULL;
	if (!stream) {
		s->counters->streams_refused++;
		return NULL;
	}
	stream->kind = kind;
	stream->base = base;
	stream->since = window;
	stream->owner = owner;
	stream->older = s->newest;
	if (s->newest)
		s->newest->newer = stream;
	else
		s->oldest = stream;
	s->newest = stream;
	s->count++;
	*owner = stream;
	return stream;
}

void streams_release(struct streams *s, struct stream **owner)
{
	struct stream *stream = *owner;

	if (!stream)
		return;
	if (stream->older)
		stream->older->newer = stream->newer;
	else
		s->oldest = stream->newer;
	if (stream->newer)
		stream->newer->older = stream->older;
	else
		s->newest = stream->older;
	s->count--;
	s->bytes -= stream->cap;
	free(stream->data);
	free(stream);
	*owner = NULL;
}

void streams_abandon(struct streams *s, struct stream **owner)
{
	const struct stream *stream = *owner;

	/* of a hole nobody knows whether anything began in it, and an answer
	 * need not come */
	if (stream && stream->kind != STREAM_HOLE &&
	    (stream->kind != STREAM_QUIC_SERVER || stream->segments))
		s->counters->streams_abandoned++;
	streams_release(s, owner);
}

void streams_expire(struct streams *s, uint64_t window)
{
	while (s->oldest && s->oldest->since + STREAM_AGE_WINDOWS < window)
		streams_abandon(s, s->oldest->owner);
}

static bool reserve(struct streams *s, struct stream *stream, size_t bytes)
{
	size_t cap = stream->cap ? stream->cap : STREAM_BYTES_MIN;
	uint8_t *data;

	if (bytes <= stream->cap)
		return true;
	while (cap < bytes)
		cap *= 2;
	if (cap > STREAM_BYTES_MAX)
		cap = STREAM_BYTES_MAX;
	if (cap - stream->cap > STREAMS_BYTES_MAX - s->bytes)
		return false;
	data = realloc(stream->data, cap);
	if (!data)
		return false;
	s->bytes += cap - stream->cap;
	stream->data = data;
	stream->cap = cap;
	return true;
}

/* Copies what fills holes of [from, to); bytes that are there stay. */
static void fill(struct stream *stream, uint32_t from, uint32_t to,
		 const uint8_t *bytes)
{
	uint32_t at = from > stream->have ? from : stream->have;

	for (uint32_t i = 0; i <= stream->island_count && at < to; i++) {
		bool last = i == stream->island_count;
		uint32_t hole_end = last ? to : stream->islands[i].from;

		if (hole_end > to)
			hole_end = to;
		if (hole_end > at)
			memcpy(stream->data + at, bytes + (at - from),
			       hole_end - at);
		if (!last && stream->islands[i].to > at)
			at = stream->islands[i].to;
	}
}

/* Adds an island, joined with those it touches. False: there are too many. */
static bool add_island(struct stream *stream, uint32_t from, uint32_t to)
{
	uint32_t i = 0, n = stream->island_count, end;

	while (i < n && stream->islands[i].to < from)
		i++;
	for (end = i; end < n && stream->islands[end].from <= to; end++) {
		if (stream->islands[end].from < from)
			from = stream->islands[end].from;
		if (stream->islands[end].to > to)
			to = stream->islands[end].to;
	}
	if (end == i && n == STREAM_ISLANDS_MAX)
		return false;
	memmove(stream->islands + i + 1, stream->islands + end,
		(n - end) * sizeof(*stream->islands));
	stream->islands[i].from = from;
	stream->islands[i].to = to;
	stream->island_count = n - (end - i) + 1;
	return true;
}

/* Islands that the front has reached become part of it. */
static void join_islands(struct stream *stream)
{
	uint32_t n = 0;

	while (n < stream->island_count &&
	       stream->islands[n].from <= stream->have) {
		if (stream->islands[n].to > stream->have)
			stream->have = stream->islands[n].to;
		n++;
	}
	stream->island_count -= n;
	memmove(stream->islands, stream->islands + n,
		stream->island_count * sizeof(*stream->islands));
}

bool stream_add(struct streams *s, struct stream *stream, uint32_t seq,
		struct slice payload)
{
	int32_t ahead = sequence_ahead(seq, stream->base);
	uint32_t had = stream->have, from, to;
	size_t room;

	if (ahead < 0) {
		if ((size_t) - (int64_t)ahead >= payload.len)
			return false;
		payload = slice_of(payload.data - ahead,
				   payload.len - (size_t)-ahead);
		ahead = 0;
	}
	from = (uint32_t)ahead;
	room = from < STREAM_BYTES_MAX ? STREAM_BYTES_MAX - from : 0;
	if (payload.len > room) {
		s->counters->stream_bytes_refused += payload.len - room;
		payload.len = room;
	}
	if (!payload.len)
		return false;
	to = from + (uint32_t)payload.len;
	if (to <= stream->have)
		return false;
	if (!reserve(s, stream, to)) {
		s->counters->stream_bytes_refused += payload.len;
		return false;
	}
	fill(stream, from, to, payload.data);
	if (from <= stream->have) {
		stream->have = to;
		join_islands(stream);
	} else if (!add_island(stream, from, to)) {
		s->counters->stream_bytes_refused += payload.len;
		return false;
	}
	stream->segments++;
	return stream->have > had;
}

void stream_consume(struct stream *stream, uint32_t n)
{
	uint32_t end = stream->have;

	if (stream->island_count)
		end = stream->islands[stream->island_count - 1].to;
	if (n > stream->have)
		n = stream->have;
	memmove(stream->data, stream->data + n, end - n);
	stream->base += n;
	stream->have -= n;
	stream->next_try = 0;
	for (uint32_t i = 0; i < stream->island_count; i++) {
		stream->islands[i].from -= n;
		stream->islands[i].to -= n;
	}
}
