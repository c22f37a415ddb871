// SPDX-License-Identifier: GPL-3.0-or-later
#include "discover/confine.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "confine/allow.h"

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
static const struct allow_rule conditional[] = {
	{ SCMP_SYS(socket),
	  2,
	  { { 0, SCMP_CMP_EQ, AF_INET, 0 },
	    { 1, SCMP_CMP_MASKED_EQ, KIND, SOCK_STREAM } } },
	{ SCMP_SYS(socket),
	  2,
	  { { 0, SCMP_CMP_EQ, AF_INET, 0 },
	    { 1, SCMP_CMP_MASKED_EQ, KIND, SOCK_DGRAM } } },
	{ SCMP_SYS(socket),
	  2,
	  { { 0, SCMP_CMP_EQ, AF_INET6, 0 },
	    { 1, SCMP_CMP_MASKED_EQ, KIND, SOCK_STREAM } } },
	{ SCMP_SYS(socket),
	  2,
	  { { 0, SCMP_CMP_EQ, AF_INET6, 0 },
	    { 1, SCMP_CMP_MASKED_EQ, KIND, SOCK_DGRAM } } },
	{ SCMP_SYS(mmap), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
	{ SCMP_SYS(mmap2), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
	{ SCMP_SYS(mprotect), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
};

int confine_discover(void)
{
	/* not a kill: a libc newer than this list tries a call and falls
	 * back */
	return allow_only(&(struct allow_list){
		.calls = allowed,
		.call_count = sizeof(allowed) / sizeof(allowed[0]),
		.rules = conditional,
		.rule_count = sizeof(conditional) / sizeof(conditional[0]),
		.refusal = ENOSYS,
	});
}
