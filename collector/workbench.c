// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/workbench.h"

#include <stdlib.h>

void workbenches_init(struct workbenches *b)
{
	*b = (struct workbenches){ 0 };
	pthread_mutex_init(&b->lock, NULL);
}

static void workbench_free(struct workbench *workbench)
{
	unpacker_free(workbench->unpacker);
	buf_done(&workbench->plain);
	parser_done(&workbench->parser);
	free(workbench);
}

void workbenches_done(struct workbenches *b)
{
	while (b->idle) {
		struct workbench *next = b->idle->next;

		workbench_free(b->idle);
		b->idle = next;
	}
	pthread_mutex_destroy(&b->lock);
}

static struct workbench *workbench_new(void)
{
	struct workbench *workbench = calloc(1, sizeof(*workbench));

	if (!workbench)
		return NULL;
	buf_init(&workbench->plain, UNPACK_PLAIN_MAX);
	parser_init(&workbench->parser);
	if (unpacker_new(&workbench->unpacker)) {
		workbench_free(workbench);
		return NULL;
	}
	return workbench;
}

struct workbench *workbenches_take(struct workbenches *b)
{
	struct workbench *workbench;

	pthread_mutex_lock(&b->lock);
	workbench = b->idle;
	if (workbench)
		b->idle = workbench->next;
	pthread_mutex_unlock(&b->lock);
	return workbench ? workbench : workbench_new();
}

void workbenches_give(struct workbenches *b, struct workbench *workbench)
{
	if (workbench->plain.cap > WORKBENCH_KEPT_BYTES)
		buf_done(&workbench->plain);
	if (workbench->parser.cells.cap > WORKBENCH_KEPT_BYTES) {
		parser_done(&workbench->parser);
		parser_init(&workbench->parser);
	}
	pthread_mutex_lock(&b->lock);
	workbench->next = b->idle;
	b->idle = workbench;
	pthread_mutex_unlock(&b->lock);
}
