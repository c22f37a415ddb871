// SPDX-License-Identifier: GPL-3.0-or-later
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/store/reader.h"
#include "collector/store/sqlite.h"

#define CONSENT_COLUMNS                                              \
	"SELECT id, hash, text, approval, contact, retention_days, " \
	"made_s, withdrawn FROM consent "

static const char *const statements[READER_STATEMENTS] = {
	[READER_CONSENT_CURRENT] =
		CONSENT_COLUMNS "WHERE NOT withdrawn ORDER BY id DESC LIMIT 1",
	[READER_CONSENT_FIND] = CONSENT_COLUMNS "WHERE hash = ?",
	[READER_ACCOUNT_FIND] = "SELECT a.id, a.secret, a.consent, "
				"a.made_s, c.hash, c.withdrawn FROM account a "
				"JOIN consent c ON c.id = a.consent "
				"WHERE a.name = ?",
};

#define reader_ready(r, which, ...)                                           \
	database_ready((r)->main, &(r)->statements[which], statements[which], \
		       __VA_ARGS__)

int store_reader_open(const char *folder, struct store_reader **out,
		      char why[STORE_WHY_BYTES])
{
	struct store_reader *r = calloc(1, sizeof(*r));
	int err = ERR_NOMEM;

	if (r)
		r->folder = strdup(folder);
	if (r && r->folder)
		err = database_open(folder, DATABASE_MAIN, DATABASE_READ,
				    &r->main);
	if (err) {
		snprintf(why, STORE_WHY_BYTES, "%s",
			 err == ERR_NOTFOUND ? "there is no store"
					     : err_text(err));
		store_reader_close(r);
		return err;
	}
	*out = r;
	return 0;
}

void store_reader_close(struct store_reader *r)
{
	if (!r)
		return;
	for (int i = 0; i < READER_STATEMENTS; i++)
		sqlite3_finalize(r->statements[i]);
	sqlite3_close(r->main);
	free(r->folder);
	free(r);
}

void store_consent_done(struct store_consent *consent)
{
	free(consent->text);
	free(consent->approval);
	free(consent->contact);
	*consent = (struct store_consent){ 0 };
}

static char *text_column(sqlite3_stmt *stmt, int column)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	return strdup(text ? (const char *)text : "");
}

static int read_consent(sqlite3_stmt *stmt, struct store_consent *out)
{
	struct store_consent read = { 0 };
	struct slice hash;
	int err = database_row(stmt);

	if (err)
		return err;
	read.id = sqlite3_column_int64(stmt, 0);
	hash = database_bytes(stmt, 1);
	if (hash.len == sizeof(read.hash))
		memcpy(read.hash, hash.data, hash.len);
	read.text = text_column(stmt, 2);
	read.approval = text_column(stmt, 3);
	read.contact = text_column(stmt, 4);
	read.retention_days = (uint32_t)sqlite3_column_int64(stmt, 5);
	read.made_s = (uint64_t)sqlite3_column_int64(stmt, 6);
	read.withdrawn = sqlite3_column_int(stmt, 7);
	sqlite3_reset(stmt);
	if (!read.text || !read.approval || !read.contact) {
		store_consent_done(&read);
		return ERR_NOMEM;
	}
	*out = read;
	return 0;
}

int store_consent_current(struct store_reader *r, struct store_consent *out)
{
	if (reader_ready(r, READER_CONSENT_CURRENT, ""))
		return ERR_IO;
	return read_consent(r->statements[READER_CONSENT_CURRENT], out);
}

int store_consent_find(struct store_reader *r,
		       const uint8_t hash[STORE_HASH_BYTES],
		       struct store_consent *out)
{
	if (reader_ready(r, READER_CONSENT_FIND, "b",
			 slice_of(hash, STORE_HASH_BYTES)))
		return ERR_IO;
	return read_consent(r->statements[READER_CONSENT_FIND], out);
}

int store_account_find(struct store_reader *r,
		       const uint8_t name[STORE_ACCOUNT_BYTES],
		       struct store_account *out)
{
	struct slice secret, hash;
	sqlite3_stmt *stmt;
	int err;

	if (reader_ready(r, READER_ACCOUNT_FIND, "b",
			 slice_of(name, STORE_ACCOUNT_BYTES)))
		return ERR_IO;
	stmt = r->statements[READER_ACCOUNT_FIND];
	err = database_row(stmt);
	if (err)
		return err;
	secret = database_bytes(stmt, 1);
	hash = database_bytes(stmt, 4);
	if (secret.len == sizeof(out->secret) &&
	    hash.len == sizeof(out->consent_hash)) {
		*out = (struct store_account){
			.id = sqlite3_column_int64(stmt, 0),
			.consent = sqlite3_column_int64(stmt, 2),
			.made_s = (uint64_t)sqlite3_column_int64(stmt, 3),
			.consent_withdrawn = sqlite3_column_int(stmt, 5),
		};
		memcpy(out->name, name, STORE_ACCOUNT_BYTES);
		memcpy(out->secret, secret.data, secret.len);
		memcpy(out->consent_hash, hash.data, hash.len);
	} else {
		err = ERR_MALFORMED;
	}
	sqlite3_reset(stmt);
	return err;
}

static int add_count(sqlite3 *db, const char *table, uint64_t *sum)
{
	char sql[64];
	int64_t count;
	int err;

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	err = database_number(db, sql, &count);
	if (!err)
		*sum += (uint64_t)count;
	return err;
}

static int add_rows(sqlite3 *db, struct store_totals *totals)
{
	int err = add_count(db, "segment", &totals->segments);

	for (int i = SHAPE_FLOW; i < SHAPE_TABLES && !err; i++)
		err = add_count(db, shapes[i].name, &totals->rows[i]);
	return err;
}

/* What a day counted as it came, all of one moment. ERR_NOTFOUND: it did not.
 */
static int add_tally(sqlite3 *db, struct store_totals *totals)
{
	sqlite3_stmt *stmt = NULL;
	int err, rc, found = 0;
	bool has;

	err = database_has_table(db, "main", "tally", &has);
	if (err || !has)
		return err ? err : ERR_NOTFOUND;
	err = database_ready(db, &stmt, "SELECT shape, rows FROM tally", "");
	if (err)
		return err;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const int shape = sqlite3_column_int(stmt, 0);
		const uint64_t rows = (uint64_t)sqlite3_column_int64(stmt, 1);

		if (shape == SHAPE_DEVICE)
			totals->segments += rows;
		else if (shape < SHAPE_TABLES)
			totals->rows[shape] += rows;
		found++;
	}
	sqlite3_finalize(stmt);
	if (rc != SQLITE_DONE)
		return ERR_IO;
	return found ? 0 : ERR_NOTFOUND;
}

static int add_day(struct store_reader *r, uint32_t day,
		   struct store_totals *totals)
{
	sqlite3 *db;
	int err;

	err = reader_open_day(r, day, &db);
	if (err)
		return err == ERR_NOTFOUND ? 0 : err;
	err = add_tally(db, totals);
	if (err == ERR_NOTFOUND)
		err = add_rows(db, totals);
	totals->days++;
	sqlite3_close(db);
	return err;
}

static int add_days(struct store_reader *r, struct store_totals *totals)
{
	uint32_t *days;
	size_t count;
	int err = database_days(r->main, &days, &count);

	if (err)
		return err;
	for (size_t i = 0; i < count && !err; i++)
		err = add_day(r, days[i], totals);
	free(days);
	return err;
}

static void add_bytes(const char *folder, struct store_totals *totals)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);
	struct stat st;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, STORE_RESERVE_NAME) != 0 &&
		    !fstatat(dirfd(dir), entry->d_name, &st, 0) &&
		    S_ISREG(st.st_mode))
			totals->bytes += (uint64_t)st.st_size;
	if (dir)
		closedir(dir);
}

int store_totals(struct store_reader *r, struct store_totals *out)
{
	struct store_totals totals = { 0 };
	int err;

	err = add_count(r->main, "account", &totals.accounts);
	if (!err)
		err = add_count(r->main, "device", &totals.devices);
	if (!err)
		err = add_count(r->main, "text", &totals.texts);
	if (!err)
		err = add_count(r->main, "address", &totals.addresses);
	if (!err)
		err = add_days(r, &totals);
	if (err)
		return err;
	add_bytes(r->folder, &totals);
	*out = totals;
	return 0;
}
