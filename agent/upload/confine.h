// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef UPLOAD_CONFINE_H
#define UPLOAD_CONFINE_H

#include "base/err.h"

/**
 * From here on this process may make Internet sockets and threads, and open
 * files to read them, and nothing else: no file is made or written, no program
 * run, no memory made to be run. Where the kernel has Landlock (Linux 5.13), of
 * files only those that a name is resolved by. ERR_DENIED, ERR_NOMEM.
 */
int confine_upload(void) must_check;

#endif
