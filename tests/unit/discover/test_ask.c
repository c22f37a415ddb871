// SPDX-License-Identifier: GPL-3.0-or-later
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "discover/ask.h"

#define SSDP_PORT 1900
#define MDNS_PORT 5353
#define WAIT_MS	  5000

/* Devices are addresses of the loopback, of this process alone. */
struct fixture {
	struct ask *ask;
	struct addr own, device[2];
	int clues;
};

static void on_clue(void *user, const struct addr *device,
		    enum record_clue_kind kind, struct slice text)
{
	struct fixture *f = user;

	assert_true(addr_equal(device, &f->device[0]));
	assert_int_equal(kind, RECORD_CLUE_SSDP_SERVER);
	assert_true(slice_equal(text, slice_text("Lab/1")));
	f->clues++;
}

static void on_description(void *user, const struct addr *device,
			   uint32_t index, struct slice url)
{
	(void)index;
	(void)user;
	(void)device;
	(void)url;
	fail();
}

static struct addr loopback(uint8_t last)
{
	uint32_t pid = (uint32_t)getpid();
	uint8_t bytes[4] = { 127, (uint8_t)(pid >> 8 | 1), (uint8_t)pid, last };

	return addr_v4(bytes);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct ask_hearers hearers = { on_clue, on_description, f };

	assert_non_null(f);
	f->own = loopback(1);
	f->device[0] = loopback(2);
	f->device[1] = loopback(3);
	assert_int_equal(ask_open(&f->own, &hearers, &f->ask), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	ask_close(f->ask);
	free(f);
	return 0;
}

static struct sockaddr_in socket_address(const struct addr *addr, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(port) };

	memcpy(&at.sin_addr, addr->b, 4);
	return at;
}

static int bound(const struct addr *addr, uint16_t port)
{
	struct sockaddr_in at = socket_address(addr, port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* What comes to a device, and who asked. */
static size_t hear(int fd, uint8_t *bytes, size_t size,
		   struct sockaddr_in *asker)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	socklen_t length = sizeof(*asker);
	ssize_t got;

	assert_int_equal(poll(&poll_fd, 1, WAIT_MS), 1);
	got = recvfrom(fd, bytes, size, 0, (struct sockaddr *)asker, &length);
	assert_true(got > 0);
	return (size_t)got;
}

static void say(int fd, const char *text, const struct sockaddr_in *to)
{
	assert_int_equal(sendto(fd, text, strlen(text), 0,
				(const struct sockaddr *)to, sizeof(*to)),
			 strlen(text));
}

/* Until a datagram is there for one of those being asked. */
static void run_once(struct ask *ask, uint64_t now_ms)
{
	struct pollfd polls[ASK_DEVICES_MAX];

	ask_poll(ask, polls);
	assert_true(poll(polls, ASK_DEVICES_MAX, WAIT_MS) > 0);
	ask_run(ask, now_ms);
}

static const char answer[] = "HTTP/1.1 200 OK\r\nSERVER: Lab/1\r\n\r\n";

static void an_answer_to_a_search_may_come_from_any_port(void **state)
{
	struct fixture *f = *state;
	int ssdp = bound(&f->device[0], SSDP_PORT);
	int other = bound(&f->device[0], 0);
	struct sockaddr_in asker;
	uint8_t bytes[512];

	assert_int_equal(ask_device(f->ask, &f->device[0], 0, 1), 0);
	hear(ssdp, bytes, sizeof(bytes), &asker);
	say(other, answer, &asker);
	run_once(f->ask, 2);
	assert_int_equal(f->clues, 1);
	assert_int_equal(ask_counters(f->ask)->answers, 1);
	close(ssdp);
	close(other);
}

static void who_was_asked_cannot_answer_for_another(void **state)
{
	struct fixture *f = *state;
	int ssdp[2] = { bound(&f->device[0], SSDP_PORT),
			bound(&f->device[1], SSDP_PORT) };
	struct sockaddr_in asker[2];
	uint8_t bytes[512];

	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask_device(f->ask, &f->device[i], 0, 1), 0);
		hear(ssdp[i], bytes, sizeof(bytes), &asker[i]);
	}
	assert_int_not_equal(asker[0].sin_port, asker[1].sin_port);
	/* with the first one's address, and the port that it was asked from */
	say(ssdp[0], answer, &asker[1]);
	run_once(f->ask, 2);
	assert_int_equal(f->clues, 0);
	assert_int_equal(ask_counters(f->ask)->refused, 1);
	close(ssdp[0]);
	close(ssdp[1]);
}

static void each_is_asked_with_an_id_of_its_own(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[2][512];
	struct sockaddr_in asker;
	int mdns;

	/* by chance the same once in 65,536 times: four in a row */
	for (int round = 0, same = 0; round < 4; round++) {
		for (int i = 0; i < 2; i++) {
			mdns = bound(&f->device[i], MDNS_PORT);
			assert_int_equal(
				ask_device(f->ask, &f->device[i], 0, 1), 0);
			hear(mdns, bytes[i], sizeof(bytes[i]), &asker);
			close(mdns);
		}
		same += !memcmp(bytes[0], bytes[1], 2);
		assert_true(same < 2);
	}
}

static void nothing_is_read_when_the_time_is_over(void **state)
{
	struct fixture *f = *state;
	int ssdp = bound(&f->device[0], SSDP_PORT);
	struct pollfd polls[ASK_DEVICES_MAX];
	struct sockaddr_in asker;
	uint8_t bytes[512];

	assert_int_equal(ask_device(f->ask, &f->device[0], 0, 1), 0);
	hear(ssdp, bytes, sizeof(bytes), &asker);
	say(ssdp, answer, &asker);
	run_once(f->ask, 1 + ASK_MS);
	assert_int_equal(f->clues, 0);
	ask_poll(f->ask, polls);
	for (size_t i = 0; i < ASK_DEVICES_MAX; i++)
		assert_int_equal(polls[i].fd, -1);
	close(ssdp);
}

#define ASK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASK_TEST(an_answer_to_a_search_may_come_from_any_port),
		ASK_TEST(who_was_asked_cannot_answer_for_another),
		ASK_TEST(each_is_asked_with_an_id_of_its_own),
		ASK_TEST(nothing_is_read_when_the_time_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
