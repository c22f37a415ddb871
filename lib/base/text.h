// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/**
 * Appends bytes from outside so that a terminal, a log or a JSON string can
 * show them: valid UTF-8 stays, every control character (C0, DEL, C1,
 * bidirectional overrides) and every byte that is not UTF-8 becomes \xNN, and a
 * backslash is doubled, so that two inputs never look alike.
 */
void text_escape(struct buf *out, struct slice bytes);

/** Copies what text_escape() would leave as it is, a backslash too: as many
 * whole characters as fit, and a zero. Gives the length. */
size_t text_printable(struct slice bytes, char *out, size_t size);

/**
 * The bytes of a name in the form of zone files, which the decoder gives:
 * "\DDD" and what stands behind a backslash (RFC 1035 5.1). dots: also the dots
 * inside of a label, which then look like those between labels; else their
 * backslash stays. What is longer than out is cut. out may be where text is.
 * Gives the length.
 */
size_t text_unzone(struct slice text, bool dots, uint8_t *out, size_t size);

/** True when the bytes are valid UTF-8 (RFC 3629). */
bool text_is_utf8(struct slice bytes);
/** How many characters a text of valid UTF-8 has. */
size_t text_characters(const char *text);

/** Whether a host's name is this domain or below it, in any case of letters; no
 * name is below an empty one. Neither ends in a dot. */
bool text_is_under(struct slice name, struct slice domain);

/** Takes the next line off the rest, without its '\n'; false when nothing is
 * left. The last needs no end. */
bool text_next_line(struct slice *rest, struct slice *line) must_check;

/**
 * A decimal number that fills the whole text and lies in [least, most].
 * ERR_MALFORMED or ERR_LIMIT.
 */
int text_number(const char *text, uint64_t least, uint64_t most,
		uint64_t *out) must_check;

/** Appends the bytes in base64 (RFC 4648 4), with its padding. */
void text_base64(struct buf *out, struct slice bytes);

/** Lower-case hex of the bytes; out has room for 2 * n + 1. Returns out. */
const char *text_hex(const void *data, size_t n, char *out);
/** The n bytes that lower-case hex stands for. ERR_MALFORMED: the text is not
 * 2 * n such digits; out may be written to even then. */
int text_unhex(struct slice text, void *out, size_t n) must_check;

#endif
