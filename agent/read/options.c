// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

static const char help[] =
	"usage: iot-inspector read [OPTION]... FILE...\n"
	"\n"
	"Says what is in capture files: devices, who they talk to, how much, and\n"
	"how well encrypted. Reads pcap and pcapng, also gzip-compressed; \"-\" is\n"
	"standard input.\n"
	"\n"
	"output, besides the summary unless it takes standard output:\n"
	"  --json           one record a line: what a device did in five seconds\n"
	"  --csv DIR        devices, flows, dns and client_hello.csv in DIR\n"
	"  --facts FILE     everything decoded, one JSON object a line (\"-\": here)\n"
	"\n"
	"who is a device:\n"
	"  --all            every host is\n"
	"  --local CIDR     addresses in this range are local (may be given again)\n"
	"  --gateway MAC    the router; else it is inferred\n"
	"\n"
	"what devices are known to be:\n"
	"  --labels FILE    CSV of MAC, name, category, vendor: the label columns\n"
	"                   of --csv, and what --score compares with\n"
	"  --score[=FILE]   instead of the summary: how well devices are recognised\n"
	"                   (FILE: as JSON, too)\n"
	"\n"
	"for --csv:\n"
	"  --secret FILE    key of the device identifiers (made if it is not there);\n"
	"                   else one of your own is kept among your data\n"
	"\n"
	"  --help           this\n";

enum option_code {
	OPTION_ALL = 256,
	OPTION_CSV,
	OPTION_FACTS,
	OPTION_GATEWAY,
	OPTION_HELP,
	OPTION_JSON,
	OPTION_LABELS,
	OPTION_LOCAL,
	OPTION_SCORE,
	OPTION_SECRET,
};

static const struct option long_options[] = {
	{ "all", no_argument, NULL, OPTION_ALL },
	{ "csv", required_argument, NULL, OPTION_CSV },
	{ "facts", required_argument, NULL, OPTION_FACTS },
	{ "gateway", required_argument, NULL, OPTION_GATEWAY },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "labels", required_argument, NULL, OPTION_LABELS },
	{ "local", required_argument, NULL, OPTION_LOCAL },
	{ "score", optional_argument, NULL, OPTION_SCORE },
	{ "secret", required_argument, NULL, OPTION_SECRET },
	{ NULL, 0, NULL, 0 },
};

static int refuse(const char *reason, const char *text)
{
	fprintf(stderr, "iot-inspector read: %s \"%s\"\n", reason, text);
	return ERR_INVALID;
}

static int add_local(struct options *o, const char *text)
{
	if (o->local_count == OPTIONS_LOCALS_MAX)
		return refuse("too many ranges: no room for", text);
	if (cidr_parse(text, &o->locals[o->local_count]))
		return refuse("not an address range, such as 192.168.1.0/24:",
			      text);
	o->local_count++;
	return 0;
}

static int set_option(struct options *o, int option, const char *value)
{
	switch (option) {
	case OPTION_ALL:
		o->all = true;
		return 0;
	case OPTION_CSV:
		o->csv_dir = value;
		return 0;
	case OPTION_FACTS:
		o->facts_path = value;
		return 0;
	case OPTION_GATEWAY:
		if (mac_parse(value, &o->gateway))
			return refuse("not a MAC address:", value);
		return 0;
	case OPTION_JSON:
		o->json = true;
		return 0;
	case OPTION_LABELS:
		o->labels_path = value;
		return 0;
	case OPTION_LOCAL:
		return add_local(o, value);
	case OPTION_SCORE:
		o->score = true;
		o->score_path = value;
		return 0;
	case OPTION_SECRET:
		o->secret_path = value;
		return 0;
	}
	/* getopt_long() has said what was wrong */
	return ERR_INVALID;
}

static int check(const struct options *o)
{
	if (!o->file_count)
		return refuse("no FILE given; see", "--help");
	if (o->labels_path && !o->csv_dir && !o->score)
		return refuse("labels are for --csv and --score: what to do "
			      "with",
			      o->labels_path);
	if (o->score && !o->labels_path)
		return refuse("what devices really are must be known: give",
			      "--labels");
	if (o->score &&
	    (o->json || (o->facts_path && !strcmp(o->facts_path, "-"))))
		return refuse("standard output is taken by", "--score");
	if (o->json && o->facts_path && !strcmp(o->facts_path, "-"))
		return refuse("--json goes to standard output, and so does",
			      "--facts -");
	return 0;
}

enum options_verdict options_parse(struct options *o, int argc, char **argv)
{
	static char name[] = "iot-inspector read";
	int option;

	*o = (struct options){ .all = false };
	argv[0] = name;
	optind = 1;
	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1) {
		if (option == 'h' || option == OPTION_HELP) {
			fputs(help, stdout);
			return OPTIONS_HELPED;
		}
		if (set_option(o, option, optarg))
			return OPTIONS_WRONG;
	}
	o->files = argv + optind;
	o->file_count = argc - optind;
	return check(o) ? OPTIONS_WRONG : OPTIONS_GO;
}
