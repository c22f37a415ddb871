// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef AGENT_FOLDER_H
#define AGENT_FOLDER_H

#include <limits.h>

#include "guard/privilege.h"

/**
 * Where what is found is kept: asked for (NULL: not), else the user's own
 * folder for data, or the system's when no person started the program.
 */
void folder_choose(const char *asked, const struct privilege_user *user,
		   char out[PATH_MAX]);
/** Makes each folder on the way to path, as far as missing; not path itself. */
void folder_make_parents(const char *path);

#endif
