// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/suspend.h"

#include <fcntl.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define LOGIND	  "org.freedesktop.login1"
#define PATH	  "/org/freedesktop/login1"
#define INTERFACE "org.freedesktop.login1.Manager"

/* Messages taken at a turn: logind says a handful in a day. */
#define MESSAGES_AT_ONCE 32

void suspend_init(struct suspend *s)
{
	*s = (struct suspend){ .lock = -1 };
}

void suspend_allow(struct suspend *s)
{
	if (s->lock >= 0)
		close(s->lock);
	s->lock = -1;
}

void suspend_close(struct suspend *s)
{
	suspend_allow(s);
	/* not flushed: that would wait */
	sd_bus_close_unref(s->bus);
	s->bus = NULL;
	s->near = false;
}

static int take_lock(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct suspend *s = data;
	int fd;

	(void)error;
	/* no logind, or it refuses: after a sleep is all that is left */
	if (sd_bus_message_is_method_error(m, NULL) ||
	    sd_bus_message_read(m, "h", &fd) < 0)
		return 0;
	suspend_allow(s);
	s->lock = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return 0;
}

static int ask_for_lock(struct suspend *s)
{
	return sd_bus_call_method_async(
		s->bus, NULL, LOGIND, PATH, INTERFACE, "Inhibit", take_lock, s,
		"ssss", "sleep", "IoT Inspector",
		"The network is put back before this computer sleeps", "delay");
}

static int take_signal(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct suspend *s = data;
	int near;

	(void)error;
	if (sd_bus_message_read(m, "b", &near) < 0)
		return 0;
	s->near = near;
	return near ? 0 : ask_for_lock(s);
}

static int begin(struct suspend *s)
{
	int err = sd_bus_open_system(&s->bus);

	if (err >= 0)
		err = sd_bus_match_signal_async(s->bus, NULL, LOGIND, PATH,
						INTERFACE, "PrepareForSleep",
						take_signal, NULL, s);
	return err < 0 ? err : ask_for_lock(s);
}

void suspend_turn(struct suspend *s, uint64_t now_ms)
{
	int err = 0;

	if (!s->bus) {
		if (now_ms < s->again_ms)
			return;
		err = begin(s);
	}
	for (int n = 0; err >= 0 && n < MESSAGES_AT_ONCE; n++) {
		err = sd_bus_process(s->bus, NULL);
		if (!err)
			return;
	}
	if (err >= 0)
		return;
	suspend_close(s);
	s->again_ms = now_ms + SUSPEND_AGAIN_MS;
}

int suspend_fd(const struct suspend *s, short *events)
{
	int wanted = s->bus ? sd_bus_get_events(s->bus) : -1;

	if (wanted < 0)
		return -1;
	*events = (short)wanted;
	return sd_bus_get_fd(s->bus);
}

uint64_t suspend_due_ms(const struct suspend *s)
{
	uint64_t usec;

	if (!s->bus)
		return s->again_ms;
	if (sd_bus_get_timeout(s->bus, &usec) < 0 || usec == UINT64_MAX)
		return UINT64_MAX;
	return usec / 1000 + 1;
}
