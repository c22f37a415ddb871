// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/sip.h"

#include "decode/line.h"

/* RFC 3261 7.1, 3262, 3265, 3311, 3428, 3515, 3903, 6086 */
static const char *const methods[] = {
	"REGISTER ", "INVITE ",	 "ACK ",    "BYE ",	  "CANCEL ",
	"OPTIONS ",  "MESSAGE ", "NOTIFY ", "SUBSCRIBE ", "PUBLISH ",
	"REFER ",    "INFO ",	 "UPDATE ", "PRACK ",
};

static const char version[] = "SIP/2.0";

/* Method, address, version. */
static bool is_request_line(struct slice line)
{
	size_t tail = sizeof(version); /* a space, and the version */

	if (line.len < tail || line.data[line.len - tail] != ' ' ||
	    memcmp(line.data + line.len - tail + 1, version, tail - 1) != 0)
		return false;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (line_starts(line, methods[i]))
			return true;
	}
	return false;
}

int sip_decode(struct slice bytes, struct sip *out)
{
	struct slice line, authorization = { 0 }, proxy = { 0 };
	struct sip sip = { 0 };
	size_t at = 0;

	if (!sip_may_begin(bytes))
		return ERR_MALFORMED;
	if (bytes.len > SIP_HEAD_MAX_BYTES)
		bytes.len = SIP_HEAD_MAX_BYTES;
	if (!line_next(bytes, &at, &line) || !line_is_text(line))
		return ERR_MALFORMED;
	sip.request = is_request_line(line);
	if (!sip.request && !line_starts(line, "SIP/2.0 "))
		return ERR_MALFORMED;
	while (line_next(bytes, &at, &line) && line.len) {
		line_field(line, "User-Agent", &sip.user_agent);
		line_field(line, "Server", &sip.user_agent);
		line_field(line, "Authorization", &authorization);
		line_field(line, "Proxy-Authorization", &proxy);
	}
	sip.credentials = authorization.len || proxy.len;
	*out = sip;
	return 0;
}
