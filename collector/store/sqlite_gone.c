// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/store/sqlite.h"

#define CHUNK_BYTES 65536

/* Under this ending nobody opens it. */
static const char aside[] = ".gone";

static int write_path(const char *folder, uint32_t day, const char *ending,
		      char out[PATH_MAX])
{
	char name[DATABASE_DAY_BYTES];

	database_day_name(day, name);
	return snprintf(out, PATH_MAX, "%s/%s%s", folder, name, ending) <
			       PATH_MAX
		       ? 0
		       : ERR_LIMIT;
}

static void unlink_one(const char *folder, uint32_t day, const char *ending)
{
	char path[PATH_MAX];

	if (!write_path(folder, day, ending, path))
		(void)unlink(path);
}

void store_unlink_day(const char *folder, uint32_t day)
{
	static const char *const endings[] = { "", "-wal", "-shm", aside };

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		unlink_one(folder, day, endings[i]);
}

static int failed(struct store *s)
{
	s->counters.failures++;
	snprintf(s->error, sizeof(s->error), "%s", strerror(errno));
	return ERR_IO;
}

/* Leaving the log needs to be alone with the file; what cannot be read, nobody
 * reads. */
static int be_alone(sqlite3 *db)
{
	sqlite3_busy_timeout(db, 0);
	return database_exec(db, "PRAGMA journal_mode = DELETE;"
				 "BEGIN EXCLUSIVE") &&
			       sqlite3_errcode(db) == SQLITE_BUSY
		       ? ERR_BUSY
		       : 0;
}

/* Who opened it before this has ended, and who comes after finds none. */
static int put_aside(struct store *s, uint32_t day)
{
	char name[DATABASE_DAY_BYTES], from[PATH_MAX], to[PATH_MAX];
	sqlite3 *db;
	int err;

	if (write_path(s->folder, day, "", from) ||
	    write_path(s->folder, day, aside, to))
		return ERR_LIMIT;
	database_day_name(day, name);
	err = database_open(s->folder, name, DATABASE_WRITE, &db);
	if (err == ERR_NOTFOUND)
		return 0;
	if (err) {
		errno = EIO;
		return failed(s);
	}
	err = be_alone(db);
	if (!err && rename(from, to))
		err = failed(s);
	sqlite3_close(db);
	if (!err) {
		unlink_one(s->folder, day, "-wal");
		unlink_one(s->folder, day, "-shm");
	}
	return err;
}

static int overwrite(int fd, off_t from, off_t until)
{
	static const char zeros[CHUNK_BYTES];

	while (from < until) {
		size_t len = until - from < CHUNK_BYTES ? (size_t)(until - from)
							: CHUNK_BYTES;
		ssize_t done = pwrite(fd, zeros, len, from);

		if (done <= 0 && errno != EINTR)
			return ERR_IO;
		from += done > 0 ? done : 0;
	}
	return fdatasync(fd) ? ERR_IO : 0;
}

/* 1: there is more of it. */
static int shorten(int fd)
{
	struct stat st;
	off_t left;

	if (fstat(fd, &st))
		return ERR_IO;
	left = st.st_size > STORE_STEP_BYTES ? st.st_size - STORE_STEP_BYTES
					     : 0;
	if (overwrite(fd, left, st.st_size) || ftruncate(fd, left))
		return ERR_IO;
	return left > 0;
}

/* A day is known until its file is gone. */
static int forget_day(struct store *s, uint32_t day)
{
	char sql[64];

	if (fsync(s->folder_fd))
		return failed(s);
	snprintf(sql, sizeof(sql), "DELETE FROM day WHERE day = %u", day);
	return database_exec(s->main, sql) ? store_failed(s, s->main) : 0;
}

/* 1: there is more. */
static int remove_file(struct store *s, uint32_t day)
{
	char path[PATH_MAX];
	int more, fd, err = put_aside(s, day);

	if (!err)
		err = write_path(s->folder, day, aside, path);
	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : failed(s);
	more = shorten(fd);
	if (more < 0)
		more = failed(s);
	close(fd);
	if (!more && unlink(path))
		more = failed(s);
	return more;
}

int store_remove_step(struct store *s, uint32_t day)
{
	int more = remove_file(s, day);

	return more ? more : forget_day(s, day);
}

int store_remove_all(struct store *s)
{
	int64_t day = 0;
	int more;

	do {
		char sql[80];

		snprintf(sql, sizeof(sql),
			 "SELECT coalesce(min(day), 0) FROM day WHERE "
			 "state = %d",
			 STORE_DAY_EMPTY);
		if (database_number(s->main, sql, &day))
			return store_failed(s, s->main);
		more = day ? store_remove_step(s, (uint32_t)day) : 0;
	} while (day && more >= 0);
	return more;
}
