// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_VERDICTS_H
#define READ_VERDICTS_H

#include "base/table.h"
#include "judge/judge.h"
#include "know/know.h"
#include "read/identities.h"
#include "read/line.h"
#include "read/names.h"
#include "read/output.h"

/** Devices judged: a home's, many times; each takes some 50 kB. */
#define VERDICTS_DEVICES_MAX 2048u
/** Pieces of evidence shown of a finding in the summary. */
#define VERDICTS_EVIDENCE_SHOWN 1u

/** Most remotes whose party is remembered, since each window asks for those of
 * all its flows; past it, all are forgotten and asked for anew. */
#define VERDICTS_PARTIES_MAX 65536u

/** A remote, as the reference data is asked about it. */
struct verdicts_remote {
	uint64_t name; /* its hash */
	struct addr addr;
};

/** What is found of each device of a capture, and how well it protects itself:
 * the same rules as live. */
struct verdicts {
	const struct names *names;
	struct know know;
	struct table devices; /* struct mac -> struct judge * */
	struct table parties; /* struct verdicts_remote -> struct party */
	uint64_t seed;
	struct lan lan;
	struct finding_list home;
	uint64_t refused; /* windows of devices past the limit */
};

/** names outlives it; the caller adds to it before each window. */
void verdicts_init(struct verdicts *v, const struct names *names,
		   uint64_t seed);
void verdicts_done(struct verdicts *v);

void verdicts_add_window(struct verdicts *v,
			 const struct record_window *window);

/** Appends the findings of a device, and of the home, as lines of text. */
void verdicts_put(const struct verdicts *v, const struct mac *device,
		  struct buf *out);
void verdicts_put_home(const struct verdicts *v, struct buf *out);

/** Writes one JSON object a line: each device, then the home if anything was
 * found of it (api/window.schema.json). Lines that do not fit are refused. */
void verdicts_write(struct verdicts *v, const struct identities *identities,
		    struct line *line, struct output *out);

#endif
