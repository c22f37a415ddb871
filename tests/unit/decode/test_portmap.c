// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/portmap.h"

#include "bytes.h"

static const char natpmp[] = "0080000000000010cb00714d";
/* a MAP answer: version, code, result, lifetime, epoch, reserved; nonce,
 * protocol, reserved, ports, address */
static const char pcp[] = "0281000000000e1000000010"
			  "000000000000000000000000"
			  "0102030405060708090a0b0c"
			  "06000000"
			  "1f901f90"
			  "00000000000000000000ffffcb00714d";

static void a_router_tells_the_public_address(void **state)
{
	static const char *const told[] = { natpmp, pcp };
	char text[ADDR_TEXT_BYTES];
	struct addr a;

	(void)state;
	for (size_t i = 0; i < COUNT(told); i++) {
		struct slice bytes = bytes_of_hex(told[i]);

		assert_int_equal(portmap_decode(bytes, &a), 0);
		assert_string_equal(addr_format(&a, text), "203.0.113.77");
		/* nothing that is shorter tells one */
		for (size_t n = 0; n < bytes.len; n++)
			assert_int_equal(portmap_decode(slice_of(bytes.data, n),
							&a),
					 ERR_NOTFOUND);
		/* a failure tells none */
		bytes_set(bytes, 3, 1);
		assert_int_equal(portmap_decode(bytes, &a), ERR_NOTFOUND);
		bytes_set(bytes, 3, 0);
		/* nor a question */
		bytes_set(bytes, 1, 1);
		assert_int_equal(portmap_decode(bytes, &a), ERR_NOTFOUND);
		bytes_free(bytes);
	}
}

static void upnp_tells_it_too(void **state)
{
	static const struct {
		const char *text, *address;
	} cases[] = {
		{ "<u:R><NewExternalIPAddress>203.0.113.77"
		  "</NewExternalIPAddress></u:R>",
		  "203.0.113.77" },
		{ "HTTP/1.1 200 OK\r\n\r\n<NewExternalIPAddress dt=\"string\">"
		  "203.0.113.78</",
		  "203.0.113.78" },
		{ "<NewExternalIPAddress></NewExternalIPAddress>", NULL },
		{ "<NewExternalIPAddress>203.0.113.77", NULL },
		{ "<NewExternalIPAddress", NULL },
		{ "<NewExternalIPAddress>none of your business, and long at "
		  "that: past all addresses</",
		  NULL },
		{ "", NULL },
	};
	char text[ADDR_TEXT_BYTES];
	struct addr a;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int err = portmap_read_upnp(slice_text(cases[i].text), &a);

		assert_int_equal(err, cases[i].address ? 0 : ERR_NOTFOUND);
		if (!err)
			assert_string_equal(addr_format(&a, text),
					    cases[i].address);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_router_tells_the_public_address),
		cmocka_unit_test(upnp_tells_it_too),
	};

	return cmocka_run_group_tests_name("portmap", tests, NULL, NULL);
}
