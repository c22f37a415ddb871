// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Read at once: large enough that the calls do not count. */
#define READ_BYTES ((size_t)262144)
/* inflateInit2: the largest window, gzip framing only. */
#define GZIP_ONLY (15 + 16)

struct bytes {
	int fd;
	uint8_t *window; /* plain bytes */
	size_t cap;
	size_t start, end; /* what of the window is not consumed yet */
	uint64_t offset;
	uint64_t size, progress; /* of the file itself */
	int fault, errnum;
	bool ended;
	/* of a compressed file */
	bool compressed, in_member;
	uint8_t *raw; /* READ_BYTES as they lie in the file */
	z_stream inflater;
};

/* Up to n bytes of the file itself; fewer only at its end. */
static size_t read_file(struct bytes *b, uint8_t *to, size_t n)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = read(b->fd, to + have, n - have);

		if (got < 0) {
			b->fault = ERR_IO;
			b->errnum = errno;
		}
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	b->progress += have;
	return have;
}

static void end_with(struct bytes *b, int fault)
{
	if (!b->fault)
		b->fault = fault;
	b->ended = true;
}

/* The first bytes decide whether the file is compressed. */
static int look_at_the_start(struct bytes *b)
{
	b->end = read_file(b, b->window, READ_BYTES);
	if (b->end < READ_BYTES)
		b->ended = true;
	if (b->end < 2 || b->window[0] != 0x1f || b->window[1] != 0x8b)
		return 0;
	b->raw = malloc(READ_BYTES);
	if (!b->raw || inflateInit2(&b->inflater, GZIP_ONLY) != Z_OK)
		return ERR_NOMEM;
	memcpy(b->raw, b->window, b->end);
	b->inflater.next_in = b->raw;
	b->inflater.avail_in = (uInt)b->end;
	b->end = 0;
	b->compressed = true;
	b->in_member = true;
	b->ended = false;
	return 0;
}

int bytes_open(struct bytes **out, const char *path)
{
	struct bytes *b = calloc(1, sizeof(*b));
	struct stat status;
	int err = ERR_IO;

	if (!b)
		return ERR_NOMEM;
	b->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
				  : dup(STDIN_FILENO);
	if (b->fd < 0 || fstat(b->fd, &status) < 0)
		goto fail;
	b->size = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
	b->cap = 2 * READ_BYTES;
	b->window = malloc(b->cap);
	err = b->window ? look_at_the_start(b) : ERR_NOMEM;
	if (!err && b->fault == ERR_IO) {
		errno = b->errnum;
		err = ERR_IO;
	}
	if (!err) {
		*out = b;
		return 0;
	}
fail:
	bytes_free(b);
	return err;
}

void bytes_free(struct bytes *b)
{
	int saved = errno;

	if (!b)
		return;
	if (b->compressed)
		(void)inflateEnd(&b->inflater);
	if (b->fd >= 0)
		close(b->fd);
	free(b->raw);
	free(b->window);
	free(b);
	errno = saved;
}

/* Makes room for n bytes from start on, moving or enlarging the window. */
static bool make_room(struct bytes *b, size_t n)
{
	size_t cap = b->cap;
	uint8_t *window;

	if (b->start) {
		memmove(b->window, b->window + b->start, b->end - b->start);
		b->end -= b->start;
		b->start = 0;
	}
	while (cap < n + READ_BYTES)
		cap *= 2;
	if (cap == b->cap)
		return true;
	window = realloc(b->window, cap);
	if (!window) {
		end_with(b, ERR_NOMEM);
		return false;
	}
	b->window = window;
	b->cap = cap;
	return true;
}

/* After a member: another one, or padding, which ends the file. */
static void next_member(struct bytes *b)
{
	b->in_member = false;
	if (!b->inflater.avail_in || *b->inflater.next_in != 0x1f)
		return;
	b->in_member = inflateReset(&b->inflater) == Z_OK;
}

static void fill_compressed(struct bytes *b)
{
	z_stream *z = &b->inflater;
	int status;

	if (!z->avail_in) {
		z->next_in = b->raw;
		z->avail_in = (uInt)read_file(b, b->raw, READ_BYTES);
		if (!z->avail_in) {
			end_with(b, b->in_member ? ERR_TRUNCATED : 0);
			return;
		}
		if (!b->in_member)
			next_member(b);
	}
	if (!b->in_member) {
		end_with(b, 0);
		return;
	}
	z->next_out = b->window + b->end;
	z->avail_out = (uInt)READ_BYTES;
	status = inflate(z, Z_NO_FLUSH);
	b->end += READ_BYTES - z->avail_out;
	if (status == Z_STREAM_END)
		next_member(b);
	else if (status == Z_MEM_ERROR)
		end_with(b, ERR_NOMEM);
	else if (status != Z_OK && status != Z_BUF_ERROR)
		end_with(b, ERR_MALFORMED);
}

/* Adds at most READ_BYTES to the window. */
static void fill(struct bytes *b)
{
	size_t got;

	if (b->compressed) {
		fill_compressed(b);
		return;
	}
	got = read_file(b, b->window + b->end, READ_BYTES);
	b->end += got;
	if (got < READ_BYTES)
		b->ended = true;
}

size_t bytes_peek(struct bytes *b, size_t n, const uint8_t **data)
{
	if (n > BYTES_WINDOW_MAX)
		n = BYTES_WINDOW_MAX;
	if (b->end - b->start < n && !b->ended && make_room(b, n)) {
		while (b->end < n && !b->ended)
			fill(b);
	}
	*data = b->window + b->start;
	return b->end - b->start < n ? b->end - b->start : n;
}

struct slice bytes_at_hand(const struct bytes *b, size_t skip)
{
	size_t have = b->end - b->start;

	if (skip > have)
		skip = have;
	return slice_of(b->window + b->start + skip, have - skip);
}

void bytes_skip(struct bytes *b, uint64_t n)
{
	while (n) {
		const uint8_t *data;
		size_t step = n < READ_BYTES ? (size_t)n : READ_BYTES;

		step = bytes_peek(b, step, &data);
		if (!step)
			return;
		b->start += step;
		b->offset += step;
		n -= step;
	}
}

uint64_t bytes_offset(const struct bytes *b)
{
	return b->offset;
}

int bytes_fault(const struct bytes *b)
{
	return b->fault;
}

int bytes_errno(const struct bytes *b)
{
	return b->errnum;
}

uint64_t bytes_progress(const struct bytes *b, uint64_t *size)
{
	*size = b->size;
	return b->progress;
}
