// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_ACT_H
#define WEB_ACT_H

struct hub;

/* What the user decides, and what follows from it. The acts themselves are
 * declared in state.h, for the routes. */

/** Consent, and what was chosen earlier in this run, from the store. */
void act_load(struct hub *hub);

/** Chooses an interface when consent is given and only one could be meant. */
void act_choose_alone(struct hub *hub);

#endif
