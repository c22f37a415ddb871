// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "store/packed.h"
#include "store/pending.h"

#define START_S ((int64_t)1795305600)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The flows of a blob, of whatever bytes, are the same when packed again. */
static void flows(struct slice blob)
{
	int64_t flow[PACKED_FLOW_COLUMNS], again[PACKED_FLOW_COLUMNS];
	struct cursor c = cursor_slice(blob), copy;
	struct buf bytes;

	buf_init(&bytes, PACKED_BYTES_MAX);
	while (packed_take_flow(&c, START_S, flow)) {
		buf_clear(&bytes);
		packed_put_flow(&bytes, START_S, flow);
		copy = cursor_slice(buf_slice(&bytes));
		if (!packed_take_flow(&copy, START_S, again) ||
		    cursor_left(&copy) || memcmp(flow, again, sizeof(flow)))
			abort();
	}
	buf_done(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pending_value values[PENDING_COLUMNS_MAX];
	struct cursor c = cursor_of(data, size);
	int kind = 0;

	flows(slice_of(data, size));
	while (cursor_left(&c) && kind >= 0) {
		kind = pending_next(&c, values);
		for (int i = 0; kind >= 0 && pending_formats[kind][i]; i++)
			if (values[i].bytes.len > size)
				abort();
	}
	return 0;
}
