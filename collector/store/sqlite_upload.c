// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "collector/store/sqlite.h"

#define WINDOW_MS 5000
/* How often it is written down that a device is still there. */
#define LAST_STEP_S 3600

static const char *const day_statements[STORE_ROW_ADD] = {
	[STORE_SEGMENT_ADD] = "INSERT INTO segment VALUES(?, ?, ?, ?, ?)",
	[STORE_DAY_ACCEPTED_GET] =
		"SELECT ranges, coalesce(windows, -1), first_s, last_s FROM "
		"accepted WHERE account = ?",
	[STORE_DAY_ACCEPTED_PUT] = "INSERT OR REPLACE INTO accepted "
				   "VALUES(?, ?, nullif(?, -1), ?, ?)",
	[STORE_DAY_ACTIVE_PUT] = "INSERT OR IGNORE INTO active VALUES(?, ?)",
	[STORE_DAY_TALLY] = "UPDATE tally SET rows = rows + ? WHERE shape = ?",
};

#define day_ready(s, which, ...)                              \
	database_ready((s)->day, &(s)->day_statements[which], \
		       day_statements[which], __VA_ARGS__)

void store_forget(struct store *s)
{
	struct store_sender *sender;
	uint32_t at = 0;

	table_clear(&s->devices);
	table_clear(&s->active);
	while ((sender = table_next(&s->senders, &at, NULL)))
		ranges_done(&sender->accepted);
	table_clear(&s->senders);
}

/* Where a cache is full it is emptied: what it had is in the files. */
static void make_room(struct store *s)
{
	if (s->devices.count < s->devices.max &&
	    s->active.count < s->active.max &&
	    s->senders.count < s->senders.max)
		return;
	store_forget(s);
	s->pending.cache_cleared++;
}

/* activity: NULL, or also how long it inspected. */
static int read_ranges(struct store *s, sqlite3 *db, sqlite3_stmt *stmt,
		       struct ranges *out, struct store_activity *activity)
{
	int err = database_row(stmt);

	if (err == ERR_IO)
		return store_failed(s, db);
	if (err)
		return err;
	err = ranges_decode(out, database_bytes(stmt, 0));
	if (activity)
		*activity = (struct store_activity){
			.day = s->today,
			.windows = sqlite3_column_int64(stmt, 1),
			.first_s = (uint32_t)sqlite3_column_int64(stmt, 2),
			.last_s = (uint32_t)sqlite3_column_int64(stmt, 3),
		};
	sqlite3_reset(stmt);
	return err;
}

/* The day's file knows all that the account ever sent, if it sent today. */
static int load_accepted(struct store *s, int64_t account,
			 struct store_sender *out)
{
	int err;

	if (day_ready(s, STORE_DAY_ACCEPTED_GET, "i", account))
		return store_failed(s, s->day);
	err = read_ranges(s, s->day, s->day_statements[STORE_DAY_ACCEPTED_GET],
			  &out->accepted, &out->activity);
	if (err != ERR_NOTFOUND)
		return err;
	if (store_ready(s, STORE_ACCEPTED_GET, "i", account))
		return store_failed(s, s->main);
	err = read_ranges(s, s->main, s->statements[STORE_ACCEPTED_GET],
			  &out->accepted, NULL);
	return err == ERR_NOTFOUND ? 0 : err;
}

static int load_sender(struct store *s, int64_t account,
		       struct store_sender *out)
{
	sqlite3_stmt *stmt;
	struct slice name;
	int err = load_accepted(s, account, out);

	if (err)
		return err;
	if (store_ready(s, STORE_ACCOUNT_GET, "i", account))
		return store_failed(s, s->main);
	stmt = s->statements[STORE_ACCOUNT_GET];
	err = database_row(stmt);
	if (err)
		return err == ERR_IO ? store_failed(s, s->main) : err;
	snprintf(out->client, sizeof(out->client), "%s",
		 (const char *)sqlite3_column_text(stmt, 0));
	out->utc_offset_min = sqlite3_column_int(stmt, 1);
	out->seen_day = (uint32_t)sqlite3_column_int64(stmt, 3);
	name = database_bytes(stmt, 2);
	if (name.len == sizeof(out->name))
		memcpy(out->name, name.data, name.len);
	sqlite3_reset(stmt);
	return store_erased(s, out->name, NULL, &out->nameless);
}

/* NULL and *err: ERR_NOTFOUND when the account was erased meanwhile. */
static struct store_sender *find_sender(struct store *s, int64_t account,
					int *err)
{
	struct store_sender loaded = { 0 };
	struct store_sender *sender = table_find(&s->senders, &account);

	if (sender)
		return sender;
	*err = load_sender(s, account, &loaded);
	if (!*err) {
		sender = table_get(&s->senders, &account, NULL);
		if (!sender)
			*err = ERR_NOMEM;
	}
	if (*err) {
		ranges_done(&loaded.accepted);
		return NULL;
	}
	*sender = loaded;
	return sender;
}

/* What an upload's header says of the home, where it changed; and, once a day,
 * that there was one. */
static int put_sender(struct store *s, struct store_sender *sender,
		      const struct store_upload *u)
{
	if (sender->seen_day == s->today &&
	    sender->utc_offset_min == u->utc_offset_min &&
	    !strcmp(sender->client, u->client))
		return 0;
	if (store_write_main(s))
		return ERR_IO;
	if (store_ready(s, STORE_ACCOUNT_SAYS, "tiii", u->client,
			(int64_t)u->utc_offset_min, (int64_t)s->today,
			u->account) ||
	    database_run(s->statements[STORE_ACCOUNT_SAYS]))
		return store_failed(s, s->main);
	sender->seen_day = s->today;
	sender->utc_offset_min = u->utc_offset_min;
	memcpy(sender->client, u->client, sizeof(sender->client));
	return 0;
}

/* Once a day, and not for each that comes: it walks over all of them. */
static int count_devices(struct store *s, int64_t account,
			 struct store_sender *sender)
{
	sqlite3_stmt *count;

	if (sender->counted_day == s->today)
		return 0;
	if (store_ready(s, STORE_DEVICE_COUNT, "ii", account,
			(int64_t)s->today - STORE_DEVICES_DAYS))
		return store_failed(s, s->main);
	count = s->statements[STORE_DEVICE_COUNT];
	if (database_row(count))
		return store_failed(s, s->main);
	sender->devices = sqlite3_column_int64(count, 0);
	sender->counted_day = s->today;
	sqlite3_reset(count);
	return 0;
}

static int add_device(struct store *s, struct store_sender *sender,
		      const struct store_device_key *key, uint32_t end_s,
		      struct store_device *out)
{
	if (store_write_main(s) || count_devices(s, key->account, sender))
		return ERR_IO;
	if (sender->devices >= STORE_DEVICES_MAX)
		return ERR_LIMIT;
	if (store_ready(s, STORE_DEVICE_ADD, "ibi", key->account,
			slice_of(key->key, sizeof(key->key)), (int64_t)end_s) ||
	    database_run(s->statements[STORE_DEVICE_ADD]))
		return store_failed(s, s->main);
	sender->devices++;
	*out = (struct store_device){ .id = sqlite3_last_insert_rowid(s->main),
				      .watched = -1 };
	if (!s->joined)
		s->joined = out->id;
	return 0;
}

/* ERR_DENIED: the device was erased, and this is what was before. */
static int load_device(struct store *s, struct store_sender *sender,
		       const struct store_device_key *key,
		       const struct store_segment *segment,
		       struct store_device *out)
{
	sqlite3_stmt *stmt;
	struct slice oui;
	struct store_until erased;
	int err = store_erased(s, sender->name, key->key, &erased);

	if (err)
		return err;
	if (store_is_until(&erased, segment))
		return ERR_DENIED;
	if (store_ready(s, STORE_DEVICE_FIND, "ib", key->account,
			slice_of(key->key, sizeof(key->key))))
		return store_failed(s, s->main);
	stmt = s->statements[STORE_DEVICE_FIND];
	err = database_row(stmt);
	if (err == ERR_NOTFOUND) {
		err = add_device(s, sender, key, segment->end_s, out);
		if (!err)
			out->erased = erased;
		return err;
	}
	if (err)
		return store_failed(s, s->main);
	*out = (struct store_device){
		.erased = erased,
		.id = sqlite3_column_int64(stmt, 0),
		.watched = -1,
		.last_s = (uint32_t)sqlite3_column_int64(stmt, 3),
		.seen_day = (uint32_t)sqlite3_column_int64(stmt, 4),
		.consent = sqlite3_column_int64(stmt, 5),
	};
	oui = database_bytes(stmt, 1);
	if (oui.data && oui.len == sizeof(out->oui)) {
		out->has_oui = true;
		memcpy(out->oui, oui.data, sizeof(out->oui));
	}
	if (sqlite3_column_type(stmt, 2) != SQLITE_NULL)
		out->watched = (int8_t)sqlite3_column_int(stmt, 2);
	sqlite3_reset(stmt);
	return 0;
}

/* Writes down what changed of a device; what is not shared stays. */
static int put_device(struct store *s, struct store_device *d,
		      const struct store_cell *cells, uint32_t end_s,
		      int64_t consent)
{
	const struct store_cell *oui = &cells[1], *watched = &cells[2];
	bool changed = end_s >= d->last_s + (uint64_t)LAST_STEP_S ||
		       d->seen_day != s->today || d->consent != consent;

	if (oui->type &&
	    (!d->has_oui || memcmp(d->oui, oui->bytes, sizeof(d->oui)))) {
		memcpy(d->oui, oui->bytes, sizeof(d->oui));
		d->has_oui = changed = true;
	}
	if (watched->type && d->watched != watched->number) {
		d->watched = (int8_t)watched->number;
		changed = true;
	}
	if (!changed)
		return 0;
	if (end_s > d->last_s)
		d->last_s = end_s;
	d->seen_day = s->today;
	d->consent = consent;
	if (store_write_main(s))
		return ERR_IO;
	if (store_ready(s, STORE_DEVICE_PUT, "biiiii",
			slice_of(d->has_oui ? d->oui : NULL,
				 d->has_oui ? sizeof(d->oui) : 0),
			(int64_t)d->watched, (int64_t)d->last_s,
			(int64_t)d->seen_day, d->consent, d->id) ||
	    database_run(s->statements[STORE_DEVICE_PUT]))
		return store_failed(s, s->main);
	return 0;
}

static int find_device(struct store *s, const struct store_upload *u,
		       struct store_sender *sender,
		       const struct store_cell *cells,
		       const struct store_segment *segment, int64_t *id)
{
	struct store_device_key key = { .account = u->account };
	struct store_device *d, loaded;
	int err;

	memcpy(key.key, cells[0].bytes, sizeof(key.key));
	d = table_find(&s->devices, &key);
	if (d && store_is_until(&d->erased, segment))
		return ERR_DENIED;
	if (!d) {
		err = load_device(s, sender, &key, segment, &loaded);
		if (err)
			return err;
		d = table_get(&s->devices, &key, NULL);
		if (d)
			*d = loaded;
		else
			d = &loaded;
	}
	*id = d->id;
	return put_device(s, d, cells, segment->end_s, u->consent);
}

/* The numbers of a segment's devices; 0: what it did then was erased. */
static int find_devices(struct store *s, const struct store_upload *u,
			struct store_sender *sender,
			const struct store_segment *segment, int64_t *ids)
{
	const struct store_rows *rows = &segment->rows[SHAPE_DEVICE];
	const unsigned columns = shapes[SHAPE_DEVICE].column_count;
	int err = 0;

	for (uint32_t i = 0; i < rows->count && !err; i++) {
		err = find_device(s, u, sender, &rows->cells[i * columns],
				  segment, &ids[i]);
		if (err == ERR_DENIED)
			ids[i] = err = 0;
	}
	return err;
}

static int find_value(struct store *s, struct dictionary *d, struct slice value,
		      int64_t *id)
{
	int err = dictionary_find(d, s->main, value, id);

	if (err == ERR_NOTFOUND) {
		err = store_write_main(s);
		if (!err)
			err = dictionary_add(d, s->main, value, id);
	}
	return err ? store_failed(s, s->main) : 0;
}

/* What a cell is in the table: a number, always. */
static int cell_number(struct store *s, const struct shape_column *column,
		       const struct store_cell *cell, const int64_t *devices,
		       int64_t window_ms, int64_t *out)
{
	struct dictionary *d =
		column->kind == SHAPE_REMOTE ? &s->addresses : &s->texts;

	switch (cell->type) {
	case STORE_CELL_BYTES:
	case STORE_CELL_ADDRESS:
		return find_value(s, d, slice_of(cell->bytes, cell->len), out);
	case STORE_CELL_NUMBER:
		break;
	case STORE_CELL_NONE:
		return ERR_NOTFOUND;
	}
	*out = cell->number;
	if (column->kind == SHAPE_ROW)
		*out = devices[cell->number];
	else if (column->kind == SHAPE_TIME)
		*out -= window_ms;
	return 0;
}

static int prepare_row(struct store *s, enum shape_table table,
		       sqlite3_stmt **out)
{
	char sql[128], *at = sql, *end = sql + sizeof(sql);

	if (!s->day_statements[STORE_ROW_ADD + table]) {
		at += snprintf(at, (size_t)(end - at),
			       "INSERT INTO %s VALUES(?", shapes[table].name);
		for (unsigned i = 0; i < shapes[table].column_count; i++)
			at += snprintf(at, (size_t)(end - at), ",?");
		snprintf(at, (size_t)(end - at), ")");
	}
	if (database_ready(s->day, &s->day_statements[STORE_ROW_ADD + table],
			   sql, ""))
		return store_failed(s, s->day);
	*out = s->day_statements[STORE_ROW_ADD + table];
	return 0;
}

/** What of a segment is not kept, because it was erased. */
struct keeping {
	const int64_t *devices; /* 0: erased */
	bool nameless;
};

static bool is_kept(const struct keeping *k, enum shape_table table,
		    const struct store_cell *cells)
{
	if (shapes[table].columns[0].kind == SHAPE_ROW &&
	    !k->devices[cells[0].number])
		return false;
	return !k->nameless || !store_is_name_row(table, cells);
}

static int add_row(struct store *s, sqlite3_stmt *stmt, enum shape_table table,
		   const struct store_cell *cells, const struct keeping *k,
		   int64_t window_ms)
{
	for (unsigned i = 0; i < shapes[table].column_count; i++) {
		int64_t number;
		int err = ERR_NOTFOUND;

		if (!k->nameless || !store_is_name(table, i))
			err = cell_number(s, &shapes[table].columns[i],
					  &cells[i], k->devices, window_ms,
					  &number);
		if (err == ERR_NOTFOUND)
			err = sqlite3_bind_null(stmt, (int)i + 2);
		else if (!err)
			err = sqlite3_bind_int64(stmt, (int)i + 2, number);
		if (err)
			return ERR_IO;
	}
	return database_run(stmt) ? store_failed(s, s->day) : 0;
}

static int add_rows(struct store *s, const struct store_segment *segment,
		    int64_t id, enum shape_table table, const struct keeping *k)
{
	const struct store_rows *rows = &segment->rows[table];
	int64_t window_ms = (int64_t)segment->end_s * 1000 - WINDOW_MS;
	sqlite3_stmt *stmt;
	int err = rows->count ? prepare_row(s, table, &stmt) : 0;

	for (uint32_t i = 0; i < rows->count && !err; i++) {
		const struct store_cell *cells =
			&rows->cells[i * shapes[table].column_count];

		if (!is_kept(k, table, cells))
			continue;
		if (sqlite3_bind_int64(stmt, 1, id << STORE_PLACE_BITS | i))
			return store_failed(s, s->day);
		err = add_row(s, stmt, table, cells, k, window_ms);
		s->pending.rows++;
		s->added[table]++;
	}
	return err;
}

/* The devices that have flows, of each the first time on this day. */
static int put_active(struct store *s, const struct store_upload *u,
		      const struct store_segment *segment, const int64_t *ids)
{
	const struct store_rows *flows = &segment->rows[SHAPE_FLOW];
	const unsigned columns = shapes[SHAPE_FLOW].column_count;
	int64_t last = 0;

	for (uint32_t i = 0; i < flows->count; i++) {
		const int64_t id = ids[flows->cells[i * columns].number];
		bool fresh = true;

		if (!id || id == last)
			continue;
		last = id;
		if (table_get(&s->active, &id, &fresh) && !fresh)
			continue;
		if (day_ready(s, STORE_DAY_ACTIVE_PUT, "ii", id, u->account) ||
		    database_run(s->day_statements[STORE_DAY_ACTIVE_PUT]))
			return store_failed(s, s->day);
	}
	return 0;
}

static void count_window(struct store *s, struct store_activity *a,
			 uint32_t end_s)
{
	if (a->day != s->today)
		*a = (struct store_activity){ .day = s->today };
	if (a->windows >= 0)
		a->windows = end_s > a->last_s ? a->windows + 1 : -1;
	if (!a->first_s || end_s < a->first_s)
		a->first_s = end_s;
	if (end_s > a->last_s)
		a->last_s = end_s;
}

int store_tally(struct store *s)
{
	for (int i = 0; i < SHAPE_TABLES; i++) {
		if (!s->added[i])
			continue;
		if (day_ready(s, STORE_DAY_TALLY, "ii", (int64_t)s->added[i],
			      (int64_t)i) ||
		    database_run(s->day_statements[STORE_DAY_TALLY]))
			return store_failed(s, s->day);
		s->added[i] = 0;
	}
	return 0;
}

static int next_segment(struct store *s, int64_t *out)
{
	if (!s->next_segment &&
	    database_number(s->day,
			    "SELECT coalesce(max(id), 0) + 1 FROM segment",
			    &s->next_segment))
		return store_failed(s, s->day);
	*out = s->next_segment++;
	return 0;
}

static int add_segment(struct store *s, const struct store_upload *u,
		       const struct store_segment *segment,
		       const struct keeping *k)
{
	int64_t id;
	int err = next_segment(s, &id);

	if (err)
		return err;
	if (day_ready(s, STORE_SEGMENT_ADD, "iiiii", id, u->account,
		      (int64_t)segment->number, (int64_t)segment->end_s,
		      u->consent) ||
	    database_run(s->day_statements[STORE_SEGMENT_ADD]))
		return store_failed(s, s->day);
	for (int table = SHAPE_FLOW; table < SHAPE_TABLES && !err; table++)
		err = add_rows(s, segment, id, (enum shape_table)table, k);
	s->pending.segments++;
	s->added[SHAPE_DEVICE]++;
	return err ? err : put_active(s, u, segment, k->devices);
}

static int put_accepted(struct store *s, int64_t account,
			const struct store_sender *sender)
{
	const struct store_activity *a = &sender->activity;
	struct buf bytes;
	int err;

	buf_init(&bytes, (size_t)RANGES_MAX * RANGES_RANGE_BYTES);
	ranges_encode(&sender->accepted, &bytes);
	err = buf_check(&bytes);
	if (!err && (day_ready(s, STORE_DAY_ACCEPTED_PUT, "ibiii", account,
			       buf_slice(&bytes), a->windows,
			       (int64_t)a->first_s, (int64_t)a->last_s) ||
		     database_run(s->day_statements[STORE_DAY_ACCEPTED_PUT])))
		err = store_failed(s, s->day);
	buf_done(&bytes);
	return err;
}

/* Those that an upload added before one that was too many. */
static int drop_joined(struct store *s, int64_t account)
{
	char sql[96];

	if (!s->joined)
		return ERR_LIMIT;
	store_forget(s);
	snprintf(sql, sizeof(sql),
		 "DELETE FROM device WHERE account = %lld AND id >= %lld",
		 (long long)account, (long long)s->joined);
	return database_exec(s->main, sql) ? store_failed(s, s->main)
					   : ERR_LIMIT;
}

/* Every device first: what is refused for one has written nothing. */
static int check_devices(struct store *s, const struct store_upload *u,
			 struct store_sender *sender)
{
	int64_t ids[STORE_SEGMENT_DEVICES_MAX];
	int err = 0;

	s->joined = 0;
	for (uint32_t i = 0; i < u->segment_count && !err; i++)
		if (!ranges_has(&sender->accepted, u->segments[i].number))
			err = find_devices(s, u, sender, &u->segments[i], ids);
	return err == ERR_LIMIT ? drop_joined(s, u->account) : err;
}

int store_upload(struct store *s, const struct store_upload *u)
{
	int64_t ids[STORE_SEGMENT_DEVICES_MAX];
	struct store_sender *sender;
	uint64_t fresh = 0;
	int err = store_write_day(s);

	if (err)
		return err;
	make_room(s);
	sender = find_sender(s, u->account, &err);
	if (!sender)
		return err;
	err = check_devices(s, u, sender);
	if (!err)
		err = put_sender(s, sender, u);
	for (uint32_t i = 0; i < u->segment_count && !err; i++) {
		const struct store_segment *segment = &u->segments[i];
		struct keeping keeping = {
			.devices = ids,
			.nameless = store_is_until(&sender->nameless, segment),
		};

		if (ranges_has(&sender->accepted, segment->number)) {
			s->pending.repeated++;
			continue;
		}
		err = find_devices(s, u, sender, segment, ids);
		if (!err)
			err = add_segment(s, u, segment, &keeping);
		if (!err)
			err = ranges_add(&sender->accepted, segment->number,
					 segment->number,
					 &s->pending.gaps_closed);
		count_window(s, &sender->activity, segment->end_s);
		fresh++;
	}
	if (!err && fresh)
		err = put_accepted(s, u->account, sender);
	return err;
}
