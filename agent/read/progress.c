// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define FIRST_NS  UINT64_C(500000000)
#define EVERY_NS  UINT64_C(100000000)
#define BAR_CELLS 40
#define MEBIBYTE  ((uint64_t)1 << 20)

/* Back to the start of the line, and wipe it. */
#define WIPE "\r\033[K"

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

void progress_start(struct progress *p)
{
	*p = (struct progress){ .shown_at_all = isatty(STDERR_FILENO) == 1 };
	p->next_ns = now_ns() + FIRST_NS;
}

void progress_show(struct progress *p, const char *name, uint64_t done,
		   uint64_t size)
{
	char bar[BAR_CELLS + 1] = "";
	uint64_t now;

	if (!p->shown_at_all)
		return;
	now = now_ns();
	if (now < p->next_ns)
		return;
	p->next_ns = now + EVERY_NS;
	p->visible = true;
	if (!size) {
		fprintf(stderr, WIPE "%s: %" PRIu64 " MiB read", name,
			done / MEBIBYTE);
		return;
	}
	if (done > size)
		done = size;
	for (uint64_t i = 0; i < BAR_CELLS; i++)
		bar[i] = i * size < done * BAR_CELLS ? '#' : '.';
	fprintf(stderr, WIPE "[%s] %3u %% of %s", bar,
		(unsigned)(done * 100 / size), name);
}

void progress_end(struct progress *p)
{
	if (p->visible)
		fputs(WIPE, stderr);
	p->visible = false;
}
