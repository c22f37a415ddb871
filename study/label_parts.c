// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/label_parts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ROOT 0

/* Labels in order, as they are spread over the nodes of one depth: those of a
 * node are a range. */
struct growing {
	const struct slice *labels;
	uint32_t *order;    /* numbers of labels, by their bytes */
	uint32_t *first_of; /* a node's range, by node */
	uint32_t *behind_of;
};

static int compare(const void *a, const void *b, void *labels)
{
	const struct slice *x =
		(const struct slice *)labels + *(const uint32_t *)a;
	const struct slice *y =
		(const struct slice *)labels + *(const uint32_t *)b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->data, y->data, len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* The nodes one byte deeper than this one, behind all those there are. */
static void grow_node(struct parts *p, struct growing *g, uint32_t node,
		      size_t depth)
{
	uint32_t at = g->first_of[node], behind = g->behind_of[node];

	p->first_child[node] = p->node_count;
	if (at < behind && g->labels[g->order[at]].len == depth)
		p->node_of[g->order[at++]] = node;
	while (at < behind) {
		uint32_t child = p->node_count++;
		uint8_t byte = g->labels[g->order[at]].data[depth];

		p->byte[child] = byte;
		g->first_of[child] = at;
		while (at < behind &&
		       g->labels[g->order[at]].data[depth] == byte)
			at++;
		g->behind_of[child] = at;
	}
}

static void grow(struct parts *p, struct growing *g, uint32_t count)
{
	uint32_t node = ROOT, level_end = 1;

	p->node_count = 1;
	g->first_of[ROOT] = 0;
	g->behind_of[ROOT] = count;
	for (size_t depth = 0; node < p->node_count; depth++) {
		for (; node < level_end; node++)
			grow_node(p, g, node, depth);
		level_end = p->node_count;
	}
	p->first_child[p->node_count] = p->node_count;
}

static bool child_of(const struct parts *p, uint32_t node, uint8_t byte,
		     uint32_t *out)
{
	uint32_t low = p->first_child[node], high = p->first_child[node + 1];

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (p->byte[middle] < byte)
			low = middle + 1;
		else
			high = middle;
	}
	if (low >= p->first_child[node + 1] || p->byte[low] != byte)
		return false;
	*out = low;
	return true;
}

/* Where a byte leads: deeper, or deeper from the longest end that has it. */
static uint32_t step(const struct parts *p, uint32_t node, uint8_t byte)
{
	uint32_t child;

	while (!child_of(p, node, byte, &child)) {
		if (node == ROOT)
			return ROOT;
		node = p->shorter[node];
	}
	return child;
}

/* Shallower nodes come first, so what a link needs is there already. */
static void link_nodes(struct parts *p)
{
	for (uint32_t node = 0; node < p->node_count; node++) {
		uint32_t end = p->first_child[node + 1];

		for (uint32_t c = p->first_child[node]; c < end; c++) {
			uint32_t shorter =
				node == ROOT
					? ROOT
					: step(p, p->shorter[node], p->byte[c]);

			p->shorter[c] = shorter;
			p->next_longer[c] = p->first_longer[shorter];
			p->first_longer[shorter] = c;
		}
	}
}

static uint32_t *numbers(size_t count, uint32_t value)
{
	uint32_t *out = malloc(count * sizeof(*out));

	for (size_t i = 0; out && i < count; i++)
		out[i] = value;
	return out;
}

static int allocate(struct parts *p, size_t nodes, size_t count)
{
	p->first_child = numbers(nodes + 1, 0);
	p->byte = calloc(nodes, 1);
	p->shorter = numbers(nodes, ROOT);
	p->first_longer = numbers(nodes, PARTS_NONE);
	p->next_longer = numbers(nodes, PARTS_NONE);
	p->best = numbers(nodes, PARTS_NONE);
	p->node_of = numbers(count + 1, ROOT);
	return p->first_child && p->byte && p->shorter && p->first_longer &&
			       p->next_longer && p->best && p->node_of
		       ? 0
		       : ERR_NOMEM;
}

/* As many as there are beginnings of labels: neighbours in order share those
 * that they have in common. */
static uint64_t count_nodes(const struct growing *g, size_t count)
{
	uint64_t nodes = 1;

	for (size_t i = 0; i < count; i++) {
		const struct slice *label = &g->labels[g->order[i]];
		size_t common = 0;

		if (i) {
			const struct slice *before =
				&g->labels[g->order[i - 1]];

			while (common < label->len && common < before->len &&
			       label->data[common] == before->data[common])
				common++;
		}
		nodes += label->len - common;
	}
	return nodes;
}

int parts_init(struct parts *p, const struct slice *labels, size_t count)
{
	struct growing g = { .labels = labels };
	uint64_t nodes = 0;
	int err = ERR_NOMEM;

	*p = (struct parts){ 0 };
	if (count >= PARTS_NONE)
		return ERR_LIMIT;
	g.order = numbers(count + 1, 0);
	if (!g.order)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < count; i++)
		g.order[i] = i;
	/* qsort_r leaves what it is given last alone */
	qsort_r(g.order, count, sizeof(*g.order), compare,
		(void *)(uintptr_t)labels);
	nodes = count_nodes(&g, count);
	if (nodes >= PARTS_NONE) {
		free(g.order);
		return ERR_LIMIT;
	}
	g.first_of = numbers(nodes, 0);
	g.behind_of = numbers(nodes, 0);
	if (g.first_of && g.behind_of)
		err = allocate(p, nodes, count);
	if (!err) {
		grow(p, &g, (uint32_t)count);
		link_nodes(p);
	} else {
		parts_done(p);
	}
	free(g.order);
	free(g.first_of);
	free(g.behind_of);
	return err;
}

void parts_done(struct parts *p)
{
	free(p->first_child);
	free(p->byte);
	free(p->shorter);
	free(p->first_longer);
	free(p->next_longer);
	free(p->best);
	free(p->node_of);
	*p = (struct parts){ 0 };
}

/* All nodes that end with this label, but those that end with one added before:
 * and so do all that end with them. The nodes to go on with are kept in the
 * links themselves: a node taken leads to the next of its siblings, then up. */
void parts_add(struct parts *p, uint32_t number)
{
	uint32_t start = p->node_of[number], node = start;

	if (p->best[start] != PARTS_NONE)
		return;
	for (;;) {
		uint32_t next = PARTS_NONE;

		if (p->best[node] == PARTS_NONE) {
			p->best[node] = number;
			next = p->first_longer[node];
		}
		while (next == PARTS_NONE && node != start) {
			next = p->next_longer[node];
			if (next == PARTS_NONE)
				node = p->shorter[node];
		}
		if (next == PARTS_NONE)
			return;
		node = next;
	}
}

uint32_t parts_find(const struct parts *p, struct slice text)
{
	uint32_t node = ROOT, best = PARTS_NONE;

	for (size_t i = 0; i < text.len; i++) {
		node = step(p, node, text.data[i]);
		if (p->best[node] < best)
			best = p->best[node];
	}
	return best;
}
