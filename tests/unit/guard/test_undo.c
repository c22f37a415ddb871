// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard/undo.h"

#define HEAD                                      \
	"iot-inspector undo 1\n"                  \
	"interface eth0\n"                        \
	"own 02:00:00:00:00:01\n"                 \
	"address 192.168.1.5/24\n"                \
	"gateway 192.168.1.1 02:00:00:00:00:02\n" \
	"forwarding 0\n"                          \
	"send_redirects 1\n"                      \
	"all_send_redirects 0\n"                  \
	"all_forwarding 0\n"
#define DEVICE "device 192.168.1.23 02:00:00:00:00:17\n"

#define SIX                                       \
	"pairs\n"                                 \
	"ipv6\n"                                  \
	"setting6 all forwarding 0\n"             \
	"setting6 eth1 forwarding 1\n"            \
	"setting6 default forwarding 0\n"         \
	"setting6 default accept_ra 1\n"          \
	"setting6 eth0 force_forwarding 0\n"      \
	"router6 fe80::1 02:00:00:00:00:02\n"     \
	"router6 2001:db8::1 02:00:00:00:00:02\n" \
	"device6 fe80::17 02:00:00:00:00:17\n"    \
	"device6 2001:db8::abcd 02:00:00:00:00:17\n"

static void one_of_ipv6_comes_back_to_the_byte(void **state)
{
	static const char text[] = HEAD DEVICE SIX "end\n";
	static struct undo undo;
	struct buf out;

	(void)state;
	assert_int_equal(undo_parse(text, &undo), 0);
	assert_true(undo.ipv6);
	assert_int_equal(undo.sysctls6.count, 5);
	assert_int_equal(undo.sysctls6.settings[1].before, 1);
	assert_int_equal(undo.router6_count, 2);
	assert_int_equal(undo.device6_count, 2);
	buf_init(&out, UNDO_BYTES_MAX);
	assert_int_equal(undo_format(&undo, &out), 0);
	assert_string_equal(buf_text(&out), text);
	buf_done(&out);
}

#define HEAD_SIX                              \
	"iot-inspector undo 1\n"              \
	"interface eth0\n"                    \
	"own 02:00:00:00:00:01\n"             \
	"address 2001:db8::5/64\n"            \
	"gateway fe80::1 02:00:00:00:00:02\n" \
	"ipv6\n"                              \
	"setting6 eth0 force_forwarding 0\n"  \
	"router6 fe80::1 02:00:00:00:00:02\n"

static void one_without_ipv4_comes_back_to_the_byte(void **state)
{
	static const char text[] = HEAD_SIX "device6 fe80::17 "
					    "02:00:00:00:00:17\nend\n";
	static struct undo undo;
	struct buf out;

	(void)state;
	assert_int_equal(undo_parse(text, &undo), 0);
	assert_true(undo_is_of_six(&undo));
	assert_int_equal(undo.device6_count, 1);
	buf_init(&out, UNDO_BYTES_MAX);
	assert_int_equal(undo_format(&undo, &out), 0);
	assert_string_equal(buf_text(&out), text);
	buf_done(&out);
}

static void what_is_kept_of_ipv6_is_a_record(void **state)
{
	static const char text[] = HEAD DEVICE SIX "end\n";
	static struct undo undo, again;
	struct buf out;

	(void)state;
	assert_int_equal(undo_parse(text, &undo), 0);
	undo_keep_six(&undo);
	buf_init(&out, UNDO_BYTES_MAX);
	assert_int_equal(undo_format(&undo, &out), 0);
	assert_int_equal(undo_parse(buf_text(&out), &again), 0);
	assert_true(undo_is_of_six(&again));
	assert_int_equal(again.device_count, 0);
	assert_int_equal(again.device6_count, 2);
	assert_int_equal(again.sysctls6.count, 5);
	assert_true(again.pairs);
	buf_done(&out);
}

static void one_without_ipv4_may_say_nothing_of_it(void **state)
{
	static const struct {
		const char *line, *instead;
	} cases[] = {
		{ "address 2001:db8::5/64", "address ff02::5/64" },
		{ "address 2001:db8::5/64", "address ::1/64" },
		{ "gateway fe80::1", "gateway 2001:db8::1" },
		{ "gateway fe80::1", "gateway 169.254.0.1" },
		{ "gateway fe80::1", "gateway 192.168.1.1" },
		{ "ipv6\n", "forwarding 0\nsend_redirects 1\n"
			    "all_send_redirects 0\nall_forwarding 0\nipv6\n" },
		{ "ipv6\n", DEVICE "ipv6\n" },
	};
	static const char head[] = HEAD_SIX;
	static struct undo undo;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *at = strstr(head, cases[i].line);
		char text[1024];

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%send\n", (int)(at - head),
			 head, cases[i].instead, at + strlen(cases[i].line));
		if (!undo_parse(text, &undo))
			fail_msg("taken: %s", cases[i].instead);
	}
}

static void a_record_comes_back_to_the_byte(void **state)
{
	static const char text[] =
		HEAD DEVICE "device 192.168.1.24 02:00:00:00:00:18\nend\n";
	static struct undo undo;
	struct buf out;

	(void)state;
	assert_int_equal(undo_parse(text, &undo), 0);
	assert_string_equal(undo.interface, "eth0");
	assert_int_equal(undo.address.bits, 24);
	assert_int_equal(undo.sysctls[SYSCTL_SEND_REDIRECTS], 1);
	assert_int_equal(undo.device_count, 2);
	assert_int_equal(undo.devices[1].mac.b[5], 0x18);
	buf_init(&out, UNDO_BYTES_MAX);
	assert_int_equal(undo_format(&undo, &out), 0);
	assert_string_equal(buf_text(&out), text);
	buf_done(&out);
}

static void one_of_an_older_version_is_read(void **state)
{
	static const char text[] = HEAD DEVICE "end\n";
	static const char line[] = "all_forwarding 0\n";
	static struct undo undo;
	const char *at = strstr(text, line);
	struct buf old;

	(void)state;
	buf_init(&old, UNDO_BYTES_MAX);
	buf_append(&old, text, (size_t)(at - text));
	buf_puts(&old, at + strlen(line));
	assert_int_equal(undo_parse(buf_text(&old), &undo), 0);
	assert_int_equal(undo.sysctls[SYSCTL_SEND_REDIRECTS], 1);
	assert_int_equal(undo.sysctls[SYSCTL_ALL_FORWARDING], 0);
	assert_int_equal(undo.device_count, 1);
	buf_done(&old);
}

static void whose_a_devices_address_is_now_comes_back(void **state)
{
	static const char text[] = HEAD "device 192.168.1.23 02:00:00:00:00:17 "
					"02:00:00:00:00:18\nend\n";
	static struct undo undo;
	struct buf out;

	(void)state;
	assert_int_equal(undo_parse(text, &undo), 0);
	assert_int_equal(undo.devices[0].holder.b[5], 0x18);
	buf_init(&out, UNDO_BYTES_MAX);
	assert_int_equal(undo_format(&undo, &out), 0);
	assert_string_equal(buf_text(&out), text);
	buf_done(&out);
}

static void what_could_not_be_read_again_is_not_written(void **state)
{
	char path[] = "/tmp/undo-XXXXXX";
	static struct undo undo, kept;
	int dir;

	(void)state;
	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	assert_true(dir >= 0);
	assert_int_equal(undo_parse(HEAD DEVICE SIX "end\n", &undo), 0);
	assert_int_equal(undo_write(dir, UNDO_WHOLE, &undo), 0);
	/* a router that got a device's MAC */
	undo.gateway_mac = undo.devices[0].mac;
	assert_int_equal(undo_write(dir, UNDO_WHOLE, &undo), ERR_MALFORMED);
	assert_int_equal(undo_read(dir, UNDO_WHOLE, &kept), 0);
	assert_int_equal(kept.gateway_mac.b[5], 2);
	assert_false(undo_is_set_aside(dir));
	undo_set_aside(dir, UNDO_WHOLE);
	assert_true(undo_is_set_aside(dir));
	assert_int_equal(undo_read(dir, UNDO_WHOLE, &kept), ERR_NOTFOUND);
	assert_int_equal(unlinkat(dir, "undo.bad", 0), 0);
	close(dir);
	assert_int_equal(rmdir(path), 0);
}

static void one_without_devices_is_good(void **state)
{
	static struct undo undo;

	(void)state;
	assert_int_equal(undo_parse(HEAD "end\n", &undo), 0);
	assert_int_equal(undo.device_count, 0);
}

static void no_prefix_of_a_record_is_one(void **state)
{
	static const char text[] = HEAD DEVICE "end\n";
	static struct undo undo;

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *prefix = strndup(text, n);

		assert_non_null(prefix);
		assert_int_equal(undo_parse(prefix, &undo), ERR_MALFORMED);
		free(prefix);
	}
}

/* A record with one line replaced. */
static int parse_with(const char *line, const char *instead)
{
	static const char text[] = HEAD DEVICE SIX "end\n";
	static struct undo undo;
	const char *at = strstr(text, line);
	struct buf changed;
	int err;

	assert_non_null(at);
	buf_init(&changed, UNDO_BYTES_MAX);
	buf_append(&changed, text, (size_t)(at - text));
	buf_puts(&changed, instead);
	buf_puts(&changed, at + strlen(line));
	err = undo_parse(buf_text(&changed), &undo);
	buf_done(&changed);
	return err;
}

static void what_a_record_may_not_say_is_refused(void **state)
{
	static const struct {
		const char *line, *instead;
	} cases[] = {
		{ "undo 1", "undo 2" },
		{ "interface eth0", "interface ../../etc" },
		{ "interface eth0", "interface all" },
		{ "interface eth0", "interface default" },
		{ "interface eth0", "interface .." },
		{ "interface eth0", "interface aneleganttoolong" },
		{ "interface eth0", "interface eth0 eth1" },
		{ "own 02:", "own 03:" }, /* a group's */
		{ "own 02:00:00:00:00:01", "own 00:00:00:00:00:00" },
		{ "192.168.1.5/24", "192.168.1.5/33" },
		{ "192.168.1.5/24", "192.168.1.255/24" },
		{ "192.168.1.5/24", "fe80::1/64" },
		{ "gateway 192.168.1.1", "gateway 192.168.2.1" },
		{ "gateway 192.168.1.1", "gateway 192.168.1.5" },
		{ "forwarding 0", "forwarding 2" },
		{ "forwarding 0", "forwarding 10" },
		{ "\nforwarding 0\n", "\n" },
		{ "forwarding 0", "rp_filter 0" },
		{ "device 192.168.1.23", "device 10.0.0.1" },
		{ "device 192.168.1.23", "device 192.168.1.0" },
		{ "device 192.168.1.23", "device 192.168.1.255" },
		{ "device 192.168.1.23", "device 192.168.1.1" },
		{ "device 192.168.1.23", "device 192.168.1.5" },
		{ "device 192.168.1.23", "device  192.168.1.23" },
		{ "ipv6\n", "" },
		{ "pairs\n", "pairs\npairs\n" },
		{ "pairs\n", "pairs 1\n" },
		{ "ipv6\n", "ipv6 1\n" },
		{ "6 all forwarding 0", "6 all forwarding 1" },
		{ "6 all forwarding 0", "6 all accept_ra 1" },
		{ "6 eth1 forwarding 1", "6 eth1 forwarding 0" },
		{ "6 eth1 forwarding 1", "6 eth1 disable_ipv6 1" },
		{ "6 eth1 forwarding 1", "6 ../x forwarding 1" },
		{ "default accept_ra 1", "default accept_ra 0" },
		{ "default accept_ra 1", "default force_forwarding 0" },
		{ "force_forwarding 0", "force_forwarding 1" },
		{ "router6 fe80::1", "router6 2001:db8::2" },
		{ "router6 fe80::1", "router6 192.168.1.1" },
		{ "2001:db8::1 02:00:00:00:00:02",
		  "2001:db8::1 02:00:00:00:00:03" },
		{ "device6 fe80::17", "device6 fe80::1" },
		{ "device6 fe80::17", "device6 ff02::1" },
		{ "device6 fe80::17", "device6 ::" },
		{ "device6 fe80::17", "device6 ::1" },
		{ "abcd 02:00:00:00:00:17", "abcd 02:00:00:00:00:01" },
		{ "abcd 02:00:00:00:00:17", "abcd 02:00:00:00:00:02" },
		{ "00:17\n", "00:02\n" }, /* the gateway's MAC */
		{ "00:17\n", "00:01\n" }, /* our own */
		{ "00:17\n", "00:17 02:00:00:00:00:01\n" },
		{ "00:17\n", "00:17 02:00:00:00:00:02\n" },
		{ "00:17\n", "00:17 00:00:00:00:00:00\n" },
		{ "00:17\n", "00:17 02:00:00:00:00:18 x\n" },
		{ "abcd 02:00:00:00:00:17",
		  "abcd 02:00:00:00:00:17 02:00:00:00:00:18" },
		{ "end\n", "end\nend\n" },
		{ "end\n", "end" },
	};

	(void)state;
	assert_int_equal(parse_with(DEVICE, DEVICE), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!parse_with(cases[i].line, cases[i].instead))
			fail_msg("taken: %s", cases[i].instead);
}

static void more_devices_than_there_can_be_are_refused(void **state)
{
	static struct undo undo;
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_puts(&text,
		 "iot-inspector undo 1\ninterface eth0\n"
		 "own 02:00:00:00:00:01\naddress 10.0.0.5/8\n"
		 "gateway 10.0.0.1 02:00:00:00:00:02\nforwarding 0\n"
		 "send_redirects 1\nall_send_redirects 0\nall_forwarding 0\n");
	for (unsigned i = 0; i <= UNDO_DEVICES_MAX; i++)
		buf_printf(&text, "device 10.1.%u.%u 02:00:00:00:01:17\n",
			   i / 256, i % 256);
	buf_puts(&text, "end\n");
	assert_int_equal(undo_parse(buf_text(&text), &undo), ERR_LIMIT);
	buf_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_comes_back_to_the_byte),
		cmocka_unit_test(one_of_ipv6_comes_back_to_the_byte),
		cmocka_unit_test(one_without_ipv4_comes_back_to_the_byte),
		cmocka_unit_test(what_is_kept_of_ipv6_is_a_record),
		cmocka_unit_test(one_without_ipv4_may_say_nothing_of_it),
		cmocka_unit_test(one_of_an_older_version_is_read),
		cmocka_unit_test(whose_a_devices_address_is_now_comes_back),
		cmocka_unit_test(what_could_not_be_read_again_is_not_written),
		cmocka_unit_test(one_without_devices_is_good),
		cmocka_unit_test(no_prefix_of_a_record_is_one),
		cmocka_unit_test(what_a_record_may_not_say_is_refused),
		cmocka_unit_test(more_devices_than_there_can_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
