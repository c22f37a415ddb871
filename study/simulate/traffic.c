// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/simulate/traffic.h"

#include <math.h>
#include <netinet/in.h>

#define WINDOW_S 5
#define PORT_DNS 53
/* Ephemeral ports (RFC 6335 6). */
#define PORT_FIRST 49152
#define PORT_COUNT 16384
/* Whoever contacts a server this often streams, and does so at times only. */
#define STREAM_EVERY_S 30.0
#define STREAM_ON_S    600.0
#define STREAM_OFF_S   2400.0
#define STREAM_CHANCE  0.3 /* that it does when watching begins */
/* Of the hellos, this share is seen. */
#define HELLO_SEEN 0.95
/* Questions to the home's resolver. */
#define DNS_EVERY_S  150.0
#define DNS_BYTES    90.0
#define SIGMA_BYTES  0.6
#define PACKET_BYTES 900.0

/** One conversation being drawn. */
struct stream {
	struct draw *draw;
	const struct traffic_sink *sink;
	struct traffic_flow flow;
	double every_s, out_bytes, in_bytes;
	int64_t windows; /* the last that has traffic, from the session's
			    begin; -1 */
};

static uint64_t packets_of(double bytes)
{
	return 1 + (uint64_t)(bytes / PACKET_BYTES);
}

static void emit(struct stream *s, const struct home_session *session,
		 double at_s)
{
	int64_t window = (int64_t)(at_s / WINDOW_S);
	double out_bytes, in_bytes;

	if (window == s->windows) /* a window has one flow of a kind */
		return;
	s->windows = window;
	out_bytes = draw_lognormal(s->draw, s->out_bytes, SIGMA_BYTES);
	in_bytes = draw_lognormal(s->draw, s->in_bytes, SIGMA_BYTES);
	s->flow.first_ms = session->begin_s * 1000 + (int64_t)(at_s * 1000);
	s->flow.end_s = session->begin_s + (window + 1) * WINDOW_S;
	s->flow.out_bytes = 60 + (uint64_t)out_bytes;
	s->flow.in_bytes = 60 + (uint64_t)in_bytes;
	s->flow.out_packets = packets_of(out_bytes);
	s->flow.in_packets = packets_of(in_bytes);
	s->sink->take(s->sink->user, &s->flow);
	s->flow.has_hello = false;
}

static double next_burst(struct stream *s, double at_s)
{
	return at_s + s->every_s * (0.6 + 0.8 * draw_unit(s->draw));
}

static void draw_steady(struct stream *s, const struct home_session *session,
			double from_s, double to_s)
{
	double at_s = from_s + s->every_s * draw_unit(s->draw);

	for (; at_s < to_s; at_s = next_burst(s, at_s))
		emit(s, session, at_s);
}

static void draw_streaming(struct stream *s, const struct home_session *session,
			   double from_s, double to_s)
{
	bool is_on = draw_chance(s->draw, STREAM_CHANCE);

	while (from_s < to_s) {
		double mean = is_on ? STREAM_ON_S : STREAM_OFF_S;
		double until_s = from_s + draw_exponential(s->draw, mean);

		if (is_on)
			draw_steady(s, session, from_s, fmin(until_s, to_s));
		is_on = !is_on;
		from_s = until_s;
	}
}

static void draw_stream(struct stream *s, const struct home_session *session,
			double from_s)
{
	double to_s = (double)(session->end_s - session->begin_s);

	s->windows = -1;
	s->flow.device_port =
		(uint16_t)(PORT_FIRST + draw_below(s->draw, PORT_COUNT));
	if (s->every_s < STREAM_EVERY_S)
		draw_streaming(s, session, from_s, to_s);
	else
		draw_steady(s, session, from_s, to_s);
}

static void draw_contact(struct stream *s, const struct home_session *session,
			 const struct home_contact *c, double from_s)
{
	const struct market_contact *contact = c->contact;

	s->flow.contact = c;
	s->flow.protocol = contact->protocol;
	s->flow.remote_port = contact->port;
	s->flow.has_hello = contact->hello && draw_chance(s->draw, HELLO_SEEN);
	s->every_s = contact->every_s;
	s->out_bytes = contact->out_bytes;
	s->in_bytes = contact->in_bytes;
	draw_stream(s, session, from_s);
}

static void draw_questions(struct stream *s, const struct home_session *session,
			   double from_s)
{
	s->flow.contact = NULL;
	s->flow.protocol = IPPROTO_UDP;
	s->flow.remote_port = PORT_DNS;
	s->flow.has_hello = false;
	s->every_s = DNS_EVERY_S;
	s->out_bytes = s->in_bytes = DNS_BYTES;
	draw_stream(s, session, from_s);
}

void traffic_draw(struct home *h, const struct traffic_sink *sink)
{
	for (size_t i = 0; i < h->session_count; i++) {
		const struct home_session *session = &h->sessions[i];
		double length = (double)(session->end_s - session->begin_s);

		for (size_t j = 0; j < h->device_count; j++) {
			const struct home_device *device = &h->devices[j];
			struct stream s = { .draw = &h->draw, .sink = sink };
			double from_s = device->from * length;

			if (!device->is_watched)
				continue;
			s.flow.device = j;
			draw_questions(&s, session, from_s);
			for (size_t k = 0; k < device->contact_count; k++)
				draw_contact(&s, session, &device->contacts[k],
					     from_s);
		}
	}
}
