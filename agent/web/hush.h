// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_HUSH_H
#define WEB_HUSH_H

#include "base/arena.h"
#include "judge/trace.h"
#include "record/record.h"
#include "web/research.h"
#include "web/said.h"

struct hub;
struct home_device;

/*
 * What others say of a device that the gate has closed. Another device may ask
 * for it by its name, or be answered with it, for as long as both are there: so
 * its name stays known, as keyed hashes whose key is not in the store, and is
 * taken out of what others do before that is judged, shared or stored. What
 * was stored before is searched when the device is closed, and when it is
 * heard under a new name.
 */

/** Names of all closed devices. Past it a new one is refused, and counted: MACs
 * and names can be made up without end. */
#define HUSH_NAMES_MAX 8192
/** New names of one closed device in a run: each has the store searched. */
#define HUSH_HEARD_MAX 16

struct hush {
	struct trace_set names;
	/* of the home, as research has them */
	struct slice domains[RESEARCH_DOMAINS_MAX];
	size_t domain_count;
	bool domain_due; /* one was learned: the store is to be searched */
	uint64_t names_refused;
};

void hush_init(struct hub *hub);
void hush_done(struct hub *hub);
/** As the store has them; the home is loaded. What fails is the store's fault,
 * which is told. */
void hush_load(struct hub *hub);

/** The home's domains; research has them. */
void hush_load_domains(struct hub *hub);
/** A domain of the home was learned (web/research.h): those that are closed
 * have their names in it, too. */
void hush_learn_domain(struct hub *hub);
/** Searches what is stored for that, if it is due. ERR_IO: it is tried again,
 * in the next run too. */
int hush_search(struct hub *hub) must_check;

/** The names of the device's trace are not to be told from now on. */
void hush_add(struct hub *hub, const struct home_device *device);
/** A trace is to find these names and domains, too. */
void hush_lend(const struct hub *hub, struct trace *trace);
/** Stores them. ERR_IO. */
int hush_store(struct hub *hub, const struct home_device *device) must_check;
/** Notes that what others said of it is erased. ERR_IO. */
int hush_searched(struct hub *hub, struct home_device *device) must_check;
/** It is closed no more. */
void hush_end(struct hub *hub, struct home_device *device);

/** A window of a closed device came by: it may be called otherwise now. */
void hush_hear(struct hub *hub, struct home_device *device,
	       const struct record_window *window);
/** Of another's window what tells of closed devices is taken out. */
void hush_window(struct hub *hub, struct arena *arena,
		 struct record_window *window);

/** What is known of the others no longer tells of it, but for what was found of
 * them (web/watchtower.h). */
void hush_others(struct hub *hub, const struct trace *trace);

/** Whether a text names what is traced: kind as in store/sift.h. */
bool hush_tells(const struct trace *trace, int kind, struct slice text);
/** Whether a text of the row does. */
bool hush_tells_row(const struct trace *trace, const struct said *said);

#endif
