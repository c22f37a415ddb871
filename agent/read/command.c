// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/command.h"

#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#include "read/options.h"
#include "read/outputs.h"
#include "read/reading.h"

#define EXIT_FAULT 1
#define EXIT_USAGE 2
/* Added to a signal's number, as the shell reports it. */
#define EXIT_SIGNAL 128

static volatile sig_atomic_t caught_signal;

/* A read that began just after it was looked for is interrupted by the alarm,
 * again and again. */
static void catch_signal(int number)
{
	if (number != SIGALRM)
		caught_signal = number;
	(void)alarm(1);
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
	(void)sigaction(SIGALRM, &caught, NULL);
}

static void on_fact(void *user, const struct fact *fact)
{
	outputs_fact(user, fact);
}

static void on_window(void *user, const struct record_window *window)
{
	outputs_window(user, window);
}

static bool should_stop(void *user)
{
	return caught_signal || outputs_failed(user);
}

int read_command(int argc, char **argv)
{
	struct outputs outputs;
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
	/* so that who made a capture cannot choose what collides */
	if (getrandom(&reading.config.seed, sizeof(reading.config.seed), 0) < 0)
		reading.config.seed = (uint64_t)getpid();
	if (!outputs_open(&outputs, &options, &reading))
		goto out;
	status = 0;
	for (int i = 0; i < options.file_count && !should_stop(&outputs); i++)
		if (!reading_file(&reading, options.files[i]))
			status = EXIT_FAULT;
	if (caught_signal)
		status = EXIT_SIGNAL + caught_signal;
	else if (!outputs_finish(&outputs))
		status = EXIT_FAULT;
out:
	outputs_close(&outputs);
	return status;
}
