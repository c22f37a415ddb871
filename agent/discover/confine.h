// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DISCOVER_CONFINE_H
#define DISCOVER_CONFINE_H

#include "base/err.h"

/**
 * From here on this process may make TCP and UDP sockets and use them, and
 * nothing else: no file, no other kind of socket, no process, no program.
 * ERR_DENIED, ERR_NOMEM.
 */
int confine_discover(void) must_check;

#endif
