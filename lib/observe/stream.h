// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_STREAM_H
#define OBSERVE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "decode/quic.h"
#include "record/record.h"

/*
 * The few stretches of TCP streams that are worth putting together: from
 * where a ClientHello, a request's head or a DNS message begins to where it
 * ends; and the hellos of QUIC. All else passes by unkept.
 */

/** Most at once: one a connection being opened, or a datagram in fragments. */
#define STREAMS_MAX UINT32_C(2048)
/** Memory of them all. */
#define STREAMS_BYTES_MAX ((size_t)8 << 20)
/** Longest stretch: a DNS message with its length, or an IP datagram. Hellos
 * and heads: 16 kB. */
#define STREAM_BYTES_MAX ((size_t)65537)
/** Most pieces that lie ahead of a hole. Browsers cut a hello into two dozen,
 * in any order. */
#define STREAM_ISLANDS_MAX 32u
/** Windows until one whose hole does not close is given up (half a minute). */
#define STREAM_AGE_WINDOWS 6u

enum stream_kind {
	STREAM_HOLE, /* what is missing may be the beginning of something */
	STREAM_HELLO,
	STREAM_SERVER_HELLO,
	STREAM_CERTIFICATE, /* of a server, with the hello in front of it */
	STREAM_HTTP,
	STREAM_MQTT,
	STREAM_DNS,
	STREAM_DATAGRAM,    /* of IP, from its fragments */
	STREAM_QUIC,	    /* CRYPTO frames of a ClientHello */
	STREAM_DTLS,	    /* fragments of a hello */
	STREAM_QUIC_SERVER, /* of the answer to it, which may not have come */
};

struct stream {
	enum stream_kind kind;
	uint32_t base;	   /* sequence number of the first byte */
	uint32_t have;	   /* bytes without a hole */
	uint32_t next_try; /* not worth looking again with fewer */
	uint32_t segments;
	uint8_t *data;
	size_t cap;
	struct {
		uint32_t from, to;
	} islands[STREAM_ISLANDS_MAX]; /* ahead of the hole, apart, in order */
	uint32_t island_count;
	struct quic_keys quic; /* of STREAM_QUIC and its answer */
	/* what the client's first packet was sent to, of its answer */
	uint8_t quic_id[QUIC_ID_MAX_BYTES];
	uint8_t quic_id_bytes;
	uint16_t number; /* of the message, of STREAM_DTLS */
	uint64_t since;	 /* window */
	struct stream **owner;
	struct stream *older, *newer;
};

struct streams {
	uint32_t count;
	size_t bytes;
	struct stream *oldest, *newest;
	struct record_counters *counters;
};

void streams_init(struct streams *s, struct record_counters *counters);
void streams_done(struct streams *s);

/**
 * Begins one at a sequence number and keeps it in *owner, which must not move.
 * NULL, counted, when there are too many.
 */
struct stream *streams_open(struct streams *s, struct stream **owner,
			    enum stream_kind kind, uint32_t base,
			    uint64_t window);
/** Ends one, if there is one. */
void streams_release(struct streams *s, struct stream **owner);
/** The same for one that did not come to its end: counted. */
void streams_abandon(struct streams *s, struct stream **owner);
/** Gives up those older than STREAM_AGE_WINDOWS. */
void streams_expire(struct streams *s, uint64_t window);

/**
 * Puts a segment in its place; what is there already stays. True when the
 * bytes without a hole have grown. What lies outside is left out; what there
 * is no memory for, too, counted.
 */
bool stream_add(struct streams *s, struct stream *stream, uint32_t seq,
		struct slice payload);

/** Takes n bytes off the front. */
void stream_consume(struct stream *stream, uint32_t n);

static inline struct slice stream_slice(const struct stream *stream)
{
	return slice_of(stream->data, stream->have);
}

#endif
