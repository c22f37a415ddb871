// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/http.h"

#include <stdbool.h>
#include <strings.h>

#include "decode/line.h"

/* IANA's registry of methods, and those of UPnP (eventing, SSDP). */
static const char *const methods[] = {
	"GET",
	"POST",
	"HEAD",
	"PUT",
	"DELETE",
	"OPTIONS",
	"CONNECT",
	"TRACE",
	"PATCH",
	"PROPFIND",
	"PROPPATCH",
	"MKCOL",
	"COPY",
	"MOVE",
	"LOCK",
	"UNLOCK",
	"REPORT",
	"SEARCH",
	"ACL",
	"BIND",
	"UNBIND",
	"REBIND",
	"LINK",
	"UNLINK",
	"LABEL",
	"MERGE",
	"CHECKIN",
	"CHECKOUT",
	"UNCHECKOUT",
	"UPDATE",
	"MKACTIVITY",
	"MKCALENDAR",
	"MKWORKSPACE",
	"MKREDIRECTREF",
	"ORDERPATCH",
	"UPDATEREDIRECTREF",
	"BASELINE-CONTROL",
	"VERSION-CONTROL",
	"QUERY",
	"NOTIFY",
	"M-SEARCH",
	"SUBSCRIBE",
	"UNSUBSCRIBE",
	/* RTSP alone (RFC 2326 10) */
	"DESCRIBE",
	"ANNOUNCE",
	"SETUP",
	"PLAY",
	"PAUSE",
	"TEARDOWN",
	"GET_PARAMETER",
	"SET_PARAMETER",
	"REDIRECT",
	"RECORD",
	"PLAY_NOTIFY",
};

/* Length of the method that the bytes start with, a space behind it. */
static int find_method(struct slice bytes, size_t *length)
{
	int answer = ERR_MALFORMED;

	if (!bytes.len)
		return ERR_AGAIN;
	/* nearly everything that is not HTTP */
	if (bytes.data[0] < 'A' || bytes.data[0] > 'Z')
		return ERR_MALFORMED;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		size_t len = strlen(methods[i]);
		size_t both = len < bytes.len ? len : bytes.len;

		if (memcmp(methods[i], bytes.data, both) != 0)
			continue;
		if (bytes.len <= len) {
			answer = ERR_AGAIN;
		} else if (bytes.data[len] == ' ') {
			*length = len;
			return 0;
		}
	}
	return answer;
}

/* One empty line may stand before a request (RFC 9112 2.2). */
static size_t empty_line_bytes(struct slice bytes)
{
	size_t n = bytes.data[0] == '\r';

	if (n == bytes.len)
		return n;
	return bytes.data[n] == '\n' ? n + 1 : 0;
}

/* Behind the text one digit more. */
static bool ends_in_version(struct slice line, const char *version)
{
	size_t len = strlen(version);
	const uint8_t *tail;

	line = line_trim(line);
	if (line.len < len + 1)
		return false;
	tail = line.data + line.len - len - 1;
	return !memcmp(tail, version, len) && tail[len] >= '0' &&
	       tail[len] <= '9';
}

/* "rtsp://name:password@host/…" */
static bool has_user_in_address(struct slice line)
{
	static const char scheme[] = " rtsp://";
	size_t len = sizeof(scheme) - 1, at = 0;

	while (at < line.len && line.data[at] != ' ')
		at++;
	if (line.len - at < len || memcmp(line.data + at, scheme, len) != 0)
		return false;
	for (at += len; at < line.len && line.data[at] != '/'; at++) {
		if (line.data[at] == '@')
			return true;
		if (line.data[at] == ' ')
			break;
	}
	return false;
}

static bool is_basic(struct slice value)
{
	return value.len >= 6 &&
	       !strncasecmp((const char *)value.data, "Basic ", 6);
}

static bool read_request_line(struct slice line, struct http_request *request)
{
	if (!line_is_text(line))
		return false;
	if (ends_in_version(line, " HTTP/1."))
		return true;
	request->rtsp = ends_in_version(line, " RTSP/1.") ||
			ends_in_version(line, " RTSP/2.");
	request->credentials = request->rtsp && has_user_in_address(line);
	return request->rtsp;
}

/* The request line without its end, as far as it came. */
static bool may_be_request_line(struct slice line)
{
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	return line_is_text(line);
}

int http_decode_request(struct slice bytes, struct http_request *out)
{
	struct http_request request = { 0 };
	struct slice head = bytes, line;
	struct slice authorization = { 0 }, proxy = { 0 };
	size_t at, method_bytes;
	int err;

	if (!bytes.len)
		return ERR_AGAIN;
	if (head.len > HTTP_HEAD_MAX_BYTES)
		head.len = HTTP_HEAD_MAX_BYTES;
	at = empty_line_bytes(head);
	line = slice_of(head.data + at, head.len - at);
	err = find_method(line, &method_bytes);
	if (err)
		return err;
	request.method = slice_of(line.data, method_bytes);
	if (!line_next(head, &at, &line)) {
		if (!may_be_request_line(line))
			return ERR_MALFORMED;
		goto not_whole;
	}
	if (!read_request_line(line, &request))
		return ERR_MALFORMED;
	while (line_next(head, &at, &line)) {
		if (!line.len) {
			if (is_basic(authorization) || is_basic(proxy))
				request.credentials = true;
			request.head_bytes = at;
			*out = request;
			return 0;
		}
		line_field(line, "Host", &request.host);
		line_field(line, "User-Agent", &request.user_agent);
		line_field(line, "Authorization", &authorization);
		line_field(line, "Proxy-Authorization", &proxy);
	}
not_whole:
	return bytes.len >= HTTP_HEAD_MAX_BYTES ? ERR_LIMIT : ERR_AGAIN;
}
