// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/clock.h"

#include <inttypes.h>
#include <stdio.h>

#include "store/database.h"

static const char setting[] = "clock";

struct clock {
	int64_t believed_s;
	int64_t since_s, last_s; /* of a time that is not yet believed */
};

static void load(struct store *s, int64_t now_s, struct clock *clock)
{
	uint8_t value[STORE_SETTING_BYTES + 1];
	int len = store_setting_get(s, setting, value);

	if (len >= 0 && len <= STORE_SETTING_BYTES) {
		value[len] = '\0';
		if (sscanf((const char *)value,
			   "%" SCNd64 " %" SCNd64 " %" SCNd64,
			   &clock->believed_s, &clock->since_s,
			   &clock->last_s) == 3)
			return;
	}
	/* the first time: as new as what there is */
	*clock = (struct clock){ .believed_s = s->minutes.newest_s };
	if (!clock->believed_s)
		clock->believed_s = now_s;
}

int clock_believe(struct store *s, int64_t now_s, int64_t *believed_s)
{
	struct clock clock;
	char text[80];

	load(s, now_s, &clock);
	if (now_s <= clock.believed_s + CLOCK_STEP_S) {
		if (now_s > clock.believed_s)
			clock.believed_s = now_s;
		clock.since_s = 0;
	} else if (!clock.since_s || now_s < clock.last_s ||
		   now_s > clock.last_s + CLOCK_STEP_S) {
		clock.since_s = now_s;
	} else if (now_s >= clock.since_s + CLOCK_STEP_S) {
		clock.believed_s = now_s;
		clock.since_s = 0;
	}
	clock.last_s = now_s;
	snprintf(text, sizeof(text), "%" PRId64 " %" PRId64 " %" PRId64,
		 clock.believed_s, clock.since_s, clock.last_s);
	if (database_run(s, STATEMENT_SETTING_PUT, "tb", setting,
			 slice_text(text)) < 0)
		return ERR_IO;
	*believed_s = clock.believed_s;
	return 0;
}
