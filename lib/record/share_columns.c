// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/share_columns.h"

#define B(field) SHARE_BIT(field)

#define FLOW_FIELDS                                                   \
	(B(PROTOCOL) | B(REMOTE) | B(DEVICE_PORT) | B(FIRST_PACKET) | \
	 B(BYTES) | B(PACKETS) | B(OPENER))
#define NAME_FIELDS (B(ANSWERS) | B(SERVER_NAME) | B(HTTP_HOST))
#define HTTP_FIELDS (B(HTTP_HOST) | B(USER_AGENT))
#define CLUE_FIELDS \
	(B(DHCP) | B(MDNS) | B(SSDP) | B(UPNP) | B(TUYA) | B(USER_AGENT))

const struct share_table_columns share_tables[SHARE_TABLES] = {
	[SHARE_DEVICE] = { "device",
			   0,
			   3,
			   { { "id", 0 },
			     { "oui", B(OUI) },
			     { "watched", 0 } } },
	[SHARE_FLOW] = { "flow",
			 FLOW_FIELDS,
			 11,
			 { { "device", 0 },
			   { "protocol", B(PROTOCOL) },
			   { "remote", B(REMOTE) },
			   { "remote_port", B(REMOTE) },
			   { "device_port", B(DEVICE_PORT) },
			   { "first_ms", B(FIRST_PACKET) },
			   { "out_bytes", B(BYTES) },
			   { "out_packets", B(PACKETS) },
			   { "in_bytes", B(BYTES) },
			   { "in_packets", B(PACKETS) },
			   { "opener", B(OPENER) } } },
	[SHARE_QUESTION] = { "question",
			     B(QUESTIONS),
			     5,
			     { { "device", 0 },
			       { "time_ms", 0 },
			       { "name", 0 },
			       { "type", 0 },
			       { "resolver", B(RESOLVER) } } },
	[SHARE_NAME] = { "name",
			 NAME_FIELDS,
			 7,
			 { { "device", 0 },
			   { "time_ms", 0 },
			   { "address", 0 },
			   { "name", 0 },
			   { "source", 0 },
			   { "resolver", B(RESOLVER) },
			   { "device_port", B(DEVICE_PORT) } } },
	[SHARE_HTTP] = { "http",
			 HTTP_FIELDS,
			 6,
			 { { "device", 0 },
			   { "time_ms", 0 },
			   { "remote", B(REMOTE) },
			   { "remote_port", B(REMOTE) },
			   { "host", B(HTTP_HOST) },
			   { "user_agent", B(USER_AGENT) } } },
	[SHARE_HELLO] = { "hello",
			  B(CLIENT_HELLO),
			  21,
			  { { "device", 0 },
			    { "time_ms", 0 },
			    { "transport", 0 },
			    { "remote", B(REMOTE) },
			    { "remote_port", B(REMOTE) },
			    { "device_port", B(DEVICE_PORT) },
			    { "version", 0 },
			    { "supported_versions", 0 },
			    { "cipher_suites", 0 },
			    { "compression_methods", 0 },
			    { "extensions", 0 },
			    { "groups", 0 },
			    { "point_formats", 0 },
			    { "signature_algorithms", 0 },
			    { "alpn", 0 },
			    { "sni", B(SERVER_NAME) },
			    { "ech", 0 },
			    { "grease_cipher_suites", 0 },
			    { "grease_extensions", 0 },
			    { "ja3", 0 },
			    { "ja4", 0 } } },
	[SHARE_CLUE] = { "clue",
			 CLUE_FIELDS,
			 3,
			 { { "device", 0 }, { "kind", 0 }, { "text", 0 } } },
	[SHARE_LABEL] = { "label",
			  B(LABELS),
			  5,
			  { { "device", 0 },
			    { "name", 0 },
			    { "category", 0 },
			    { "vendor", 0 },
			    { "source", 0 } } },
	[SHARE_VIEW] = { "view",
			 B(INTERACTION),
			 2,
			 { { "view", 0 }, { "seconds", 0 } } },
};

const char *share_field_name(enum share_field field)
{
	static const char *const names[SHARE_FIELDS] = {
		[SHARE_FIELD_OUI] = "oui",
		[SHARE_FIELD_PROTOCOL] = "protocol",
		[SHARE_FIELD_REMOTE] = "remote",
		[SHARE_FIELD_DEVICE_PORT] = "device_port",
		[SHARE_FIELD_FIRST_PACKET] = "first_packet",
		[SHARE_FIELD_BYTES] = "bytes",
		[SHARE_FIELD_PACKETS] = "packets",
		[SHARE_FIELD_OPENER] = "opener",
		[SHARE_FIELD_QUESTIONS] = "questions",
		[SHARE_FIELD_ANSWERS] = "answers",
		[SHARE_FIELD_RESOLVER] = "resolver",
		[SHARE_FIELD_HTTP_HOST] = "http_host",
		[SHARE_FIELD_USER_AGENT] = "user_agent",
		[SHARE_FIELD_CLIENT_HELLO] = "client_hello",
		[SHARE_FIELD_SERVER_NAME] = "server_name",
		[SHARE_FIELD_DHCP] = "dhcp",
		[SHARE_FIELD_MDNS] = "mdns",
		[SHARE_FIELD_SSDP] = "ssdp",
		[SHARE_FIELD_UPNP] = "upnp",
		[SHARE_FIELD_TUYA] = "tuya",
		[SHARE_FIELD_LABELS] = "labels",
		[SHARE_FIELD_INTERACTION] = "interaction",
		[SHARE_FIELD_IDENTIFIER] = "identifier",
		[SHARE_FIELD_UTC_OFFSET] = "utc_offset",
		[SHARE_FIELD_CLIENT] = "client",
	};

	return names[field];
}

bool share_has_table(enum share_table table, uint32_t fields)
{
	return !share_tables[table].fields ||
	       (share_tables[table].fields & fields);
}

bool share_has_column(enum share_table table, size_t column, uint32_t fields)
{
	const struct share_column *c = &share_tables[table].columns[column];

	return share_has_table(table, fields) &&
	       (!c->fields || (c->fields & fields));
}
