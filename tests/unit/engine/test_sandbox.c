// SPDX-License-Identifier: GPL-3.0-or-later

/* What the confined process may not do, each tried in a child of its own. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "decode/quic.h"
#include "engine/sandbox.h"

/* Each gives a negative number when it is refused. */
static long try_open(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static long try_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static long try_connect(void)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	return connect(3, &none, sizeof(none));
}

static long try_send(void)
{
	return send(3, "x", 1, 0);
}

static long try_sendmsg(void)
{
	const struct msghdr nothing = { 0 };

	return sendmsg(3, &nothing, 0);
}

static long try_fork(void)
{
	return fork();
}

static long try_write_high(void)
{
	return write(SANDBOX_CAPTURE_FD, "x", 1);
}

static long try_dup_low(void)
{
	return fcntl(SANDBOX_CAPTURE_FD, F_DUPFD_CLOEXEC, 0);
}

static long try_dup2(void)
{
	return dup2(SANDBOX_CAPTURE_FD, 3);
}

static long try_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static long try_make_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* having memory at all is allowed */
	if (p == MAP_FAILED)
		return 0;
	return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static long try_exec(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static long try_option(void)
{
	const int one = 1;

	return setsockopt(3, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one));
}

static const struct {
	const char *name;
	long (*attempt)(void);
} refused[] = {
	{ "open", try_open },
	{ "socket", try_socket },
	{ "connect", try_connect },
	{ "send", try_send },
	{ "sendmsg", try_sendmsg },
	{ "fork", try_fork },
	{ "write to the capture's socket", try_write_high },
	{ "move the capture's socket", try_dup_low },
	{ "copy the capture's socket over another", try_dup2 },
	{ "map executable memory", try_executable },
	{ "make memory executable", try_make_executable },
	{ "exec", try_exec },
	{ "set another option of a socket", try_option },
};

enum {
	REFUSED = 10,
	OTHER_ERROR,
	DONE,
	NOT_CONFINED,
};

/* Descriptors 3 and SANDBOX_CAPTURE_FD are ends of a pair. */
static void prepare(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) || dup2(ends[0], 3) < 0 ||
	    dup2(ends[1], SANDBOX_CAPTURE_FD) < 0)
		_exit(NOT_CONFINED);
}

static int outcome(long (*attempt)(void), bool confined)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		prepare();
		if (confined && sandbox_enter())
			_exit(NOT_CONFINED);
		if (attempt() >= 0)
			_exit(DONE);
		_exit(errno == EPERM ? REFUSED : OTHER_ERROR);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void what_the_engine_does_not_need_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		int result = outcome(refused[i].attempt, true);

		if (result != REFUSED)
			fail_msg("%s: %d", refused[i].name, result);
		/* and it is the sandbox that refuses it */
		if (outcome(refused[i].attempt, false) == REFUSED)
			fail_msg("%s is refused anyhow", refused[i].name);
	}
}

static long try_write_low(void)
{
	return write(3, "x", 1);
}

static long try_move_up(void)
{
	return fcntl(3, F_DUPFD_CLOEXEC, SANDBOX_CAPTURE_FD);
}

static long try_allocate(void)
{
	void *volatile p = malloc((size_t)8 << 20);

	free(p);
	return p ? 0 : -1;
}

/* The first QUIC packet comes when it is confined already. */
static long try_quic(void)
{
	static const uint8_t id[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct crypto *crypto = crypto_new();
	struct quic_keys keys;
	long err = -1;

	if (crypto)
		err = quic_client_keys(crypto, QUIC_VERSION_1,
				       slice_of(id, sizeof(id)), &keys);
	if (!err)
		err = quic_complete_keys(crypto, &keys);
	crypto_free(crypto);
	return err;
}

static void what_it_needs_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(outcome(try_write_low, true), DONE);
	assert_int_equal(outcome(try_move_up, true), DONE);
	assert_int_equal(outcome(try_allocate, true), DONE);
	assert_int_equal(outcome(try_quic, true), DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_engine_does_not_need_is_refused),
		cmocka_unit_test(what_it_needs_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
