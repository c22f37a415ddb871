// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_SYSCTL6_H
#define GUARD_SYSCTL6_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "message/message.h"

/*
 * The kernel's settings that make it forward IPv6 packets of one interface.
 * Since Linux 6.17 that is net.ipv6.conf.IF.force_forwarding, and no more. A
 * kernel before that forwards between all interfaces or none, and one that
 * forwards is a router, which drops its own default routes (learnt by router
 * advertisement) unless accept_ra is 2: so that is set first wherever it is 1,
 * and all.forwarding then. What of it must not be forwarded is then kept back
 * by rules: see redirects.h.
 *
 * Whoever else switches all.forwarding on meanwhile finds it on already, and
 * its value does not tell of it. But each writing of it, of the same value too,
 * sets default.forwarding: where that was 0, it is made 0 again after ours, as
 * a mark. If it is 1 at the end, forwarding is somebody else's wish by then and
 * stays, and accept_ra, which keeps routes beside it, does too. Who looks at
 * all.forwarding first, and leaves it as it is, cannot be told from nobody.
 */
enum sysctl6_id {
	SYSCTL6_FORCE_FORWARDING,
	SYSCTL6_FORWARDING,
	SYSCTL6_ACCEPT_RA,
	SYSCTL6_IDS, /* how many there are */
};

/** Two of each interface, and those of "all" and "default". */
#define SYSCTL6_MAX (2 * MESSAGE_INTERFACES_MAX + 3)

/** A setting to put back. */
struct sysctl6 {
	char interface[MESSAGE_NAME_MAX]; /* or "all", "default" */
	enum sysctl6_id id;
	int before;
};

struct sysctl6_list {
	struct sysctl6 settings[SYSCTL6_MAX];
	size_t count; /* 0: it forwards already */
};

/** A short name for the undo record: "force_forwarding", … */
const char *sysctl6_name(enum sysctl6_id id);

/** Whether this could be of a list that sysctl6_plan() made: what a record
 * says is not believed. */
bool sysctl6_is_valid(const struct sysctl6 *setting);

/** Whether the list changes the forwarding of all interfaces. */
bool sysctl6_is_wide(const struct sysctl6_list *list);

/** Whether the interface has no IPv6: it was switched off there, or the kernel
 * has none. */
bool sysctl6_is_off(const char *interface);

/** What is to be changed, with the values before; nothing is written.
 * ERR_IO; ERR_LIMIT: too many interfaces. */
int sysctl6_plan(const char *interface, struct sysctl6_list *out) must_check;
/** Changes it. ERR_IO. */
int sysctl6_change(const struct sysctl6_list *list) must_check;
/** Puts back what is still as it was set; what is of an interface that is gone
 * is well. ERR_IO. */
int sysctl6_put_back(const struct sysctl6_list *list) must_check;

#endif
