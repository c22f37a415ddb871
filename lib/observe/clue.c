// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/clue.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/text.h"

void clue_add(const struct context *c, struct device *device,
	      enum record_clue_kind kind, struct slice text)
{
	struct record_clue clue = { .time_ns = c->time_ns,
				    .kind = kind,
				    .text = text };

	if (!text.data || !text.len)
		return;
	if (clue.text.len > CLUE_BYTES_MAX) {
		clue.text.len = CLUE_BYTES_MAX;
		c->counters->texts_cut++;
	}
	if (window_has_clue(device, &clue) ||
	    window_is_full(c->window, device, WINDOW_CLUES))
		return;
	if (!window_copy(c->window, clue.text, &clue.text)) {
		window_refuse(c->window, WINDOW_CLUES);
		return;
	}
	window_add(c->window, device, WINDOW_CLUES, &clue);
}

static void dhcp_parameters(const struct context *c, struct device *device,
			    struct slice list)
{
	struct buf text;

	buf_init(&text, 4 * 256);
	for (size_t i = 0; i < list.len; i++)
		buf_printf(&text, i ? ",%u" : "%u", list.data[i]);
	if (list.data && !buf_check(&text))
		clue_add(c, device, RECORD_CLUE_DHCP_PARAMETERS,
			 buf_slice(&text));
	buf_done(&text);
}

/* A name in DNS wire format, which may be partial (RFC 4702 2.3.1, RFC 4704
 * 4.2): it lacks the root at its end. */
static void add_wire_name(const struct context *c, struct device *device,
			  enum record_clue_kind kind, struct slice wire)
{
	char text[DNS_NAME_TEXT_BYTES];
	struct dns_message message = { 0 };
	uint8_t name[256];

	if (!wire.len || wire.len >= sizeof(name))
		return;
	memcpy(name, wire.data, wire.len);
	name[wire.len] = 0;
	message.bytes = slice_of(name, wire.len + 1);
	if (!dns_name_text(&message, 0, text))
		clue_add(c, device, kind, slice_text(text));
}

static void add_hex(const struct context *c, struct device *device,
		    enum record_clue_kind kind, struct slice bytes)
{
	char text[2 * 255 + 1];

	if (bytes.len && bytes.len <= sizeof(text) / 2)
		clue_add(c, device, kind,
			 slice_text(text_hex(bytes.data, bytes.len, text)));
}

/* From an offer or an acknowledgement, or by whom the client chose: its request
 * is heard by all, the answer mostly by it alone. */
static void dhcp_server(const struct context *c, struct device *device,
			const struct dhcp *dhcp)
{
	char addr[ADDR_TEXT_BYTES];
	struct cursor servers = cursor_slice(dhcp->dns_servers);
	struct buf text;

	if (!dhcp->server_id.family)
		return;
	buf_init(&text, CLUE_BYTES_MAX);
	buf_puts(&text, addr_format(&dhcp->server_id, addr));
	while (dhcp->op == 2 && cursor_left(&servers) >= 4) {
		struct addr server = addr_v4(cursor_bytes(&servers, 4));

		buf_printf(&text, " %s", addr_format(&server, addr));
	}
	if (!buf_check(&text))
		clue_add(c, device, RECORD_CLUE_DHCP_SERVER, buf_slice(&text));
	buf_done(&text);
}

void clue_dhcp(const struct context *c, struct device *device,
	       const struct dhcp *dhcp)
{
	const struct addr *given = &dhcp->your_ip;

	dhcp_server(c, device, dhcp);
	/* 5: the server's word that the address is the device's now */
	if (dhcp->op == 2) {
		if (dhcp->message_type == 5 && given->family)
			devices_claim(c->devices, device, given);
		return;
	}
	clue_add(c, device, RECORD_CLUE_DHCP_HOSTNAME, dhcp->hostname);
	clue_add(c, device, RECORD_CLUE_DHCP_VENDOR_CLASS, dhcp->vendor_class);
	dhcp_parameters(c, device, dhcp->parameter_list);
	if (dhcp->fqdn_is_wire)
		add_wire_name(c, device, RECORD_CLUE_DHCP_FQDN, dhcp->fqdn);
	else
		clue_add(c, device, RECORD_CLUE_DHCP_FQDN, dhcp->fqdn);
	add_hex(c, device, RECORD_CLUE_DHCP_CLIENT_ID, dhcp->client_id);
}

/* Whose numbering the text is of: 311 is Microsoft's. */
static void dhcp6_vendor_class(const struct context *c, struct device *device,
			       const struct dhcp6 *dhcp)
{
	struct buf text;

	if (!dhcp->vendor_class.data)
		return;
	buf_init(&text, CLUE_BYTES_MAX);
	buf_printf(&text, "%u:", dhcp->vendor_number);
	buf_append(&text, dhcp->vendor_class.data, dhcp->vendor_class.len);
	if (!buf_check(&text))
		clue_add(c, device, RECORD_CLUE_DHCP6_VENDOR_CLASS,
			 buf_slice(&text));
	else
		c->counters->texts_cut++;
	buf_done(&text);
}

static void dhcp6_options(const struct context *c, struct device *device,
			  struct slice list)
{
	struct cursor at = cursor_slice(list);
	struct buf text;

	buf_init(&text, CLUE_BYTES_MAX);
	while (cursor_left(&at))
		buf_printf(&text, text.len ? ",%u" : "%u", cursor_u16(&at));
	if (!buf_check(&text))
		clue_add(c, device, RECORD_CLUE_DHCP6_OPTIONS,
			 buf_slice(&text));
	else
		c->counters->texts_cut++;
	buf_done(&text);
}

static void add_resolvers6(const struct context *c, struct device *device,
			   const struct addr *servers, size_t count)
{
	char addr[ADDR_TEXT_BYTES];
	struct buf text;

	buf_init(&text, CLUE_BYTES_MAX);
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, text.len ? " %s" : "%s",
			   addr_format(&servers[i], addr));
	if (!buf_check(&text))
		clue_add(c, device, RECORD_CLUE_IPV6_RESOLVERS,
			 buf_slice(&text));
	else
		c->counters->texts_cut++;
	buf_done(&text);
}

void clue_ndp(const struct context *c, struct device *router,
	      const struct ndp *ndp)
{
	add_resolvers6(c, router, ndp->resolvers, ndp->resolver_count);
}

static void dhcp6_resolvers(const struct context *c, struct device *device,
			    const struct dhcp6 *dhcp)
{
	struct cursor at = cursor_slice(dhcp->dns_servers);
	struct addr servers[NDP_RESOLVERS_MAX];
	size_t count = 0;

	while (cursor_left(&at) && count < NDP_RESOLVERS_MAX)
		servers[count++] = addr_v6(cursor_bytes(&at, 16));
	c->counters->clues_refused += cursor_left(&at) / 16;
	add_resolvers6(c, device, servers, count);
}

void clue_dhcp6(const struct context *c, struct device *device,
		const struct dhcp6 *dhcp)
{
	if (!dhcp->from_client) {
		dhcp6_resolvers(c, device, dhcp);
		return;
	}
	add_wire_name(c, device, RECORD_CLUE_DHCP6_FQDN, dhcp->fqdn);
	dhcp6_vendor_class(c, device, dhcp);
	dhcp6_options(c, device, dhcp->options);
	add_hex(c, device, RECORD_CLUE_DHCP6_CLIENT_ID, dhcp->client_id);
}

void clue_netbios(const struct context *c, struct device *device,
		  const struct nbns *nbns)
{
	bool own = !nbns->response &&
		   (nbns->op == NBNS_REGISTER || nbns->op == NBNS_REFRESH);

	if (!own && !(nbns->response && nbns->status))
		return;
	for (size_t i = 0; i < nbns->name_count; i++) {
		const struct nbns_name *name = &nbns->names[i];
		char text[NBNS_NAME_MAX + sizeof("<20>")];

		if (name->group || !name->text[0])
			continue;
		(void)snprintf(text, sizeof(text), "%s<%02x>", name->text,
			       name->kind);
		clue_add(c, device, RECORD_CLUE_NETBIOS_NAME, slice_text(text));
	}
}

/* Each string of a TXT record: key=value (RFC 6763 6.3). */
static void mdns_txt(const struct context *c, struct device *device,
		     struct slice data)
{
	struct cursor at = cursor_slice(data);

	while (cursor_left(&at)) {
		struct slice text = cursor_take(&at, cursor_u8(&at));

		if (cursor_ok(&at))
			clue_add(c, device, RECORD_CLUE_MDNS_TXT, text);
	}
}

static bool ends_in(const char *text, const char *tail)
{
	size_t n = strlen(text), m = strlen(tail);

	return n >= m && !strcasecmp(text + n - m, tail);
}

/* A pointer from a service type to an instance of it (RFC 6763 4.1). */
static void mdns_pointer(const struct context *c, struct device *device,
			 const struct dns_message *message, const char *type,
			 const struct dns_record *record)
{
	char instance[DNS_NAME_TEXT_BYTES];

	if (!ends_in(type, "._tcp.local") && !ends_in(type, "._udp.local"))
		return;
	if (dns_name_text(message, record->data_at, instance))
		return;
	if (!strncasecmp(type, "_services._dns-sd.", 18)) {
		clue_add(c, device, RECORD_CLUE_MDNS_SERVICE,
			 slice_text(instance));
		return;
	}
	clue_add(c, device, RECORD_CLUE_MDNS_SERVICE, slice_text(type));
	clue_add(c, device, RECORD_CLUE_MDNS_INSTANCE, slice_text(instance));
}

/* Who has been found already is asked for its place alone (RFC 6763 5): the
 * owner of that record is the instance, its type behind it. */
static void mdns_server(const struct context *c, struct device *device,
			const char *instance)
{
	const char *type = strstr(instance, "._");

	if (!type ||
	    (!ends_in(type, "._tcp.local") && !ends_in(type, "._udp.local")))
		return;
	clue_add(c, device, RECORD_CLUE_MDNS_SERVICE, slice_text(type + 1));
	clue_add(c, device, RECORD_CLUE_MDNS_INSTANCE, slice_text(instance));
}

/* Whether an address record is about its sender, not of one it speaks for. */
static bool is_own(const struct context *c, const struct dns_record *record)
{
	struct addr a = { 0 };

	if (record->type == DNS_TYPE_A && record->data.len == 4)
		a = addr_v4(record->data.data);
	else if (record->type == DNS_TYPE_AAAA && record->data.len == 16)
		a = addr_v6(record->data.data);
	return addr_equal(&a, &c->packet->src);
}

/*
 * Whether a message has addresses and none is its sender's: a sleep proxy's or
 * a reflector's, told in the name of somebody else.
 */
static bool is_for_another(const struct context *c,
			   const struct dns_message *message)
{
	struct dns_record record;
	struct dns_walk walk;
	bool has_address = false;

	dns_walk_init(&walk, message);
	while (dns_next_record(&walk, &record) > 0) {
		if (record.type != DNS_TYPE_A && record.type != DNS_TYPE_AAAA)
			continue;
		if (is_own(c, &record))
			return false;
		/* a device of both families may tell its other one alone */
		has_address |= (record.type == DNS_TYPE_A) ==
			       (c->packet->src.family == 4);
	}
	return has_address;
}

void clue_mdns(const struct context *c, struct device *device,
	       const struct dns_message *message)
{
	char name[DNS_NAME_TEXT_BYTES];
	struct dns_record record;
	struct dns_walk walk;

	if (is_for_another(c, message))
		return;
	dns_walk_init(&walk, message);
	while (dns_next_record(&walk, &record) > 0) {
		if (dns_name_text(message, record.name_at, name))
			continue;
		switch (record.type) {
		case DNS_TYPE_A:
		case DNS_TYPE_AAAA:
			if (is_own(c, &record))
				clue_add(c, device, RECORD_CLUE_MDNS_HOST,
					 slice_text(name));
			break;
		case DNS_TYPE_PTR:
			mdns_pointer(c, device, message, name, &record);
			break;
		case DNS_TYPE_TXT:
			mdns_txt(c, device, record.data);
			break;
		case DNS_TYPE_SRV:
			mdns_server(c, device, name);
			break;
		}
	}
}

/* RFC 4795 4.1: who is to answer for a name first asks whether another does,
 * and of any type. Whom a person looks for is asked for an address. */
static void llmnr_question(const struct context *c, struct device *device,
			   const struct dns_message *message)
{
	char name[DNS_NAME_TEXT_BYTES];
	struct dns_question question;
	struct dns_walk walk;

	dns_walk_init(&walk, message);
	while (dns_next_question(&walk, &question) > 0) {
		if (question.type == DNS_TYPE_ANY &&
		    !dns_name_text(message, question.name_at, name))
			clue_add(c, device, RECORD_CLUE_LLMNR_NAME,
				 slice_text(name));
	}
}

void clue_llmnr(const struct context *c, struct device *device,
		const struct dns_message *message)
{
	char name[DNS_NAME_TEXT_BYTES];
	struct dns_record record;
	struct dns_walk walk;

	if (!message->response) {
		llmnr_question(c, device, message);
		return;
	}
	dns_walk_init(&walk, message);
	while (dns_next_record(&walk, &record) > 0) {
		if (is_own(c, &record) &&
		    !dns_name_text(message, record.name_at, name))
			clue_add(c, device, RECORD_CLUE_LLMNR_NAME,
				 slice_text(name));
	}
}

void clue_ssdp(const struct context *c, struct device *device,
	       const struct ssdp *ssdp)
{
	/* who searches tells what it looks for, not what it is */
	if (ssdp->kind == SSDP_SEARCH)
		return;
	clue_add(c, device, RECORD_CLUE_SSDP_SERVER, ssdp->server);
	clue_add(c, device, RECORD_CLUE_SSDP_USN, ssdp->usn);
	clue_add(c, device, RECORD_CLUE_SSDP_TYPE,
		 ssdp->st.data ? ssdp->st : ssdp->nt);
	clue_add(c, device, RECORD_CLUE_SSDP_LOCATION, ssdp->location);
}
