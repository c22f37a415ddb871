// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_SUSPEND_H
#define GUARD_SUSPEND_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Told by systemd-logind (or elogind) that the computer is about to sleep, and
 * holding it off until the network is put back: a "delay" inhibitor, which the
 * system honours for InhibitDelayMaxSec (5 s). See
 * https://systemd.io/INHIBITOR_LOCKS/. Over the system bus, and nothing of it
 * waits. Where there is no bus, or no logind on it, none of this happens.
 */
#define SUSPEND_AGAIN_MS 30000 /* until the next look for a bus */

struct sd_bus;

struct suspend {
	struct sd_bus *bus; /* NULL: none now */
	int lock;	    /* the inhibitor; -1: not held */
	bool near; /* from when the computer is to sleep until it woke */
	uint64_t again_ms;
};

void suspend_init(struct suspend *s);
void suspend_close(struct suspend *s);

/** Connects when it is time, and takes what was told. */
void suspend_turn(struct suspend *s, uint64_t now_ms);

/** To be polled, for events; -1: nothing. */
int suspend_fd(const struct suspend *s, short *events);
/** When suspend_turn() is to be called at the latest. */
uint64_t suspend_due_ms(const struct suspend *s);

/** All is put back: the computer may sleep now. */
void suspend_allow(struct suspend *s);

#endif
