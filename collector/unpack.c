// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/unpack.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct unpacker {
	ZSTD_DCtx *context;
	size_t room;
	uint8_t *block;
};

int unpacker_new(struct unpacker **out)
{
	struct unpacker *u = calloc(1, sizeof(*u));

	if (!u)
		return ERR_NOMEM;
	u->context = ZSTD_createDCtx();
	u->room = ZSTD_DStreamOutSize();
	u->block = malloc(u->room);
	if (!u->context || !u->block ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(u->context, ZSTD_d_windowLogMax,
						UNPACK_WINDOW_LOG))) {
		unpacker_free(u);
		return ERR_NOMEM;
	}
	*out = u;
	return 0;
}

void unpacker_free(struct unpacker *u)
{
	if (!u)
		return;
	ZSTD_freeDCtx(u->context);
	free(u->block);
	free(u);
}

int unpack(struct unpacker *u, struct slice packed, struct buf *out)
{
	ZSTD_inBuffer in = { packed.data, packed.len, 0 };
	size_t left = 1;

	buf_clear(out);
	ZSTD_DCtx_reset(u->context, ZSTD_reset_session_only);
	while (in.pos < in.size || left) {
		ZSTD_outBuffer block = { u->block, u->room, 0 };
		size_t before = in.pos;

		left = ZSTD_decompressStream(u->context, &block, &in);
		if (ZSTD_isError(left))
			return ZSTD_getErrorCode(left) ==
					       ZSTD_error_frameParameter_windowTooLarge
				       ? ERR_LIMIT
				       : ERR_MALFORMED;
		buf_append(out, u->block, block.pos);
		if (buf_check(out))
			return buf_check(out);
		if (left && in.pos == before && !block.pos)
			return ERR_TRUNCATED;
	}
	return 0;
}
