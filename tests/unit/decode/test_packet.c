// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/packet.h"

#include "bytes.h"

/* Frames made by an independent program. The addresses are those of RFC 5737
 * and RFC 3849; the payload of all UDP ones is "abc". */
#define ETHERNET "02000000000102000000000a"
#define IPV4_UDP "4500001f0001000040118e88c000020ac6336407"
#define UDP_ABC	 "13880035000b3b73616263"
#define IPV6_ADDRS \
	"20010db800000000000000000000001020010db8000000000000000000000053"
#define IPV6_UDP "60000000000b1140" IPV6_ADDRS

static const char tcp_frame[] =
	ETHERNET "08004500003912340000"
		 "4006fc46c000020ac6336407c00001bb1122334455667788801820005385"
		 "00000101080a000000010000000268656c6c6f";
static const char padded_frame[] =
	ETHERNET "0800" IPV4_UDP UDP_ABC "000000000000000000000000000000";
static const char qinq_frame[] = ETHERNET "88a8006481000007"
					  "0800" IPV4_UDP UDP_ABC;
static const char snap_frame[] = "ffffffffffff02000000000a0027aaaa03000000"
				 "0800" IPV4_UDP UDP_ABC;
static const char options_packet[] =
	"4600002300010000401143a4c000020ae000001694040000"
	"13880035000b8597616263";
static const char extensions_packet[] =
	"60000000002b0007" IPV6_ADDRS "3c01010c0000000000000000000000002c00"
	"01040000000011000001abcdef011388003507d0c41e616263";
static const char later_fragment_packet[] =
	"60000000000c2c07" IPV6_ADDRS "11000050abcdef016d6f7265";

static int decode(enum packet_link link, const char *hex, struct packet *out)
{
	static struct slice bytes;
	int fault = 1;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_hex(hex);
	assert_int_equal(packet_decode(link, bytes, (uint32_t)bytes.len, out,
				       &fault),
			 0);
	return fault;
}

static void assert_address(const struct addr *a, const char *text)
{
	char buffer[ADDR_TEXT_BYTES];

	assert_string_equal(addr_format(a, buffer), text);
}

static void a_tcp_segment_in_ethernet_is_read_in_every_field(void **state)
{
	static const struct mac src = { { 2, 0, 0, 0, 0, 10 } };
	static const struct mac dst = { { 2, 0, 0, 0, 0, 1 } };
	struct packet p;

	(void)state;
	assert_int_equal(decode(PACKET_LINK_ETHERNET, tcp_frame, &p), 0);
	assert_int_equal(p.layer, PACKET_LAYER_TRANSPORT);
	assert_true(p.has_src_mac && mac_equal(&p.eth_src, &src));
	assert_true(p.has_dst_mac && mac_equal(&p.eth_dst, &dst));
	assert_int_equal(p.ethertype, PACKET_ETHERTYPE_IPV4);
	assert_int_equal(p.vlan, 0);
	assert_int_equal(p.frame_bytes, 71);
	assert_address(&p.src, "192.0.2.10");
	assert_address(&p.dst, "198.51.100.7");
	assert_int_equal(p.ip_protocol, PACKET_PROTOCOL_TCP);
	assert_int_equal(p.ttl, 64);
	assert_int_equal(p.ip_bytes, 57);
	assert_int_equal(p.ip_id, 0x1234);
	assert_false(p.first_fragment);
	assert_int_equal(p.sport, 49152);
	assert_int_equal(p.dport, 443);
	assert_int_equal(p.tcp_flags, PACKET_TCP_PSH | PACKET_TCP_ACK);
	assert_int_equal(p.tcp_seq, 0x11223344);
	assert_int_equal(p.tcp_ack, 0x55667788);
	assert_int_equal(p.payload_bytes, 5);
	assert_view(p.payload, "hello");
}

static void one_datagram_is_found_behind_every_link_header(void **state)
{
	static const char cooked[] = "0000000100060200"
				     "0000000a00000800" IPV4_UDP UDP_ABC;
	static const struct {
		enum packet_link link;
		const char *hex;
		int vlan;
		bool has_src_mac, has_dst_mac;
	} cases[] = {
		{ PACKET_LINK_ETHERNET, padded_frame, 0, true, true },
		{ PACKET_LINK_ETHERNET, qinq_frame, 100, true, true },
		{ PACKET_LINK_ETHERNET, snap_frame, 0, true, true },
		{ PACKET_LINK_SLL, cooked, 0, true, false },
		{ PACKET_LINK_SLL,
		  "0000000100060200"
		  "0000000a00008100"
		  "00070800" IPV4_UDP UDP_ABC,
		  7, true, false },
		{ PACKET_LINK_SLL,
		  "00000304000000000000000000000800" IPV4_UDP UDP_ABC, 0, false,
		  false },
		{ PACKET_LINK_SLL2,
		  "08000000000000020001000602000000000a0000" IPV4_UDP UDP_ABC,
		  0, true, false },
		{ PACKET_LINK_NULL, "02000000" IPV4_UDP UDP_ABC, 0, false,
		  false },
		{ PACKET_LINK_NULL, "00000002" IPV4_UDP UDP_ABC, 0, false,
		  false },
		{ PACKET_LINK_NULL, "1e000000" IPV6_UDP UDP_ABC, 0, false,
		  false },
		{ PACKET_LINK_LOOP, "00000002" IPV4_UDP UDP_ABC, 0, false,
		  false },
		{ PACKET_LINK_LOOP, "00000018" IPV6_UDP UDP_ABC, 0, false,
		  false },
		{ PACKET_LINK_RAW, IPV4_UDP UDP_ABC, 0, false, false },
		{ PACKET_LINK_RAW, IPV6_UDP UDP_ABC, 0, false, false },
		{ PACKET_LINK_RAW_DLT, IPV4_UDP UDP_ABC, 0, false, false },
		{ PACKET_LINK_RAW_OPENBSD, IPV4_UDP UDP_ABC, 0, false, false },
		{ PACKET_LINK_IPV4, IPV4_UDP UDP_ABC, 0, false, false },
		{ PACKET_LINK_IPV6, IPV6_UDP UDP_ABC, 0, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct packet p;

		assert_int_equal(decode(cases[i].link, cases[i].hex, &p), 0);
		assert_int_equal(p.layer, PACKET_LAYER_TRANSPORT);
		assert_int_equal(p.vlan, cases[i].vlan);
		assert_int_equal(p.has_src_mac, cases[i].has_src_mac);
		assert_int_equal(p.has_dst_mac, cases[i].has_dst_mac);
		if (p.has_src_mac)
			assert_int_equal(p.eth_src.b[5], 10);
		assert_address(&p.src, p.src.family == 4 ? "192.0.2.10"
							 : "2001:db8::10");
		assert_int_equal(p.sport, 5000);
		assert_int_equal(p.dport, 53);
		assert_int_equal(p.payload_bytes, 3);
		assert_view(p.payload, "abc");
	}
}

static void padding_is_not_payload(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(decode(PACKET_LINK_ETHERNET, padded_frame, &p), 0);
	assert_int_equal(p.frame_bytes, 60);
	assert_int_equal(p.ip_bytes, 31);
	assert_view(p.payload, "abc");
}

static void ipv4_options_are_passed_over(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(decode(PACKET_LINK_RAW, options_packet, &p), 0);
	assert_int_equal(p.ip_bytes, 35);
	assert_int_equal(p.sport, 5000);
	assert_view(p.payload, "abc");
}

static void ipv6_extension_headers_are_passed_over(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(decode(PACKET_LINK_RAW, extensions_packet, &p), 0);
	assert_int_equal(p.layer, PACKET_LAYER_TRANSPORT);
	assert_int_equal(p.ip_protocol, PACKET_PROTOCOL_UDP);
	assert_int_equal(p.ttl, 7);
	assert_true(p.first_fragment);
	assert_int_equal(p.ip_id, 0xabcdef01);
	assert_int_equal(p.ip_bytes, 83);
	assert_int_equal(p.payload_bytes, 3);
	assert_view(p.payload, "abc");
}

static void
more_extension_headers_than_there_are_kinds_end_the_walk(void **state)
{
	char hex[2 * (40 + 16 * 8) + 1] = "6000000000803c40" IPV6_ADDRS;
	struct packet p;

	(void)state;
	for (int i = 0; i < 16; i++)
		memcpy(hex + 80 + 16 * i, "3c00010400000000", 16);
	assert_int_equal(decode(PACKET_LINK_RAW, hex, &p), ERR_MALFORMED);
	assert_int_equal(p.layer, PACKET_LAYER_NETWORK);
	assert_int_equal(p.payload.len, 0);
}

static void a_later_fragment_has_no_ports(void **state)
{
	static const char *const packets[] = {
		later_fragment_packet,
		"4500001f0001000540118e88c000020ac6336407" UDP_ABC,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(packets); i++) {
		struct packet p;

		assert_int_equal(decode(PACKET_LINK_RAW, packets[i], &p), 0);
		assert_int_equal(p.layer, PACKET_LAYER_FRAGMENT);
		assert_int_equal(p.ip_protocol, PACKET_PROTOCOL_UDP);
		assert_int_equal(p.sport, 0);
		assert_false(p.first_fragment);
	}
}

static void a_first_ipv4_fragment_is_decoded_and_says_so(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(
		decode(PACKET_LINK_RAW,
		       "4500001f0001200040118e88c000020ac6336407138800350bb8"
		       "3b73616263",
		       &p),
		0);
	assert_true(p.first_fragment);
	assert_int_equal(p.sport, 5000);
	/* the datagram is 3,000 bytes long, this part of it is not */
	assert_int_equal(p.payload_bytes, 3);
}

static void a_total_length_of_zero_means_to_the_end_of_the_frame(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(decode(PACKET_LINK_RAW,
				"450000000001000040118e88c000020ac6336407"
				"1388003500000000616263",
				&p),
			 0);
	assert_int_equal(p.ip_bytes, 31);
	assert_view(p.payload, "abc");
}

static void a_jumbo_payload_must_be_longer_than_a_short_one(void **state)
{
	static const struct {
		const char *length;
		int fault;
	} cases[] = { { "00010000", 0 }, { "0000ffff", ERR_MALFORMED } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char hex[256] = "6000000000000040" IPV6_ADDRS "1100c204";
		struct packet p;

		memcpy(hex + strlen(hex), cases[i].length, 9);
		memcpy(hex + strlen(hex), UDP_ABC, sizeof(UDP_ABC));
		assert_int_equal(decode(PACKET_LINK_RAW, hex, &p),
				 cases[i].fault);
		assert_int_equal(p.layer, cases[i].fault
						  ? PACKET_LAYER_NETWORK
						  : PACKET_LAYER_TRANSPORT);
	}
}

static void a_forged_length_does_not_pass_the_end_of_the_frame(void **state)
{
	static const char *const packets[] = {
		"4500ffff0001000040118e88c000020ac6336407"
		"13880035fff00000616263",
		"450000200001000040118e88c000020ac6336407"
		"13880035000c0000616263",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(packets); i++) {
		struct packet p;

		assert_int_equal(decode(PACKET_LINK_RAW, packets[i], &p), 0);
		assert_int_equal(p.ip_bytes, 31);
		assert_int_equal(p.payload_bytes, 3);
	}
}

static void what_breaks_the_rules_ends_the_walk_at_its_layer(void **state)
{
	static const struct {
		const char *hex;
		enum packet_layer layer;
	} cases[] = {
		/* version 5, header length 4, total length below it */
		{ "5500001f0001000040118e88c000020ac6336407" UDP_ABC,
		  PACKET_LAYER_LINK },
		{ "4400001f0001000040118e88c000020ac6336407" UDP_ABC,
		  PACKET_LAYER_LINK },
		{ "450000130001000040118e88c000020ac6336407" UDP_ABC,
		  PACKET_LAYER_LINK },
		/* UDP length 7 */
		{ IPV4_UDP "1388003500073b73616263", PACKET_LAYER_NETWORK },
		/* TCP data offsets of 4 words and of 15 */
		{ "450000280001000040060000c000020ac6336407"
		  "0001000200000003000000044010000000000000",
		  PACKET_LAYER_NETWORK },
		{ "450000280001000040060000c000020ac6336407"
		  "000100020000000300000004f010000000000000",
		  PACKET_LAYER_NETWORK },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct packet p;

		assert_int_equal(decode(PACKET_LINK_IPV4, cases[i].hex, &p),
				 ERR_MALFORMED);
		assert_int_equal(p.layer, cases[i].layer);
		assert_int_equal(p.sport, 0);
	}
}

static void
what_is_cut_by_the_capture_keeps_its_length_on_the_wire(void **state)
{
	struct slice whole = bytes_of_hex(tcp_frame);
	struct slice cut = bytes_copy(whole.data, 14 + 20 + 24);
	struct packet p;
	int fault;

	(void)state;
	assert_int_equal(
		packet_decode(PACKET_LINK_ETHERNET, cut, 71, &p, &fault), 0);
	assert_int_equal(fault, 0);
	assert_int_equal(p.layer, PACKET_LAYER_TRANSPORT);
	assert_int_equal(p.frame_bytes, 71);
	assert_int_equal(p.payload_bytes, 5);
	assert_int_equal(p.payload.len, 0);
	assert_int_equal(p.dport, 443);
	bytes_free(cut);
	bytes_free(whole);
}

static void arp_and_icmp_messages_are_handed_on_whole(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(
		decode(PACKET_LINK_ETHERNET, ETHERNET "0806616263", &p), 0);
	assert_int_equal(p.layer, PACKET_LAYER_ARP);
	assert_view(p.payload, "abc");
	assert_int_equal(decode(PACKET_LINK_RAW,
				"4500001c0001000040010000c000020ac6336407"
				"3333333333333333",
				&p),
			 0);
	assert_int_equal(p.layer, PACKET_LAYER_ICMP);
	assert_view(p.payload, "33333333");
	/* ICMP for IPv6 inside IPv4 is no ICMP */
	assert_int_equal(decode(PACKET_LINK_RAW,
				"4500001c00010000403a0000c000020ac6336407"
				"3333333333333333",
				&p),
			 0);
	assert_int_equal(p.layer, PACKET_LAYER_NETWORK);
}

static void a_frame_without_a_type_ends_at_its_link(void **state)
{
	static const struct {
		enum packet_link link;
		const char *hex;
		int fault;
	} cases[] = {
		/* spanning tree in 802.3, an unknown type, an STP of Linux */
		{ PACKET_LINK_ETHERNET, ETHERNET "0026424203000000000000000000",
		  0 },
		{ PACKET_LINK_ETHERNET, ETHERNET "88cc0000", 0 },
		{ PACKET_LINK_SLL, "00000001000602000000000a00000004424203",
		  0 },
		/* a tag that is cut, and a tower of them */
		{ PACKET_LINK_ETHERNET, ETHERNET "81000007", ERR_TRUNCATED },
		{ PACKET_LINK_ETHERNET,
		  ETHERNET "81000007810000078100000781000007"
			   "810000070800",
		  ERR_MALFORMED },
		/* neither IPv4 nor IPv6 */
		{ PACKET_LINK_RAW, "7500", ERR_MALFORMED },
		{ PACKET_LINK_NULL, "07000000ffff", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct packet p;

		assert_int_equal(decode(cases[i].link, cases[i].hex, &p),
				 cases[i].fault);
		assert_int_equal(p.layer, PACKET_LAYER_LINK);
		assert_int_equal(p.src.family, 0);
		assert_int_equal(p.payload_bytes, 0);
	}
}

static void extension_headers_are_as_long_as_they_say(void **state)
{
	static const struct {
		const char *head, *headers;
		int fault;
	} cases[] = {
		/* authentication: in words of four bytes, all but two */
		{ "6000000000233340",
		  "1104000000000001"
		  "00000002000000000000000000000000",
		  0 },
		/* destination options of 16 bytes, of which 8 are there */
		{ "6000000000133c40", "11ff010400000000", ERR_MALFORMED },
		/* a jumbo payload behind padding, none, a broken one */
		{ "6000000000000040",
		  "110100010000c20400010000"
		  "00000000",
		  0 },
		{ "6000000000000040", "1100010400000000", 0 },
		{ "6000000000000040", "1100c2ff00010000", ERR_MALFORMED },
		{ "6000000000000040",
		  "11000105"
		  "00000000",
		  ERR_MALFORMED },
		{ "6000000000000040", "11ff010400000000", ERR_TRUNCATED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char hex[512];
		struct packet p;

		snprintf(hex, sizeof(hex), "%s" IPV6_ADDRS "%s" UDP_ABC,
			 cases[i].head, cases[i].headers);
		assert_int_equal(decode(PACKET_LINK_RAW, hex, &p),
				 cases[i].fault);
		assert_address(&p.dst, "2001:db8::53");
		if (cases[i].fault) {
			assert_int_equal(p.layer, PACKET_LAYER_NETWORK);
			continue;
		}
		assert_int_equal(p.layer, PACKET_LAYER_TRANSPORT);
		assert_view(p.payload, "abc");
	}
}

static void a_wire_length_below_what_is_there_is_not_believed(void **state)
{
	struct slice bytes = bytes_of_hex(padded_frame);
	struct packet p;
	int fault;

	(void)state;
	assert_int_equal(
		packet_decode(PACKET_LINK_ETHERNET, bytes, 20, &p, &fault), 0);
	assert_int_equal(fault, 0);
	assert_int_equal(p.frame_bytes, 60);
	assert_view(p.payload, "abc");
	bytes_free(bytes);
}

static void an_unknown_link_is_refused_and_a_cut_link_header_too(void **state)
{
	struct slice bytes = bytes_of_hex(ETHERNET "08");
	struct packet p;
	int fault;

	(void)state;
	assert_int_equal(packet_decode((enum packet_link)9999, bytes, 13, &p,
				       &fault),
			 ERR_UNSUPPORTED);
	assert_int_equal(packet_decode(PACKET_LINK_ETHERNET, bytes, 13, &p,
				       &fault),
			 ERR_TRUNCATED);
	bytes_free(bytes);
}

/* Every prefix tells less, and nothing else, than the whole frame. */
static void assert_tells_no_more(const struct packet *p,
				 const struct packet *whole)
{
	assert_true(p->layer <= whole->layer);
	if (p->layer >= PACKET_LAYER_NETWORK) {
		assert_true(addr_equal(&p->src, &whole->src));
		assert_true(addr_equal(&p->dst, &whole->dst));
		assert_int_equal(p->ip_bytes, whole->ip_bytes);
	}
	if (p->layer == PACKET_LAYER_TRANSPORT) {
		assert_int_equal(p->sport, whole->sport);
		assert_int_equal(p->dport, whole->dport);
		assert_int_equal(p->payload_bytes, whole->payload_bytes);
		assert_true(p->payload.len <= whole->payload.len);
		assert_memory_equal(p->payload.data, whole->payload.data,
				    p->payload.len);
	}
}

static void every_prefix_of_a_frame_tells_no_false_fact(void **state)
{
	static const struct {
		enum packet_link link;
		const char *hex;
	} frames[] = {
		{ PACKET_LINK_ETHERNET, tcp_frame },
		{ PACKET_LINK_ETHERNET, padded_frame },
		{ PACKET_LINK_ETHERNET, qinq_frame },
		{ PACKET_LINK_ETHERNET, snap_frame },
		{ PACKET_LINK_RAW, options_packet },
		{ PACKET_LINK_RAW, extensions_packet },
		{ PACKET_LINK_RAW, later_fragment_packet },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		struct slice all = bytes_of_hex(frames[i].hex);
		struct packet whole;
		int fault, err;

		err = packet_decode(frames[i].link, all, (uint32_t)all.len,
				    &whole, &fault);
		assert_int_equal(err, 0);
		for (size_t n = 0; n < all.len; n++) {
			struct slice cut = bytes_copy(all.data, n);
			struct packet p;

			err = packet_decode(frames[i].link, cut,
					    (uint32_t)all.len, &p, &fault);
			if (!err)
				assert_tells_no_more(&p, &whole);
			bytes_free(cut);
		}
		bytes_free(all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_tcp_segment_in_ethernet_is_read_in_every_field),
		cmocka_unit_test(
			one_datagram_is_found_behind_every_link_header),
		cmocka_unit_test(padding_is_not_payload),
		cmocka_unit_test(ipv4_options_are_passed_over),
		cmocka_unit_test(ipv6_extension_headers_are_passed_over),
		cmocka_unit_test(
			more_extension_headers_than_there_are_kinds_end_the_walk),
		cmocka_unit_test(a_later_fragment_has_no_ports),
		cmocka_unit_test(a_first_ipv4_fragment_is_decoded_and_says_so),
		cmocka_unit_test(
			a_total_length_of_zero_means_to_the_end_of_the_frame),
		cmocka_unit_test(
			a_jumbo_payload_must_be_longer_than_a_short_one),
		cmocka_unit_test(
			a_forged_length_does_not_pass_the_end_of_the_frame),
		cmocka_unit_test(
			what_breaks_the_rules_ends_the_walk_at_its_layer),
		cmocka_unit_test(
			what_is_cut_by_the_capture_keeps_its_length_on_the_wire),
		cmocka_unit_test(arp_and_icmp_messages_are_handed_on_whole),
		cmocka_unit_test(a_frame_without_a_type_ends_at_its_link),
		cmocka_unit_test(extension_headers_are_as_long_as_they_say),
		cmocka_unit_test(
			a_wire_length_below_what_is_there_is_not_believed),
		cmocka_unit_test(
			an_unknown_link_is_refused_and_a_cut_link_header_too),
		cmocka_unit_test(every_prefix_of_a_frame_tells_no_false_fact),
	};

	return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
