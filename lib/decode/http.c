// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/http.h"

#include <stdbool.h>
#include <strings.h>

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
	size_t n = bytes.len && bytes.data[0] == '\r';

	if (n == bytes.len)
		return n;
	return bytes.data[n] == '\n' ? n + 1 : 0;
}

static struct slice trim(struct slice s)
{
	while (s.len && (*s.data == ' ' || *s.data == '\t')) {
		s.data++;
		s.len--;
	}
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/*
 * The line at *at, without its end (a lone LF is one, RFC 9112 2.2), and *at
 * behind it. False when its end is not there.
 */
static bool next_line(struct slice bytes, size_t *at, struct slice *line)
{
	const uint8_t *start = bytes.data + *at;
	const uint8_t *end = memchr(start, '\n', bytes.len - *at);

	if (!end)
		return false;
	*at = (size_t)(end - bytes.data) + 1;
	line->data = start;
	line->len = (size_t)(end - start);
	if (line->len && start[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* No control character stands in a request line. */
static bool is_text(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] < ' ' || s.data[i] == 0x7f)
			return false;
	}
	return true;
}

static bool ends_in_version(struct slice line)
{
	static const char version[] = " HTTP/1.";
	size_t len = sizeof(version) - 1;
	const uint8_t *tail;

	line = trim(line);
	if (line.len < len + 1)
		return false;
	tail = line.data + line.len - len - 1;
	return !memcmp(tail, version, len) && tail[len] >= '0' &&
	       tail[len] <= '9';
}

static void take_header(struct slice line, const char *name,
			struct slice *field)
{
	size_t len = strlen(name);

	if (field->data || line.len <= len || line.data[len] != ':' ||
	    strncasecmp((const char *)line.data, name, len) != 0)
		return;
	*field = trim(slice_of(line.data + len + 1, line.len - len - 1));
}

/* The request line without its end, as far as it came. */
static bool may_be_request_line(struct slice line)
{
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	return is_text(line);
}

int http_decode_request(struct slice bytes, struct http_request *out)
{
	struct http_request request = { 0 };
	size_t at = empty_line_bytes(bytes), method_bytes;
	struct slice line, head = bytes;
	int err = find_method(slice_of(bytes.data + at, bytes.len - at),
			      &method_bytes);

	if (err)
		return err;
	if (head.len > HTTP_HEAD_MAX_BYTES)
		head.len = HTTP_HEAD_MAX_BYTES;
	request.method = slice_of(head.data + at, method_bytes);
	if (!next_line(head, &at, &line)) {
		if (!may_be_request_line(
			    slice_of(head.data + at, head.len - at)))
			return ERR_MALFORMED;
		goto not_whole;
	}
	if (!is_text(line) || !ends_in_version(line))
		return ERR_MALFORMED;
	while (next_line(head, &at, &line)) {
		if (!line.len) {
			request.head_bytes = at;
			*out = request;
			return 0;
		}
		take_header(line, "Host", &request.host);
		take_header(line, "User-Agent", &request.user_agent);
	}
not_whole:
	return bytes.len >= HTTP_HEAD_MAX_BYTES ? ERR_LIMIT : ERR_AGAIN;
}
