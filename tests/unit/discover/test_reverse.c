// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "discover/reverse.h"

#define WAIT_MS 5000

/* What was told last. */
struct told {
	struct addr address;
	char name[MESSAGE_HOST_NAME_MAX];
	size_t times;
};

static void on_told(void *user, const struct addr *address, const char *name)
{
	struct told *told = user;

	told->address = *address;
	snprintf(told->name, sizeof(told->name), "%s", name);
	told->times++;
}

static const struct addr resolver = { 4, { 127, 0, 0, 1 } };
static const struct addr resolver6 = { 6, { [15] = 1 } };
static const struct addr stranger = { 4, { 203, 0, 113, 9 } };

static void ask_of(struct reverse *r, const struct addr *whom,
		   const struct addr *address, uint64_t now_ms)
{
	const struct message_ask_name query = {
		.network = { { 6, { 0x20, 1, 0xd, 0xb8, [15] = 5 } }, 64 },
		.resolver = *whom,
		.address = *address,
	};

	reverse_ask(r, &query, now_ms);
}

/* A network of this test's own, whose port 53 is free. -1: not to be had. */
static int own_resolver(void)
{
	/* IPv4's comes as what IPv6 calls it */
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
				   .sin6_port = htons(53) };
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) && unshare(CLONE_NEWNET))
		return -1;
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at))) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static int make_resolver(void **state)
{
	static int fd = -1;

	if (fd < 0)
		fd = own_resolver();
	*state = fd < 0 ? NULL : &fd;
	return 0;
}

/* The next query; its length. */
static size_t hear(int fd, uint8_t query[512], struct sockaddr_in6 *from)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	socklen_t len = sizeof(*from);
	ssize_t n;

	assert_int_equal(poll(&poll_fd, 1, WAIT_MS), 1);
	n = recvfrom(fd, query, 512, 0, (struct sockaddr *)from, &len);
	assert_true(n > 12);
	return (size_t)n;
}

/* The query's own bytes, and one PTR record for its name. */
static void answer(int fd, const uint8_t *query, size_t len, const char *ptr,
		   const struct sockaddr_in6 *to)
{
	uint8_t packet[1024];
	size_t at = len, rdlength;

	memcpy(packet, query, len);
	packet[2] |= 0x80;
	packet[7] = 1;
	memcpy(packet + at, "\xc0\x0c\0\x0c\0\1\0\0\0\x3c\0", 11);
	at += 12;
	rdlength = at;
	while (*ptr) {
		size_t label = strcspn(ptr, ".");

		packet[at++] = (uint8_t)label;
		memcpy(packet + at, ptr, label);
		at += label;
		ptr += label + (ptr[label] == '.');
	}
	packet[at++] = 0;
	packet[rdlength - 1] = (uint8_t)(at - rdlength);
	assert_int_equal(sendto(fd, packet, at, 0, (const struct sockaddr *)to,
				sizeof(*to)),
			 at);
}

static void run_until_read(struct reverse *r, uint64_t now_ms)
{
	struct pollfd poll_fd;
	int timeout;

	reverse_poll(r, now_ms, &poll_fd, &timeout);
	assert_int_equal(poll(&poll_fd, 1, WAIT_MS), 1);
	reverse_run(r, now_ms);
}

#define NEEDS_RESOLVER(state) \
	if (!*(state))        \
		skip();

static void tells_the_name(int fd, const struct addr *whom)
{
	struct sockaddr_in6 from;
	struct told told = { 0 };
	uint8_t query[512];
	struct reverse *r;
	size_t len;

	assert_int_equal(reverse_new(&r, on_told, &told), 0);
	ask_of(r, whom, &stranger, 1000);
	len = hear(fd, query, &from);
	assert_memory_equal(query + 12,
			    "\1"
			    "9\3"
			    "113\1"
			    "0\3"
			    "203\7in-addr\4arpa\0\0\x0c\0\1",
			    30);
	assert_int_equal(len, 42);
	answer(fd, query, len, "R1.Pool.example.net", &from);
	run_until_read(r, 1000);
	assert_int_equal(told.times, 1);
	assert_true(addr_equal(&told.address, &stranger));
	assert_string_equal(told.name, "r1.pool.example.net");
	/* once: what comes later is nobody's answer */
	answer(fd, query, len, "again.example.net", &from);
	run_until_read(r, 1000);
	assert_int_equal(told.times, 1);
	reverse_free(r);
}

static void the_resolvers_name_is_told(void **state)
{
	NEEDS_RESOLVER(state)
	tells_the_name(*(int *)*state, &resolver);
	tells_the_name(*(int *)*state, &resolver6);
}

static void an_answer_to_another_question_is_none(void **state)
{
	struct sockaddr_in6 from;
	struct told told = { 0 };
	uint8_t query[512], wrong[512];
	struct reverse *r;
	size_t len;
	int fd;

	NEEDS_RESOLVER(state)
	fd = *(int *)*state;
	assert_int_equal(reverse_new(&r, on_told, &told), 0);
	ask_of(r, &resolver, &stranger, 1000);
	len = hear(fd, query, &from);
	memcpy(wrong, query, len);
	wrong[0] ^= 1; /* another number */
	answer(fd, wrong, len, "evil.example.net", &from);
	run_until_read(r, 1000);
	memcpy(wrong, query, len);
	wrong[13] = '8'; /* another address */
	answer(fd, wrong, len, "evil.example.net", &from);
	run_until_read(r, 1000);
	assert_int_equal(told.times, 0);
	/* a name that is none */
	answer(fd, query, len, "<script>.example", &from);
	run_until_read(r, 1000);
	assert_int_equal(told.times, 1);
	assert_string_equal(told.name, "");
	reverse_free(r);
}

static void silence_is_asked_again_once_and_then_told(void **state)
{
	struct sockaddr_in6 from;
	struct told told = { 0 };
	struct pollfd poll_fd;
	uint8_t query[512];
	struct reverse *r;
	int fd, timeout;

	NEEDS_RESOLVER(state)
	fd = *(int *)*state;
	assert_int_equal(reverse_new(&r, on_told, &told), 0);
	ask_of(r, &resolver, &stranger, 1000);
	hear(fd, query, &from);
	reverse_poll(r, 1500, &poll_fd, &timeout);
	assert_int_equal(timeout, REVERSE_WAIT_MS - 500);
	reverse_run(r, 1000 + REVERSE_WAIT_MS);
	hear(fd, query, &from);
	assert_int_equal(told.times, 0);
	reverse_run(r, 1000 + 2 * REVERSE_WAIT_MS);
	assert_int_equal(told.times, 1);
	assert_string_equal(told.name, "");
	reverse_poll(r, 9000, &poll_fd, &timeout);
	assert_int_equal(timeout, -1);
	reverse_free(r);
}

static void only_a_resolver_of_the_home_is_asked(void **state)
{
	static const struct addr far = { 4, { 203, 0, 113, 1 } };
	static const struct addr far6 = { 6, { 0x20, 1, 0xd, 0xb8, 9 } };
	static const struct addr none = { 0 };
	static const struct addr printer = { 4, { 192, 168, 1, 7 } };
	struct told told = { 0 };
	struct pollfd poll_fd;
	struct reverse *r;
	int timeout;

	(void)state;
	assert_int_equal(reverse_new(&r, on_told, &told), 0);
	ask_of(r, &far, &stranger, 1);
	ask_of(r, &far6, &stranger, 1);
	ask_of(r, &none, &stranger, 1);
	ask_of(r, &resolver, &printer, 1);
	assert_int_equal(told.times, 4);
	reverse_poll(r, 1, &poll_fd, &timeout);
	assert_int_equal(poll_fd.fd, -1);
	reverse_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_resolver_of_the_home_is_asked),
		cmocka_unit_test_setup(the_resolvers_name_is_told,
				       make_resolver),
		cmocka_unit_test_setup(an_answer_to_another_question_is_none,
				       make_resolver),
		cmocka_unit_test_setup(
			silence_is_asked_again_once_and_then_told,
			make_resolver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
