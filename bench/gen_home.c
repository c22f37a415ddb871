// SPDX-License-Identifier: GPL-3.0-or-later

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "wire.h"

/*
 * A busy home, as its router's port sees it: devices that ask for names, open
 * TLS, QUIC and plain HTTP, move bulk both ways, and announce themselves. Many
 * conversations are open at once and take turns by chance, so that a reader
 * meets another flow at nearly every frame.
 */

#define DEVICES_MAX  200
#define REMOTES	     600
#define NAME_MAX_LEN 64
/* conversations open at once, some five a device */
#define SESSIONS 200
/* one in so many segments of data is sent twice */
#define REPEAT_ONE_IN 400
/* the mean distance of frames: 2 M frames are ten minutes of a busy home */
#define STEP_US 300
/* IPv6's share of the conversations, in a thousand */
#define IPV6_PERMILLE 80

struct session;

/* What a conversation is: how it says hello and what it does then. */
struct manner {
	const char *name;
	unsigned permille; /* of the conversations begun */
	/* the step'th frame; false when the opening is over */
	bool (*open)(struct session *session, unsigned step);
	uint16_t port;
	bool is_udp;
	unsigned turns_min, turns_max; /* frames after the opening */
	unsigned up_percent;	       /* of these frames */
	size_t up_bytes, down_bytes;   /* most that one carries */
};

struct session {
	struct home *home;
	const struct manner *manner;
	struct wire_path path;
	const char *name;
	unsigned step;
	unsigned turns;	     /* frames left */
	unsigned unanswered; /* segments not acknowledged yet */
	bool opened;
	uint16_t id;
	uint32_t near_seq, far_seq;
};

struct home {
	struct wire wire;
	struct wire_host router;
	struct wire_host devices[DEVICES_MAX];
	char hosts[DEVICES_MAX][NAME_MAX_LEN];
	unsigned device_count;
	struct wire_host remotes[REMOTES];
	char names[REMOTES][NAME_MAX_LEN];
	struct session sessions[SESSIONS];
	struct message message;
	uint8_t payload[WIRE_FRAME_MAX];
};

static void send_udp(struct session *session, bool up)
{
	struct home *home = session->home;

	wire_udp(&home->wire, &session->path, up, home->message.bytes,
		 home->message.size);
}

static void send_tcp(struct session *session, bool up, uint8_t flags,
		     const uint8_t *data, size_t size)
{
	uint32_t *seq = up ? &session->near_seq : &session->far_seq;
	uint32_t *ack = up ? &session->far_seq : &session->near_seq;
	struct wire_segment segment = {
		.seq = *seq,
		.ack = flags == WIRE_SYN ? 0 : *ack,
		.flags = flags,
		.data = data,
		.size = size,
	};
	struct wire *wire = &session->home->wire;

	wire_tcp(wire, &session->path, up, &segment);
	if (size && !wire_below(wire, REPEAT_ONE_IN))
		wire_tcp(wire, &session->path, up, &segment);
	*seq += (uint32_t)size + (flags & (WIRE_SYN | WIRE_FIN) ? 1 : 0);
}

/* Both frames of a name's resolution go to the router and back. */
static bool open_dns(struct session *session, unsigned step)
{
	struct home *home = session->home;
	struct session asking = *session;

	asking.path.far = &home->router;
	asking.path.far_port = 53;
	if (step == 0)
		message_dns_query(&home->message, session->id, session->name,
				  session->path.v6);
	else
		message_dns_answer(&home->message, session->id, session->name,
				   session->path.far, session->path.v6);
	send_udp(&asking, step == 0);
	return step == 0;
}

/* The name and the three frames of a handshake: steps 0 to 4. */
static void open_tcp(struct session *session, unsigned step)
{
	if (step < 2)
		open_dns(session, step);
	else if (step == 2)
		send_tcp(session, true, WIRE_SYN, NULL, 0);
	else if (step == 3)
		send_tcp(session, false, WIRE_SYN | WIRE_ACK, NULL, 0);
	else
		send_tcp(session, true, WIRE_ACK, NULL, 0);
}

/* The message of home, from offset on, as far as one segment carries. */
static bool send_part(struct session *session, bool up, size_t offset)
{
	struct message *message = &session->home->message;
	size_t size = message->size - offset;

	if (size > WIRE_SEGMENT)
		size = WIRE_SEGMENT;
	send_tcp(session, up, WIRE_ACK | WIRE_PSH, message->bytes + offset,
		 size);
	return offset + size < message->size;
}

static void send_hello(struct session *session)
{
	struct home *home = session->home;
	bool post_quantum = wire_below(&home->wire, 100) < 40;

	message_client_hello(&home->message, &home->wire, session->name,
			     post_quantum);
	for (size_t at = 0; send_part(session, true, at); at += WIRE_SEGMENT)
		;
}

static bool open_tls(struct session *session, unsigned step)
{
	struct home *home = session->home;

	if (step < 5) {
		open_tcp(session, step);
		return true;
	}
	if (step == 5) {
		send_hello(session);
		return true;
	}
	message_server_flight(&home->message, &home->wire);
	for (size_t at = 0; send_part(session, false, at); at += WIRE_SEGMENT)
		;
	return false;
}

static bool open_http(struct session *session, unsigned step)
{
	struct home *home = session->home;

	if (step < 5) {
		open_tcp(session, step);
		return true;
	}
	message_http_request(&home->message, session->name,
			     wire_below(&home->wire, 3) == 0);
	send_part(session, true, 0);
	return false;
}

static bool open_quic(struct session *session, unsigned step)
{
	struct home *home = session->home;

	if (step < 2) {
		open_dns(session, step);
		return true;
	}
	message_quic_initial(&home->message, &home->wire);
	send_udp(session, step == 2);
	return step == 2;
}

static bool open_ntp(struct session *session, unsigned step)
{
	struct home *home = session->home;

	if (step < 2) {
		open_dns(session, step);
		return true;
	}
	message_ntp(&home->message, &home->wire, step == 3);
	send_udp(session, step == 2);
	return step == 2;
}

/* One frame to everyone: there is nobody to answer. */
static bool open_noise(struct session *session, unsigned step)
{
	static const struct wire_host mdns = { { 0x01, 0x00, 0x5e, 0x00, 0x00,
						 0xfb },
					       { 224, 0, 0, 251 },
					       { 0 } };
	static const struct wire_host ssdp = { { 0x01, 0x00, 0x5e, 0x7f, 0xff,
						 0xfa },
					       { 239, 255, 255, 250 },
					       { 0 } };
	static const struct wire_host everyone = {
		{ 255, 255, 255, 255, 255, 255 }, { 255, 255, 255, 255 }, { 0 }
	};
	struct home *home = session->home;
	const struct wire_host *who = session->path.near;
	const char *host = home->hosts[who - home->devices];
	unsigned kind = wire_below(&home->wire, 10);

	(void)step;
	session->path.v6 = false;
	if (kind < 3) {
		wire_arp(&home->wire, who, &home->router);
		return false;
	}
	if (kind < 7) {
		message_mdns(&home->message, host, who);
		session->path.far = &mdns;
		session->path.near_port = session->path.far_port = 5353;
	} else if (kind < 9) {
		message_ssdp(&home->message, host);
		session->path.far = &ssdp;
		session->path.far_port = 1900;
	} else {
		message_dhcp(&home->message, &home->wire, host, who);
		session->path.far = &everyone;
		session->path.near_port = 68;
		session->path.far_port = 67;
	}
	send_udp(session, true);
	return false;
}

static const struct manner manners[] = {
	{ "chat over TLS", 320, open_tls, 443, false, 10, 200, 50, 300, 700 },
	{ "download over TLS", 24, open_tls, 443, false, 200, 1200, 0, 0,
	  WIRE_SEGMENT },
	{ "upload over TLS", 12, open_tls, 443, false, 200, 1200, 100,
	  WIRE_SEGMENT, 0 },
	{ "QUIC", 64, open_quic, 443, true, 20, 500, 25, 120, 1252 },
	{ "HTTP", 100, open_http, 80, false, 2, 60, 10, 400, WIRE_SEGMENT },
	{ "DNS", 130, open_dns, 53, true, 0, 0, 0, 0, 0 },
	{ "NTP", 50, open_ntp, 123, true, 0, 0, 0, 0, 0 },
	{ "noise", 300, open_noise, 0, true, 0, 0, 0, 0, 0 },
};

static const struct manner *choose_manner(struct wire *wire)
{
	const struct manner *manner = manners;
	unsigned at = wire_below(wire, 1000);

	while (at >= manner->permille) {
		at -= manner->permille;
		manner++;
	}
	return manner;
}

static void begin(struct home *home, struct session *session)
{
	struct wire *wire = &home->wire;
	const struct manner *manner = choose_manner(wire);
	uint32_t remote = wire_below(wire, REMOTES);

	*session = (struct session){
		.home = home,
		.manner = manner,
		.path = {
			.near = &home->devices[wire_below(wire,
							  home->device_count)],
			.far = &home->remotes[remote],
			.near_port = (uint16_t)(32768 + wire_below(wire, 28000)),
			.far_port = manner->port,
			.v6 = wire_below(wire, 1000) < IPV6_PERMILLE,
		},
		.name = home->names[remote],
		.turns = manner->turns_min +
			 wire_below(wire, manner->turns_max -
						  manner->turns_min + 1),
		.id = (uint16_t)wire_random(wire),
		.near_seq = wire_random(wire),
		.far_seq = wire_random(wire),
	};
}

static void take_udp_turn(struct session *session, bool up, size_t size)
{
	struct home *home = session->home;

	message_quic_short(&home->message, &home->wire, size < 30 ? 30 : size);
	send_udp(session, up);
}

/* Data, or after every second segment of it the other side's acknowledgement.
 */
static void take_turn(struct session *session)
{
	const struct manner *manner = session->manner;
	struct home *home = session->home;
	struct wire *wire = &home->wire;
	bool up = wire_below(wire, 100) < manner->up_percent;
	size_t most = up ? manner->up_bytes : manner->down_bytes;
	size_t size = most == WIRE_SEGMENT
			      ? most
			      : 1 + wire_below(wire, (uint32_t)most);

	if (manner->is_udp) {
		take_udp_turn(session, up, size);
	} else if (session->unanswered == 2) {
		send_tcp(session, !up, WIRE_ACK, NULL, 0);
		session->unanswered = 0;
	} else {
		send_tcp(session, up, WIRE_ACK, home->payload, size);
		session->unanswered++;
	}
	session->turns--;
}

/* Both FINs at once, and a new conversation in this one's place. */
static void end(struct session *session)
{
	if (!session->manner->is_udp) {
		send_tcp(session, true, WIRE_FIN | WIRE_ACK, NULL, 0);
		send_tcp(session, false, WIRE_FIN | WIRE_ACK, NULL, 0);
	}
	begin(session->home, session);
}

static void advance(struct session *session)
{
	if (!session->opened)
		session->opened =
			!session->manner->open(session, session->step++);
	else if (session->turns)
		take_turn(session);
	else
		end(session);
}

static void furnish(struct home *home)
{
	struct wire *wire = &home->wire;

	home->router = (struct wire_host){ { 0x02, 0, 0, 0, 0, 1 },
					   { 192, 168, 1, 1 },
					   { 0xfd, 0, 0x10 } };
	home->router.v6[15] = 1;
	for (unsigned i = 0; i < home->device_count; i++) {
		struct wire_host *device = &home->devices[i];

		*device = home->router;
		device->mac[4] = 1;
		device->mac[5] = device->v4[3] = (uint8_t)(i + 10);
		device->v6[15] = (uint8_t)(i + 10);
		snprintf(home->hosts[i], NAME_MAX_LEN, "device-%u", i);
	}
	for (unsigned i = 0; i < REMOTES; i++) {
		struct wire_host *remote = &home->remotes[i];

		/* RFC 2544's and RFC 3849's, behind the router */
		*remote = home->router;
		memcpy(remote->v4,
		       (uint8_t[]){ 198, 18, (uint8_t)(i >> 8), (uint8_t)i },
		       4);
		memcpy(remote->v6, (uint8_t[]){ 0x20, 0x01, 0x0d, 0xb8 }, 4);
		remote->v6[14] = (uint8_t)(i >> 8);
		remote->v6[15] = (uint8_t)i;
		snprintf(home->names[i], NAME_MAX_LEN, "%s%u.service%u.example",
			 i % 3 ? "cdn" : "api", i, i / 6);
	}
	wire_fill(wire, home->payload, sizeof(home->payload));
	/* as if each segment began a TLS record of application data */
	memcpy(home->payload, "\x17\x03\x03\x05\x8f", 5);
	for (unsigned i = 0; i < SESSIONS; i++)
		begin(home, &home->sessions[i]);
}

int main(int argc, char **argv)
{
	static struct home home;
	uint64_t frames = 2000000;
	uint32_t seed = 1;
	int option;

	home.device_count = 40;
	while ((option = getopt(argc, argv, "d:f:s:")) != -1) {
		if (option == 'd')
			home.device_count = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'f')
			frames = strtoull(optarg, NULL, 10);
		else if (option == 's')
			seed = (uint32_t)strtoul(optarg, NULL, 10);
		else
			argc = 0;
	}
	if (argc != optind + 1 || !home.device_count ||
	    home.device_count > DEVICES_MAX) {
		fprintf(stderr, "usage: gen_home [-d DEVICES] [-f FRAMES] "
				"[-s SEED] FILE\n");
		return 2;
	}
	if (wire_open(&home.wire, argv[optind], seed)) {
		perror(argv[optind]);
		return 1;
	}
	furnish(&home);
	while (home.wire.frames < frames) {
		advance(&home.sessions[wire_below(&home.wire, SESSIONS)]);
		home.wire.time_us += 1 + wire_below(&home.wire, 2 * STEP_US);
	}
	if (wire_close(&home.wire)) {
		perror(argv[optind]);
		return 1;
	}
	printf("%" PRIu64 " frames, %" PRIu64 " bytes\n", home.wire.frames,
	       home.wire.bytes);
	return 0;
}
