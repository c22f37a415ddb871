// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_TRACE_H
#define JUDGE_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/table.h"
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

/** A name by which it is found and not read: its length, then of its keyed
 * hash as much as has room. */
struct trace_hash {
	uint8_t b[16];
};

/** Such names of many devices, one or more of which have each. */
struct trace_set {
	struct table names; /* struct trace_hash -> uint32_t: of how many */
	uint64_t lengths;   /* those there are, a bit each */
	/** By a key that is not kept with the hashes. */
	void (*hash)(void *user, const void *data, size_t len, uint8_t out[32]);
	void *user;
};

struct trace {
	struct addr addrs[TRACE_ADDRS_MAX];
	size_t addr_count;
	char names[TRACE_NAMES_MAX][FINDING_SUBJECT_BYTES]; /* escaped */
	size_t name_count;
	const struct trace_set *known; /* names beside these, or NULL */
	/* the home's own, beside those that homes have; not copied */
	const struct slice *domains;
	size_t domain_count;
};

/** max: of different names. */
void trace_set_init(struct trace_set *set, size_t max, uint64_t seed);
void trace_set_done(struct trace_set *set);
void trace_set_clear(struct trace_set *set);
/** False for a name that is too short. */
bool trace_hash_of(const struct trace_set *set, const char *name,
		   struct trace_hash *out) must_check;
bool trace_set_has(const struct trace_set *set, const struct trace_hash *name);
/** One more has the name. ERR_LIMIT: past the limit, or without memory. */
int trace_set_add(struct trace_set *set,
		  const struct trace_hash *name) must_check;

/** What is past a limit, known, too short, or no address is passed over. */
void trace_add_addr(struct trace *trace, const struct addr *addr);
/** As findings show it, or only its first label. */
void trace_add_name(struct trace *trace, const char *name);

/** Adds what findings of others call it: the subjects of those about its
 * addresses. */
void trace_learn(struct trace *trace, const struct finding_list *list);

/** Whether the text has a name of it: whole, alone or in a domain of the home,
 * in any case of letters. */
bool trace_in_text(const struct trace *trace, const char *text);
/** The same of a text that is no name: there a name that says no more than
 * what a device is ("iPhone") is a word. */
bool trace_in_free_text(const struct trace *trace, const char *text);

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
