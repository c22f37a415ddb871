// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_RESEARCHER_H
#define COLLECTOR_RESEARCHER_H

#include "collector/collector.h"
#include "collector/exchange.h"

/** A token, as bytes; a researcher has it in hex. */
#define RESEARCHER_TOKEN_BYTES 32

/** GET /v1/export/TABLE.csv, with a token: the reading is written down, and
 * only then answered. As struct route's answer. */
bool researcher_export(struct collector *c, struct exchange *e);

#endif
