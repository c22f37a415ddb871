// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef CONFINE_ALLOW_H
#define CONFINE_ALLOW_H

#include <seccomp.h>
#include <stddef.h>

#include "base/err.h"

/*
 * A process that may make the system calls of a list and no others. Linux
 * only (seccomp).
 */

/** A call allowed where its arguments are as said. */
struct allow_rule {
	int call; /* SCMP_SYS(…) */
	unsigned int count;
	struct scmp_arg_cmp tests[2];
};

struct allow_list {
	const int *calls; /* whatever their arguments */
	size_t call_count;
	const struct allow_rule *rules;
	size_t rule_count;
	int refusal; /* errno that any other call fails with */
};

/** From here on, for good. ERR_DENIED, ERR_NOMEM. */
int allow_only(const struct allow_list *list) must_check;

#endif
