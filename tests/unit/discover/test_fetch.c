// SPDX-License-Identifier: GPL-3.0-or-later
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
		assert_int_equal(fetch_begin(set, &device, &device, 0,
					     slice_text(refused[i])),
				 ERR_INVALID);
	memset(longer, 'a', sizeof(longer));
	assert_int_equal(fetch_begin(set, &device, &device, 0,
				     slice_of(longer, sizeof(longer))),
			 ERR_INVALID);
	assert_int_equal(fetch_count(set), 0);
	assert_int_equal(fetch_failures(set),
			 sizeof(refused) / sizeof(refused[0]) + 1);
	fetch_close(set);
}

/* A socket of the loopback that takes connections and says nothing. */
static int listen_somewhere(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static void while_one_is_fetched_every_descriptor_is_waited_for(void **state)
{
	struct addr device = { .family = 4, .b = { 127, 0, 0, 1 } };
	struct pollfd polls[FETCH_POLLS_MAX + 1];
	struct fetch_set *set;
	int ends[2], listener;
	uint16_t port;
	char url[64];

	(void)state;
	listener = listen_somewhere(&port);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/x", port);
	assert_int_equal(fetch_open(not_called, NULL, &set), 0);
	assert_int_equal(fetch_begin(set, &device, &device, 0, slice_text(url)),
			 0);
	assert_int_equal(pipe(ends), 0);
	for (size_t i = 0; i <= FETCH_POLLS_MAX; i++)
		polls[i] = (struct pollfd){ .fd = -1 };
	polls[FETCH_POLLS_MAX - 1].fd = ends[0];
	polls[FETCH_POLLS_MAX - 1].events = POLLIN;
	assert_int_equal(write(ends[1], "x", 1), 1);
	while (!polls[FETCH_POLLS_MAX - 1].revents)
		assert_true(fetch_poll(set, polls, FETCH_POLLS_MAX, 1000) > 0);
	assert_int_equal(fetch_poll(set, polls, FETCH_POLLS_MAX + 1, 0), -1);
	assert_int_equal(fetch_count(set), 1);
	fetch_close(set);
	close(ends[0]);
	close(ends[1]);
	close(listener);
}

static void by_ipv6_only_a_devices_own_link_address_is_fetched(void **state)
{
	static const char *const refused[] = {
		"http://[fe80::2]:80/x", "http://[fe80::1]:0/x",
		"http://[fe80::1/x",	 "http://fe80::1/x",
		"http://127.0.0.1:80/x", "https://[fe80::1]:80/x",
	};
	struct addr own = { .family = 4, .b = { 127, 0, 0, 1 } };
	struct addr device = { .family = 6, .b = { 0xfe, 0x80, [15] = 1 } };
	struct addr wide = { .family = 6, .b = { 0x20, 1, [15] = 1 } };
	struct fetch_set *set;

	(void)state;
	assert_int_equal(fetch_open(not_called, NULL, &set), 0);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(fetch_begin(set, &own, &device, 7,
					     slice_text(refused[i])),
				 ERR_INVALID);
	/* behind no interface; of the Internet */
	assert_int_equal(fetch_begin(set, &own, &device, 0,
				     slice_text("http://[fe80::1]:80/x")),
			 ERR_INVALID);
	assert_int_equal(fetch_begin(set, &own, &wide, 7,
				     slice_text("http://[2001::1]:80/x")),
			 ERR_INVALID);
	assert_int_equal(fetch_count(set), 0);
	fetch_close(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_devices_own_address_is_fetched),
		cmocka_unit_test(
			while_one_is_fetched_every_descriptor_is_waited_for),
		cmocka_unit_test(
			by_ipv6_only_a_devices_own_link_address_is_fetched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
