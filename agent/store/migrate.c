// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/migrate.h"

#include <stddef.h>
#include <stdio.h>

#include "store/flow_table.h"

/*
 * Each once released is never changed: what is new is a new one. Texts from
 * the wire are BLOB, as they need not be UTF-8; addresses are BLOB of 4 or 16
 * bytes. _s and _ms are seconds and milliseconds since the epoch; used_day is
 * the day of the newest row that refers to this one, to tell when none does.
 */
static const char *const migrations[] = {
	/* 1 */
	"CREATE TABLE setting(\n"
	"  name TEXT PRIMARY KEY, value BLOB NOT NULL\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE start_token(\n"
	"  nonce TEXT PRIMARY KEY, used_ms INTEGER NOT NULL\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE device(\n"
	"  id INTEGER PRIMARY KEY,\n"
	"  mac BLOB NOT NULL UNIQUE CHECK(length(mac) = 6),\n"
	"  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,\n"
	"  gateway INTEGER NOT NULL DEFAULT 0,\n"
	"  watched INTEGER NOT NULL DEFAULT 0,\n"
	"  excluded INTEGER NOT NULL DEFAULT 0,\n"
	"  in_bytes INTEGER NOT NULL DEFAULT 0,\n"
	"  out_bytes INTEGER NOT NULL DEFAULT 0\n"
	") STRICT;\n"
	"CREATE TABLE device_address(\n"
	"  device INTEGER NOT NULL, addr BLOB NOT NULL,\n"
	"  last_ms INTEGER NOT NULL, PRIMARY KEY(device, addr)\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE clue(\n"
	"  device INTEGER NOT NULL, kind TEXT NOT NULL, text BLOB NOT NULL,\n"
	"  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,\n"
	"  PRIMARY KEY(device, kind, text)\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE remote(\n"
	"  id INTEGER PRIMARY KEY, addr BLOB NOT NULL UNIQUE,\n"
	"  used_day INTEGER NOT NULL\n"
	") STRICT;\n"
	"CREATE TABLE host(\n"
	"  id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE,\n"
	"  used_day INTEGER NOT NULL\n"
	") STRICT;\n"
	/* source: enum record_name_source, best first */
	"CREATE TABLE name(\n"
	"  device INTEGER NOT NULL, remote INTEGER NOT NULL,\n"
	"  source INTEGER NOT NULL, host INTEGER NOT NULL,\n"
	"  resolver BLOB, device_port INTEGER NOT NULL,\n"
	"  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,\n"
	"  PRIMARY KEY(device, remote, source, host)\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE question(\n"
	"  device INTEGER NOT NULL, host INTEGER NOT NULL,\n"
	"  type INTEGER NOT NULL, resolver BLOB NOT NULL,\n"
	"  times INTEGER NOT NULL,\n"
	"  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,\n"
	"  PRIMARY KEY(device, host, type, resolver)\n"
	") STRICT, WITHOUT ROWID;\n"
	/* what a client's hellos have in common, each kept once */
	"CREATE TABLE hello_shape(\n"
	"  id INTEGER PRIMARY KEY,\n"
	"  digest BLOB NOT NULL UNIQUE,\n"
	"  legacy_version INTEGER NOT NULL,\n"
	"  highest_version INTEGER NOT NULL,\n"
	"  grease_cipher_suites INTEGER NOT NULL,\n"
	"  grease_extensions INTEGER NOT NULL,\n"
	"  cipher_suites BLOB, compression_methods BLOB, extensions BLOB,\n"
	"  supported_versions BLOB, groups BLOB, point_formats BLOB,\n"
	"  signature_algorithms BLOB, alpn BLOB,\n"
	"  used_day INTEGER NOT NULL\n"
	") STRICT;\n"
	"CREATE TABLE hello(\n"
	"  device INTEGER NOT NULL, time_ms INTEGER NOT NULL,\n"
	"  remote INTEGER NOT NULL, device_port INTEGER NOT NULL,\n"
	"  remote_port INTEGER NOT NULL, transport INTEGER NOT NULL,\n"
	"  shape INTEGER NOT NULL, host INTEGER\n"
	") STRICT;\n"
	"CREATE INDEX hello_device ON hello(device, time_ms);\n"
	"CREATE TABLE http(\n"
	"  device INTEGER NOT NULL, time_ms INTEGER NOT NULL,\n"
	"  remote INTEGER NOT NULL, device_port INTEGER NOT NULL,\n"
	"  remote_port INTEGER NOT NULL, method BLOB, host INTEGER,\n"
	"  user_agent BLOB\n"
	") STRICT;\n"
	"CREATE INDEX http_device ON http(device, time_ms);\n"
	"CREATE TABLE flow(\n"
	"  device INTEGER NOT NULL, start_s INTEGER NOT NULL,\n"
	"  remote INTEGER NOT NULL, protocol INTEGER NOT NULL,\n"
	"  remote_port INTEGER NOT NULL, device_port INTEGER NOT NULL,\n"
	"  local INTEGER NOT NULL, opener INTEGER NOT NULL,\n"
	"  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,\n"
	"  in_packets INTEGER NOT NULL, out_packets INTEGER NOT NULL,\n"
	"  in_bytes INTEGER NOT NULL, out_bytes INTEGER NOT NULL,\n"
	"  in_sequence_bytes INTEGER NOT NULL,\n"
	"  out_sequence_bytes INTEGER NOT NULL,\n"
	"  PRIMARY KEY(device, start_s, remote, protocol, remote_port,\n"
	"              device_port)\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE minute(\n"
	"  device INTEGER NOT NULL, start_s INTEGER NOT NULL,\n"
	"  remote INTEGER NOT NULL, protocol INTEGER NOT NULL,\n"
	"  remote_port INTEGER NOT NULL, local INTEGER NOT NULL,\n"
	"  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,\n"
	"  in_packets INTEGER NOT NULL, out_packets INTEGER NOT NULL,\n"
	"  in_bytes INTEGER NOT NULL, out_bytes INTEGER NOT NULL,\n"
	"  PRIMARY KEY(device, start_s, remote, protocol, remote_port)\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE hour(\n"
	"  device INTEGER NOT NULL, start_s INTEGER NOT NULL,\n"
	"  remote INTEGER NOT NULL, protocol INTEGER NOT NULL,\n"
	"  remote_port INTEGER NOT NULL, local INTEGER NOT NULL,\n"
	"  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,\n"
	"  in_packets INTEGER NOT NULL, out_packets INTEGER NOT NULL,\n"
	"  in_bytes INTEGER NOT NULL, out_bytes INTEGER NOT NULL,\n"
	"  PRIMARY KEY(device, start_s, remote, protocol, remote_port)\n"
	") STRICT, WITHOUT ROWID;\n",
	/*
	 * 2: flows are added at the end of their table, each under a number
	 * that tells its window, for the tenth of the work that a place of
	 * its own among the older ones takes
	 */
	"CREATE TABLE flow_window(\n"
	"  id INTEGER PRIMARY KEY,\n"
	"  device INTEGER NOT NULL, start_s INTEGER NOT NULL\n"
	") STRICT;\n"
	"CREATE TABLE flow_row(\n"
	"  id INTEGER PRIMARY KEY,\n" /* flow_window's << 16, + a number */
	"  remote INTEGER NOT NULL, protocol INTEGER NOT NULL,\n"
	"  remote_port INTEGER NOT NULL, device_port INTEGER NOT NULL,\n"
	"  local INTEGER NOT NULL, opener INTEGER NOT NULL,\n"
	"  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,\n"
	"  in_packets INTEGER NOT NULL, out_packets INTEGER NOT NULL,\n"
	"  in_bytes INTEGER NOT NULL, out_bytes INTEGER NOT NULL,\n"
	"  in_sequence_bytes INTEGER NOT NULL,\n"
	"  out_sequence_bytes INTEGER NOT NULL\n"
	") STRICT;\n"
	"INSERT INTO flow_window(device, start_s)\n"
	"  SELECT device, start_s FROM flow GROUP BY device, start_s;\n"
	"CREATE INDEX flow_window_time ON flow_window(device, start_s);\n"
	"INSERT INTO flow_row SELECT (w.id << 16) + row_number() OVER (\n"
	"    PARTITION BY f.device, f.start_s) - 1,\n"
	"  f.remote, f.protocol, f.remote_port, f.device_port, f.local,\n"
	"  f.opener, f.first_ms, f.last_ms, f.in_packets, f.out_packets,\n"
	"  f.in_bytes, f.out_bytes, f.in_sequence_bytes,\n"
	"  f.out_sequence_bytes\n"
	"  FROM flow_window w JOIN flow f\n"
	"    ON f.device = w.device AND f.start_s = w.start_s;\n"
	"DROP TABLE flow;\n"
	"CREATE VIEW flow AS SELECT w.device, w.start_s, f.remote,\n"
	"  f.protocol, f.remote_port, f.device_port, f.local, f.opener,\n"
	"  f.first_ms, f.last_ms, f.in_packets, f.out_packets, f.in_bytes,\n"
	"  f.out_bytes, f.in_sequence_bytes, f.out_sequence_bytes\n"
	"  FROM flow_window w CROSS JOIN flow_row f\n"
	"    ON f.id >= w.id << 16 AND f.id < (w.id + 1) << 16;\n"
	"CREATE TRIGGER flow_window_gone AFTER DELETE ON flow_window BEGIN\n"
	"  DELETE FROM flow_row WHERE id >= old.id << 16 AND\n"
	"    id < (old.id + 1) << 16;\n"
	"END;\n",
	/*
	 * 3: fingerprints, servers, services, and what passed without us. An
	 * application is its record_application_name()
	 */
	"ALTER TABLE hello_shape ADD COLUMN ja3 TEXT;\n"
	"ALTER TABLE hello_shape ADD COLUMN ja4 TEXT;\n"
	"ALTER TABLE hello_shape ADD COLUMN ech INTEGER NOT NULL DEFAULT 0;\n"
	"CREATE TABLE server(\n"
	"  device INTEGER NOT NULL, remote INTEGER NOT NULL,\n"
	"  remote_port INTEGER NOT NULL, transport INTEGER NOT NULL,\n"
	"  version INTEGER NOT NULL, cipher_suite INTEGER NOT NULL,\n"
	"  ja3s TEXT NOT NULL, subject BLOB NOT NULL,\n" /* or empty */
	"  times INTEGER NOT NULL,\n"
	"  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,\n"
	"  PRIMARY KEY(device, remote, remote_port, transport, version,\n"
	"              cipher_suite, ja3s, subject)\n"
	") STRICT, WITHOUT ROWID;\n"
	/* times: windows; clear_times: those with credentials in clear */
	"CREATE TABLE service(\n"
	"  device INTEGER NOT NULL, remote INTEGER NOT NULL,\n"
	"  protocol INTEGER NOT NULL, remote_port INTEGER NOT NULL,\n"
	"  application TEXT NOT NULL, detail BLOB,\n"
	"  times INTEGER NOT NULL, clear_times INTEGER NOT NULL,\n"
	"  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,\n"
	"  PRIMARY KEY(device, remote, protocol, remote_port, application)\n"
	") STRICT, WITHOUT ROWID;\n"
	"UPDATE hello SET host = NULL WHERE host = 0;\n"
	"UPDATE http SET host = NULL WHERE host = 0;\n"
	"DROP VIEW flow;\n"
	"ALTER TABLE flow_row ADD COLUMN in_missed_bytes\n"
	"  INTEGER NOT NULL DEFAULT 0;\n"
	"ALTER TABLE flow_row ADD COLUMN out_missed_bytes\n"
	"  INTEGER NOT NULL DEFAULT 0;\n"
	"ALTER TABLE minute ADD COLUMN in_missed_bytes\n"
	"  INTEGER NOT NULL DEFAULT 0;\n"
	"ALTER TABLE minute ADD COLUMN out_missed_bytes\n"
	"  INTEGER NOT NULL DEFAULT 0;\n"
	"ALTER TABLE hour ADD COLUMN in_missed_bytes\n"
	"  INTEGER NOT NULL DEFAULT 0;\n"
	"ALTER TABLE hour ADD COLUMN out_missed_bytes\n"
	"  INTEGER NOT NULL DEFAULT 0;\n"
	"CREATE VIEW flow AS SELECT w.device, w.start_s, f.remote,\n"
	"  f.protocol, f.remote_port, f.device_port, f.local, f.opener,\n"
	"  f.first_ms, f.last_ms, f.in_packets, f.out_packets, f.in_bytes,\n"
	"  f.out_bytes, f.in_sequence_bytes, f.out_sequence_bytes,\n"
	"  f.in_missed_bytes, f.out_missed_bytes\n"
	"  FROM flow_window w CROSS JOIN flow_row f\n"
	"    ON f.id >= w.id << 16 AND f.id < (w.id + 1) << 16;\n",
	/* 4: what was found of a device (0: of the home), and the sums that
	 * it was found from */
	"CREATE TABLE finding(\n"
	"  device INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT "
	"NULL,\n"
	"  endpoint BLOB, since_ms INTEGER NOT NULL, last_ms INTEGER NOT "
	"NULL,\n"
	"  hits INTEGER NOT NULL, state INTEGER NOT NULL,\n"
	"  evidence BLOB NOT NULL, PRIMARY KEY(device, kind, subject)\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE judgement(\n"
	"  device INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,\n"
	"  sums BLOB NOT NULL\n"
	") STRICT;\n",
	/* 5: whether a device may be looked at (lock: the hub's number) */
	"CREATE TABLE device_lock(\n"
	"  mac BLOB PRIMARY KEY CHECK(length(mac) = 6),\n"
	"  lock INTEGER NOT NULL, since_ms INTEGER NOT NULL\n"
	") STRICT, WITHOUT ROWID;\n",
	/* 6: how many rows a window has, for who asks what takes the room */
	"ALTER TABLE flow_window ADD COLUMN flows INTEGER NOT NULL DEFAULT 0;\n"
	"UPDATE flow_window SET flows = (SELECT count(*) FROM flow_row f\n"
	"  WHERE f.id >= flow_window.id << 16\n"
	"    AND f.id < (flow_window.id + 1) << 16);\n",
	/* 7: what was heard since the last merge (merge.h), in its order */
	"CREATE TABLE name_new(\n"
	"  device INTEGER NOT NULL, remote INTEGER NOT NULL,\n"
	"  source INTEGER NOT NULL, host INTEGER NOT NULL,\n"
	"  resolver BLOB, device_port INTEGER NOT NULL,\n"
	"  time_ms INTEGER NOT NULL\n"
	") STRICT;\n"
	"CREATE TABLE question_new(\n"
	"  device INTEGER NOT NULL, host INTEGER NOT NULL,\n"
	"  type INTEGER NOT NULL, resolver BLOB NOT NULL,\n"
	"  time_ms INTEGER NOT NULL\n"
	") STRICT;\n"
	"CREATE TABLE service_new(\n"
	"  device INTEGER NOT NULL, remote INTEGER NOT NULL,\n"
	"  protocol INTEGER NOT NULL, remote_port INTEGER NOT NULL,\n"
	"  application TEXT NOT NULL, detail BLOB, clear INTEGER NOT NULL,\n"
	"  time_ms INTEGER NOT NULL\n"
	") STRICT;\n",
	/* 8: how doubtful a device was when its lock was made (the hub's) */
	"ALTER TABLE device_lock ADD COLUMN doubt INTEGER NOT NULL DEFAULT 0;\n",
	/*
	 * 9: the flows of a device's window, and the sums of its minute, are
	 * one blob (packed.h; flow_table.h reads them as tables), and so is
	 * what was heard until it is merged (pending.h)
	 */
	"CREATE TABLE flow_packed(\n"
	"  id INTEGER PRIMARY KEY,\n" /* flow_window's */
	"  flows BLOB NOT NULL\n"
	") STRICT;\n"
	"INSERT INTO flow_packed SELECT w.id, (SELECT flow_pack(w.start_s,\n"
	"  remote, protocol, remote_port, device_port, local, opener,\n"
	"  first_ms, last_ms, in_packets, out_packets, in_bytes, out_bytes,\n"
	"  in_sequence_bytes, out_sequence_bytes, in_missed_bytes,\n"
	"  out_missed_bytes) FROM flow_row\n"
	"  WHERE id >= w.id << 16 AND id < (w.id + 1) << 16)\n"
	"  FROM flow_window w;\n"
	"DROP VIEW flow;\n"
	"DROP TRIGGER flow_window_gone;\n"
	"DROP TABLE flow_row;\n"
	"CREATE TRIGGER flow_window_gone AFTER DELETE ON flow_window BEGIN\n"
	"  DELETE FROM flow_packed WHERE id = old.id;\n"
	"END;\n"
	"CREATE TABLE minute_window(\n"
	"  id INTEGER PRIMARY KEY,\n"
	"  device INTEGER NOT NULL, start_s INTEGER NOT NULL,\n"
	"  flows INTEGER NOT NULL\n"
	") STRICT;\n"
	"CREATE INDEX minute_window_time ON minute_window(device, start_s);\n"
	"CREATE TABLE minute_packed(\n"
	"  id INTEGER PRIMARY KEY, flows BLOB NOT NULL\n"
	") STRICT;\n"
	"INSERT INTO minute_window(device, start_s, flows)\n"
	"  SELECT device, start_s, count(*) FROM minute GROUP BY 1, 2;\n"
	"INSERT INTO minute_packed SELECT w.id, (SELECT flow_pack(w.start_s,\n"
	"  remote, protocol, remote_port, 0, local, 0, first_ms, last_ms,\n"
	"  in_packets, out_packets, in_bytes, out_bytes, 0, 0,\n"
	"  in_missed_bytes, out_missed_bytes) FROM minute m\n"
	"  WHERE m.device = w.device AND m.start_s = w.start_s)\n"
	"  FROM minute_window w;\n"
	"DROP TABLE minute;\n"
	"CREATE TRIGGER minute_window_gone AFTER DELETE ON minute_window\n"
	"  BEGIN DELETE FROM minute_packed WHERE id = old.id; END;\n"
	"INSERT INTO name SELECT device, remote, source, host, resolver,\n"
	"  device_port, time_ms, time_ms FROM name_new WHERE true\n"
	"  ORDER BY rowid ON CONFLICT DO UPDATE SET\n"
	"  last_ms = max(last_ms, excluded.last_ms),\n"
	"  resolver = excluded.resolver, device_port = excluded.device_port;\n"
	"INSERT INTO question SELECT device, host, type, resolver, 1,\n"
	"  time_ms, time_ms FROM question_new WHERE true\n"
	"  ON CONFLICT DO UPDATE SET times = times + 1,\n"
	"  last_ms = max(last_ms, excluded.last_ms);\n"
	"INSERT INTO service SELECT device, remote, protocol, remote_port,\n"
	"  application, detail, 1, clear, time_ms, time_ms\n"
	"  FROM service_new WHERE true ORDER BY rowid\n"
	"  ON CONFLICT DO UPDATE SET\n"
	"  detail = coalesce(excluded.detail, detail), times = times + 1,\n"
	"  clear_times = clear_times + excluded.clear_times,\n"
	"  last_ms = max(last_ms, excluded.last_ms);\n"
	"DROP TABLE name_new;\n"
	"DROP TABLE question_new;\n"
	"DROP TABLE service_new;\n"
	"CREATE TABLE pending(\n"
	"  id INTEGER PRIMARY KEY, device INTEGER NOT NULL,\n"
	"  facts BLOB NOT NULL\n"
	") STRICT;\n",
	/* 10: what devices are called that may not be told of, as keyed hashes;
	 * an empty one: others' rows were searched for it */
	"CREATE TABLE closed_name(\n"
	"  mac BLOB NOT NULL CHECK(length(mac) = 6), name BLOB NOT NULL,\n"
	"  PRIMARY KEY(mac, name)\n"
	") STRICT, WITHOUT ROWID;\n",
	/* when somebody's computer was met is not kept but to a month */
	"UPDATE device_lock SET since_ms = since_ms - since_ms % 2592000000 "
	"WHERE lock IN (4, 6);\n",
};

const int migrate_version = sizeof(migrations) / sizeof(migrations[0]);

static int current_version(sqlite3 *db, int *out)
{
	sqlite3_stmt *stmt;
	int found = ERR_IO;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &stmt, NULL))
		return ERR_IO;
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		*out = sqlite3_column_int(stmt, 0);
		found = 0;
	}
	sqlite3_finalize(stmt);
	return found;
}

int migrate(sqlite3 *db, int to)
{
	char set_version[48];
	int version, err;

	err = flow_table_register(db);
	if (!err)
		err = current_version(db, &version);
	if (err)
		return err;
	if (version > migrate_version)
		return ERR_UNSUPPORTED;
	if (version >= to)
		return 0;
	if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL))
		return ERR_IO;
	for (int i = version; i < to; i++)
		if (sqlite3_exec(db, migrations[i], NULL, NULL, NULL))
			goto undo;
	snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d",
		 to);
	if (sqlite3_exec(db, set_version, NULL, NULL, NULL) ||
	    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL))
		goto undo;
	return 0;
undo:
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return ERR_IO;
}
