// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_OPTIONS_H
#define READ_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"

/** Most --local ranges; a home has one or two. */
#define OPTIONS_LOCALS_MAX 32

/** What the command line of `iot-inspector read` asks for. */
struct options {
	bool all;   /* every host is a device */
	bool json;  /* records on standard output */
	bool score; /* identities against labels on standard output */
	const char *csv_dir, *facts_path, *labels_path, *secret_path;
	const char *score_path; /* NULL, or where the score is as JSON */
	struct cidr locals[OPTIONS_LOCALS_MAX];
	size_t local_count;
	struct mac gateway; /* zero: to be inferred */
	char **files;
	int file_count;
};

enum options_verdict {
	OPTIONS_GO,
	OPTIONS_HELPED, /* the help was asked for and printed */
	OPTIONS_WRONG,	/* one line on standard error said what */
};

/** argv[0] is "read". The texts are argv's own. */
enum options_verdict options_parse(struct options *o, int argc, char **argv);

#endif
