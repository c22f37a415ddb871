// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_JOIN_H
#define COLLECTOR_JOIN_H

#include "collector/collector.h"
#include "collector/exchange.h"

/* What an owner agrees to, and who agreed. Each as struct route's answer. */

/** GET /v1/consent. */
bool join_consent(struct collector *c, struct exchange *e);
/** POST /v1/account: a new account, or a known one that agrees anew. */
bool join_account(struct collector *c, struct exchange *e);

#endif
