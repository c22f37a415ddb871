// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ja.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_raw(const struct tls_client_hello *hello, enum ja_order order,
		      struct buf *text)
{
	buf_clear(text);
	ja4_raw(hello, JA_TCP, order, text);
	must(!buf_check(text) && text->len >= 12);
	must(buf_text(text)[0] == 't' && buf_text(text)[10] == '_');
}

/* The body of a ClientHello of any length that TLS has room for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct crypto *crypto;
	char md5[JA3_TEXT_BYTES], text[JA4_TEXT_BYTES];
	struct tls_client_hello hello;
	struct buf scratch;

	if (!crypto)
		crypto = crypto_new();
	must(crypto);
	if (size > TLS_HELLO_MAX_BYTES)
		return 0;
	if (tls_decode_client_hello(slice_of(data, size), &hello))
		return 0;
	buf_init(&scratch, JA_TEXT_MAX_BYTES);
	must(!ja3(crypto, &hello, &scratch, md5) && strlen(md5) == 32);
	must(!ja4(crypto, &hello, JA_TCP, &scratch, text));
	must(strlen(text) == 36 && text[10] == '_' && text[23] == '_');
	check_raw(&hello, JA_SORTED, &scratch);
	check_raw(&hello, JA_ORIGINAL, &scratch);
	buf_done(&scratch);
	return 0;
}
