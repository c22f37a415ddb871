// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/tls.h"

#include "base/cursor.h"
#include "base/grease.h"

enum {
	RECORD_CHANGE_CIPHER_SPEC = 20,
	RECORD_HANDSHAKE = 22,
	RECORD_HEADER_BYTES = 5,
	RECORD_MAX_BYTES = 16384, /* RFC 8446 5.1 */
	HANDSHAKE_CLIENT_HELLO = 1,
	HANDSHAKE_SERVER_HELLO = 2,
	HANDSHAKE_CERTIFICATE = 11,
	/* our own mark, no type of RFC 8446 4: a hello from SSL 2 framing */
	HANDSHAKE_SSL2_HELLO = 0xff,
	/* version, random, empty session id, one suite, one method */
	HELLO_MIN_BYTES = 2 + 32 + 1 + 2 + 2 + 1 + 1,
	/* the shortest: a draft's, with version, random and suite */
	SERVER_HELLO_MIN_BYTES = 2 + 32 + 2,
	RANDOM_BYTES = 32,
	SESSION_ID_MAX_BYTES = 32,
	/* first byte of a draft of TLS 1.3; up to 21 in legacy_version */
	DRAFT_VERSION = 0x7f,
};

/* Extension types (IANA) whose data is taken apart. */
enum {
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_GROUPS = 10,
	EXTENSION_POINT_FORMATS = 11,
	EXTENSION_SIGNATURE_ALGORITHMS = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_SUPPORTED_VERSIONS = 43,
	EXTENSION_ECH = 0xfe0d,
	EXTENSION_ESNI = 0xffce,
};

int tls_next_extension(struct slice extensions, size_t *at,
		       struct tls_extension *out)
{
	struct cursor c = cursor_slice(extensions);
	struct tls_extension e;

	cursor_seek(&c, *at);
	if (cursor_ok(&c) && !cursor_left(&c))
		return 0;
	e.type = cursor_u16(&c);
	e.data = cursor_take(&c, cursor_u16(&c));
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	*at = cursor_offset(&c);
	*out = e;
	return 1;
}

/* The first host_name of a server_name extension (RFC 6066 3). */
static struct slice host_name(struct slice data)
{
	struct cursor c = cursor_slice(data);
	struct cursor names = cursor_sub(&c, cursor_u16(&c));

	while (cursor_left(&names)) {
		uint8_t type = cursor_u8(&names);
		struct slice name = cursor_take(&names, cursor_u16(&names));

		if (type == 0 && name.len)
			return name;
	}
	return (struct slice){ 0 };
}

/* A list of whole items behind a length of one or two bytes, and no more. */
static struct slice list_of(struct slice data, size_t length_bytes,
			    size_t item_bytes)
{
	struct cursor c = cursor_slice(data);
	size_t len = length_bytes == 1 ? cursor_u8(&c) : cursor_u16(&c);
	struct slice list = cursor_take(&c, len);

	if (!cursor_ok(&c) || cursor_left(&c) || len % item_bytes)
		return (struct slice){ 0 };
	return list;
}

/* The protocol names of RFC 7301 3.1: each whole and not empty. */
static struct slice alpn_names(struct slice data)
{
	struct slice list = list_of(data, 2, 1);
	struct cursor c = cursor_slice(list);

	while (cursor_left(&c)) {
		if (!cursor_take(&c, cursor_u8(&c)).len)
			cursor_fail(&c);
	}
	return cursor_ok(&c) ? list : (struct slice){ 0 };
}

/* The first of each type counts; RFC 8446 4.2 allows no second. */
static void set_once(struct slice *field, struct slice value)
{
	if (!field->data)
		*field = value;
}

static void decode_extensions(struct tls_client_hello *hello)
{
	struct tls_extension e;
	size_t at = 0;

	while (tls_next_extension(hello->extensions, &at, &e) > 0) {
		if (grease_is(e.type))
			hello->grease = true;
		else if (e.type == EXTENSION_ECH || e.type == EXTENSION_ESNI)
			hello->ech = true;
		else if (e.type == EXTENSION_SERVER_NAME)
			set_once(&hello->sni, host_name(e.data));
		else if (e.type == EXTENSION_GROUPS)
			set_once(&hello->groups, list_of(e.data, 2, 2));
		else if (e.type == EXTENSION_POINT_FORMATS)
			set_once(&hello->point_formats, list_of(e.data, 1, 1));
		else if (e.type == EXTENSION_SIGNATURE_ALGORITHMS)
			set_once(&hello->signature_algorithms,
				 list_of(e.data, 2, 2));
		else if (e.type == EXTENSION_ALPN)
			set_once(&hello->alpn, alpn_names(e.data));
		else if (e.type == EXTENSION_SUPPORTED_VERSIONS)
			set_once(&hello->supported_versions,
				 list_of(e.data, 1, 2));
	}
	hello->broken = at != hello->extensions.len;
	hello->extensions.len = at;
}

static bool has_grease(struct slice list)
{
	for (size_t i = 0; i < tls_list_u16_count(list); i++) {
		if (grease_is(tls_list_u16(list, i)))
			return true;
	}
	return false;
}

/* What a hello came in; the value is the first byte of its version. */
enum framing {
	FRAMING_SSL2 = 0,
	FRAMING_TLS = 3,
	FRAMING_DTLS = 0xfe,
};

/*
 * RFC 8446 4.1.2; before TLS 1.2 the extensions may be missing altogether. Of
 * an SSL 2 hello's suites none may be left.
 */
static int decode_hello(struct slice body, enum framing framing,
			struct tls_client_hello *out)
{
	struct cursor c = cursor_slice(body);
	bool ssl2 = framing == FRAMING_SSL2;
	struct tls_client_hello hello = { .ssl2 = ssl2 };

	hello.legacy_version = cursor_u16(&c);
	hello.random = cursor_take(&c, RANDOM_BYTES);
	hello.session_id = cursor_take(&c, cursor_u8(&c));
	if (framing == FRAMING_DTLS)
		(void)cursor_take(&c, cursor_u8(&c)); /* cookie */
	hello.cipher_suites = cursor_take(&c, cursor_u16(&c));
	hello.compression_methods = cursor_take(&c, cursor_u8(&c));
	if (cursor_left(&c))
		hello.extensions = cursor_take(&c, cursor_u16(&c));
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	if (cursor_left(&c) || hello.session_id.len > SESSION_ID_MAX_BYTES ||
	    hello.cipher_suites.len % 2 || !hello.compression_methods.len)
		return ERR_MALFORMED;
	if (!ssl2 && (hello.legacy_version >> 8 != (int)framing ||
		      !hello.cipher_suites.len))
		return ERR_MALFORMED;
	decode_extensions(&hello);
	hello.grease = hello.grease || has_grease(hello.cipher_suites) ||
		       has_grease(hello.supported_versions) ||
		       has_grease(hello.groups) ||
		       has_grease(hello.signature_algorithms);
	*out = hello;
	return 0;
}

int tls_decode_client_hello(struct slice body, struct tls_client_hello *out)
{
	return decode_hello(body, FRAMING_TLS, out);
}

int tls_decode_dtls_client_hello(struct slice body,
				 struct tls_client_hello *out)
{
	return decode_hello(body, FRAMING_DTLS, out);
}

int tls_decode_gathered_hello(struct slice message,
			      struct tls_client_hello *out)
{
	struct cursor c = cursor_slice(message);
	uint8_t type = cursor_u8(&c);
	struct slice body = cursor_take(&c, cursor_u24(&c));

	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	return decode_hello(
		body, type == HANDSHAKE_SSL2_HELLO ? FRAMING_SSL2 : FRAMING_TLS,
		out);
}

/*
 * One record's header of the type that is awaited. ERR_AGAIN when it is cut,
 * but as far as it goes right.
 */
static int record_header(struct cursor *c, uint8_t type, size_t *length)
{
	size_t left = cursor_left(c);
	uint8_t header[RECORD_HEADER_BYTES] = { type, 3 };

	cursor_copy(c, header, left < sizeof(header) ? left : sizeof(header));
	if (header[0] != type || header[1] != 3 || header[2] > 4)
		return ERR_MALFORMED;
	if (left < sizeof(header))
		return ERR_AGAIN;
	*length = (size_t)header[3] << 8 | header[4];
	if (!*length || *length > RECORD_MAX_BYTES)
		return ERR_MALFORMED;
	return 0;
}

/*
 * What the first bytes of a handshake message of that type tell: its whole
 * length, header included, or ERR_AGAIN while they are too few.
 */
static int hello_length(uint8_t type, const uint8_t *p, size_t have,
			size_t *out)
{
	bool server = type == HANDSHAKE_SERVER_HELLO;
	size_t length;

	if (have && p[0] != type)
		return ERR_MALFORMED;
	if (have < TLS_HANDSHAKE_HEADER_BYTES)
		return ERR_AGAIN;
	length = (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (length < (server ? SERVER_HELLO_MIN_BYTES : HELLO_MIN_BYTES))
		return ERR_MALFORMED;
	if (have > TLS_HANDSHAKE_HEADER_BYTES && p[4] != 3 &&
	    !(server && p[4] == DRAFT_VERSION))
		return ERR_MALFORMED;
	if (length > TLS_HELLO_MAX_BYTES - TLS_HANDSHAKE_HEADER_BYTES)
		return ERR_LIMIT;
	*out = TLS_HANDSHAKE_HEADER_BYTES + length;
	return 0;
}

static int gather_records(struct cursor *c, uint8_t type, uint8_t *out,
			  size_t *len)
{
	size_t have = 0, want = 0;

	for (;;) {
		size_t length, left, part;
		int err = record_header(c, RECORD_HANDSHAKE, &length);

		if (err)
			return err;
		left = cursor_left(c);
		part = length < left ? length : left;
		if (part > TLS_HELLO_MAX_BYTES - have)
			part = TLS_HELLO_MAX_BYTES - have;
		cursor_copy(c, out + have, part);
		have += part;
		err = hello_length(type, out, have, &want);
		if (err && err != ERR_AGAIN)
			return err;
		if (!err && have >= want)
			break;
		if (length > left)
			return ERR_AGAIN;
	}
	*len = want;
	return 0;
}

/* The dummy record, whole, which precedes a second hello (RFC 8446 D.4). */
static int skip_change_cipher_spec(struct cursor *c)
{
	size_t length = 0;
	int err = record_header(c, RECORD_CHANGE_CIPHER_SPEC, &length);

	if (err)
		return err;
	if (length != 1)
		return ERR_MALFORMED;
	if (!cursor_left(c))
		return ERR_AGAIN;
	return cursor_u8(c) == 1 ? 0 : ERR_MALFORMED;
}

/* The parts of a hello in SSL 2 framing (RFC 5246 E.2). */
struct ssl2_hello {
	uint16_t version;
	struct slice specs; /* three bytes each */
	struct slice session_id;
	struct slice challenge;
};

static bool is_ssl2_version(uint16_t version)
{
	return version == 0x0002 || (version >= 0x0300 && version <= 0x0304);
}

static int ssl2_decode(struct cursor *c, struct ssl2_hello *out)
{
	uint16_t length = cursor_u16(c) & 0x7fff;
	uint8_t type = cursor_u8(c);
	uint16_t version = cursor_u16(c);
	uint16_t specs = cursor_u16(c), id = cursor_u16(c);
	uint16_t challenge = cursor_u16(c);

	if (!cursor_ok(c))
		return ERR_AGAIN;
	if (type != HANDSHAKE_CLIENT_HELLO || !is_ssl2_version(version) ||
	    !specs || specs % 3 || (id != 0 && id != 16) || challenge < 16 ||
	    challenge > 32 || length != 9 + specs + id + challenge)
		return ERR_MALFORMED;
	out->version = version;
	out->specs = cursor_take(c, specs);
	out->session_id = cursor_take(c, id);
	out->challenge = cursor_take(c, challenge);
	return cursor_ok(c) ? 0 : ERR_AGAIN;
}

static uint8_t *put(uint8_t *at, const void *data, size_t len)
{
	if (len)
		memcpy(at, data, len);
	return at + len;
}

static uint8_t *put_u16(uint8_t *at, size_t v)
{
	*at++ = (uint8_t)(v >> 8);
	*at++ = (uint8_t)v;
	return at;
}

/* The ClientHello that an SSL 2 framed one stands for; never longer than it
 * by more than the fixed parts. */
static int ssl2_rewrite(const struct ssl2_hello *hello, uint8_t *out,
			size_t *len)
{
	uint8_t *at = out + TLS_HANDSHAKE_HEADER_BYTES, *suites;
	size_t body;

	if (hello->specs.len > TLS_HELLO_MAX_BYTES / 2)
		return ERR_LIMIT;
	at = put_u16(at, hello->version);
	memset(at, 0, RANDOM_BYTES);
	at += RANDOM_BYTES - hello->challenge.len;
	at = put(at, hello->challenge.data, hello->challenge.len);
	*at++ = (uint8_t)hello->session_id.len;
	at = put(at, hello->session_id.data, hello->session_id.len);
	suites = at;
	at += 2;
	for (size_t i = 0; i < hello->specs.len; i += 3) {
		/* the others are SSL 2's own and have no number in TLS */
		if (hello->specs.data[i] == 0)
			at = put(at, hello->specs.data + i + 1, 2);
	}
	put_u16(suites, (size_t)(at - suites) - 2);
	*at++ = 1; /* one compression method: */
	*at++ = 0; /* none */
	body = (size_t)(at - out) - TLS_HANDSHAKE_HEADER_BYTES;
	out[0] = HANDSHAKE_SSL2_HELLO;
	out[1] = 0;
	put_u16(out + 2, body);
	*len = (size_t)(at - out);
	return 0;
}

/* ERR_MALFORMED as soon as a byte says that it is not one. */
static int gather_ssl2(struct cursor *c, uint8_t *out, size_t *len)
{
	struct ssl2_hello hello;
	const uint8_t *p = c->at;
	size_t left = cursor_left(c);
	int err;

	if (!(p[0] & 0x80) || (left > 2 && p[2] != HANDSHAKE_CLIENT_HELLO) ||
	    (left > 3 && p[3] != 0 && p[3] != 3) ||
	    (left > 4 && !is_ssl2_version((uint16_t)(p[3] << 8 | p[4]))))
		return ERR_MALFORMED;
	err = ssl2_decode(c, &hello);
	return err ? err : ssl2_rewrite(&hello, out, len);
}

int tls_gather_client_hello(struct slice stream, uint8_t *out, size_t *len,
			    size_t *used)
{
	struct cursor c = cursor_slice(stream);
	int err = 0;

	if (!stream.len)
		return ERR_AGAIN;
	if (stream.data[0] == RECORD_CHANGE_CIPHER_SPEC)
		err = skip_change_cipher_spec(&c);
	if (err)
		return err;
	if (!cursor_left(&c))
		return ERR_AGAIN;
	if (*c.at & 0x80)
		err = gather_ssl2(&c, out, len);
	else
		err = gather_records(&c, HANDSHAKE_CLIENT_HELLO, out, len);
	if (!err)
		*used = cursor_offset(&c);
	return err;
}

int tls_take_client_hello(struct slice stream, struct slice *message)
{
	size_t want;
	int err = hello_length(HANDSHAKE_CLIENT_HELLO, stream.data, stream.len,
			       &want);

	if (err)
		return err;
	if (stream.len < want)
		return ERR_AGAIN;
	*message = slice_of(stream.data, want);
	return 0;
}

/* RFC 8446 4.2.1: the one version that a server chose. */
int tls_take_server_hello(struct slice stream, struct slice *body, size_t *len)
{
	size_t want;
	int err = hello_length(HANDSHAKE_SERVER_HELLO, stream.data, stream.len,
			       &want);

	if (err)
		return err;
	if (stream.len < want)
		return ERR_AGAIN;
	*body = slice_of(stream.data + TLS_HANDSHAKE_HEADER_BYTES,
			 want - TLS_HANDSHAKE_HEADER_BYTES);
	*len = want;
	return 0;
}

static int decode_server_extensions(struct tls_server_hello *hello)
{
	struct tls_extension e;
	size_t at = 0;
	int more;

	while ((more = tls_next_extension(hello->extensions, &at, &e)) > 0) {
		struct cursor c = cursor_slice(e.data);

		if (e.type == EXTENSION_SUPPORTED_VERSIONS && e.data.len == 2)
			hello->version = cursor_u16(&c);
		else if (e.type == EXTENSION_ALPN)
			set_once(&hello->alpn, alpn_names(e.data));
	}
	return more;
}

int tls_decode_server_hello(struct slice body, struct tls_server_hello *out)
{
	/* RFC 8446 4.1.3: SHA-256 of "HelloRetryRequest" */
	static const uint8_t retry[RANDOM_BYTES] = {
		0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
		0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
		0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
		0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
	};
	struct cursor c = cursor_slice(body);
	struct tls_server_hello hello = { 0 };
	struct slice random;
	bool draft;

	hello.legacy_version = cursor_u16(&c);
	hello.version = hello.legacy_version;
	draft = hello.legacy_version >> 8 == DRAFT_VERSION;
	random = cursor_take(&c, RANDOM_BYTES);
	/* those drafts have neither session id nor compression */
	if (!draft && cursor_take(&c, cursor_u8(&c)).len > SESSION_ID_MAX_BYTES)
		return ERR_MALFORMED;
	hello.cipher_suite = cursor_u16(&c);
	if (!draft)
		cursor_skip(&c, 1);
	if (cursor_left(&c))
		hello.extensions = cursor_take(&c, cursor_u16(&c));
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	if (cursor_left(&c) ||
	    (!draft && hello.legacy_version >> 8 != FRAMING_TLS &&
	     hello.legacy_version >> 8 != FRAMING_DTLS) ||
	    decode_server_extensions(&hello))
		return ERR_MALFORMED;
	hello.retry = slice_equal(random, slice_of(retry, sizeof(retry)));
	*out = hello;
	return 0;
}

int tls_gather_server_hello(struct slice stream, uint8_t *out, size_t *len,
			    size_t *used)
{
	struct cursor c = cursor_slice(stream);
	int err = gather_records(&c, HANDSHAKE_SERVER_HELLO, out, len);

	if (!err)
		*used = cursor_offset(&c);
	return err;
}

/* The contents of handshake records, until they end, break off, or anything
 * else comes: then *ended. */
static int gather_flight(struct slice stream, uint8_t *out, size_t *have,
			 bool *ended)
{
	struct cursor c = cursor_slice(stream);

	*have = 0;
	*ended = false;
	while (cursor_left(&c) && *have < TLS_FLIGHT_MAX_BYTES) {
		size_t length, part;
		int err;

		if (*c.at != RECORD_HANDSHAKE) {
			*ended = true;
			return 0;
		}
		err = record_header(&c, RECORD_HANDSHAKE, &length);
		if (err)
			return err == ERR_AGAIN ? 0 : err;
		part = cursor_left(&c) < length ? cursor_left(&c) : length;
		if (part > TLS_FLIGHT_MAX_BYTES - *have)
			part = TLS_FLIGHT_MAX_BYTES - *have;
		cursor_copy(&c, out + *have, part);
		*have += part;
	}
	return 0;
}

/* The first of the list in a Certificate, of which some is there. */
static int first_certificate(struct cursor *c, struct slice *certificate)
{
	uint32_t message = cursor_u24(c), list = cursor_u24(c), length;
	struct slice view;

	/* a server may have none */
	if (cursor_ok(c) && !list)
		return ERR_NOTFOUND;
	length = cursor_u24(c);
	if (!cursor_ok(c))
		return ERR_AGAIN;
	if (!length || list + 3 != message || length + 3 > list)
		return ERR_MALFORMED;
	view = cursor_take(c, length);
	if (!cursor_ok(c))
		return ERR_AGAIN;
	*certificate = view;
	return 0;
}

int tls_gather_certificate(struct slice stream, uint8_t *out,
			   struct slice *certificate)
{
	size_t have;
	bool ended;
	struct cursor c;
	int err = gather_flight(stream, out, &have, &ended);

	if (err)
		return err;
	c = cursor_of(out, have);
	if (cursor_left(&c) && cursor_u8(&c) != HANDSHAKE_SERVER_HELLO)
		return ERR_MALFORMED;
	cursor_skip(&c, cursor_u24(&c));
	if (cursor_left(&c) && cursor_u8(&c) != HANDSHAKE_CERTIFICATE)
		return ERR_NOTFOUND;
	err = cursor_left(&c) ? first_certificate(&c, certificate) : ERR_AGAIN;
	if (err == ERR_AGAIN && ended)
		return ERR_NOTFOUND;
	if (err == ERR_AGAIN && have >= TLS_FLIGHT_MAX_BYTES)
		return ERR_LIMIT;
	return err;
}

uint16_t tls_version_of(uint16_t version)
{
	switch (version) {
	case 0xfeff:
		return 0x0302;
	case 0xfefd:
		return 0x0303;
	case 0xfefc:
		return 0x0304;
	default:
		return version;
	}
}

uint16_t tls_highest_version(const struct tls_client_hello *hello)
{
	struct slice offered = hello->supported_versions;
	bool dtls = hello->legacy_version >> 8 == FRAMING_DTLS;
	uint16_t only = tls_version_of(hello->legacy_version);
	uint16_t highest = 0;

	if (!offered.len)
		return only <= 0x0304 ? only : 0;
	for (size_t i = 0; i < tls_list_u16_count(offered); i++) {
		uint16_t v = tls_list_u16(offered, i);

		if (dtls)
			v = tls_version_of(v);
		if (v >> 8 == 0x7f)
			v = 0x0304;
		if (v <= 0x0304 && v > highest)
			highest = v;
	}
	return highest;
}
