// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_FLOW_TABLE_H
#define STORE_FLOW_TABLE_H

#include <sqlite3.h>

#include "base/err.h"

/*
 * The tables that queries know as `flow` and `minute`: device, start_s and the
 * columns of packed.h, a row for each flow in the blobs of flow_packed and
 * minute_packed. They can be read alone; a device and a range of start_s are
 * found by the index of flow_window and minute_window.
 */

/** Makes them known to a connection, with flow_pack(start_s, columns...), the
 * aggregate that packs rows into such a blob. ERR_IO. */
int flow_table_register(sqlite3 *db) must_check;

#endif
