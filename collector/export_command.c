// SPDX-License-Identifier: GPL-3.0-or-later
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/clock.h"
#include "collector/command.h"
#include "collector/export.h"

/* Written at a time. */
#define CHUNK_BYTES ((size_t)1 << 20)
/* Accounts and devices come in one piece: 100 bytes each. */
#define BUF_BYTES_MAX ((size_t)1 << 31)
/* What an export that is not whole yet is called, after its name. */
#define PART ".part"

struct options {
	const char *data_dir, *into, *table;
	bool daily;
};

static const struct argp_option table[] = {
	{ "data-dir", 'd', "DIR", 0, "where the store is", 0 },
	{ "table", 't', "NAME", 0, "print this table alone", 0 },
	{ "rollups", 'r', NULL, 0,
	  "what each day comes to, instead of all rows", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'd':
		o->data_dir = arg;
		return 0;
	case 't':
		o->table = arg;
		return 0;
	case 'r':
		o->daily = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->into)
			return command_surplus(state, arg);
		o->into = arg;
		/* what is made beside it is not made in it */
		for (size_t n = strlen(arg); n > 1 && arg[n - 1] == '/'; n--)
			arg[n - 1] = '\0';
		return 0;
	case ARGP_KEY_END:
		if (!o->into && !o->table)
			argp_error(state, "name a new folder, or a --table");
		if (o->into && o->table)
			argp_error(state, "--table is printed, not written "
					  "into a folder");
		if (o->table && o->daily)
			argp_error(state, "--rollups are all written into a "
					  "folder, without --table");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.args_doc = "[FOLDER]",
	.doc = "Writes all that is held as CSV files into a new folder, for "
	       "iot-study import. Accounts and devices have other identifiers "
	       "in each export.",
};

/* why: errno, where it is the file that fails. */
static int write_table(struct store_reader *reader, const char *name,
		       const uint8_t *key, FILE *file, int *why)
{
	struct export *x;
	struct buf lines;
	int more = export_open(reader, name, key, true, &x);

	if (more)
		return more;
	buf_init(&lines, BUF_BYTES_MAX);
	do {
		buf_clear(&lines);
		more = export_read(x, CHUNK_BYTES, &lines);
		if (more >= 0 &&
		    fwrite(lines.data, 1, lines.len, file) != lines.len) {
			*why = errno;
			more = ERR_IO;
		}
	} while (more > 0);
	if (!more && fflush(file)) {
		*why = errno;
		more = ERR_IO;
	}
	buf_done(&lines);
	export_close(x);
	return more;
}

static int write_file(struct store_reader *reader, const char *folder,
		      const char *name, const uint8_t *key, int *why)
{
	char path[PATH_MAX];
	FILE *file;
	int err;

	if (snprintf(path, sizeof(path), "%s/%s.csv", folder, name) >=
	    (int)sizeof(path))
		return ERR_LIMIT;
	file = fopen(path, "wbxe");
	if (!file) {
		*why = errno;
		return ERR_IO;
	}
	err = write_table(reader, name, key, file, why);
	if (!err && fsync(fileno(file))) {
		*why = errno;
		err = ERR_IO;
	}
	fclose(file); /* nothing waits in it any more */
	return err;
}

/* What was begun and not finished is no use to anybody. Held by the caller. */
static void remove_part(const char *folder)
{
	char path[PATH_MAX];

	for (const struct export_table *t = export_tables; t->name; t++)
		if (snprintf(path, sizeof(path), "%s/%s.csv", folder, t->name) <
		    (int)sizeof(path))
			(void)unlink(path);
	(void)rmdir(folder);
}

/* A folder that another export fills is held by it: -1, as where there is
 * none, or it is no folder. Ends with close(). */
static int hold(const char *part)
{
	int fd = open(part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || !flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	close(fd);
	return -1;
}

/* Gives what holds it, or -1. */
static int make_part(const char *part)
{
	int held = hold(part);

	/* what a killed export left */
	if (held >= 0) {
		remove_part(part);
		close(held);
	}
	if (mkdir(part, 0700))
		return -1;
	held = hold(part);
	if (held < 0)
		errno = EEXIST;
	return held;
}

static int write_folder(struct store_reader *reader, const char *into,
			const uint8_t *key, bool daily)
{
	char part[PATH_MAX];
	int err = 0, why = 0, held;

	if (snprintf(part, sizeof(part), "%s%s", into, PART) >=
	    (int)sizeof(part))
		return command_fail(into, "the name is too long");
	if (!access(into, F_OK))
		return command_fail(into, "there is something of this name");
	held = make_part(part);
	if (held < 0)
		return command_fail(part, strerror(errno));
	for (const struct export_table *t = export_tables; t->name && !err; t++)
		if (t->daily == daily)
			err = write_file(reader, part, t->name, key, &why);
	if (!err && rename(part, into)) {
		why = errno;
		err = ERR_IO;
	}
	if (err)
		remove_part(part);
	close(held);
	return err ? command_fail(into, why ? strerror(why) : err_text(err))
		   : 0;
}

/* As the reading of a token is: first it is written down. */
static int write_down(struct store *store, void *user)
{
	const struct store_access access = { .token = STORE_TOKEN_MACHINE,
					     .time_s = clock_now_s(),
					     .what = user };

	return store_access_add(store, &access);
}

static bool is_table(const char *name)
{
	for (const struct export_table *t = export_tables; t->name; t++)
		if (!strcmp(t->name, name))
			return true;
	return false;
}

static int record(const struct options *o)
{
	char what[32];

	if (o->table && !is_table(o->table))
		return command_fail(o->table, "there is no such table");
	snprintf(what, sizeof(what), "%s",
		 o->table   ? o->table
		 : o->daily ? "rollups"
			    : "all");
	return command_beside(o->data_dir, write_down, what) ? 1 : 0;
}

int command_export(int argc, char **argv)
{
	struct options o = { .data_dir = COMMAND_DATA_DIR };
	uint8_t key[EXPORT_KEY_BYTES];
	struct store_reader *reader;
	int status = 0, cause = 0, err;

	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return COMMAND_EXIT_USAGE;
	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return command_fail("random bytes", strerror(errno));
	if (command_read(o.data_dir, &reader))
		return 1;
	status = record(&o);
	if (status)
		goto out;
	if (o.into) {
		status = write_folder(reader, o.into, key, o.daily);
	} else {
		err = write_table(reader, o.table, key, stdout, &cause);
		if (err)
			status = command_fail(o.table, cause ? strerror(cause)
							     : err_text(err));
	}
out:
	store_reader_close(reader);
	return status;
}
