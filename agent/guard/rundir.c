// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longest name of ours, with ".new". */
#define NAME_MAX_BYTES 32

static const char *const files[] = { "lock", "undo", "processes" };

/* A file of an earlier run may be another user's: only plain ones of a single
 * name are taken over, so that none stands for a file elsewhere. */
static void take_over(int dir, const struct privilege_user *user)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = openat(dir, files[i],
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		struct stat status;

		if (fd < 0)
			continue;
		if (!fstat(fd, &status) && S_ISREG(status.st_mode) &&
		    status.st_nlink == 1)
			(void)!fchown(fd, user->uid, user->gid);
		close(fd);
	}
}

/* Root gives the directory to the user, but one that is in use to nobody:
 * whose it is must be able to put things back. The lock is asked for first,
 * and let go of again: who opens it next does so as the user. */
static int give(int dir, const struct privilege_user *user)
{
	int lock = openat(dir, "lock",
			  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int err = 0;

	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		err = ERR_BUSY;
	else if (fchown(dir, user->uid, user->gid) || fchmod(dir, 0700))
		err = ERR_IO;
	else
		take_over(dir, user);
	if (lock >= 0)
		close(lock);
	return err;
}

static bool is_ours(const char *name)
{
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return true;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!strncmp(name, files[i], strlen(files[i])))
			return true;
	return false;
}

/* Whether there is something that no run left: it is somebody's directory. */
static bool holds_more(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	bool more = !list;

	if (!list && copy >= 0)
		close(copy);
	while (list && !more && (entry = readdir(list)))
		more = !is_ours(entry->d_name);
	if (list)
		closedir(list);
	return more;
}

int rundir_look(const char *path, int *out)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return ERR_IO;
	*out = fd;
	return 0;
}

bool rundir_is_locked(int dir)
{
	int lock = openat(dir, "lock",
			  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool locked;

	if (lock < 0)
		return false;
	locked = flock(lock, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
	close(lock);
	return locked;
}

int rundir_open(const char *path, const struct privilege_user *user, int *out)
{
	struct stat status;
	int fd, err = ERR_IO;

	if (mkdir(path, 0700) && errno != EEXIST)
		return ERR_IO;
	if (rundir_look(path, &fd))
		return ERR_IO;
	if (fstat(fd, &status))
		goto out;
	if (geteuid() == 0 && holds_more(fd)) {
		errno = ENOTEMPTY;
		err = ERR_DENIED;
		goto out;
	}
	if (geteuid() == 0) {
		err = give(fd, user);
		if (err)
			goto out;
	} else if (status.st_uid != geteuid() || status.st_mode & 022) {
		errno = EACCES;
		err = ERR_DENIED;
		goto out;
	}
	*out = fd;
	return 0;
out:
	close(fd);
	return err;
}

int rundir_lock(int dir, int *out)
{
	int fd = openat(dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
			0600);

	if (fd < 0)
		return ERR_IO;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		int err = errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;

		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

int rundir_write(int dir, const char *name, const char *text, size_t length)
{
	char fresh[NAME_MAX_BYTES];
	int fd;

	snprintf(fresh, sizeof(fresh), "%s.new", name);
	fd = openat(dir, fresh,
		    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return ERR_IO;
	if (write(fd, text, length) != (ssize_t)length || fsync(fd)) {
		close(fd);
		return ERR_IO;
	}
	if (close(fd) || renameat(dir, fresh, dir, name) || fsync(dir))
		return ERR_IO;
	return 0;
}

int rundir_read(int dir, const char *name, char *text, size_t size)
{
	int fd = openat(dir, name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	do {
		got = read(fd, text + length, size - length);
		if (got > 0)
			length += (size_t)got;
	} while (got > 0 && length < size);
	close(fd);
	if (got < 0)
		return ERR_IO;
	if (length == size)
		return ERR_LIMIT;
	text[length] = '\0';
	return (int)length;
}

int rundir_rename(int dir, const char *name, const char *fresh)
{
	return renameat(dir, name, dir, fresh) ? ERR_IO : 0;
}

int rundir_remove(int dir, const char *name)
{
	return unlinkat(dir, name, 0) && errno != ENOENT ? ERR_IO : 0;
}
