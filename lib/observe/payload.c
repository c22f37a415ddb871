// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/payload.h"

#include <string.h>

#include "decode/command.h"
#include "decode/greeting.h"
#include "decode/mqtt.h"
#include "decode/portmap.h"
#include "decode/sip.h"
#include "observe/clue.h"
#include "observe/hello.h"
#include "observe/name.h"
#include "observe/service.h"

enum {
	PORT_TELNET = 23,
	PORT_DNS = 53,
	PORT_MDNS = 5353,
};

/* How requests begin (RFC 9110 9.3, RFC 5789, UPnP eventing, WebDAV). */
static const char methods[][5] = {
	"GET ",
	"POST",
	"HEAD",
	"PUT ",
	"DELE",
	"OPTI",
	"CONN",
	"TRAC",
	"PATC",
	"SUBS",
	"UNSU",
	"NOTI",
	"M-SE",
	"PROP",
	"MKCO",
	"COPY",
	"MOVE",
	"LOCK",
	"UNLO",
	"REPO",
	"SEAR",
	"M-PO",
	/* RTSP (RFC 2326 10) */
	"DESC",
	"ANNO",
	"SETU",
	"PLAY",
	"PAUS",
	"TEAR",
	"GET_",
	"SET_",
	"REDI",
	"RECO",
};

static bool is_either_port(const struct packet *p, uint16_t port)
{
	return p->sport == port || p->dport == port;
}

static bool is_mdns(const struct packet *packet)
{
	return is_either_port(packet, PORT_MDNS);
}

/* The bytes of a whole hello: 0, or why there is none. */
static int try_hello(const struct context *c, struct flow *flow, int side,
		     struct slice bytes, uint32_t segments)
{
	uint8_t message[TLS_HELLO_MAX_BYTES];
	struct tls_client_hello hello;
	const struct hello_origin origin = { .transport = RECORD_TRANSPORT_TCP,
					     .segments = segments };
	size_t len, used;
	int err = tls_gather_client_hello(bytes, message, &len, &used);

	if (err)
		return err;
	err = tls_decode_gathered_hello(slice_of(message, len), &hello);
	if (err)
		return err;
	hello_tell(c, flow, side, &hello, &origin);
	return 0;
}

static int read_server_hello(struct slice bytes,
			     uint8_t message[TLS_HELLO_MAX_BYTES],
			     struct tls_server_hello *out)
{
	size_t len, used;
	int err = tls_gather_server_hello(bytes, message, &len, &used);

	if (err)
		return err;
	return tls_decode_server_hello(
		slice_of(message + TLS_HANDSHAKE_HEADER_BYTES,
			 len - TLS_HANDSHAKE_HEADER_BYTES),
		out);
}

/* Behind a ServerHello that has been told. */
static int try_certificate(const struct context *c, struct device *device,
			   struct slice bytes)
{
	uint8_t message[TLS_HELLO_MAX_BYTES], flight[TLS_FLIGHT_MAX_BYTES];
	struct tls_server_hello hello;
	struct slice certificate;
	int err = read_server_hello(bytes, message, &hello);

	if (err || hello.version > TLS_1_2 || !device)
		return err;
	err = tls_gather_certificate(bytes, flight, &certificate);
	if (!err)
		hello_certificate(c, device, &hello, certificate);
	return err == ERR_NOTFOUND ? 0 : err;
}

static int try_server_hello(const struct context *c, struct device *device,
			    struct slice bytes, uint32_t segments)
{
	uint8_t message[TLS_HELLO_MAX_BYTES];
	struct tls_server_hello hello;
	int err = read_server_hello(bytes, message, &hello);

	if (!err)
		hello_answer(c, device, &hello,
			     &(struct hello_origin){
				     .transport = RECORD_TRANSPORT_TCP,
				     .segments = segments });
	return err;
}

static void add_http(const struct context *c, struct device *device,
		     const struct http_request *request)
{
	struct record_http r = { .time_ns = c->time_ns,
				 .device = c->packet->src,
				 .remote = c->packet->dst,
				 .device_port = c->packet->sport,
				 .remote_port = c->packet->dport };

	if (window_is_full(c->window, device, WINDOW_HTTP))
		return;
	if (!window_copy(c->window, request->method, &r.method) ||
	    !window_copy(c->window, request->host, &r.host) ||
	    !window_copy(c->window, request->user_agent, &r.user_agent)) {
		window_refuse(c->window, WINDOW_HTTP);
		return;
	}
	window_add(c->window, device, WINDOW_HTTP, &r);
}

static void keep_http(const struct context *c, struct device *device,
		      const struct http_request *request)
{
	add_http(c, device, request);
	name_spoken(c, device, request->host, RECORD_NAME_HTTP_HOST,
		    &c->packet->dst, c->packet->sport);
	clue_add(c, device, RECORD_CLUE_USER_AGENT, request->user_agent);
}

/* One head, of HTTP or RTSP; *used says where the next may begin. */
static int try_http(const struct context *c, struct flow *flow, int side,
		    struct slice bytes, uint32_t segments, size_t *used)
{
	struct device *device = flow->device[side];
	struct service service = { .application = RECORD_APPLICATION_HTTP };
	struct http_request request;
	struct fact fact = { .kind = FACT_HTTP_REQUEST, .segments = segments };
	int err = http_decode_request(bytes, &request);

	if (err)
		return err;
	*used = request.head_bytes;
	service.credentials = request.credentials;
	if (request.rtsp)
		service.application = RECORD_APPLICATION_RTSP;
	service_tell(c, flow, &service);
	if (request.rtsp)
		return 0;
	fact.http = &request;
	context_fact(c, &fact);
	if (device)
		keep_http(c, device, &request);
	return 0;
}

static int try_mqtt(const struct context *c, struct flow *flow, int side,
		    struct slice bytes)
{
	struct mqtt_connect connect;
	struct service service = { .application = RECORD_APPLICATION_MQTT };
	int err = mqtt_decode_connect(bytes, &connect);

	if (err)
		return err;
	service.credentials = connect.has_user || connect.has_password;
	service.detail = connect.client_id;
	service_tell(c, flow, &service);
	if (flow->device[side])
		clue_add(c, flow->device[side], RECORD_CLUE_MQTT_CLIENT_ID,
			 connect.client_id);
	return 0;
}

/* Whole messages at the front of bytes; returns how many bytes they took. */
static size_t hear_dns_stream(const struct context *c, struct flow *flow,
			      int side, struct slice bytes, uint32_t segments)
{
	const struct service service = {
		.application = is_mdns(c->packet) ? RECORD_APPLICATION_MDNS
						  : RECORD_APPLICATION_DNS
	};
	size_t at = 0;

	while (bytes.len - at >= 2) {
		size_t n = (size_t)bytes.data[at] << 8 | bytes.data[at + 1];

		if (bytes.len - at - 2 < n)
			break;
		if (name_hear(c, flow->device[side], flow->device[!side],
			      slice_of(bytes.data + at + 2, n), true, segments))
			service_tell(c, flow, &service);
		at += 2 + n;
	}
	return at;
}

static void dns_stream(const struct context *c, struct flow *flow, int side,
		       uint32_t start, struct slice bytes, uint32_t expected)
{
	struct flow_lane *lane = &flow->lane[side];
	struct stream *stream = lane->stream;
	size_t used;

	if (stream) {
		if (!stream_add(c->streams, stream, start, bytes))
			return;
		used = hear_dns_stream(c, flow, side, stream_slice(stream),
				       stream->segments);
		if (used)
			stream_consume(stream, (uint32_t)used);
		if (!stream->have && !stream->island_count)
			streams_release(c->streams, &lane->stream);
		else if (used)
			stream->segments = 1;
		return;
	}
	if (start == expected) {
		used = hear_dns_stream(c, flow, side, bytes, 1);
		bytes = slice_of(bytes.data + used, bytes.len - used);
		start += (uint32_t)used;
		expected = start;
	}
	if (!bytes.len)
		return;
	stream = streams_open(c->streams, &lane->stream, STREAM_DNS, expected,
			      c->window->serial);
	if (stream)
		(void)stream_add(c->streams, stream, start, bytes);
}

/*
 * What a stretch may be by its first bytes. A handshake record of TLS, or
 * SSL 2 framing of a ClientHello (RFC 5246 E.2), or a method; as much of it as
 * is there, STREAM_HOLE for none of them.
 */
static enum stream_kind kind_of(struct slice bytes)
{
	const uint8_t *p = bytes.data;
	size_t n = bytes.len < 4 ? bytes.len : 4;

	if (!n)
		return STREAM_HOLE;
	/* before a second hello (RFC 8446 D.4) */
	if (bytes.len > 6 && p[0] == 0x14 && p[1] == 3 && p[6] == 0x16) {
		bytes = slice_of(p + 6, bytes.len - 6);
		p = bytes.data;
		n = bytes.len < 4 ? bytes.len : 4;
	}
	if (p[0] == 0x16) {
		if (n > 1 && p[1] != 3)
			return STREAM_HOLE;
		if (bytes.len < 6 || p[5] == 1)
			return STREAM_HELLO;
		return p[5] == 2 ? STREAM_SERVER_HELLO : STREAM_HOLE;
	}
	if (p[0] & 0x80) {
		bool hello = bytes.len >= 11 && p[2] == 1 &&
			     ((p[3] == 3 && p[4] <= 4) ||
			      (p[3] == 0 && p[4] == 2)) &&
			     ((p[5] << 8 | p[6]) % 3) == 0 && !p[7] && !p[9];

		return hello ? STREAM_HELLO : STREAM_HOLE;
	}
	if (p[0] == 0x10)
		return mqtt_may_begin(bytes) ? STREAM_MQTT : STREAM_HOLE;
	if (p[0] < 'A' || p[0] > 'Z')
		return STREAM_HOLE;
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (!memcmp(methods[i], p, n))
			return STREAM_HTTP;
	}
	return STREAM_HOLE;
}

/*
 * Reads what may be at the front of bytes. 0: all of interest was read;
 * ERR_AGAIN: from *used on, something of *kind is not whole yet; other
 * errors: nothing there.
 */
static int read_front(const struct context *c, struct flow *flow, int side,
		      struct slice bytes, uint32_t segments,
		      enum stream_kind *kind, size_t *used)
{
	struct device *other = flow->device[!side];
	int err = ERR_NOTFOUND;

	*used = 0;
	/* what was a ServerHello, and is told, may look like one still */
	if (*kind != STREAM_CERTIFICATE)
		*kind = kind_of(bytes);
	if (*kind == STREAM_HELLO)
		return try_hello(c, flow, side, bytes, segments);
	if (*kind == STREAM_MQTT)
		return try_mqtt(c, flow, side, bytes);
	if (*kind == STREAM_SERVER_HELLO) {
		err = try_server_hello(c, other, bytes, segments);
		if (err)
			return err;
		*kind = STREAM_CERTIFICATE;
	}
	if (*kind == STREAM_CERTIFICATE)
		return try_certificate(c, other, bytes);
	/* requests may follow each other without waiting (RFC 9112 9.3.2) */
	while (*kind == STREAM_HTTP) {
		size_t head;
		struct slice rest =
			slice_of(bytes.data + *used, bytes.len - *used);

		err = try_http(c, flow, side, rest, segments, &head);
		if (err)
			return err;
		*used += head;
		*kind = kind_of(
			slice_of(bytes.data + *used, bytes.len - *used));
	}
	return err;
}

/*
 * With how many bytes a pending stretch is worth another look. A hello is
 * whole at the end of a record; a head, when a line has come.
 */
static uint32_t next_try(const struct stream *stream)
{
	uint32_t at = 0;

	if (stream->kind != STREAM_HELLO || stream->data[0] != 0x16)
		return stream->have + 1;
	while (stream->have - at >= 5) {
		uint32_t record = 5 + ((uint32_t)stream->data[at + 3] << 8 |
				       stream->data[at + 4]);

		if (stream->have - at < record)
			return at + record;
		at += record;
	}
	return at + 5;
}

static size_t longest(enum stream_kind kind)
{
	/* a hello's record headers come on top, one for 4 bytes at worst */
	switch (kind) {
	case STREAM_HTTP:
		return HTTP_HEAD_MAX_BYTES;
	case STREAM_MQTT:
		return MQTT_CONNECT_MAX_BYTES + 8;
	default:
		return TLS_HELLO_MAX_BYTES + 4096;
	}
}

/* A stretch has grown: read it, or wait on. False: it came to nothing. */
static bool retry(const struct context *c, struct flow *flow, int side)
{
	struct flow_lane *lane = &flow->lane[side];
	struct stream *stream = lane->stream;
	enum stream_kind kind = stream->kind;
	size_t used;
	int err;

	if (stream->have < stream->next_try)
		return true;
	err = read_front(c, flow, side, stream_slice(stream), stream->segments,
			 &kind, &used);
	if (err == ERR_LIMIT) {
		streams_abandon(c->streams, &lane->stream);
		return true;
	}
	if (err != ERR_AGAIN) {
		streams_release(c->streams, &lane->stream);
		return !err;
	}
	if (used) {
		stream_consume(stream, (uint32_t)used);
		stream->segments = 1;
	}
	stream->kind = kind;
	if (stream->have >= longest(kind)) {
		streams_abandon(c->streams, &lane->stream);
		return true;
	}
	stream->next_try = next_try(stream);
	return true;
}

/* A segment whose beginning may begin something. */
static bool begin(const struct context *c, struct flow *flow, int side,
		  uint32_t start, struct slice bytes)
{
	struct flow_lane *lane = &flow->lane[side];
	enum stream_kind kind = STREAM_HOLE;
	struct stream *stream;
	size_t used;
	int err = read_front(c, flow, side, bytes, 1, &kind, &used);

	if (err == ERR_LIMIT)
		c->counters->streams_abandoned++;
	if (err != ERR_AGAIN)
		return err == 0;
	stream = streams_open(c->streams, &lane->stream, kind,
			      start + (uint32_t)used, c->window->serial);
	if (!stream)
		return true;
	if (stream_add(c->streams, stream, start, bytes))
		stream->next_try = next_try(stream);
	return true;
}

/* A segment while a stretch is pending. True when it has been dealt with. */
static bool continue_pending(const struct context *c, struct flow *flow,
			     int side, uint32_t start, struct slice bytes)
{
	struct stream *stream = flow->lane[side].stream;
	int32_t ahead = sequence_ahead(start, stream->base);

	/* what begins behind a hole need not wait for it */
	if (stream->kind == STREAM_HOLE && ahead > 0 &&
	    kind_of(bytes) != STREAM_HOLE && begin(c, flow, side, start, bytes))
		return true;
	stream = flow->lane[side].stream;
	if (ahead >= (int32_t)longest(stream->kind)) {
		streams_abandon(c->streams, &flow->lane[side].stream);
		return false;
	}
	/* what came to nothing may have something new behind it */
	return !stream_add(c->streams, stream, start, bytes) ||
	       retry(c, flow, side);
}

/*
 * The part of a segment that is new: bytes before `expected` were read
 * before. False when nothing is left.
 */
static bool trim(uint32_t expected, uint32_t *start, struct slice *bytes)
{
	int32_t old = sequence_ahead(expected, *start);

	if (old <= 0)
		return true;
	if ((size_t)old >= bytes->len)
		return false;
	*bytes = slice_of(bytes->data + old, bytes->len - (size_t)old);
	*start += (uint32_t)old;
	return true;
}

/* What one of these ports' conversations may be, whose beginning was not
 * seen (IANA, Service Names). */
static uint8_t talks_of_port(const struct packet *p)
{
	static const struct {
		uint16_t port;
		enum command_talk talk;
	} ports[] = {
		{ 21, COMMAND_FTP },	{ 25, COMMAND_SMTP },
		{ 110, COMMAND_POP3 },	{ 143, COMMAND_IMAP },
		{ 389, COMMAND_LDAP },	{ 587, COMMAND_SMTP },
		{ 5222, COMMAND_XMPP },
	};

	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		if (is_either_port(p, ports[i].port))
			return COMMAND_IS(ports[i].talk);
	}
	return 0;
}

/* Of the home's own what it says of itself is kept at once: nobody of the
 * Internet reads it. */
static void welcomed(const struct context *c, struct flow *flow, int side,
		     uint8_t by_port, struct slice bytes)
{
	struct command_greeting greeting;
	enum command_talk talk;

	if (flow->talks || side == flow->client ||
	    command_read_greeting(bytes, &greeting))
		return;
	flow->talks = greeting.talks & by_port ? greeting.talks & by_port
					       : greeting.talks;
	if (flow->device[side] && flow->local[0] && flow->local[1] &&
	    command_single(flow->talks, &talk))
		service_tell(c, flow,
			     &(struct service){
				     .application = service_of(talk),
				     .detail = greeting.text,
			     });
}

/*
 * What begins in clear and may change to TLS: told once it goes on in clear,
 * or somebody logs in.
 */
static bool commanded(const struct context *c, struct flow *flow, int side,
		      struct slice bytes)
{
	struct command command;
	uint8_t by_port;

	if (!command_may_begin(bytes))
		return false;
	by_port = talks_of_port(c->packet);
	welcomed(c, flow, side, by_port, bytes);
	if (command_decode(bytes, flow->talks ? flow->talks : by_port,
			   &command))
		return false;
	flow->talks = COMMAND_IS(command.talk);
	if (command.act != COMMAND_BEGINS && command.act != COMMAND_CHANGES)
		service_tell(c, flow,
			     &(struct service){
				     .application = service_of(command.talk),
				     .credentials =
					     command.act == COMMAND_LOGS_IN,
			     });
	return true;
}

/* Terminals: telnet's prompts are such by what is known by then. */
static bool greeted(const struct context *c, struct flow *flow, int side,
		    struct slice bytes)
{
	bool telnet = is_either_port(c->packet, PORT_TELNET) ||
		      service_is_known(flow, RECORD_APPLICATION_TELNET);
	struct service service = { .application = RECORD_APPLICATION_TELNET };
	struct greeting greeting;

	if ((!telnet && !greeting_may_begin(bytes)) ||
	    greeting_decode(bytes, &greeting))
		return false;
	switch (greeting.kind) {
	case GREETING_SSH:
		service.application = RECORD_APPLICATION_SSH;
		if (side != flow->client)
			service.detail = greeting.text;
		break;
	case GREETING_PROMPT:
		service.credentials = true;
		break;
	case GREETING_TELNET:
		telnet = telnet || greeting.options > 1;
		break;
	}
	if (service.application == RECORD_APPLICATION_TELNET && !telnet)
		return false;
	service_tell(c, flow, &service);
	return true;
}

bool payload_sip(const struct context *c, struct flow *flow, int side,
		 struct slice bytes)
{
	struct service service = { .application = RECORD_APPLICATION_SIP };
	struct sip sip;

	if (!sip_may_begin(bytes) || sip_decode(bytes, &sip))
		return false;
	service.credentials = sip.credentials;
	service_tell(c, flow, &service);
	if (flow->device[side])
		clue_add(c, flow->device[side], RECORD_CLUE_USER_AGENT,
			 sip.user_agent);
	return true;
}

/* What a router answers; read out of the segment that has it. */
static void hear_upnp(const struct flow *flow, int side, struct slice bytes)
{
	struct addr addr;

	if (!portmap_read_upnp(bytes, &addr))
		window_seen_as(flow->device[!side], &addr);
}

void payload_tcp(const struct context *c, struct flow *flow, int side,
		 const struct sequence *before)
{
	const struct packet *packet = c->packet;
	struct flow_lane *lane = &flow->lane[side];
	struct slice bytes = packet->payload;
	uint32_t start =
		sequence_payload_start(packet->tcp_seq, packet->tcp_flags);
	uint32_t expected = before->started ? before->next : start;
	bool fresh_start = lane->sequence.low == start &&
			   lane->sequence.next == start + packet->payload_bytes;
	int32_t hole;
	bool early;

	/* another connection on the same ports: see sequence_add() */
	if (before->started && fresh_start && start != before->low) {
		streams_release(c->streams, &lane->stream);
		expected = start;
		flow->talks = 0;
	}
	if (!bytes.len)
		return;
	if (flow->local[0] && flow->local[1])
		hear_upnp(flow, side, bytes);
	if (is_either_port(packet, PORT_DNS) || is_mdns(packet)) {
		if (lane->stream || trim(expected, &start, &bytes))
			dns_stream(c, flow, side, start, bytes, expected);
		return;
	}
	if (lane->stream && continue_pending(c, flow, side, start, bytes))
		return;
	if (!trim(expected, &start, &bytes))
		return;
	early = lane->sequence.next - lane->sequence.low < PAYLOAD_EARLY_BYTES;
	if (begin(c, flow, side, start, bytes) ||
	    (early && (greeted(c, flow, side, bytes) ||
		       payload_sip(c, flow, side, bytes) ||
		       commanded(c, flow, side, bytes))))
		return;
	hole = sequence_ahead(start, expected);
	if (hole > 0 && hole < PAYLOAD_HOLE_MAX && early) {
		struct stream *stream =
			streams_open(c->streams, &lane->stream, STREAM_HOLE,
				     expected, c->window->serial);

		if (stream)
			(void)stream_add(c->streams, stream, start, bytes);
	}
}
