// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/mask.h"

static const struct {
	const char *text, *masked;
} cases[] = {
	{ "deviceid=3C:5A:B4:01:02:03", "deviceid=3C:5A:B4:xx:xx:xx" },
	{ "3c-5a-b4-01-02-03", "3c-5a-b4-xx-xx-xx" },
	{ "id 3c5a.b401.0203.", "id 3c5a.b4xx.xxxx." },
	{ "uuid:2f402f80-da50-11e1-9b23-001788102030::upnp",
	  "uuid:2f402f80-da50-11e1-9b23-001788xxxxxx::upnp" },
	{ "Plug_3c5ab4010203", "Plug_3c5ab4xxxxxx" },
	{ "BRN3C5AB4010203", "BRN3C5AB4xxxxxx" },
	{ "a 3c:5a:b4:01:02:03, b 3c:5a:b4:04:05:06",
	  "a 3c:5a:b4:xx:xx:xx, b 3c:5a:b4:xx:xx:xx" },
	/* what is no MAC stays */
	{ "", "" },
	{ "3c:5a:b4:01:02", "3c:5a:b4:01:02" },
	{ "3c:5a-b4:01-02:03", "3c:5a-b4:01-02:03" },
	{ "3c5ab40102034", "3c5ab40102034" },
	{ "http://192.168.1.20:8060/", "http://192.168.1.20:8060/" },
	{ "Linux/4.9 UPnP/1.0", "Linux/4.9 UPnP/1.0" },
};

static void of_a_mac_in_any_spelling_half_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];

		memcpy(text, cases[i].text, strlen(cases[i].text) + 1);
		mask_macs((uint8_t *)text, strlen(text));
		assert_string_equal(text, cases[i].masked);
	}
}

static void a_text_cut_anywhere_is_read_to_its_end_only(void **state)
{
	const char *text = "x 3c:5a:b4:01:02:03 3c5ab4010203 3c5a.b401.0203";

	(void)state;
	for (size_t len = 0; len <= strlen(text); len++) {
		uint8_t *copy = test_malloc(len ? len : 1);

		memcpy(copy, text, len);
		mask_macs(copy, len); /* test_free() sees a write past it */
		test_free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_mac_in_any_spelling_half_is_cut),
		cmocka_unit_test(a_text_cut_anywhere_is_read_to_its_end_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
