// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/facts.h"

#include <stdio.h>

#include "base/cursor.h"

#define IP_TCP 6
#define IP_UDP 17

#define NS_PER_S UINT64_C(1000000000)

#define DNS_OPCODE_UPDATE 5

/* RFC 3597: TYPE65535 */
#define TYPE_TEXT_BYTES 12

/* Names as in zone files (IANA, DNS resource record types). */
static const struct {
	uint16_t type;
	const char *name;
} dns_types[] = {
	{ 1, "A" },	  { 2, "NS" },	   { 5, "CNAME" },  { 6, "SOA" },
	{ 12, "PTR" },	  { 13, "HINFO" }, { 15, "MX" },    { 16, "TXT" },
	{ 24, "SIG" },	  { 25, "KEY" },   { 28, "AAAA" },  { 29, "LOC" },
	{ 33, "SRV" },	  { 35, "NAPTR" }, { 39, "DNAME" }, { 41, "OPT" },
	{ 43, "DS" },	  { 44, "SSHFP" }, { 46, "RRSIG" }, { 47, "NSEC" },
	{ 48, "DNSKEY" }, { 50, "NSEC3" }, { 52, "TLSA" },  { 64, "SVCB" },
	{ 65, "HTTPS" },  { 99, "SPF" },   { 249, "TKEY" }, { 250, "TSIG" },
	{ 251, "IXFR" },  { 252, "AXFR" }, { 255, "ANY" },  { 257, "CAA" },
};

static const char *const transport_names[] = {
	[RECORD_TRANSPORT_TCP] = "tcp",
	[RECORD_TRANSPORT_QUIC] = "quic",
	[RECORD_TRANSPORT_DTLS] = "dtls",
};

static const char *const ssdp_kinds[] = {
	[SSDP_NOTIFY] = "notify",
	[SSDP_SEARCH] = "search",
	[SSDP_RESPONSE] = "response",
};

void facts_init(struct facts *f, struct output *out,
		const struct reading *reading)
{
	*f = (struct facts){ .out = out, .reading = reading };
	json_init(&f->json, FACTS_LINE_MAX_BYTES);
	buf_init(&f->text, FACTS_LINE_MAX_BYTES);
}

void facts_done(struct facts *f)
{
	json_done(&f->json);
	buf_done(&f->text);
}

static void put_addr(struct json *j, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_BYTES];

	if (!a->family)
		return;
	json_key(j, key);
	json_string(j, addr_format(a, text));
}

static void put_mac(struct json *j, const char *key, const struct mac *mac)
{
	char text[MAC_TEXT_BYTES];

	json_key(j, key);
	json_string(j, mac_format(mac, text));
}

static void put_number(struct json *j, const char *key, uint64_t v)
{
	json_key(j, key);
	json_number(j, v);
}

static void put_string(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_string(j, text);
}

/* Absent text means no field. */
static void put_text(struct json *j, const char *key, struct slice text)
{
	if (!text.data)
		return;
	json_key(j, key);
	json_text(j, text);
}

static void put_list_u16(struct json *j, const char *key, struct slice list)
{
	if (!list.data)
		return;
	json_key(j, key);
	json_open(j, '[');
	for (size_t i = 0; i < tls_list_u16_count(list); i++)
		json_number(j, tls_list_u16(list, i));
	json_close(j, ']');
}

static void put_list_u8(struct json *j, const char *key, struct slice list)
{
	if (!list.data)
		return;
	json_key(j, key);
	json_open(j, '[');
	for (size_t i = 0; i < list.len; i++)
		json_number(j, list.data[i]);
	json_close(j, ']');
}

static void put_extensions(struct json *j, struct slice block)
{
	struct tls_extension e;
	size_t at = 0;

	if (!block.data)
		return;
	json_key(j, "extensions");
	json_open(j, '[');
	while (tls_next_extension(block, &at, &e) > 0)
		json_number(j, e.type);
	json_close(j, ']');
}

static void put_alpn(struct json *j, struct slice names)
{
	struct cursor c = cursor_slice(names);

	if (!names.data)
		return;
	json_key(j, "alpn");
	json_open(j, '[');
	while (cursor_left(&c)) {
		struct slice name = cursor_take(&c, cursor_u8(&c));

		if (cursor_ok(&c))
			json_text(j, name);
	}
	json_close(j, ']');
}

static void put_hello(struct json *j, const struct fact *fact)
{
	const struct tls_client_hello *h = fact->hello;

	put_string(j, "transport", transport_names[fact->transport]);
	put_text(j, "sni", h->sni);
	put_number(j, "legacy_version", h->legacy_version);
	put_list_u16(j, "supported_versions", h->supported_versions);
	put_list_u16(j, "cipher_suites", h->cipher_suites);
	put_list_u8(j, "compression_methods", h->compression_methods);
	put_extensions(j, h->extensions);
	put_list_u16(j, "groups", h->groups);
	put_list_u8(j, "point_formats", h->point_formats);
	put_list_u16(j, "signature_algorithms", h->signature_algorithms);
	put_alpn(j, h->alpn);
	json_key(j, "grease");
	json_bool(j, h->grease);
	if (h->ssl2) {
		json_key(j, "ssl2");
		json_bool(j, true);
	}
	put_number(j, "segments", fact->segments);
}

static void put_type(struct json *j, uint16_t type)
{
	char text[TYPE_TEXT_BYTES];

	for (size_t i = 0; i < sizeof(dns_types) / sizeof(dns_types[0]); i++) {
		if (dns_types[i].type == type) {
			put_string(j, "type", dns_types[i].name);
			return;
		}
	}
	(void)snprintf(text, sizeof(text), "TYPE%u", type);
	put_string(j, "type", text);
}

static void put_question(struct json *j, struct dns_walk *walk)
{
	char name[DNS_NAME_TEXT_BYTES];
	struct dns_question question;

	if (dns_next_question(walk, &question) <= 0 ||
	    dns_name_text(walk->message, question.name_at, name))
		return;
	json_key(j, "question");
	json_open(j, '{');
	put_string(j, "name", name);
	put_type(j, question.type);
	json_close(j, '}');
}

static void put_record(struct facts *f, const struct dns_message *message,
		       const struct dns_record *record)
{
	struct json *j = &f->json;
	char name[DNS_NAME_TEXT_BYTES];

	buf_clear(&f->text);
	if (dns_name_text(message, record->name_at, name) ||
	    dns_data_text(message, record, &f->text))
		return;
	json_open(j, '{');
	put_string(j, "name", name);
	put_type(j, record->type);
	put_string(j, "data", buf_text(&f->text));
	put_number(j, "ttl", record->ttl);
	json_close(j, '}');
}

static void put_dns(struct facts *f, const struct fact *fact)
{
	const struct dns_message *message = fact->dns;
	struct json *j = &f->json;
	struct dns_record record;
	struct dns_walk walk;

	put_string(j, "transport", fact->over_tcp ? "tcp" : "udp");
	json_key(j, "mdns");
	json_bool(j, fact->mdns);
	json_key(j, "response");
	json_bool(j, message->response);
	put_number(j, "rcode", message->rcode);
	if (message->opcode)
		put_number(j, "opcode", message->opcode);
	dns_walk_init(&walk, message);
	put_question(j, &walk);
	json_key(j, "answers");
	json_open(j, '[');
	/* the records of an update are demands (RFC 2136), not answers */
	while (message->opcode != DNS_OPCODE_UPDATE &&
	       dns_next_record(&walk, &record) > 0)
		if (record.type != DNS_TYPE_OPT)
			put_record(f, message, &record);
	json_close(j, ']');
}

static void put_http(struct json *j, const struct http_request *http)
{
	put_text(j, "method", http->method);
	put_text(j, "host", http->host);
	put_text(j, "user_agent", http->user_agent);
}

static void put_hex(struct facts *f, const char *key, struct slice bytes)
{
	if (!bytes.data)
		return;
	buf_clear(&f->text);
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(&f->text, "%02x", bytes.data[i]);
	put_string(&f->json, key, buf_text(&f->text));
}

static void put_fqdn(struct json *j, const struct dhcp *dhcp)
{
	struct dns_message names = { .bytes = dhcp->fqdn };
	char name[DNS_NAME_TEXT_BYTES];

	if (!dhcp->fqdn.data)
		return;
	if (!dhcp->fqdn_is_wire)
		put_text(j, "fqdn", dhcp->fqdn);
	else if (!dns_name_text(&names, 0, name))
		put_string(j, "fqdn", name);
}

static void put_dhcp(struct facts *f, const struct dhcp *dhcp)
{
	struct json *j = &f->json;

	if (dhcp->message_type)
		put_number(j, "message_type", dhcp->message_type);
	put_mac(j, "client_mac", &dhcp->client_mac);
	put_text(j, "hostname", dhcp->hostname);
	put_text(j, "vendor_class", dhcp->vendor_class);
	put_list_u8(j, "parameter_list", dhcp->parameter_list);
	put_hex(f, "client_id", dhcp->client_id);
	put_fqdn(j, dhcp);
	put_addr(j, "requested_ip", &dhcp->requested_ip);
	put_addr(j, "server_id", &dhcp->server_id);
}

static void put_ssdp(struct json *j, const struct ssdp *ssdp)
{
	put_string(j, "kind", ssdp_kinds[ssdp->kind]);
	put_text(j, "st", ssdp->st);
	put_text(j, "nt", ssdp->nt);
	put_text(j, "nts", ssdp->nts);
	put_text(j, "usn", ssdp->usn);
	put_text(j, "server", ssdp->server);
	put_text(j, "location", ssdp->location);
}

static void put_arp(struct json *j, const struct arp *arp)
{
	put_number(j, "op", arp->op);
	put_mac(j, "sender_mac", &arp->sender_mac);
	put_addr(j, "sender_ip", &arp->sender_ip);
	put_mac(j, "target_mac", &arp->target_mac);
	put_addr(j, "target_ip", &arp->target_ip);
}

static void put_packet(struct json *j, const struct packet *packet)
{
	put_addr(j, "src", &packet->src);
	if (packet->layer == PACKET_LAYER_TRANSPORT)
		put_number(j, "sport", packet->sport);
	put_addr(j, "dst", &packet->dst);
	if (packet->layer == PACKET_LAYER_TRANSPORT)
		put_number(j, "dport", packet->dport);
	if (packet->has_src_mac)
		put_mac(j, "eth_src", &packet->eth_src);
	if (packet->has_dst_mac)
		put_mac(j, "eth_dst", &packet->eth_dst);
}

static void put_time(struct facts *f, uint64_t time_ns)
{
	json_key(&f->json, "ts");
	json_time(&f->json, f->reading->base_s + time_ns / NS_PER_S,
		  time_ns % NS_PER_S);
}

static void put_head(struct facts *f, const char *name, const struct fact *fact)
{
	struct json *j = &f->json;

	put_string(j, "fact", name);
	put_time(f, fact->time_ns);
	put_number(j, "frame", f->reading->frame);
	put_packet(j, fact->packet);
}

static void write_line(struct facts *f)
{
	struct slice line;

	if (json_end(&f->json, &line))
		f->lost++;
	else
		output_write(f->out, line);
}

void facts_add(struct facts *f, const struct fact *fact)
{
	static const char *const names[] = {
		[FACT_CLIENT_HELLO] = "client_hello",
		[FACT_DNS] = "dns",
		[FACT_HTTP_REQUEST] = "http_request",
		[FACT_DHCP] = "dhcp",
		[FACT_SSDP] = "ssdp",
		[FACT_ARP] = "arp",
	};

	json_begin(&f->json);
	put_head(f, names[fact->kind], fact);
	switch (fact->kind) {
	case FACT_CLIENT_HELLO:
		put_hello(&f->json, fact);
		break;
	case FACT_DNS:
		put_dns(f, fact);
		break;
	case FACT_HTTP_REQUEST:
		put_http(&f->json, fact->http);
		break;
	case FACT_DHCP:
		put_dhcp(f, fact->dhcp);
		break;
	case FACT_SSDP:
		put_ssdp(&f->json, fact->ssdp);
		break;
	case FACT_ARP:
		put_arp(&f->json, fact->arp);
		break;
	}
	write_line(f);
}

static void put_flow(struct json *j, const struct record_flow *flow)
{
	put_string(j, "protocol", flow->protocol == IP_TCP ? "tcp" : "udp");
	put_addr(j, "local_ip", &flow->device);
	put_number(j, "local_port", flow->device_port);
	put_addr(j, "remote_ip", &flow->remote);
	put_number(j, "remote_port", flow->remote_port);
	put_number(j, "in_packets", flow->in_packets);
	put_number(j, "out_packets", flow->out_packets);
	put_number(j, "in_bytes", flow->in_bytes);
	put_number(j, "out_bytes", flow->out_bytes);
	if (flow->protocol != IP_TCP)
		return;
	put_number(j, "in_sequence_bytes", flow->in_sequence_bytes);
	put_number(j, "out_sequence_bytes", flow->out_sequence_bytes);
}

void facts_add_window(struct facts *f, const struct record_window *window)
{
	struct json *j = &f->json;

	for (size_t i = 0; i < window->flow_count; i++) {
		const struct record_flow *flow = &window->flows[i];

		if (flow->protocol != IP_TCP && flow->protocol != IP_UDP)
			continue;
		json_begin(j);
		put_string(j, "fact", "flow");
		put_time(f, flow->first_ns);
		put_number(j, "window",
			   f->reading->base_s + window->start_ns / NS_PER_S);
		put_mac(j, "device", &window->device);
		put_flow(j, flow);
		write_line(f);
	}
}
