// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/clock.h"
#include "guard/confine.h"
#include "guard/privilege.h"
#include "guard/restore.h"
#include "guard/rundir.h"
#include "guard/say.h"
#include "message/channel.h"

#define PROCESSES_TEXT_MAX 256

struct child {
	pid_t pid; /* 0: not running */
	int channel;
	uint32_t restarts;
	uint64_t started_ms;
	uint64_t due_ms;   /* when to start it again */
	uint64_t heard_ms; /* the last answer; 0: it is not waited for yet */
	uint32_t backoff_ms;
};

struct keeper {
	const struct keeper_config *config;
	uint32_t generation; /* keepers killed before this one */
	int signals;
	bool stopping;
	bool ready;	  /* the page's address was told */
	uint64_t ping_ms; /* when to ask next */
	struct child children[MESSAGE_PROCESSES];
};

/* The order in which they end: guard restores, discover and upload send no
 * more, engine hands over its last window, the hub writes it. */
static const enum message_process stop_order[] = {
	MESSAGE_GUARD, MESSAGE_DISCOVER, MESSAGE_UPLOAD, MESSAGE_ENGINE,
	MESSAGE_HUB
};
#define CHILDREN (sizeof(stop_order) / sizeof(stop_order[0]))

static int keeper_serve(const struct keeper_config *config,
			uint32_t generation);

static void write_processes(const struct keeper *k)
{
	char text[PROCESSES_TEXT_MAX];
	struct buf lines;

	buf_init(&lines, sizeof(text));
	buf_printf(&lines, "keeper %d\n", (int)getpid());
	for (size_t i = 0; i < CHILDREN; i++) {
		const struct child *c = &k->children[stop_order[i]];

		if (c->pid)
			buf_printf(&lines, "%s %d\n",
				   message_process_name(stop_order[i]),
				   (int)c->pid);
	}
	if (buf_check(&lines) || rundir_write(k->config->run_dir, "processes",
					      buf_text(&lines), lines.len))
		say("could not write the list of processes");
	buf_done(&lines);
}

/* Signals that stop the agent are the keeper's: a terminal sends them to
 * all, and the others are told by the keeper when it is their turn. */
static void child_signals(void)
{
	const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Closes what the process is not to have of what the keeper has. */
static void child_descriptors(const struct keeper *k, enum message_process who)
{
	const struct keeper_config *config = k->config;

	close(k->signals);
	for (size_t i = 0; i < MESSAGE_PROCESSES; i++)
		if (k->children[i].pid)
			close(k->children[i].channel);
	if (who == MESSAGE_GUARD)
		return; /* to go on as keeper it needs the rest */
	close(config->run_dir);
	close(config->lock);
	if (config->browser >= 0)
		close(config->browser);
	if (who != MESSAGE_HUB)
		close(config->listener);
}

static int guard_body(const struct keeper *k, int channel)
{
	switch (guard_run(&k->config->guard, channel)) {
	case GUARD_STOPPED:
		return 0;
	case GUARD_KEEPER_GONE:
		close(channel);
		if (k->generation >= KEEPER_GENERATIONS_MAX)
			return 1;
		say("the keeper was killed; guard goes on as keeper");
		return keeper_serve(k->config, k->generation + 1);
	case GUARD_FAILED:
		break;
	}
	return 1;
}

static int child_body(const struct keeper *k, enum message_process who,
		      int channel, pid_t keeper)
{
	const struct keeper_body *body =
		who == MESSAGE_ENGINE	  ? &k->config->engine
		: who == MESSAGE_DISCOVER ? &k->config->discover
		: who == MESSAGE_UPLOAD	  ? &k->config->upload
					  : &k->config->hub;
	char name[16];

	snprintf(name, sizeof(name), "ii-%s", message_process_name(who));
	prctl(PR_SET_NAME, name);
	child_signals();
	child_descriptors(k, who);
	if (who == MESSAGE_GUARD)
		return guard_body(k, channel);
	/* a keeper's engine and hub do not outlive it, hung or not */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper)
		return 1;
	if (privilege_drop_rest()) {
		say("%s could not give up its capabilities", name);
		return 1;
	}
	return body->run(body->context, channel, k->children[who].restarts);
}

/* Sends one end of a pair to a process, and says who is at the other. */
static void send_peer(const struct keeper *k, enum message_process to, int end,
		      enum message_process peer)
{
	const struct child *other = &k->children[peer];
	struct message m = {
		.type = MESSAGE_PEER,
		.fd = end,
		.peer = { peer, (uint32_t)other->pid, other->restarts },
	};

	/* one that cannot take it is dying: its end is seen soon */
	(void)!channel_send(k->children[to].channel, &m);
}

/* Discover speaks to devices, upload to a collector: they have nobody but the
 * hub to tell. */
static bool speaks_outside(enum message_process who)
{
	return who == MESSAGE_DISCOVER || who == MESSAGE_UPLOAD;
}

static bool have_to_talk(enum message_process a, enum message_process b)
{
	return (!speaks_outside(a) && !speaks_outside(b)) || a == MESSAGE_HUB ||
	       b == MESSAGE_HUB;
}

/* Gives a process that was just started sockets to those that live. */
static void introduce(struct keeper *k, enum message_process fresh)
{
	for (size_t i = 0; i < CHILDREN; i++) {
		enum message_process other = stop_order[i];
		int ends[2];

		if (other == fresh || !k->children[other].pid ||
		    !have_to_talk(fresh, other))
			continue;
		if (channel_pair(ends)) {
			say("could not make a socket pair: %s",
			    strerror(errno));
			continue;
		}
		send_peer(k, fresh, ends[0], other);
		send_peer(k, other, ends[1], fresh);
		close(ends[0]);
		close(ends[1]);
	}
}

static void start(struct keeper *k, enum message_process who)
{
	struct child *c = &k->children[who];
	pid_t keeper = getpid(), pid;
	int ends[2];

	c->started_ms = clock_ms();
	c->due_ms = c->started_ms + KEEPER_BACKOFF_MOST_MS;
	if (channel_pair(ends)) {
		say("could not make a socket pair: %s", strerror(errno));
		return;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		_exit(child_body(k, who, ends[1], keeper));
	}
	close(ends[1]);
	if (pid < 0) {
		say("could not start %s: %s", message_process_name(who),
		    strerror(errno));
		close(ends[0]);
		return;
	}
	c->pid = pid;
	c->channel = ends[0];
	c->heard_ms = who == MESSAGE_HUB ? 0 : c->started_ms;
	introduce(k, who);
	write_processes(k);
}

static void restore(const struct keeper *k)
{
	int err = restore_run(k->config->run_dir);

	if (err == RESTORE_ELSEWHERE)
		say("this is another network than an earlier run's: only "
		    "this computer's settings were put back");
	else if (err == RESTORE_UNTOLD)
		say("IPv6 is switched off here by now: the devices find their "
		    "router by IPv6 again by themselves");
	else if (err == RESTORE_LATER)
		say("what was changed cannot be put back yet: the network "
		    "is not there (iot-inspector restore does it)");
	else if (err && err != ERR_NOTFOUND)
		say("could not restore the network: %s", err_text(err));
}

static void describe_end(enum message_process who, int status)
{
	if (WIFSIGNALED(status))
		say("%s was ended by signal %d (%s)", message_process_name(who),
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		say("%s failed", message_process_name(who));
}

static void ended(struct keeper *k, enum message_process who, int status)
{
	struct child *c = &k->children[who];
	uint64_t now = clock_ms();

	close(c->channel);
	c->pid = 0;
	describe_end(who, status);
	if (who == MESSAGE_GUARD)
		restore(k);
	if (now - c->started_ms >= KEEPER_STEADY_MS || !c->backoff_ms)
		c->backoff_ms = KEEPER_BACKOFF_FIRST_MS;
	else if (c->backoff_ms < KEEPER_BACKOFF_MOST_MS / 2)
		c->backoff_ms *= 2;
	else
		c->backoff_ms = KEEPER_BACKOFF_MOST_MS;
	c->due_ms = now + c->backoff_ms;
	c->restarts++;
}

static void reap(struct keeper *k)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < CHILDREN; i++)
			if (k->children[stop_order[i]].pid == pid)
				ended(k, stop_order[i], status);
}

static void read_signals(struct keeper *k)
{
	struct signalfd_siginfo info;

	while (read(k->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(k);
		else
			k->stopping = true;
	}
}

static void tell_page(struct keeper *k)
{
	char line[SAY_LINE_MAX];

	if (k->ready)
		return;
	k->ready = true;
	if (k->generation)
		return; /* the first keeper told it */
	snprintf(line, sizeof(line), "open %s\n", k->config->page);
	say_bytes(STDOUT_FILENO, line, strlen(line));
	explicit_bzero(line, sizeof(line));
	if (k->config->browser >= 0)
		(void)!write(k->config->browser, k->config->page,
			     strlen(k->config->page));
}

static void read_channel(struct keeper *k, enum message_process who)
{
	static struct channel_inbox inbox;
	static struct message m;
	int err;

	do {
		err = channel_receive(k->children[who].channel, &inbox, &m);
		if (err)
			continue;
		if (m.fd >= 0)
			close(m.fd);
		if (m.type == MESSAGE_PONG)
			k->children[who].heard_ms = clock_ms();
		if (who != MESSAGE_HUB)
			continue; /* nobody else has more to say */
		if (m.type == MESSAGE_READY) {
			tell_page(k);
		} else if (m.type == MESSAGE_STOP_REQUEST) {
			say("stopping: %s", m.stop_request.reason);
			k->stopping = true;
		}
	} while (err != ERR_AGAIN && err != ERR_CLOSED && err != ERR_IO);
	if (err != ERR_AGAIN) /* it closed its end but lives: of no use */
		kill(k->children[who].pid, SIGKILL);
}

/* Waits for something to happen, no longer than until. */
static void wait_and_read(struct keeper *k, uint64_t until_ms)
{
	struct pollfd polls[1 + CHILDREN] = { { .fd = k->signals,
						.events = POLLIN } };
	uint64_t now = clock_ms();

	for (size_t i = 0; i < CHILDREN; i++) {
		const struct child *c = &k->children[stop_order[i]];

		polls[1 + i] = (struct pollfd){ .fd = c->pid ? c->channel : -1,
						.events = POLLIN };
	}
	if (poll(polls, 1 + CHILDREN,
		 until_ms > now ? (int)(until_ms - now) : 0) <= 0)
		return;
	for (size_t i = 0; i < CHILDREN; i++)
		if (polls[1 + i].revents && k->children[stop_order[i]].pid)
			read_channel(k, stop_order[i]);
	if (polls[0].revents)
		read_signals(k);
}

/* Starts those that are due; gives when the next is. */
static uint64_t start_due(struct keeper *k)
{
	uint64_t now = clock_ms(), next = now + KEEPER_BACKOFF_MOST_MS;

	for (size_t i = 0; i < CHILDREN; i++) {
		struct child *c = &k->children[stop_order[i]];

		if (!c->pid && c->due_ms <= now)
			start(k, stop_order[i]);
		if (!c->pid && c->due_ms < next)
			next = c->due_ms;
	}
	return next;
}

static void ping_one(struct keeper *k, enum message_process who, uint64_t now)
{
	struct child *c = &k->children[who];
	uint64_t most =
		who == MESSAGE_HUB ? KEEPER_HUB_HUNG_MS : KEEPER_HUNG_MS;

	if (!c->pid)
		return;
	if (c->heard_ms && now - c->heard_ms >= most) {
		say("%s does not answer and is killed",
		    message_process_name(who));
		kill(c->pid, SIGKILL);
		c->heard_ms = 0;
	}
	/* where its queue is full it was asked already */
	(void)!channel_send_plain(c->channel, MESSAGE_PING);
}

/* Asks who is due; gives when to ask next. */
static uint64_t ping_due(struct keeper *k)
{
	uint64_t now = clock_ms();

	if (now < k->ping_ms)
		return k->ping_ms;
	for (size_t i = 0; i < CHILDREN; i++) {
		struct child *c = &k->children[stop_order[i]];

		/* held up ourselves, we know nothing of the others */
		if (k->ping_ms && now - k->ping_ms >= KEEPER_PING_MS &&
		    c->heard_ms)
			c->heard_ms = now;
		ping_one(k, stop_order[i], now);
	}
	k->ping_ms = now + KEEPER_PING_MS;
	return k->ping_ms;
}

static void stop_all(struct keeper *k)
{
	for (size_t i = 0; i < CHILDREN; i++) {
		struct child *c = &k->children[stop_order[i]];
		uint64_t until = clock_ms() + (stop_order[i] == MESSAGE_GUARD
						       ? KEEPER_GUARD_STOP_MS
						       : KEEPER_STOP_MS);

		if (c->pid && channel_send_plain(c->channel, MESSAGE_STOP))
			kill(c->pid, SIGKILL);
		while (c->pid && clock_ms() < until)
			wait_and_read(k, until);
		if (c->pid) {
			say("%s does not end and is killed",
			    message_process_name(stop_order[i]));
			kill(c->pid, SIGKILL);
		}
		while (c->pid)
			wait_and_read(k, clock_ms() + KEEPER_STOP_MS);
	}
}

static int catch_signals(int *out)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	/* to print in the background stops nobody */
	signal(SIGTTOU, SIG_IGN);
	/* nor does Ctrl-Z, which would leave the devices to a sleeper */
	signal(SIGTSTP, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return ERR_IO;
	/* one that is ignored would never reach the descriptor */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return ERR_IO;
	*out = fd;
	return 0;
}

static int keeper_serve(const struct keeper_config *config, uint32_t generation)
{
	struct keeper k = { .config = config, .generation = generation };
	bool left;

	prctl(PR_SET_NAME, "ii-keeper");
	if (catch_signals(&k.signals)) {
		say("could not catch signals: %s", strerror(errno));
		return 1;
	}
	restore(&k); /* what an earlier run left */
	while (!k.stopping) {
		uint64_t start_ms = start_due(&k), ping_ms = ping_due(&k);

		wait_and_read(&k, start_ms < ping_ms ? start_ms : ping_ms);
	}
	stop_all(&k);
	restore(&k); /* nothing to do, unless guard could not */
	left = restore_is_needed(config->run_dir);
	(void)!rundir_remove(config->run_dir, "processes");
	close(k.signals);
	return left ? 1 : 0;
}

int keeper_run(const struct keeper_config *config)
{
	if (confine_processes()) {
		say("could not set the filter of system calls");
		return 1;
	}
	return keeper_serve(config, 0);
}
