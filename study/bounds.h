// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_BOUNDS_H
#define STUDY_BOUNDS_H

#include "base/err.h"
#include "study/fleet.h"

/*
 * How much of the machine a command takes: options that all of them have.
 */

/** What the engine needs for the least. */
#define BOUNDS_MEMORY_MIN_MIB 64
/** Of any machine: a petabyte. */
#define BOUNDS_MEMORY_MAX_MIB (1u << 30)
/** Of threads; the engine's own. */
#define BOUNDS_THREADS_MAX 256

struct bounds {
	unsigned memory_mib; /* 0: FLEET_MEMORY_MIB */
	unsigned threads;    /* 0: one a processor */
};

/** For getopt_long(): behind all characters. */
enum {
	BOUNDS_MEMORY = 0x100,
	BOUNDS_THREADS
};

#define BOUNDS_OPTIONS                                             \
	{ "memory", required_argument, NULL, BOUNDS_MEMORY },      \
	{                                                          \
		"threads", required_argument, NULL, BOUNDS_THREADS \
	}

#define BOUNDS_USAGE                                                           \
	"  --memory MIB   what the engine may hold in memory (2048); more"     \
	" goes to disk\n                 beside FLEET while it is worked on\n" \
	"  --threads N    how many (one a processor)\n"

/** ERR_INVALID when the option is none of these, or its value is none, which is
 * told. */
int bounds_take(struct bounds *l, int option, const char *value) must_check;
/** For an open fleet. ERR_IO, and f->error says why. */
int bounds_apply(const struct bounds *l, struct fleet *f) must_check;

#endif
