// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ndp.h"

#include "bytes.h"

/* Frames made by an independent program. */
static const char solicitation[] =
	"3333ff00000102000000000a86dd6000000000203afffe800000000000000000"
	"00000000000aff0200000000000000000001ff00000187007a8700000000fe80"
	"0000000000000000000000000001010102000000000a";
static const char advertisement[] =
	"02000000000a02000000000186dd6000000000203afffe800000000000000000"
	"000000000001fe80000000000000000000000000000a88009813e0000000fe80"
	"00000000000000000000000000010201020000000001";
static const char router_solicitation[] =
	"33330000000202000000000a86dd6000000000103afffe800000000000000000"
	"00000000000aff02000000000000000000000000000285007a1a000000000101"
	"02000000000a";
static const char router_advertisement[] =
	"33330000000102000000000186dd6000000000403afffe800000000000000000"
	"000000000001ff0200000000000000000000000000018600f591000807080000"
	"000000000000010102000000000105010000000005dc030440c0ffffffffffff"
	"ffff0000000020010db8000100000000000000000000";

/* It takes fe80::9 back, and names 2001:db8::53 and itself. */
static const char resolvers_advertisement[] =
	"33330000000102000000000186dd6000000000583afffe800000000000000000"
	"000000000001ff0200000000000000000000000000018600125d000807080000"
	"000000000000010102000000000119030000"
	"00000000fe800000000000000000000000000009"
	"190500000000025820010db8000000000000000000000053"
	"fe800000000000000000000000000001";

/* smith.example, for ten minutes; lan and iot.smith.example are taken back. */
static const char domains_advertisement[] =
	"33330000000102000000000186dd6000000000503afffe800000000000000000"
	"000000000001ff0200000000000000000000000000018600cd0e000807080000"
	"00000000000001010200000000011f0300000000025805736d69746807657861"
	"6d706c6500001f04000000000000036c616e0003696f7405736d697468076578"
	"616d706c6500";

static const char *const frames[] = {
	solicitation,	      advertisement,	       router_solicitation,
	router_advertisement, resolvers_advertisement, domains_advertisement,
};

static int decode(const char *hex, struct ndp *out)
{
	struct slice bytes = bytes_of_hex(hex);
	int err = ndp_decode(bytes, out);

	bytes_free(bytes);
	return err;
}

static void assert_address(const struct addr *a, const char *text)
{
	char buffer[ADDR_TEXT_BYTES];

	assert_string_equal(addr_format(a, buffer), text);
}

static void a_solicitation_names_its_target_and_the_asker(void **state)
{
	struct ndp ndp;

	(void)state;
	assert_int_equal(decode(solicitation, &ndp), 0);
	assert_int_equal(ndp.type, NDP_NEIGHBOUR_SOLICITATION);
	assert_address(&ndp.src, "fe80::a");
	assert_address(&ndp.dst, "ff02::1:ff00:1");
	assert_address(&ndp.target, "fe80::1");
	assert_true(ndp.has_link_mac);
	assert_int_equal(ndp.link_mac.b[5], 10);
}

static void an_advertisement_names_the_owner_and_its_flags(void **state)
{
	struct ndp ndp;

	(void)state;
	assert_int_equal(decode(advertisement, &ndp), 0);
	assert_int_equal(ndp.type, NDP_NEIGHBOUR_ADVERTISEMENT);
	assert_address(&ndp.target, "fe80::1");
	assert_true(ndp.router && ndp.solicited && ndp.override);
	assert_true(ndp.has_link_mac);
	assert_int_equal(ndp.link_mac.b[5], 1);
}

static void a_router_tells_its_lifetime_and_prefix(void **state)
{
	struct ndp ndp;

	(void)state;
	assert_int_equal(decode(router_advertisement, &ndp), 0);
	assert_int_equal(ndp.type, NDP_ROUTER_ADVERTISEMENT);
	assert_int_equal(ndp.router_lifetime_s, 1800);
	assert_address(&ndp.prefixes[0].addr, "2001:db8:1::");
	assert_int_equal(ndp.prefixes[0].bits, 64);
	assert_int_equal(ndp.link_mac.b[5], 1);
}

static void a_router_names_resolvers(void **state)
{
	struct ndp ndp;

	(void)state;
	assert_int_equal(decode(resolvers_advertisement, &ndp), 0);
	assert_int_equal(ndp.resolver_count, 2);
	assert_address(&ndp.resolvers[0], "2001:db8::53");
	assert_address(&ndp.resolvers[1], "fe80::1");
}

static void encoding_gives_the_frame_that_was_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct slice bytes = bytes_of_hex(frames[i]);
		uint8_t out[NDP_FRAME_MAX_BYTES];
		struct ndp ndp;
		size_t len;

		assert_int_equal(ndp_decode(bytes, &ndp), 0);
		assert_int_equal(ndp_encode(&ndp, out, &len), 0);
		assert_int_equal(len, bytes.len);
		assert_memory_equal(out, bytes.data, len);
		bytes_free(bytes);
	}
}

static void nothing_plays_the_router(void **state)
{
	uint8_t out[NDP_FRAME_MAX_BYTES];
	struct ndp ndp;
	size_t len;

	(void)state;
	assert_int_equal(decode(router_advertisement, &ndp), 0);
	assert_int_equal(ndp_encode(&ndp, out, &len), ERR_UNSUPPORTED);
}

/* RFC 4443 2.3, for a change that is to be judged by what it changes. */
static void correct_checksum(struct slice frame)
{
	uint32_t sum = (uint32_t)(frame.len - 54) + 58;

	bytes_set(frame, 56, 0);
	bytes_set(frame, 57, 0);
	for (size_t i = 22; i < frame.len; i += 2)
		sum += (uint32_t)frame.data[i] << 8 | frame.data[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	bytes_set(frame, 56, (uint8_t)(sum >> 8));
	bytes_set(frame, 57, (uint8_t)sum);
}

static void what_a_receiver_must_ignore_is_malformed(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		uint8_t value;
		int answer;
	} changes[] = {
		{ "nothing", 21, 255, 0 },
		{ "hop limit", 21, 254, ERR_MALFORMED },
		{ "code", 55, 1, ERR_MALFORMED },
		{ "multicast target", 62, 0xff, ERR_MALFORMED },
		{ "option of no length", 79, 0, ERR_MALFORMED },
		{ "option past the end", 79, 2, ERR_TRUNCATED },
	};
	struct ndp ndp;

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct slice bytes = bytes_of_hex(solicitation);

		bytes_set(bytes, changes[i].at, changes[i].value);
		correct_checksum(bytes);
		assert_int_equal(ndp_decode(bytes, &ndp), changes[i].answer);
		bytes_free(bytes);
	}
}

static void addresses_that_a_sender_may_not_use_are_malformed(void **state)
{
	static const struct {
		const char *hex;
		size_t at, n;
		uint8_t value;
	} changes[] = {
		/* asked from nowhere, yet saying who asks */
		{ solicitation, 22, 16, 0 },
		/* a router that is not on the link */
		{ router_advertisement, 22, 1, 0x20 },
		/* solicited, and yet to all */
		{ advertisement, 38, 1, 0xff },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct slice bytes = bytes_of_hex(changes[i].hex);
		struct ndp ndp;

		for (size_t k = 0; k < changes[i].n; k++)
			bytes_set(bytes, changes[i].at + k, changes[i].value);
		correct_checksum(bytes);
		assert_int_equal(ndp_decode(bytes, &ndp), ERR_MALFORMED);
		bytes_free(bytes);
	}
}

static void a_wrong_checksum_is_malformed(void **state)
{
	(void)state;
	for (size_t at = 56; at < 58; at++) {
		struct slice bytes = bytes_of_hex(solicitation);
		struct ndp ndp;

		bytes_set(bytes, at, 0x55);
		assert_int_equal(ndp_decode(bytes, &ndp), ERR_MALFORMED);
		bytes_free(bytes);
	}
}

static void other_messages_are_not_decoded(void **state)
{
	struct slice bytes = bytes_of_hex(solicitation);
	struct ndp ndp;

	(void)state;
	bytes_set(bytes, 54, 128); /* echo request */
	assert_int_equal(ndp_decode(bytes, &ndp), ERR_UNSUPPORTED);
	bytes_set(bytes, 12, 8); /* neither IPv4 nor IPv6 */
	assert_int_equal(ndp_decode(bytes, &ndp), ERR_UNSUPPORTED);
	bytes_free(bytes);
}

static void no_prefix_of_a_frame_is_a_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		struct slice whole = bytes_of_hex(frames[i]);

		for (size_t n = 0; n < whole.len; n++) {
			struct slice cut = bytes_copy(whole.data, n);
			struct ndp ndp;

			assert_true(ndp_decode(cut, &ndp) < 0);
			bytes_free(cut);
		}
		bytes_free(whole);
	}
}

static void a_router_names_domains(void **state)
{
	struct ndp ndp;

	(void)state;
	assert_int_equal(decode(domains_advertisement, &ndp), 0);
	assert_int_equal(ndp.domain_count, 3);
	assert_string_equal(ndp.domains[0], "smith.example");
	assert_string_equal(ndp.domains[1], "lan");
	assert_string_equal(ndp.domains[2], "iot.smith.example");
	assert_int_equal(ndp.domains_left_out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_solicitation_names_its_target_and_the_asker),
		cmocka_unit_test(
			an_advertisement_names_the_owner_and_its_flags),
		cmocka_unit_test(a_router_tells_its_lifetime_and_prefix),
		cmocka_unit_test(a_router_names_resolvers),
		cmocka_unit_test(a_router_names_domains),
		cmocka_unit_test(encoding_gives_the_frame_that_was_decoded),
		cmocka_unit_test(nothing_plays_the_router),
		cmocka_unit_test(what_a_receiver_must_ignore_is_malformed),
		cmocka_unit_test(
			addresses_that_a_sender_may_not_use_are_malformed),
		cmocka_unit_test(a_wrong_checksum_is_malformed),
		cmocka_unit_test(other_messages_are_not_decoded),
		cmocka_unit_test(no_prefix_of_a_frame_is_a_message),
	};

	return cmocka_run_group_tests_name("ndp", tests, NULL, NULL);
}
