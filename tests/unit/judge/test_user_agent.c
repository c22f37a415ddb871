// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge/user_agent.h"

static const struct row {
	const char *text, *platform, *device;
} rows[] = {
	{ "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) "
	  "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 "
	  "Mobile/15E148 Safari/604.1",
	  "iphone", NULL },
	{ "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15",
	  "ipad", NULL },
	{ "AppleCoreMedia/1.0.0.16L226 (Apple TV; U; CPU OS 12_1_1 like Mac OS "
	  "X; en_us)",
	  "apple-tv", NULL },
	{ "AppleTV6,2/11.1", "apple-tv", NULL },
	{ "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
	  "(KHTML, like Gecko) Version/17.1 Safari/605.1.15",
	  "mac", NULL },
	{ "Roku/9.4 CFNetwork/1490.0.4 Darwin/23.2.0", "darwin", NULL },
	{ "MobileSafari/8617 CFNetwork/1490.0.4 Darwin/23.2.0", "darwin",
	  NULL },
	{ "Wget/1.14 (darwin12.2.0)", "mac", NULL },
	{ "curl/7.24.0 (x86_64-apple-darwin12.0) libcurl/7.24.0", "mac", NULL },
	{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
	  "windows", NULL },
	{ "Mozilla/4.0 (compatible;+MSIE+8.0;+Windows+NT+5.1)", "", NULL },
	{ "Microsoft-CryptoAPI/10.0", "windows", NULL },
	{ "Microsoft NCSI", "windows", NULL },
	{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) "
	  "AppleWebKit/537.36",
	  "xbox", NULL },
	{ "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 "
	  "Firefox/115.0",
	  "linux-desktop", NULL },
	{ "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36",
	  "chromeos", NULL },
	{ "Wget/1.17.1 (linux-gnu)", "linux", NULL },
	{ "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5 Build/M4B30Z) "
	  "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/44.0 Mobile "
	  "Safari/537.36",
	  "android-mobile", "Nexus 5" },
	{ "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Mobile "
	  "Safari/537.36",
	  "android-mobile", NULL },
	{ "Mozilla/5.0 (Android 13; Mobile; rv:109.0) Gecko/115.0 Firefox/115.0",
	  "android-mobile", NULL },
	{ "Dalvik/2.1.0 (Linux; U; Android 9; AFTMM Build/PS7633)", "android",
	  "AFTMM" },
	{ "Mozilla/5.0 (Linux; U; Android 4.2.2; en-us; AFTB Build/JDQ39) "
	  "AppleWebKit/534.30",
	  "android", "AFTB" },
	{ "Dalvik/2.1.0 (Linux; U; Android 11; SHIELD Android TV Build/RQ1A)",
	  "television", "SHIELD Android TV" },
	{ "Mozilla/5.0 (X11; Linux armv7l) AppleWebKit/537.36 (KHTML, like "
	  "Gecko) Chrome/90.0.4430.225 Safari/537.36 CrKey/1.56.500000",
	  "television", NULL },
	{ "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36", "television",
	  NULL },
	{ "Roku/DVP-9.10 (519.10E04111A)", "television", NULL },
	{ "Mozilla/5.0 (PlayStation 4 8.03) AppleWebKit/605.1.15", "console",
	  NULL },
	{ "Mozilla/5.0", "", NULL },
	{ "(((", "", NULL },
	{ "", "", NULL },
};

static void platforms_and_models_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct user_agent found =
			user_agent_parse(slice_text(rows[i].text));
		struct slice device = { NULL, 0 };

		if (rows[i].device)
			device = slice_text(rows[i].device);
		if (strcmp(user_agent_platform_name(found.platform),
			   rows[i].platform) ||
		    !slice_equal(found.device, device))
			fail_msg("%s: %s, \"%.*s\"", rows[i].text,
				 user_agent_platform_name(found.platform),
				 (int)found.device.len,
				 (const char *)found.device.data);
	}
}

static void every_beginning_of_one_is_read_within_its_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t n = 0; n <= strlen(rows[i].text); n++) {
			/* of its own size, for the sanitizer to see */
			uint8_t *copy = malloc(n + 1);
			struct user_agent found;

			assert_non_null(copy);
			memcpy(copy, rows[i].text, n);
			found = user_agent_parse(slice_of(copy, n));
			assert_true(found.platform < USER_AGENT_PLATFORMS);
			free(copy);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platforms_and_models_are_told),
		cmocka_unit_test(
			every_beginning_of_one_is_read_within_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
