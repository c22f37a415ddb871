// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_WINDOW_H
#define OBSERVE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "record/record.h"

/*
 * The open window: what each device did in it so far. Devices that did
 * something are chained in the order in which they first did; closing hands
 * out one record each and forgets.
 */

/** Memory for names, hellos and the like of one window, of all devices. */
#define WINDOW_BYTES_MAX ((size_t)8 << 20)
/** Most of one kind of one device in a window; an honest one has dozens. */
#define WINDOW_NAMES_MAX     512u
#define WINDOW_QUESTIONS_MAX 512u
#define WINDOW_HELLOS_MAX    256u
#define WINDOW_HTTP_MAX	     256u
#define WINDOW_CLUES_MAX     256u
#define WINDOW_SERVERS_MAX   256u
#define WINDOW_SERVICES_MAX  512u
#define WINDOW_DOMAINS_MAX   8u
/**
 * Most flows that turn out to be another device's. Each costs a walk; in an
 * honest capture, it is those under way when it began.
 */
#define WINDOW_DROPS_MAX 256u

struct device;
struct flow;

enum window_list {
	WINDOW_NAMES,
	WINDOW_QUESTIONS,
	WINDOW_HELLOS,
	WINDOW_HTTP,
	WINDOW_CLUES,
	WINDOW_SERVERS,
	WINDOW_SERVICES,
	WINDOW_DOMAINS,
	WINDOW_LISTS,
};

struct window_node;

/** One device's share of the open window; part of the device. */
struct window_share {
	bool active;
	struct device *next_active;
	struct {
		struct window_node *head, *tail;
		uint32_t count;
	} lists[WINDOW_LISTS];
	struct flow *flow_head, *flow_tail;
	uint32_t flow_count;
	uint64_t forward_in_frames, forward_out_frames;
	struct addr seen_as; /* as record_window has it */
	uint8_t answered_past;
};

struct window {
	uint64_t index; /* start in units of RECORD_WINDOW_NS */
	bool open;	/* a frame or the clock has set the index */
	/* grows with each window, by more where time passed over some */
	uint64_t serial;
	struct device *head, *tail;
	uint32_t drops;
	struct arena arena;
	struct record_flow *flows; /* room to hand out one device's flows */
	size_t flow_room;
	struct record_counters *counters;
};

void window_init(struct window *w, struct record_counters *counters);
void window_done(struct window *w);

/** Chains the device among those that did something in this window. */
void window_mark(struct window *w, struct device *device);

/** Adds a flow to what a device did in this window. */
void window_add_flow(struct window *w, struct device *device,
		     struct flow *flow);

/**
 * Takes a flow out of what that side's device did. False when it must stay
 * until the window closes.
 */
bool window_drop_flow(struct window *w, struct flow *flow, int side);

/**
 * Whether the device has as many of the list's kind as it may; then the one
 * that was to come is counted as refused. To be asked before its texts are
 * copied, so that what is not kept takes no memory of the others'.
 */
bool window_is_full(struct window *w, const struct device *device,
		    enum window_list list) must_check;

/** A copy that lives until the window closes; absent stays absent. False
 * when memory is out. */
bool window_copy(struct window *w, struct slice from,
		 struct slice *out) must_check;

/**
 * Adds a record of the list's kind, whose slices must live until the window
 * closes. Past a limit it is counted, not added.
 */
void window_add(struct window *w, struct device *device, enum window_list list,
		const void *record);
/** Counts one that could not be added, since its texts could not be copied. */
void window_refuse(struct window *w, enum window_list list);

/** Whether the device has this name of this address already. */
bool window_has_name(const struct device *device,
		     const struct record_name *name);
bool window_has_clue(const struct device *device,
		     const struct record_clue *clue);

/** What the device has of the same connection already, or NULL: to add to. */
struct record_server *window_find_server(const struct device *device,
					 const struct record_server *like);
/** Likewise of the same remote, application and port, of whichever end. */
struct record_service *window_find_service(const struct device *device,
					   const struct record_service *like);

/** Hands out one record a device, with the call given, and empties it. */
void window_close(struct window *w, const struct mac *gateway,
		  void (*emit)(void *, const struct record_window *),
		  void *user);

/** The device was told by whom the Internet sees it. Addresses that nobody on
 * the Internet has, and a device of NULL, are passed over. */
void window_seen_as(struct device *device, const struct addr *addr);

/** An answer of this family (4 or 6) reached the device without us. */
void window_answered_past(struct device *device, unsigned int family);

/** The device was told what the home is called. */
void window_add_domain(struct window *w, struct device *device,
		       struct slice domain);

#endif
