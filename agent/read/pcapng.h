// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_PCAPNG_H
#define READ_PCAPNG_H

#include <stdbool.h>
#include <stdint.h>

#include "read/bytes.h"
#include "read/capture.h"

struct pcapng_interface {
	uint32_t link;
	uint32_t snap_bytes; /* 0: no limit */
	bool binary;	     /* time units are 2^-exponent, not 10^-exponent */
	uint8_t exponent;
	uint64_t units; /* a second */
	int64_t offset_s;
};

/** A pcapng file (draft-ietf-opsawg-pcapng). */
struct pcapng_reader {
	bool little_endian;
	uint32_t interface_count;
	struct pcapng_interface interfaces[CAPTURE_INTERFACES_MAX];
	uint64_t last_s;
	uint32_t last_ns;
};

/** Whether the first four bytes of a file are pcapng's. */
bool pcapng_knows(const uint8_t magic[4]);

/**
 * As capture_next(); the number is not set. *used: bytes of the block, which
 * the caller consumes when it is done with the frame. Zeroed at the start.
 */
int pcapng_next(struct pcapng_reader *r, struct bytes *b,
		struct capture_frame *frame, size_t *used,
		struct capture_fault *fault) must_check;
/** Whether these bytes, of the file from here on, begin with a whole frame. */
bool pcapng_at_hand(const struct pcapng_reader *r, struct slice bytes);

#endif
