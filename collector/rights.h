// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_RIGHTS_H
#define COLLECTOR_RIGHTS_H

#include "collector/collector.h"
#include "collector/exchange.h"

/* What an owner may ask for. Each as struct route's answer. */

/** POST /v1/delete: erases, and answers with a receipt when it is done. */
bool rights_delete(struct collector *c, struct exchange *e);

#endif
