// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_BYTES_H
#define READ_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * A file, pipe or standard input read once, front to back, plain or
 * gzip-compressed (RFC 1952, any number of members): the reader sees the
 * plain bytes, a window of them at a time.
 */

/** Most bytes that can be looked at together: the largest pcapng block read. */
#define BYTES_WINDOW_MAX ((size_t)1 << 24)

struct bytes;

/**
 * Opens path; "-" is standard input. ERR_IO with errno set, or ERR_NOMEM.
 */
int bytes_open(struct bytes **out, const char *path) must_check;
void bytes_free(struct bytes *b);

/**
 * Makes the next n bytes (at most BYTES_WINDOW_MAX) visible at *data without
 * consuming them; they stay until the next call. Gives how many are there:
 * fewer than n only at the end, of which bytes_fault() tells more.
 */
size_t bytes_peek(struct bytes *b, size_t n, const uint8_t **data);
/**
 * What is visible behind the first skip bytes: as far as this, peeking and
 * skipping leaves all that was made visible before in its place.
 */
struct slice bytes_at_hand(const struct bytes *b, size_t skip);
/** Consumes n bytes, any number; stops at the end. */
void bytes_skip(struct bytes *b, uint64_t n);

/** Plain bytes consumed so far. */
uint64_t bytes_offset(const struct bytes *b);

/**
 * Why there is no more: 0 for the true end, ERR_IO (errno is bytes_errno();
 * EINTR when a signal that is caught came while waiting for more),
 * ERR_MALFORMED for damaged and ERR_TRUNCATED for cut-off compressed data.
 */
int bytes_fault(const struct bytes *b) must_check;
int bytes_errno(const struct bytes *b);

/** Bytes of the file itself read so far, and its size (0: not known). */
uint64_t bytes_progress(const struct bytes *b, uint64_t *size);

#endif
