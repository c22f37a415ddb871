// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/record_fields.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *const openers[] = {
	[RECORD_OPENER_UNKNOWN] = "unknown",
	[RECORD_OPENER_DEVICE] = "device",
	[RECORD_OPENER_REMOTE] = "remote",
};

static const char *const sources[] = {
	[RECORD_NAME_DNS] = "dns",
	[RECORD_NAME_SNI] = "sni",
	[RECORD_NAME_HTTP_HOST] = "http-host",
};

static const char *const transports[] = {
	[RECORD_TRANSPORT_TCP] = "tcp",
	[RECORD_TRANSPORT_QUIC] = "quic",
	[RECORD_TRANSPORT_DTLS] = "dtls",
};

#define FIELD(type, member, kind)                                        \
	{                                                                \
#member, kind, offsetof(struct type, member), NULL, 0, 0 \
	}
#define ENUM(type, member, values)                                           \
	{                                                                    \
#member, RECORD_ENUM, offsetof(struct type, member), values, \
			COUNT(values), 0                                     \
	}
#define TOKEN(type, member)                                                    \
	{                                                                      \
#member, RECORD_TOKEN, offsetof(struct type, member), NULL, 0, \
			sizeof(((struct type *)NULL)->member)                  \
	}

static const struct record_field flow_fields[] = {
	FIELD(record_flow, protocol, RECORD_PROTOCOL),
	FIELD(record_flow, device, RECORD_ADDR),
	FIELD(record_flow, device_port, RECORD_NUMBER16),
	FIELD(record_flow, remote, RECORD_ADDR),
	FIELD(record_flow, remote_port, RECORD_NUMBER16),
	FIELD(record_flow, local, RECORD_FLAG),
	ENUM(record_flow, opener, openers),
	FIELD(record_flow, first_ns, RECORD_TIME),
	FIELD(record_flow, last_ns, RECORD_TIME),
	FIELD(record_flow, in_packets, RECORD_NUMBER64),
	FIELD(record_flow, out_packets, RECORD_NUMBER64),
	FIELD(record_flow, in_bytes, RECORD_NUMBER64),
	FIELD(record_flow, out_bytes, RECORD_NUMBER64),
	FIELD(record_flow, in_sequence_bytes, RECORD_NUMBER64),
	FIELD(record_flow, out_sequence_bytes, RECORD_NUMBER64),
	FIELD(record_flow, in_missed_bytes, RECORD_NUMBER64),
	FIELD(record_flow, out_missed_bytes, RECORD_NUMBER64),
};

static const struct record_field name_fields[] = {
	FIELD(record_name, time_ns, RECORD_TIME),
	FIELD(record_name, addr, RECORD_ADDR),
	FIELD(record_name, name, RECORD_TEXT),
	ENUM(record_name, source, sources),
	FIELD(record_name, resolver, RECORD_ADDR),
	FIELD(record_name, device_port, RECORD_NUMBER16),
};

static const struct record_field question_fields[] = {
	FIELD(record_question, time_ns, RECORD_TIME),
	FIELD(record_question, name, RECORD_TEXT),
	FIELD(record_question, type, RECORD_NUMBER16),
	FIELD(record_question, resolver, RECORD_ADDR),
};

static const struct record_field hello_fields[] = {
	FIELD(record_hello, time_ns, RECORD_TIME),
	ENUM(record_hello, transport, transports),
	FIELD(record_hello, device, RECORD_ADDR),
	FIELD(record_hello, device_port, RECORD_NUMBER16),
	FIELD(record_hello, remote, RECORD_ADDR),
	FIELD(record_hello, remote_port, RECORD_NUMBER16),
	FIELD(record_hello, legacy_version, RECORD_NUMBER16),
	FIELD(record_hello, highest_version, RECORD_NUMBER16),
	FIELD(record_hello, grease_cipher_suites, RECORD_FLAG),
	FIELD(record_hello, grease_extensions, RECORD_FLAG),
	FIELD(record_hello, ech, RECORD_FLAG),
	TOKEN(record_hello, ja3),
	TOKEN(record_hello, ja4),
	FIELD(record_hello, sni, RECORD_TEXT),
	FIELD(record_hello, cipher_suites, RECORD_LIST16),
	FIELD(record_hello, compression_methods, RECORD_LIST8),
	FIELD(record_hello, extensions, RECORD_BYTES),
	FIELD(record_hello, supported_versions, RECORD_LIST16),
	FIELD(record_hello, groups, RECORD_LIST16),
	FIELD(record_hello, point_formats, RECORD_LIST8),
	FIELD(record_hello, signature_algorithms, RECORD_LIST16),
	FIELD(record_hello, alpn, RECORD_NAMES),
};

static const struct record_field http_fields[] = {
	FIELD(record_http, time_ns, RECORD_TIME),
	FIELD(record_http, device, RECORD_ADDR),
	FIELD(record_http, device_port, RECORD_NUMBER16),
	FIELD(record_http, remote, RECORD_ADDR),
	FIELD(record_http, remote_port, RECORD_NUMBER16),
	FIELD(record_http, method, RECORD_TEXT),
	FIELD(record_http, host, RECORD_TEXT),
	FIELD(record_http, user_agent, RECORD_TEXT),
};

static const struct record_field clue_fields[] = {
	FIELD(record_clue, time_ns, RECORD_TIME),
	ENUM(record_clue, kind, record_clue_names),
	FIELD(record_clue, text, RECORD_TEXT),
};

static const struct record_field server_fields[] = {
	FIELD(record_server, time_ns, RECORD_TIME),
	ENUM(record_server, transport, transports),
	FIELD(record_server, device, RECORD_ADDR),
	FIELD(record_server, device_port, RECORD_NUMBER16),
	FIELD(record_server, remote, RECORD_ADDR),
	FIELD(record_server, remote_port, RECORD_NUMBER16),
	FIELD(record_server, version, RECORD_NUMBER16),
	FIELD(record_server, cipher_suite, RECORD_NUMBER16),
	TOKEN(record_server, ja3s),
	FIELD(record_server, subject, RECORD_TEXT),
};

static const struct record_field service_fields[] = {
	FIELD(record_service, time_ns, RECORD_TIME),
	FIELD(record_service, protocol, RECORD_PROTOCOL),
	FIELD(record_service, device, RECORD_ADDR),
	FIELD(record_service, device_port, RECORD_NUMBER16),
	FIELD(record_service, remote, RECORD_ADDR),
	FIELD(record_service, remote_port, RECORD_NUMBER16),
	ENUM(record_service, application, record_application_names),
	FIELD(record_service, credentials_in_clear, RECORD_FLAG),
	FIELD(record_service, detail, RECORD_TEXT),
};

#define TYPE(list, count, record, fields)                              \
	{                                                              \
#list, sizeof(struct record),                          \
			offsetof(struct record_window, list),          \
			offsetof(struct record_window, count), fields, \
			COUNT(fields)                                  \
	}

const struct record_type record_types[RECORD_TYPES] = {
	[RECORD_PART_FLOWS] = TYPE(flows, flow_count, record_flow, flow_fields),
	[RECORD_PART_NAMES] = TYPE(names, name_count, record_name, name_fields),
	[RECORD_PART_QUESTIONS] = TYPE(questions, question_count,
				       record_question, question_fields),
	[RECORD_PART_HELLOS] =
		TYPE(hellos, hello_count, record_hello, hello_fields),
	[RECORD_PART_HTTP] = TYPE(http, http_count, record_http, http_fields),
	[RECORD_PART_CLUES] = TYPE(clues, clue_count, record_clue, clue_fields),
	[RECORD_PART_SERVERS] =
		TYPE(servers, server_count, record_server, server_fields),
	[RECORD_PART_SERVICES] =
		TYPE(services, service_count, record_service, service_fields),
};

size_t record_item_count(const struct record_window *window,
			 const struct record_type *type)
{
	return *(const size_t *)(const void *)((const uint8_t *)window +
					       type->count_offset);
}

const void *record_item(const struct record_window *window,
			const struct record_type *type, size_t i)
{
	const uint8_t *items;

	memcpy(&items, (const uint8_t *)window + type->items_offset,
	       sizeof(items));
	return items + i * type->size;
}

void record_set_items(struct record_window *window,
		      const struct record_type *type, const void *items,
		      size_t count)
{
	uint8_t *fields = (uint8_t *)window;

	memcpy(fields + type->items_offset, &items, sizeof(items));
	memcpy(fields + type->count_offset, &count, sizeof(count));
}
