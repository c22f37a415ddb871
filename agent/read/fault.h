// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_FAULT_H
#define READ_FAULT_H

#include "read/bytes.h"
#include "read/capture.h"

/** Fills *fault for where the file is now; gives code. */
int fault_set(struct capture_fault *fault, const struct bytes *b, int code,
	      const char *reason, ...) printf_like(4, 5);

/**
 * The file ends before what it promises: a read error, damaged or cut-off
 * compression, or a plain cut, which is said to be in the middle of what.
 */
int fault_of_the_end(struct capture_fault *fault, const struct bytes *b,
		     const char *what);

#endif
