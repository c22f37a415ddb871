// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/asset.h"

#include <string.h>
#include <zlib.h>

#include "base/err.h"

/* zlib: 15 bits of window, and 16 for a gzip header */
#define GZIP_WINDOW (15 + 16)

const struct asset *asset_find(const char *path)
{
	for (size_t i = 0; i < asset_count; i++)
		if (!strcmp(assets[i].path, path))
			return &assets[i];
	return NULL;
}

int asset_unpack(const struct asset *asset, uint8_t *out)
{
	z_stream z = { 0 };
	int rc;

	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return ERR_NOMEM;
	z.next_in = (unsigned char *)(uintptr_t)asset->bytes;
	z.avail_in = (uInt)asset->length;
	z.next_out = out;
	z.avail_out = (uInt)asset->plain_length;
	rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	return rc == Z_STREAM_END && !z.avail_out ? 0 : ERR_MALFORMED;
}
