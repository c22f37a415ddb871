// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_ASK_H
#define WEB_ASK_H

#include "message/message.h"

struct hub;

/*
 * Devices are asked what they are, by discover: each some seconds after it is
 * found, under a new address again, and every few hours. What the gate does not
 * let be heard is not asked: the excluded, those left alone and the locked; nor
 * is anybody by an address that one of those has by now.
 * Nobody is asked before consent, or while it is paused. An answer goes the way
 * of what the device says by itself.
 */

/** Between two devices. */
#define ASK_PACE_MS 250
/** After it was found: a device that has just joined says its name first, by
 * which it can ask to be left alone. */
#define ASK_AFTER_MS 3000
#define ASK_AGAIN_MS ((uint64_t)6 * 3600 * 1000)
/** How long an answer is waited for: longer than discover does. */
#define ASK_ANSWER_MS 15000

void ask_tick(struct hub *hub);
void ask_take_answer(struct hub *hub, const struct message_answer *answer);

#endif
