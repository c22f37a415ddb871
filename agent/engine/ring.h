// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef ENGINE_RING_H
#define ENGINE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Frames of a packet socket through memory shared with the kernel
 * (TPACKET_V3): it fills blocks of frames and hands over each when it is full
 * or RING_BLOCK_MS old, so that the process wakes up once for many frames.
 */

/**
 * 32 MB: half a second of a gigabit's small frames, and half of what the
 * whole program may use. Small blocks, so that a quiet network, whose blocks
 * are handed over nearly empty, does not use them up while the process waits.
 */
#define RING_BLOCKS	 128u
#define RING_BLOCK_BYTES (UINT32_C(256) * 1024)
/** Oldest that a frame gets before it is handed over. */
#define RING_BLOCK_MS 50u

struct ring {
	int fd; /* of the packet socket; -1 when there is none */
	uint8_t *memory;
	uint32_t block;	      /* the one being read, or next to come */
	uint32_t frames_left; /* in it */
	uint8_t *at;	      /* next frame in it */
	uint64_t dropped;     /* frames that found no room, since opened */
};

struct ring_frame {
	uint64_t time_ns;    /* since the epoch, by the kernel's clock */
	struct slice bytes;  /* a view; see ring_next() */
	uint32_t wire_bytes; /* its length on the wire */
};

/** Sets the socket up and maps the ring. The socket stays the caller's on
 * failure, else it is the ring's. ERR_IO. */
int ring_open(struct ring *r, int fd) must_check;
void ring_close(struct ring *r);

/** 1 and the next frame, or 0 when there is none now. It is lent until the next
 * call, or beyond it when ring_at_hand() said so. */
int ring_next(struct ring *r, struct ring_frame *out);
/** Whether the next frame is of the same block, so that asking for it gives
 * none back. */
static inline bool ring_at_hand(const struct ring *r)
{
	return r->at && r->frames_left;
}

/** Takes a pending error off the socket, which else never waits again. */
void ring_clear_error(struct ring *r);

/** Adds what the kernel dropped since the last call to r->dropped. */
void ring_count_dropped(struct ring *r);

#endif
