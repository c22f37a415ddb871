// SPDX-License-Identifier: GPL-3.0-or-later
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
			return ARGP_ERR_UNKNOWN;
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

int command_backup(int argc, char **argv)
{
	struct options o = { .data_dir = COMMAND_DATA_DIR };
	char why[STORE_WHY_BYTES];
	int err;

	if (argp_parse(&backup_argp, argc, argv, 0, NULL, &o))
		return COMMAND_EXIT_USAGE;
	err = store_backup(o.data_dir, o.folder, why);
	if (err)
		return command_fail(err == ERR_NOTFOUND ? o.data_dir : o.folder,
				    why);
	return 0;
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
	char why[STORE_WHY_BYTES], part[4096], before[4096];
	bool there;
	int status = 0;

	if (argp_parse(&restore_argp, argc, argv, 0, NULL, &o))
		return COMMAND_EXIT_USAGE;
	if (snprintf(part, sizeof(part), "%s.part", o.data_dir) >=
		    (int)sizeof(part) ||
	    snprintf(before, sizeof(before), "%s" BEFORE, o.data_dir) >=
		    (int)sizeof(before))
		return command_fail(o.data_dir, "the name is too long");
	there = !access(o.data_dir, F_OK);
	if (there && !access(before, F_OK))
		return command_fail(before, "there is something of this name");
	if (there && check_idle(o.data_dir))
		return 1;
	if (store_backup(o.folder, part, why))
		return command_fail(o.folder, why);
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
