// SPDX-License-Identifier: GPL-3.0-or-later

#include "browser.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADDRESS_MAX 512
#define VALUE_MAX   4200
/* How long the browser may take to open the file that it is led by. */
#define OPENED_MS 60000

/* What a desktop's programs need to find it, as far as sudo let it through. */
static const char *const passed[] = {
	"DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP",
	"LANG",	   "BROWSER",
};
#define PASSED (sizeof(passed) / sizeof(passed[0]))

struct desktop {
	char values[PASSED][VALUE_MAX]; /* "" where there is none */
	char runtime[64];		/* /run/user/UID, or "" */
	bool wayland_socket;
};

static void desktop_find(const struct privilege_user *user, struct desktop *out)
{
	char path[128];
	struct stat status;

	for (size_t i = 0; i < PASSED; i++) {
		const char *value = getenv(passed[i]);

		snprintf(out->values[i], sizeof(out->values[i]), "%s",
			 value ? value : "");
	}
	snprintf(out->runtime, sizeof(out->runtime), "/run/user/%u",
		 (unsigned)user->uid);
	if (stat(out->runtime, &status))
		out->runtime[0] = '\0';
	snprintf(path, sizeof(path), "%s/wayland-0", out->runtime);
	out->wayland_socket = out->runtime[0] && !stat(path, &status);
}

static bool desktop_is_there(const struct desktop *d)
{
	return d->values[0][0] || d->values[2][0] || d->values[5][0] ||
	       d->wayland_socket;
}

static void set(const char *name, const char *value)
{
	if (value[0])
		setenv(name, value, 1);
}

static void desktop_enter(const struct privilege_user *user,
			  const struct desktop *d)
{
	char bus[128];

	clearenv();
	set("PATH", "/usr/local/bin:/usr/bin:/bin");
	set("HOME", user->home);
	set("USER", user->name);
	set("LOGNAME", user->name);
	for (size_t i = 0; i < PASSED; i++)
		set(passed[i], d->values[i]);
	if (d->wayland_socket && !d->values[2][0])
		set("WAYLAND_DISPLAY", "wayland-0");
	if (d->runtime[0]) {
		set("XDG_RUNTIME_DIR", d->runtime);
		snprintf(bus, sizeof(bus), "unix:path=%s/bus", d->runtime);
		set("DBUS_SESSION_BUS_ADDRESS", bus);
	}
}

static int become(const struct privilege_user *user)
{
	if (getuid() != 0)
		return 0;
	if (initgroups(user->name, user->gid) ||
	    setresgid(user->gid, user->gid, user->gid) ||
	    setresuid(user->uid, user->uid, user->uid))
		return ERR_DENIED;
	return getuid() == 0 ? ERR_DENIED : 0;
}

/* A file that leads to the address and that nobody else may read: what a
 * program is called with, all users of a computer can see. Browsers that are
 * snaps see no file of the runtime directory. */
static int write_redirect(const struct privilege_user *user,
			  const struct desktop *d, const char *address,
			  char path[PATH_MAX])
{
	char snaps[PATH_MAX], text[2 * ADDRESS_MAX + 256];
	struct stat status;
	int fd, length;
	bool done;

	snprintf(snaps, sizeof(snaps), "%s/snap", user->home);
	snprintf(path, PATH_MAX, "%s/iot-inspector-XXXXXX.html",
		 d->runtime[0] && stat(snaps, &status) ? d->runtime
						       : user->home);
	length = snprintf(text, sizeof(text),
			  "<!doctype html><meta charset=utf-8>"
			  "<meta name=referrer content=no-referrer>"
			  "<title>IoT Inspector</title>"
			  "<meta http-equiv=refresh content=\"0;url=%s\">"
			  "<a href=\"%s\">IoT Inspector</a>\n",
			  address, address);
	fd = mkostemps(path, strlen(".html"), O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return ERR_IO;
	done = write(fd, text, (size_t)length) == length;
	close(fd);
	if (!done)
		(void)!unlink(path);
	return done ? 0 : ERR_IO;
}

static void start_browser(const char *path)
{
	char address[PATH_MAX + 16];
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0)
		return;
	snprintf(address, sizeof(address), "file://%s", path);
	execlp("xdg-open", "xdg-open", address, (char *)NULL);
}

static void open_when_told(const struct privilege_user *user,
			   const struct desktop *d, int from)
{
	char address[ADDRESS_MAX], path[PATH_MAX];
	struct pollfd end = { .fd = from };
	ssize_t length;
	pid_t pid;

	setsid();
	if (become(user) || chdir("/"))
		return;
	length = read(from, address, sizeof(address) - 1);
	if (length <= 0)
		return;
	address[length] = '\0';
	if (write_redirect(user, d, address, path))
		return;
	explicit_bzero(address, sizeof(address));
	desktop_enter(user, d);
	pid = fork();
	if (pid == 0) {
		start_browser(path);
		_exit(1);
	}
	if (pid > 0) /* or until we end */
		(void)!poll(&end, 1, OPENED_MS);
	(void)!unlink(path);
}

int browser_prepare(const struct privilege_user *user, int *out)
{
	struct desktop d;
	int ends[2];
	pid_t pid;

	desktop_find(user, &d);
	if (!user->person || user->uid == 0 || !desktop_is_there(&d))
		return ERR_NOTFOUND;
	if (pipe2(ends, O_CLOEXEC))
		return ERR_IO;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		open_when_told(user, &d, ends[0]);
		_exit(1);
	}
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return ERR_IO;
	}
	*out = ends[1];
	return 0;
}
