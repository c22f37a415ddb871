// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "record/record_codec.h"
#include "record/record_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken for a window can be shown, and comes back from its bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_window window, again;
	struct record_encoder encoder;
	struct buf bytes, json;
	struct arena arena;

	arena_init(&arena, (size_t)1 << 26);
	buf_init(&bytes, 2 * size + 1024);
	buf_init(&json, (size_t)1 << 26);
	if (!record_decode(slice_of(data, size), &arena, &window)) {
		if (record_json(&window, &json))
			abort();
		record_encoder_init(&encoder, &window);
		if (record_encode_part(&encoder, &bytes, SIZE_MAX) != 1 ||
		    record_decode(buf_slice(&bytes), &arena, &again) ||
		    again.flow_count != window.flow_count ||
		    again.clue_count != window.clue_count)
			abort();
	}
	buf_done(&json);
	buf_done(&bytes);
	arena_done(&arena);
	return 0;
}
