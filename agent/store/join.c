// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/join.h"

#include "store/database.h"
#include "store/erase.h"
#include "store/merge.h"

#define HEARD_ONCE_MORE                                 \
	"first_ms = min(first_ms, excluded.first_ms), " \
	"last_ms = max(last_ms, excluded.last_ms)"

/* ?1 becomes ?2. Windows of flows and minutes have numbers of their own. */
static const char *const steps[] = {
	"UPDATE flow_window SET device = ?2 WHERE device = ?1",
	"UPDATE minute_window SET device = ?2 WHERE device = ?1",
	"UPDATE hello SET device = ?2 WHERE device = ?1",
	"UPDATE http SET device = ?2 WHERE device = ?1",
	"INSERT INTO hour SELECT ?2, start_s, remote, protocol, remote_port, "
	"local, first_ms, last_ms, in_packets, out_packets, in_bytes, "
	"out_bytes, in_missed_bytes, out_missed_bytes FROM hour "
	"WHERE device = ?1 ON CONFLICT DO UPDATE SET "
	"local = max(local, excluded.local), " HEARD_ONCE_MORE ", "
	"in_packets = in_packets + excluded.in_packets, "
	"out_packets = out_packets + excluded.out_packets, "
	"in_bytes = in_bytes + excluded.in_bytes, "
	"out_bytes = out_bytes + excluded.out_bytes, "
	"in_missed_bytes = in_missed_bytes + excluded.in_missed_bytes, "
	"out_missed_bytes = out_missed_bytes + excluded.out_missed_bytes",
	"INSERT INTO name SELECT ?2, remote, source, host, resolver, "
	"device_port, first_ms, last_ms FROM name WHERE device = ?1 "
	"ON CONFLICT DO UPDATE SET " HEARD_ONCE_MORE,
	"INSERT INTO question SELECT ?2, host, type, resolver, times, "
	"first_ms, last_ms FROM question WHERE device = ?1 "
	"ON CONFLICT DO UPDATE SET times = times + excluded.times, " HEARD_ONCE_MORE,
	"INSERT INTO server SELECT ?2, remote, remote_port, transport, "
	"version, cipher_suite, ja3s, subject, times, first_ms, last_ms "
	"FROM server WHERE device = ?1 "
	"ON CONFLICT DO UPDATE SET times = times + excluded.times, " HEARD_ONCE_MORE,
	"INSERT INTO service SELECT ?2, remote, protocol, remote_port, "
	"application, detail, times, clear_times, first_ms, last_ms "
	"FROM service WHERE device = ?1 ON CONFLICT DO UPDATE SET "
	"times = times + excluded.times, "
	"clear_times = clear_times + excluded.clear_times, "
	"detail = coalesce(detail, excluded.detail), " HEARD_ONCE_MORE,
	"INSERT INTO clue SELECT ?2, kind, text, first_ms, last_ms FROM clue "
	"WHERE device = ?1 ON CONFLICT DO UPDATE SET " HEARD_ONCE_MORE,
	"INSERT INTO finding SELECT ?2, kind, subject, endpoint, since_ms, "
	"last_ms, hits, state, evidence FROM finding WHERE device = ?1 "
	"ON CONFLICT DO UPDATE SET since_ms = min(since_ms, "
	"excluded.since_ms), last_ms = max(last_ms, excluded.last_ms), "
	"hits = hits + excluded.hits",
	"UPDATE OR IGNORE judgement SET device = ?2 WHERE device = ?1",
	"UPDATE device SET first_ms = min(device.first_ms, f.first_ms), "
	"last_ms = max(device.last_ms, f.last_ms), "
	"in_bytes = device.in_bytes + f.in_bytes, "
	"out_bytes = device.out_bytes + f.out_bytes "
	"FROM (SELECT * FROM device WHERE id = ?1) f WHERE device.id = ?2",
};

static int run(struct store *s, const char *sql, int64_t from, int64_t into)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);

	if (!rc) {
		sqlite3_bind_int64(stmt, 1, from);
		sqlite3_bind_int64(stmt, 2, into);
		rc = sqlite3_step(stmt);
		sqlite3_finalize(stmt);
	}
	if (rc == SQLITE_DONE)
		return 0;
	database_failed(s);
	return ERR_IO;
}

/* What was added to the other's own rows is still there, and goes. */
static int remove_from(struct store *s, int64_t from)
{
	uint64_t gone;
	bool referred;

	if (erase_owned(s, from, &gone, &referred) ||
	    database_run(s, STATEMENT_ADDRESS_REMOVE, "i", from) < 0 ||
	    database_run(s, STATEMENT_DEVICE_REMOVE, "i", from) < 0)
		return ERR_IO;
	return 0;
}

int store_join(struct store *s, int64_t from, int64_t into)
{
	int err;

	if (from == into)
		return ERR_INVALID;
	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	err = merge_all(s);
	for (size_t i = 0; !err && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = run(s, steps[i], from, into);
	if (!err)
		err = remove_from(s, from);
	if (!err && database_run(s, STATEMENT_CLUE_TRIM, "ii", into,
				 (int64_t)STORE_CLUES_MAX) < 0)
		err = ERR_IO;
	return erase_finish(s, err);
}
