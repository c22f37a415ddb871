// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/simulate/servers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** What tells servers apart; no padding. */
struct key {
	uint32_t host, place, shard;
	uint16_t server, naming;
};

static const struct market_contacts *lists_of(const struct market *m, size_t at)
{
	if (at < m->group_count)
		return &m->groups[at];
	at -= m->group_count;
	for (size_t i = 0; i < m->vendor_count; i++) {
		if (at < m->vendors[i].model_count)
			return &m->vendors[i].models[at].contacts;
		at -= m->vendors[i].model_count;
	}
	return at ? NULL : &m->computer_contacts;
}

/* Contacts of one name share the first's number; strangers share none. */
static void find_hosts(const struct market *m, size_t *hosts,
		       const char **names)
{
	const struct market_contacts *list;

	for (size_t i = 0; (list = lists_of(m, i)); i++)
		for (size_t j = 0; j < list->count; j++)
			names[list->items[j].number] = list->items[j].host;
	for (size_t i = 0; i < m->contact_count; i++) {
		hosts[i] = i;
		for (size_t j = 0; j < i && names[i][0]; j++)
			if (!strcmp(names[i], names[j])) {
				hosts[i] = j;
				break;
			}
	}
}

int servers_init(struct servers *s, const struct market *m)
{
	const char **names = calloc(m->contact_count + 1, sizeof(*names));

	*s = (struct servers){ .market = m };
	s->hosts = calloc(m->contact_count + 1, sizeof(*s->hosts));
	if (!names || !s->hosts) {
		free(names);
		free(s->hosts);
		return ERR_NOMEM;
	}
	find_hosts(m, s->hosts, names);
	free(names);
	table_init(&s->numbers, sizeof(struct key), sizeof(uint32_t),
		   SERVERS_MAX, 0);
	return 0;
}

void servers_done(struct servers *s)
{
	table_done(&s->numbers);
	free(s->hosts);
}

static struct key key_of(const struct servers *s, const struct home_contact *c)
{
	const char *host = c->contact->host;
	bool has_shards = !host[0] || strstr(host, "{s}");

	return (struct key){
		.host = (uint32_t)s->hosts[c->contact->number],
		.place = (uint32_t)c->place,
		.shard = has_shards ? c->shard : 0,
		.server = (uint16_t)c->server,
		.naming = (uint16_t)c->naming,
	};
}

int servers_number(struct servers *s, const struct home_contact *contact,
		   uint32_t *number, bool *fresh)
{
	struct key key = key_of(s, contact);
	uint32_t *value = table_get(&s->numbers, &key, fresh);

	if (!value)
		return s->numbers.count == SERVERS_MAX ? ERR_LIMIT : ERR_NOMEM;
	if (*fresh)
		*value = s->numbers.count - 1;
	*number = *value;
	return 0;
}

/* An address of the block by a number that is spread evenly. */
static struct addr addr_in(const struct cidr *block, uint64_t spread)
{
	uint32_t hosts = (UINT32_C(1) << (32 - block->bits)) - 2;
	uint32_t low = 1 + (uint32_t)(spread % hosts);
	struct addr addr = block->addr;

	for (size_t i = 0; i < 4; i++)
		addr.b[i] |= (uint8_t)(low >> (24 - 8 * i));
	return addr;
}

/* format with what stands for the hole in its place. */
static void fill_in(char *out, const char *format, const char *hole,
		    const char *text)
{
	const char *at = strstr(format, hole);

	if (at)
		(void)snprintf(out, SERVERS_NAME_BYTES, "%.*s%s%s",
			       (int)(at - format), format, text,
			       at + strlen(hole));
	else
		(void)snprintf(out, SERVERS_NAME_BYTES, "%s", format);
}

void servers_describe(const struct servers *s,
		      const struct home_contact *contact, struct server *out)
{
	const struct market_place *place = &s->market->places[contact->place];
	struct key key = key_of(s, contact);
	uint64_t spread = draw_mix((uint64_t)key.host << 32 | key.place,
				   (uint64_t)key.shard << 16 | key.server);
	char text[ADDR_TEXT_BYTES];

	memset(out, 0, sizeof(*out));
	out->addr = addr_in(&place->blocks[spread % place->block_count],
			    spread >> 8);
	if (contact->naming == HOME_NAMED) {
		(void)snprintf(text, sizeof(text), "%u", key.shard);
		fill_in(out->name, contact->contact->host, "{s}", text);
	} else if (contact->naming == HOME_GUESSED) {
		(void)addr_format(&out->addr, text);
		for (char *c = text; *c; c++)
			if (*c == '.')
				*c = '-';
		fill_in(out->name, place->reverse, "{a}", text);
		out->is_guessed = true;
	}
}
