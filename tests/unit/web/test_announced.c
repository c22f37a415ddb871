// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/announced.h"

static void assert_clean(const char *kind, const char *in, const char *want)
{
	uint8_t out[ANNOUNCED_BYTES];
	size_t n = announced_clean(kind, slice_text(in), out);

	assert_int_equal(n, strlen(want));
	assert_memory_equal(out, want, n);
}

static void names_of_mdns_are_the_bytes_of_the_packet(void **state)
{
	(void)state;
	assert_clean("mdns_instance", "Living\\032Room\\.1", "Living Room.1");
	assert_clean("mdns_host", "K\\195\\188che.local",
		     "K\xc3\xbc"
		     "che.local");
	assert_clean("mdns_service", "_http._tcp.local", "_http._tcp.local");
	assert_clean("mdns_instance", "a\\\\032", "a\\032");
	assert_clean("mdns_instance", "a\\999", "a999");
	assert_clean("mdns_instance", "a\\03", "a03");
	assert_clean("mdns_instance", "a\\", "a\\");
	assert_clean("mdns_instance", "", "");
}

static void other_texts_keep_their_backslashes(void **state)
{
	(void)state;
	assert_clean("dhcp_hostname", "a\\032b", "a\\032b");
	assert_clean("mdns_txt", "path=\\.x", "path=\\.x");
}

static void a_mac_is_cut_out_after_the_name_is_read(void **state)
{
	(void)state;
	assert_clean("mdns_instance",
		     "tv\\032"
		     "3c5ab4123456",
		     "tv 3c5ab4xxxxxx");
	assert_clean("mdns_txt", "deviceid=3C:5A:B4:12:34:56",
		     "deviceid=3C:5A:B4:xx:xx:xx");
}

static void what_is_too_long_is_cut(void **state)
{
	static uint8_t in[2 * ANNOUNCED_BYTES], out[ANNOUNCED_BYTES];

	(void)state;
	memset(in, 'z', sizeof(in));
	assert_int_equal(announced_clean("mdns_host", slice_of(in, sizeof(in)),
					 out),
			 ANNOUNCED_BYTES);
	assert_int_equal(announced_clean("user_agent", slice_of(in, sizeof(in)),
					 out),
			 ANNOUNCED_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_mdns_are_the_bytes_of_the_packet),
		cmocka_unit_test(other_texts_keep_their_backslashes),
		cmocka_unit_test(a_mac_is_cut_out_after_the_name_is_read),
		cmocka_unit_test(what_is_too_long_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
