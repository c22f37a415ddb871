// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/import/fingerprint.h"

#include <stdio.h>

#include "base/grease.h"
#include "decode/ja.h"
#include "study/fleet_rows.h"

#define RANDOM_BYTES 32

enum {
	EXTENSION_GROUPS = 10,
	EXTENSION_POINT_FORMATS = 11,
	EXTENSION_SIGNATURE_ALGORITHMS = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_SUPPORTED_VERSIONS = 43,
	EXTENSION_QUIC = 57,
	EXTENSION_QUIC_DRAFT = 0xffa5,
};

/* Rows that are in memory at a time: some 64 MB, for a hello with its
 * extensions in base64 has a kilobyte. */
#define HELLOS_AT_ONCE 65536

/* A port may have been both's: then it says nothing. */
static const char prepare_sql[] =
	"CREATE OR REPLACE TEMP TABLE fingerprint(hello BIGINT,"
	" version USMALLINT, ja3 VARCHAR, ja4 VARCHAR);"
	"CREATE OR REPLACE TEMP TABLE carried AS"
	" SELECT user_key, device_id, remote_ip, remote_port, device_port,"
	"  bool_and(protocol_of(protocol) = 17) AS udp"
	" FROM raw_flows SEMI JOIN raw_client_hello"
	"  USING (user_key, device_id, remote_ip, remote_port, device_port)"
	" GROUP BY ALL";

/* A file of which no row has types does not have them. With TRY around
 * from_base64() the engine (1.4.4) makes the column itself NULL where it fails,
 * for the rest of the query too. */
static const char hellos_sql[] =
	"SELECT r.rowid, r.version, r.cipher_suites, r.extension_types,"
	"  CASE WHEN length(r.extension_details) %% 4 = 0 AND"
	"   regexp_full_match(r.extension_details, '[A-Za-z0-9+/]*={0,2}')"
	"   THEN from_base64(r.extension_details) END,"
	"  coalesce(r.extension_details, '') = '', coalesce(udp, false),"
	"  EXISTS (FROM raw_client_hello WHERE extension_types <> '')"
	" FROM raw_client_hello r LEFT JOIN carried"
	"  USING (user_key, device_id, remote_ip, remote_port, device_port)"
	" WHERE r.rowid >= %lld AND r.rowid < %lld";

enum {
	COLUMN_HELLO,
	COLUMN_VERSION,
	COLUMN_SUITES,
	COLUMN_TYPES,
	COLUMN_EXTENSIONS,
	COLUMN_IS_BARE,
	COLUMN_IS_UDP,
	COLUMN_HAS_TYPES,
};

struct work {
	struct crypto *crypto;
	struct buf suites, types, extensions, hello, scratch;
	uint64_t rows, without_ja3, without_ja4;
};

/* What is known of one row; an empty text: not that. */
struct fingerprint {
	uint16_t version; /* 0: not that */
	char ja3[JA3_TEXT_BYTES], ja4[JA4_TEXT_BYTES];
};

/* Numbers joined by '+', as on the wire. */
static int put_numbers(struct buf *out, struct slice text)
{
	size_t at = 0;

	buf_clear(out);
	while (at < text.len) {
		size_t begun = at;
		unsigned v = 0;

		for (; at < text.len && v <= UINT16_MAX &&
		       text.data[at] >= '0' && text.data[at] <= '9';
		     at++)
			v = v * 10 + (unsigned)(text.data[at] - '0');
		if (at == begun || v > UINT16_MAX)
			return ERR_MALFORMED;
		buf_u16(out, (uint16_t)v);
		if (at < text.len && (text.data[at++] != '+' || at == text.len))
			return ERR_MALFORMED;
	}
	return buf_check(out);
}

static bool has_type(const struct work *w, uint16_t type)
{
	struct slice types = buf_slice(&w->types);

	for (size_t i = 0; i < tls_list_u16_count(types); i++)
		if (tls_list_u16(types, i) == type)
			return true;
	return false;
}

/* The next type that is no GREASE, which not all list. *at is SIZE_MAX when
 * there is none. */
static uint16_t next_type(struct slice types, size_t *at)
{
	while (*at < tls_list_u16_count(types)) {
		uint16_t type = tls_list_u16(types, (*at)++);

		if (!grease_is(type))
			return type;
	}
	*at = SIZE_MAX;
	return 0;
}

static bool is_of_types(struct slice extensions, struct slice types)
{
	struct tls_extension e;
	size_t at = 0, number = 0;

	while (tls_next_extension(extensions, &at, &e) > 0)
		if (!grease_is(e.type) &&
		    (next_type(types, &number) != e.type || number == SIZE_MAX))
			return false;
	(void)next_type(types, &number);
	return at == extensions.len && number == SIZE_MAX;
}

/* As they were sent. */
static int put_details(struct work *w, struct slice details)
{
	struct tls_extension e;
	size_t at = 0;

	if (!w->types.len)
		while (tls_next_extension(details, &at, &e) > 0)
			buf_u16(&w->types, e.type);
	if (!is_of_types(details, buf_slice(&w->types)))
		return ERR_MALFORMED;
	buf_append(&w->extensions, details.data, details.len);
	return 0;
}

static int put_extensions(struct work *w, const struct fleet_cursor *c)
{
	struct slice types = buf_slice(&w->types);
	int err = 0;

	buf_clear(&w->extensions);
	if (!fleet_cursor_int(c, COLUMN_IS_BARE))
		err = fleet_cursor_null(c, COLUMN_EXTENSIONS)
			      ? ERR_MALFORMED
			      : put_details(w, fleet_cursor_text(
						       c, COLUMN_EXTENSIONS));
	else if (!fleet_cursor_int(c, COLUMN_HAS_TYPES))
		err = ERR_MALFORMED;
	else
		for (size_t i = 0; i < tls_list_u16_count(types); i++) {
			buf_u16(&w->extensions, tls_list_u16(types, i));
			buf_u16(&w->extensions, 0);
		}
	return err ? err : buf_check(&w->extensions);
}

static int put_hello(struct work *w, uint16_t version)
{
	static const uint8_t random[RANDOM_BYTES];
	struct buf *out = &w->hello;

	buf_clear(out);
	buf_u16(out, version);
	buf_append(out, random, sizeof(random));
	buf_u8(out, 0); /* no session */
	buf_u16(out, (uint16_t)w->suites.len);
	buf_append(out, w->suites.data, w->suites.len);
	buf_u8(out, 1); /* compression: none */
	buf_u8(out, 0);
	if (w->extensions.len) {
		buf_u16(out, (uint16_t)w->extensions.len);
		buf_append(out, w->extensions.data, w->extensions.len);
	}
	return buf_check(out);
}

/* The row as a hello, whose bytes are w's. ERR_MALFORMED, ERR_TRUNCATED,
 * ERR_LIMIT: it is none. */
static int read_hello(struct work *w, const struct fleet_cursor *c,
		      struct tls_client_hello *out)
{
	uint16_t version = (uint16_t)fleet_cursor_int(c, COLUMN_VERSION);
	int err = put_numbers(&w->suites, fleet_cursor_text(c, COLUMN_SUITES));

	if (!err)
		err = put_numbers(&w->types,
				  fleet_cursor_text(c, COLUMN_TYPES));
	if (!err)
		err = put_extensions(w, c);
	if (err)
		return err;
	if (has_type(w, EXTENSION_SUPPORTED_VERSIONS) && version > TLS_1_2)
		version = TLS_1_2;
	err = put_hello(w, version);
	return err ? err : tls_decode_client_hello(buf_slice(&w->hello), out);
}

static int take_fingerprint(struct work *w, const struct fleet_cursor *c,
			    struct fingerprint *out)
{
	bool is_bare = fleet_cursor_int(c, COLUMN_IS_BARE), is_quic;
	struct tls_client_hello hello;
	int err = read_hello(w, c, &hello);

	*out = (struct fingerprint){ 0 };
	if (err == ERR_NOMEM)
		return err;
	is_quic = has_type(w, EXTENSION_QUIC) ||
		  has_type(w, EXTENSION_QUIC_DRAFT);
	if (err || (fleet_cursor_int(c, COLUMN_IS_UDP) && !is_quic))
		return 0;
	if (!is_bare || !has_type(w, EXTENSION_SUPPORTED_VERSIONS))
		out->version = tls_highest_version(&hello);
	if (!is_bare || (!has_type(w, EXTENSION_GROUPS) &&
			 !has_type(w, EXTENSION_POINT_FORMATS)))
		err = ja3(w->crypto, &hello, &w->scratch, out->ja3);
	if (!err &&
	    (!is_bare || (!has_type(w, EXTENSION_SUPPORTED_VERSIONS) &&
			  !has_type(w, EXTENSION_ALPN) &&
			  !has_type(w, EXTENSION_SIGNATURE_ALGORITHMS))))
		err = ja4(w->crypto, &hello, is_quic ? JA_QUIC : JA_TCP,
			  &w->scratch, out->ja4);
	return err;
}

static void put_row(struct fleet_rows *rows, int64_t hello,
		    const struct fingerprint *p)
{
	fleet_rows_int(rows, hello);
	if (p->version)
		fleet_rows_int(rows, p->version);
	else
		fleet_rows_null(rows);
	fleet_rows_text(rows, p->ja3[0] ? p->ja3 : NULL);
	fleet_rows_text(rows, p->ja4[0] ? p->ja4 : NULL);
	fleet_rows_next(rows);
}

static int take_some(struct work *w, struct fleet *f, struct fleet_rows *rows,
		     int64_t from)
{
	struct fingerprint p;
	struct fleet_cursor c;
	char sql[sizeof(hellos_sql) + 64];
	int err;

	snprintf(sql, sizeof(sql), hellos_sql, (long long)from,
		 (long long)from + HELLOS_AT_ONCE);
	err = fleet_cursor_begin(&c, f, sql);
	if (err)
		return err;
	while (!err && fleet_cursor_next(&c)) {
		err = take_fingerprint(w, &c, &p);
		put_row(rows, fleet_cursor_int(&c, COLUMN_HELLO), &p);
		w->rows++;
		w->without_ja3 += !p.ja3[0];
		w->without_ja4 += !p.ja4[0];
	}
	fleet_cursor_end(&c);
	return err;
}

static int take_all(struct work *w, struct fleet *f)
{
	struct fleet_rows rows;
	int64_t end;
	int ended, err = fleet_run(f, prepare_sql);

	if (!err)
		err = fleet_number(f,
				   "SELECT coalesce(max(rowid), -1) + 1"
				   " FROM raw_client_hello",
				   &end);
	if (!err)
		err = fleet_rows_begin(&rows, f, "fingerprint");
	if (err)
		return err;
	for (int64_t from = 0; from < end && !err; from += HELLOS_AT_ONCE)
		err = take_some(w, f, &rows, from);
	ended = fleet_rows_end(&rows);
	return err ? err : ended;
}

static int tell(const struct work *w, struct fleet *f, struct raw_log *log)
{
	char text[160];
	int err = 0;

	if (!w->without_ja3 && !w->without_ja4)
		return 0;
	snprintf(text, sizeof(text),
		 "of %llu hellos %llu have no JA3 and %llu no JA4: their"
		 " columns do not give one",
		 (unsigned long long)w->rows,
		 (unsigned long long)w->without_ja3,
		 (unsigned long long)w->without_ja4);
	raw_tell(log, "client_hello: %s", text);
	if (w->without_ja4 == w->rows)
		err = fleet_run(f, "INSERT INTO also_lacks"
				   " VALUES ('fingerprints')");
	return err ? err : fleet_meta_set(f, "fingerprints", text);
}

int fingerprint_hellos(struct fleet *f, struct raw_log *log)
{
	struct work w = { .crypto = crypto_new() };
	struct buf *bufs[] = { &w.suites, &w.types, &w.extensions, &w.hello };
	int err = w.crypto ? 0 : ERR_NOMEM;

	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_init(bufs[i], TLS_HELLO_MAX_BYTES);
	buf_init(&w.scratch, JA_TEXT_MAX_BYTES);
	if (!err)
		err = take_all(&w, f);
	if (!err)
		err = tell(&w, f, log);
	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_done(bufs[i]);
	buf_done(&w.scratch);
	crypto_free(w.crypto);
	return err;
}
