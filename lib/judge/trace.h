// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_TRACE_H
#define JUDGE_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "judge/judge.h"

/*
 * Where a device is and what it is called, to find what is known of it among
 * what was found of others, once nothing of it may be told any more. Its
 * address alone may stay.
 */

/** As many as a device has in the store. */
#define TRACE_ADDRS_MAX 17
/** What it announces, by the ways there are, and what others call it. */
#define TRACE_NAMES_MAX 24
/** Shorter names are words of every text. */
#define TRACE_NAME_LEAST 3

struct trace {
	struct addr addrs[TRACE_ADDRS_MAX];
	size_t addr_count;
	char names[TRACE_NAMES_MAX][FINDING_SUBJECT_BYTES]; /* escaped */
	size_t name_count;
};

/** What is past a limit, known, too short, or no address is passed over. */
void trace_add_addr(struct trace *trace, const struct addr *addr);
/** As findings show it, or only its first label. */
void trace_add_name(struct trace *trace, const char *name);

/** Adds what findings of others call it: the subjects of those about its
 * addresses. */
void trace_learn(struct trace *trace, const struct finding_list *list);

/** Whether the text has a name of it: whole, alone or in one of the domains
 * that homes have, in any case of letters. */
bool trace_in_text(const struct trace *trace, const char *text);

/**
 * Whether a finding of another device, or of the home, names it or tells what
 * it did. Alerts of another device have addresses alone, and so stay.
 */
bool trace_in_finding(const struct trace *trace, const struct finding *finding,
		      bool of_home);

/** Takes these out of a list. True when any went. */
bool trace_erase(const struct trace *trace, struct finding_list *list,
		 bool of_home);
/** The same of another device's findings, and of its sums what names it. */
bool trace_erase_judge(const struct trace *trace, struct judge *judge);

#endif
