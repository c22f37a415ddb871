// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "confine/allow.h"

/* Whatever their arguments. */
static const int allowed[] = {
	/* wait and receive */
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(recvmsg),
	SCMP_SYS(close),
	SCMP_SYS(clock_gettime),
	/* allocate */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	/* end, by abort() too */
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* Only where one argument is as said. */
static const struct allow_rule conditional[] = {
	{ SCMP_SYS(write), 1, { { 0, SCMP_CMP_LT, SANDBOX_CAPTURE_FD, 0 } } },
	{ SCMP_SYS(fcntl),
	  2,
	  { { 1, SCMP_CMP_EQ, F_DUPFD_CLOEXEC, 0 },
	    { 2, SCMP_CMP_GE, SANDBOX_CAPTURE_FD, 0 } } },
	{ SCMP_SYS(setsockopt),
	  2,
	  { { 1, SCMP_CMP_EQ, SOL_PACKET, 0 },
	    { 2, SCMP_CMP_EQ, PACKET_VERSION, 0 } } },
	{ SCMP_SYS(setsockopt),
	  2,
	  { { 1, SCMP_CMP_EQ, SOL_PACKET, 0 },
	    { 2, SCMP_CMP_EQ, PACKET_RX_RING, 0 } } },
	{ SCMP_SYS(getsockopt),
	  2,
	  { { 1, SCMP_CMP_EQ, SOL_PACKET, 0 },
	    { 2, SCMP_CMP_EQ, PACKET_STATISTICS, 0 } } },
	{ SCMP_SYS(getsockopt),
	  2,
	  { { 1, SCMP_CMP_EQ, SOL_SOCKET, 0 },
	    { 2, SCMP_CMP_EQ, SO_ERROR, 0 } } },
	{ SCMP_SYS(mmap), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
	{ SCMP_SYS(mprotect), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
};

int sandbox_enter(void)
{
	return allow_only(&(struct allow_list){
		.calls = allowed,
		.call_count = sizeof(allowed) / sizeof(allowed[0]),
		.rules = conditional,
		.rule_count = sizeof(conditional) / sizeof(conditional[0]),
		.refusal = EPERM,
	});
}
