// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int lock(const char *folder, int how)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int done;

	if (fd < 0)
		return -1;
	do
		done = flock(fd, how);
	while (done && errno == EINTR);
	if (!done)
		return fd;
	close(fd);
	return -1;
}

int hold_beside(const char *path)
{
	const char *end = strrchr(path, '/');
	char folder[PATH_MAX];
	int n = end ? snprintf(folder, sizeof(folder), "%.*s/",
			       (int)(end - path), path)
		    : snprintf(folder, sizeof(folder), ".");

	/* with the slash, a link to a folder is the folder */
	return n < 0 || n >= PATH_MAX ? -1 : lock(folder, LOCK_EX);
}

int hold_folder(const char *path)
{
	return lock(path, LOCK_EX | LOCK_NB);
}
