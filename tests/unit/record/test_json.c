// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/record_json.h"
#include "sample.h"

static void a_window_is_one_line(void **state)
{
	static const char expected[] =
		"{\"window\":1500000000,\"device\":\"02:00:00:00:00:20\","
		"\"gateway\":false,"
		"\"addresses\":[\"192.168.1.20\",\"fe80::20\"],"
		"\"flows\":[{\"protocol\":\"tcp\",\"device\":\"192.168.1.20\","
		"\"device_port\":40000,\"remote\":\"93.184.216.34\","
		"\"remote_port\":443,\"local\":false,\"opener\":\"device\","
		"\"first\":\"1500000001.000000001\","
		"\"last\":\"1500000004.999999999\",\"in_packets\":3,"
		"\"out_packets\":4,\"in_bytes\":5000000000,\"out_bytes\":400,"
		"\"in_sequence_bytes\":4900000000,"
		"\"out_sequence_bytes\":100,"
		"\"in_missed_bytes\":1448,\"out_missed_bytes\":0},"
		"{\"protocol\":47,\"device\":\"192.168.1.20\","
		"\"device_port\":0,\"remote\":\"192.168.1.1\","
		"\"remote_port\":0,\"local\":true,\"opener\":\"unknown\","
		"\"first\":\"1500000002.000000000\","
		"\"last\":\"1500000002.000000000\",\"in_packets\":1,"
		"\"out_packets\":0,\"in_bytes\":60,\"out_bytes\":0,"
		"\"in_sequence_bytes\":0,\"out_sequence_bytes\":0,"
		"\"in_missed_bytes\":0,\"out_missed_bytes\":0}],"
		"\"names\":[{\"time\":\"1500000001.500000000\","
		"\"addr\":\"93.184.216.34\",\"name\":\"example.org\","
		"\"source\":\"dns\",\"resolver\":\"192.168.1.1\","
		"\"device_port\":0},"
		"{\"time\":\"1500000001.600000000\","
		"\"addr\":\"93.184.216.34\",\"name\":\"www.example.org\","
		"\"source\":\"sni\",\"device_port\":40000}],"
		"\"questions\":[{\"time\":\"1500000001.400000000\","
		"\"name\":\"example.org\",\"type\":28,"
		"\"resolver\":\"192.168.1.1\"}],"
		"\"hellos\":[{\"time\":\"1500000001.600000000\","
		"\"transport\":\"tcp\",\"device\":\"192.168.1.20\","
		"\"device_port\":40000,\"remote\":\"93.184.216.34\","
		"\"remote_port\":443,\"legacy_version\":771,"
		"\"highest_version\":772,\"grease_cipher_suites\":false,"
		"\"grease_extensions\":true,\"ech\":true,"
		"\"ja3\":\"e7d705a3286e19ea42f587b344ee6865\","
		"\"ja4\":\"t13d1516h2_8daaf6152771_e5627efa2ab1\","
		"\"sni\":\"www.example.org\","
		"\"cipher_suites\":[4865,4866],\"compression_methods\":[0],"
		"\"extensions\":\"0a0a0000\",\"supported_versions\":[772],"
		"\"groups\":[29],\"signature_algorithms\":[1027],"
		"\"alpn\":[\"h2\",\"http/1.1\"]}],"
		"\"http\":[{\"time\":\"1500000003.000000000\","
		"\"device\":\"192.168.1.20\",\"device_port\":40001,"
		"\"remote\":\"93.184.216.34\",\"remote_port\":80,"
		"\"method\":\"GET\",\"user_agent\":\"\"}],"
		"\"clues\":[{\"time\":\"1500000000.000000000\","
		"\"kind\":\"dhcp_hostname\",\"text\":\"tv\\\\x1b[2J\\\\\\\\\"}],"
		"\"servers\":[{\"time\":\"1500000001.700000000\","
		"\"transport\":\"tcp\",\"device\":\"192.168.1.20\","
		"\"device_port\":40000,\"remote\":\"93.184.216.34\","
		"\"remote_port\":443,\"version\":771,\"cipher_suite\":49199,"
		"\"ja3s\":\"e7d705a3286e19ea42f587b344ee6865\","
		"\"subject\":\"CN=www.example.org\"}],"
		"\"services\":[{\"time\":\"1500000003.500000000\","
		"\"protocol\":\"tcp\",\"device\":\"192.168.1.20\","
		"\"device_port\":40002,\"remote\":\"93.184.216.34\","
		"\"remote_port\":1883,\"application\":\"mqtt\","
		"\"credentials_in_clear\":true,\"detail\":\"camera-7\"}]"
		"}\n";
	struct buf line;

	(void)state;
	buf_init(&line, 1 << 16);
	assert_int_equal(record_json(&sample_window, &line), 0);
	assert_string_equal(buf_text(&line), expected);
	buf_done(&line);
}

static void too_little_room_is_an_error(void **state)
{
	struct buf line;

	(void)state;
	buf_init(&line, 100);
	assert_int_equal(record_json(&sample_window, &line), ERR_LIMIT);
	buf_done(&line);
}

static void every_counter_is_named(void **state)
{
	const struct record_counters counters = { .frames = 3,
						  .ring_dropped = 4 };
	struct buf text;

	(void)state;
	buf_init(&text, 4096);
	assert_int_equal(record_counters_json(&counters, &text), 0);
	assert_non_null(strstr(buf_text(&text), "{\"frames\":3,"));
	assert_non_null(strstr(buf_text(&text), "\"ring_dropped\":4}"));
	assert_int_equal(record_counter_field_count,
			 sizeof(counters) / sizeof(uint64_t));
	buf_done(&text);
}

static void every_kind_of_clue_is_named(void **state)
{
	(void)state;
	for (int i = 0; i < RECORD_CLUE_KINDS; i++)
		assert_non_null(record_clue_name((enum record_clue_kind)i));
}

static void every_application_is_named(void **state)
{
	(void)state;
	for (int i = 0; i < RECORD_APPLICATIONS; i++)
		assert_non_null(
			record_application_name((enum record_application)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_is_one_line),
		cmocka_unit_test(too_little_room_is_an_error),
		cmocka_unit_test(every_counter_is_named),
		cmocka_unit_test(every_kind_of_clue_is_named),
		cmocka_unit_test(every_application_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
