// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/import/kind.h"

#include "study/import/fingerprint.h"

/* SQL of ours that the program carries (study/embed.py). */
struct slice import_export_sql(void);
struct slice import_sample_sql(void);
struct slice import_release_sql(void);
struct slice import_full_sql(void);

#define NEEDED(name, type)        \
	{                         \
		name, type, false \
	}
#define WISHED(name, type)       \
	{                        \
		name, type, true \
	}
#define CODED(name)                         \
	{                                   \
		name, "VARCHAR", true, true \
	}
#define IGNORED(name)                 \
	{                             \
		name, "VARCHAR", true \
	}
#define END                       \
	{                         \
		NULL, NULL, false \
	}
#define COLUMNS(...)                \
	(const struct raw_column[]) \
	{                           \
		__VA_ARGS__, END    \
	}
#define LAST                                \
	{                                   \
		{ NULL, false, NULL }, NULL \
	}

/* -- a collector's export */

static const struct import_file export_files[] = {
	{ { "accounts", false,
	    COLUMNS(NEEDED("account", "VARCHAR"),
		    WISHED("utc_offset_min", "SMALLINT"), IGNORED("created"),
		    WISHED("consent", "VARCHAR"), IGNORED("client")) },
	  "" },
	{ { "devices", false,
	    COLUMNS(NEEDED("account", "VARCHAR"), NEEDED("device", "VARCHAR"),
		    WISHED("oui", "VARCHAR"), IGNORED("first_seen"),
		    IGNORED("last_seen"), IGNORED("watched")) },
	  "" },
	{ { "labels", true,
	    COLUMNS(NEEDED("account", "VARCHAR"), NEEDED("device", "VARCHAR"),
		    NEEDED("time", "BIGINT"), NEEDED("name", "VARCHAR"),
		    NEEDED("category", "VARCHAR"), NEEDED("vendor", "VARCHAR"),
		    WISHED("source", "VARCHAR")) },
	  "labels" },
	{ { "flows", true,
	    COLUMNS(NEEDED("account", "VARCHAR"), NEEDED("device", "VARCHAR"),
		    WISHED("first_ms", "BIGINT"), NEEDED("end", "INTEGER"),
		    NEEDED("protocol", "UTINYINT"), NEEDED("remote", "VARCHAR"),
		    NEEDED("remote_port", "USMALLINT"),
		    NEEDED("device_port", "USMALLINT"),
		    NEEDED("out_bytes", "BIGINT"),
		    WISHED("out_packets", "BIGINT"),
		    NEEDED("in_bytes", "BIGINT"),
		    WISHED("in_packets", "BIGINT"), IGNORED("opener")) },
	  "flows" },
	{ { "names", true,
	    COLUMNS(NEEDED("account", "VARCHAR"), NEEDED("device", "VARCHAR"),
		    NEEDED("time_ms", "BIGINT"), NEEDED("address", "VARCHAR"),
		    NEEDED("name", "VARCHAR"), NEEDED("source", "VARCHAR"),
		    IGNORED("resolver"), IGNORED("device_port")) },
	  "domains" },
	{ { "hellos", true,
	    COLUMNS(NEEDED("account", "VARCHAR"), NEEDED("device", "VARCHAR"),
		    NEEDED("time_ms", "BIGINT"), IGNORED("transport"),
		    NEEDED("remote", "VARCHAR"),
		    NEEDED("remote_port", "USMALLINT"), IGNORED("device_port"),
		    NEEDED("version", "USMALLINT"),
		    WISHED("supported_versions", "VARCHAR"),
		    NEEDED("cipher_suites", "VARCHAR"),
		    IGNORED("compression_methods"), IGNORED("extensions"),
		    IGNORED("groups"), IGNORED("point_formats"),
		    IGNORED("signature_algorithms"), IGNORED("alpn"),
		    WISHED("sni", "VARCHAR"), IGNORED("ech"),
		    IGNORED("grease_cipher_suites"),
		    IGNORED("grease_extensions"), WISHED("ja3", "VARCHAR"),
		    WISHED("ja4", "VARCHAR")) },
	  "hellos" },
	{ { "clues", true,
	    COLUMNS(NEEDED("account", "VARCHAR"), NEEDED("device", "VARCHAR"),
		    NEEDED("kind", "VARCHAR"), NEEDED("text", "VARCHAR")) },
	  "clues" },
	{ { "views", true,
	    COLUMNS(NEEDED("account", "VARCHAR"), IGNORED("end"),
		    NEEDED("view", "VARCHAR"), NEEDED("seconds", "DOUBLE")) },
	  "views" },
	LAST,
};

/* -- the original's sample files */

static const struct import_file sample_files[] = {
	{ { "devices", false,
	    COLUMNS(NEEDED("device_id", "VARCHAR"),
		    NEEDED("user_key", "VARCHAR"), IGNORED("device_ip"),
		    NEEDED("device_oui", "VARCHAR"),
		    NEEDED("device_name", "VARCHAR"),
		    NEEDED("device_type", "VARCHAR"),
		    NEEDED("device_vendor", "VARCHAR"),
		    NEEDED("netdisco_name", "VARCHAR"), IGNORED("fb_name"),
		    NEEDED("dhcp_hostname", "VARCHAR")) },
	  "" },
	{ { "dns", true,
	    COLUMNS(NEEDED("user_key", "VARCHAR"),
		    NEEDED("device_id", "VARCHAR"), NEEDED("ts", "DOUBLE"),
		    NEEDED("ip", "VARCHAR"), NEEDED("hostname", "VARCHAR"),
		    NEEDED("data_source", "VARCHAR"),
		    NEEDED("device_port", "USMALLINT")) },
	  "" },
	{ { "flows", false,
	    COLUMNS(NEEDED("user_key", "VARCHAR"),
		    NEEDED("device_id", "VARCHAR"), NEEDED("ts", "DOUBLE"),
		    NEEDED("protocol", "VARCHAR"),
		    NEEDED("remote_ip", "VARCHAR"),
		    NEEDED("remote_port", "USMALLINT"),
		    NEEDED("device_port", "USMALLINT"),
		    NEEDED("in_byte_count", "BIGINT"),
		    NEEDED("out_byte_count", "BIGINT"),
		    NEEDED("remote_hostname", "VARCHAR"),
		    IGNORED("remote_reg_domain"), IGNORED("remote_web_xray")) },
	  "" },
	{ { "client_hello", false,
	    COLUMNS(NEEDED("user_key", "VARCHAR"),
		    NEEDED("device_id", "VARCHAR"), NEEDED("ts", "DOUBLE"),
		    NEEDED("device_port", "USMALLINT"),
		    NEEDED("remote_port", "USMALLINT"), IGNORED("device_ip"),
		    NEEDED("remote_ip", "VARCHAR"),
		    NEEDED("version", "USMALLINT"),
		    NEEDED("cipher_suites", "VARCHAR"),
		    IGNORED("compression_methods"), CODED("extension_details"),
		    IGNORED("extension_uses_grease"),
		    IGNORED("cipher_suite_uses_grease"),
		    WISHED("extension_types", "VARCHAR")) },
	  "" },
	LAST,
};

/* -- a release */

static const struct import_file release_files[] = {
	{ { "Device_labels", false,
	    COLUMNS(NEEDED("device_id", "VARCHAR"),
		    NEEDED("category", "VARCHAR"),
		    NEEDED("vendor", "VARCHAR")) },
	  "" },
	{ { "Network_flows", false,
	    COLUMNS(NEEDED("device_id", "VARCHAR"),
		    NEEDED("timestamp", "DOUBLE"),
		    NEEDED("remote_ip", "VARCHAR"),
		    NEEDED("remote_hostname", "VARCHAR"),
		    NEEDED("remote_port", "USMALLINT"),
		    NEEDED("protocol", "VARCHAR"),
		    NEEDED("bytes_sent", "BIGINT"),
		    NEEDED("bytes_received", "BIGINT")) },
	  "" },
	{ { "TLS_client_hello", true,
	    COLUMNS(NEEDED("device_id", "VARCHAR"),
		    NEEDED("timestamp", "DOUBLE"),
		    NEEDED("tls_version", "USMALLINT"),
		    NEEDED("cipher_suites", "VARCHAR"),
		    WISHED("ja3", "VARCHAR"), WISHED("ja4", "VARCHAR")) },
	  "hellos" },
	LAST,
};

/* -- a full release: study/fleet.h's tables */

static const struct import_file full_files[] = {
	{ { "meta", false,
	    COLUMNS(NEEDED("key", "VARCHAR"), NEEDED("value", "VARCHAR")) },
	  "" },
	{ { "users", false,
	    COLUMNS(NEEDED("user", "INTEGER"), NEEDED("account", "VARCHAR"),
		    NEEDED("utc_offset_min", "SMALLINT")) },
	  "" },
	{ { "devices", false,
	    COLUMNS(NEEDED("device", "INTEGER"), NEEDED("id", "VARCHAR"),
		    NEEDED("user", "INTEGER"), NEEDED("oui", "VARCHAR"),
		    WISHED("manufacturer", "VARCHAR")) },
	  "" },
	{ { "labels", false,
	    COLUMNS(NEEDED("device", "INTEGER"), NEEDED("name", "VARCHAR"),
		    NEEDED("category", "VARCHAR"),
		    NEEDED("vendor", "VARCHAR")) },
	  "" },
	{ { "clues", false,
	    COLUMNS(NEEDED("device", "INTEGER"), NEEDED("kind", "VARCHAR"),
		    NEEDED("text", "VARCHAR")) },
	  "" },
	{ { "endpoints", false,
	    COLUMNS(NEEDED("endpoint", "INTEGER"), NEEDED("addr", "VARCHAR"),
		    NEEDED("host", "VARCHAR"), NEEDED("inferred", "BOOLEAN"),
		    IGNORED("domain"), IGNORED("country"),
		    IGNORED("tracker")) },
	  "" },
	{ { "flows", false,
	    COLUMNS(NEEDED("device", "INTEGER"), NEEDED("end", "INTEGER"),
		    NEEDED("first_ms", "BIGINT"), NEEDED("endpoint", "INTEGER"),
		    NEEDED("protocol", "UTINYINT"),
		    NEEDED("remote_port", "USMALLINT"),
		    NEEDED("device_port", "USMALLINT"),
		    NEEDED("in_bytes", "BIGINT"), NEEDED("out_bytes", "BIGINT"),
		    NEEDED("in_packets", "BIGINT"),
		    NEEDED("out_packets", "BIGINT"),
		    NEEDED("local", "BOOLEAN")) },
	  "" },
	{ { "hellos", false,
	    COLUMNS(NEEDED("device", "INTEGER"), NEEDED("time_ms", "BIGINT"),
		    NEEDED("endpoint", "INTEGER"),
		    NEEDED("remote_port", "USMALLINT"),
		    NEEDED("version", "USMALLINT"),
		    NEEDED("cipher_suites", "VARCHAR"),
		    NEEDED("ja3", "VARCHAR"), NEEDED("ja4", "VARCHAR")) },
	  "" },
	{ { "views", false,
	    COLUMNS(NEEDED("user", "INTEGER"), NEEDED("view", "VARCHAR"),
		    NEEDED("seconds", "DOUBLE")) },
	  "" },
	{ { "truth", true,
	    COLUMNS(NEEDED("device", "INTEGER"), NEEDED("name", "VARCHAR"),
		    NEEDED("category", "VARCHAR"), NEEDED("vendor", "VARCHAR"),
		    NEEDED("computer", "BOOLEAN")) },
	  "" },
	{ { "standard", true,
	    COLUMNS(NEEDED("device", "INTEGER"), NEEDED("method", "VARCHAR"),
		    NEEDED("vendor", "VARCHAR"), NEEDED("name", "VARCHAR")) },
	  "" },
	{ { "label_changes", true,
	    COLUMNS(NEEDED("method", "VARCHAR"), NEEDED("kind", "VARCHAR"),
		    NEEDED("vendor", "VARCHAR"), NEEDED("before", "VARCHAR"),
		    NEEDED("after", "VARCHAR"), NEEDED("rule", "VARCHAR"),
		    NEEDED("devices", "INTEGER")) },
	  "" },
	LAST,
};

static const struct import_kind kinds[] = {
	{ "a collector's export", "accounts", "",
	  "SELECT remote FROM raw_flows UNION SELECT remote FROM raw_hellos"
	  " UNION SELECT address FROM raw_names",
	  import_export_sql, export_files, NULL },
	{ "sample files of the original project", "client_hello",
	  "zones, packets, views",
	  "SELECT remote_ip FROM raw_flows UNION"
	  " SELECT remote_ip FROM raw_client_hello",
	  import_sample_sql, sample_files, fingerprint_hellos },
	/* before the release that is in the same folder */
	{ "a full release", "meta", NULL, NULL, import_full_sql, full_files,
	  NULL },
	{ "a release", "Device_labels",
	  "users, names, oui, zones, clues, packets, views",
	  "SELECT DISTINCT remote_ip FROM raw_Network_flows",
	  import_release_sql, release_files, NULL },
};

static const char *const prefixes[] = { "", "sample." };

const struct import_kind *import_kind_of(const char *folder,
					 const char **prefix)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]);
		     p++)
			if (raw_is_there(folder, prefixes[p], kinds[i].sign)) {
				*prefix = prefixes[p];
				return &kinds[i];
			}
	return NULL;
}
