// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ntp.h"

#include "bytes.h"

static const char server[] =
	"24020a0000000000000000007f00000100000000000000000000000000000000"
	"00000000000000000000000200000000";

static void a_packet_tells_version_mode_and_stratum(void **state)
{
	struct slice bytes = bytes_of_hex(server);
	struct ntp n;

	(void)state;
	assert_int_equal(ntp_decode(bytes, &n), 0);
	assert_int_equal(n.version, 4);
	assert_int_equal(n.mode, NTP_SERVER);
	assert_int_equal(n.stratum, 2);
	bytes_free(bytes);
}

static void each_version_and_mode_is_known(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		struct slice bytes = bytes_of_hex(server);
		unsigned version = first >> 3 & 7, mode = first & 7;
		bool good = version >= 1 && version <= 4 && mode <= 5 &&
			    (mode || version == 1);
		struct ntp n;

		bytes_set(bytes, 0, (uint8_t)first);
		assert_int_equal(ntp_decode(bytes, &n),
				 good ? 0 : ERR_MALFORMED);
		bytes_free(bytes);
	}
}

static void every_prefix_is_truncated(void **state)
{
	struct slice all = bytes_of_hex(server);
	struct ntp n;

	(void)state;
	for (size_t i = 0; i < all.len; i++) {
		struct slice cut = bytes_copy(all.data, i);

		assert_int_equal(ntp_decode(cut, &n), ERR_TRUNCATED);
		bytes_free(cut);
	}
	bytes_free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_tells_version_mode_and_stratum),
		cmocka_unit_test(each_version_and_mode_is_known),
		cmocka_unit_test(every_prefix_is_truncated),
	};

	return cmocka_run_group_tests_name("ntp", tests, NULL, NULL);
}
