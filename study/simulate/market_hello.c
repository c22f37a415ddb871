// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/simulate/market_hello.h"

#include <string.h>

#include "base/buf.h"
#include "decode/ja.h"

/* As many numbers as a hello of ours ever has. */
#define LIST_MAX       256
#define LIST_BYTES_MAX ((size_t)LIST_MAX * 8)
#define VERSION_TLS12  771

/** The lists as on the wire. */
struct lists {
	struct buf suites, extensions, groups, point_formats, algorithms;
	struct buf versions, alpn;
};

static void put_numbers(struct buf *out, json_t *list, bool bytes)
{
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count; i++) {
		json_int_t value = json_integer_value(json_array_get(list, i));

		if (bytes)
			buf_u8(out, (uint8_t)value);
		else
			buf_u16(out, (uint16_t)value);
	}
}

/* Only their types count for a fingerprint. */
static void put_extensions(struct buf *out, json_t *list)
{
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count; i++) {
		buf_u16(out,
			(uint16_t)json_integer_value(json_array_get(list, i)));
		buf_u16(out, 0);
	}
}

static void put_names(struct buf *out, json_t *list)
{
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_value(json_array_get(list, i));
		size_t len = name ? strlen(name) : 0;

		buf_u8(out, (uint8_t)len);
		buf_append(out, name, len);
	}
}

static int fingerprint(const struct lists *l, struct market_hello *out)
{
	struct tls_client_hello hello = {
		.legacy_version = out->version,
		.cipher_suites = buf_slice(&l->suites),
		.extensions = buf_slice(&l->extensions),
		.groups = buf_slice(&l->groups),
		.point_formats = buf_slice(&l->point_formats),
		.signature_algorithms = buf_slice(&l->algorithms),
		.supported_versions = buf_slice(&l->versions),
		.alpn = buf_slice(&l->alpn),
		.sni = slice_text("a.example"),
	};
	struct crypto *crypto = crypto_new();
	struct buf scratch;
	int err = ERR_NOMEM;

	if (!crypto)
		return err;
	if (hello.legacy_version > VERSION_TLS12)
		hello.legacy_version = VERSION_TLS12;
	buf_init(&scratch, JA_TEXT_MAX_BYTES);
	err = ja3(crypto, &hello, &scratch, out->ja3);
	if (!err)
		err = ja4(crypto, &hello, JA_TCP, &scratch, out->ja4);
	buf_done(&scratch);
	crypto_free(crypto);
	return err;
}

static int join(struct arena *arena, json_t *list, const char **out)
{
	size_t count = json_array_size(list);
	struct buf text;
	int err;

	buf_init(&text, LIST_BYTES_MAX);
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%s%d", i ? "+" : "",
			   (int)json_integer_value(json_array_get(list, i)));
	err = buf_check(&text);
	if (!err) {
		*out = arena_text(arena, buf_slice(&text));
		err = *out ? 0 : ERR_NOMEM;
	}
	buf_done(&text);
	return err;
}

static int keep(struct arena *arena, const struct buf *from, struct slice *out)
{
	if (!from->len)
		return 0; /* absent */
	*out = slice_of(arena_copy(arena, from->data, from->len), from->len);
	return out->data ? 0 : ERR_NOMEM;
}

static int keep_all(struct arena *arena, const struct lists *l,
		    struct market_hello *out)
{
	int err = keep(arena, &l->suites, &out->suites);

	if (!err)
		err = keep(arena, &l->extensions, &out->extensions);
	if (!err)
		err = keep(arena, &l->groups, &out->groups);
	if (!err)
		err = keep(arena, &l->point_formats, &out->point_formats);
	if (!err)
		err = keep(arena, &l->algorithms, &out->signature_algorithms);
	return err ? err : keep(arena, &l->alpn, &out->alpn);
}

int market_hello_read(json_t *json, struct arena *arena,
		      struct market_hello *out)
{
	json_t *suites, *extensions, *groups, *formats, *algorithms, *alpn;
	struct lists l;
	struct buf *all[] = { &l.suites,	&l.extensions, &l.groups,
			      &l.point_formats, &l.algorithms, &l.versions,
			      &l.alpn };
	int version, err = 0;

	if (json_unpack_ex(json, NULL, JSON_STRICT,
			   "{s:i,s:o,s:o,s:o,s:o,s:o,s:o}", "version", &version,
			   "cipher_suites", &suites, "extensions", &extensions,
			   "groups", &groups, "point_formats", &formats,
			   "signature_algorithms", &algorithms, "alpn", &alpn))
		return ERR_MALFORMED;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_init(all[i], LIST_BYTES_MAX);
	out->version = (uint16_t)version;
	put_numbers(&l.suites, suites, false);
	put_extensions(&l.extensions, extensions);
	put_numbers(&l.groups, groups, false);
	put_numbers(&l.point_formats, formats, true);
	put_numbers(&l.algorithms, algorithms, false);
	put_names(&l.alpn, alpn);
	if (version > VERSION_TLS12)
		buf_u16(&l.versions, (uint16_t)version);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && !err; i++)
		err = buf_check(all[i]);
	if (!err)
		err = fingerprint(&l, out);
	if (!err)
		err = join(arena, suites, &out->cipher_suites);
	if (!err)
		err = keep_all(arena, &l, out);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_done(all[i]);
	return err;
}
