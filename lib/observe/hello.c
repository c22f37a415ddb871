// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/hello.h"

#include "base/grease.h"
#include "decode/ja.h"
#include "observe/name.h"

static struct record_hello hello_record(const struct context *c,
					const struct tls_client_hello *hello,
					enum record_transport transport)
{
	return (struct record_hello){
		.time_ns = c->time_ns,
		.transport = transport,
		.device = c->packet->src,
		.remote = c->packet->dst,
		.device_port = c->packet->sport,
		.remote_port = c->packet->dport,
		.legacy_version = hello->legacy_version,
		.highest_version = tls_highest_version(hello),
		.ech = hello->ech,
		.sni = hello->sni,
		.cipher_suites = hello->cipher_suites,
		.compression_methods = hello->compression_methods,
		.extensions = hello->extensions,
		.supported_versions = hello->supported_versions,
		.groups = hello->groups,
		.point_formats = hello->point_formats,
		.signature_algorithms = hello->signature_algorithms,
		.alpn = hello->alpn,
	};
}

/* What memory lacks for stays empty. */
static void fingerprint(const struct context *c,
			const struct tls_client_hello *hello,
			struct record_hello *r)
{
	static const enum ja_transport transports[] = {
		[RECORD_TRANSPORT_TCP] = JA_TCP,
		[RECORD_TRANSPORT_QUIC] = JA_QUIC,
		[RECORD_TRANSPORT_DTLS] = JA_DTLS,
	};

	if (ja3(c->crypto, hello, c->scratch, r->ja3) ||
	    ja4(c->crypto, hello, transports[r->transport], c->scratch,
		r->ja4)) {
		r->ja3[0] = 0;
		r->ja4[0] = 0;
	}
}

static void keep_hello(const struct context *c, struct device *device,
		       const struct tls_client_hello *hello,
		       enum record_transport transport)
{
	struct record_hello r = hello_record(c, hello, transport);
	struct slice *const texts[] = {
		&r.sni,
		&r.cipher_suites,
		&r.compression_methods,
		&r.extensions,
		&r.supported_versions,
		&r.groups,
		&r.point_formats,
		&r.signature_algorithms,
		&r.alpn,
	};
	struct tls_extension extension;
	size_t at = 0;

	if (window_is_full(c->window, device, WINDOW_HELLOS))
		return;
	for (size_t i = 0; i < tls_list_u16_count(r.cipher_suites); i++) {
		if (grease_is(tls_list_u16(r.cipher_suites, i)))
			r.grease_cipher_suites = true;
	}
	while (tls_next_extension(r.extensions, &at, &extension) > 0) {
		if (grease_is(extension.type))
			r.grease_extensions = true;
	}
	fingerprint(c, hello, &r);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!window_copy(c->window, *texts[i], texts[i])) {
			window_refuse(c->window, WINDOW_HELLOS);
			return;
		}
	}
	window_add(c->window, device, WINDOW_HELLOS, &r);
}

void hello_tell(const struct context *c, struct device *device,
		const struct tls_client_hello *hello,
		const struct hello_origin *origin)
{
	struct fact fact = { .kind = FACT_CLIENT_HELLO,
			     .transport = origin->transport,
			     .quic_version = origin->quic_version,
			     .segments = origin->segments,
			     .hello = hello };

	context_fact(c, &fact);
	if (!device)
		return;
	keep_hello(c, device, hello, origin->transport);
	name_spoken(c, device, hello->sni, RECORD_NAME_SNI, &c->packet->dst,
		    c->packet->sport);
}

static void keep_server(const struct context *c, struct device *device,
			const struct tls_server_hello *hello,
			enum record_transport transport)
{
	struct record_server r = {
		.time_ns = c->time_ns,
		.transport = transport,
		.device = c->packet->dst,
		.remote = c->packet->src,
		.device_port = c->packet->dport,
		.remote_port = c->packet->sport,
		.version = hello->version,
		.cipher_suite = hello->cipher_suite,
	};

	/* the hello that it asks for is answered by another */
	if (hello->retry || window_is_full(c->window, device, WINDOW_SERVERS))
		return;
	if (ja3s(c->crypto, hello, c->scratch, r.ja3s))
		r.ja3s[0] = 0;
	window_add(c->window, device, WINDOW_SERVERS, &r);
}

void hello_answer(const struct context *c, struct device *device,
		  const struct tls_server_hello *hello, uint32_t segments)
{
	struct fact fact = { .kind = FACT_SERVER_HELLO,
			     .transport = RECORD_TRANSPORT_TCP,
			     .segments = segments,
			     .server_hello = hello };

	context_fact(c, &fact);
	if (device)
		keep_server(c, device, hello, RECORD_TRANSPORT_TCP);
}
