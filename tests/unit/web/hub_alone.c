// SPDX-License-Identifier: GPL-3.0-or-later

/*
 * hub_alone DATA-DIR [--service] [--max-devices N] [--interface IF]
 *           [--exclude MAC]... [--resolv-conf FILE]
 *
 * Runs the hub as the keeper would, on real sockets, and plays keeper, guard,
 * engine and discover by what standard input says: one JSON object a line, "do"
 * names what. Prints one a line too: {"port", "token"} when the page is served,
 * then each message that the hub sends, and {"exit"} when it ended. tests/api
 * drives it; nothing of a network is needed.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "message/channel.h"
#include "record/record_codec.h"
#include "upload/upload.h"
#include "web/hub.h"

#define LIST_MAX 64

struct driver {
	struct hub_config config;
	struct mac excluded[MESSAGE_EXCLUDE_MAX];
	int listener;
	int keeper, guard, engine, discover; /* our ends; -1 when closed */
	/* the real process upload, when it was started */
	int courier_keeper;
	pid_t courier;
	pid_t hub;
	char line[1 << 20];
	size_t line_len;
};

/* The bytes that one line says. */
static uint8_t texts[1 << 20], *room = texts;
static struct channel_inbox inbox;
static struct message message;

static void die(const char *what)
{
	fprintf(stderr, "hub_alone: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void say(json_t *json)
{
	json_dumpf(json, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(json);
}

static int listen_somewhere(unsigned int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) ||
	    listen(fd, 128) || getsockname(fd, (struct sockaddr *)&at, &len))
		die("listening socket");
	*port = ntohs(at.sin_port);
	return fd;
}

static void send_peer(struct driver *d, enum message_process who, int *ours)
{
	int ends[2];
	struct message m = { .type = MESSAGE_PEER,
			     .peer = { who, 4000 + who, 0 } };

	if (*ours >= 0)
		close(*ours);
	if (channel_pair(ends))
		die("socket pair");
	m.fd = ends[0];
	if (channel_send(d->keeper, &m))
		die("peer");
	close(ends[0]);
	*ours = ends[1];
}

static void tell_courier_of_hub(struct driver *d);

static void start_hub(struct driver *d)
{
	int ends[2];

	if (d->keeper >= 0)
		close(d->keeper);
	if (channel_pair(ends))
		die("socket pair");
	fflush(stdout);
	d->hub = fork();
	if (!d->hub) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[1]);
		if (d->guard >= 0)
			close(d->guard);
		if (d->engine >= 0)
			close(d->engine);
		if (d->discover >= 0)
			close(d->discover);
		close(STDIN_FILENO);
		d->config.keeper_fd = ends[0];
		d->config.listen_fd = d->listener;
		_exit(hub_run(&d->config));
	}
	close(ends[0]);
	d->keeper = ends[1];
	send_peer(d, MESSAGE_GUARD, &d->guard);
	send_peer(d, MESSAGE_ENGINE, &d->engine);
	send_peer(d, MESSAGE_DISCOVER, &d->discover);
	if (d->courier)
		tell_courier_of_hub(d);
}

static const char *text_of(const json_t *from, const char *name)
{
	const char *text = json_string_value(json_object_get(from, name));

	return text ? text : "";
}

static uint64_t number_of(const json_t *from, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(from, name));
}

static bool flag_of(const json_t *from, const char *name)
{
	return json_is_true(json_object_get(from, name));
}

static struct mac mac_of(const json_t *from, const char *name)
{
	struct mac mac = { 0 };

	if (text_of(from, name)[0] && mac_parse(text_of(from, name), &mac))
		die("not a MAC");
	return mac;
}

static struct addr addr_of(const json_t *from, const char *name)
{
	struct addr addr = { 0 };

	if (text_of(from, name)[0] && addr_parse(text_of(from, name), &addr))
		die("not an address");
	return addr;
}

static struct cidr cidr_of(const json_t *from, const char *name)
{
	struct cidr cidr = { 0 };

	if (text_of(from, name)[0] && cidr_parse(text_of(from, name), &cidr))
		die("not a range");
	return cidr;
}

/* Of JSON text, so that any byte up to U+00FF can be said: Latin-1. */
static struct slice bytes_of(const json_t *from, const char *name)
{
	const char *text = json_string_value(json_object_get(from, name));
	uint8_t *bytes;
	size_t n = 0;

	if (!text || strlen(text) >= (size_t)(texts + sizeof(texts) - room))
		return (struct slice){ 0 };
	bytes = room;
	for (const uint8_t *at = (const uint8_t *)text; *at; at++) {
		if (*at < 0x80) {
			bytes[n++] = *at;
			continue;
		}
		bytes[n++] = (uint8_t)((at[0] & 3) << 6 | (at[1] & 0x3f));
		at++;
	}
	room += n;
	return slice_of(bytes, n);
}

static void send_guard(struct driver *d, struct message *m)
{
	m->fd = -1;
	if (channel_send(d->guard, m))
		die("to the hub as guard");
}

static void do_interface(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_INTERFACE };

	m.interface.first = flag_of(j, "first");
	m.interface.last = flag_of(j, "last");
	message_text(m.interface.name, sizeof(m.interface.name),
		     text_of(j, "name"));
	m.interface.address = cidr_of(j, "address");
	m.interface.gateway = addr_of(j, "gateway");
	m.interface.usable = flag_of(j, "usable");
	m.interface.suggested = flag_of(j, "suggested");
	message_text(m.interface.problem, sizeof(m.interface.problem),
		     text_of(j, "problem"));
	send_guard(d, &m);
}

static void do_chosen(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_CHOSEN };

	message_text(m.chosen.name, sizeof(m.chosen.name), text_of(j, "name"));
	m.chosen.mac = mac_of(j, "mac");
	m.chosen.address = cidr_of(j, "address");
	m.chosen.gateway = m.chosen.resolver = addr_of(j, "gateway");
	m.chosen.gateway_mac = mac_of(j, "gateway_mac");
	m.chosen.own6 = addr_of(j, "own6");
	m.chosen.domain_count = text_of(j, "domain")[0] != '\0';
	message_text(m.chosen.domains[0], sizeof(m.chosen.domains[0]),
		     text_of(j, "domain"));
	m.chosen.up = true;
	send_guard(d, &m);
}

static void do_host(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_HOST };

	m.host.mac = mac_of(j, "mac");
	m.host.address = addr_of(j, "address");
	m.host.elsewhere = addr_of(j, "elsewhere");
	m.host.first_ns = number_of(j, "first_ms") * 1000000;
	m.host.last_ns = number_of(j, "last_ms") * 1000000;
	m.host.present = flag_of(j, "present");
	m.host.is_gateway = flag_of(j, "gateway");
	m.host.is_self = flag_of(j, "own");
	m.host.is_excluded = flag_of(j, "excluded");
	send_guard(d, &m);
}

static void do_watch_state(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_WATCH_STATE };

	m.watch_state.mac = mac_of(j, "mac");
	m.watch_state.phase = (enum message_watch_phase)number_of(j, "phase");
	m.watch_state.cause = (enum message_watch_cause)number_of(j, "cause");
	m.watch_state.resists = (enum message_resists)number_of(j, "resists");
	m.watch_state.since_ns = number_of(j, "since_ms") * 1000000;
	message_text(m.watch_state.reason, sizeof(m.watch_state.reason),
		     text_of(j, "reason"));
	send_guard(d, &m);
}

static void do_fault(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_FAULT };

	m.fault.kind = (enum message_fault_kind)number_of(j, "kind");
	m.fault.over = flag_of(j, "over");
	message_text(m.fault.text, sizeof(m.fault.text), text_of(j, "text"));
	message_text(m.fault.remedy, sizeof(m.fault.remedy),
		     text_of(j, "remedy"));
	send_guard(d, &m);
}

static void do_guard_counters(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_GUARD_COUNTERS };

	m.guard_counters.arp_sent = number_of(j, "arp_sent");
	send_guard(d, &m);
}

static void do_counters(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_COUNTERS, .fd = -1 };

	m.counters.frames = number_of(j, "frames");
	m.counters.ring_dropped = number_of(j, "ring_dropped");
	if (channel_send(d->engine, &m))
		die("counters");
}

static size_t read_flows(const json_t *j, struct record_flow *out,
			 uint64_t start_ns)
{
	json_t *list = json_object_get(j, "flows"), *f;
	size_t i;

	json_array_foreach(list, i, f) out[i] = (struct record_flow){
		.protocol = (uint8_t)number_of(f, "protocol"),
		.remote = addr_of(f, "remote"),
		.remote_port = (uint16_t)number_of(f, "remote_port"),
		.device_port = (uint16_t)number_of(f, "device_port"),
		.local = flag_of(f, "local"),
		.opener = (enum record_opener)number_of(f, "opener"),
		.first_ns = start_ns,
		.last_ns = start_ns + 1000000000,
		.in_packets = !flag_of(f, "unanswered"),
		.out_packets = 1,
		.in_bytes = number_of(f, "in_bytes"),
		.out_bytes = number_of(f, "out_bytes"),
		.in_sequence_bytes = number_of(f, "in_content"),
		.in_missed_bytes = number_of(f, "in_missed"),
	};
	return json_array_size(list);
}

static size_t read_names(const json_t *j, struct record_name *out,
			 uint64_t start_ns)
{
	json_t *list = json_object_get(j, "names"), *n;
	size_t i;

	json_array_foreach(list, i, n) out[i] = (struct record_name){
		.time_ns = start_ns,
		.addr = addr_of(n, "addr"),
		.name = bytes_of(n, "name"),
		.source = (enum record_name_source)number_of(n, "source"),
		.resolver = addr_of(n, "resolver"),
	};
	return json_array_size(list);
}

static size_t read_clues(const json_t *j, struct record_clue *out,
			 uint64_t start_ns)
{
	json_t *list = json_object_get(j, "clues"), *c;
	size_t i;

	json_array_foreach(list, i, c) out[i] = (struct record_clue){
		.time_ns = start_ns,
		.kind = (enum record_clue_kind)number_of(c, "kind"),
		.text = bytes_of(c, "text"),
	};
	return json_array_size(list);
}

static size_t read_domains(const json_t *j, struct slice *out)
{
	json_t *list = json_object_get(j, "domains"), *domain;
	size_t i;

	json_array_foreach(list, i, domain) out[i] =
		slice_text(json_string_value(domain));
	return json_array_size(list);
}

static size_t read_http(const json_t *j, struct record_http *out,
			uint64_t start_ns)
{
	json_t *list = json_object_get(j, "http"), *h;
	size_t i;

	json_array_foreach(list, i, h) out[i] = (struct record_http){
		.time_ns = start_ns,
		.remote = addr_of(h, "remote"),
		.remote_port = 80,
		.method = slice_text("GET"),
		.host = bytes_of(h, "host"),
		.user_agent = bytes_of(h, "user_agent"),
	};
	return json_array_size(list);
}

static size_t read_questions(const json_t *j, struct record_question *out,
			     uint64_t start_ns)
{
	json_t *list = json_object_get(j, "questions"), *q;
	size_t i;

	json_array_foreach(list, i, q) out[i] = (struct record_question){
		.time_ns = start_ns,
		.name = bytes_of(q, "name"),
		.type = 1,
		.resolver = addr_of(q, "resolver"),
	};
	return json_array_size(list);
}

static size_t read_hellos(const json_t *j, struct record_hello *out,
			  uint64_t start_ns)
{
	json_t *list = json_object_get(j, "hellos"), *h;
	size_t i;

	json_array_foreach(list, i, h) out[i] = (struct record_hello){
		.time_ns = start_ns,
		.remote = addr_of(h, "remote"),
		.remote_port = 443,
		.highest_version = 0x304,
		.sni = bytes_of(h, "sni"),
	};
	return json_array_size(list);
}

static size_t read_servers(const json_t *j, struct record_server *out,
			   uint64_t start_ns)
{
	json_t *list = json_object_get(j, "servers"), *s;
	size_t i;

	json_array_foreach(list, i, s) out[i] = (struct record_server){
		.time_ns = start_ns,
		.remote = addr_of(s, "remote"),
		.remote_port = 443,
		.subject = bytes_of(s, "subject"),
	};
	return json_array_size(list);
}

static size_t read_services(const json_t *j, struct record_service *out,
			    uint64_t start_ns)
{
	json_t *list = json_object_get(j, "services"), *s;
	size_t i;

	json_array_foreach(list, i, s) out[i] = (struct record_service){
		.time_ns = start_ns,
		.protocol = 6,
		.remote = addr_of(s, "remote"),
		.remote_port = 22,
		.application = RECORD_APPLICATION_SSH,
		.detail = bytes_of(s, "detail"),
	};
	return json_array_size(list);
}

static void do_window(struct driver *d, const json_t *j)
{
	static struct record_flow flows[LIST_MAX];
	static struct record_http http[LIST_MAX];
	static struct record_name names[LIST_MAX];
	static struct record_clue clues[LIST_MAX];
	static struct slice domains[LIST_MAX];
	static struct record_question questions[LIST_MAX];
	static struct record_hello hellos[LIST_MAX];
	static struct record_server servers[LIST_MAX];
	static struct record_service services[LIST_MAX];
	struct record_window window = {
		.start_ns = number_of(j, "start_ms") * 1000000,
		.device = mac_of(j, "device"),
		.flows = flows,
		.names = names,
		.clues = clues,
		.domains = domains,
		.http = http,
		.questions = questions,
		.hellos = hellos,
		.servers = servers,
		.services = services,
		.forward_in_frames = number_of(j, "forward_in"),
		.forward_out_frames = number_of(j, "forward_out"),
	};
	struct addr addr = addr_of(j, "addr");
	struct record_encoder encoder;
	struct message m = { .type = MESSAGE_WINDOW, .fd = -1 };
	struct buf part;

	window.seen_as = addr_of(j, "seen_as");
	window.addrs = &addr;
	window.addr_count = addr.family != 0;
	window.flow_count = read_flows(j, flows, window.start_ns);
	window.name_count = read_names(j, names, window.start_ns);
	window.clue_count = read_clues(j, clues, window.start_ns);
	window.domain_count = read_domains(j, domains);
	window.http_count = read_http(j, http, window.start_ns);
	window.question_count = read_questions(j, questions, window.start_ns);
	window.hello_count = read_hellos(j, hellos, window.start_ns);
	window.server_count = read_servers(j, servers, window.start_ns);
	window.service_count = read_services(j, services, window.start_ns);
	buf_init(&part, MESSAGE_MAX_BYTES);
	record_encoder_init(&encoder, &window);
	while (record_encode_part(&encoder, &part, RECORD_CODEC_PART_MIN) > 0) {
		m.window = buf_slice(&part);
		if (channel_send(d->engine, &m))
			die("window");
		buf_clear(&part);
	}
	buf_done(&part);
}

/* Any bytes, from any of the three. */
static void do_raw(struct driver *d, const json_t *j)
{
	const char *from = text_of(j, "from");
	struct slice bytes = bytes_of(j, "bytes");
	int fd = !strcmp(from, "guard")	   ? d->guard
		 : !strcmp(from, "engine") ? d->engine
					   : d->keeper;

	if (write(fd, bytes.data, bytes.len) != (ssize_t)bytes.len)
		die("raw");
}

static void do_neighbour(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_NEIGHBOUR };

	m.neighbour.address = addr_of(j, "address");
	m.neighbour.mac = mac_of(j, "mac");
	send_guard(d, &m);
}

static void send_discover(struct driver *d, struct message *m)
{
	m->fd = -1;
	if (channel_send(d->discover, m))
		die("to the hub as discover");
}

static void do_unlock_ready(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_UNLOCK_READY };

	message_text(m.unlock_ready.code, sizeof(m.unlock_ready.code),
		     text_of(j, "code"));
	m.unlock_ready.port = (uint32_t)number_of(j, "port");
	send_discover(d, &m);
}

static void do_host_name(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_HOST_NAME };

	m.host_name.address = addr_of(j, "address");
	message_text(m.host_name.name, sizeof(m.host_name.name),
		     text_of(j, "name"));
	send_discover(d, &m);
}

/* One clue, as what a device answered. */
static void do_answer(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_ANSWER };
	struct slice text = bytes_of(j, "text");

	m.answer.device = addr_of(j, "address");
	m.answer.kind = (enum record_clue_kind)number_of(j, "kind");
	m.answer.length = (uint32_t)text.len;
	memcpy(m.answer.text, text.data, text.len);
	send_discover(d, &m);
}

static void do_unlock_request(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_UNLOCK_REQUEST };

	m.unlock_request.number = (uint32_t)number_of(j, "number");
	m.unlock_request.from = addr_of(j, "address");
	send_discover(d, &m);
}

static void do_new_discover(struct driver *d, const json_t *j)
{
	(void)j;
	send_peer(d, MESSAGE_DISCOVER, &d->discover);
}

/* With a descriptor, from one that has none to give. */
static void do_stray_peer(struct driver *d, const json_t *j)
{
	struct message m = { .type = MESSAGE_PEER,
			     .fd = STDIN_FILENO,
			     .peer = { MESSAGE_ENGINE, 1, 0 } };

	if (channel_send(!strcmp(text_of(j, "from"), "guard") ? d->guard
							      : d->engine,
			 &m))
		die("stray peer");
}

static void do_new_guard(struct driver *d, const json_t *j)
{
	(void)j;
	send_peer(d, MESSAGE_GUARD, &d->guard);
}

static void do_close_guard(struct driver *d, const json_t *j)
{
	(void)j;
	close(d->guard);
	d->guard = -1;
}

static void do_kill_hub(struct driver *d, const json_t *j)
{
	(void)j;
	kill(d->hub, SIGKILL);
	waitpid(d->hub, NULL, 0);
	say(json_pack("{s:s,s:s}", "to", "driver", "type", "killed"));
	d->config.restarts++;
	start_hub(d);
}

static void do_stop(struct driver *d, const json_t *j)
{
	(void)j;
	if (channel_send_plain(d->keeper, MESSAGE_STOP))
		die("stop");
}

static void do_token(struct driver *d, const json_t *j)
{
	char token[SESSION_TEXT_BYTES];

	(void)j;
	if (session_token_make(&d->config.secret, token))
		die("token");
	say(json_pack("{s:s}", "token", token));
}

static void tell_courier_of_hub(struct driver *d)
{
	struct message m = { .type = MESSAGE_PEER, .fd = -1 };
	int ends[2];

	if (channel_pair(ends))
		die("socket pair");
	m.peer.process = MESSAGE_UPLOAD;
	m.peer.pid = (uint32_t)d->courier;
	m.fd = ends[0];
	if (channel_send(d->keeper, &m))
		die("upload to the hub");
	m.peer.process = MESSAGE_HUB;
	m.fd = ends[1];
	if (channel_send(d->courier_keeper, &m))
		die("hub to upload");
	close(ends[0]);
	close(ends[1]);
}

/* Starts the process upload, as the keeper does; again: a new one. */
static void do_upload(struct driver *d, const json_t *j)
{
	int ends[2];

	(void)j;
	if (d->courier) {
		kill(d->courier, SIGKILL);
		waitpid(d->courier, NULL, 0);
		close(d->courier_keeper);
	}
	if (channel_pair(ends))
		die("socket pair");
	fflush(stdout);
	d->courier = fork();
	if (!d->courier) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[1]);
		close(d->keeper);
		close(STDIN_FILENO);
		_exit(upload_run(
			&(struct upload_config){ .keeper_fd = ends[0] }));
	}
	close(ends[0]);
	d->courier_keeper = ends[1];
	tell_courier_of_hub(d);
	say(json_pack("{s:s,s:s,s:i}", "to", "test", "type", "upload", "pid",
		      (int)d->courier));
}

static const struct {
	const char *name;
	void (*act)(struct driver *d, const json_t *j);
} acts[] = {
	{ "interface", do_interface },
	{ "chosen", do_chosen },
	{ "host", do_host },
	{ "watch_state", do_watch_state },
	{ "fault", do_fault },
	{ "guard_counters", do_guard_counters },
	{ "counters", do_counters },
	{ "window", do_window },
	{ "raw", do_raw },
	{ "neighbour", do_neighbour },
	{ "unlock_ready", do_unlock_ready },
	{ "unlock_request", do_unlock_request },
	{ "host_name", do_host_name },
	{ "answer", do_answer },
	{ "new_discover", do_new_discover },
	{ "stray_peer", do_stray_peer },
	{ "new_guard", do_new_guard },
	{ "close_guard", do_close_guard },
	{ "kill_hub", do_kill_hub },
	{ "stop", do_stop },
	{ "upload", do_upload },
	{ "token", do_token },
};

static void obey(struct driver *d, const char *line)
{
	json_t *j = json_loads(line, 0, NULL);
	const char *what = text_of(j, "do");

	room = texts;

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (!strcmp(acts[i].name, what)) {
			acts[i].act(d, j);
			json_decref(j);
			return;
		}
	die(line);
}

/* False at the end of the input. */
static bool read_lines(struct driver *d)
{
	ssize_t got = read(STDIN_FILENO, d->line + d->line_len,
			   sizeof(d->line) - 1 - d->line_len);
	char *end;

	if (got <= 0)
		return false;
	d->line_len += (size_t)got;
	d->line[d->line_len] = '\0';
	while ((end = strchr(d->line, '\n'))) {
		*end = '\0';
		obey(d, d->line);
		d->line_len -= (size_t)(end + 1 - d->line);
		memmove(d->line, end + 1, d->line_len + 1);
	}
	return true;
}

static json_t *macs_of(const struct message_macs *macs)
{
	json_t *list = json_array();
	char text[MAC_TEXT_BYTES];

	for (uint32_t i = 0; i < macs->count; i++)
		json_array_append_new(
			list, json_string(mac_format(&macs->macs[i], text)));
	return list;
}

static json_t *excluded_of(const struct message_watched *set)
{
	json_t *list = json_array();
	char text[MAC_TEXT_BYTES];

	for (uint32_t i = 0; i < set->count; i++)
		json_array_append_new(
			list,
			json_string(mac_format(&set->devices[i].mac, text)));
	return list;
}

static void report(const char *to, const struct message *m)
{
	json_t *j = json_pack("{s:s,s:s}", "to", to, "type",
			      message_type_name(m->type));
	char text[ADDR_TEXT_BYTES];

	if (m->type == MESSAGE_WATCH)
		json_object_set_new(j, "macs", macs_of(&m->macs));
	if (m->type == MESSAGE_EXCLUDE)
		json_object_set_new(j, "macs", excluded_of(&m->watched));
	if (m->type == MESSAGE_CHOOSE)
		json_object_set_new(j, "name", json_string(m->choose.name));
	if (m->type == MESSAGE_WHO_HAS || m->type == MESSAGE_SPOKE_FROM)
		json_object_set_new(
			j, "address",
			json_string(addr_format(&m->neighbour.address, text)));
	if (m->type == MESSAGE_ASK_NAME) {
		json_object_set_new(
			j, "resolver",
			json_string(addr_format(&m->ask_name.resolver, text)));
		json_object_set_new(
			j, "address",
			json_string(addr_format(&m->ask_name.address, text)));
	}
	if (m->type == MESSAGE_ASK)
		json_object_set_new(
			j, "address",
			json_string(addr_format(&m->ask.device, text)));
	if (m->type == MESSAGE_UNLOCK)
		json_object_set_new(j, "code", json_string(m->unlock.code));
	if (m->type == MESSAGE_UNLOCK_ANSWER)
		json_object_update_new(
			j, json_pack("{s:i,s:i}", "number",
				     (int)m->unlock_answer.number, "verdict",
				     (int)m->unlock_answer.verdict));
	if (m->type == MESSAGE_STOP_REQUEST)
		json_object_set_new(j, "reason",
				    json_string(m->stop_request.reason));
	say(j);
}

/* False when the other end is gone. */
static bool read_channel(const char *to, int fd)
{
	int err;

	while (!(err = channel_receive(fd, &inbox, &message)))
		report(to, &message);
	return err == ERR_AGAIN;
}

static void read_options(struct driver *d, int argc, char **argv)
{
	d->config.max_devices = HUB_MAX_DEVICES_DEFAULT;
	d->config.data_dir = argv[1];
	d->config.resolv_conf = "/dev/null";
	d->config.excluded = d->excluded;
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "--service"))
			d->config.service = true;
		else if (!strcmp(argv[i], "--max-devices"))
			d->config.max_devices = strtoul(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--interface"))
			d->config.interface = argv[++i];
		else if (!strcmp(argv[i], "--resolv-conf"))
			d->config.resolv_conf = argv[++i];
		else if (mac_parse(argv[++i],
				   &d->excluded[d->config.excluded_count++]))
			die("not a MAC");
	}
}

static int wait_for_hub(const struct driver *d)
{
	int status;

	if (waitpid(d->hub, &status, 0) != d->hub)
		die("wait");
	say(json_pack("{s:i}", "exit",
		      WIFEXITED(status) ? WEXITSTATUS(status)
					: -WTERMSIG(status)));
	return 0;
}

int main(int argc, char **argv)
{
	static struct driver d = {
		.keeper = -1, .guard = -1, .engine = -1, .discover = -1
	};
	char token[SESSION_TEXT_BYTES];
	unsigned int port;

	if (argc < 2)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	read_options(&d, argc, argv);
	d.listener = listen_somewhere(&port);
	if (session_secret_make(&d.config.secret) ||
	    session_token_make(&d.config.secret, token))
		die("secret");
	start_hub(&d);
	say(json_pack("{s:i,s:s,s:i}", "port", port, "token", token, "pid",
		      (int)d.hub));
	for (;;) {
		struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 },
					{ d.keeper, POLLIN, 0 },
					{ d.guard, POLLIN, 0 },
					{ d.engine, POLLIN, 0 },
					{ d.discover, POLLIN, 0 } };

		if (poll(fds, 5, -1) < 0)
			die("poll");
		if (fds[0].revents && !read_lines(&d)) {
			kill(d.hub, SIGKILL);
			return wait_for_hub(&d);
		}
		if (fds[1].revents && !read_channel("keeper", d.keeper))
			return wait_for_hub(&d);
		if (fds[2].revents && d.guard >= 0 &&
		    !read_channel("guard", d.guard)) {
			close(d.guard);
			d.guard = -1;
		}
		if (fds[3].revents && d.engine >= 0 &&
		    !read_channel("engine", d.engine)) {
			close(d.engine);
			d.engine = -1;
		}
		if (fds[4].revents && d.discover >= 0 &&
		    !read_channel("discover", d.discover)) {
			close(d.discover);
			d.discover = -1;
		}
	}
}
