// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef PACKAGING_CARRIED_H
#define PACKAGING_CARRIED_H

#include <stdint.h>

/*
 * How the single-file program lies in its file, made by packaging/package:
 * the launcher, the program, its libraries, a struct carried_part for each of
 * these but the launcher, and a struct carried_end. Numbers are the machine's.
 */

/** Library number i, from 1, is at this descriptor plus i: far from those
 * that a shell or a service manager passes on, below the usual limit 1024. */
#define CARRIED_FD 900
/** The program and its libraries; there are some forty. */
#define CARRIED_PARTS_MAX 100
#define CARRIED_MAGIC	  "CARRIED1"
#define CARRIED_NAME	  "iot-inspector"

struct carried_part {
	uint64_t offset; /* from the start of the file */
	uint64_t size;
};

struct carried_end {
	uint32_t count;
	uint32_t zero;
	char magic[8];
};

#endif
