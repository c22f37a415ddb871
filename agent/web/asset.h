// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_ASSET_H
#define WEB_ASSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The page's files, compressed into the program when it is built
 * (embed.py). When the page was not built there is one that says so.
 */

struct asset {
	const char *path;	    /* "/", "/assets/index-1a2b3c.js" */
	const char *type;	    /* Content-Type */
	const char *etag;	    /* quoted, of the content */
	const unsigned char *bytes; /* gzip */
	size_t length;
	size_t plain_length; /* unpacked */
	bool immutable;	     /* its name changes with its content */
};

extern const struct asset assets[];
extern const size_t asset_count;

/** The file of exactly this path, or NULL. */
const struct asset *asset_find(const char *path);

/** Unpacks into plain_length bytes at out. ERR_MALFORMED, ERR_NOMEM. */
int asset_unpack(const struct asset *asset, uint8_t *out);

#endif
