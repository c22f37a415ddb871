// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdint.h>
#include <stdlib.h>

#include "message/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is taken is written back to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct message m;
	struct buf out;

	if (message_decode(slice_of(data, size), &m))
		return 0;
	buf_init(&out, MESSAGE_MAX_BYTES);
	if (message_encode(&m, &out) ||
	    !slice_equal(buf_slice(&out), slice_of(data, size)))
		abort();
	buf_done(&out);
	return 0;
}
