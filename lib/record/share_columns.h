// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_SHARE_COLUMNS_H
#define RECORD_SHARE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The tables and columns of the shareable record (api/record.schema.json), and
 * which of the owner's switches each depends on.
 */

enum share_table {
	SHARE_DEVICE,
	SHARE_FLOW,
	SHARE_QUESTION,
	SHARE_NAME,
	SHARE_HTTP,
	SHARE_HELLO,
	SHARE_CLUE,
	SHARE_LABEL,
	SHARE_VIEW,
	SHARE_TABLES, /* how many there are */
};

/** What can be switched off by itself. */
enum share_field {
	SHARE_FIELD_OUI,
	SHARE_FIELD_PROTOCOL,
	SHARE_FIELD_REMOTE, /* address and port of the other end */
	SHARE_FIELD_DEVICE_PORT,
	SHARE_FIELD_FIRST_PACKET,
	SHARE_FIELD_BYTES,
	SHARE_FIELD_PACKETS,
	SHARE_FIELD_OPENER,
	SHARE_FIELD_QUESTIONS,
	SHARE_FIELD_ANSWERS,
	SHARE_FIELD_RESOLVER,
	SHARE_FIELD_HTTP_HOST,
	SHARE_FIELD_USER_AGENT,
	SHARE_FIELD_CLIENT_HELLO,
	SHARE_FIELD_SERVER_NAME, /* that a hello asks for */
	SHARE_FIELD_DHCP,
	SHARE_FIELD_MDNS,
	SHARE_FIELD_SSDP,
	SHARE_FIELD_UPNP,
	SHARE_FIELD_TUYA,
	SHARE_FIELD_LABELS,
	SHARE_FIELD_INTERACTION,
	SHARE_FIELD_IDENTIFIER, /* one for a device; else another every day */
	SHARE_FIELD_UTC_OFFSET,
	SHARE_FIELD_CLIENT, /* version of the inspector */
	SHARE_FIELDS,	    /* how many there are */
};

/** The switches that there were first: what else there is is on by itself where
 * an owner has set only these. */
#define SHARE_FIRST (SHARE_BIT(IDENTIFIER) - 1)

#define SHARE_BIT(field) (UINT32_C(1) << SHARE_FIELD_##field)
#define SHARE_ALL	 ((UINT32_C(1) << SHARE_FIELDS) - 1)
/** Until the owner says otherwise: interaction only when asked for. */
#define SHARE_DEFAULT (SHARE_ALL & ~SHARE_BIT(INTERACTION))

#define SHARE_COLUMNS_MAX 21

struct share_column {
	const char *name;
	/** Any of these switches brings it; 0: it comes with its table. */
	uint32_t fields;
};

struct share_table_columns {
	const char *name;
	/** Any of these brings the table; 0: it always comes. */
	uint32_t fields;
	size_t count;
	struct share_column columns[SHARE_COLUMNS_MAX];
};

extern const struct share_table_columns share_tables[SHARE_TABLES];

/** As in the API, e.g. "http_host". */
const char *share_field_name(enum share_field field);

/** Whether the table, or a column of it, comes with these switches on. */
bool share_has_table(enum share_table table, uint32_t fields);
bool share_has_column(enum share_table table, size_t column, uint32_t fields);

#endif
