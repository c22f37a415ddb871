// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/dtls.h"

#include "decode/dtls.h"
#include "observe/hello.h"

static void tell_client(const struct context *c, struct flow *flow, int side,
			struct slice body, uint32_t segments)
{
	const struct hello_origin origin = { .transport = RECORD_TRANSPORT_DTLS,
					     .segments = segments };
	struct tls_client_hello hello;

	if (tls_decode_dtls_client_hello(body, &hello)) {
		c->counters->malformed++;
		return;
	}
	if (flow->hello_mark == hello_mark(&hello, side))
		return;
	flow->hello_mark = hello_mark(&hello, side);
	flow->answer_mark = 0;
	hello_tell(c, flow, side, &hello, &origin);
}

/* Once to a hello, and once more where that one asked for another. */
static void tell_server(const struct context *c, struct flow *flow, int side,
			struct slice body, uint32_t segments)
{
	const struct hello_origin origin = { .transport = RECORD_TRANSPORT_DTLS,
					     .segments = segments };
	struct tls_server_hello hello;
	uint32_t mark;

	if (tls_decode_server_hello(body, &hello)) {
		c->counters->malformed++;
		return;
	}
	mark = hello.retry ? 1 : 2;
	if (flow->answer_mark >= mark)
		return;
	flow->answer_mark = mark;
	hello_answer(c, flow->device[!side], &hello, &origin);
}

static void tell(const struct context *c, struct flow *flow, int side,
		 const struct dtls_fragment *f, struct slice body,
		 uint32_t segments)
{
	if (f->type == DTLS_CLIENT_HELLO)
		tell_client(c, flow, side, body, segments);
	else
		tell_server(c, flow, side, body, segments);
}

static void add(const struct context *c, struct flow *flow, int side,
		const struct dtls_fragment *f)
{
	struct stream **place = &flow->lane[side].stream;
	struct stream *stream = *place;

	if (stream &&
	    (stream->kind != STREAM_DTLS || stream->number != f->number))
		streams_abandon(c->streams, place);
	if (!*place &&
	    !streams_open(c->streams, place, STREAM_DTLS, 0, c->window->serial))
		return;
	stream = *place;
	stream->number = f->number;
	(void)stream_add(c->streams, stream, f->offset, f->data);
	if (stream->have < f->length)
		return;
	tell(c, flow, side, f, slice_of(stream->data, f->length),
	     stream->segments);
	streams_release(c->streams, place);
}

void dtls_hear(const struct context *c, struct flow *flow, int side)
{
	struct dtls_walk walk;
	struct dtls_fragment f;

	dtls_walk(&walk, c->packet->payload);
	for (unsigned i = 0; dtls_next(&walk, &f) > 0; i++) {
		if (i == DTLS_FRAGMENTS_MAX) {
			c->counters->stream_bytes_refused += f.data.len;
			return;
		}
		if (f.type != DTLS_CLIENT_HELLO && f.type != DTLS_SERVER_HELLO)
			continue;
		if (f.length > TLS_HELLO_MAX_BYTES)
			c->counters->stream_bytes_refused += f.data.len;
		else if (f.data.len == f.length)
			tell(c, flow, side, &f, f.data, 1);
		else
			add(c, flow, side, &f);
	}
}
