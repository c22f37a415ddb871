// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_BETWEEN_H
#define WEB_BETWEEN_H

#include <jansson.h>

#include "base/err.h"
#include "message/message.h"
#include "store/store.h"
#include "web/home.h"

/*
 * Of the watched devices, whose traffic with each other is read too: all, or
 * pairs that the owner chose. None at first.
 */

/** What was stored, or none. */
void between_load(struct message_pairs *pairs, struct store *store);
/** ERR_IO. */
int between_save(const struct message_pairs *pairs,
		 struct store *store) must_check;

/** As in the API. */
json_t *between_view(const struct message_pairs *pairs,
		     const struct home *home);
/** ERR_INVALID for what is not as in the API, or not of two devices. */
/** Takes out the pairs that it is of; false when there was none. */
bool between_forget(struct message_pairs *pairs, const struct mac *mac);
/** One device goes by another MAC: so do its pairs. False when there was none.
 */
bool between_replace(struct message_pairs *pairs, const struct mac *from,
		     const struct mac *into);

int between_read(json_t *json, const struct home *home,
		 struct message_pairs *out) must_check;

#endif
