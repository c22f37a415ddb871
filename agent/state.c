// SPDX-License-Identifier: GPL-3.0-or-later

/* The commands that look after what a run left: restore and status. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guard/privilege.h"
#include "guard/restore.h"
#include "guard/rundir.h"
#include "run.h"

#define EXIT_USAGE	   2
#define PROCESSES_TEXT_MAX 256
/* A network that is not there yet is waited for: a few seconds in all. */
#define RESTORE_TRIES	 5
#define RESTORE_AGAIN_MS 1000

/* Both commands take --run-dir alone. -1 to go on, else the status. */
static int read_run_dir(int argc, char **argv, const char **out)
{
	*out = RUNDIR_DEFAULT;
	if (argc == 3 && !strcmp(argv[1], "--run-dir"))
		*out = argv[2];
	else if (argc != 1) {
		bool asked = argc == 2 && !strcmp(argv[1], "--help");

		fprintf(asked ? stdout : stderr,
			"usage: iot-inspector %s [--run-dir DIR]\n", argv[0]);
		return asked ? 0 : EXIT_USAGE;
	}
	return -1;
}

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "iot-inspector: %s: %s\n", what, why);
	return 1;
}

/* Opens the run directory as the user it is for. */
static int enter(const char *path, int *run_dir)
{
	struct privilege_user user;
	int err;

	if (!privilege_is_enough())
		return fail("this needs root", "start it with sudo");
	if (privilege_find_user(&user))
		return fail("could not choose a user", "there is none");
	err = rundir_open(path, &user, run_dir);
	if (err == ERR_BUSY)
		return fail("an instance is running",
			    "stop it, and it restores by itself");
	if (err)
		return fail(path, strerror(errno));
	if (privilege_drop(&user))
		return fail(user.name, "could not become this user");
	return 0;
}

int restore_command(int argc, char **argv)
{
	const char *path;
	int run_dir, lock, err;
	int status = read_run_dir(argc, argv, &path);

	if (status >= 0)
		return status;
	if (access(path, F_OK)) {
		puts("nothing to restore");
		return 0;
	}
	if (enter(path, &run_dir))
		return 1;
	err = rundir_lock(run_dir, &lock);
	if (err == ERR_BUSY)
		return fail("an instance is running",
			    "stop it, and it restores by itself");
	if (err)
		return fail("lock", strerror(errno));
	err = restore_run(run_dir);
	for (int n = 1; err == RESTORE_LATER && n < RESTORE_TRIES; n++) {
		(void)!poll(NULL, 0, RESTORE_AGAIN_MS);
		err = restore_run(run_dir);
	}
	if (err == ERR_NOTFOUND)
		puts("nothing to restore");
	else if (err == RESTORE_ELSEWHERE)
		puts("this computer's settings are as they were before; this "
		     "is another network, where nothing was changed");
	else if (err == RESTORE_UNTOLD)
		puts("the network is as it was before, but IPv6 is switched off "
		     "here by now: the devices find their router by IPv6 again "
		     "by themselves, within a minute");
	else if (err == RESTORE_LATER)
		fail("could not restore",
		     "the network of that run does not answer: try again when "
		     "this computer is on it");
	else if (err)
		fail("could not restore", err_text(err));
	else
		puts("the network is as it was before");
	fflush(NULL);
	_exit(err == RESTORE_LATER || (err < 0 && err != ERR_NOTFOUND) ? 1 : 0);
}

int status_command(int argc, char **argv)
{
	char processes[PROCESSES_TEXT_MAX];
	const char *path;
	int run_dir;
	bool runs;
	int status = read_run_dir(argc, argv, &path);

	if (status >= 0)
		return status;
	if (access(path, F_OK)) {
		puts("not running");
		return 0;
	}
	/* it only looks: the directory stays whose it is */
	if (rundir_look(path, &run_dir))
		return errno == EACCES
			       ? fail("this needs root", "start it with sudo")
			       : fail(path, strerror(errno));
	runs = rundir_is_locked(run_dir);
	puts(runs ? "running" : "not running");
	if (runs &&
	    rundir_read(run_dir, "processes", processes, sizeof(processes)) > 0)
		fputs(processes, stdout);
	if (restore_is_needed(run_dir))
		puts(runs ? "devices are being watched"
			  : "an earlier run left changes: iot-inspector "
			    "restore puts them back");
	fflush(NULL);
	_exit(0);
}
