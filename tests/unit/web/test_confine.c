// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "web/confine.h"

#define BYTES 4096

enum verdict {
	AS_IT_SHOULD,
	NOT_CONFINED,
	NO_MEMORY_AT_ALL,
	MAPPED_TO_RUN,
	MADE_TO_RUN,
	NEW_SOCKET,
	NEW_PROCESS,
};

static enum verdict try_what_is_refused(void)
{
	void *plain;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || confine_hub())
		return NOT_CONFINED;
	plain = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (plain == MAP_FAILED)
		return NO_MEMORY_AT_ALL;
	if (mmap(NULL, BYTES, PROT_READ | PROT_EXEC,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return MAPPED_TO_RUN;
	if (!mprotect(plain, BYTES, PROT_READ | PROT_EXEC))
		return MADE_TO_RUN;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0)
		return NEW_SOCKET;
	if (fork() >= 0)
		return NEW_PROCESS;
	return AS_IT_SHOULD;
}

static void a_confined_hub_runs_nothing_new(void **state)
{
	int status = 0;
	pid_t child = fork();

	(void)state;
	if (!child)
		_exit(try_what_is_refused());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), AS_IT_SHOULD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_confined_hub_runs_nothing_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
