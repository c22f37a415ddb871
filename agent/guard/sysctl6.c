// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/sysctl6.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guard/sysctl.h"

#define FOLDER	   "/proc/sys/net/ipv6/conf"
#define PATH_BYTES 128

/* To what each is set, and the values it may be put back to. */
static const struct {
	const char *name;
	int wanted, least, most;
} ids[SYSCTL6_IDS] = {
	[SYSCTL6_FORCE_FORWARDING] = { "force_forwarding", 1, 0, 0 },
	[SYSCTL6_FORWARDING] = { "forwarding", 1, 0, 1 },
	[SYSCTL6_ACCEPT_RA] = { "accept_ra", 2, 1, 1 },
};

const char *sysctl6_name(enum sysctl6_id id)
{
	return ids[id].name;
}

static bool is_all(const struct sysctl6 *s)
{
	return !strcmp(s->interface, "all");
}

/* The mark: see sysctl6.h. */
static bool is_mark(const struct sysctl6 *s)
{
	return s->id == SYSCTL6_FORWARDING && !s->before &&
	       !strcmp(s->interface, "default");
}

static int wanted_of(const struct sysctl6 *s)
{
	return is_mark(s) ? 0 : ids[s->id].wanted;
}

bool sysctl6_is_valid(const struct sysctl6 *s)
{
	bool one = sysctl_interface_is_valid(s->interface);

	if (s->id >= SYSCTL6_IDS || s->before < ids[s->id].least ||
	    s->before > ids[s->id].most)
		return false;
	if (is_all(s))
		return s->id == SYSCTL6_FORWARDING && !s->before;
	if (s->id == SYSCTL6_FORWARDING && !s->before)
		return is_mark(s);
	return one || (s->id != SYSCTL6_FORCE_FORWARDING &&
		       !strcmp(s->interface, "default"));
}

bool sysctl6_is_wide(const struct sysctl6_list *list)
{
	return list->count && is_all(&list->settings[0]);
}

static int open_setting(const char *interface, const char *name, int flags)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), FOLDER "/%s/%s", interface, name);
	return open(path, flags | O_CLOEXEC);
}

static int read_named(const char *interface, const char *name, int *value)
{
	int fd = open_setting(interface, name, O_RDONLY);
	char text[4];
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	got = read(fd, text, sizeof(text));
	close(fd);
	if (got != 2 || text[0] < '0' || text[0] > '9' || text[1] != '\n')
		return ERR_MALFORMED;
	*value = text[0] - '0';
	return 0;
}

static int read_setting(const char *interface, enum sysctl6_id id, int *value)
{
	return read_named(interface, ids[id].name, value);
}

bool sysctl6_is_off(const char *interface)
{
	int off, err = read_named(interface, "disable_ipv6", &off);

	return err ? err == ERR_NOTFOUND : off;
}

static int write_setting(const char *interface, enum sysctl6_id id, int value)
{
	char text[2] = { (char)('0' + value), '\n' };
	int before, fd, err;
	bool done;

	err = read_setting(interface, id, &before);
	if (err == ERR_NOTFOUND || (!err && before == value))
		return 0;
	fd = open_setting(interface, ids[id].name, O_WRONLY);
	if (fd < 0)
		return ERR_IO;
	done = write(fd, text, sizeof(text)) == sizeof(text);
	close(fd);
	return done ? 0 : ERR_IO;
}

static int add(struct sysctl6_list *list, const char *interface,
	       enum sysctl6_id id, int before)
{
	struct sysctl6 *s = &list->settings[list->count];

	if (list->count == SYSCTL6_MAX)
		return ERR_LIMIT;
	*s = (struct sysctl6){ .id = id, .before = before };
	message_text(s->interface, sizeof(s->interface), interface);
	list->count++;
	return 0;
}

/* One interface, or the default for those to come. */
static int plan_one(struct sysctl6_list *list, const char *interface)
{
	int forwarding, accept_ra, err = 0;

	if (read_setting(interface, SYSCTL6_FORWARDING, &forwarding) ||
	    read_setting(interface, SYSCTL6_ACCEPT_RA, &accept_ra))
		return 0; /* it went meanwhile */
	if (forwarding)
		return add(list, interface, SYSCTL6_FORWARDING, 1);
	if (!strcmp(interface, "default"))
		err = add(list, interface, SYSCTL6_FORWARDING, 0);
	if (!err && accept_ra == 1)
		return add(list, interface, SYSCTL6_ACCEPT_RA, 1);
	return err;
}

static int plan_all(struct sysctl6_list *list)
{
	const struct dirent *entry;
	DIR *folder = opendir(FOLDER);
	int err;

	if (!folder)
		return ERR_IO;
	err = add(list, "all", SYSCTL6_FORWARDING, 0);
	while (!err && (entry = readdir(folder)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "all") &&
		    strlen(entry->d_name) < MESSAGE_NAME_MAX)
			err = plan_one(list, entry->d_name);
	closedir(folder);
	return err;
}

int sysctl6_plan(const char *interface, struct sysctl6_list *out)
{
	struct sysctl6_list list = { .count = 0 };
	int all, own, err;

	if (!sysctl_interface_is_valid(interface))
		return ERR_INVALID;
	err = read_setting("all", SYSCTL6_FORWARDING, &all);
	if (err)
		return err;
	if (!all) {
		if (read_setting(interface, SYSCTL6_FORCE_FORWARDING, &own))
			err = plan_all(&list);
		else if (!own)
			err = add(&list, interface, SYSCTL6_FORCE_FORWARDING,
				  0);
	}
	if (!err)
		*out = list;
	return err;
}

/* Where in the list the mark is; its count: nowhere. */
static size_t find_mark(const struct sysctl6_list *list)
{
	size_t i = 0;

	while (i < list->count && !is_mark(&list->settings[i]))
		i++;
	return i;
}

static int write_wanted(const struct sysctl6 *s)
{
	return write_setting(s->interface, s->id, wanted_of(s));
}

int sysctl6_change(const struct sysctl6_list *list)
{
	size_t mark = find_mark(list);

	/* from the end: the forwarding of "all", which is the first, comes
	 * when what it would have taken away is safe */
	for (size_t i = list->count; i--;)
		if (i != mark && write_wanted(&list->settings[i]))
			return ERR_IO;
	/* and the mark, which that of "all" took away, after it */
	if (mark < list->count && write_wanted(&list->settings[mark]))
		return ERR_IO;
	return 0;
}

static bool is_as_we_set_it(const struct sysctl6 *s)
{
	int now;

	return !read_setting(s->interface, s->id, &now) && now == wanted_of(s);
}

int sysctl6_put_back(const struct sysctl6_list *list)
{
	bool ours[SYSCTL6_MAX] = { false };
	size_t mark = find_mark(list);
	int err = 0;

	/* to switch off that of "all" changes others: so look first */
	for (size_t i = 0; i < list->count; i++)
		ours[i] = is_as_we_set_it(&list->settings[i]);
	if (mark < list->count && ours[0] && !ours[mark])
		return 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct sysctl6 *s = &list->settings[i];

		if (ours[i] && write_setting(s->interface, s->id, s->before))
			err = ERR_IO;
	}
	return err;
}
