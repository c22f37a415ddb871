// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_HELD_H
#define COLLECTOR_HELD_H

#include "collector/collector.h"
#include "collector/exchange.h"

/** GET /v1/held: all that is held of the account, as JSON lines. As struct
 * route's answer. */
bool held_answer(struct collector *c, struct exchange *e);

#endif
