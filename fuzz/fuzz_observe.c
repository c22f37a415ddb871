// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "base/cursor.h"
#include "base/table.h"
#include "decode/crypto.h"
#include "observe/observe.h"
#include "record/record_codec.h"

/*
 * Input: a byte of mode, then frames: a byte of link type, two of hundredths
 * of a second since the one before (signed), two of length, the frame. A frame
 * of length 0 changes who is watched. How many frames are handed over at once
 * makes no difference.
 */

#define AT_ONCE 64u

static const struct mac own = { { 2, 0, 0, 0, 0, 0x99 } };
static const struct mac watched[] = { { { 2, 0, 0, 0, 0, 0x20 } },
				      { { 2, 0, 0, 0, 0, 0x30 } } };
static const enum packet_link links[] = {
	PACKET_LINK_ETHERNET,
	PACKET_LINK_SLL,
	PACKET_LINK_RAW,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that was given out, in one number. */
static void mix_in(uint64_t *sum, const void *data, size_t len)
{
	*sum = table_hash(*sum, data, len);
}

/* Whatever is given out can be passed on. */
static void check_window(void *user, const struct record_window *w)
{
	struct record_encoder encoder;
	struct buf bytes;
	int err;

	buf_init(&bytes, (size_t)1 << 26);
	record_encoder_init(&encoder, w);
	do {
		buf_clear(&bytes);
		err = record_encode_part(&encoder, &bytes,
					 RECORD_CODEC_PART_MIN);
		mix_in(user, bytes.data, bytes.len);
	} while (err == 1);
	if (err)
		abort();
	buf_done(&bytes);
}

static void check_fact(void *user, const struct fact *fact)
{
	const uint64_t what[] = { fact->kind, fact->frame, fact->time_ns };

	mix_in(user, what, sizeof(what));
}

/* What comes of the input's frames, handed over so many at once. */
static uint64_t observe_all(struct slice input, size_t at_once)
{
	static struct crypto *crypto; /* takes longer to make than to use */
	struct cursor c = cursor_of(input.data, input.len);
	uint64_t sum = 1, number = 0;
	const struct observe_sink sink = { &sum, check_fact, check_window };
	struct observe_config config = { .mode = cursor_u8(&c) % 3,
					 .seed = 1,
					 .own = own };
	struct observe *o;
	struct observe_frame frames[AT_ONCE];
	uint64_t time_ns = UINT64_C(1500000000000000000);
	size_t count = 0;

	if (!crypto)
		crypto = crypto_new();
	config.crypto = crypto;
	o = observe_new(&config, &sink);
	if (!o || observe_watch(o, watched, 1))
		abort();
	while (cursor_left(&c)) {
		enum packet_link link = links[cursor_u8(&c) % 3];
		int16_t step = (int16_t)cursor_u16(&c);
		struct slice frame = cursor_take(&c, cursor_u16(&c));

		time_ns += (uint64_t)((int64_t)step * 10000000);
		if (count == at_once || !frame.len) {
			observe_frames(o, frames, count);
			count = 0;
		}
		if (!frame.len &&
		    observe_watch(o, watched, (size_t)(step & 1) + 1))
			abort();
		frames[count++] = (struct observe_frame){
			.number = ++number,
			.time_ns = time_ns,
			.bytes = frame,
			.wire_bytes = (uint32_t)frame.len,
			.link = link,
		};
	}
	observe_frames(o, frames, count);
	observe_finish(o);
	mix_in(&sum, observe_counters(o), sizeof(struct record_counters));
	observe_free(o);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);

	if (observe_all(input, 1) != observe_all(input, AT_ONCE))
		abort();
	return 0;
}
