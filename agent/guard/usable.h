// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_USABLE_H
#define GUARD_USABLE_H

#include "guard/net.h"

/** Why no device could be watched on an interface, in one line for the user;
 * "" when it could. */
void usable_judge(const struct net_interface *i,
		  char problem[MESSAGE_TEXT_MAX]);

/**
 * Looks at the interface asked for (NULL: at all) before anything is started,
 * and gives a line to print, or "". ERR_INVALID when it can never be used: it
 * is not there, or has no Ethernet frames. Others may still come up.
 */
int usable_check(const char *name, char line[MESSAGE_TEXT_MAX]) must_check;

#endif
