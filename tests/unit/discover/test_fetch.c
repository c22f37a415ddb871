// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "discover/fetch.h"

static void not_called(void *user, const struct addr *device, struct slice body)
{
	(void)user;
	(void)device;
	(void)body;
	fail();
}

/* Refused before a socket is made: nothing is sent by this test. */
static void only_a_devices_own_address_is_fetched(void **state)
{
	static const char *const refused[] = {
		"",
		"/description.xml",
		"http://",
		"http://127.0.0.2:80/x",
		"http://127.0.0.1:0/x",
		"http://user@127.0.0.1:80/x",
		"http://user:pass@127.0.0.1:80/x",
		"http://127.0.0.1:80@127.0.0.2/x",
		"http://127.0.0.2:80\\@127.0.0.1/x",
		"http://localhost/x",
		"http://127.0.0.1.example/x",
		"http://[::1]:80/x",
		"https://127.0.0.1/x",
		"ftp://127.0.0.1/x",
		"file:///etc/passwd",
		"gopher://127.0.0.1:80/x",
		"http://127.0.0.1:99999/x",
	};
	struct addr device = { .family = 4, .b = { 127, 0, 0, 1 } };
	static uint8_t longer[FETCH_URL_MAX + 1];
	struct fetch_set *set;

	(void)state;
	assert_int_equal(fetch_open(not_called, NULL, &set), 0);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(fetch_begin(set, &device, &device,
					     slice_text(refused[i])),
				 ERR_INVALID);
	memset(longer, 'a', sizeof(longer));
	assert_int_equal(fetch_begin(set, &device, &device,
				     slice_of(longer, sizeof(longer))),
			 ERR_INVALID);
	assert_int_equal(fetch_count(set), 0);
	assert_int_equal(fetch_failures(set),
			 sizeof(refused) / sizeof(refused[0]) + 1);
	fetch_close(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_devices_own_address_is_fetched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
