// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TEST_STORE_SCRATCH_H
#define TEST_STORE_SCRATCH_H

#include <stdio.h>
#include <unistd.h>

/** Removes a closed database, with what SQLite lays beside it, and its
 * folder. */
static inline void scratch_remove(const char *dir, const char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char name[128];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		unlink(name);
	}
	rmdir(dir);
}

#endif
