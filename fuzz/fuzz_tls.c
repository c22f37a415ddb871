// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/tls.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_hello(const struct tls_client_hello *hello,
			struct slice input)
{
	struct tls_extension extension;
	size_t at = 0;
	int more;

	must(hello->random.len == 32 && hello->session_id.len <= 32);
	must(tls_highest_version(hello) <= 0x03ff);
	check_view(hello->cipher_suites, input);
	check_view(hello->compression_methods, input);
	check_view(hello->extensions, input);
	check_view(hello->sni, input);
	check_view(hello->supported_versions, input);
	check_view(hello->groups, input);
	check_view(hello->point_formats, input);
	check_view(hello->signature_algorithms, input);
	check_view(hello->alpn, input);
	while ((more = tls_next_extension(hello->extensions, &at, &extension)) >
	       0)
		check_view(extension.data, input);
	must(more == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[TLS_HELLO_MAX_BYTES];
	struct slice input = slice_of(data, size), message;
	struct tls_client_hello hello;
	size_t len, used;
	int err = tls_gather_client_hello(input, out, &len, &used);

	if (err) {
		must(err == ERR_AGAIN || err == ERR_MALFORMED ||
		     err == ERR_LIMIT);
	} else {
		must(used <= size && len <= sizeof(out));
		message = slice_of(out, len);
		if (!tls_decode_gathered_hello(message, &hello))
			check_hello(&hello, message);
	}
	if (!tls_decode_client_hello(input, &hello)) {
		must(!hello.ssl2);
		check_hello(&hello, input);
	}
	return 0;
}
