// SPDX-License-Identifier: GPL-3.0-or-later
#include "discover/confine.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Whatever their arguments. */
static const int allowed[] = {
	/* sockets that are there */
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(bind),
	SCMP_SYS(connect),
	SCMP_SYS(listen),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(shutdown),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	SCMP_SYS(fcntl),
	SCMP_SYS(fcntl64),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(eventfd2),
	SCMP_SYS(pipe2),
	/* memory, time, chance */
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(brk),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(sched_yield),
	SCMP_SYS(restart_syscall),
	/* signals, and the end */
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

#define KIND 0xf /* of a socket, without its flags */

/* Only where the arguments are as said. */
static const struct {
	int call;
	unsigned int count;
	struct scmp_arg_cmp tests[2];
} conditional[] = {
	{ SCMP_SYS(socket),
	  2,
	  { { 0, SCMP_CMP_EQ, AF_INET, 0 },
	    { 1, SCMP_CMP_MASKED_EQ, KIND, SOCK_STREAM } } },
	{ SCMP_SYS(socket),
	  2,
	  { { 0, SCMP_CMP_EQ, AF_INET, 0 },
	    { 1, SCMP_CMP_MASKED_EQ, KIND, SOCK_DGRAM } } },
	{ SCMP_SYS(mmap), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
	{ SCMP_SYS(mmap2), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
	{ SCMP_SYS(mprotect), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
};

static int add_rules(scmp_filter_ctx filter)
{
	int err;

	/* -EDOM: a call that another architecture has and this one not */
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
		if (err && err != -EDOM)
			return ERR_DENIED;
	}
	for (size_t i = 0; i < sizeof(conditional) / sizeof(conditional[0]);
	     i++) {
		err = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
					     conditional[i].call,
					     conditional[i].count,
					     conditional[i].tests);
		if (err && err != -EDOM)
			return ERR_DENIED;
	}
	return 0;
}

int confine_discover(void)
{
	/* not a kill: a libc newer than this list tries a call and falls
	 * back */
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int err;

	if (!filter)
		return ERR_NOMEM;
	err = add_rules(filter);
	if (!err && seccomp_load(filter))
		err = ERR_DENIED;
	seccomp_release(filter);
	return err;
}
