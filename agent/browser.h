// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef AGENT_BROWSER_H
#define AGENT_BROWSER_H

#include "guard/privilege.h"

/**
 * Forks a process that waits for an address and opens it with xdg-open, as
 * the user and never as root, apart from us and our terminal's signals: by a
 * file of the user's alone that leads there, for a minute. Gives
 * the descriptor to write the address to; to close it unwritten ends the
 * process. ERR_NOTFOUND when the user has no desktop here, ERR_IO.
 */
int browser_prepare(const struct privilege_user *user, int *out) must_check;

#endif
