// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_PCAP_H
#define READ_PCAP_H

#include <stdbool.h>
#include <stdint.h>

#include "read/bytes.h"
#include "read/capture.h"

/** A classic pcap file (draft-ietf-opsawg-pcap). */
struct pcap_reader {
	bool little_endian;
	uint32_t unit_ns;      /* of the second half of a time */
	uint32_t header_bytes; /* of each frame's header */
	uint32_t link;
};

/** Whether the first four bytes of a file are pcap's. */
bool pcap_knows(const uint8_t magic[4]);

/** Reads the file header. */
int pcap_start(struct pcap_reader *r, struct bytes *b,
	       struct capture_fault *fault) must_check;
/**
 * As capture_next(); the number is not set. *used: bytes of the record, which
 * the caller consumes when it is done with the frame.
 */
int pcap_next(struct pcap_reader *r, struct bytes *b,
	      struct capture_frame *frame, size_t *used,
	      struct capture_fault *fault) must_check;
/** Whether these bytes, of the file from here on, hold the next frame. */
bool pcap_at_hand(const struct pcap_reader *r, struct slice bytes);

#endif
