// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/roll.h"

#include <stdio.h>

#include "base/text.h"
#include "store/database.h"

/* How long after its end a minute may still get a window. */
#define LATE_S 30

const int64_t roll_step_s[ROLL_LEVELS] = { RECORD_WINDOW_NS / 1000000000, 60,
					   3600 };

static const char *const settings[] = { "rolled_minute_s", "rolled_hour_s" };

static int64_t floor_to(int64_t at, int64_t step)
{
	return at - at % step;
}

static int64_t setting_number(struct store *s, const char *name)
{
	uint8_t value[STORE_SETTING_BYTES + 1];
	uint64_t number;
	int len = store_setting_get(s, name, value);

	if (len < 0 || len > STORE_SETTING_BYTES)
		return len == ERR_NOTFOUND ? 0 : ERR_IO;
	value[len] = '\0';
	if (text_number((const char *)value, 0, INT64_MAX, &number))
		return 0;
	return (int64_t)number;
}

void roll_load(struct store *s)
{
	int64_t at;

	for (int i = 0; i < 2; i++) {
		at = setting_number(s, settings[i]);
		if (at >= 0)
			s->rolled_s[i] = at;
	}
}

int roll_open(struct store *s)
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_FLOW_NEWEST, "");
	int rc;

	if (!stmt)
		return ERR_IO;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		s->minutes.newest_s = sqlite3_column_int64(stmt, 0);
	minute_forget(s);
	roll_load(s);
	return database_walked(s, stmt, rc);
}

void roll_back_to(struct store *s, int64_t start_s)
{
	for (int i = 0; i < 2; i++) {
		int64_t at = floor_to(start_s, roll_step_s[i + 1]);

		if (at >= s->rolled_s[i])
			continue;
		s->rolled_s[i] = at;
		minute_forget(s);
	}
}

static int sum_minutes(struct store *s, int64_t from_s, int64_t to_s)
{
	if (minute_is_whole(s, from_s))
		return minute_store(s, to_s);
	return minute_store_flows(s, from_s, to_s);
}

static int sum_hours(struct store *s, int64_t from_s, int64_t to_s)
{
	return database_run(s, STATEMENT_ROLL_HOUR, "ii", from_s, to_s) < 0
		       ? ERR_IO
		       : 0;
}

/* Sums [rolled, to) of one level; level ROLL_MINUTE or ROLL_HOUR. */
static int roll_level(struct store *s, enum roll_level level, int64_t to_s)
{
	int64_t *rolled = &s->rolled_s[level - 1];
	char text[24];
	int err;

	if (to_s <= *rolled)
		return 0;
	err = level == ROLL_MINUTE ? sum_minutes(s, *rolled, to_s)
				   : sum_hours(s, *rolled, to_s);
	if (err)
		return err;
	snprintf(text, sizeof(text), "%lld", (long long)to_s);
	if (database_run(s, STATEMENT_SETTING_PUT, "tb", settings[level - 1],
			 slice_text(text)) < 0)
		return ERR_IO;
	*rolled = to_s;
	return 0;
}

int roll_forward(struct store *s)
{
	int err = roll_level(s, ROLL_MINUTE,
			     floor_to(s->newest_s - LATE_S,
				      roll_step_s[ROLL_MINUTE]));

	if (err)
		return err;
	return roll_level(s, ROLL_HOUR,
			  floor_to(s->rolled_s[0], roll_step_s[ROLL_HOUR]));
}

static size_t cover(const struct store *s, enum roll_level level,
		    int64_t from_s, int64_t to_s, int64_t bucket_s,
		    struct roll_span *out)
{
	int64_t step = roll_step_s[level], first, last;
	size_t n;

	if (from_s >= to_s)
		return 0;
	if (level == ROLL_FLOW) {
		*out = (struct roll_span){ ROLL_FLOW, from_s, to_s };
		return 1;
	}
	first = floor_to(from_s + step - 1, step);
	last = floor_to(to_s, step);
	if (last > s->rolled_s[level - 1])
		last = s->rolled_s[level - 1];
	if (first >= last || bucket_s % step)
		return cover(s, level - 1, from_s, to_s, bucket_s, out);
	n = cover(s, level - 1, from_s, first, bucket_s, out);
	out[n++] = (struct roll_span){ level, first, last };
	return n + cover(s, level - 1, last, to_s, bucket_s, out + n);
}

size_t roll_cover(const struct store *s, int64_t from_s, int64_t to_s,
		  int64_t bucket_s, struct roll_span out[ROLL_SPANS_MAX])
{
	return cover(s, ROLL_HOUR, from_s, to_s, bucket_s, out);
}
