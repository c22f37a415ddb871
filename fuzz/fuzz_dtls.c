// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/dtls.h"
#include "decode/tls.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_body(const struct dtls_fragment *f)
{
	struct tls_client_hello client;
	struct tls_server_hello server;

	if (!tls_decode_dtls_client_hello(f->data, &client)) {
		check_view(client.random, f->data);
		check_view(client.cipher_suites, f->data);
		check_view(client.extensions, f->data);
		check_view(client.sni, f->data);
		must(tls_highest_version(&client) <= 0x0304);
	}
	if (!tls_decode_server_hello(f->data, &server))
		check_view(server.extensions, f->data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct dtls_fragment f;
	struct dtls_walk walk;

	(void)dtls_may_begin(input);
	dtls_walk(&walk, input);
	while (dtls_next(&walk, &f) > 0) {
		check_view(f.data, input);
		must(f.offset + f.data.len <= f.length);
		check_body(&f);
	}
	return 0;
}
