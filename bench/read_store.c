// SPDX-License-Identifier: GPL-3.0-or-later

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "read/reading.h"
#include "store/store.h"
#include "store/write.h"

/*
 * What `iot-inspector run` does with each window, over a file: a transaction
 * of SQLite for every five seconds. Without a database, the engine alone.
 */

/* Room for FILE-wal and FILE-shm. */
#define PATH_BYTES 4096

struct storing {
	struct store *store;
	uint64_t start_ns; /* of the window that is open */
	bool failed;
};

static void store_one(void *user, const struct record_window *window)
{
	struct storing *storing = user;

	if (!storing->store)
		return;
	if (window->start_ns != storing->start_ns &&
	    store_commit(storing->store))
		storing->failed = true;
	storing->start_ns = window->start_ns;
	if (write_window(storing->store, window, NULL))
		storing->failed = true;
}

static bool has_failed(void *user)
{
	const struct storing *storing = user;

	return storing->failed;
}

static void remove_database(const char *path)
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	char name[PATH_BYTES];

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, endings[i]);
		unlink(name);
	}
}

static bool store_file(struct reading *reading, const char *capture,
		       const char *database)
{
	struct storing *storing = reading->sink.user;
	char why[STORE_ERROR_BYTES];
	bool good;

	remove_database(database);
	if (store_open(database, &storing->store, why)) {
		fprintf(stderr, "%s\n", why);
		return false;
	}
	good = reading_file(reading, capture);
	if (store_commit(storing->store) || storing->failed) {
		fprintf(stderr, "%s\n", store_error(storing->store));
		good = false;
	}
	printf("%" PRIu64 " windows\n",
	       store_counters(storing->store)->windows);
	store_close(storing->store);
	return good;
}

int main(int argc, char **argv)
{
	struct storing storing = { .store = NULL };
	struct reading reading = {
		.sink = { .user = &storing, .window = store_one },
		.should_stop = has_failed,
	};
	bool good;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: %s CAPTURE [DATABASE]\n", argv[0]);
		return 2;
	}
	good = argc == 2 ? reading_file(&reading, argv[1])
			 : store_file(&reading, argv[1], argv[2]);
	return good ? 0 : 1;
}
