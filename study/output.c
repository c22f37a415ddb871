// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "study/hold.h"

#define CHUNK_BYTES 65536u
/* Of SHA256SUMS: a line for each file. */
#define SUMS_BYTES_MAX ((size_t)OUTPUT_FILES_MAX * 256)
#define SHA256_BYTES   32
/* ".part." */
#define PART_PREFIX (sizeof(OUTPUT_PART) - sizeof("XXXXXX"))
/* "<hash>  <name>" */
#define SUM_PREFIX (2 * SHA256_BYTES + 2)

static int fail(struct output *o, int err, const char *what, const char *why)
{
	snprintf(o->error, sizeof(o->error), "%.300s: %.200s", what, why);
	return err;
}

static int join(struct output *o, const char *folder, const char *name,
		char out[PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s/%s", folder, name);

	return n < 0 || n >= PATH_MAX
		       ? fail(o, ERR_LIMIT, name, "the path is too long")
		       : 0;
}

static int read_all(struct output *o, const char *path, struct buf *out)
{
	uint8_t chunk[CHUNK_BYTES];
	FILE *file = fopen(path, "re");
	size_t n;

	if (!file)
		return fail(o, ERR_NOTFOUND, path, strerror(errno));
	while ((n = fread(chunk, 1, sizeof(chunk), file)) && !out->err)
		buf_append(out, chunk, n);
	fclose(file);
	return buf_check(out);
}

/* Whether SHA256SUMS has a line for the name. */
static bool is_listed(const char *sums, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = sums; line && *line;) {
		size_t n = strcspn(line, "\n");

		if (n == SUM_PREFIX + length &&
		    !memcmp(line + SUM_PREFIX, name, length))
			return true;
		line += n + (line[n] == '\n');
	}
	return false;
}

static int each_file(struct output *o, const char *folder,
		     int (*visit)(struct output *o, const char *folder,
				  const char *name, const void *context),
		     const void *context)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return fail(o, ERR_IO, folder, strerror(errno));
	while (!err && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			err = visit(o, folder, entry->d_name, context);
	closedir(dir);
	return err;
}

static int check_ours(struct output *o, const char *folder, const char *name,
		      const void *context)
{
	if (!strcmp(name, OUTPUT_SUMS) || is_listed(context, name))
		return 0;
	snprintf(o->error, sizeof(o->error),
		 "%.200s holds %.100s, which is none of ours: it is not "
		 "replaced",
		 folder, name);
	return ERR_EXISTS;
}

/* Whether what is at the path may be put aside. */
static int check_old(struct output *o)
{
	char path[PATH_MAX];
	struct buf sums;
	struct stat st;
	int err;

	if (lstat(o->path, &st))
		return errno == ENOENT
			       ? 0
			       : fail(o, ERR_IO, o->path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return fail(o, ERR_EXISTS, o->path, "it is there already");
	err = join(o, o->path, OUTPUT_SUMS, path);
	if (err)
		return err;
	buf_init(&sums, SUMS_BYTES_MAX);
	err = read_all(o, path, &sums);
	if (!err || err == ERR_NOTFOUND)
		err = each_file(o, o->path, check_ours, buf_text(&sums));
	buf_done(&sums);
	return err;
}

static int remove_file(struct output *o, const char *folder, const char *name,
		       const void *context)
{
	char path[PATH_MAX];
	int err = join(o, folder, name, path);

	(void)context;
	if (!err && unlink(path))
		err = fail(o, ERR_IO, path, strerror(errno));
	return err;
}

static int remove_folder(struct output *o, const char *folder)
{
	int err = each_file(o, folder, remove_file, NULL);

	if (!err && rmdir(folder))
		err = fail(o, ERR_IO, folder, strerror(errno));
	return err;
}

/* Whether a name is that of a folder in the making for the one called base. */
static bool is_part(const char *name, const char *base)
{
	size_t length = strlen(base);

	return !strncmp(name, base, length) &&
	       !strncmp(name + length, OUTPUT_PART, PART_PREFIX) &&
	       strlen(name + length) == sizeof(OUTPUT_PART) - 1;
}

/* Removes a folder in the making that nobody makes: all of its files, or, where
 * it holds anything else, not itself. One that another fills is held. */
static int remove_left(struct output *o, const char *folder, const char *name,
		       const void *base)
{
	char path[PATH_MAX];
	int fd;

	if (!is_part(name, base) || join(o, folder, name, path))
		return 0;
	fd = hold_folder(path);
	if (fd < 0)
		return 0;
	(void)remove_folder(o, path);
	close(fd);
	return 0;
}

/* What killed programs left beside the place. */
static void remove_all_left(struct output *o)
{
	const char *end = strrchr(o->path, '/');
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%.*s",
		 end ? (int)(end - o->path) + 1 : 1, end ? o->path : ".");
	(void)each_file(o, folder, remove_left, end ? end + 1 : o->path);
	o->error[0] = '\0';
}

/* Makes the folder to be filled, and holds it. */
static int make_part(struct output *o)
{
	if (!mkdtemp(o->part)) {
		o->part[0] = '\0';
		return fail(o, ERR_IO, o->path, strerror(errno));
	}
	o->held = hold_folder(o->part);
	/* mkdtemp() makes it for its owner alone */
	return chmod(o->part, 0755) ? fail(o, ERR_IO, o->path, strerror(errno))
				    : 0;
}

static void let_go(int *held)
{
	if (*held >= 0)
		close(*held);
	*held = -1;
}

int output_begin(struct output *o, const char *path)
{
	size_t length = strlen(path);
	int n, err, beside;

	while (length > 1 && path[length - 1] == '/')
		length--;
	o->count = 0;
	o->held = -1;
	o->part[0] = o->error[0] = '\0';
	n = snprintf(o->path, sizeof(o->path), "%.*s", (int)length, path);
	if (n < 0 || (size_t)n + sizeof(OUTPUT_PART) > sizeof(o->path))
		return fail(o, ERR_LIMIT, path, "the path is too long");
	err = check_old(o);
	if (err)
		return err;
	beside = hold_beside(o->path);
	remove_all_left(o);
	memcpy(o->part, o->path, (size_t)n);
	memcpy(o->part + n, OUTPUT_PART, sizeof(OUTPUT_PART));
	err = make_part(o);
	let_go(&beside);
	return err;
}

int output_place(struct output *o, const char *name, char out[PATH_MAX])
{
	if (o->count == OUTPUT_FILES_MAX || strlen(name) >= OUTPUT_NAME_BYTES)
		return fail(o, ERR_LIMIT, name, "too many files, or its name");
	memcpy(o->names[o->count++], name, strlen(name) + 1);
	return join(o, o->part, name, out);
}

static int write_file(struct output *o, const char *path,
		      const struct buf *bytes)
{
	FILE *file;
	bool is_written;

	if (buf_check(bytes))
		return fail(o, buf_check(bytes), path, "it is too large");
	file = fopen(path, "wxe");
	if (!file)
		return fail(o, ERR_IO, path, strerror(errno));
	is_written = fwrite(bytes->data, 1, bytes->len, file) == bytes->len &&
		     !fflush(file);
	if (fclose(file) || !is_written)
		return fail(o, ERR_IO, path, strerror(errno));
	return 0;
}

int output_put(struct output *o, const char *name, const struct buf *bytes)
{
	char path[PATH_MAX];
	int err = output_place(o, name, path);

	return err ? err : write_file(o, path, bytes);
}

static int add_sum(struct output *o, const char *name, struct buf *sums)
{
	unsigned char hash[SHA256_BYTES], chunk[CHUNK_BYTES];
	char hex[2 * SHA256_BYTES + 1], path[PATH_MAX];
	EVP_MD_CTX *context;
	FILE *file;
	size_t n;
	int err = join(o, o->part, name, path);

	if (err)
		return err;
	file = fopen(path, "re");
	if (!file)
		return fail(o, ERR_IO, path, strerror(errno));
	context = EVP_MD_CTX_new();
	err = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL)
		      ? 0
		      : ERR_NOMEM;
	while (!err && (n = fread(chunk, 1, sizeof(chunk), file)))
		if (!EVP_DigestUpdate(context, chunk, n))
			err = ERR_NOMEM;
	if (!err && (ferror(file) || !EVP_DigestFinal_ex(context, hash, NULL)))
		err = fail(o, ERR_IO, path, "could not be read again");
	EVP_MD_CTX_free(context);
	fclose(file);
	if (!err)
		buf_printf(sums, "%s  %s\n", text_hex(hash, sizeof(hash), hex),
			   name);
	return err;
}

static int put_sums(struct output *o)
{
	char path[PATH_MAX];
	struct buf sums;
	int err = 0;

	buf_init(&sums, SUMS_BYTES_MAX);
	for (size_t i = 0; i < o->count && !err; i++)
		err = add_sum(o, o->names[i], &sums);
	if (!err)
		err = join(o, o->part, OUTPUT_SUMS, path);
	if (!err)
		err = write_file(o, path, &sums);
	buf_done(&sums);
	return err;
}

/* Into its place, empty or with an older one; what was there is removed. */
static int put_in_place(struct output *o)
{
	int err = check_old(o);

	if (err)
		return err;
	if (!renameat2(AT_FDCWD, o->part, AT_FDCWD, o->path,
		       RENAME_NOREPLACE)) {
		o->part[0] = '\0';
		return 0;
	}
	if (errno != EEXIST ||
	    renameat2(AT_FDCWD, o->part, AT_FDCWD, o->path, RENAME_EXCHANGE))
		return fail(o, ERR_IO, o->path, strerror(errno));
	/* what was there is now where the new one was made */
	err = remove_folder(o, o->part);
	o->part[0] = '\0';
	return err;
}

int output_finish(struct output *o)
{
	int err = put_sums(o), beside;

	if (err)
		return err;
	beside = hold_beside(o->path);
	err = put_in_place(o);
	let_go(&beside);
	if (!o->part[0])
		let_go(&o->held);
	return err;
}

void output_done(struct output *o)
{
	char why[OUTPUT_ERROR_BYTES];

	if (!o->part[0])
		return;
	memcpy(why, o->error, sizeof(why));
	(void)remove_folder(o, o->part);
	let_go(&o->held);
	memcpy(o->error, why, sizeof(why));
	o->part[0] = '\0';
}
