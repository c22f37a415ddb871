// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_RECORD_SAMPLE_H
#define TESTS_RECORD_SAMPLE_H

#include "record/record.h"

/* A window with something of everything. */

#define SAMPLE_V4(...)                            \
	{                                         \
		.family = 4, .b = { __VA_ARGS__ } \
	}
#define SAMPLE_BYTES(text)                                \
	{                                                 \
		(const uint8_t *)(text), sizeof(text) - 1 \
	}

static const struct addr sample_addrs[] = {
	SAMPLE_V4(192, 168, 1, 20),
	{ .family = 6, .b = { 0xfe, 0x80, [15] = 0x20 } },
};

static const struct record_flow sample_flows[] = {
	{
		.protocol = 6,
		.device = SAMPLE_V4(192, 168, 1, 20),
		.remote = SAMPLE_V4(93, 184, 216, 34),
		.device_port = 40000,
		.remote_port = 443,
		.opener = RECORD_OPENER_DEVICE,
		.first_ns = 1500000001000000001,
		.last_ns = 1500000004999999999,
		.in_packets = 3,
		.out_packets = 4,
		.in_bytes = UINT64_C(5000000000),
		.out_bytes = 400,
		.in_sequence_bytes = UINT64_C(4900000000),
		.out_sequence_bytes = 100,
		.in_missed_bytes = 1448,
	},
	{
		.protocol = 47,
		.device = SAMPLE_V4(192, 168, 1, 20),
		.remote = SAMPLE_V4(192, 168, 1, 1),
		.local = true,
		.first_ns = 1500000002000000000,
		.last_ns = 1500000002000000000,
		.in_packets = 1,
		.in_bytes = 60,
	},
};

static const struct record_name sample_names[] = {
	{
		.time_ns = 1500000001500000000,
		.addr = SAMPLE_V4(93, 184, 216, 34),
		.name = SAMPLE_BYTES("example.org"),
		.source = RECORD_NAME_DNS,
		.resolver = SAMPLE_V4(192, 168, 1, 1),
	},
	{
		.time_ns = 1500000001600000000,
		.addr = SAMPLE_V4(93, 184, 216, 34),
		.name = SAMPLE_BYTES("www.example.org"),
		.source = RECORD_NAME_SNI,
		.device_port = 40000,
	},
};

static const struct record_question sample_questions[] = {
	{
		.time_ns = 1500000001400000000,
		.name = SAMPLE_BYTES("example.org"),
		.type = 28,
		.resolver = SAMPLE_V4(192, 168, 1, 1),
	},
};

static const struct record_hello sample_hellos[] = {
	{
		.time_ns = 1500000001600000000,
		.transport = RECORD_TRANSPORT_TCP,
		.device = SAMPLE_V4(192, 168, 1, 20),
		.remote = SAMPLE_V4(93, 184, 216, 34),
		.device_port = 40000,
		.remote_port = 443,
		.legacy_version = 0x0303,
		.highest_version = 0x0304,
		.grease_extensions = true,
		.ech = true,
		.ja3 = "e7d705a3286e19ea42f587b344ee6865",
		.ja4 = "t13d1516h2_8daaf6152771_e5627efa2ab1",
		.sni = SAMPLE_BYTES("www.example.org"),
		.cipher_suites = SAMPLE_BYTES("\x13\x01\x13\x02"),
		.compression_methods = SAMPLE_BYTES("\0"),
		.extensions = SAMPLE_BYTES("\x0a\x0a\0\0"),
		.supported_versions = SAMPLE_BYTES("\x03\x04"),
		.groups = SAMPLE_BYTES("\0\x1d"),
		.signature_algorithms = SAMPLE_BYTES("\x04\x03"),
		.alpn = SAMPLE_BYTES("\x02h2\x08http/1.1"),
	},
};

static const struct record_http sample_http[] = {
	{
		.time_ns = 1500000003000000000,
		.device = SAMPLE_V4(192, 168, 1, 20),
		.remote = SAMPLE_V4(93, 184, 216, 34),
		.device_port = 40001,
		.remote_port = 80,
		.method = SAMPLE_BYTES("GET"),
		.user_agent = SAMPLE_BYTES(""),
	},
};

static const struct record_clue sample_clues[] = {
	{
		.time_ns = 1500000000000000000,
		.kind = RECORD_CLUE_DHCP_HOSTNAME,
		.text = SAMPLE_BYTES("tv\x1b[2J\\"),
	},
};

static const struct record_server sample_servers[] = {
	{
		.time_ns = 1500000001700000000,
		.transport = RECORD_TRANSPORT_TCP,
		.device = SAMPLE_V4(192, 168, 1, 20),
		.remote = SAMPLE_V4(93, 184, 216, 34),
		.device_port = 40000,
		.remote_port = 443,
		.version = 0x0303,
		.cipher_suite = 0xc02f,
		.ja3s = "e7d705a3286e19ea42f587b344ee6865",
		.subject = SAMPLE_BYTES("CN=www.example.org"),
	},
};

static const struct record_service sample_services[] = {
	{
		.time_ns = 1500000003500000000,
		.protocol = 6,
		.device = SAMPLE_V4(192, 168, 1, 20),
		.remote = SAMPLE_V4(93, 184, 216, 34),
		.device_port = 40002,
		.remote_port = 1883,
		.application = RECORD_APPLICATION_MQTT,
		.credentials_in_clear = true,
		.detail = SAMPLE_BYTES("camera-7"),
	},
};

static const struct slice sample_domains[] = {
	SAMPLE_BYTES("smith.example"),
	SAMPLE_BYTES("lan"),
};

#define SAMPLE_COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct record_window sample_window = {
	.start_ns = 1500000000000000000,
	.device = { { 2, 0, 0, 0, 0, 0x20 } },
	.seen_as = { .family = 4, .b = { 203, 0, 113, 77 } },
	.answered_past = RECORD_PAST_IPV6,
	.domains = sample_domains,
	.domain_count = SAMPLE_COUNT(sample_domains),
	.addrs = sample_addrs,
	.addr_count = SAMPLE_COUNT(sample_addrs),
	.flows = sample_flows,
	.flow_count = SAMPLE_COUNT(sample_flows),
	.names = sample_names,
	.name_count = SAMPLE_COUNT(sample_names),
	.questions = sample_questions,
	.question_count = SAMPLE_COUNT(sample_questions),
	.hellos = sample_hellos,
	.hello_count = SAMPLE_COUNT(sample_hellos),
	.http = sample_http,
	.http_count = SAMPLE_COUNT(sample_http),
	.clues = sample_clues,
	.clue_count = SAMPLE_COUNT(sample_clues),
	.servers = sample_servers,
	.server_count = SAMPLE_COUNT(sample_servers),
	.services = sample_services,
	.service_count = SAMPLE_COUNT(sample_services),
	.forward_in_frames = 7,
	.forward_out_frames = 6,
};

#endif
