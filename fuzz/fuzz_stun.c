// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/stun.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct stun stun;

	if (stun_decode(input, &stun))
		return 0;
	must(stun_may_be(input));
	must(stun.class < 4 && stun.method < 0x1000);
	check_view(stun.software, input);
	return 0;
}
