// SPDX-License-Identifier: GPL-3.0-or-later

#include "message/message.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"

/*
 * One function a type says what its fields are, in order; the codec writes
 * them to a buffer or reads them from a cursor, so that the two cannot differ.
 */
struct codec {
	struct buf *out; /* NULL when reading */
	struct cursor in;
	bool refused; /* a value that the type does not allow */
};

static void code_u8(struct codec *c, uint8_t *v)
{
	if (c->out)
		buf_u8(c->out, *v);
	else
		*v = cursor_u8(&c->in);
}

static void code_u32(struct codec *c, uint32_t *v)
{
	if (c->out)
		buf_u32(c->out, *v);
	else
		*v = cursor_u32(&c->in);
}

static void code_u64(struct codec *c, uint64_t *v)
{
	if (c->out)
		buf_u64(c->out, *v);
	else
		*v = cursor_u64(&c->in);
}

/* An enum or a count: below limit. */
static void code_below(struct codec *c, uint32_t *v, uint32_t limit)
{
	code_u32(c, v);
	if (*v >= limit) {
		c->refused = true;
		*v = 0;
	}
}

static void code_bool(struct codec *c, bool *v)
{
	uint8_t byte = *v;

	code_u8(c, &byte);
	if (byte > 1)
		c->refused = true;
	*v = byte == 1;
}

static void code_bytes(struct codec *c, void *bytes, size_t n)
{
	if (c->out)
		buf_append(c->out, bytes, n);
	else
		cursor_copy(&c->in, bytes, n);
}

static void code_mac(struct codec *c, struct mac *mac)
{
	code_bytes(c, mac->b, sizeof(mac->b));
}

static void code_addr(struct codec *c, struct addr *addr)
{
	static const uint8_t zero[16];

	code_u8(c, &addr->family);
	code_bytes(c, addr->b, sizeof(addr->b));
	switch (addr->family) {
	case 0:
		if (memcmp(addr->b, zero, sizeof(zero)) != 0)
			c->refused = true;
		break;
	case 4:
		if (memcmp(addr->b + 4, zero, 12) != 0)
			c->refused = true;
		break;
	case 6:
		break;
	default:
		c->refused = true;
	}
}

static void code_cidr(struct codec *c, struct cidr *cidr)
{
	code_addr(c, &cidr->addr);
	code_u8(c, &cidr->bits);
	if (cidr->bits > (cidr->addr.family == 4   ? 32
			  : cidr->addr.family == 6 ? 128
						   : 0))
		c->refused = true;
}

static void code_text(struct codec *c, char *text, size_t size)
{
	uint32_t length = c->out ? (uint32_t)strnlen(text, size) : 0;

	code_below(c, &length, (uint32_t)size);
	if (c->refused)
		length = 0;
	code_bytes(c, text, length);
	if (!c->out) {
		if (!cursor_ok(&c->in))
			length = 0;
		memset(text + length, 0, size - length);
	}
	for (uint32_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			c->refused = true;
}

static void code_peer(struct codec *c, struct message *m)
{
	uint32_t process = m->peer.process;

	code_below(c, &process, MESSAGE_PROCESSES);
	m->peer.process = process;
	code_u32(c, &m->peer.pid);
	code_u32(c, &m->peer.restarts);
}

static void code_stop_request(struct codec *c, struct message *m)
{
	code_text(c, m->stop_request.reason, sizeof(m->stop_request.reason));
}

static void code_choose(struct codec *c, struct message *m)
{
	code_text(c, m->choose.name, sizeof(m->choose.name));
}

static void code_macs(struct codec *c, struct message *m)
{
	static_assert(MESSAGE_EXCLUDE_MAX == MESSAGE_WATCH_MAX,
		      "one shape for both sets");
	code_below(c, &m->macs.count, MESSAGE_WATCH_MAX + 1);
	for (uint32_t i = 0; i < m->macs.count; i++)
		code_mac(c, &m->macs.macs[i]);
}

static void code_pairs(struct codec *c, struct message *m)
{
	code_bool(c, &m->pairs.all);
	code_below(c, &m->pairs.count, MESSAGE_PAIRS_MAX + 1);
	for (uint32_t i = 0; i < m->pairs.count; i++) {
		code_mac(c, &m->pairs.pairs[i].a);
		code_mac(c, &m->pairs.pairs[i].b);
	}
}

static void code_interface(struct codec *c, struct message *m)
{
	struct message_interface *i = &m->interface;

	code_bool(c, &i->first);
	code_bool(c, &i->last);
	code_text(c, i->name, sizeof(i->name));
	code_mac(c, &i->mac);
	code_cidr(c, &i->address);
	code_addr(c, &i->gateway);
	code_bool(c, &i->wireless);
	code_bool(c, &i->usable);
	code_bool(c, &i->suggested);
	code_text(c, i->problem, sizeof(i->problem));
}

static void code_chosen(struct codec *c, struct message *m)
{
	struct message_chosen *chosen = &m->chosen;

	code_text(c, chosen->name, sizeof(chosen->name));
	code_mac(c, &chosen->mac);
	code_cidr(c, &chosen->address);
	code_addr(c, &chosen->gateway);
	code_mac(c, &chosen->gateway_mac);
	code_addr(c, &chosen->own6);
	code_addr(c, &chosen->resolver);
	code_below(c, &chosen->domain_count, MESSAGE_DOMAINS_MAX + 1);
	for (uint32_t i = 0; i < chosen->domain_count; i++)
		code_text(c, chosen->domains[i], sizeof(chosen->domains[i]));
	code_u64(c, &chosen->domains_left_out);
	code_below(c, &chosen->resolver6_count, MESSAGE_RESOLVERS_MAX + 1);
	for (uint32_t i = 0; i < chosen->resolver6_count; i++)
		code_addr(c, &chosen->resolvers6[i]);
	code_bool(c, &chosen->up);
	code_u32(c, &chosen->index);
}

static void code_host(struct codec *c, struct message *m)
{
	struct message_host *host = &m->host;

	code_mac(c, &host->mac);
	code_addr(c, &host->address);
	code_addr(c, &host->elsewhere);
	code_u64(c, &host->first_ns);
	code_u64(c, &host->last_ns);
	code_bool(c, &host->present);
	code_bool(c, &host->is_gateway);
	code_bool(c, &host->is_self);
	code_bool(c, &host->is_excluded);
	code_bool(c, &host->is_inspector);
}

static void code_watch_state(struct codec *c, struct message *m)
{
	struct message_watch_state *state = &m->watch_state;
	uint32_t phase = state->phase, cause = state->cause, resists;

	code_mac(c, &state->mac);
	code_addr(c, &state->address);
	code_below(c, &phase, MESSAGE_WATCH_PHASES);
	state->phase = phase;
	code_below(c, &cause, MESSAGE_CAUSES);
	state->cause = cause;
	code_u64(c, &state->since_ns);
	code_text(c, state->reason, sizeof(state->reason));
	phase = state->phase6;
	code_below(c, &phase, MESSAGE_WATCH_PHASES);
	state->phase6 = phase;
	code_text(c, state->reason6, sizeof(state->reason6));
	resists = state->resists;
	code_below(c, &resists, MESSAGE_RESISTS);
	state->resists = resists;
}

static void code_fault(struct codec *c, struct message *m)
{
	uint32_t kind = m->fault.kind;

	code_below(c, &kind, MESSAGE_FAULT_KINDS);
	m->fault.kind = kind;
	code_bool(c, &m->fault.over);
	code_text(c, m->fault.text, sizeof(m->fault.text));
	code_text(c, m->fault.remedy, sizeof(m->fault.remedy));
}

static void code_guard_counters(struct codec *c, struct message *m)
{
	struct message_guard_counters *g = &m->guard_counters;

	code_u64(c, &g->arp_sent);
	code_u64(c, &g->arp_heard);
	code_u64(c, &g->arp_malformed);
	code_u64(c, &g->ndp_sent);
	code_u64(c, &g->ndp_heard);
	code_u64(c, &g->ndp_malformed);
	code_u64(c, &g->scans);
	code_u64(c, &g->scan_requests);
	code_u64(c, &g->scan_skipped);
	code_u64(c, &g->hosts_refused);
	code_u64(c, &g->routers_refused);
	code_u64(c, &g->watches_refused);
	code_u64(c, &g->poisons);
	code_u64(c, &g->repoisons);
	code_u64(c, &g->restores);
	code_u64(c, &g->rate_limited);
	code_u64(c, &g->released);
	code_u64(c, &g->beacons_sent);
	code_u64(c, &g->beacons_heard);
	code_u64(c, &g->beacons_malformed);
	code_u64(c, &g->claims_refused);
	code_u64(c, &g->messages_refused);
	code_u64(c, &g->messages_lost);
}

static void code_capture(struct codec *c, struct message *m)
{
	struct message_capture *capture = &m->capture;

	code_u32(c, &capture->interface_index);
	code_mac(c, &capture->own);
	code_mac(c, &capture->gateway);
	code_cidr(c, &capture->address);
	code_addr(c, &capture->gateway_address);
}

static void code_watched(struct codec *c, struct message *m)
{
	struct message_watched *watched = &m->watched;

	code_below(c, &watched->count, MESSAGE_WATCH_MAX + 1);
	for (uint32_t i = 0; i < watched->count; i++) {
		code_mac(c, &watched->devices[i].mac);
		code_addr(c, &watched->devices[i].address);
	}
}

static void code_network6(struct codec *c, struct message *m)
{
	struct message_network6 *network = &m->network6;

	code_below(c, &network->own_count, MESSAGE_OWN6_MAX + 1);
	for (uint32_t i = 0; i < network->own_count; i++)
		code_addr(c, &network->own[i]);
	code_below(c, &network->prefix_count, MESSAGE_PREFIXES_MAX + 1);
	for (uint32_t i = 0; i < network->prefix_count; i++)
		code_cidr(c, &network->prefixes[i]);
}

static void code_window(struct codec *c, struct message *m)
{
	if (c->out)
		buf_append(c->out, m->window.data, m->window.len);
	else
		m->window = cursor_rest(&c->in);
}

static void code_counters(struct codec *c, struct message *m)
{
	uint64_t values[sizeof(m->counters) / sizeof(uint64_t)];

	static_assert(sizeof(values) == sizeof(m->counters),
		      "counters are 64-bit numbers only");
	memcpy(values, &m->counters, sizeof(values));
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		code_u64(c, &values[i]);
	memcpy(&m->counters, values, sizeof(values));
}

static void code_passed(struct codec *c, struct message_passed *passed)
{
	code_u64(c, &passed->from_device);
	code_u64(c, &passed->to_gateway);
	code_u64(c, &passed->from_gateway);
	code_u64(c, &passed->to_device);
}

static void code_forwarded(struct codec *c, struct message *m)
{
	struct message_forwarded *forwarded = &m->forwarded;

	code_below(c, &forwarded->count, MESSAGE_WATCH_MAX + 1);
	for (uint32_t i = 0; i < forwarded->count; i++) {
		struct message_path *path = &forwarded->paths[i];

		code_mac(c, &path->mac);
		code_passed(c, &path->v4);
		code_passed(c, &path->v6);
	}
}

static void code_neighbour(struct codec *c, struct message *m)
{
	code_addr(c, &m->neighbour.address);
	code_mac(c, &m->neighbour.mac);
}

static void code_unlock(struct codec *c, struct message *m)
{
	code_text(c, m->unlock.code, sizeof(m->unlock.code));
	code_addr(c, &m->unlock.address);
}

static void code_unlock_ready(struct codec *c, struct message *m)
{
	code_text(c, m->unlock_ready.code, sizeof(m->unlock_ready.code));
	code_below(c, &m->unlock_ready.port, UINT16_MAX + 1);
}

static void code_unlock_request(struct codec *c, struct message *m)
{
	code_u32(c, &m->unlock_request.number);
	code_addr(c, &m->unlock_request.from);
}

static void code_unlock_answer(struct codec *c, struct message *m)
{
	uint32_t verdict = m->unlock_answer.verdict;

	code_u32(c, &m->unlock_answer.number);
	code_below(c, &verdict, MESSAGE_UNLOCK_VERDICTS);
	m->unlock_answer.verdict = verdict;
}

static void code_ask(struct codec *c, struct message *m)
{
	code_addr(c, &m->ask.own);
	code_addr(c, &m->ask.device);
	code_u32(c, &m->ask.index);
}

static void code_answer(struct codec *c, struct message *m)
{
	uint32_t kind = m->answer.kind;

	code_addr(c, &m->answer.device);
	code_below(c, &kind, RECORD_CLUE_KINDS);
	m->answer.kind = kind;
	code_below(c, &m->answer.length, MESSAGE_CLUE_MAX + 1);
	code_bytes(c, m->answer.text, m->answer.length);
}

static void code_discover_counters(struct codec *c, struct message *m)
{
	struct message_discover_counters *d = &m->discover_counters;

	code_u64(c, &d->asked);
	code_u64(c, &d->asks_refused);
	code_u64(c, &d->answers);
	code_u64(c, &d->answers_refused);
	code_u64(c, &d->answers_malformed);
	code_u64(c, &d->descriptions);
	code_u64(c, &d->descriptions_failed);
	code_u64(c, &d->descriptions_malformed);
}

static void code_ask_name(struct codec *c, struct message *m)
{
	code_cidr(c, &m->ask_name.network);
	code_addr(c, &m->ask_name.resolver);
	code_u32(c, &m->ask_name.index);
	code_addr(c, &m->ask_name.address);
}

static void code_host_name(struct codec *c, struct message *m)
{
	code_addr(c, &m->host_name.address);
	code_text(c, m->host_name.name, sizeof(m->host_name.name));
}

static void code_send(struct codec *c, struct message *m)
{
	struct message_send *s = &m->send;

	code_u32(c, &s->number);
	code_bool(c, &s->post);
	code_bool(c, &s->lines);
	code_bool(c, &s->long_reply);
	code_u32(c, &s->reply_max);
	code_text(c, s->url, sizeof(s->url));
	code_text(c, s->account, sizeof(s->account));
	code_text(c, s->secret, sizeof(s->secret));
	code_below(c, &s->pem_length, MESSAGE_PEM_MAX + 1);
	code_bytes(c, s->pem, s->pem_length);
}

static void code_sent(struct codec *c, struct message *m)
{
	struct message_sent *s = &m->sent;

	code_u32(c, &s->number);
	code_below(c, &s->status, 1000);
	code_u64(c, &s->retry_after_s);
	code_u64(c, &s->sent_bytes);
	code_u64(c, &s->length);
	code_text(c, s->why, sizeof(s->why));
}

/* A type without fields has no function. */
static const struct {
	const char *name;
	void (*code)(struct codec *c, struct message *m);
} types[MESSAGE_TYPES] = {
	[MESSAGE_PEER] = { "peer", code_peer },
	[MESSAGE_STOP] = { "stop", NULL },
	[MESSAGE_PING] = { "ping", NULL },
	[MESSAGE_PONG] = { "pong", NULL },
	[MESSAGE_READY] = { "ready", NULL },
	[MESSAGE_STOP_REQUEST] = { "stop-request", code_stop_request },
	[MESSAGE_LIST_INTERFACES] = { "list-interfaces", NULL },
	[MESSAGE_CHOOSE] = { "choose", code_choose },
	[MESSAGE_SCAN] = { "scan", NULL },
	[MESSAGE_WATCH] = { "watch", code_macs },
	[MESSAGE_EXCLUDE] = { "exclude", code_watched },
	[MESSAGE_PAIRS] = { "pairs", code_pairs },
	[MESSAGE_PAUSE] = { "pause", NULL },
	[MESSAGE_RESUME] = { "resume", NULL },
	[MESSAGE_INTERFACE] = { "interface", code_interface },
	[MESSAGE_CHOSEN] = { "chosen", code_chosen },
	[MESSAGE_HOST] = { "host", code_host },
	[MESSAGE_WATCH_STATE] = { "watch-state", code_watch_state },
	[MESSAGE_FAULT] = { "fault", code_fault },
	[MESSAGE_GUARD_COUNTERS] = { "guard-counters", code_guard_counters },
	[MESSAGE_CAPTURE] = { "capture", code_capture },
	[MESSAGE_WATCHED] = { "watched", code_watched },
	[MESSAGE_NETWORK6] = { "network6", code_network6 },
	[MESSAGE_WINDOW] = { "window", code_window },
	[MESSAGE_COUNTERS] = { "counters", code_counters },
	[MESSAGE_FORWARDED] = { "forwarded", code_forwarded },
	[MESSAGE_WHO_HAS] = { "who-has", code_neighbour },
	[MESSAGE_NEIGHBOUR] = { "neighbour", code_neighbour },
	[MESSAGE_SPOKE_FROM] = { "spoke-from", code_neighbour },
	[MESSAGE_UNLOCK] = { "unlock", code_unlock },
	[MESSAGE_UNLOCK_ANSWER] = { "unlock-answer", code_unlock_answer },
	[MESSAGE_UNLOCK_READY] = { "unlock-ready", code_unlock_ready },
	[MESSAGE_UNLOCK_REQUEST] = { "unlock-request", code_unlock_request },
	[MESSAGE_ASK] = { "ask", code_ask },
	[MESSAGE_ANSWER] = { "answer", code_answer },
	[MESSAGE_DISCOVER_COUNTERS] = { "discover-counters",
					code_discover_counters },
	[MESSAGE_ASK_NAME] = { "ask-name", code_ask_name },
	[MESSAGE_HOST_NAME] = { "host-name", code_host_name },
	[MESSAGE_SEND] = { "send", code_send },
	[MESSAGE_SENT] = { "sent", code_sent },
};

int message_encode(const struct message *message, struct buf *out)
{
	/* the codec's functions read and write alike: let them have a copy */
	struct message copy = *message;
	struct codec c = { .out = out };
	size_t before = out->len;

	if (copy.type >= MESSAGE_TYPES || !types[copy.type].name)
		return ERR_INVALID;
	buf_u8(out, (uint8_t)copy.type);
	if (types[copy.type].code)
		types[copy.type].code(&c, &copy);
	if (c.refused)
		return ERR_INVALID;
	if (buf_check(out))
		return buf_check(out);
	return out->len - before > MESSAGE_MAX_BYTES ? ERR_LIMIT : 0;
}

int message_decode(struct slice bytes, struct message *out)
{
	struct codec c = { .in = cursor_slice(bytes) };
	struct message m = { .fd = -1 };

	if (bytes.len > MESSAGE_MAX_BYTES)
		return ERR_LIMIT;
	m.type = cursor_u8(&c.in);
	if (!cursor_ok(&c.in))
		return ERR_TRUNCATED;
	if (m.type >= MESSAGE_TYPES || !types[m.type].name)
		return ERR_MALFORMED;
	if (types[m.type].code)
		types[m.type].code(&c, &m);
	if (!cursor_ok(&c.in))
		return ERR_TRUNCATED;
	if (c.refused || cursor_left(&c.in))
		return ERR_MALFORMED;
	*out = m;
	return 0;
}

const char *message_type_name(enum message_type type)
{
	return type < MESSAGE_TYPES && types[type].name ? types[type].name
							: "unknown";
}

const char *message_process_name(enum message_process process)
{
	static const char *const names[MESSAGE_PROCESSES] = {
		[MESSAGE_KEEPER] = "keeper",	 [MESSAGE_GUARD] = "guard",
		[MESSAGE_ENGINE] = "engine",	 [MESSAGE_HUB] = "hub",
		[MESSAGE_DISCOVER] = "discover", [MESSAGE_UPLOAD] = "upload",
	};

	return process < MESSAGE_PROCESSES ? names[process] : "unknown";
}

void message_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
}
