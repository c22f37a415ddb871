// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/initial.h"

#include <string.h>

#include "base/cursor.h"
#include "observe/hello.h"
#include "observe/service.h"

enum {
	PORT_HTTPS = 443,
	PORT_DOQ = 853, /* RFC 9250 */
};

/*
 * What is told once of a conversation. Without a version that we know, only
 * the port says that it is QUIC at all.
 */
static void name_version(const struct context *c, struct flow *flow,
			 const struct quic_packet *quic)
{
	const struct packet *p = c->packet;
	uint8_t told = (uint8_t)(1 << quic->kind);
	struct fact fact = { .kind = FACT_QUIC, .quic = quic };
	char version[QUIC_VERSION_TEXT_BYTES];
	struct service service = { .application = RECORD_APPLICATION_QUIC };

	if (p->sport != PORT_HTTPS && p->dport != PORT_HTTPS &&
	    p->sport != PORT_DOQ && p->dport != PORT_DOQ)
		return;
	if (flow->quic_told & told)
		return;
	flow->quic_told |= told;
	context_fact(c, &fact);
	if (quic->kind == QUIC_GOOGLE)
		service.application = RECORD_APPLICATION_GOOGLE_QUIC;
	service.detail =
		slice_text(quic->kind == QUIC_VERSION_NEGOTIATION
				   ? "version negotiation"
				   : quic_version_text(quic->version, version));
	service_tell(c, flow, &service);
}

static bool may_try(const struct context *c)
{
	struct initials *i = c->initials;

	if (i->window != c->window->serial) {
		i->window = c->window->serial;
		i->tries = 0;
	}
	if (i->tries >= INITIAL_TRIES_MAX) {
		c->counters->initials_refused++;
		return false;
	}
	i->tries++;
	return true;
}

static uint32_t answer_mark(const struct quic_keys *keys)
{
	struct cursor secret =
		cursor_slice(slice_of(keys->secret, sizeof(keys->secret)));

	return cursor_u32(&secret) | 1;
}

/*
 * To a connection that a packet of the client begins, an answer will come under
 * keys of the same. Those of one that is on its way, or was told, stay: this is
 * the client's packet once more.
 */
static void expect_answer(const struct context *c, struct flow *flow, int side,
			  const struct quic_packet *packet)
{
	struct flow_lane *lane = &flow->lane[!side];
	struct quic_keys keys;

	if (quic_server_keys(c->crypto, packet->version, packet->destination_id,
			     &keys) ||
	    flow->answer_mark == answer_mark(&keys))
		return;
	if (lane->stream && !memcmp(lane->stream->quic.secret, keys.secret,
				    sizeof(keys.secret)))
		return;
	if (streams_open(c->streams, &lane->stream, STREAM_QUIC_SERVER, 0,
			 c->window->serial)) {
		struct slice id = packet->destination_id;

		lane->stream->quic = keys;
		lane->stream->quic_id_bytes = (uint8_t)id.len;
		memcpy(lane->stream->quic_id, id.data, id.len);
	}
}

/*
 * The frames of an Initial, by the keys of the connection being opened or, if
 * it is the first of another (after a Retry, too), by its own: then the lane
 * begins anew. False when neither open it.
 */
static bool open_packet(const struct context *c, struct flow *flow, int side,
			const struct quic_packet *packet, uint8_t *out,
			struct slice *frames)
{
	struct flow_lane *lane = &flow->lane[side];
	struct crypto *crypto = c->crypto;
	struct quic_keys keys;

	if (packet->bytes.len - packet->number_at > QUIC_INITIAL_MAX_BYTES) {
		c->counters->initials_refused++;
		return false;
	}
	if (lane->stream && lane->stream->kind == STREAM_QUIC &&
	    lane->stream->quic.version == packet->version &&
	    !quic_open_initial(crypto, &lane->stream->quic, packet, out,
			       frames))
		return true;
	if (packet->destination_id.len < QUIC_FIRST_ID_MIN_BYTES)
		return false;
	if (quic_client_keys(crypto, packet->version, packet->destination_id,
			     &keys) ||
	    quic_open_initial(crypto, &keys, packet, out, frames))
		return false;
	if (!streams_open(c->streams, &lane->stream, STREAM_QUIC, 0,
			  c->window->serial))
		return false;
	lane->stream->quic = keys;
	expect_answer(c, flow, side, packet);
	return true;
}

static void add_frames(const struct context *c, struct stream *stream,
		       struct slice frames)
{
	struct quic_crypto crypto;
	size_t at = 0;

	while (quic_next_crypto(frames, &at, &crypto) > 0) {
		if (crypto.offset < TLS_HELLO_MAX_BYTES)
			(void)stream_add(c->streams, stream,
					 (uint32_t)crypto.offset, crypto.data);
		else
			c->counters->stream_bytes_refused += crypto.data.len;
	}
}

/* Nobody can open what the server sends by what is in it. */
static bool is_server(const struct flow *flow, int side)
{
	const struct stream *other = flow->lane[!side].stream;

	return (other && other->kind == STREAM_QUIC) ||
	       (flow->hello_mark && (int)(flow->hello_mark & 1) != side);
}

/* Of a retry, another follows it. */
static void read_answer(const struct context *c, struct flow *flow, int side,
			uint32_t version)
{
	struct flow_lane *lane = &flow->lane[side];
	struct stream *stream = lane->stream;
	struct hello_origin origin = { .transport = RECORD_TRANSPORT_QUIC,
				       .quic_version = version,
				       .segments = stream->segments };
	struct tls_server_hello hello = { .retry = true };
	struct slice body;
	size_t len;
	int err = 0;

	while (!err && hello.retry) {
		err = tls_take_server_hello(stream_slice(stream), &body, &len);
		if (err == ERR_AGAIN)
			return;
		if (!err)
			err = tls_decode_server_hello(body, &hello);
		if (!err) {
			hello_answer(c, flow->device[!side], &hello, &origin);
			stream_consume(stream, (uint32_t)len);
		}
	}
	flow->answer_mark = answer_mark(&stream->quic);
	streams_release(c->streams, &lane->stream);
}

static void hear_answer(const struct context *c, struct flow *flow, int side,
			const struct quic_packet *packet)
{
	struct stream *stream = flow->lane[side].stream;
	uint8_t opened[QUIC_INITIAL_MAX_BYTES];
	struct quic_keys other, *keys;
	struct slice frames;

	if (!stream || stream->kind != STREAM_QUIC_SERVER ||
	    packet->bytes.len - packet->number_at > QUIC_INITIAL_MAX_BYTES ||
	    !may_try(c))
		return;
	keys = &stream->quic;
	/* of the version that the server chose, by the same id (RFC 9369 4.1)
	 */
	if (packet->version != keys->version) {
		struct slice id =
			slice_of(stream->quic_id, stream->quic_id_bytes);

		if (quic_server_keys(c->crypto, packet->version, id, &other))
			return;
		keys = &other;
	}
	if (quic_open_initial(c->crypto, keys, packet, opened, &frames))
		return;
	add_frames(c, stream, frames);
	read_answer(c, flow, side, packet->version);
}

static void read_hello(const struct context *c, struct flow *flow, int side)
{
	struct flow_lane *lane = &flow->lane[side];
	struct stream *stream = lane->stream;
	struct hello_origin origin = { .transport = RECORD_TRANSPORT_QUIC,
				       .quic_version = stream->quic.version,
				       .segments = stream->segments };
	struct tls_client_hello hello;
	struct slice message;
	int err = tls_take_client_hello(stream_slice(stream), &message);

	if (err == ERR_AGAIN)
		return;
	if (!err)
		err = tls_decode_gathered_hello(message, &hello);
	if (!err && flow->hello_mark != hello_mark(&hello, side)) {
		flow->hello_mark = hello_mark(&hello, side);
		flow->quic_asks = (uint8_t)(side + 1);
		hello_tell(c, flow, side, &hello, &origin);
	}
	streams_release(c->streams, &lane->stream);
}

static void hear_initial(const struct context *c, struct flow *flow, int side,
			 const struct quic_packet *packet)
{
	struct flow_lane *lane = &flow->lane[side];
	uint8_t opened[QUIC_INITIAL_MAX_BYTES];
	struct slice frames;

	if (is_server(flow, side)) {
		hear_answer(c, flow, side, packet);
		return;
	}
	if (!may_try(c) || !open_packet(c, flow, side, packet, opened, &frames))
		return;
	add_frames(c, lane->stream, frames);
	read_hello(c, flow, side);
}

/* Only the server's answer gives the keys of a Handshake packet (RFC 9001 4):
 * it came to the client, and if nothing came by us, past us. */
static void hear_handshake(struct flow *flow, int side)
{
	if (flow->quic_asks == side + 1 && !flow->local[!side])
		window_answered_past(flow->device[side],
				     flow_key(flow)->family);
}

void initial_hear(const struct context *c, struct flow *flow, int side)
{
	struct slice datagram = c->packet->payload;
	struct quic_packet packet;
	size_t at = 0;

	if (flow->quic_asks && flow->quic_asks != side + 1)
		flow->quic_asks = 0;

	for (unsigned i = 0; quic_next_packet(datagram, &at, &packet) > 0;
	     i++) {
		if (i == QUIC_COALESCED_MAX) {
			c->counters->initials_refused++;
			return;
		}
		switch (packet.kind) {
		case QUIC_INITIAL:
			hear_initial(c, flow, side, &packet);
			break;
		case QUIC_VERSION_NEGOTIATION:
		case QUIC_GOOGLE:
		case QUIC_OTHER:
			name_version(c, flow, &packet);
			break;
		case QUIC_HANDSHAKE:
			hear_handshake(flow, side);
			break;
		case QUIC_ZERO_RTT:
		case QUIC_RETRY:
			break;
		}
	}
}
