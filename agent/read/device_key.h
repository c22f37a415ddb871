// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_DEVICE_KEY_H
#define READ_DEVICE_KEY_H

#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

/** Length of the secret: the block of what it keys, SHA-256. */
#define DEVICE_KEY_BYTES 32
/** HMAC-SHA-256 as hex, and its terminator. */
#define DEVICE_ID_TEXT_BYTES 65

/**
 * The secret under which device identifiers are made, so that an identifier
 * is the same for the same device in all of one user's output, and tells
 * nobody else the device's MAC.
 */
struct device_key {
	uint8_t b[DEVICE_KEY_BYTES];
};

/** Longest path of the user's own secret. */
#define DEVICE_KEY_PATH_BYTES 4096

/**
 * Where the user's own secret is kept: XDG_DATA_HOME or ~/.local/share, then
 * iot-inspector/device-key. ERR_NOTFOUND when there is no home, ERR_LIMIT.
 */
int device_key_path(char out[DEVICE_KEY_PATH_BYTES]) must_check;

/**
 * Reads a secret; makes one, readable by the user alone, when the file is not
 * there, and the folder it is in, too. ERR_IO with errno set; ERR_MALFORMED:
 * not DEVICE_KEY_BYTES long.
 */
int device_key_load(struct device_key *key, const char *path) must_check;

/** The identifier of a device: HMAC-SHA-256(key, MAC), in hex. Gives out. */
const char *device_key_id(const struct device_key *key, const struct mac *mac,
			  char out[DEVICE_ID_TEXT_BYTES]);

#endif
