// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Large enough that the calls do not count. */
#define BUFFER_BYTES ((size_t)131072)
#define PART_SUFFIX  ".part"

static bool is_written_in_place(const char *path)
{
	struct stat status;

	return !stat(path, &status) && !S_ISREG(status.st_mode);
}

static FILE *open_file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
		      0666);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file && fd >= 0)
		close(fd);
	return file;
}

int output_open(struct output *o, const char *path)
{
	*o = (struct output){ .path = strdup(path) };
	if (!o->path)
		return ERR_NOMEM;
	if (!strcmp(path, "-")) {
		o->file = stdout;
	} else if (is_written_in_place(path)) {
		o->file = open_file(path);
	} else {
		size_t size = strlen(path) + sizeof(PART_SUFFIX);

		o->part = malloc(size);
		if (!o->part)
			goto nomem;
		(void)snprintf(o->part, size, "%s" PART_SUFFIX, path);
		o->file = open_file(o->part);
	}
	if (!o->file) {
		int saved = errno;

		free(o->part);
		o->part = NULL;
		output_done(o);
		errno = saved;
		return ERR_IO;
	}
	(void)setvbuf(o->file, NULL, _IOFBF, BUFFER_BYTES);
	return 0;
nomem:
	output_done(o);
	return ERR_NOMEM;
}

static void note_error(struct output *o)
{
	if (!o->errnum)
		o->errnum = errno ? errno : EIO;
}

void output_write(struct output *o, struct slice bytes)
{
	if (o->errnum || !bytes.len)
		return;
	if (fwrite(bytes.data, 1, bytes.len, o->file) != bytes.len)
		note_error(o);
}

int output_flush(struct output *o)
{
	if (!o->errnum && fflush(o->file))
		note_error(o);
	if (!o->errnum && o->part && fsync(fileno(o->file)))
		note_error(o);
	errno = o->errnum;
	return o->errnum ? ERR_IO : 0;
}

int output_commit(struct output *o)
{
	FILE *file = o->file;

	if (output_flush(o) == 0 && file == stdout)
		return 0;
	if (file != stdout) {
		o->file = NULL;
		if (fclose(file))
			note_error(o);
	}
	if (!o->errnum && o->part) {
		if (rename(o->part, o->path)) {
			note_error(o);
		} else {
			free(o->part);
			o->part = NULL;
		}
	}
	errno = o->errnum;
	return o->errnum ? ERR_IO : 0;
}

void output_done(struct output *o)
{
	if (o->file && o->file != stdout)
		(void)fclose(o->file);
	if (o->part)
		(void)unlink(o->part);
	free(o->part);
	free(o->path);
	*o = (struct output){ .file = NULL };
}
