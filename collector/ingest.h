// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_INGEST_H
#define COLLECTOR_INGEST_H

#include "collector/collector.h"
#include "collector/exchange.h"

/**
 * POST /v1/upload: unpacks and checks on the thread that calls, hands over to
 * the writer, and answers when it is durable. As struct route's answer.
 */
bool ingest_upload(struct collector *c, struct exchange *e);

#endif
