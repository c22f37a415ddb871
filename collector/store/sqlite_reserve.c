// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "collector/store/sqlite.h"

static const char name[] = STORE_RESERVE_NAME;

/* What the reserve is, on the disk that there is; and what is free of it. */
static uint64_t measure(const struct store *s, uint64_t *free_bytes)
{
	uint64_t share;
	struct statvfs disk;

	*free_bytes = UINT64_MAX;
	if (fstatvfs(s->folder_fd, &disk))
		return s->reserve_bytes;
	*free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	share = (uint64_t)disk.f_blocks * disk.f_frsize / STORE_RESERVE_SHARE;
	return share < s->reserve_bytes ? share : s->reserve_bytes;
}

bool store_reserve_give(struct store *s)
{
	uint64_t free_bytes;

	if (!s->reserve_bytes || s->folder_fd < 0)
		return false;
	if (measure(s, &free_bytes) < free_bytes && !s->full)
		return false;
	s->scarce = true;
	/* if there is none: it was given, and could not be made again */
	(void)unlinkat(s->folder_fd, name, 0);
	return true;
}

void store_reserve_take(struct store *s)
{
	uint64_t free_bytes, wanted;
	struct stat st;
	int fd;

	s->scarce = false;
	if (!s->reserve_bytes || s->folder_fd < 0)
		return;
	wanted = measure(s, &free_bytes);
	if (!fstatat(s->folder_fd, name, &st, 0) &&
	    (uint64_t)st.st_size >= wanted)
		return;
	fd = openat(s->folder_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	/* as much of it as there is room for */
	while (wanted >= STORE_RESERVE_LEAST &&
	       posix_fallocate(fd, 0, (off_t)wanted))
		wanted /= 2;
	close(fd);
	if (wanted < STORE_RESERVE_LEAST)
		(void)unlinkat(s->folder_fd, name, 0);
}
