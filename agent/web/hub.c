// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/hub.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/device.h"
#include "store/erase.h"
#include "store/query.h"
#include "web/act.h"
#include "web/aside.h"
#include "web/ask.h"
#include "web/between.h"
#include "web/confine.h"
#include "web/find.h"
#include "web/gate.h"
#include "web/given.h"
#include "web/link.h"
#include "web/lock.h"
#include "web/recall.h"
#include "web/research.h"
#include "web/server.h"
#include "web/state.h"
#include "web/view.h"

#define SECRET_NAME "secret"
#define LOCK_NAME   "lock"

/* The loop looks at its clocks at least this often. */
#define TURN_MS 250
#define BEAT_MS 5000
/* Changes come in swarms: the pages are told of them together. */
#define TELL_MS 250
#define LIST_MS 1000

/* An old database of this size is told to be worked on: a few seconds. */
#define OUTDATED_TOLD_BYTES ((uint64_t)64 << 20)

/* keeper, guard, engine, discover, upload, server */
#define SOCKETS 6

static uint64_t clock_read(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t hub_tick_now(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

static void look_at_clocks(struct hub *hub)
{
	hub->now_ms = clock_read(CLOCK_REALTIME);
	hub->tick_ms = hub_tick_now();
}

static int complain(const char *format, ...) printf_like(1, 2);

static int complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("iot-inspector: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return ERR_IO;
}

static int path_in(const struct hub *hub, const char *name, char out[PATH_MAX])
{
	int len = snprintf(out, PATH_MAX, "%s/%s", hub->config.data_dir, name);

	return len > 0 && len < PATH_MAX ? 0 : ERR_LIMIT;
}

/* The directory, and the lock that keeps a second instance off it. The lock
 * is held until the process ends. */
static int take_directory(struct hub *hub)
{
	const char *dir = hub->config.data_dir;
	char path[PATH_MAX];
	int fd;

	if (mkdir(dir, 0700) && errno != EEXIST)
		return complain("could not make \"%s\": %s", dir,
				strerror(errno));
	if (path_in(hub, LOCK_NAME, path))
		return complain("the path \"%s\" is too long", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return complain("could not write to \"%s\": %s", dir,
				strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return complain("another instance keeps its data in \"%s\"",
				dir);
	}
	return 0;
}

/* Whoever else can read it can tell from an identifier which MAC it is of. */
static int keep_from_others(const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return ERR_IO;
	if (!(st.st_mode & 077))
		return 0;
	if (fchmod(fd, 0600))
		return ERR_IO;
	(void)complain("others could read \"%s\", which is a key; its mode is "
		       "0600 now",
		       path);
	return 0;
}

static int read_secret(const char *path, uint8_t secret[32])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	got = keep_from_others(path, fd) ? -1 : read(fd, secret, 32);
	close(fd);
	return got < 0 ? ERR_IO : got == 32 ? 0 : ERR_MALFORMED;
}

/* Whole on the disk before it takes its name. */
static int write_secret(const char *path, const uint8_t secret[32])
{
	char fresh[PATH_MAX];
	int fd, len = snprintf(fresh, sizeof(fresh), "%s.new", path);
	bool written;

	if (len < 0 || (size_t)len >= sizeof(fresh))
		return ERR_LIMIT;
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return ERR_IO;
	written = write(fd, secret, 32) == 32 && !fsync(fd);
	close(fd);
	return written && !rename(fresh, path) ? 0 : ERR_IO;
}

static int take_secret(struct hub *hub)
{
	char path[PATH_MAX];
	int err;

	if (path_in(hub, SECRET_NAME, path))
		return ERR_LIMIT;
	err = read_secret(path, hub->home.secret);
	if (err == ERR_IO)
		return complain("could not read \"%s\": %s", path,
				strerror(errno));
	if (!err)
		return 0;
	if (getrandom(hub->home.secret, 32, 0) != 32 ||
	    write_secret(path, hub->home.secret))
		return complain("could not write \"%s\": %s", path,
				strerror(errno));
	return 0;
}

/* A database that cannot be read is set aside, whole, and said so. */
static int open_store(struct hub *hub)
{
	char path[PATH_MAX], why[STORE_ERROR_BYTES];
	int err;

	if (path_in(hub, ASIDE_DATABASE, path))
		return ERR_LIMIT;
	if (store_outdated(path) >= OUTDATED_TOLD_BYTES)
		(void)complain("bringing \"%s\" up to date, which may take "
			       "some minutes",
			       path);
	err = store_open(path, &hub->store, why);
	if (err == ERR_MALFORMED &&
	    !aside_set(hub->config.data_dir, hub->now_ms)) {
		hub->damage_fault.current = true;
		hub->damage_fault.at_ms = hub->now_ms;
		snprintf(hub->damage_fault.text, sizeof(hub->damage_fault.text),
			 "The database was damaged; it was set aside and a new "
			 "one begun (%s). It goes when everything is deleted.",
			 why);
		err = store_open(path, &hub->store, why);
	}
	return err ? complain("could not open \"%s\": %s", path, why) : 0;
}

static bool load_clue(void *user, const struct query_clue *clue)
{
	home_add_name(user, clue->kind, clue->text);
	return true;
}

static bool load_device(void *user, const struct store_device *stored)
{
	struct hub *hub = user;
	struct home_device *device;

	/* those who are left out were heard longer ago than all that are in */
	if (hub->home.devices.count == HOME_DEVICES_MAX)
		return false;
	device = home_get(&hub->home, &stored->mac);
	if (!device)
		return false;
	home_load(device, stored);
	return true;
}

/* Newest last, so that the newest of a kind is the one that stays. */
static void load_names(struct hub *hub)
{
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(&hub->home, &at)))
		if (gate_lets(device, true, GATE_NAMES))
			(void)!query_names(hub->store, device->store_id,
					   load_clue, device);
}

static int load_home(struct hub *hub)
{
	struct home_device *device;

	lock_load_closed(hub);
	if (store_device_each(hub->store, load_device, hub))
		return complain("could not read the database: %s",
				store_error(hub->store));
	if (lock_load(hub))
		return complain("could not read the database: %s",
				store_error(hub->store));
	hush_load(hub);
	hush_load_domains(hub);
	load_names(hub);
	recall_all(hub);
	for (size_t i = 0; i < hub->config.excluded_count; i++) {
		device = home_get(&hub->home, &hub->config.excluded[i]);
		if (!device)
			continue;
		device->excluded = true;
		device->excluded_for_good = true;
		device->watched = false;
		lock_forget_closed(hub, device);
		/* what fails is told, and tried again */
		(void)!lock_write_closed(hub, device);
	}
	act_load(hub);
	watchtower_load(hub);
	settings_load(&hub->settings, hub->store);
	between_load(&hub->between, hub->store);
	lock_load_verdicts(hub);
	return 0;
}

bool hub_take_token(struct hub *hub, const char *token)
{
	char nonce[SESSION_NONCE_HEX + 1];
	int err;

	if (!session_token_is_ours(&hub->config.secret, slice_text(token)))
		return false;
	memcpy(nonce, token, SESSION_NONCE_HEX);
	nonce[SESSION_NONCE_HEX] = '\0';
	for (size_t i = 0; i < hub->token_count; i++)
		if (!strcmp(hub->tokens[i], nonce))
			return false;
	if (hub->token_count == STATE_TOKENS_MAX)
		return false;
	err = store_token_use(hub->store, nonce, hub->now_ms);
	/* a full disk does not lock the user out: this process remembers */
	if (err && err != ERR_EXISTS)
		memcpy(hub->tokens[hub->token_count++], nonce, sizeof(nonce));
	return err != ERR_EXISTS;
}

void hub_greet(struct hub *hub, struct stream *stream)
{
	json_t *status = view_status(hub), *devices = view_devices(hub);
	json_t *findings = find_count(hub);

	stream_send(&hub->streams, stream, "status", status);
	stream_send(&hub->streams, stream, "devices", devices);
	stream_send(&hub->streams, stream, "findings", findings);
	json_decref(status);
	json_decref(devices);
	json_decref(findings);
	hub->page_was_open = true;
}

static void send_all(struct hub *hub, const char *event, json_t *json)
{
	stream_send_all(&hub->streams, event, json);
	json_decref(json);
}

static void note_store_fault(struct hub *hub)
{
	const char *error = store_error(hub->store);
	struct state_fault *fault = &hub->store_fault;
	bool failing = error[0] != '\0';

	if (failing != fault->current) {
		fault->current = failing;
		fault->at_ms = hub->now_ms;
		hub->status_changed = true;
	}
	if (failing)
		snprintf(fault->text, sizeof(fault->text),
			 "What devices do could not be stored: %s.", error);
}

/* Tells the pages what changed, and that we are there. */
static void tell_pages(struct hub *hub)
{
	bool beat = hub->tick_ms - hub->beat_ms >= BEAT_MS;

	if (beat ||
	    (hub->status_changed && hub->tick_ms - hub->told_ms >= TELL_MS)) {
		hub->told_ms = hub->tick_ms;
		hub->status_changed = false;
		if (hub->streams.count)
			send_all(hub, "status", view_status(hub));
	}
	if (hub->devices_changed && hub->tick_ms - hub->listed_ms >= LIST_MS) {
		hub->listed_ms = hub->tick_ms;
		hub->devices_changed = false;
		if (hub->streams.count)
			send_all(hub, "devices", view_devices(hub));
	}
	if (!beat)
		return;
	hub->beat_ms = hub->tick_ms;
	if (hub->streams.count)
		send_all(hub, "heartbeat",
			 json_pack("{s:o}", "time", view_number(hub->now_ms)));
}

/* In session mode the program ends with its last page, but for a reload. */
static void watch_for_leaving(struct hub *hub)
{
	if (hub->streams.count || !hub->page_was_open) {
		hub->left_ms = hub->tick_ms;
		return;
	}
	if (!hub->config.service && !hub->stopping &&
	    hub->tick_ms - hub->left_ms >= HUB_LEAVE_MS)
		hub_stop(hub, "the last page was closed");
}

static void do_what_is_due(struct hub *hub)
{
	store_tick(hub->store, hub->tick_ms);
	if (hub->tick_ms - hub->expired_ms >= ERASE_EVERY_MS) {
		hub->expired_ms = hub->tick_ms;
		erase_expired(hub->store, hub->now_ms);
	}
	lock_tick(hub);
	watchtower_turn(hub);
	given_tick(hub);
	unlock_tick(hub);
	research_tick(hub);
	ask_tick(hub);
	note_store_fault(hub);
	link_tell_guard(hub);
	watch_for_leaving(hub);
	tell_pages(hub);
}

static void turn(struct hub *hub)
{
	struct pollfd fds[SOCKETS + STREAM_MAX] = {
		{ .fd = hub->keeper.fd, .events = POLLIN },
		{ .fd = hub->guard.fd, .events = POLLIN },
		{ .fd = hub->engine.fd, .events = POLLIN },
		{ .fd = hub->discover.fd, .events = POLLIN },
		{ .fd = hub->upload.fd, .events = POLLIN },
	};
	size_t streams = stream_poll(&hub->streams, fds + SOCKETS);
	int timeout;

	server_poll(hub->server, &fds[SOCKETS - 1], &timeout);
	if (timeout < 0 || timeout > TURN_MS)
		timeout = TURN_MS;
	if (poll(fds, SOCKETS + streams, timeout) < 0)
		return;
	look_at_clocks(hub);
	if (fds[0].revents)
		link_read_keeper(hub);
	if (fds[1].revents)
		link_read_guard(hub);
	if (fds[2].revents)
		link_read_engine(hub);
	if (fds[3].revents)
		link_read_discover(hub);
	if (fds[4].revents)
		link_read_upload(hub);
	stream_polled(&hub->streams, fds + SOCKETS, streams);
	do_what_is_due(hub);
	server_run(hub->server);
}

static int start(struct hub *hub)
{
	hub->keeper.fd = hub->config.keeper_fd;
	hub->guard.fd = hub->engine.fd = hub->discover.fd = -1;
	hub->upload.fd = -1;
	hub->keeper.pid = (uint32_t)getppid();
	look_at_clocks(hub);
	hub->started_ms = hub->keeper.since_ms = hub->now_ms;
	hub->beat_ms = hub->left_ms = hub->tick_ms;
	/* after a restart there was a page, and it may be gone */
	hub->page_was_open = hub->config.restarts > 0;
	umask(0077);
	if (getrandom(&hub->seed, sizeof(hub->seed), 0) != sizeof(hub->seed))
		return ERR_IO;
	home_init(&hub->home, hub->seed);
	hush_init(hub);
	hold_init(hub);
	watchtower_init(hub);
	arena_init(&hub->arena, STATE_ARENA_BYTES);
	arena_init(&hub->held_arena, STATE_ARENA_BYTES);
	reverse_init(&hub->reverse, hub->seed);
	imported_open(&hub->imported, hub->config.data_dir);
	imported_know(&hub->imported, &hub->know);
	if (take_directory(hub) || take_secret(hub) || open_store(hub))
		return ERR_IO;
	/* a device that load_home() finds closed goes out of what waits */
	research_start(hub);
	if (load_home(hub))
		return ERR_IO;
	if (server_start(hub, hub->config.listen_fd, &hub->server))
		return complain("the page could not be served: %s",
				strerror(errno));
	if (confine_hub())
		return complain("seccomp is not to be had on this system");
	return 0;
}

int hub_run(const struct hub_config *config)
{
	static struct hub hub;
	int status = 1;

	hub.config = *config;
	if (start(&hub) || channel_send_plain(hub.keeper.fd, MESSAGE_READY))
		goto out;
	while (!hub.ended)
		turn(&hub);
	hub.status_changed = true;
	hub.told_ms = 0;
	tell_pages(&hub);
	status = 0;
out:
	server_stop(hub.server);
	research_stop(&hub);
	watchtower_done(&hub);
	store_close(hub.store);
	home_done(&hub.home);
	hush_done(&hub);
	hold_done(&hub);
	arena_done(&hub.arena);
	arena_done(&hub.held_arena);
	imported_close(&hub.imported);
	reverse_done(&hub.reverse);
	return status;
}
