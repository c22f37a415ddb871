// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/import/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "iot-collector"
/* What is always in a store. */
#define STORE_SIGN "collector.db"
/* What an export in the making is called, after its name. */
#define PART	  ".part"
#define CSV_BYTES (sizeof(".csv") - 1)

extern char **environ;

bool store_is_one(const char *folder)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/" STORE_SIGN, folder);

	return n > 0 && n < PATH_MAX && !access(path, F_OK);
}

/* The program beside this one, or what PATH is searched for. */
static void find_program(char out[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
	char *end;

	out[n > 0 ? n : 0] = '\0';
	end = strrchr(out, '/');
	if (end && (size_t)(end - out) + sizeof("/" PROGRAM) <= PATH_MAX) {
		memcpy(end, "/" PROGRAM, sizeof("/" PROGRAM));
		if (!access(out, X_OK))
			return;
	}
	memcpy(out, PROGRAM, sizeof(PROGRAM));
}

/* Files of an export, each NAME.csv, and the folder when it has no others. */
static void remove_folder(const char *folder)
{
	const struct dirent *entry;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);

		if (length > CSV_BYTES &&
		    !strcmp(entry->d_name + length - CSV_BYTES, ".csv"))
			(void)unlinkat(fd, entry->d_name, 0);
	}
	closedir(dir);
	(void)rmdir(folder);
}

void store_remove(const char *into)
{
	char part[PATH_MAX];
	int n = snprintf(part, sizeof(part), "%s" PART, into);

	remove_folder(into);
	if (n > 0 && n < PATH_MAX)
		remove_folder(part);
}

int store_export(const char *store, const char *into, struct raw_log *log)
{
	char program[PATH_MAX], name[] = PROGRAM, verb[] = "export",
				option[] = "--data-dir", ends[] = "--",
				from[PATH_MAX], to[PATH_MAX];
	char *argv[] = { name, verb, option, from, ends, to, NULL };
	int status = -1, cause;
	pid_t pid;

	if (snprintf(from, sizeof(from), "%s", store) >= PATH_MAX ||
	    snprintf(to, sizeof(to), "%s", into) >= PATH_MAX)
		return ERR_LIMIT;
	store_remove(into);
	find_program(program);
	cause = posix_spawnp(&pid, program, NULL, NULL, argv, environ);
	if (cause) {
		raw_tell(
			log,
			"%s: is a collector's store, which needs the program " PROGRAM
			" to be exported: %s",
			store, strerror(cause));
		return ERR_NOTFOUND;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	raw_tell(log, "%s: " PROGRAM " could not export it", store);
	return ERR_IO;
}
