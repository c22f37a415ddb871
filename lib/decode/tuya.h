// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_TUYA_H
#define DECODE_TUYA_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"
#include "decode/crypto.h"

/*
 * What devices of the Tuya platform broadcast every few seconds: on UDP port
 * 6666 in clear, on 6667 and 7000 encrypted. Tuya publishes no format; this is
 * how those who run such devices without its cloud describe it (TinyTuya's
 * documentation): a prefix, sequence number, command and length of four bytes
 * each, the content, a checksum or tag, a suffix. All devices encrypt with one
 * key, the MD5 of a phrase that stands in every one of them: AES-128-ECB up to
 * version 3.4, AES-128-GCM from 3.5 on.
 */
struct tuya {
	bool encrypted;
	struct slice product_key; /* views; absent when not there */
	struct slice version;	  /* of its protocol: "3.3" */
};

/** Longest content that is opened; a broadcast has some 200 bytes. */
#define TUYA_CONTENT_MAX_BYTES 1024

/**
 * An encrypted one's content is put in text, which the views are then of; one
 * under another key has none. ERR_TRUNCATED; ERR_MALFORMED: no such broadcast;
 * ERR_NOMEM.
 */
int tuya_decode(struct crypto *crypto, struct slice bytes,
		uint8_t text[TUYA_CONTENT_MAX_BYTES],
		struct tuya *out) must_check;

#endif
