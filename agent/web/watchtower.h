// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_WATCHTOWER_H
#define WEB_WATCHTOWER_H

#include "base/table.h"
#include "judge/judge.h"
#include "judge/trace.h"
#include "message/message.h"
#include "record/record.h"

struct hub;
struct home_device;

/*
 * Where each device's windows are judged, and what was found is kept: in
 * memory, and in the store, so that a restart forgets nothing. Only what the
 * gate lets through comes here; what it closes for good is forgotten at the
 * next turn.
 */

/** Devices judged: as many as can be watched, and others: new ones, and what
 * was watched before. Those have a limit of their own, for anyone can make up
 * MACs, and what is watched is to be judged all the same. */
#define WATCHTOWER_DEVICES_MAX 400
#define WATCHTOWER_OTHERS_MAX  150
/** Sums are stored this often while they change, findings at once. */
#define WATCHTOWER_SAVE_MS 60000
/** The first devices of a home are no news for so long after consent. */
#define WATCHTOWER_SETTLED_MS ((uint64_t)86400 * 1000)

struct watchtower {
	struct table devices; /* struct mac -> struct watched */
	struct lan lan;
	struct finding_list home;    /* of no device */
	uint64_t refused;	     /* times a device was past a limit */
	uint64_t findings_refused;   /* of devices forgotten since */
	bool changed;		     /* pages are to be told */
	uint64_t told_ms, turned_ms; /* ticks */
};

struct watched {
	struct mac mac;
	struct judge *judge;
	bool unsaved;
	uint64_t saved_ms; /* tick */
};

void watchtower_init(struct hub *hub);
/** As the store has it; the home is loaded. */
void watchtower_load(struct hub *hub);
/** Stores what is not, and forgets all of it. */
void watchtower_done(struct hub *hub);

/** What anybody's window says of the home itself (see lan_hear()). */
void watchtower_hear_home(struct hub *hub, const struct record_window *window);
/** What it does, as it is stored. */
void watchtower_judge(struct hub *hub, const struct home_device *device,
		      const struct record_window *window);
/** Heard for the first time ever. */
void watchtower_meet(struct hub *hub, const struct home_device *device);
/** Guard says something of its watch; was_held: it was intercepted before, so
 * that a release gives back what was taken; unanswered: the address family of
 * which it did not say before that nothing comes back, or 0. */
void watchtower_phase(struct hub *hub, const struct home_device *device,
		      bool was_held, unsigned int unanswered);
void watchtower_fault(struct hub *hub, const struct message_fault *fault);

/** Stores what is not yet of this device. */
void watchtower_save(struct hub *hub, struct home_device *device);
/** One device is the other: what was found of it is of that, and it is known no
 * more. */
void watchtower_join(struct hub *hub, const struct home_device *from,
		     const struct home_device *into);

/** Its traffic was erased, and so is what was found in it. */
void watchtower_forget(struct hub *hub, const struct home_device *device);
void watchtower_forget_all(struct hub *hub);

/**
 * A device is closed, and forgotten: what was found of others, and of the home,
 * loses what names it or tells what it did, here and in the store. To the trace
 * is added what others call it. ERR_IO: the store's part, to be tried again.
 */
int watchtower_erase_trace(struct hub *hub, struct trace *trace) must_check;

/** Stores, and tells the pages, what is due. */
void watchtower_turn(struct hub *hub);

/** What was found and not kept, past the limits of judge/finding.h. */
uint64_t watchtower_findings_refused(const struct hub *hub);

/** NULL when nothing is known of it. */
struct judge *watchtower_find(const struct hub *hub,
			      const struct home_device *device);

#endif
