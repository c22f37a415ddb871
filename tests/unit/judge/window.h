// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_JUDGE_WINDOW_H
#define TESTS_JUDGE_WINDOW_H

#include <assert.h>
#include <string.h>

#include "judge/finding.h"
#include "record/record.h"

/* Windows of one device, made by hand. */

#define WINDOW_FLOWS 16384
/* A Monday at noon: spans and hours begin with it. */
#define WINDOW_NOON_MS 1767612000000ull
#define WINDOW_MS      5000ull

struct made {
	struct record_window w;
	struct record_flow flows[WINDOW_FLOWS];
	struct record_name names[8];
	struct record_question questions[8];
	struct record_hello hellos[8];
	struct record_server servers[8];
	struct record_http http[8];
	struct record_service services[8];
	struct record_clue clues[8];
};

static inline struct addr made_addr(const char *text)
{
	struct addr a;

	assert(!addr_parse(text, &a));
	return a;
}

/* Empties it; at: which window from noon on. */
static inline struct record_window *made_begin(struct made *m, uint64_t at)
{
	memset(&m->w, 0, sizeof(m->w));
	m->w.start_ns = (WINDOW_NOON_MS + at * WINDOW_MS) * 1000000;
	m->w.device = (struct mac){ { 2, 0, 0, 0, 0, 1 } };
	m->w.flows = m->flows;
	m->w.names = m->names;
	m->w.questions = m->questions;
	m->w.hellos = m->hellos;
	m->w.servers = m->servers;
	m->w.http = m->http;
	m->w.services = m->services;
	m->w.clues = m->clues;
	return &m->w;
}

/* A flow that the device opened, with nothing in it yet. */
static inline struct record_flow *made_flow(struct made *m, uint8_t protocol,
					    const char *remote, uint16_t port)
{
	struct record_flow *f = &m->flows[m->w.flow_count];

	assert(m->w.flow_count < WINDOW_FLOWS);
	*f = (struct record_flow){
		.protocol = protocol,
		.device = made_addr("192.168.1.20"),
		.remote = made_addr(remote),
		.device_port = (uint16_t)(20000 + m->w.flow_count % 40000),
		.remote_port = port,
		.opener = RECORD_OPENER_DEVICE,
		.first_ns = m->w.start_ns,
		.last_ns = m->w.start_ns,
	};
	f->local = addr_is_private(&f->remote);
	m->w.flow_count++;
	return f;
}

/* A connection attempt that nobody answers. */
static inline void made_failed(struct made *m, const char *remote,
			       uint16_t port)
{
	struct record_flow *f = made_flow(m, 6, remote, port);

	f->out_packets = 1;
	f->out_bytes = 74;
}

/* One that works. */
static inline struct record_flow *made_good(struct made *m, const char *remote,
					    uint16_t port, uint64_t out_bytes)
{
	struct record_flow *f = made_flow(m, 6, remote, port);

	f->out_packets = 6 + out_bytes / 1460;
	f->in_packets = 6 + out_bytes / 2920;
	f->out_bytes = out_bytes + f->out_packets * 54;
	f->in_bytes = 3000;
	f->out_sequence_bytes = out_bytes;
	f->in_sequence_bytes = 2500;
	return f;
}

static inline const struct finding *made_found(const struct finding_list *list,
					       enum rule_kind kind)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].kind == kind)
			return &list->items[i];
	return NULL;
}

#endif
