// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_UNITS_H
#define READ_UNITS_H

#include <stdint.h>

#include "base/buf.h"

/** Appends a number of bytes for people, in ten columns: "   12.3 kB". */
void units_put_bytes(struct buf *out, uint64_t bytes);

#endif
