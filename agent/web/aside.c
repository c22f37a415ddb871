// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/aside.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PREFIX ASIDE_DATABASE ".damaged-"

int aside_set(const char *dir, unsigned long long now_ms)
{
	/* what its log has was never in it, and is of no use to the next */
	static const char *const suffixes[] = { "-wal", "-shm", "" };
	char from[PATH_MAX], to[PATH_MAX];
	int err = ERR_IO;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		int len = snprintf(from, sizeof(from), "%s/%s%s", dir,
				   ASIDE_DATABASE, suffixes[i]);

		if (len < 0 || (size_t)len >= sizeof(from))
			return ERR_IO;
		len = snprintf(to, sizeof(to), "%s/%s%llu%s", dir, PREFIX,
			       now_ms, suffixes[i]);
		if (len < 0 || (size_t)len >= sizeof(to))
			return ERR_IO;
		err = rename(from, to) ? ERR_IO : 0;
	}
	return err;
}

/* Each one's name, until visit gives false. ERR_IO. */
static int each(const char *dir,
		bool (*visit)(void *user, int dir_fd, const char *name),
		void *user)
{
	DIR *open_dir = opendir(dir);
	const struct dirent *entry;

	if (!open_dir)
		return ERR_IO;
	while ((entry = readdir(open_dir)))
		if (!strncmp(entry->d_name, PREFIX, strlen(PREFIX)) &&
		    !visit(user, dirfd(open_dir), entry->d_name))
			break;
	closedir(open_dir);
	return 0;
}

static bool count_one(void *user, int dir_fd, const char *name)
{
	size_t len = strlen(name);
	size_t *count = user;

	(void)dir_fd;
	/* a log goes with its database */
	if (strcmp(name + len - 4, "-wal") != 0 &&
	    strcmp(name + len - 4, "-shm") != 0)
		++*count;
	return true;
}

size_t aside_count(const char *dir)
{
	size_t count = 0;

	return each(dir, count_one, &count) ? 0 : count;
}

static bool erase_one(void *user, int dir_fd, const char *name)
{
	bool *failed = user;

	*failed |= unlinkat(dir_fd, name, 0) != 0;
	return true;
}

int aside_erase(const char *dir)
{
	bool failed = false;

	return each(dir, erase_one, &failed) || failed ? ERR_IO : 0;
}
