// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message/channel.h"

static struct channel_inbox inbox;
static struct message received;

static int pair_open(void **state)
{
	static int ends[2];

	*state = ends;
	signal(SIGPIPE, SIG_IGN);
	return channel_pair(ends);
}

static int pair_close(void **state)
{
	int *ends = *state;

	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	return 0;
}

static void messages_come_whole_and_in_order(void **state)
{
	int *ends = *state;

	assert_int_equal(channel_send_plain(ends[0], MESSAGE_PAUSE), 0);
	assert_int_equal(channel_send_plain(ends[0], MESSAGE_RESUME), 0);
	assert_int_equal(channel_receive(ends[1], &inbox, &received), 0);
	assert_int_equal(received.type, MESSAGE_PAUSE);
	assert_int_equal(received.fd, -1);
	assert_int_equal(channel_receive(ends[1], &inbox, &received), 0);
	assert_int_equal(received.type, MESSAGE_RESUME);
	assert_int_equal(channel_receive(ends[1], &inbox, &received),
			 ERR_AGAIN);
}

static void what_was_sent_is_read_before_the_end(void **state)
{
	int *ends = *state;

	assert_int_equal(channel_send_plain(ends[1], MESSAGE_STOP), 0);
	close(ends[1]);
	ends[1] = -1;
	assert_int_equal(channel_receive(ends[0], &inbox, &received), 0);
	assert_int_equal(received.type, MESSAGE_STOP);
	assert_int_equal(channel_receive(ends[0], &inbox, &received),
			 ERR_CLOSED);
	assert_int_equal(channel_send_plain(ends[0], MESSAGE_STOP), ERR_CLOSED);
}

static void a_descriptor_comes_with_its_message(void **state)
{
	int *ends = *state;
	struct message m = { .type = MESSAGE_PEER,
			     .fd = ends[1],
			     .peer.process = MESSAGE_HUB };
	struct stat sent, got;

	assert_int_equal(channel_send(ends[0], &m), 0);
	assert_int_equal(channel_receive(ends[1], &inbox, &received), 0);
	assert_int_equal(received.peer.process, MESSAGE_HUB);
	assert_int_equal(fcntl(received.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstat(ends[1], &sent), 0);
	assert_int_equal(fstat(received.fd, &got), 0);
	assert_int_equal(sent.st_ino, got.st_ino);
	close(received.fd);
}

static void a_peer_without_a_descriptor_is_refused(void **state)
{
	int *ends = *state;
	struct message m = { .type = MESSAGE_PEER, .fd = -1 };
	const uint8_t bytes[13] = { MESSAGE_PEER, 0, 0, 0, 1 };

	assert_int_equal(channel_send(ends[0], &m), ERR_INVALID);
	assert_int_equal(write(ends[0], bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(channel_receive(ends[1], &inbox, &received),
			 ERR_MALFORMED);
}

static void send_descriptors(const int *ends, size_t count)
{
	union {
		struct cmsghdr header;
		uint8_t bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS,
				  .cmsg_len = CMSG_LEN(count * sizeof(int)) } };
	uint8_t type = MESSAGE_STOP;
	struct iovec part = { &type, 1 };
	struct msghdr packet = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen =
					 CMSG_SPACE(count * sizeof(int)) };

	memcpy(CMSG_DATA(&control.header), ends, count * sizeof(int));
	assert_int_equal(sendmsg(ends[0], &packet, 0), 1);
}

static void descriptors_nobody_asked_for_are_closed(void **state)
{
	int *ends = *state;

	for (size_t count = 1; count <= 2; count++) {
		int before, after;

		send_descriptors(ends, count);
		before = dup(ends[0]);
		close(before);
		assert_int_equal(channel_receive(ends[1], &inbox, &received),
				 ERR_MALFORMED);
		after = dup(ends[0]);
		close(after);
		assert_int_equal(before, after);
	}
}

static void a_full_queue_says_try_again(void **state)
{
	static uint8_t window[100000];
	int *ends = *state;
	struct message m = { .type = MESSAGE_WINDOW,
			     .fd = -1,
			     .window = slice_of(window, sizeof(window)) };
	int sent = 0, err;

	while (!(err = channel_send(ends[0], &m)) && sent < 1000)
		sent++;
	assert_int_equal(err, ERR_AGAIN);
	assert_true(sent > 0);
	while (!channel_receive(ends[1], &inbox, &received))
		assert_int_equal(received.window.len, sizeof(window));
	assert_int_equal(channel_send(ends[0], &m), 0);
}

struct taken {
	size_t count;
	enum message_type last;
	int fd;
};

static void take(void *user, const struct message *m)
{
	struct taken *taken = user;

	taken->count++;
	taken->last = m->type;
	taken->fd = m->fd;
}

static void what_is_there_is_read_a_turns_worth_at_a_time(void **state)
{
	struct taken taken = { 0 };
	uint64_t refused = 0;
	const struct channel_reader reader = { .take = take,
					       .user = &taken,
					       .refused = &refused };
	int *ends = *state;

	assert_int_equal(write(ends[0], "x", 1), 1);
	for (int i = 0; i < CHANNEL_AT_ONCE; i++)
		assert_int_equal(channel_send_plain(ends[0], MESSAGE_SCAN), 0);
	assert_int_equal(channel_send_plain(ends[0], MESSAGE_STOP), 0);
	assert_int_equal(channel_read(ends[1], &inbox, &reader), ERR_AGAIN);
	assert_int_equal(refused, 1);
	assert_int_equal(taken.count, CHANNEL_AT_ONCE - 1);
	assert_int_equal(taken.last, MESSAGE_SCAN);
	close(ends[0]);
	assert_int_equal(channel_read(ends[1], &inbox, &reader), ERR_CLOSED);
	assert_int_equal(taken.count, CHANNEL_AT_ONCE + 1);
	assert_int_equal(taken.last, MESSAGE_STOP);
	ends[0] = ends[1];
	ends[1] = -1;
}

static void only_who_keeps_peers_gets_their_descriptors(void **state)
{
	const struct message m = { .type = MESSAGE_PEER,
				   .fd = STDERR_FILENO,
				   .peer = { MESSAGE_HUB, 0, 0 } };
	struct taken taken = { 0 };
	struct channel_reader reader = { .take = take, .user = &taken };
	int *ends = *state;

	for (int keeps = 0; keeps < 2; keeps++) {
		reader.keeps_peers = keeps;
		assert_int_equal(channel_send(ends[0], &m), 0);
		assert_int_equal(channel_read(ends[1], &inbox, &reader),
				 ERR_AGAIN);
		assert_int_equal(fcntl(taken.fd, F_GETFD) >= 0, keeps);
	}
	close(taken.fd);
}

#define PAIR_TEST(f) cmocka_unit_test_setup_teardown(f, pair_open, pair_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(messages_come_whole_and_in_order),
		PAIR_TEST(what_was_sent_is_read_before_the_end),
		PAIR_TEST(a_descriptor_comes_with_its_message),
		PAIR_TEST(a_peer_without_a_descriptor_is_refused),
		PAIR_TEST(descriptors_nobody_asked_for_are_closed),
		PAIR_TEST(a_full_queue_says_try_again),
		PAIR_TEST(what_is_there_is_read_a_turns_worth_at_a_time),
		PAIR_TEST(only_who_keeps_peers_gets_their_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
