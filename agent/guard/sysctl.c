// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/sysctl.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 128

static const struct {
	const char *name;
	const char *file;
	bool of_interface; /* else of "all" */
	int wanted;	   /* -1: never written */
} settings[SYSCTLS] = {
	[SYSCTL_FORWARDING] = { "forwarding", "forwarding", true, 1 },
	[SYSCTL_SEND_REDIRECTS] = { "send_redirects", "send_redirects", true,
				    0 },
	[SYSCTL_ALL_SEND_REDIRECTS] = { "all_send_redirects", "send_redirects",
					false, 0 },
	[SYSCTL_ALL_FORWARDING] = { "all_forwarding", "forwarding", false, -1 },
};

const char *sysctl_name(enum sysctl_id id)
{
	return settings[id].name;
}

bool sysctl_interface_is_valid(const char *interface)
{
	return interface[0] && interface[strspn(interface, ".")] &&
	       !strchr(interface, '/') && strcmp(interface, "all") != 0 &&
	       strcmp(interface, "default") != 0;
}

static int open_setting(enum sysctl_id id, const char *interface, int flags)
{
	char path[PATH_BYTES];

	if (!sysctl_interface_is_valid(interface))
		return -1;
	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/%s",
		 settings[id].of_interface ? interface : "all",
		 settings[id].file);
	return open(path, flags | O_CLOEXEC);
}

int sysctl_read(enum sysctl_id id, const char *interface, int *value)
{
	int fd = open_setting(id, interface, O_RDONLY);
	char text[4];
	ssize_t got;

	if (fd < 0)
		return ERR_IO;
	got = read(fd, text, sizeof(text));
	close(fd);
	if (got != 2 || (text[0] != '0' && text[0] != '1') || text[1] != '\n')
		return got < 0 ? ERR_IO : ERR_MALFORMED;
	*value = text[0] - '0';
	return 0;
}

static int write_setting(enum sysctl_id id, const char *interface, int value)
{
	char text[2] = { (char)('0' + value), '\n' };
	int fd, before;
	bool done;

	if (!sysctl_read(id, interface, &before) && before == value)
		return 0;
	fd = open_setting(id, interface, O_WRONLY);
	if (fd < 0)
		return ERR_IO;
	done = write(fd, text, sizeof(text)) == sizeof(text);
	close(fd);
	return done ? 0 : ERR_IO;
}

int sysctl_change(const char *interface)
{
	for (enum sysctl_id id = 0; id < SYSCTLS; id++)
		if (settings[id].wanted >= 0 &&
		    write_setting(id, interface, settings[id].wanted))
			return ERR_IO;
	return 0;
}

/* What somebody else has changed since is theirs. */
static bool is_as_we_set_it(enum sysctl_id id, const char *interface)
{
	int now;

	return settings[id].wanted >= 0 && !sysctl_read(id, interface, &now) &&
	       now == settings[id].wanted;
}

int sysctl_put_back(const char *interface, const int before[SYSCTLS],
		    bool interface_is_there)
{
	int all = before[SYSCTL_ALL_FORWARDING], err = 0;

	(void)!sysctl_read(SYSCTL_ALL_FORWARDING, interface, &all);
	for (enum sysctl_id id = 0; id < SYSCTLS; id++) {
		if (!is_as_we_set_it(id, interface) ||
		    (settings[id].of_interface && !interface_is_there))
			continue;
		if (id == SYSCTL_FORWARDING && all &&
		    !before[SYSCTL_ALL_FORWARDING])
			continue;
		if (write_setting(id, interface, before[id]))
			err = ERR_IO;
	}
	return err;
}
