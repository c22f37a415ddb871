// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judge/clear.h"

static void calls_and_messages_are_told_by_their_ports(void **state)
{
	static const struct {
		uint8_t protocol;
		uint16_t port;
		const char *name;
		enum clear_way way;
	} cases[] = {
		{ 6, 23, "Telnet", CLEAR_READABLE },
		{ 6, 1883, "MQTT", CLEAR_READABLE },
		{ 6, 5060, "SIP", CLEAR_READABLE },
		{ 17, 5060, "SIP", CLEAR_READABLE },
		{ 17, 5683, "CoAP", CLEAR_READABLE },
		{ 17, 123, "NTP", CLEAR_HARMLESS },
		{ 6, 465, "SMTP over TLS", CLEAR_ENCRYPTED },
		{ 6, 993, "IMAP over TLS", CLEAR_ENCRYPTED },
		{ 6, 995, "POP3 over TLS", CLEAR_ENCRYPTED },
		{ 6, 5061, "SIP over TLS", CLEAR_ENCRYPTED },
		{ 17, 443, "QUIC", CLEAR_ENCRYPTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct clear_protocol *p =
			clear_by_port(cases[i].protocol, cases[i].port);

		assert_int_equal(p->way, cases[i].way);
		assert_string_equal(p->name, cases[i].name);
	}
	/* what runs over the other transport is another thing */
	assert_int_equal(clear_by_port(17, 23)->way, CLEAR_UNKNOWN);
	assert_int_equal(clear_by_port(6, 4711)->way, CLEAR_UNKNOWN);
}

static void what_may_change_to_tls_is_not_told_by_its_port(void **state)
{
	static const uint16_t ports[] = { 21, 25, 110, 143, 389, 587, 5222 };

	(void)state;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		assert_int_equal(clear_by_port(6, ports[i])->way,
				 CLEAR_UNKNOWN);
	for (enum record_application a = RECORD_APPLICATION_SMTP;
	     a <= RECORD_APPLICATION_SIP; a++)
		assert_int_equal(clear_by_application(a)->way, CLEAR_READABLE);
}

static void
a_port_means_what_the_protocol_that_was_recognised_does(void **state)
{
	static const struct {
		uint16_t port;
		enum record_application application;
	} cases[] = {
		{ 22, RECORD_APPLICATION_SSH },
		{ 23, RECORD_APPLICATION_TELNET },
		{ 53, RECORD_APPLICATION_DNS },
		{ 80, RECORD_APPLICATION_HTTP },
		{ 443, RECORD_APPLICATION_TLS },
		{ 554, RECORD_APPLICATION_RTSP },
		{ 853, RECORD_APPLICATION_DOT },
		{ 1883, RECORD_APPLICATION_MQTT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct clear_protocol *port = clear_by_port(
						    6, cases[i].port),
					    *said = clear_by_application(
						    cases[i].application);

		assert_int_equal(port->way, said->way);
		assert_string_equal(port->name, said->name);
	}
	assert_int_equal(clear_by_application(RECORD_APPLICATION_STUN)->way,
			 CLEAR_UNKNOWN);
	assert_int_equal(clear_by_application(RECORD_APPLICATIONS)->way,
			 CLEAR_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_and_messages_are_told_by_their_ports),
		cmocka_unit_test(
			what_may_change_to_tls_is_not_told_by_its_port),
		cmocka_unit_test(
			a_port_means_what_the_protocol_that_was_recognised_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
