// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_CAPTURE_H
#define READ_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Capture files, frame by frame: pcap (micro- and nanoseconds, either byte
 * order, also Kuznetzov's variant) and pcapng (several sections, several
 * interfaces of different kinds), plain or gzip-compressed. Sources:
 * draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */

/** Largest frame of a file; tcpdump and Wireshark stop at the same. */
#define CAPTURE_FRAME_MAX_BYTES 262144u
/** Most interfaces of a pcapng section; a machine with more is no home's. */
#define CAPTURE_INTERFACES_MAX 1024u

/** Room for the reason of a fault, a phrase without numbers of the offset. */
#define CAPTURE_REASON_BYTES 96

/** Why a file cannot be read (on), and where. */
struct capture_fault {
	int code;
	uint64_t offset; /* in the plain (uncompressed) bytes */
	char reason[CAPTURE_REASON_BYTES];
};

/** One frame; data is lent until the next call, or beyond it when
 * capture_at_hand() said so. */
struct capture_frame {
	uint64_t number; /* 1-based, in the file */
	/* Since the epoch, as the file says it: pcapng's may be past what 64
	 * bits of nanoseconds hold. A frame without a time of its own
	 * (pcapng's simple packets) has that of the one before. */
	uint64_t time_s;
	uint32_t time_ns; /* below 10^9 */
	uint32_t link;	  /* LINKTYPE_* */
	uint32_t wire_bytes;
	struct slice data; /* what was captured of it */
};

struct capture;

/**
 * Opens a file; "-" is standard input. On failure *fault says why (errno text
 * for ERR_IO, "not a capture file (magic 0x…)" for ERR_UNSUPPORTED).
 */
int capture_open(struct capture **out, const char *path,
		 struct capture_fault *fault) must_check;
void capture_free(struct capture *c);

/** 1 and *frame; 0 at the end; negative and *fault where reading stops. */
int capture_next(struct capture *c, struct capture_frame *frame,
		 struct capture_fault *fault) must_check;

/**
 * Whether the next frame lies in memory already: then asking for it leaves
 * those lent so far where they are.
 */
bool capture_at_hand(const struct capture *c);

/** Bytes of the file itself read so far, and its size (0: not known). */
uint64_t capture_progress(const struct capture *c, uint64_t *size);

#endif
