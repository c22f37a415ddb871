// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/tls.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_body(struct slice body)
{
	struct tls_server_hello hello;

	if (tls_decode_server_hello(body, &hello))
		return;
	check_view(hello.extensions, body);
	check_view(hello.alpn, body);
}

static void check_certificate(struct slice input)
{
	static uint8_t flight[TLS_FLIGHT_MAX_BYTES];
	struct slice certificate;
	int err = tls_gather_certificate(input, flight, &certificate);

	if (!err)
		check_view(certificate, slice_of(flight, sizeof(flight)));
	else
		must(err == ERR_AGAIN || err == ERR_MALFORMED ||
		     err == ERR_LIMIT || err == ERR_NOTFOUND);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[TLS_HELLO_MAX_BYTES];
	struct slice input = slice_of(data, size);
	size_t len, used;
	int err = tls_gather_server_hello(input, out, &len, &used);

	if (err) {
		must(err == ERR_AGAIN || err == ERR_MALFORMED ||
		     err == ERR_LIMIT);
	} else {
		must(used <= size && len <= sizeof(out));
		must(len > TLS_HANDSHAKE_HEADER_BYTES);
		check_body(slice_of(out + TLS_HANDSHAKE_HEADER_BYTES,
				    len - TLS_HANDSHAKE_HEADER_BYTES));
	}
	check_body(input);
	check_certificate(input);
	return 0;
}
