// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_PROGRESS_H
#define READ_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * A progress bar on the terminal's standard error for what takes longer than
 * an eye-blink; nothing at all when standard error is no terminal.
 */
struct progress {
	bool shown_at_all; /* standard error is a terminal */
	bool visible;	   /* there is a bar to wipe out */
	uint64_t next_ns;  /* when to draw again */
};

void progress_start(struct progress *p);
/** Draws when it is time to. size 0: not known. */
void progress_show(struct progress *p, const char *name, uint64_t done,
		   uint64_t size);
/** Wipes the bar out. */
void progress_end(struct progress *p);

#endif
