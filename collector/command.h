// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_COMMAND_H
#define COLLECTOR_COMMAND_H

#include <argp.h>

#include "base/err.h"
#include "collector/store/store.h"

/* The commands of iot-collector, and what they have in common. */

/** Exit status for wrong use, as getopt-based programs have it. */
#define COMMAND_EXIT_USAGE 2

/** Where the store is, if --data-dir does not say. */
#define COMMAND_DATA_DIR "/var/lib/iot-collector"

int command_serve(int argc, char **argv);
int command_consent(int argc, char **argv);
int command_stats(int argc, char **argv);
int command_export(int argc, char **argv);
int command_token(int argc, char **argv);
int command_purge(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);

/** "iot-collector: could not WHAT: WHY" for people. Gives 1. */
int command_fail(const char *what, const char *why);
/**
 * A change of the store in a transaction of its own, beside a collector that
 * may run. ERR_EXISTS and ERR_NOTFOUND, of run, are the caller's to explain;
 * every other failure was told to people.
 */
int command_beside(const char *data_dir,
		   int (*run)(struct store *store, void *user),
		   void *user) must_check;
/** Opens what is there, to be read: 0, or it was told why not, and 1. */
int command_read(const char *data_dir, struct store_reader **out) must_check;
/** Whether there is a store: who names a wrong folder makes no new one. As
 * command_read(). */
int command_need_store(const char *data_dir) must_check;
/** Of a command's parser: there are more words than it takes. */
error_t command_surplus(struct argp_state *state, const char *word);
/** Random bytes that nobody can guess. */
uint64_t command_seed(void);

#endif
