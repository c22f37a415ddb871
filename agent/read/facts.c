// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/facts.h"

#include <stdio.h>

#include "base/cursor.h"
#include "decode/ja.h"

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

int facts_init(struct facts *f, struct output *out,
	       const struct reading *reading)
{
	*f = (struct facts){ .out = out,
			     .reading = reading,
			     .crypto = crypto_new() };
	line_init(&f->line, FACTS_LINE_MAX_BYTES);
	buf_init(&f->text, FACTS_LINE_MAX_BYTES);
	return f->crypto ? 0 : ERR_NOMEM;
}

void facts_done(struct facts *f)
{
	line_done(&f->line);
	buf_done(&f->text);
	crypto_free(f->crypto);
}

static void put_addr(struct line *l, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_BYTES];

	if (!a->family)
		return;
	line_key(l, key);
	line_string(l, addr_format(a, text));
}

static void put_mac(struct line *l, const char *key, const struct mac *mac)
{
	char text[MAC_TEXT_BYTES];

	line_key(l, key);
	line_string(l, mac_format(mac, text));
}

static void put_number(struct line *l, const char *key, uint64_t v)
{
	line_key(l, key);
	line_number(l, v);
}

static void put_string(struct line *l, const char *key, const char *text)
{
	line_key(l, key);
	line_string(l, text);
}

/* Absent text means no field. */
static void put_text(struct line *l, const char *key, struct slice text)
{
	if (!text.data)
		return;
	line_key(l, key);
	line_text(l, text);
}

static void put_list_u16(struct line *l, const char *key, struct slice list)
{
	if (!list.data)
		return;
	line_key(l, key);
	line_open(l, '[');
	for (size_t i = 0; i < tls_list_u16_count(list); i++)
		line_number(l, tls_list_u16(list, i));
	line_close(l, ']');
}

static void put_list_u8(struct line *l, const char *key, struct slice list)
{
	if (!list.data)
		return;
	line_key(l, key);
	line_open(l, '[');
	for (size_t i = 0; i < list.len; i++)
		line_number(l, list.data[i]);
	line_close(l, ']');
}

static void put_extensions(struct line *l, struct slice block)
{
	struct tls_extension e;
	size_t at = 0;

	if (!block.data)
		return;
	line_key(l, "extensions");
	line_open(l, '[');
	while (tls_next_extension(block, &at, &e) > 0)
		line_number(l, e.type);
	line_close(l, ']');
}

static void put_alpn(struct line *l, struct slice names)
{
	struct cursor c = cursor_slice(names);

	if (!names.data)
		return;
	line_key(l, "alpn");
	line_open(l, '[');
	while (cursor_left(&c)) {
		struct slice name = cursor_take(&c, cursor_u8(&c));

		if (cursor_ok(&c))
			line_text(l, name);
	}
	line_close(l, ']');
}

/* What has no fingerprint for want of memory is left out, as a line is. */
static void put_fingerprints(struct facts *f, const struct fact *fact)
{
	static const enum ja_transport transports[] = {
		[RECORD_TRANSPORT_TCP] = JA_TCP,
		[RECORD_TRANSPORT_QUIC] = JA_QUIC,
		[RECORD_TRANSPORT_DTLS] = JA_DTLS,
	};
	enum ja_transport transport = transports[fact->transport];
	char md5[JA3_TEXT_BYTES], text[JA4_TEXT_BYTES];

	if ((!fact->hello->broken &&
	     ja3(f->crypto, fact->hello, &f->text, md5)) ||
	    ja4(f->crypto, fact->hello, transport, &f->text, text)) {
		f->lost++;
		return;
	}
	if (!fact->hello->broken)
		put_string(&f->line, "ja3", md5);
	put_string(&f->line, "ja4", text);
	buf_clear(&f->text);
	ja4_raw(fact->hello, transport, JA_SORTED, &f->text);
	put_string(&f->line, "ja4_r", buf_text(&f->text));
	buf_clear(&f->text);
	ja4_raw(fact->hello, transport, JA_ORIGINAL, &f->text);
	put_string(&f->line, "ja4_ro", buf_text(&f->text));
}

static void put_server_hello(struct facts *f, const struct fact *fact)
{
	const struct tls_server_hello *h = fact->server_hello;
	char md5[JA3_TEXT_BYTES];

	put_string(&f->line, "transport", transport_names[fact->transport]);
	put_number(&f->line, "legacy_version", h->legacy_version);
	put_number(&f->line, "version", h->version);
	put_number(&f->line, "cipher_suite", h->cipher_suite);
	put_extensions(&f->line, h->extensions);
	put_alpn(&f->line, h->alpn);
	if (h->retry) {
		line_key(&f->line, "retry");
		line_bool(&f->line, true);
	}
	if (ja3s(f->crypto, h, &f->text, md5))
		f->lost++;
	else
		put_string(&f->line, "ja3s", md5);
	put_number(&f->line, "segments", fact->segments);
}

/* Of QUIC; absent when 0. */
static void put_version(struct line *l, const char *key, uint32_t version)
{
	char text[QUIC_VERSION_TEXT_BYTES];

	if (version)
		put_string(l, key, quic_version_text(version, text));
}

static void put_hello(struct line *l, const struct fact *fact)
{
	const struct tls_client_hello *h = fact->hello;

	put_string(l, "transport", transport_names[fact->transport]);
	put_text(l, "sni", h->sni);
	put_number(l, "legacy_version", h->legacy_version);
	put_list_u16(l, "supported_versions", h->supported_versions);
	put_list_u16(l, "cipher_suites", h->cipher_suites);
	put_list_u8(l, "compression_methods", h->compression_methods);
	put_extensions(l, h->extensions);
	put_list_u16(l, "groups", h->groups);
	put_list_u8(l, "point_formats", h->point_formats);
	put_list_u16(l, "signature_algorithms", h->signature_algorithms);
	put_alpn(l, h->alpn);
	line_key(l, "grease");
	line_bool(l, h->grease);
	if (h->ssl2) {
		line_key(l, "ssl2");
		line_bool(l, true);
	}
	if (h->broken) {
		line_key(l, "broken");
		line_bool(l, true);
	}
	put_number(l, "segments", fact->segments);
	put_version(l, "quic_version", fact->quic_version);
}

static void put_quic(struct line *l, const struct quic_packet *quic)
{
	static const char *const kinds[] = {
		[QUIC_VERSION_NEGOTIATION] = "version_negotiation",
		[QUIC_GOOGLE] = "google",
		[QUIC_OTHER] = "unknown",
	};
	struct cursor versions = cursor_slice(quic->versions);
	char text[QUIC_VERSION_TEXT_BYTES];

	put_string(l, "kind", kinds[quic->kind]);
	put_version(l, "version", quic->version);
	if (!quic->versions.data)
		return;
	line_key(l, "versions");
	line_open(l, '[');
	while (cursor_left(&versions))
		line_string(l, quic_version_text(cursor_u32(&versions), text));
	line_close(l, ']');
}

static void put_type(struct line *l, uint16_t type)
{
	char text[TYPE_TEXT_BYTES];

	for (size_t i = 0; i < sizeof(dns_types) / sizeof(dns_types[0]); i++) {
		if (dns_types[i].type == type) {
			put_string(l, "type", dns_types[i].name);
			return;
		}
	}
	(void)snprintf(text, sizeof(text), "TYPE%u", type);
	put_string(l, "type", text);
}

/* False when there is none, or none that can be read. */
static bool next_question(struct dns_walk *walk, struct dns_question *question,
			  char name[DNS_NAME_TEXT_BYTES])
{
	return dns_next_question(walk, question) > 0 &&
	       !dns_name_text(walk->message, question->name_at, name);
}

static void put_question(struct line *l, const struct dns_question *question,
			 const char *name)
{
	line_open(l, '{');
	put_string(l, "name", name);
	put_type(l, question->type);
	line_close(l, '}');
}

/* The first, and, as mDNS has them, the others. */
static void put_questions(struct line *l, struct dns_walk *walk)
{
	char name[DNS_NAME_TEXT_BYTES];
	struct dns_question question;

	if (!next_question(walk, &question, name))
		return;
	line_key(l, "question");
	put_question(l, &question, name);
	if (!next_question(walk, &question, name))
		return;
	line_key(l, "more_questions");
	line_open(l, '[');
	do
		put_question(l, &question, name);
	while (next_question(walk, &question, name));
	line_close(l, ']');
}

static void put_record(struct facts *f, const struct dns_message *message,
		       const struct dns_record *record)
{
	struct line *l = &f->line;
	char name[DNS_NAME_TEXT_BYTES];

	buf_clear(&f->text);
	if (dns_name_text(message, record->name_at, name) ||
	    dns_data_text(message, record, &f->text))
		return;
	line_open(l, '{');
	put_string(l, "name", name);
	put_type(l, record->type);
	put_string(l, "data", buf_text(&f->text));
	put_number(l, "ttl", record->ttl);
	if (record->section == DNS_SECTION_AUTHORITY)
		put_string(l, "section", "authority");
	else if (record->section == DNS_SECTION_ADDITIONAL)
		put_string(l, "section", "additional");
	line_close(l, '}');
}

static void put_dns(struct facts *f, const struct fact *fact)
{
	const struct dns_message *message = fact->dns;
	struct line *l = &f->line;
	struct dns_record record;
	struct dns_walk walk;

	put_string(l, "transport", fact->over_tcp ? "tcp" : "udp");
	line_key(l, "mdns");
	line_bool(l, fact->mdns);
	line_key(l, "response");
	line_bool(l, message->response);
	put_number(l, "rcode", message->rcode);
	if (message->opcode)
		put_number(l, "opcode", message->opcode);
	dns_walk_init(&walk, message);
	put_questions(l, &walk);
	line_key(l, "answers");
	line_open(l, '[');
	/* the records of an update are demands (RFC 2136), not answers */
	while (message->opcode != DNS_OPCODE_UPDATE &&
	       dns_next_record(&walk, &record) > 0)
		if (record.type != DNS_TYPE_OPT)
			put_record(f, message, &record);
	line_close(l, ']');
}

static void put_http(struct line *l, const struct http_request *http)
{
	put_text(l, "method", http->method);
	put_text(l, "host", http->host);
	put_text(l, "user_agent", http->user_agent);
}

static void put_hex(struct facts *f, const char *key, struct slice bytes)
{
	if (!bytes.data)
		return;
	buf_clear(&f->text);
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(&f->text, "%02x", bytes.data[i]);
	put_string(&f->line, key, buf_text(&f->text));
}

static void put_fqdn(struct line *l, const struct dhcp *dhcp)
{
	struct dns_message names = { .bytes = dhcp->fqdn };
	char name[DNS_NAME_TEXT_BYTES];

	if (!dhcp->fqdn.data)
		return;
	if (!dhcp->fqdn_is_wire)
		put_text(l, "fqdn", dhcp->fqdn);
	else if (!dns_name_text(&names, 0, name))
		put_string(l, "fqdn", name);
}

static void put_dhcp(struct facts *f, const struct dhcp *dhcp)
{
	struct line *l = &f->line;

	if (dhcp->message_type)
		put_number(l, "message_type", dhcp->message_type);
	put_mac(l, "client_mac", &dhcp->client_mac);
	put_text(l, "hostname", dhcp->hostname);
	put_text(l, "vendor_class", dhcp->vendor_class);
	put_list_u8(l, "parameter_list", dhcp->parameter_list);
	put_hex(f, "client_id", dhcp->client_id);
	put_fqdn(l, dhcp);
	put_addr(l, "requested_ip", &dhcp->requested_ip);
	put_addr(l, "server_id", &dhcp->server_id);
}

static void put_ssdp(struct line *l, const struct ssdp *ssdp)
{
	put_string(l, "kind", ssdp_kinds[ssdp->kind]);
	put_text(l, "st", ssdp->st);
	put_text(l, "nt", ssdp->nt);
	put_text(l, "nts", ssdp->nts);
	put_text(l, "usn", ssdp->usn);
	put_text(l, "server", ssdp->server);
	put_text(l, "location", ssdp->location);
}

static void put_arp(struct line *l, const struct arp *arp)
{
	put_number(l, "op", arp->op);
	put_mac(l, "sender_mac", &arp->sender_mac);
	put_addr(l, "sender_ip", &arp->sender_ip);
	put_mac(l, "target_mac", &arp->target_mac);
	put_addr(l, "target_ip", &arp->target_ip);
}

static void put_packet(struct line *l, const struct packet *packet)
{
	put_addr(l, "src", &packet->src);
	if (packet->layer == PACKET_LAYER_TRANSPORT)
		put_number(l, "sport", packet->sport);
	put_addr(l, "dst", &packet->dst);
	if (packet->layer == PACKET_LAYER_TRANSPORT)
		put_number(l, "dport", packet->dport);
	if (packet->has_src_mac)
		put_mac(l, "eth_src", &packet->eth_src);
	if (packet->has_dst_mac)
		put_mac(l, "eth_dst", &packet->eth_dst);
}

static void put_time(struct facts *f, uint64_t time_ns)
{
	line_key(&f->line, "ts");
	line_time(&f->line, f->reading->base_s + time_ns / NS_PER_S,
		  time_ns % NS_PER_S);
}

static void put_head(struct facts *f, const char *name, const struct fact *fact)
{
	struct line *l = &f->line;

	put_string(l, "fact", name);
	put_time(f, fact->time_ns);
	put_number(l, "frame", fact->frame);
	put_packet(l, fact->packet);
}

static void write_line(struct facts *f)
{
	struct slice line;

	if (line_end(&f->line, &line))
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
		[FACT_QUIC] = "quic",
		[FACT_SERVER_HELLO] = "server_hello",
	};

	line_begin(&f->line);
	put_head(f, names[fact->kind], fact);
	switch (fact->kind) {
	case FACT_CLIENT_HELLO:
		put_hello(&f->line, fact);
		put_fingerprints(f, fact);
		break;
	case FACT_DNS:
		put_dns(f, fact);
		break;
	case FACT_HTTP_REQUEST:
		put_http(&f->line, fact->http);
		break;
	case FACT_DHCP:
		put_dhcp(f, fact->dhcp);
		break;
	case FACT_SSDP:
		put_ssdp(&f->line, fact->ssdp);
		break;
	case FACT_ARP:
		put_arp(&f->line, fact->arp);
		break;
	case FACT_QUIC:
		put_quic(&f->line, fact->quic);
		break;
	case FACT_SERVER_HELLO:
		put_server_hello(f, fact);
		break;
	}
	write_line(f);
}

static void put_protocol(struct line *l, uint8_t protocol)
{
	put_string(l, "protocol", protocol == IP_TCP ? "tcp" : "udp");
}

static void put_flow(struct line *l, const struct record_flow *flow)
{
	put_protocol(l, flow->protocol);
	put_addr(l, "local_ip", &flow->device);
	put_number(l, "local_port", flow->device_port);
	put_addr(l, "remote_ip", &flow->remote);
	put_number(l, "remote_port", flow->remote_port);
	put_number(l, "in_packets", flow->in_packets);
	put_number(l, "out_packets", flow->out_packets);
	put_number(l, "in_bytes", flow->in_bytes);
	put_number(l, "out_bytes", flow->out_bytes);
	if (flow->protocol != IP_TCP)
		return;
	put_number(l, "in_sequence_bytes", flow->in_sequence_bytes);
	put_number(l, "out_sequence_bytes", flow->out_sequence_bytes);
}

static void put_service(struct line *l, const struct record_service *service)
{
	put_string(l, "application",
		   record_application_name(service->application));
	put_protocol(l, service->protocol);
	put_addr(l, "local_ip", &service->device);
	put_number(l, "local_port", service->device_port);
	put_addr(l, "remote_ip", &service->remote);
	put_number(l, "remote_port", service->remote_port);
	if (service->credentials_in_clear) {
		line_key(l, "credentials_in_clear");
		line_bool(l, true);
	}
	put_text(l, "detail", service->detail);
}

static void begin_of_window(struct facts *f, const char *name,
			    const struct record_window *window,
			    uint64_t time_ns)
{
	line_begin(&f->line);
	put_string(&f->line, "fact", name);
	put_time(f, time_ns);
	put_number(&f->line, "window",
		   f->reading->base_s + window->start_ns / NS_PER_S);
	put_mac(&f->line, "device", &window->device);
}

void facts_add_window(struct facts *f, const struct record_window *window)
{
	struct line *l = &f->line;

	for (size_t i = 0; i < window->flow_count; i++) {
		const struct record_flow *flow = &window->flows[i];

		if (flow->protocol != IP_TCP && flow->protocol != IP_UDP)
			continue;
		begin_of_window(f, "flow", window, flow->first_ns);
		put_flow(l, flow);
		write_line(f);
	}
	for (size_t i = 0; i < window->service_count; i++) {
		const struct record_service *service = &window->services[i];

		begin_of_window(f, "service", window, service->time_ns);
		put_service(l, service);
		write_line(f);
	}
}

void facts_add_counters(struct facts *f, const struct record_counters *counters)
{
	struct line *l = &f->line;

	line_begin(l);
	put_string(l, "fact", "counters");
	for (size_t i = 0; i < record_counter_field_count; i++) {
		const struct record_counter_field *field =
			&record_counter_fields[i];
		uint64_t value;

		memcpy(&value, (const uint8_t *)counters + field->offset,
		       sizeof(value));
		put_number(l, field->name, value);
	}
	write_line(f);
}
