// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/migrate.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "collector/store/database.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/*
 * Each once released is never changed: what is new is a new one. _s and _ms
 * are seconds and milliseconds since the epoch; day is days since it.
 */
static const char *const main_migrations[] = {
	/* 1 */
	"CREATE TABLE consent(\n"
	"  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,\n"
	"  text TEXT NOT NULL, approval TEXT NOT NULL,\n"
	"  contact TEXT NOT NULL, retention_days INTEGER NOT NULL,\n"
	"  made_s INTEGER NOT NULL, withdrawn INTEGER NOT NULL DEFAULT 0\n"
	") STRICT;\n"
	/* a number is never given twice: who asks with one that was erased
	 * meanwhile is nobody */
	"CREATE TABLE account(\n"
	"  id INTEGER PRIMARY KEY AUTOINCREMENT, name BLOB NOT NULL UNIQUE,\n"
	"  secret BLOB NOT NULL, consent INTEGER NOT NULL,\n"
	"  client TEXT NOT NULL DEFAULT '',\n"
	"  utc_offset_min INTEGER NOT NULL DEFAULT 0,\n"
	"  made_s INTEGER NOT NULL\n"
	") STRICT;\n"
	/* last_s: to the hour */
	"CREATE TABLE device(\n"
	"  id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL,\n"
	"  key BLOB NOT NULL, oui BLOB, watched INTEGER,\n"
	"  first_s INTEGER NOT NULL, last_s INTEGER NOT NULL,\n"
	"  UNIQUE(account, key)\n"
	") STRICT;\n"
	"CREATE TABLE text(\n"
	"  id INTEGER PRIMARY KEY, value BLOB NOT NULL UNIQUE\n"
	") STRICT;\n"
	/* 4 or 16 bytes, else the text of what was hashed */
	"CREATE TABLE address(\n"
	"  id INTEGER PRIMARY KEY, value BLOB NOT NULL UNIQUE\n"
	") STRICT;\n"
	/* what was sent until the open day: see ranges.h */
	"CREATE TABLE accepted(\n"
	"  account INTEGER PRIMARY KEY, ranges BLOB NOT NULL\n"
	") STRICT;\n"
	/* state: enum store_day_state */
	"CREATE TABLE day(\n"
	"  day INTEGER PRIMARY KEY, state INTEGER NOT NULL\n"
	") STRICT;\n",
	/* 2: what was erased. hash: see tombstone.h; a tombstone tells nobody
	 * whose it is, and keeps what was sent until until_s from coming
	 * back. An erasure is one under way; a suspect is an entry of a
	 * dictionary (0 text, 1 address, 2 device) that had a row erased, so
	 * that perhaps nothing refers to it any more. */
	"CREATE TABLE tombstone(\n"
	"  hash BLOB PRIMARY KEY, until_s INTEGER NOT NULL\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE erasure(\n"
	"  id INTEGER PRIMARY KEY, account INTEGER NOT NULL,\n"
	"  device INTEGER NOT NULL, what INTEGER NOT NULL\n"
	") STRICT;\n"
	"CREATE TABLE suspect(\n"
	"  dictionary INTEGER NOT NULL, id INTEGER NOT NULL,\n"
	"  PRIMARY KEY(dictionary, id)\n"
	") STRICT, WITHOUT ROWID;\n",
	/* 3: "published": when the study was, in seconds since the epoch; who
	 * may read what is held, and when somebody did */
	"CREATE TABLE setting(\n"
	"  key TEXT PRIMARY KEY, value INTEGER NOT NULL\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE token(\n"
	"  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,\n"
	"  approval TEXT NOT NULL, made_s INTEGER NOT NULL,\n"
	"  expires_s INTEGER NOT NULL\n"
	") STRICT;\n"
	"CREATE TABLE access(\n"
	"  id INTEGER PRIMARY KEY, token INTEGER NOT NULL,\n"
	"  time_s INTEGER NOT NULL, what TEXT NOT NULL\n"
	") STRICT;\n",
	/* 4: the last transaction of this file, and the highest numbers that
	 * it found: what it added is behind them. number: where the open day's
	 * batch has another, the day's part of it was not committed. */
	"CREATE TABLE batch(\n"
	"  number INTEGER NOT NULL, text INTEGER NOT NULL,\n"
	"  address INTEGER NOT NULL, device INTEGER NOT NULL\n"
	") STRICT;\n"
	"INSERT INTO batch VALUES(0, 0, 0, 0);\n",
	/* 5: up to which number of the home's segments; 0: it did not say */
	"ALTER TABLE tombstone ADD COLUMN segment INTEGER NOT NULL "
	"DEFAULT 0;\n",
	/* 6: the same, so that one that is put off takes nothing that came
	 * after it */
	"ALTER TABLE erasure ADD COLUMN segment INTEGER NOT NULL DEFAULT 0;\n",
	/* 7: the first collectors made accounts and devices without the word
	 * AUTOINCREMENT: there the number of one that was erased went to the
	 * next that came, and with it what was still on its way to the former,
	 * an erasure too */
	"CREATE TABLE numbered_account(\n"
	"  id INTEGER PRIMARY KEY AUTOINCREMENT, name BLOB NOT NULL UNIQUE,\n"
	"  secret BLOB NOT NULL, consent INTEGER NOT NULL,\n"
	"  client TEXT NOT NULL DEFAULT '',\n"
	"  utc_offset_min INTEGER NOT NULL DEFAULT 0,\n"
	"  made_s INTEGER NOT NULL\n"
	") STRICT;\n"
	"CREATE TABLE numbered_device(\n"
	"  id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL,\n"
	"  key BLOB NOT NULL, oui BLOB, watched INTEGER,\n"
	"  first_s INTEGER NOT NULL, last_s INTEGER NOT NULL,\n"
	"  UNIQUE(account, key)\n"
	") STRICT;\n"
	"INSERT INTO numbered_account SELECT id, name, secret, consent, client,\n"
	"  utc_offset_min, made_s FROM account;\n"
	"INSERT INTO numbered_device SELECT id, account, key, oui, watched,\n"
	"  first_s, last_s FROM device;\n"
	"DELETE FROM sqlite_sequence WHERE name LIKE 'numbered_%';\n"
	"INSERT INTO sqlite_sequence SELECT 'numbered_account', max(\n"
	"  (SELECT coalesce(max(id), 0) FROM account),\n"
	"  (SELECT coalesce(max(account), 0) FROM erasure),\n"
	"  (SELECT coalesce(max(seq), 0) FROM sqlite_sequence\n"
	"    WHERE name = 'account'));\n"
	"INSERT INTO sqlite_sequence SELECT 'numbered_device', max(\n"
	"  (SELECT coalesce(max(id), 0) FROM device),\n"
	"  (SELECT coalesce(max(device), 0) FROM erasure),\n"
	"  (SELECT coalesce(max(seq), 0) FROM sqlite_sequence\n"
	"    WHERE name = 'device'));\n"
	"DROP TABLE account;\n"
	"DROP TABLE device;\n"
	"ALTER TABLE numbered_account RENAME TO account;\n"
	"ALTER TABLE numbered_device RENAME TO device;\n",
	/* 8: seen_day: the last on which a device was named, by the collector's
	 * clock, and the consent under which it was; of an account, the last
	 * on which it agreed or uploaded. Before, only the home's clock told.
	 */
	"ALTER TABLE device ADD COLUMN seen_day INTEGER NOT NULL DEFAULT 0;\n"
	"ALTER TABLE device ADD COLUMN consent INTEGER NOT NULL DEFAULT 0;\n"
	"ALTER TABLE account ADD COLUMN seen_day INTEGER NOT NULL DEFAULT 0;\n"
	"UPDATE device SET seen_day = min(max(first_s, last_s) / 86400,\n"
	"  (SELECT coalesce(max(day), 0) FROM day)), consent = coalesce(\n"
	"  (SELECT a.consent FROM account a WHERE a.id = device.account), 0);\n"
	"UPDATE account SET seen_day = max(made_s / 86400, coalesce(\n"
	"  (SELECT max(d.seen_day) FROM device d WHERE d.account = account.id),\n"
	"  0));\n"
	/* What an account that is gone had sent, should it come back. hash: as
	 * that of a tombstone. */
	"CREATE TABLE retired(\n"
	"  hash BLOB PRIMARY KEY, ranges BLOB NOT NULL\n"
	") STRICT, WITHOUT ROWID;\n"
	/* the number of a text that went is given to no other: who reads
	 * meanwhile would take one for the other */
	"CREATE TABLE numbered_text(\n"
	"  id INTEGER PRIMARY KEY AUTOINCREMENT, value BLOB NOT NULL UNIQUE\n"
	") STRICT;\n"
	"CREATE TABLE numbered_address(\n"
	"  id INTEGER PRIMARY KEY AUTOINCREMENT, value BLOB NOT NULL UNIQUE\n"
	") STRICT;\n"
	"INSERT INTO numbered_text SELECT id, value FROM text ORDER BY id;\n"
	"INSERT INTO numbered_address SELECT id, value FROM address\n"
	"  ORDER BY id;\n"
	"DROP TABLE text;\n"
	"DROP TABLE address;\n"
	"ALTER TABLE numbered_text RENAME TO text;\n"
	"ALTER TABLE numbered_address RENAME TO address;\n"
	/* until_s is that of an erasure that named no segment alone */
	"UPDATE tombstone SET until_s = 0 WHERE segment > 0;\n"
	/* "erased": counts up whenever something is */
	"INSERT INTO setting VALUES('erased', 0);\n",
};

/* What is erased is subtracted. */
#define TALLY(shape, table)                                               \
	"CREATE TRIGGER tally_" table " AFTER DELETE ON " table " BEGIN " \
	"UPDATE tally SET rows = rows - 1 WHERE shape = " shape "; END;\n"
#define TALLIES                \
	TALLY("0", "segment")  \
	TALLY("1", "flow")     \
	TALLY("2", "question") \
	TALLY("3", "name")     \
	TALLY("4", "http")     \
	TALLY("5", "hello")    \
	TALLY("6", "clue")     \
	TALLY("7", "label")    \
	TALLY("8", "view")

/*
 * The id of a row is that of its segment times 65536, and its place in it: so
 * that a segment's rows are found without an index. Times of rows are
 * milliseconds after the beginning of their window. device, and what is a
 * text or an address, are ids of collector.db.
 */
static const char *const day_migrations[] = {
	/* 1 */
	"CREATE TABLE segment(\n"
	"  id INTEGER PRIMARY KEY, account INTEGER NOT NULL,\n"
	"  number INTEGER NOT NULL, end_s INTEGER NOT NULL,\n"
	"  consent INTEGER NOT NULL\n"
	") STRICT;\n"
	/* all that the account ever sent, of those who sent on this day */
	"CREATE TABLE accepted(\n"
	"  account INTEGER PRIMARY KEY, ranges BLOB NOT NULL\n"
	") STRICT;\n"
	"CREATE TABLE flow(\n"
	"  id INTEGER PRIMARY KEY, device INTEGER NOT NULL,\n"
	"  protocol INTEGER, remote INTEGER, remote_port INTEGER,\n"
	"  device_port INTEGER, first_ms INTEGER, out_bytes INTEGER,\n"
	"  out_packets INTEGER, in_bytes INTEGER, in_packets INTEGER,\n"
	"  opener INTEGER\n"
	") STRICT;\n"
	"CREATE TABLE question(\n"
	"  id INTEGER PRIMARY KEY, device INTEGER NOT NULL,\n"
	"  time_ms INTEGER, name INTEGER, type INTEGER, resolver INTEGER\n"
	") STRICT;\n"
	"CREATE TABLE name(\n"
	"  id INTEGER PRIMARY KEY, device INTEGER NOT NULL,\n"
	"  time_ms INTEGER, address INTEGER, name INTEGER,\n"
	"  source INTEGER, resolver INTEGER, device_port INTEGER\n"
	") STRICT;\n"
	"CREATE TABLE http(\n"
	"  id INTEGER PRIMARY KEY, device INTEGER NOT NULL,\n"
	"  time_ms INTEGER, remote INTEGER, remote_port INTEGER,\n"
	"  host INTEGER, user_agent INTEGER\n"
	") STRICT;\n"
	"CREATE TABLE hello(\n"
	"  id INTEGER PRIMARY KEY, device INTEGER NOT NULL,\n"
	"  time_ms INTEGER, transport INTEGER, remote INTEGER,\n"
	"  remote_port INTEGER, device_port INTEGER, version INTEGER,\n"
	"  supported_versions INTEGER, cipher_suites INTEGER,\n"
	"  compression_methods INTEGER, extensions INTEGER,\n"
	"  groups INTEGER, point_formats INTEGER,\n"
	"  signature_algorithms INTEGER, alpn INTEGER, sni INTEGER,\n"
	"  ech INTEGER, grease_cipher_suites INTEGER,\n"
	"  grease_extensions INTEGER, ja3 INTEGER, ja4 INTEGER\n"
	") STRICT;\n"
	"CREATE TABLE clue(\n"
	"  id INTEGER PRIMARY KEY, device INTEGER NOT NULL,\n"
	"  kind INTEGER, text INTEGER\n"
	") STRICT;\n"
	"CREATE TABLE label(\n"
	"  id INTEGER PRIMARY KEY, device INTEGER NOT NULL,\n"
	"  name INTEGER, category INTEGER, vendor INTEGER, source INTEGER\n"
	") STRICT;\n"
	/* seconds: in milliseconds */
	"CREATE TABLE view(\n"
	"  id INTEGER PRIMARY KEY, view INTEGER, seconds INTEGER\n"
	") STRICT;\n",
	/* 2: one row: the last batch of collector.db whose rows are here */
	"CREATE TABLE batch(number INTEGER NOT NULL) STRICT;\n",
	/* 3: what is counted as it comes, so that nobody reads rows for it. Of
	 * an account the windows of 5 s that it uploaded of, the first and the
	 * last; windows NULL: not known, as one came after a later one. */
	"ALTER TABLE accepted ADD COLUMN windows INTEGER;\n"
	"ALTER TABLE accepted ADD COLUMN first_s INTEGER;\n"
	"ALTER TABLE accepted ADD COLUMN last_s INTEGER;\n"
	/* devices with flows; without the row of device 0 not all of them */
	"CREATE TABLE active(\n"
	"  device INTEGER PRIMARY KEY, account INTEGER NOT NULL\n"
	") STRICT;\n"
	/* shape: enum shape_table, 0: segments; without a row it is not known,
	 * as of a day that had rows before */
	"CREATE TABLE tally(\n"
	"  shape INTEGER PRIMARY KEY, rows INTEGER NOT NULL\n"
	") STRICT;\n"
	"INSERT INTO active SELECT 0, 0 WHERE NOT EXISTS\n"
	"  (SELECT 1 FROM segment);\n"
	"WITH RECURSIVE one(shape) AS (SELECT 0 UNION ALL\n"
	"  SELECT shape + 1 FROM one WHERE shape < 8)\n"
	"  INSERT INTO tally SELECT shape, 0 FROM one WHERE NOT EXISTS\n"
	"  (SELECT 1 FROM segment);\n" TALLIES,
};

static int migrate(sqlite3 *db, const char *const *migrations, int count)
{
	char set_version[48];
	int64_t version;
	int err;

	err = database_number(db, "PRAGMA user_version", &version);
	if (err)
		return ERR_IO;
	if (version > count)
		return ERR_UNSUPPORTED;
	if (version == count)
		return 0;
	if (database_exec(db, "BEGIN IMMEDIATE"))
		return ERR_IO;
	for (int i = (int)version; i < count; i++)
		if (database_exec(db, migrations[i]))
			goto undo;
	snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d",
		 count);
	if (database_exec(db, set_version) || database_exec(db, "COMMIT"))
		goto undo;
	return 0;
undo:
	(void)!database_exec(db, "ROLLBACK");
	return ERR_IO;
}

int migrate_main(sqlite3 *db)
{
	return migrate(db, main_migrations, COUNT(main_migrations));
}

int migrate_day(sqlite3 *db)
{
	return migrate(db, day_migrations, COUNT(day_migrations));
}
