// SPDX-License-Identifier: GPL-3.0-or-later

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "carried.h"

/*
 * The front of the single-file program: statically linked, so that it starts
 * anywhere. It hands the program and the libraries behind it to the kernel as
 * sealed files in memory and becomes the program, which finds each library at
 * the descriptor that packaging/package wrote into it. No file is written and
 * none is left. The C library is the system's own.
 */

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif

static int fail(const char *what)
{
	fprintf(stderr, "iot-inspector: %s: %s\n", what, strerror(errno));
	return 127;
}

/* An empty file in memory that may be executed. */
static int make_file(const char *name)
{
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create(name, flags | MFD_EXEC);

	return fd < 0 && errno == EINVAL ? memfd_create(name, flags) : fd;
}

/* Copies one part of the file self into memory; gives its descriptor. */
static int carry(int self, const struct carried_part *part)
{
	off_t offset = (off_t)part->offset;
	size_t left = part->size;
	int fd = make_file(CARRIED_NAME);

	while (fd >= 0 && left) {
		ssize_t done = sendfile(fd, self, &offset, left);

		if (done <= 0) {
			close(fd);
			return -1;
		}
		left -= (size_t)done;
	}
	if (fd >= 0 &&
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* A library stays open over the exec, at the number the program expects. */
static int carry_library(int self, const struct carried_part *part, int at)
{
	int fd;

	if (fcntl(at, F_GETFD) >= 0) {
		errno = EBUSY;
		return -1;
	}
	fd = carry(self, part);
	if (fd < 0 || dup2(fd, at) < 0)
		return -1;
	return close(fd);
}

static bool read_at(int self, void *out, size_t size, uint64_t offset)
{
	return pread(self, out, size, (off_t)offset) == (ssize_t)size;
}

int main(int argc, char **argv)
{
	struct carried_part parts[CARRIED_PARTS_MAX];
	struct carried_end end;
	struct stat status;
	int program, self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	uint64_t at;

	(void)argc;
	if (self < 0 || fstat(self, &status))
		return fail("could not read itself (is /proc mounted?)");
	at = (uint64_t)status.st_size - sizeof(end);
	if (!read_at(self, &end, sizeof(end), at) ||
	    memcmp(end.magic, CARRIED_MAGIC, sizeof(end.magic)) ||
	    end.count < 1 || end.count > CARRIED_PARTS_MAX ||
	    !read_at(self, parts, end.count * sizeof(parts[0]),
		     at - end.count * sizeof(parts[0]))) {
		errno = ENOEXEC;
		return fail("the file is not whole");
	}
	for (uint32_t i = 1; i < end.count; i++)
		if (carry_library(self, &parts[i], CARRIED_FD + (int)i))
			return fail("could not load its libraries");
	program = carry(self, &parts[0]);
	if (program < 0)
		return fail("could not load the program");
	close(self);
	fexecve(program, argv, environ);
	return fail("could not start the program");
}
