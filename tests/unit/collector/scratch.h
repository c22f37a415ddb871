// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TEST_COLLECTOR_SCRATCH_H
#define TEST_COLLECTOR_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SCRATCH_BYTES 64

/** A new folder whose name begins so: 0, or less than 0. In memory where there
 * is such a folder: nothing in these tests is about disks. */
static inline int scratch_make(const char *name, char folder[SCRATCH_BYTES])
{
	snprintf(folder, SCRATCH_BYTES, "%s/%s-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", name);
	return mkdtemp(folder) ? 0 : -1;
}

/** Removes it, with every file in it. */
static inline void scratch_remove(const char *folder)
{
	const struct dirent *entry;
	char path[512];
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
	rmdir(folder);
}

#endif
