// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/imported.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "lists"
#define SUFFIX ".know"
#define PART   ".part"

/* "Disconnect entities" is the file disconnect-entities.know. */
static int plain_name(const char *name, char out[IMPORTED_NAME_BYTES])
{
	size_t len = 0;

	for (; *name && len < IMPORTED_NAME_BYTES - 1; name++) {
		unsigned char c = (unsigned char)*name;

		if (isascii(c) && isalnum(c))
			out[len++] = (char)tolower(c);
		else if (len && out[len - 1] != '-')
			out[len++] = '-';
	}
	while (len && out[len - 1] == '-')
		len--;
	out[len] = '\0';
	return len ? 0 : ERR_INVALID;
}

static int folder_path(const char *data_dir, char out[PATH_MAX])
{
	int len = snprintf(out, PATH_MAX, "%s/" FOLDER, data_dir);

	return len > 0 && len < PATH_MAX ? 0 : ERR_LIMIT;
}

/* The bytes of a file, mapped; none when it cannot be. */
static struct slice map(int folder, const char *name, int64_t *time_s)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct slice none = { 0 }, mapped;
	struct stat st;
	void *data;

	if (fd < 0)
		return none;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (uint64_t)st.st_size > IMPORTED_BYTES_MAX) {
		close(fd);
		return none;
	}
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (data == MAP_FAILED)
		return none;
	*time_s = st.st_mtime;
	mapped = slice_of(data, (size_t)st.st_size);
	return mapped;
}

static void unmap(struct slice file)
{
	union {
		const void *mapped;
		void *own;
	} start = { .mapped = file.data };

	if (file.len)
		(void)munmap(start.own, file.len);
}

/* The name of a list's file without its suffix; false for other files. */
static bool list_name(const char *file, char out[IMPORTED_NAME_BYTES])
{
	size_t len = strlen(file);

	if (len <= strlen(SUFFIX) ||
	    len - strlen(SUFFIX) >= IMPORTED_NAME_BYTES ||
	    strcmp(file + len - strlen(SUFFIX), SUFFIX) != 0)
		return false;
	len -= strlen(SUFFIX);
	memcpy(out, file, len);
	out[len] = '\0';
	return true;
}

static void take(struct imported *i, int folder, const char *file)
{
	struct imported_file one = { 0 };
	struct slice bytes;

	if (!list_name(file, one.name))
		return;
	if (i->count == IMPORTED_MAX) {
		i->refused++;
		return;
	}
	bytes = map(folder, file, &one.time_s);
	if (!bytes.len || reference_open(bytes, &one.reference)) {
		unmap(bytes);
		i->refused++;
		return;
	}
	i->files[i->count++] = one;
}

static int by_time(const void *left, const void *right)
{
	const struct imported_file *a = left, *b = right;

	if (a->time_s != b->time_s)
		return a->time_s < b->time_s ? -1 : 1;
	return strcmp(a->name, b->name);
}

void imported_open(struct imported *i, const char *data_dir)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *folder;

	memset(i, 0, sizeof(*i));
	folder = folder_path(data_dir, path) ? NULL : opendir(path);
	if (!folder)
		return;
	while ((entry = readdir(folder)))
		take(i, dirfd(folder), entry->d_name);
	closedir(folder);
	qsort(i->files, i->count, sizeof(i->files[0]), by_time);
}

void imported_close(struct imported *i)
{
	for (size_t n = 0; n < i->count; n++)
		unmap(i->files[n].reference.file);
	i->count = 0;
}

void imported_know(const struct imported *i, struct know *out)
{
	know_init(out);
	/* they are as many as fit */
	for (size_t n = 0; n < i->count; n++)
		(void)!know_add(out, &i->files[n].reference);
}

static int write_all(int fd, const struct buf *file)
{
	size_t at = 0;

	while (at < file->len) {
		ssize_t n = write(fd, file->data + at, file->len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		at += (size_t)n;
	}
	return fsync(fd) ? ERR_IO : 0;
}

/* Written beside, and then given its name. */
static int write_file(int folder, const char *name, const struct buf *file)
{
	char whole[IMPORTED_NAME_BYTES + sizeof(SUFFIX)];
	char part[IMPORTED_NAME_BYTES + sizeof(SUFFIX PART)];
	int fd, err;

	snprintf(whole, sizeof(whole), "%s" SUFFIX, name);
	snprintf(part, sizeof(part), "%s" SUFFIX PART, name);
	fd = openat(folder, part,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return ERR_IO;
	err = write_all(fd, file);
	if (close(fd))
		err = ERR_IO;
	if (!err && renameat(folder, part, folder, whole))
		err = ERR_IO;
	if (err) {
		int errnum = errno;

		(void)unlinkat(folder, part, 0);
		errno = errnum;
		return err;
	}
	return fsync(folder) ? ERR_IO : 0;
}

static bool has(const struct imported *i, const char *name)
{
	for (size_t n = 0; n < i->count; n++)
		if (!strcmp(i->files[n].name, name))
			return true;
	return false;
}

static int open_folder(const char *data_dir, bool make, int *out)
{
	char path[PATH_MAX];
	int err = folder_path(data_dir, path);

	if (err)
		return err;
	if (make && mkdir(path, 0700) && errno != EEXIST)
		return ERR_IO;
	*out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*out < 0)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	return 0;
}

int imported_put(const char *data_dir, const char *name, const struct buf *file)
{
	char plain[IMPORTED_NAME_BYTES];
	struct imported there;
	int folder, err = plain_name(name, plain);

	if (err)
		return err;
	imported_open(&there, data_dir);
	if (there.count == IMPORTED_MAX && !has(&there, plain))
		err = ERR_LIMIT;
	imported_close(&there);
	if (err)
		return err;
	err = open_folder(data_dir, true, &folder);
	if (err)
		return err;
	err = write_file(folder, plain, file);
	close(folder);
	return err;
}

int imported_remove(const char *data_dir, const char *name)
{
	char plain[IMPORTED_NAME_BYTES];
	char file[IMPORTED_NAME_BYTES + sizeof(SUFFIX)];
	int folder, err = plain_name(name, plain);

	if (!err)
		err = open_folder(data_dir, false, &folder);
	if (err)
		return err;
	snprintf(file, sizeof(file), "%s" SUFFIX, plain);
	if (unlinkat(folder, file, 0))
		err = errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	close(folder);
	return err;
}
