// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_HTTP_H
#define DECODE_HTTP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

/** Longest head kept while its end has not come; servers refuse longer. */
#define HTTP_HEAD_MAX_BYTES 16384

/** The head of an HTTP/1 request (RFC 9112), or of RTSP, which is made alike
 * (RFC 2326, RFC 7826): never the path. */
struct http_request {
	struct slice method;
	struct slice host;	 /* absent when there is none */
	struct slice user_agent; /* absent when there is none */
	bool rtsp;
	/* a name and a password are in it, not encrypted (RFC 7617), for the
	 * server or a proxy, or in front of an RTSP address's host */
	bool credentials;
	size_t head_bytes; /* up to and with the empty line */
};

/**
 * Recognises the registered methods (RFC 9110, WebDAV, UPnP) in front of
 * HTTP/1.N, and those of RTSP in front of RTSP/N.N. The first Host and
 * User-Agent count, without the white space around them. 0 when the head is
 * whole; ERR_AGAIN when it starts like a request but is not whole;
 * ERR_MALFORMED when it is no such request; ERR_LIMIT when its end is not among
 * the first HTTP_HEAD_MAX_BYTES.
 */
int http_decode_request(struct slice bytes,
			struct http_request *out) must_check;

#endif
