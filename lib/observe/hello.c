// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/hello.h"

#include "base/cursor.h"
#include "base/grease.h"
#include "decode/certificate.h"
#include "decode/ja.h"
#include "know/resolver.h"
#include "observe/name.h"
#include "observe/service.h"

enum {
	PORT_DOT = 853, /* RFC 7858, RFC 9250 */
	SERVER_NAME_MAX = 255,
};

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

	/* of what others refuse to read they have no JA3 either */
	if ((!hello->broken && ja3(c->crypto, hello, c->scratch, r->ja3)) ||
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

static bool offers(const struct tls_client_hello *hello, const char *protocol)
{
	struct cursor names = cursor_slice(hello->alpn);

	while (cursor_left(&names)) {
		if (slice_equal(cursor_take(&names, cursor_u8(&names)),
				slice_text(protocol)))
			return true;
	}
	return false;
}

/* A public resolver by the name asked for, else by its address. */
static const struct resolver *resolver_of(const struct context *c,
					  struct slice sni)
{
	uint8_t name[SERVER_NAME_MAX];

	if (!sni.len || sni.len > sizeof(name))
		return resolver_by_addr(&c->packet->dst);
	for (size_t i = 0; i < sni.len; i++)
		name[i] = sni.data[i] >= 'A' && sni.data[i] <= 'Z'
				  ? (uint8_t)(sni.data[i] + 32)
				  : sni.data[i];
	return resolver_by_host(slice_of(name, sni.len));
}

/* What changed to TLS; of a greeting alone that more than one says, nothing. */
static struct slice changed_from(uint8_t talks)
{
	static const char *const texts[COMMAND_TALKS] = {
		[COMMAND_FTP] = "after FTP",   [COMMAND_SMTP] = "after SMTP",
		[COMMAND_POP3] = "after POP3", [COMMAND_IMAP] = "after IMAP",
		[COMMAND_XMPP] = "after XMPP", [COMMAND_LDAP] = "after LDAP",
		[COMMAND_AMQP] = "after AMQP",
	};
	enum command_talk talk;

	return command_single(talks, &talk) ? slice_text(texts[talk])
					    : slice_of(NULL, 0);
}

/* What is said over TLS or QUIC, as far as a hello tells. */
static void tell_service(const struct context *c, struct flow *flow,
			 const struct tls_client_hello *hello,
			 const struct hello_origin *origin)
{
	const struct resolver *resolver = resolver_of(c, hello->sni);
	bool quic = origin->transport == RECORD_TRANSPORT_QUIC;
	bool dot_port = c->packet->dport == PORT_DOT;
	char version[QUIC_VERSION_TEXT_BYTES];
	struct service service = { .application = RECORD_APPLICATION_TLS };

	if (origin->transport == RECORD_TRANSPORT_TCP)
		service.detail = changed_from(flow->talks);
	if (quic) {
		service.application = RECORD_APPLICATION_QUIC;
		service.detail = slice_text(
			quic_version_text(origin->quic_version, version));
	}
	if (origin->transport == RECORD_TRANSPORT_DTLS)
		service.detail = slice_text("DTLS");
	if (dot_port || offers(hello, quic ? "doq" : "dot"))
		service.application =
			quic ? RECORD_APPLICATION_DOQ : RECORD_APPLICATION_DOT;
	else if (resolver && resolver->ways & RESOLVER_DOH)
		service.application = RECORD_APPLICATION_DOH;
	else
		resolver = NULL;
	if (resolver)
		service.detail = slice_text(resolver->name);
	service_tell(c, flow, &service);
}

void hello_tell(const struct context *c, struct flow *flow, int side,
		const struct tls_client_hello *hello,
		const struct hello_origin *origin)
{
	struct device *device = flow->device[side];
	struct fact fact = { .kind = FACT_CLIENT_HELLO,
			     .transport = origin->transport,
			     .quic_version = origin->quic_version,
			     .segments = origin->segments,
			     .hello = hello };

	context_fact(c, &fact);
	if (hello->broken)
		c->counters->malformed++;
	tell_service(c, flow, hello, origin);
	if (!device)
		return;
	keep_hello(c, device, hello, origin->transport);
	name_spoken(c, device, hello->sni, RECORD_NAME_SNI, &c->packet->dst,
		    c->packet->sport);
}

uint32_t hello_mark(const struct tls_client_hello *hello, int side)
{
	struct cursor random = cursor_slice(hello->random);

	return (cursor_u32(&random) & ~UINT32_C(3)) | 2 | (uint32_t)side;
}

static struct record_server server_record(const struct context *c,
					  const struct tls_server_hello *hello,
					  enum record_transport transport)
{
	return (struct record_server){
		.time_ns = c->time_ns,
		.transport = transport,
		.device = c->packet->dst,
		.remote = c->packet->src,
		.device_port = c->packet->dport,
		.remote_port = c->packet->sport,
		.version = tls_version_of(hello->version),
		.cipher_suite = hello->cipher_suite,
	};
}

static void keep_server(const struct context *c, struct device *device,
			const struct tls_server_hello *hello,
			enum record_transport transport, struct slice subject)
{
	struct record_server r = server_record(c, hello, transport);

	if (window_is_full(c->window, device, WINDOW_SERVERS))
		return;
	if (ja3s(c->crypto, hello, c->scratch, r.ja3s))
		r.ja3s[0] = 0;
	r.subject = subject;
	window_add(c->window, device, WINDOW_SERVERS, &r);
}

void hello_answer(const struct context *c, struct device *device,
		  const struct tls_server_hello *hello,
		  const struct hello_origin *origin)
{
	struct fact fact = { .kind = FACT_SERVER_HELLO,
			     .transport = origin->transport,
			     .quic_version = origin->quic_version,
			     .segments = origin->segments,
			     .server_hello = hello };

	context_fact(c, &fact);
	/* the hello that it asks for is answered by another */
	if (device && !hello->retry)
		keep_server(c, device, hello, origin->transport,
			    slice_of(NULL, 0));
}

void hello_certificate(const struct context *c, struct device *device,
		       const struct tls_server_hello *hello,
		       struct slice certificate)
{
	struct record_server like =
		server_record(c, hello, RECORD_TRANSPORT_TCP);
	struct record_server *told = window_find_server(device, &like);
	struct slice subject;
	struct buf text;
	int err;

	buf_init(&text, HELLO_SUBJECT_MAX);
	err = certificate_subject(certificate, &text);
	if (err == ERR_LIMIT)
		c->counters->texts_cut++;
	else if (err == ERR_MALFORMED)
		c->counters->malformed++;
	if (err || !text.len)
		goto out;
	if (!window_copy(c->window, buf_slice(&text), &subject)) {
		window_refuse(c->window, WINDOW_SERVERS);
		goto out;
	}
	/* a window may have ended between the two */
	if (told)
		told->subject = subject;
	else
		keep_server(c, device, hello, RECORD_TRANSPORT_TCP, subject);
out:
	buf_done(&text);
}
