// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/dhcp6.h"

#include "bytes.h"

/* A solicit with client id, options asked for, vendor class and FQDN. */
static const char solicit[] =
	"010000070001000e000100010000000502000000002000060008001100170018"
	"00270010000e0000013700084d53465420352e3000270009000664656e2d7063"
	"00";

static int decode(const char *hex, struct dhcp6 *out)
{
	static struct slice bytes;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_hex(hex);
	return dhcp6_decode(bytes, out);
}

static void a_solicit_is_read_in_every_field(void **state)
{
	static const uint8_t fqdn[] = "\6den-pc";
	char mac[MAC_TEXT_BYTES];
	struct dhcp6 d;

	(void)state;
	assert_int_equal(decode(solicit, &d), 0);
	assert_int_equal(d.message_type, 1);
	assert_true(d.from_client);
	assert_int_equal(d.client_id.len, 14);
	assert_string_equal(mac_format(&d.client_mac, mac),
			    "02:00:00:00:00:20");
	assert_int_equal(d.options.len, 8);
	assert_int_equal(d.options.data[7], 39);
	assert_int_equal(d.vendor_number, 311);
	assert_view(d.vendor_class, "MSFT 5.0");
	assert_int_equal(d.fqdn.len, sizeof(fqdn));
	assert_memory_equal(d.fqdn.data, fqdn, sizeof(fqdn));
}

static void a_duid_without_a_mac_has_none(void **state)
{
	struct dhcp6 d;

	(void)state;
	assert_int_equal(decode("01000007000100060004aabbccdd", &d), 0);
	assert_int_equal(d.client_id.len, 6);
	assert_true(mac_is_zero(&d.client_mac));
}

static void a_reply_is_not_of_the_client(void **state)
{
	struct dhcp6 d;

	(void)state;
	assert_int_equal(decode("07000007", &d), 0);
	assert_false(d.from_client);
	assert_absent(d.client_id);
}

static void a_reply_names_resolvers(void **state)
{
	struct dhcp6 d;

	(void)state;
	assert_int_equal(decode("0700000700170020"
				"20010db8000000000000000000000053"
				"fe800000000000000000000000000001"
				"00170010"
				"20010db8000000000000000000000054",
				&d),
			 0);
	/* the option stands once (RFC 8415 21) */
	assert_int_equal(d.dns_servers.len, 32);
	assert_int_equal(d.dns_servers.data[15], 0x53);
	assert_int_equal(d.dns_servers.data[31], 1);
	assert_int_equal(decode("07000007", &d), 0);
	assert_absent(d.dns_servers);
}

static void what_breaks_its_rules_is_refused(void **state)
{
	static const struct {
		const char *hex;
		int err;
	} cases[] = {
		{ "0c000007", ERR_UNSUPPORTED }, /* a relay's */
		{ "0d000007", ERR_UNSUPPORTED },
		{ "00000007", ERR_MALFORMED },
		{ "0e000007", ERR_MALFORMED },
		{ "0100000700060001aa", ERR_MALFORMED }, /* half an option */
		{ "0100000700010001aa", ERR_MALFORMED }, /* no DUID */
		{ "0100000700270000", ERR_MALFORMED },	 /* no flags */
		{ "010000070010000500000137ff", ERR_MALFORMED },
		/* half an address */
		{ "0700000700170008fe80000000000000", ERR_MALFORMED },
		{ "0100000700270009", ERR_TRUNCATED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dhcp6 d;

		assert_int_equal(decode(cases[i].hex, &d), cases[i].err);
	}
}

static void every_prefix_tells_whole_options_or_none(void **state)
{
	struct slice all = bytes_of_hex(solicit);
	struct dhcp6 whole, d;
	size_t accepted = 0;

	(void)state;
	assert_int_equal(dhcp6_decode(all, &whole), 0);
	for (size_t n = 0; n < all.len; n++) {
		struct slice cut = bytes_copy(all.data, n);
		int err = dhcp6_decode(cut, &d);

		if (!err) {
			accepted++;
			assert_view_or_absent(d.client_id, whole.client_id);
			assert_view_or_absent(d.options, whole.options);
			assert_view_or_absent(d.vendor_class,
					      whole.vendor_class);
			assert_view_or_absent(d.fqdn, whole.fqdn);
		} else {
			assert_int_equal(err, ERR_TRUNCATED);
		}
		bytes_free(cut);
	}
	/* behind the head, and behind each option but the last */
	assert_int_equal(accepted, 4);
	bytes_free(all);
}

static void a_reply_has_domains(void **state)
{
	static const char list[] = "\5smith\7example";
	struct dhcp6 d;

	(void)state;
	assert_int_equal(
		decode("070000070018000f05736d697468076578616d706c6500", &d),
		0);
	assert_int_equal(d.search.len, sizeof(list));
	assert_memory_equal(d.search.data, list, sizeof(list));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_solicit_is_read_in_every_field),
		cmocka_unit_test(a_duid_without_a_mac_has_none),
		cmocka_unit_test(a_reply_is_not_of_the_client),
		cmocka_unit_test(a_reply_names_resolvers),
		cmocka_unit_test(a_reply_has_domains),
		cmocka_unit_test(what_breaks_its_rules_is_refused),
		cmocka_unit_test(every_prefix_tells_whole_options_or_none),
	};

	return cmocka_run_group_tests_name("dhcp6", tests, NULL, NULL);
}
