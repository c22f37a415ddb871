// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"

/* Sums of flows, from whichever table: the columns read.c expects. */
/* Remotes that the device has several names for come in parts by time, for
 * each is to be named by the time of its traffic. */
#define SUM_OF(table)                                                        \
	"SELECT f.remote, r.addr, f.protocol, f.remote_port, max(f.local), " \
	"min(f.first_ms), max(f.last_ms), sum(f.in_packets), "               \
	"sum(f.out_packets), sum(f.in_bytes), sum(f.out_bytes), "            \
	"sum(f.in_missed_bytes), sum(f.out_missed_bytes) "                   \
	"FROM " table " f JOIN remote r ON r.id = f.remote "                 \
	"LEFT JOIN (SELECT remote FROM name WHERE device = ?1 "              \
	"GROUP BY remote HAVING count(*) > 1) m ON m.remote = f.remote "     \
	"WHERE f.device = ?1 AND f.start_s >= ?2 AND f.start_s < ?3 "        \
	"GROUP BY f.remote, f.protocol, f.remote_port, "                     \
	"CASE WHEN m.remote IS NULL THEN 0 ELSE f.start_s END"

#define STEPS_OF(table)                                                   \
	"SELECT f.remote, r.addr, f.start_s / ?4 * ?4, sum(f.in_bytes), " \
	"sum(f.out_bytes) "                                               \
	"FROM " table " f JOIN remote r ON r.id = f.remote "              \
	"WHERE f.device = ?1 AND f.start_s >= ?2 AND f.start_s < ?3 "     \
	"GROUP BY 1, 3"

/* Per device, so that the primary key finds the range. */
#define ROLL(from, step)                                               \
	"SELECT f.device, f.start_s / " step " * " step ", f.remote, " \
	"f.protocol, f.remote_port, max(f.local), min(f.first_ms), "   \
	"max(f.last_ms), sum(f.in_packets), sum(f.out_packets), "      \
	"sum(f.in_bytes), sum(f.out_bytes), sum(f.in_missed_bytes), "  \
	"sum(f.out_missed_bytes) "                                     \
	"FROM device d CROSS JOIN " from " f ON f.device = d.id "      \
	"WHERE f.start_s >= ? AND f.start_s < ? GROUP BY 1, 2, 3, 4, 5"

static const char *const texts[STATEMENT_COUNT] = {
	[STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
	[STATEMENT_COMMIT] = "COMMIT",
	[STATEMENT_ROLLBACK] = "ROLLBACK",
	[STATEMENT_SETTING_GET] = "SELECT value FROM setting WHERE name = ?",
	[STATEMENT_SETTING_PUT] =
		"INSERT OR REPLACE INTO setting(name, value) VALUES(?, ?)",
	[STATEMENT_SETTING_REMOVE] = "DELETE FROM setting WHERE name = ?",
	[STATEMENT_TOKEN_USE] =
		"INSERT OR IGNORE INTO start_token VALUES(?, ?)",
	[STATEMENT_TOKEN_TRIM] =
		"DELETE FROM start_token WHERE nonce NOT IN (SELECT nonce FROM "
		"start_token ORDER BY used_ms DESC LIMIT 1000)",
	[STATEMENT_DEVICE_FIND] = "SELECT id, 0 FROM device WHERE mac = ?",
	[STATEMENT_DEVICE_ADD] =
		"INSERT INTO device(mac, first_ms, last_ms, gateway, in_bytes, "
		"out_bytes) VALUES(?, ?, ?, ?, ?, ?)",
	[STATEMENT_DEVICE_SEEN] =
		"UPDATE device SET first_ms = min(first_ms, ?2), "
		"last_ms = max(last_ms, ?3), gateway = max(gateway, ?4), "
		"in_bytes = in_bytes + ?5, out_bytes = out_bytes + ?6 "
		"WHERE id = ?1",
	[STATEMENT_DEVICE_ALL] =
		"SELECT id, mac, first_ms, last_ms, gateway, watched, "
		"excluded, in_bytes, out_bytes FROM device "
		"ORDER BY watched DESC, excluded DESC, last_ms DESC",
	[STATEMENT_ADDRESS_REMOVE] =
		"DELETE FROM device_address WHERE device = ?",
	[STATEMENT_DEVICE_REMOVE] = "DELETE FROM device WHERE id = ?",
	[STATEMENT_LOCK_PUT] =
		"INSERT OR REPLACE INTO device_lock VALUES(?, ?, ?, ?)",
	[STATEMENT_LOCK_REMOVE] = "DELETE FROM device_lock WHERE mac = ?",
	[STATEMENT_LOCK_TRIM] =
		"DELETE FROM device_lock WHERE mac IN (SELECT mac FROM "
		"device_lock WHERE ?1 >> lock & 1 ORDER BY since_ms LIMIT "
		"max(0, (SELECT count(*) FROM device_lock) - ?2))",
	[STATEMENT_LOCK_STORED] =
		"SELECT d.id FROM device d JOIN device_lock l ON l.mac = d.mac "
		"WHERE ?1 >> l.lock & 1 AND NOT d.excluded LIMIT 1",
	[STATEMENT_CLOSED_NAME_PUT] =
		"INSERT OR IGNORE INTO closed_name VALUES(?, ?)",
	[STATEMENT_CLOSED_NAME_REMOVE] =
		"DELETE FROM closed_name WHERE mac = ?",
	[STATEMENT_CLOSED_NAME_ALL] = "SELECT mac, name FROM closed_name",
	[STATEMENT_CLOSED_NAME_TRIM] =
		"DELETE FROM closed_name WHERE mac NOT IN (SELECT mac FROM "
		"device_lock UNION ALL SELECT mac FROM device WHERE excluded)",
	[STATEMENT_LOCK_GET] =
		"SELECT lock, since_ms, doubt FROM device_lock WHERE mac = ?",
	[STATEMENT_LOCK_ALL] = "SELECT mac FROM device_lock WHERE lock = ? "
			       "ORDER BY since_ms DESC",
	[STATEMENT_DEVICE_WATCH] = "UPDATE device SET watched = ? WHERE id = ?",
	[STATEMENT_DEVICE_UNWATCH_ALL] = "UPDATE device SET watched = 0",
	[STATEMENT_DEVICE_EXCLUDE] =
		"UPDATE device SET excluded = ?, watched = 0 WHERE id = ?",
	[STATEMENT_DEVICE_EXCLUDED] = "SELECT id FROM device WHERE excluded "
				      "AND id > ? ORDER BY id LIMIT 1",
	[STATEMENT_DEVICE_NO_TRAFFIC] =
		"UPDATE device SET in_bytes = 0, out_bytes = 0 WHERE id = ?",
	[STATEMENT_ADDRESS_SEEN] =
		"UPDATE device_address SET last_ms = max(last_ms, ?3) "
		"WHERE device = ?1 AND addr = ?2",
	[STATEMENT_ADDRESS_ADD] =
		"INSERT INTO device_address VALUES(?1, ?2, ?3)",
	[STATEMENT_ADDRESS_TRIM] =
		"DELETE FROM device_address WHERE device = ?1 AND addr NOT IN "
		"(SELECT addr FROM device_address WHERE device = ?1 "
		"ORDER BY last_ms DESC LIMIT ?2)",
	[STATEMENT_ADDRESS_ALL] =
		"SELECT addr FROM device_address WHERE device = ? "
		"ORDER BY last_ms DESC",
	[STATEMENT_REMOTE_FIND] =
		"SELECT id, used_day FROM remote WHERE addr = ?",
	[STATEMENT_REMOTE_USED] = "UPDATE remote SET used_day = ? WHERE id = ?",
	[STATEMENT_HOST_USED] = "UPDATE host SET used_day = ? WHERE id = ?",
	[STATEMENT_SHAPE_USED] =
		"UPDATE hello_shape SET used_day = ? WHERE id = ?",
	[STATEMENT_REMOTE_ADD] =
		"INSERT INTO remote(addr, used_day) VALUES(?, ?)",
	[STATEMENT_HOST_FIND] = "SELECT id, used_day FROM host WHERE name = ?",
	[STATEMENT_HOST_ADD] = "INSERT INTO host(name, used_day) VALUES(?, ?)",
	[STATEMENT_CLUE_ADD] =
		"INSERT INTO clue VALUES(?1, ?2, ?3, ?5, ?6) "
		"ON CONFLICT DO UPDATE SET first_ms = min(first_ms, ?5), "
		"last_ms = max(last_ms, ?6)",
	[STATEMENT_CLUE_ALL] =
		"SELECT kind, text, first_ms, last_ms FROM clue "
		"WHERE device = ? ORDER BY last_ms DESC, kind, text LIMIT ?",
	[STATEMENT_CLUE_NAMES] =
		"SELECT kind, text, first_ms, last_ms FROM clue "
		"WHERE device = ? AND kind IN ('dhcp_hostname', 'dhcp_fqdn', "
		"'mdns_host', 'mdns_instance', 'llmnr_name', 'netbios_name') "
		"ORDER BY last_ms",
	[STATEMENT_CLUE_COUNT] = "SELECT count(*) FROM clue WHERE device = ?",
	[STATEMENT_CLUE_TRIM] =
		"DELETE FROM clue WHERE device = ?1 AND (kind, text) IN "
		"(SELECT kind, text FROM clue WHERE device = ?1 "
		"ORDER BY last_ms DESC LIMIT -1 OFFSET ?2)",
	[STATEMENT_NAME_ADD] =
		"INSERT INTO name VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?8, ?9) "
		"ON CONFLICT DO UPDATE SET first_ms = min(first_ms, ?8), "
		"last_ms = max(last_ms, ?9), resolver = ?5, device_port = ?6",
	[STATEMENT_NAME_BEST] =
		"SELECT h.name, n.source, n.resolver FROM name n "
		"JOIN host h ON h.id = n.host "
		"WHERE n.device = ? AND n.remote = ? "
		"ORDER BY n.source, n.last_ms DESC LIMIT 1",
	[STATEMENT_NAMES_OF_REMOTE] =
		"SELECT h.name, n.source, n.resolver, n.first_ms, n.last_ms "
		"FROM name n JOIN host h ON h.id = n.host "
		"WHERE n.device = ? AND n.remote = ? "
		"ORDER BY n.source, n.last_ms DESC LIMIT ?",
	[STATEMENT_QUESTION_ADD] =
		"INSERT INTO question VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) "
		"ON CONFLICT DO UPDATE SET times = times + ?5, "
		"first_ms = min(first_ms, ?6), last_ms = max(last_ms, ?7)",
	[STATEMENT_SHAPE_FIND] =
		"SELECT id, used_day FROM hello_shape WHERE digest = ?",
	[STATEMENT_SHAPE_ADD] =
		"INSERT INTO hello_shape(digest, legacy_version, "
		"highest_version, grease_cipher_suites, grease_extensions, "
		"cipher_suites, compression_methods, extensions, "
		"supported_versions, groups, point_formats, "
		"signature_algorithms, alpn, used_day, ja3, ja4, ech) "
		"VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STATEMENT_HELLO_ADD] =
		"INSERT INTO hello VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
	[STATEMENT_HTTP_ADD] =
		"INSERT INTO http VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
	[STATEMENT_FLOW_WINDOW_ADD] =
		"INSERT INTO flow_window(device, start_s, flows) "
		"VALUES(?, ?, ?)",
	[STATEMENT_FLOW_ADD] = "INSERT INTO flow_packed VALUES(?, ?)",
	[STATEMENT_PENDING_ADD] =
		"INSERT INTO pending(device, facts) VALUES(?, ?)",
	[STATEMENT_PENDING_ALL] = "SELECT id, device, facts FROM pending "
				  "WHERE id > ? ORDER BY id",
	[STATEMENT_PENDING_MERGED] = "DELETE FROM pending",
	[STATEMENT_SERVER_ADD] =
		"INSERT INTO server VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
		"?10, ?11) ON CONFLICT DO UPDATE SET times = times + ?9, "
		"first_ms = min(first_ms, ?10), last_ms = max(last_ms, ?11)",
	[STATEMENT_SERVICE_ADD] =
		"INSERT INTO service VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?8, ?7, "
		"?9, ?10) ON CONFLICT DO UPDATE SET "
		"detail = coalesce(?6, detail), times = times + ?8, "
		"clear_times = clear_times + ?7, "
		"first_ms = min(first_ms, ?9), last_ms = max(last_ms, ?10)",
	[STATEMENT_MINUTE_WINDOW_REMOVE] =
		"DELETE FROM minute_window WHERE device = ? AND start_s = ?",
	[STATEMENT_MINUTE_WINDOW_ADD] =
		"INSERT INTO minute_window(device, start_s, flows) "
		"VALUES(?, ?, ?)",
	[STATEMENT_MINUTE_ADD] = "INSERT INTO minute_packed VALUES(?, ?)",
	[STATEMENT_ROLL_MINUTE] = ROLL("flow", "60") " ORDER BY 1, 2",
	[STATEMENT_ROLL_HOUR] =
		"INSERT OR REPLACE INTO hour " ROLL("minute", "3600"),
	[STATEMENT_FLOW_SUM] = SUM_OF("flow"),
	[STATEMENT_MINUTE_SUM] = SUM_OF("minute"),
	[STATEMENT_HOUR_SUM] = SUM_OF("hour"),
	[STATEMENT_FLOW_STEPS] = STEPS_OF("flow"),
	[STATEMENT_MINUTE_STEPS] = STEPS_OF("minute"),
	[STATEMENT_HOUR_STEPS] = STEPS_OF("hour"),
	[STATEMENT_PORT_ALL] =
		"SELECT DISTINCT device_port FROM flow WHERE device = ?1 AND "
		"start_s >= ?2 AND protocol = 6 AND opener = ?3 AND "
		"out_sequence_bytes > 0",
	[STATEMENT_SERVICE_ALL] =
		"SELECT s.remote, r.addr, s.protocol, s.remote_port, "
		"s.application, s.detail, s.times, s.clear_times, s.first_ms, "
		"s.last_ms FROM service s JOIN remote r ON r.id = s.remote "
		"WHERE s.device = ? AND s.last_ms >= ?",
	[STATEMENT_SERVER_ALL] =
		"SELECT s.remote, r.addr, s.remote_port, s.transport, "
		"s.version, s.cipher_suite, s.ja3s, s.subject, s.times, "
		"s.first_ms, s.last_ms "
		"FROM server s JOIN remote r ON r.id = s.remote "
		"WHERE s.device = ? AND s.last_ms >= ?",
	[STATEMENT_HELLO_ALL] =
		"SELECT h.remote, r.addr, h.remote_port, h.transport, h.shape, "
		"count(*), sum(h.host IS NULL), min(h.time_ms), "
		"max(h.time_ms), s.ja3, s.ja4, s.ech, s.legacy_version, "
		"s.highest_version, s.cipher_suites, s.extensions, "
		"s.supported_versions, s.groups, s.alpn "
		"FROM hello h JOIN remote r ON r.id = h.remote "
		"JOIN hello_shape s ON s.id = h.shape "
		"WHERE h.device = ? AND h.time_ms >= ? "
		"GROUP BY h.remote, h.remote_port, h.transport, h.shape",
	[STATEMENT_HTTP_ALL] =
		"SELECT h.remote, r.addr, h.remote_port, h.time_ms, h.method, "
		"n.name, h.user_agent FROM http h "
		"JOIN remote r ON r.id = h.remote "
		"LEFT JOIN host n ON n.id = h.host "
		"WHERE h.device = ? AND h.time_ms >= ? "
		"ORDER BY h.time_ms DESC LIMIT ?",
	[STATEMENT_QUESTION_ALL] =
		"SELECT n.name, q.type, q.resolver, q.times, q.first_ms, "
		"q.last_ms FROM question q JOIN host n ON n.id = q.host "
		"WHERE q.device = ? AND q.last_ms >= ?",
	[STATEMENT_NAME_ALL] =
		"SELECT n.remote, r.addr, n.source, h.name, n.resolver, "
		"n.first_ms, n.last_ms FROM name n "
		"JOIN remote r ON r.id = n.remote JOIN host h ON h.id = n.host "
		"WHERE n.device = ? AND n.last_ms >= ?",
	[STATEMENT_FLOW_NEWEST] =
		"SELECT max(m) FROM (SELECT (SELECT max(start_s) FROM "
		"flow_window WHERE device = d.id) AS m FROM device d)",
	[STATEMENT_FINDING_PUT] = "INSERT OR REPLACE INTO finding "
				  "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STATEMENT_FINDING_ALL] = "SELECT device, kind, subject, endpoint, "
				  "since_ms, last_ms, hits, state, evidence "
				  "FROM finding ORDER BY since_ms",
	[STATEMENT_SUMS_PUT] = "INSERT OR REPLACE INTO judgement "
			       "VALUES(?, ?, ?)",
	[STATEMENT_FINDING_REMOVE] = "DELETE FROM finding WHERE device = ? "
				     "AND kind = ? AND subject = ?",
	[STATEMENT_SUMS_REPLACE] = "UPDATE judgement SET sums = ?2 "
				   "WHERE device = ?1",
	[STATEMENT_SUMS_ALL] = "SELECT device, sums FROM judgement",
};

const char *statement_text(enum statement which)
{
	return texts[which];
}
