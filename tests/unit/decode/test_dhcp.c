// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/dhcp.h"

#include "bytes.h"

/* A laptop's request, as it was captured: options 53, 61, 50, 12, 81, 60, 55.
 */
#define ZEROS_32 \
	"0000000000000000000000000000000000000000000000000000000000000000"
#define FIXED_TO_CHADDR                                                    \
	"01010600e01cc718000000000000000000000000000000000000000028cfdadc" \
	"8d7600000000000000000000"
static const char request[] =
	FIXED_TO_CHADDR ZEROS_32 ZEROS_32 ZEROS_32 ZEROS_32 ZEROS_32 ZEROS_32
	"638253633501033d070128cfdadc8d763204c0a8016f0c0c4e69636b734d6163"
	"426f6f6b510f0000004e69636b734d6163426f6f6b3c084d53465420352e3037"
	"0c010f03062c2e2f1f2179f92bff";

static int decode(const char *hex, struct dhcp *out)
{
	static struct slice bytes;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_hex(hex);
	return dhcp_decode(bytes, out);
}

/* A message with these options in hex. */
static int decode_options(const char *options, struct dhcp *out)
{
	char hex[2048];

	snprintf(hex, sizeof(hex), "%s%s63825363%s", FIXED_TO_CHADDR,
		 ZEROS_32 ZEROS_32 ZEROS_32 ZEROS_32 ZEROS_32 ZEROS_32,
		 options);
	return decode(hex, out);
}

static void assert_address(const struct addr *a, const char *text)
{
	char buffer[ADDR_TEXT_BYTES];

	assert_string_equal(addr_format(a, buffer), text);
}

static void a_request_is_read_in_every_field(void **state)
{
	struct dhcp d;
	char mac[MAC_TEXT_BYTES];

	(void)state;
	assert_int_equal(decode(request, &d), 0);
	assert_int_equal(d.op, 1);
	assert_int_equal(d.message_type, 3);
	assert_string_equal(mac_format(&d.client_mac, mac),
			    "28:cf:da:dc:8d:76");
	assert_address(&d.client_ip, "0.0.0.0");
	assert_address(&d.your_ip, "0.0.0.0");
	assert_address(&d.requested_ip, "192.168.1.111");
	assert_int_equal(d.server_id.family, 0);
	assert_view(d.hostname, "NicksMacBook");
	assert_view(d.vendor_class, "MSFT 5.0");
	assert_view(d.fqdn, "NicksMacBook");
	assert_false(d.fqdn_is_wire);
	assert_view(d.client_id, "\x01\x28\xcf\xda\xdc\x8d\x76");
	assert_view(d.parameter_list,
		    "\x01\x0f\x03\x06\x2c\x2e\x2f\x1f\x21\x79\xf9\x2b");
	assert_absent(d.router);
	assert_absent(d.dns_servers);
}

static void an_answer_tells_server_router_and_resolvers(void **state)
{
	struct dhcp d;

	(void)state;
	assert_int_equal(decode_options("3501053604c00002010304c0000201"
					"0608c0000201c6336407ff",
					&d),
			 0);
	assert_int_equal(d.message_type, 5);
	assert_address(&d.server_id, "192.0.2.1");
	assert_int_equal(d.router.len, 4);
	assert_memory_equal(d.router.data, "\xc0\0\2\1", 4);
	assert_int_equal(d.dns_servers.len, 8);
	assert_memory_equal(d.dns_servers.data, "\xc0\0\2\1\xc6\x33\x64\7", 8);
}

static void options_go_on_in_file_and_server_name(void **state)
{
	static const struct {
		const char *overload;
		bool in_file, in_sname;
	} cases[] = {
		{ "00", false, false },
		{ "01", true, false },
		{ "02", false, true },
		{ "03", true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice bytes;
		char hex[2048];
		struct dhcp d;

		/* 60 = "v" in the server name, 12 = "h" in the file */
		snprintf(hex, sizeof(hex),
			 FIXED_TO_CHADDR "3c0176ff%.120s0c0168ff%.248s"
					 "63825363350101"
					 "3401%sff",
			 ZEROS_32 ZEROS_32, ZEROS_32 ZEROS_32 ZEROS_32 ZEROS_32,
			 cases[i].overload);
		bytes = bytes_of_hex(hex);
		assert_int_equal(dhcp_decode(bytes, &d), 0);
		assert_int_equal(d.message_type, 1);
		assert_int_equal(d.hostname.data != NULL, cases[i].in_file);
		assert_int_equal(d.vendor_class.data != NULL,
				 cases[i].in_sname);
		bytes_free(bytes);
	}
}

static void texts_lose_their_trailing_zeros(void **state)
{
	struct dhcp d;

	(void)state;
	assert_int_equal(decode_options("0c056162630000"
					"3c0101"
					"510700000161620000ff",
					&d),
			 0);
	assert_view(d.hostname, "abc");
	assert_view(d.fqdn, "ab");
	assert_false(d.fqdn_is_wire);
}

static void a_name_in_wire_format_is_marked(void **state)
{
	struct dhcp d;

	(void)state;
	assert_int_equal(decode_options("5106050000016100ff", &d), 0);
	assert_true(d.fqdn_is_wire);
	assert_int_equal(d.fqdn.len, 3);
}

static void the_first_of_an_option_counts(void **state)
{
	struct dhcp d;

	(void)state;
	assert_int_equal(decode_options("0c016100000c0162"
					"5104000000615104000000"
					"62ff0c0163",
					&d),
			 0);
	assert_view(d.hostname, "a");
	assert_view(d.fqdn, "a");
}

static void plain_bootp_has_no_type(void **state)
{
	struct dhcp d;
	struct slice bytes = bytes_of_hex(request);

	(void)state;
	bytes_set(bytes, 236, 0); /* the magic cookie */
	assert_int_equal(dhcp_decode(bytes, &d), 0);
	assert_int_equal(d.message_type, 0);
	assert_absent(d.hostname);
	bytes_free(bytes);
}

static void what_is_not_bootp_is_malformed(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = { { 0, 0 }, { 0, 3 }, { 2, 17 } };

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct slice bytes = bytes_of_hex(request);
		struct dhcp d;

		bytes_set(bytes, changes[i].at, changes[i].value);
		assert_int_equal(dhcp_decode(bytes, &d), ERR_MALFORMED);
		bytes_free(bytes);
	}
}

static void every_prefix_tells_whole_options_or_none(void **state)
{
	struct slice all = bytes_of_hex(request);
	struct dhcp whole, d;

	(void)state;
	assert_int_equal(dhcp_decode(all, &whole), 0);
	for (size_t n = 0; n < all.len; n++) {
		struct slice cut = bytes_copy(all.data, n);
		int err = dhcp_decode(cut, &d);

		if (n < 236)
			assert_int_equal(err, ERR_TRUNCATED);
		if (!err) {
			assert_true(!d.message_type || d.message_type == 3);
			assert_view_or_absent(d.hostname, whole.hostname);
			assert_view_or_absent(d.fqdn, whole.fqdn);
			assert_view_or_absent(d.client_id, whole.client_id);
			assert_view_or_absent(d.vendor_class,
					      whole.vendor_class);
			assert_view_or_absent(d.parameter_list,
					      whole.parameter_list);
		}
		bytes_free(cut);
	}
	bytes_free(all);
}

static void domains_are_a_text_and_a_list_in_parts(void **state)
{
	struct dhcp d;

	(void)state;
	/* the list in two parts as in RFC 3397 2 */
	assert_int_equal(decode_options("0f0e736d6974682e6578616d706c6500"
					"770903656e67056170706c"
					"77126503636f6d00096d61726b6574696e67"
					"c004ff",
					&d),
			 0);
	assert_view(d.domain, "smith.example");
	assert_int_equal(d.search_count, 2);
	assert_int_equal(d.search[0].len, 9);
	assert_int_equal(d.search[1].len, 18);
	assert_false(d.search_cut);
	assert_int_equal(decode_options("770100770100770100770100770100ff", &d),
			 0);
	assert_int_equal(d.search_count, DHCP_SEARCH_PARTS_MAX);
	assert_true(d.search_cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_read_in_every_field),
		cmocka_unit_test(an_answer_tells_server_router_and_resolvers),
		cmocka_unit_test(domains_are_a_text_and_a_list_in_parts),
		cmocka_unit_test(options_go_on_in_file_and_server_name),
		cmocka_unit_test(texts_lose_their_trailing_zeros),
		cmocka_unit_test(a_name_in_wire_format_is_marked),
		cmocka_unit_test(the_first_of_an_option_counts),
		cmocka_unit_test(plain_bootp_has_no_type),
		cmocka_unit_test(what_is_not_bootp_is_malformed),
		cmocka_unit_test(every_prefix_tells_whole_options_or_none),
	};

	return cmocka_run_group_tests_name("dhcp", tests, NULL, NULL);
}
