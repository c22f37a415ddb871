// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/coap.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct coap coap;

	if (coap_decode(input, &coap))
		return 0;
	must(coap.code < 32);
	check_view(coap.host, input);
	return 0;
}
