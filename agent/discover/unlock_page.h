// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DISCOVER_UNLOCK_PAGE_H
#define DISCOVER_UNLOCK_PAGE_H

#include <poll.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "message/message.h"

/*
 * The page that a locked device's own browser opens to say yes: plain HTTP on
 * this computer's address of the LAN, while a device is to be unlocked and no
 * longer. It answers one path, the code, and nothing else. Opening it changes
 * nothing; its button asks, and who asked is told by address. Whether that is
 * the device is not decided here.
 */

/** Tried in turn. */
#define UNLOCK_PAGE_PORT_FIRST 8590
#define UNLOCK_PAGE_PORT_LAST  8599
/** A browser opens some; one device may have a few. */
#define UNLOCK_PAGE_CONNECTIONS_MAX 16
#define UNLOCK_PAGE_PER_ADDRESS_MAX 6
/** Requests for another path: then somebody is guessing, and it ends. */
#define UNLOCK_PAGE_WRONG_MAX 100
/** Asked and not answered yet. */
#define UNLOCK_PAGE_WAITING_MAX 4
/** How long the hub has for its answer. */
#define UNLOCK_PAGE_ANSWER_MS 5000

struct unlock_page;

/**
 * Serves code on an address of ours. ask is called when somebody asks for it;
 * unlock_page_answer() ends the wait. ERR_BUSY when every port is taken,
 * ERR_IO, ERR_NOMEM.
 */
int unlock_page_open(const struct addr *address, const char *code,
		     void (*ask)(void *user, uint32_t number,
				 const struct addr *from),
		     void *user, struct unlock_page **out) must_check;
/** NULL is accepted. */
void unlock_page_close(struct unlock_page *page);

const char *unlock_page_code(const struct unlock_page *page);
uint16_t unlock_page_port(const struct unlock_page *page);

void unlock_page_answer(struct unlock_page *page, uint32_t number,
			enum message_unlock_verdict verdict);

/** What to poll, and for how long at most (or -1). */
void unlock_page_poll(const struct unlock_page *page, struct pollfd *out,
		      int *timeout_ms);
/** Does what can be done without waiting. False when it is to be closed. */
bool unlock_page_run(struct unlock_page *page, uint64_t now_ms);

#endif
