// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_CONFINE_H
#define WEB_CONFINE_H

#include "base/err.h"

/**
 * From here on this process may use its files, its sockets and memory, and
 * nothing else: no new socket, process or program. Calls that are not on the
 * list fail as if the kernel did not have them. ERR_DENIED, ERR_NOMEM.
 */
int confine_hub(void) must_check;

#endif
