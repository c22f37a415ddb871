// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "collector/clock.h"

int command_fail(const char *what, const char *why)
{
	fprintf(stderr, "iot-collector: %s: %s\n", what, why);
	return 1;
}

int command_read(const char *data_dir, struct store_reader **out)
{
	char why[STORE_WHY_BYTES];
	struct stat folder;

	if (stat(data_dir, &folder))
		return command_fail(data_dir, errno == ENOENT
						      ? "there is no store"
						      : strerror(errno));
	if (!S_ISDIR(folder.st_mode))
		return command_fail(data_dir, "a store is a folder");
	return store_reader_open(data_dir, out, why)
		       ? command_fail(data_dir, why)
		       : 0;
}

int command_need_store(const char *data_dir)
{
	struct store_reader *reader;
	int status = command_read(data_dir, &reader);

	if (!status)
		store_reader_close(reader);
	return status;
}

error_t command_surplus(struct argp_state *state, const char *word)
{
	argp_error(state, "\"%s\" is one word too many", word);
	return EINVAL;
}

int command_beside(const char *data_dir,
		   int (*run)(struct store *store, void *user), void *user)
{
	const struct store_options options = { .seed = command_seed(),
					       .beside = true };
	char why[STORE_WHY_BYTES];
	struct store *store;
	int err;

	if (store_open(data_dir, &options, &store, why)) {
		command_fail(data_dir, why);
		return ERR_IO;
	}
	err = store_begin(store, clock_now_s());
	if (!err)
		err = run(store, user);
	if (!err)
		err = store_commit(store);
	if (err && err != ERR_EXISTS && err != ERR_NOTFOUND)
		command_fail(data_dir, store_error(store));
	store_close(store);
	return err;
}

uint64_t command_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		abort();
	return seed;
}
