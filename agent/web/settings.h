// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_SETTINGS_H
#define WEB_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

/* What the owner sets once, for all devices. */

/** Two spans for each day of the week. */
#define SETTINGS_AWAY_MAX 14
#define SETTINGS_DAYS	  7
#define SETTINGS_DAY_MIN  1440
/** More than any line for a home has. */
#define SETTINGS_UPLOAD_MBPS_MAX 10000

/** When nobody is at home: on these days, from and to in minutes of the local
 * day; from < to. */
struct settings_away {
	uint8_t days; /* bit 0: Monday */
	uint16_t from_min, to_min;
};

struct settings {
	/** Ask the home's own resolver for the names of remote addresses. */
	bool reverse_dns;
	/** The home's upload as the owner knows it, in Mbit/s; 0: he did not
	 * say. */
	uint16_t upload_mbps;
	struct settings_away away[SETTINGS_AWAY_MAX];
	size_t away_count;
};

/** What was stored, or what it is without. */
void settings_load(struct settings *settings, struct store *store);
/** ERR_IO. */
int settings_save(const struct settings *settings,
		  struct store *store) must_check;

/** Whether nobody is at home, by the schedule and this computer's clock. */
bool settings_is_away(const struct settings *settings, uint64_t now_ms);

/** As in the API. */
json_t *settings_view(const struct settings *settings);
/** ERR_INVALID for what is not as in the API. */
int settings_read(json_t *json, struct settings *out) must_check;

#endif
