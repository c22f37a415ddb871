// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/fragment.h"

#include <string.h>

/* What a datagram's fragments have in common. Compared as bytes. */
struct fragment_key {
	struct addr src, dst;
	uint8_t protocol; /* IPv4 only: RFC 8200 4.5 leaves it out */
	uint8_t zero;
	uint32_t id;
};

struct fragment_set {
	struct stream *stream; /* NULL once it was given up */
	uint32_t total;	       /* bytes of the datagram; 0: not known yet */
	uint16_t sport, dport;
};

void fragments_init(struct fragments *f, uint64_t seed, struct streams *streams)
{
	f->streams = streams;
	table_init(&f->sets, sizeof(struct fragment_key),
		   sizeof(struct fragment_set), FRAGMENTS_MAX, seed);
}

void fragments_done(struct fragments *f)
{
	table_done(&f->sets);
}

/* Those that were given up, or are whole and have been read. */
static void sweep(struct fragments *f)
{
	const struct fragment_set *set;
	const void *key;
	uint32_t at = 0;

	while ((set = table_next(&f->sets, &at, &key)))
		if (!set->stream)
			(void)table_remove(&f->sets, key);
}

/* NULL, counted, when there is no room. */
static struct fragment_set *set_of(struct fragments *f,
				   const struct packet *packet, uint64_t window)
{
	struct fragment_set *set;
	struct fragment_key key;

	memset(&key, 0, sizeof(key));
	key.src = packet->src;
	key.dst = packet->dst;
	key.id = packet->ip_id;
	if (packet->src.family == 4)
		key.protocol = packet->ip_protocol;
	if (f->sets.count == f->sets.max)
		sweep(f);
	set = table_get(&f->sets, &key, NULL);
	if (!set) {
		f->streams->counters->streams_refused++;
		return NULL;
	}
	if (set->stream)
		return set;
	*set = (struct fragment_set){ .total = 0 };
	return streams_open(f->streams, &set->stream, STREAM_DATAGRAM, 0,
			    window)
		       ? set
		       : NULL;
}

bool fragments_add(struct fragments *f, struct packet *packet, uint64_t window,
		   struct packet *whole)
{
	struct fragment_set *set;
	struct stream *stream;

	streams_release(f->streams, &f->whole);
	/* cut off by the capture: it will never be whole */
	if (packet->fragment.len < packet->fragment_bytes)
		return false;
	set = set_of(f, packet, window);
	if (!set)
		return false;
	stream = set->stream;
	if (!packet->more_fragments)
		set->total = packet->fragment_offset + packet->fragment_bytes;
	if (packet->first_fragment && packet->layer == PACKET_LAYER_TRANSPORT) {
		set->sport = packet->sport;
		set->dport = packet->dport;
		if (packet->ip_protocol == PACKET_PROTOCOL_UDP)
			packet->payload = slice_of(NULL, 0);
	} else {
		packet->sport = set->sport;
		packet->dport = set->dport;
	}
	(void)stream_add(f->streams, stream, packet->fragment_offset,
			 packet->fragment);
	if (!set->total || stream->have < set->total)
		return false;
	set->stream = NULL;
	f->whole = stream;
	stream->owner = &f->whole;
	*whole = *packet;
	return !packet_decode_datagram(whole,
				       slice_of(stream->data, set->total));
}
