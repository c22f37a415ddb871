// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_PARTY_H
#define WEB_PARTY_H

#include "judge/party.h"

/**
 * Who a remote of the window's device is: its name as the device itself learnt
 * it, then what the reference data knows. For struct party_source; user is the
 * hub. Texts live until its arena is reset.
 */
void party_find(void *user, const struct record_window *window,
		const struct addr *remote, struct party *out);

#endif
