// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef ENGINE_SANDBOX_H
#define ENGINE_SANDBOX_H

#include "base/err.h"

/**
 * The packet socket is kept at this descriptor or above: below it may be
 * written to, and whoever may write to a packet socket may send on the
 * network.
 */
#define SANDBOX_CAPTURE_FD 64

/**
 * Confines this process, for good, to what the engine does: wait, receive
 * from the sockets it has, write to those below SANDBOX_CAPTURE_FD, set up
 * and map a packet ring, allocate. No file, socket, process or thread can be
 * made, nothing sent, no memory made executable. What is refused fails with
 * EPERM. ERR_DENIED, ERR_NOMEM.
 */
int sandbox_enter(void) must_check;

#endif
