// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/release.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"
#include "record/personal.h"
#include "study/basis.h"
#include "study/fleet_rows.h"
#include "study/grid.h"
#include "study/report.h"
#include "study/sheet.h"

#define KEY_BYTES 32
/* Of a name's HMAC: as many as collide never. */
#define ID_BYTES	16
#define SHEET_BYTES_MAX ((size_t)1 << 20)

/* A file of the release. texts: its columns that others wrote, which in CSV
 * must be no formulas. Rows stand by what is told of them, to the last column:
 * in the fleet's own order those alike so far would tell what a time that was
 * cut does not, which was first. */
struct file {
	const char *name, *query;
	const char *texts[8];
	bool is_full; /* only in a full release */
};

static const struct file files[] = {
	{ "Device_labels",
	  "SELECT id AS device_id, category, vendor FROM new_label"
	  " WHERE (category <> '' OR vendor <> '') AND is_monitored"
	  " ORDER BY id",
	  { "category", "vendor" },
	  false },
	{ "Network_flows",
	  "SELECT id AS device_id, first_ms / 1000 AS timestamp,"
	  " addr AS remote_ip, host || CASE WHEN inferred THEN '?' ELSE '' END"
	  " AS remote_hostname, remote_port, CASE protocol WHEN 6 THEN 'tcp'"
	  " WHEN 17 THEN 'udp' ELSE protocol::VARCHAR END AS protocol,"
	  " out_bytes AS bytes_sent, in_bytes AS bytes_received"
	  " FROM new_flow LEFT JOIN new_endpoint USING (endpoint)"
	  " WHERE NOT local ORDER BY device, first_ms, endpoint, remote_port,"
	  " protocol, out_bytes, in_bytes",
	  { "remote_ip", "remote_hostname" },
	  false },
	{ "TLS_client_hello",
	  "SELECT id AS device_id, time_ms / 1000 AS timestamp,"
	  " version AS tls_version, cipher_suites, ja3, ja4 FROM new_hello"
	  " ORDER BY device, time_ms, ja3, ja4, version, cipher_suites",
	  { "cipher_suites", "ja3", "ja4" },
	  false },
	{ "users",
	  "SELECT n.\"user\", id AS account, utc_offset_min FROM users u"
	  " JOIN new_user n ON u.\"user\" = n.old ORDER BY n.\"user\"",
	  { NULL },
	  true },
	{ "devices",
	  "SELECT n.device, n.id, m.\"user\", oui, manufacturer FROM devices d"
	  " JOIN new_device n ON d.device = n.old"
	  " LEFT JOIN new_user m ON d.\"user\" = m.old ORDER BY n.device",
	  { "manufacturer" },
	  true },
	{ "labels",
	  "SELECT device, name, category, vendor FROM new_label"
	  " ORDER BY device",
	  { "name", "category", "vendor" },
	  true },
	{ "clues",
	  "SELECT device, kind, text FROM new_clue ORDER BY ALL",
	  { "kind", "text" },
	  true },
	{ "endpoints",
	  "SELECT endpoint, addr, host, inferred, domain, country, tracker"
	  " FROM new_endpoint ORDER BY endpoint",
	  { "addr", "host", "domain" },
	  true },
	{ "flows",
	  "SELECT device, \"end\", first_ms, endpoint, protocol, remote_port,"
	  " device_port, in_bytes, out_bytes, in_packets, out_packets, local"
	  " FROM new_flow ORDER BY device, \"end\", endpoint, device_port,"
	  " remote_port, protocol, first_ms, in_bytes, out_bytes, in_packets,"
	  " out_packets, local",
	  { NULL },
	  true },
	{ "hellos",
	  "SELECT device, time_ms, endpoint, remote_port, version,"
	  " cipher_suites, ja3, ja4 FROM new_hello ORDER BY ALL",
	  { "cipher_suites", "ja3", "ja4" },
	  true },
	{ "views",
	  "SELECT n.\"user\", view, seconds FROM views v"
	  " JOIN new_user n ON v.\"user\" = n.old ORDER BY ALL",
	  { "view" },
	  true },
	{ "truth",
	  "SELECT n.device, name, category, vendor, computer FROM truth t"
	  " JOIN new_device n ON t.device = n.old"
	  " WHERE EXISTS (FROM meta WHERE key = 'source'"
	  " AND value = 'simulation') ORDER BY n.device",
	  { "name", "category", "vendor" },
	  true },
	{ "standard",
	  "SELECT n.device, method, bare(vendor) AS vendor, CASE WHEN name IN"
	  " (FROM personal_label) THEN 'withheld' ELSE bare(name) END AS name"
	  " FROM standard s JOIN new_device n ON s.device = n.old"
	  " WHERE vendor NOT IN (FROM personal_label) ORDER BY ALL",
	  { "method", "vendor", "name" },
	  true },
	{ "label_changes",
	  "SELECT method, kind, bare(vendor) AS vendor, bare(before) AS before,"
	  " bare(after) AS after, rule, devices FROM label_changes"
	  " WHERE NOT EXISTS (FROM personal_label WHERE text IN (vendor, before, after)) ORDER BY ALL",
	  { "method", "kind", "vendor", "before", "after", "rule" },
	  true },
	{ "meta",
	  "SELECT key, value FROM meta WHERE key IN ('source', 'trackers',"
	  " 'fleet', 'consent', 'imported') OR key LIKE 'labels standardised%'"
	  " UNION ALL SELECT 'lacks', coalesce(words, '')"
	  " FROM new_lacks ORDER BY key",
	  { "value" },
	  true },
};

#define FILES (sizeof(files) / sizeof(files[0]))

/* One kind of thing: each gets the HMAC of what it is here, by a key of this
 * release alone. */
static int rename_all(struct fleet *f, const uint8_t key[KEY_BYTES],
		      const char *kind, const char *sql)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	char text[64], hex[2 * ID_BYTES + 1];
	struct fleet_cursor c;
	struct fleet_rows rows;
	unsigned length;
	int err = fleet_cursor_begin(&c, f, sql);

	if (err)
		return err;
	err = fleet_rows_begin(&rows, f, "new_id");
	while (!err && fleet_cursor_next(&c)) {
		int n = snprintf(text, sizeof(text), "%s %lld", kind,
				 (long long)fleet_cursor_int(&c, 0));

		if (!HMAC(EVP_sha256(), key, KEY_BYTES,
			  (const unsigned char *)text, (size_t)n, hash,
			  &length)) {
			err = ERR_NOMEM;
			break;
		}
		fleet_rows_text(&rows, kind);
		fleet_rows_int(&rows, fleet_cursor_int(&c, 0));
		fleet_rows_text(&rows, text_hex(hash, ID_BYTES, hex));
		fleet_rows_next(&rows);
	}
	if (!err)
		err = fleet_rows_end(&rows);
	fleet_cursor_end(&c);
	return err;
}

static int rename_everybody(struct fleet *f)
{
	uint8_t key[KEY_BYTES];
	int err;

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return ERR_IO;
	err = fleet_run(f, "CREATE OR REPLACE TEMP TABLE new_id(kind VARCHAR,"
			   " old INTEGER, id VARCHAR)");
	if (!err)
		err = rename_all(f, key, "user", "SELECT \"user\" FROM users");
	if (!err)
		err = rename_all(f, key, "device",
				 "SELECT device FROM devices");
	OPENSSL_cleanse(key, sizeof(key));
	return err;
}

/* Texts of users and devices by how many homes have them: what is in many, as
 * "Philip's", is nobody's own. Devices that are nobody's may all be of one
 * home.
 */
static const char texts_sql[] =
	"SELECT text, text FROM (SELECT device, name AS text FROM labels"
	" UNION ALL SELECT device, category FROM labels"
	" UNION ALL SELECT device, vendor FROM labels"
	" UNION ALL SELECT device, text FROM clues)"
	" JOIN devices USING (device) WHERE text <> '' GROUP BY text"
	" HAVING count(DISTINCT coalesce(\"user\", -1)) < %d";

/* Hosts, and what of them is before the registered domain, which is not theirs
 * who have a name under it. */
static const char hosts_sql[] =
	"SELECT DISTINCT host, CASE WHEN host = domain THEN ''"
	" WHEN ends_with(host, '.' || domain)"
	" THEN left(host, length(host) - length(domain) - 1)"
	" ELSE host END FROM endpoints WHERE host <> ''";

/* Of rows of a text and what of it is looked at, the texts that look like a
 * person's, in a new table of one column. */
static int find_personal(struct fleet *f, const char *table, const char *column,
			 const char *sql)
{
	struct fleet_cursor c;
	struct fleet_rows rows;
	int err = fleet_runf(f, "CREATE OR REPLACE TEMP TABLE %s(%s VARCHAR)",
			     table, column);

	if (!err)
		err = fleet_cursor_begin(&c, f, sql);
	if (err)
		return err;
	err = fleet_rows_begin(&rows, f, table);
	while (!err && fleet_cursor_next(&c))
		if (personal_is(fleet_cursor_text(&c, 1))) {
			fleet_rows_text_of(&rows, fleet_cursor_text(&c, 0));
			fleet_rows_next(&rows);
		}
	if (!err)
		err = fleet_rows_end(&rows);
	fleet_cursor_end(&c);
	return err;
}

static int find_all_personal(struct fleet *f)
{
	char sql[512];
	int err;

	snprintf(sql, sizeof(sql), texts_sql, RELEASE_K);
	err = find_personal(f, "personal", "text", sql);
	return err ? err : find_personal(f, "personal_host", "host", hosts_sql);
}

static int copy_to(struct fleet *f, const char *path, const char *query,
		   const char *format)
{
	char *quoted = fleet_quote(path);
	int err = quoted ? fleet_runf(f, "COPY (%s) TO %s (%s)", query, quoted,
				      format)
			 : ERR_NOMEM;

	free(quoted);
	return err;
}

/* What is in the Parquet file already, with its texts made safe: sorted and
 * joined once for both. */
static int csv_query(const struct file *file, const char *parquet,
		     struct buf *out)
{
	char *quoted = fleet_quote(parquet);

	if (!quoted)
		return ERR_NOMEM;
	buf_puts(out, "SELECT *");
	for (size_t i = 0; file->texts[i]; i++)
		buf_printf(out, "%s safe(%s) AS %s", i ? "," : " REPLACE (",
			   file->texts[i], file->texts[i]);
	buf_puts(out, file->texts[0] ? ") FROM " : " FROM ");
	buf_printf(out, "read_parquet(%s, hive_partitioning = false)", quoted);
	free(quoted);
	return buf_check(out);
}

static int put_file(struct fleet *f, struct output *out,
		    const struct file *file)
{
	char name[OUTPUT_NAME_BYTES], path[PATH_MAX];
	struct buf query;
	int err;

	snprintf(name, sizeof(name), "%s.parquet", file->name);
	err = output_place(out, name, path);
	if (!err)
		err = copy_to(f, path, file->query,
			      "FORMAT parquet, COMPRESSION zstd");
	if (err)
		return err;
	buf_init(&query, SHEET_BYTES_MAX);
	err = csv_query(file, path, &query);
	snprintf(name, sizeof(name), "%s.csv", file->name);
	if (!err)
		err = output_place(out, name, path);
	if (!err)
		err = copy_to(f, path, buf_text(&query), "FORMAT csv, HEADER");
	buf_done(&query);
	return err;
}

/* What the data sheet counts. */
static const char counts_sql[] =
	"SELECT * FROM (VALUES"
	" ('users', (SELECT count(*) FROM users)),"
	" ('devices', (SELECT count(*) FROM devices)),"
	" ('devices with a label', (SELECT count(*) FROM new_label"
	"  WHERE category <> '' OR vendor <> '')),"
	" ('of them without any traffic, left out', (SELECT count(*) FROM new_label"
	"  WHERE (category <> '' OR vendor <> '') AND NOT is_monitored)),"
	" ('devices with traffic', (SELECT count(DISTINCT device)"
	"  FROM new_flow)),"
	" ('flows of 5 s', (SELECT count(*) FROM flows)),"
	" ('of them within homes', (SELECT count(*) FROM flows WHERE local)),"
	" ('TLS ClientHellos', (SELECT count(*) FROM hellos)),"
	" ('texts left out as personal', (SELECT count(*) FROM personal)),"
	" ('what became of them, left out', (SELECT count(*)"
	"  FROM personal_label WHERE text NOT IN (FROM personal))),"
	" ('pairs of a vendor and whom it contacted',"
	"  (SELECT count(*) FROM (SELECT DISTINCT coalesce(domain, addr), vendor"
	"  FROM party WHERE coalesce(domain, addr) IS NOT NULL))),"
	" ('of them rare', (SELECT count(*) FROM rare)),"
	" ('flows to the Internet whose contact is withheld as rare',"
	"  (SELECT count(*) FROM flows SEMI JOIN withheld"
	"   USING (device, endpoint))),"
	" ('pairs of a device and an endpoint withheld as rare',"
	"  (SELECT count(*) FROM withheld)),"
	" ('pairs of which only the registered domain is told',"
	"  (SELECT count(*) FROM shortened))) AS counted(what, count)";

static const char span_sql[] =
	"SELECT strftime(make_timestamp(min(first_ms) * 1000), '%Y-%m-%d')"
	" || ' to ' ||"
	" strftime(make_timestamp(max(first_ms) * 1000), '%Y-%m-%d')"
	" AS days FROM new_flow"
	" WHERE is_dated(((\"end\" - 5) // 86400)::INTEGER)";

static void describe(const struct release_options *o, const char *days,
		     const char *source, const char *consent, struct buf *out)
{
	buf_puts(out, "# Data sheet\n\nTraffic of devices in people's homes, "
		      "counted in windows of 5 seconds, with the labels that "
		      "their owners gave them.\n\n");
	buf_printf(out, "- Source: %s\n- Days (UTC): %s\n",
		   source ? source : "not known", days ? days : "none");
	buf_printf(out, "- Consent: %s\n",
		   consent ? consent : "not known; ask who gave you this");
	buf_printf(out, "- Licence: %s\n",
		   o->licence ? o->licence
			      : "none is given here; ask who gave you this");
	buf_puts(out, "- Users and devices have random names of this release "
		      "alone: the key is not kept, and no two releases can be "
		      "joined by them; times, bytes and addresses can.\n");
	if (o->coarsen_minutes)
		buf_printf(
			out,
			"- Times are cut to %u min: how long anything lasted "
			"is not to be had from them.\n",
			o->coarsen_minutes);
	buf_puts(out, "- Texts that look like a person's name are left out.\n");
	buf_printf(
		out,
		"- Rare: contacted by a vendor's devices in fewer than %u "
		"homes, all devices of no known home as one. Such an address, "
		"host and registered domain are each %s.\n",
		o->k,
		o->is_withheld ? "withheld"
			       : "in here: handle it as "
				 "personal data");
	if (o->is_withheld && o->k > 1)
		buf_printf(out,
			   "- **Read again, figures of domains and trackers "
			   "are the least that they can be** where a contact "
			   "is withheld; a report says which, and the most. "
			   "%s\n",
			   o->is_full
				   ? "`--full` without `--k` gives all as "
				     "they are."
				   : "It has no figures of users, replies "
				     "and hardware, and with what is "
				     "withheld none of how many domains a "
				     "device contacted. A release with `--k "
				     "1` withholds no registered domain, one "
				     "with `--full` gives all.");
	buf_printf(out, "- Traffic within homes is %s.\n\n",
		   o->is_full ? "counted, without addresses and names"
			      : "left out");
}

static int write_sheet(struct fleet *f, const struct release_options *o,
		       struct output *out)
{
	char *source = fleet_meta(f, "source"), *held = NULL;
	struct grid days, counts = { 0 };
	struct buf text;
	int err = grid_query(&days, f, span_sql);

	if (!o->consent)
		held = fleet_meta(f, "consent");
	if (!err) {
		err = grid_query(&counts, f, counts_sql);
		if (err)
			grid_done(&days);
	}
	if (!err) {
		buf_init(&text, SHEET_BYTES_MAX);
		describe(o, grid_cell(&days, 0, 0), source,
			 o->consent ? o->consent : held, &text);
		grid_markdown(&counts, "", counts.rows, &text);
		err = output_put(out, "README.md", &text);
		buf_done(&text);
		grid_done(&counts);
		grid_done(&days);
	}
	free(source);
	free(held);
	return err;
}

/* Afterwards the personal labels that had their part in it are gone. */
static int standardise_before(struct fleet *f)
{
	struct label_tables tables;
	char why[LABEL_WHY_BYTES];
	int err = label_tables_open(&tables, NULL, why);

	if (err) {
		snprintf(f->error, sizeof(f->error), "%s", why);
		return err;
	}
	err = report_standardise(f, &tables, true);
	label_tables_close(&tables);
	return err;
}

int release_write(struct fleet *f, const struct release_options *o,
		  struct output *out)
{
	int err = fleet_runf(f,
			     "SET VARIABLE k = %u;"
			     "SET VARIABLE is_withheld = %s;"
			     "SET VARIABLE coarsen_minutes = %u;",
			     o->k, o->is_withheld ? "true" : "false",
			     o->coarsen_minutes);

	if (!err)
		err = basis_monitored(f);
	if (!err)
		err = standardise_before(f);
	if (!err)
		err = rename_everybody(f);
	if (!err)
		err = find_all_personal(f);
	if (!err)
		err = fleet_run(f, sheet_clock_sql);
	if (!err)
		err = fleet_run(f, sheet_words_sql);
	if (!err)
		err = fleet_run(f, sheet_release_sql);
	for (size_t i = 0; i < FILES && !err; i++)
		if (o->is_full || !files[i].is_full)
			err = put_file(f, out, &files[i]);
	if (!err)
		err = write_sheet(f, o, out);
	return err ? err : output_finish(out);
}
