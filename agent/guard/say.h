// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_SAY_H
#define GUARD_SAY_H

#include <stddef.h>

#include "base/buf.h"

/*
 * What keeper and guard print, without ever waiting for who reads it: a pipe
 * that is full or a terminal that was stopped must not delay a restore. A line
 * that cannot be written at once is lost.
 */
#define SAY_LINE_MAX 1024

/** One line on standard error, after the program's name. */
void say(const char *format, ...) printf_like(1, 2);

/** Bytes to a descriptor, at most 4,096. */
void say_bytes(int fd, const char *bytes, size_t length);

#endif
