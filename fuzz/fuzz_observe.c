// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "base/cursor.h"
#include "observe/observe.h"
#include "record/record_codec.h"

/*
 * Input: a byte of mode, then frames: a byte of link type, two of hundredths
 * of a second since the one before (signed), two of length, the frame. A frame
 * of length 0 changes who is watched.
 */

static const struct mac own = { { 2, 0, 0, 0, 0, 0x99 } };
static const struct mac watched[] = { { { 2, 0, 0, 0, 0, 0x20 } },
				      { { 2, 0, 0, 0, 0, 0x30 } } };
static const enum packet_link links[] = {
	PACKET_LINK_ETHERNET,
	PACKET_LINK_SLL,
	PACKET_LINK_RAW,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is given out can be passed on. */
static void check_window(void *user, const struct record_window *w)
{
	struct record_encoder encoder;
	struct buf bytes;
	int err;

	buf_init(&bytes, (size_t)1 << 26);
	record_encoder_init(&encoder, w);
	while ((err = record_encode_part(&encoder, &bytes,
					 RECORD_CODEC_PART_MIN)) == 1)
		buf_clear(&bytes);
	if (err)
		abort();
	buf_done(&bytes);
	++*(size_t *)user;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(data, size);
	size_t windows = 0;
	const struct observe_sink sink = { &windows, NULL, check_window };
	struct observe_config config = { .mode = cursor_u8(&c) % 3,
					 .seed = 1,
					 .own = own };
	struct observe *o = observe_new(&config, &sink);
	uint64_t time_ns = UINT64_C(1500000000000000000);

	if (!o || observe_watch(o, watched, 1))
		abort();
	while (cursor_left(&c)) {
		enum packet_link link = links[cursor_u8(&c) % 3];
		int16_t step = (int16_t)cursor_u16(&c);
		struct slice frame = cursor_take(&c, cursor_u16(&c));

		time_ns += (uint64_t)((int64_t)step * 10000000);
		if (!frame.len &&
		    observe_watch(o, watched, (size_t)(step & 1) + 1))
			abort();
		observe_frame(o, link, time_ns, frame, (uint32_t)frame.len);
	}
	observe_finish(o);
	observe_free(o);
	return 0;
}
