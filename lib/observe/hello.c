// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/hello.h"

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
		if (tls_is_grease(tls_list_u16(r.cipher_suites, i)))
			r.grease_cipher_suites = true;
	}
	while (tls_next_extension(r.extensions, &at, &extension) > 0) {
		if (tls_is_grease(extension.type))
			r.grease_extensions = true;
	}
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
