// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/shape.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The largest integer that every JSON reader gives exactly (RFC 8259 6). */
#define NUMBER_MAX 9007199254740991

/* maxLength of the schema counts characters, of up to four bytes. */
#define TEXT_BYTES_MAX	(4 * 1024)
#define LIST_BYTES_MAX	8192
#define TOKEN_BYTES_MAX 32
#define SECONDS_MAX	86400

static const char *const sources[] = { "dns", "sni", "http-host", NULL };
static const char *const transports[] = { "tcp", "quic", "dtls", NULL };
static const char *const label_sources[] = { "typed", "confirmed", "rejected",
					     NULL };
static const char *const clues[] = {
	"dhcp_hostname",     "dhcp_vendor_class",
	"dhcp_parameters",   "dhcp6_vendor_class",
	"dhcp6_options",     "mdns_service",
	"mdns_txt",	     "ssdp_server",
	"ssdp_type",	     "user_agent",
	"tuya_product",	     "upnp_friendly_name",
	"upnp_manufacturer", "upnp_model",
	"upnp_model_number", NULL,
};

#define ROW	     SHAPE_ROW, false, 511
#define TIME	     SHAPE_TIME, false, NUMBER_MAX
#define FLAG	     SHAPE_NUMBER, false, 1
#define U16	     SHAPE_NUMBER, false, 65535
#define BYTES	     SHAPE_NUMBER, false, NUMBER_MAX
#define REMOTE	     SHAPE_REMOTE, false, 45
#define REMOTE_NULL  SHAPE_REMOTE, true, 45
#define TEXT	     SHAPE_TEXT, false, TEXT_BYTES_MAX
#define TEXT_NULL    SHAPE_TEXT, true, TEXT_BYTES_MAX
#define LIST	     SHAPE_LIST, true, LIST_BYTES_MAX
#define WORD(values) SHAPE_WORD, false, 0, values

static const struct shape_column device_columns[] = {
	{ "id", SHAPE_HEX, false, 16 },
	{ "oui", SHAPE_HEX, true, 3 },
	{ "watched", FLAG },
};

static const struct shape_column flow_columns[] = {
	{ "device", ROW },
	{ "protocol", SHAPE_NUMBER, false, 255 },
	{ "remote", REMOTE },
	{ "remote_port", U16 },
	{ "device_port", U16 },
	{ "first_ms", TIME },
	{ "out_bytes", BYTES },
	{ "out_packets", BYTES },
	{ "in_bytes", BYTES },
	{ "in_packets", BYTES },
	{ "opener", SHAPE_NUMBER, false, 2 },
};

static const struct shape_column question_columns[] = {
	{ "device", ROW }, { "time_ms", TIME },		{ "name", TEXT },
	{ "type", U16 },   { "resolver", REMOTE_NULL },
};

static const struct shape_column name_columns[] = {
	{ "device", ROW },	     { "time_ms", TIME },
	{ "address", REMOTE },	     { "name", TEXT },
	{ "source", WORD(sources) }, { "resolver", REMOTE_NULL },
	{ "device_port", U16 },
};

static const struct shape_column http_columns[] = {
	{ "device", ROW },     { "time_ms", TIME },
	{ "remote", REMOTE },  { "remote_port", U16 },
	{ "host", TEXT_NULL }, { "user_agent", TEXT_NULL },
};

static const struct shape_column hello_columns[] = {
	{ "device", ROW },
	{ "time_ms", TIME },
	{ "transport", WORD(transports) },
	{ "remote", REMOTE },
	{ "remote_port", U16 },
	{ "device_port", U16 },
	{ "version", U16 },
	{ "supported_versions", LIST },
	{ "cipher_suites", LIST },
	{ "compression_methods", LIST },
	{ "extensions", LIST },
	{ "groups", LIST },
	{ "point_formats", LIST },
	{ "signature_algorithms", LIST },
	{ "alpn", TEXT_NULL },
	{ "sni", TEXT_NULL },
	{ "ech", FLAG },
	{ "grease_cipher_suites", FLAG },
	{ "grease_extensions", FLAG },
	{ "ja3", SHAPE_TEXT, true, 32 },
	{ "ja4", SHAPE_TEXT, true, 40 },
};

static const struct shape_column clue_columns[] = {
	{ "device", ROW },
	{ "kind", WORD(clues) },
	{ "text", TEXT },
};

static const struct shape_column label_columns[] = {
	{ "device", ROW },
	{ "name", TEXT_NULL },
	{ "category", TEXT_NULL },
	{ "vendor", TEXT_NULL },
	{ "source", WORD(label_sources) },
};

static const struct shape_column view_columns[] = {
	{ "view", SHAPE_TOKEN, false, TOKEN_BYTES_MAX },
	{ "seconds", SHAPE_SECONDS, false, SECONDS_MAX },
};

#define SHAPE(table)                                            \
	{                                                       \
#table, table##_columns, COUNT(table##_columns) \
	}

const struct shape shapes[SHAPE_TABLES] = {
	[SHAPE_DEVICE] = SHAPE(device),	    [SHAPE_FLOW] = SHAPE(flow),
	[SHAPE_QUESTION] = SHAPE(question), [SHAPE_NAME] = SHAPE(name),
	[SHAPE_HTTP] = SHAPE(http),	    [SHAPE_HELLO] = SHAPE(hello),
	[SHAPE_CLUE] = SHAPE(clue),	    [SHAPE_LABEL] = SHAPE(label),
	[SHAPE_VIEW] = SHAPE(view),
};

_Static_assert(COUNT(hello_columns) == SHAPE_COLUMNS_MAX,
	       "no table has more columns than hellos");

int shape_find_table(struct slice name)
{
	for (int i = 0; i < SHAPE_TABLES; i++)
		if (slice_equal(name, slice_text(shapes[i].name)))
			return i;
	return -1;
}

int shape_find_column(enum shape_table table, struct slice name)
{
	const struct shape *shape = &shapes[table];

	for (unsigned i = 0; i < shape->column_count; i++)
		if (slice_equal(name, slice_text(shape->columns[i].name)))
			return (int)i;
	return -1;
}
