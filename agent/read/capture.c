// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "read/bytes.h"
#include "read/fault.h"
#include "read/pcap.h"
#include "read/pcapng.h"

struct capture {
	struct bytes *bytes;
	bool is_pcapng;
	union {
		struct pcap_reader pcap;
		struct pcapng_reader pcapng;
	};
	uint64_t frames;
	size_t used; /* of the frame lent last, not consumed yet */
};

static int refuse(struct capture_fault *fault, struct bytes *b)
{
	const uint8_t *data;
	size_t have = bytes_peek(b, 4, &data);
	struct cursor c = cursor_of(data, have);

	if (bytes_fault(b))
		return fault_of_the_end(fault, b, "its header");
	if (have < 4)
		return fault_set(fault, b, ERR_UNSUPPORTED,
				 "not a capture file (%zu bytes)", have);
	return fault_set(fault, b, ERR_UNSUPPORTED,
			 "not a capture file (magic 0x%08x)", cursor_u32(&c));
}

int capture_open(struct capture **out, const char *path,
		 struct capture_fault *fault)
{
	struct capture *c = calloc(1, sizeof(*c));
	const uint8_t *magic;
	int err = ERR_NOMEM;

	*fault = (struct capture_fault){ .code = 0 };
	if (c)
		err = bytes_open(&c->bytes, path);
	if (err) {
		(void)fault_set(fault, NULL, err, "%s",
				err == ERR_IO ? strerror(errno)
					      : err_text(err));
		goto out;
	}
	if (bytes_peek(c->bytes, 4, &magic) < 4) {
		err = refuse(fault, c->bytes);
	} else if (pcapng_knows(magic)) {
		c->is_pcapng = true;
	} else if (pcap_knows(magic)) {
		err = pcap_start(&c->pcap, c->bytes, fault);
	} else {
		err = refuse(fault, c->bytes);
	}
	if (!err) {
		*out = c;
		c = NULL;
	}
out:
	capture_free(c);
	return err;
}

void capture_free(struct capture *c)
{
	if (!c)
		return;
	bytes_free(c->bytes);
	free(c);
}

int capture_next(struct capture *c, struct capture_frame *frame,
		 struct capture_fault *fault)
{
	int got;

	bytes_skip(c->bytes, c->used);
	c->used = 0;
	if (c->is_pcapng)
		got = pcapng_next(&c->pcapng, c->bytes, frame, &c->used, fault);
	else
		got = pcap_next(&c->pcap, c->bytes, frame, &c->used, fault);
	if (got > 0)
		frame->number = ++c->frames;
	return got;
}

bool capture_at_hand(const struct capture *c)
{
	struct slice bytes = bytes_at_hand(c->bytes, c->used);

	return c->is_pcapng ? pcapng_at_hand(&c->pcapng, bytes)
			    : pcap_at_hand(&c->pcap, bytes);
}

uint64_t capture_progress(const struct capture *c, uint64_t *size)
{
	return bytes_progress(c->bytes, size);
}
