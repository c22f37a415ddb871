// SPDX-License-Identifier: GPL-3.0-or-later
#include "upload/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netdb.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine/allow.h"

/* Whatever their arguments. */
static const int allowed[] = {
	/* sockets that are there */
	SCMP_SYS(bind),
	SCMP_SYS(connect),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(shutdown),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(socketpair),
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(pwrite64),
	SCMP_SYS(lseek),
	SCMP_SYS(ftruncate),
	SCMP_SYS(ftruncate64),
	SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(stat),
	SCMP_SYS(stat64),
	SCMP_SYS(newfstatat),
	SCMP_SYS(fstatat64),
	SCMP_SYS(statx),
	SCMP_SYS(close),
	SCMP_SYS(fcntl),
	SCMP_SYS(fcntl64),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(eventfd2),
	SCMP_SYS(pipe2),
	/* a thread that resolves a name */
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(sched_yield),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	/* memory, time, chance */
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(brk),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(uname),
	SCMP_SYS(restart_syscall),
	/* signals, and the end */
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

#define KIND 0xf /* of a socket, without its flags */

/* Flags that make open(2) more than a reading. */
#define OPEN_CHANGES \
	(O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

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
	/* how much there is to read, and not to wait for it */
	{ SCMP_SYS(ioctl), 1, { { 1, SCMP_CMP_EQ, FIONREAD, 0 } } },
	{ SCMP_SYS(ioctl), 1, { { 1, SCMP_CMP_EQ, FIONBIO, 0 } } },
	{ SCMP_SYS(open), 1, { { 1, SCMP_CMP_MASKED_EQ, OPEN_CHANGES, 0 } } },
	{ SCMP_SYS(openat), 1, { { 2, SCMP_CMP_MASKED_EQ, OPEN_CHANGES, 0 } } },
	/* threads, not processes; clone3 hides its flags, and is refused, upon
	 * which the C library takes this one */
	{ SCMP_SYS(clone),
	  1,
	  { { 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM,
	      CLONE_THREAD | CLONE_VM } } },
	{ SCMP_SYS(mmap), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
	{ SCMP_SYS(mmap2), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
	{ SCMP_SYS(mprotect), 1, { { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } } },
};

/* What a name is resolved by. */
static const char *const readable[] = {
	"/etc",
	"/run/systemd/resolve",
	"/run/resolvconf",
	"/run/NetworkManager",
};

static void let_read(int rules, const char *path)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE |
				  LANDLOCK_ACCESS_FS_READ_DIR,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};

	if (rule.parent_fd < 0)
		return; /* not every system has it */
	(void)!syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		       &rule, 0);
	close(rule.parent_fd);
}

/* What a kernel without it lets through, seccomp holds to reading. */
static void confine_files(void)
{
	struct landlock_ruleset_attr all = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE |
				     LANDLOCK_ACCESS_FS_WRITE_FILE |
				     LANDLOCK_ACCESS_FS_READ_FILE |
				     LANDLOCK_ACCESS_FS_READ_DIR,
	};
	int rules =
		(int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);

	if (rules < 0)
		return;
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		let_read(rules, readable[i]);
	if (!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		(void)!syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
}

/* The modules that resolve names are code, which cannot be loaded later. */
static void load_resolver(void)
{
	struct addrinfo *found = NULL;

	if (!getaddrinfo("localhost", NULL, NULL, &found))
		freeaddrinfo(found);
}

int confine_upload(void)
{
	load_resolver();
	confine_files();
	return allow_only(&(struct allow_list){
		.calls = allowed,
		.call_count = sizeof(allowed) / sizeof(allowed[0]),
		.rules = conditional,
		.rule_count = sizeof(conditional) / sizeof(conditional[0]),
		.refusal = ENOSYS,
	});
}
