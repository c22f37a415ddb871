// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/tuya.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct crypto *crypto;
	static uint8_t text[TUYA_CONTENT_MAX_BYTES];
	struct slice input = slice_of(data, size), from;
	struct tuya tuya;

	if (!crypto)
		crypto = crypto_new();
	must(crypto);
	if (tuya_decode(crypto, input, text, &tuya))
		return 0;
	from = tuya.encrypted ? slice_of(text, sizeof(text)) : input;
	check_view(tuya.product_key, from);
	check_view(tuya.version, from);
	return 0;
}
