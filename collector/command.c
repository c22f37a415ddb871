// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "collector/clock.h"

int command_fail(const char *what, const char *why)
{
	fprintf(stderr, "iot-collector: %s: %s\n", what, why);
	return 1;
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
