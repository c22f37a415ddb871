// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_ASIDE_H
#define WEB_ASIDE_H

#include <stddef.h>

#include "base/err.h"

/*
 * Databases that could not be read, and were set aside as
 * "iot-inspector.db.damaged-TIME": whatever was stored until then is in them,
 * of which device cannot be told. They go with everything else, and as files
 * go: they are not overwritten, which a damaged disk may refuse.
 */

/** The name of the database in the data directory. */
#define ASIDE_DATABASE "iot-inspector.db"

/**
 * Sets the damaged database of this directory aside, whole, under a name with
 * this time. ERR_IO.
 */
int aside_set(const char *dir, unsigned long long now_ms) must_check;

/** How many there are; 0 when the directory cannot be read. */
size_t aside_count(const char *dir);

/** Removes all of them. ERR_IO when one is still there. */
int aside_erase(const char *dir) must_check;

#endif
