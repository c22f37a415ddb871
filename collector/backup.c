// SPDX-License-Identifier: GPL-3.0-or-later
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/cert.h"
#include "collector/command.h"

/* What a store is called that a backup took the place of, after its name. */
#define BEFORE ".before-restore"

struct options {
	const char *data_dir, *folder, *tombstones;
};

static const struct argp_option backup_table[] = {
	{ "data-dir", 'd', "DIR", 0, "where the store is", 0 }, { 0 }
};

static const struct argp_option restore_table[] = {
	{ "data-dir", 'd', "DIR", 0, "where the store is, or will be", 0 },
	{ "tombstones", 't', "DIR", 0,
	  "a later store or backup: what it erased is erased again", 0 },
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
		o->tombstones = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->folder)
			return command_surplus(state, arg);
		o->folder = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "name a folder");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp backup_argp = {
	.options = backup_table,
	.parser = parse,
	.args_doc = "FOLDER",
	.doc = "Copies the store into a new folder; a collector may run.",
};

static const struct argp restore_argp = {
	.options = restore_table,
	.parser = parse,
	.args_doc = "FOLDER",
	.doc = "Puts a backup in the place of the store. What owners had erased "
	       "since is erased again: of the store that was there, which is "
	       "kept beside, or of the one named.",
};

static int copy_file(const char *from, const char *into, const char *name)
{
	char source[PATH_MAX], target[PATH_MAX];
	struct buf bytes;
	FILE *file = NULL;
	int fd = -1, err;

	if (snprintf(source, sizeof(source), "%s/%s", from, name) >=
		    (int)sizeof(source) ||
	    snprintf(target, sizeof(target), "%s/%s", into, name) >=
		    (int)sizeof(target))
		return ERR_LIMIT;
	if (access(source, F_OK))
		return 0; /* it was given one, or made none yet */
	buf_init(&bytes, CERT_BYTES_MAX);
	err = cert_read(source, &bytes);
	if (!err)
		fd = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			  0600);
	if (fd >= 0)
		file = fdopen(fd, "w");
	if (!err &&
	    (!file || fwrite(bytes.data, 1, bytes.len, file) != bytes.len ||
	     fflush(file) || fsync(fd)))
		err = ERR_IO;
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
	buf_done(&bytes);
	return err;
}

/* A store with the certificate by which its inspectors know it. */
static int copy(const char *from, const char *into)
{
	char why[STORE_WHY_BYTES];
	int err = store_backup(from, into, why);

	if (err)
		return command_fail(err == ERR_NOTFOUND ? from : into, why);
	err = copy_file(from, into, CERT_TRIAL);
	if (!err)
		err = copy_file(from, into, CERT_TRIAL_KEY);
	if (err)
		return command_fail(into, "could not copy the certificate");
	return 0;
}

int command_backup(int argc, char **argv)
{
	struct options o = { .data_dir = COMMAND_DATA_DIR };

	if (argp_parse(&backup_argp, argc, argv, 0, NULL, &o))
		return COMMAND_EXIT_USAGE;
	return command_need_store(o.data_dir) ? 1 : copy(o.data_dir, o.folder);
}

/* What the later store had erased, of the one that came from the backup. */
static int erase_again(const char *folder, const char *later)
{
	const struct store_options options = { .seed = command_seed() };
	char why[STORE_WHY_BYTES];
	struct store *store;
	uint64_t applied = 0;
	int err;

	if (store_open(folder, &options, &store, why))
		return command_fail(folder, why);
	err = store_erase_as(store, later, &applied);
	if (err)
		snprintf(why, sizeof(why), "%s",
			 err == ERR_NOTFOUND	 ? "there is no store"
			 : store_error(store)[0] ? store_error(store)
						 : err_text(err));
	store_close(store);
	if (err)
		return command_fail(later, why);
	printf("erased again: %" PRIu64 "\n", applied);
	return 0;
}

/* The folder itself: systemd makes a link of it where the service has a user of
 * its own, and what a shell completes ends in a slash. */
static void resolve(const char *folder, char out[PATH_MAX])
{
	size_t len;

	if (realpath(folder, out))
		return;
	snprintf(out, PATH_MAX, "%s", folder);
	for (len = strlen(out); len > 1 && out[len - 1] == '/';)
		out[--len] = '\0';
}

/* Nobody may write to what is moved away. */
static int check_idle(const char *folder)
{
	const struct store_options options = { .seed = command_seed() };
	char why[STORE_WHY_BYTES];
	struct store *store;

	if (store_open(folder, &options, &store, why))
		return command_fail(folder, why);
	store_close(store);
	return 0;
}

int command_restore(int argc, char **argv)
{
	struct options o = { .data_dir = COMMAND_DATA_DIR };
	char folder[PATH_MAX], part[PATH_MAX], before[PATH_MAX];
	bool there;
	int status = 0;

	if (argp_parse(&restore_argp, argc, argv, 0, NULL, &o))
		return COMMAND_EXIT_USAGE;
	resolve(o.data_dir, folder);
	o.data_dir = folder;
	if (snprintf(part, sizeof(part), "%s.part", o.data_dir) >=
		    (int)sizeof(part) ||
	    snprintf(before, sizeof(before), "%s" BEFORE, o.data_dir) >=
		    (int)sizeof(before))
		return command_fail(o.data_dir, "the name is too long");
	/* before anything is made or moved */
	if (command_need_store(o.folder) ||
	    (o.tombstones && command_need_store(o.tombstones)))
		return 1;
	there = !access(o.data_dir, F_OK);
	if (there && !access(before, F_OK))
		return command_fail(before, "there is something of this name");
	if (there && check_idle(o.data_dir))
		return 1;
	if (copy(o.folder, part))
		return 1;
	if (there)
		status = erase_again(part, o.data_dir);
	if (!status && o.tombstones)
		status = erase_again(part, o.tombstones);
	if (status)
		return status;
	if ((there && rename(o.data_dir, before)) || rename(part, o.data_dir))
		return command_fail(o.data_dir, strerror(errno));
	if (there)
		printf("the store that was there: %s\n", before);
	return 0;
}
