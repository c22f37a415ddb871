// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/arp.h"

#include "bytes.h"

static const char reply[] = "000108000604000202000000000ac000020a"
			    "020000000001c0000201";

static const struct arp reply_decoded = {
	.op = 2,
	.sender_mac = { { 2, 0, 0, 0, 0, 10 } },
	.target_mac = { { 2, 0, 0, 0, 0, 1 } },
	.sender_ip = { 4, { 192, 0, 2, 10 } },
	.target_ip = { 4, { 192, 0, 2, 1 } },
};

static void a_reply_says_who_has_which_address(void **state)
{
	struct slice bytes = bytes_of_hex(reply);
	struct arp arp;

	(void)state;
	assert_int_equal(arp_decode(bytes, &arp), 0);
	assert_int_equal(arp.op, 2);
	assert_true(mac_equal(&arp.sender_mac, &reply_decoded.sender_mac));
	assert_true(mac_equal(&arp.target_mac, &reply_decoded.target_mac));
	assert_true(addr_equal(&arp.sender_ip, &reply_decoded.sender_ip));
	assert_true(addr_equal(&arp.target_ip, &reply_decoded.target_ip));
	bytes_free(bytes);
}

static void encoding_gives_the_bytes_that_were_decoded(void **state)
{
	struct slice bytes = bytes_of_hex(reply);
	uint8_t out[ARP_BYTES];

	(void)state;
	arp_encode(&reply_decoded, out);
	assert_int_equal(bytes.len, sizeof(out));
	assert_memory_equal(out, bytes.data, sizeof(out));
	bytes_free(bytes);
}

static void a_cut_packet_is_truncated(void **state)
{
	struct slice whole = bytes_of_hex(reply);
	struct arp arp;

	(void)state;
	for (size_t n = 0; n < whole.len; n++) {
		struct slice bytes = bytes_copy(whole.data, n);

		assert_int_equal(arp_decode(bytes, &arp), ERR_TRUNCATED);
		bytes_free(bytes);
	}
	bytes_free(whole);
}

static void other_hardware_or_protocols_are_not_decoded(void **state)
{
	struct arp arp;

	(void)state;
	for (size_t at = 0; at < 6; at++) {
		struct slice bytes = bytes_of_hex(reply);

		bytes_set(bytes, at, 0x77);
		assert_int_equal(arp_decode(bytes, &arp), ERR_UNSUPPORTED);
		bytes_free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_says_who_has_which_address),
		cmocka_unit_test(encoding_gives_the_bytes_that_were_decoded),
		cmocka_unit_test(a_cut_packet_is_truncated),
		cmocka_unit_test(other_hardware_or_protocols_are_not_decoded),
	};

	return cmocka_run_group_tests_name("arp", tests, NULL, NULL);
}
