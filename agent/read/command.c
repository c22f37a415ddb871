// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/command.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>

#include "read/facts.h"
#include "read/options.h"
#include "read/output.h"
#include "read/reading.h"
#include "read/report.h"

#define EXIT_FAULT 1
#define EXIT_USAGE 2
/* Added to a signal's number, as the shell reports it. */
#define EXIT_SIGNAL 128

static volatile sig_atomic_t caught_signal;

static void catch_signal(int number)
{
	caught_signal = number;
}

/* A closed pipe is an error of the write, and an interrupt leaves nothing
 * half-written behind. */
static void heed_signals(void)
{
	struct sigaction caught = { .sa_handler = catch_signal };
	struct sigaction ignored = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignored, NULL);
	(void)sigaction(SIGINT, &caught, NULL);
	(void)sigaction(SIGTERM, &caught, NULL);
}

/* What is written; each is there when asked for. */
struct outputs {
	struct output facts_file;
	struct facts facts;
	bool has_facts;
};

static void on_fact(void *user, const struct fact *fact)
{
	struct outputs *o = user;

	if (o->has_facts)
		facts_add(&o->facts, fact);
}

static void on_window(void *user, const struct record_window *window)
{
	struct outputs *o = user;

	if (o->has_facts)
		facts_add_window(&o->facts, window);
}

static bool should_stop(void *user)
{
	struct outputs *o = user;

	return caught_signal || (o->has_facts && output_failed(&o->facts_file));
}

static int open_outputs(struct outputs *o, const struct options *options,
			const struct reading *reading)
{
	if (options->facts_path) {
		if (output_open(&o->facts_file, options->facts_path)) {
			report_fault("write", options->facts_path,
				     strerror(errno));
			return ERR_IO;
		}
		facts_init(&o->facts, &o->facts_file, reading);
		o->has_facts = true;
	}
	return 0;
}

static int commit_outputs(struct outputs *o)
{
	if (o->has_facts && output_commit(&o->facts_file)) {
		report_fault("write", o->facts_file.path, strerror(errno));
		return ERR_IO;
	}
	return 0;
}

static void close_outputs(struct outputs *o)
{
	if (o->has_facts) {
		facts_done(&o->facts);
		output_done(&o->facts_file);
	}
}

int read_command(int argc, char **argv)
{
	struct outputs outputs = { .has_facts = false };
	struct reading reading = { .should_stop = should_stop };
	struct options options;
	int status = EXIT_FAULT;

	switch (options_parse(&options, argc, argv)) {
	case OPTIONS_HELPED:
		return 0;
	case OPTIONS_WRONG:
		return EXIT_USAGE;
	case OPTIONS_GO:
		break;
	}
	heed_signals();
	reading.config = (struct observe_config){
		.mode = options.all ? OBSERVE_ALL : OBSERVE_HOME,
		.locals = options.locals,
		.local_count = options.local_count,
		.gateway = options.gateway,
	};
	reading.sink = (struct observe_sink){ .user = &outputs,
					      .fact = on_fact,
					      .window = on_window };
	if (getrandom(&reading.config.seed, sizeof(reading.config.seed), 0) < 0)
		reading.config.seed = (uintptr_t)&reading;
	if (open_outputs(&outputs, &options, &reading))
		goto out;
	status = 0;
	for (int i = 0; i < options.file_count && !should_stop(&outputs); i++)
		if (!reading_file(&reading, options.files[i]))
			status = EXIT_FAULT;
	if (caught_signal)
		status = EXIT_SIGNAL + caught_signal;
	else if (commit_outputs(&outputs))
		status = EXIT_FAULT;
out:
	close_outputs(&outputs);
	return status;
}
