// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/name.h"

#include <string.h>

#include "observe/clue.h"

/* Longest host name as text: 253 octets, some of them escaped. */
#define NAME_TEXT_MAX DNS_NAME_TEXT_BYTES

enum {
	PORT_DNS = 53,
	PORT_MDNS = 5353,
	PORT_LLMNR = 5355,
};

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* Lower case without a final dot, into out; absent when it does not fit. */
static struct slice normal(struct slice name, uint8_t out[NAME_TEXT_MAX])
{
	if (name.len && name.data[name.len - 1] == '.')
		name.len--;
	if (!name.len || name.len > NAME_TEXT_MAX)
		return slice_of(NULL, 0);
	for (size_t i = 0; i < name.len; i++)
		out[i] = lower(name.data[i]);
	return slice_of(out, name.len);
}

static void add_name(const struct context *c, struct device *device,
		     struct record_name *record)
{
	if (window_has_name(device, record) ||
	    window_is_full(c->window, device, WINDOW_NAMES))
		return;
	if (!window_copy(c->window, record->name, &record->name)) {
		window_refuse(c->window, WINDOW_NAMES);
		return;
	}
	window_add(c->window, device, WINDOW_NAMES, record);
}

void name_question(const struct context *c, struct device *device,
		   const struct dns_message *message,
		   const struct addr *resolver)
{
	char text[DNS_NAME_TEXT_BYTES];
	uint8_t name[NAME_TEXT_MAX];
	struct dns_question question;
	struct dns_walk walk;

	dns_walk_init(&walk, message);
	while (dns_next_question(&walk, &question) > 0) {
		struct record_question record = { .time_ns = c->time_ns,
						  .type = question.type,
						  .resolver = *resolver };

		if (question.class != 1 ||
		    dns_name_text(message, question.name_at, text))
			continue;
		record.name = normal(slice_text(text), name);
		if (!record.name.data ||
		    window_is_full(c->window, device, WINDOW_QUESTIONS))
			continue;
		if (!window_copy(c->window, record.name, &record.name)) {
			window_refuse(c->window, WINDOW_QUESTIONS);
			return;
		}
		window_add(c->window, device, WINDOW_QUESTIONS, &record);
	}
}

/* The names that lead from the question to addresses, by their hashes. */
struct chain {
	uint64_t hashes[NAME_CHAIN_MAX];
	size_t count;
	uint32_t looked_at; /* links, over all rounds */
	bool cut;	    /* a limit was reached */
};

static bool name_hash(const struct dns_message *message, size_t at,
		      uint64_t *out)
{
	char text[DNS_NAME_TEXT_BYTES];
	uint8_t name[NAME_TEXT_MAX];
	struct slice n;

	if (dns_name_text(message, at, text))
		return false;
	n = normal(slice_text(text), name);
	if (!n.data)
		return false;
	*out = table_hash(0, n.data, n.len);
	return true;
}

static bool in_chain(const struct chain *chain, uint64_t hash)
{
	for (size_t i = 0; i < chain->count; i++) {
		if (chain->hashes[i] == hash)
			return true;
	}
	return false;
}

/* Adds the targets of CNAMEs whose owners are in the chain, once through. */
static bool grow_chain(const struct dns_message *message, struct chain *chain)
{
	struct dns_record record;
	struct dns_walk walk;
	bool grown = false;
	uint64_t owner, target;

	dns_walk_init(&walk, message);
	while (dns_next_record(&walk, &record) > 0 &&
	       record.section == DNS_SECTION_ANSWER) {
		if (record.type != DNS_TYPE_CNAME)
			continue;
		chain->cut = chain->looked_at++ == NAME_LINKS_MAX;
		if (chain->cut)
			return false;
		if (!name_hash(message, record.name_at, &owner) ||
		    !in_chain(chain, owner) ||
		    !name_hash(message, record.data_at, &target) ||
		    in_chain(chain, target))
			continue;
		chain->cut = chain->count == NAME_CHAIN_MAX;
		if (chain->cut)
			return false;
		chain->hashes[chain->count++] = target;
		grown = true;
	}
	return grown;
}

static bool record_addr(const struct dns_record *record, struct addr *out)
{
	if (record->class != 1)
		return false;
	if (record->type == DNS_TYPE_A && record->data.len == 4)
		*out = addr_v4(record->data.data);
	else if (record->type == DNS_TYPE_AAAA && record->data.len == 16)
		*out = addr_v6(record->data.data);
	else
		return false;
	return !addr_is_unspecified(out);
}

void name_answer(const struct context *c, struct device *device,
		 const struct dns_message *message, const struct addr *resolver)
{
	char text[DNS_NAME_TEXT_BYTES];
	uint8_t name[NAME_TEXT_MAX];
	struct chain chain = { .count = 1 };
	struct dns_question question;
	struct dns_record record;
	struct record_name out = { .time_ns = c->time_ns,
				   .source = RECORD_NAME_DNS,
				   .resolver = *resolver };
	struct dns_walk walk;
	struct slice asked;
	uint64_t owner;

	dns_walk_init(&walk, message);
	if (message->opcode != 0 || message->rcode != 0 ||
	    dns_next_question(&walk, &question) <= 0 ||
	    dns_name_text(message, question.name_at, text) ||
	    !name_hash(message, question.name_at, &chain.hashes[0]))
		return;
	asked = normal(slice_text(text), name);
	/* the links may come in any order (RFC 1034 does not say) */
	while (grow_chain(message, &chain))
		;
	c->counters->names_refused += chain.cut;
	while (dns_next_record(&walk, &record) > 0 &&
	       record.section == DNS_SECTION_ANSWER) {
		if (!record_addr(&record, &out.addr) ||
		    !name_hash(message, record.name_at, &owner) ||
		    !in_chain(&chain, owner))
			continue;
		out.name = asked;
		add_name(c, device, &out);
	}
}

/* A host's name, and not an address or a stray text. */
static bool is_name(struct slice name)
{
	bool letter = false;

	for (size_t i = 0; i < name.len; i++) {
		uint8_t b = name.data[i];

		if ((b >= 'a' && b <= 'z') || b == '_')
			letter = true;
		else if (b != '.' && b != '-' && (b < '0' || b > '9'))
			return false;
	}
	return letter;
}

void name_spoken(const struct context *c, struct device *device,
		 struct slice name, enum record_name_source source,
		 const struct addr *remote, uint16_t device_port)
{
	uint8_t text[NAME_TEXT_MAX];
	struct record_name out = { .time_ns = c->time_ns,
				   .source = source,
				   .addr = *remote };
	const uint8_t *colon = NULL;

	if (!name.data)
		return;
	if (source == RECORD_NAME_HTTP_HOST)
		colon = memchr(name.data, ':', name.len);
	if (colon)
		name.len = (size_t)(colon - name.data);
	out.name = normal(name, text);
	if (!out.name.data || !is_name(out.name))
		return;
	if (source == RECORD_NAME_SNI)
		out.device_port = device_port;
	add_name(c, device, &out);
}

static bool is_of_port(const struct packet *packet, uint16_t port)
{
	return packet->sport == port || packet->dport == port;
}

bool name_hear(const struct context *c, struct device *sender,
	       struct device *receiver, struct slice bytes, bool over_tcp,
	       uint32_t segments)
{
	const struct packet *p = c->packet;
	struct dns_message message;
	struct fact fact = { .kind = FACT_DNS,
			     .over_tcp = over_tcp,
			     .mdns = is_of_port(p, PORT_MDNS) && !over_tcp,
			     .segments = segments };

	if (dns_decode(bytes, &message)) {
		c->counters->malformed++;
		return false;
	}
	fact.dns = &message;
	context_fact(c, &fact);
	if (fact.mdns) {
		if (sender && message.response)
			clue_mdns(c, sender, &message);
		return true;
	}
	if (sender && !over_tcp &&
	    (message.response ? p->sport : p->dport) == PORT_LLMNR)
		clue_llmnr(c, sender, &message);
	if (!message.response && sender && p->dport == PORT_DNS)
		name_question(c, sender, &message, &p->dst);
	if (message.response && receiver && p->sport == PORT_DNS)
		name_answer(c, receiver, &message, &p->src);
	return true;
}
