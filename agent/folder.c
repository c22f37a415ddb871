// SPDX-License-Identifier: GPL-3.0-or-later
#include "folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_DATA_DIR "/var/lib/iot-inspector"

void folder_choose(const char *asked, const struct privilege_user *user,
		   char out[PATH_MAX])
{
	const char *own = getuid() ? getenv("XDG_DATA_HOME") : NULL;

	if (asked)
		snprintf(out, PATH_MAX, "%s", asked);
	else if (!user->person)
		snprintf(out, PATH_MAX, "%s", SYSTEM_DATA_DIR);
	else if (own && own[0] == '/')
		snprintf(out, PATH_MAX, "%s/iot-inspector", own);
	else
		snprintf(out, PATH_MAX, "%s/.local/share/iot-inspector",
			 user->home);
}

void folder_make_parents(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *slash = strchr(part + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)!mkdir(part, 0700);
		*slash = '/';
	}
}
