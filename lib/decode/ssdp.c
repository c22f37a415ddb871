// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ssdp.h"

#include "decode/line.h"

static const struct {
	const char *start;
	enum ssdp_kind kind;
} start_lines[] = {
	{ "NOTIFY * HTTP/1.", SSDP_NOTIFY },
	{ "M-SEARCH * HTTP/1.", SSDP_SEARCH },
	{ "HTTP/1.1 200", SSDP_RESPONSE },
	{ "HTTP/1.0 200", SSDP_RESPONSE },
};

static int find_kind(struct slice line, enum ssdp_kind *out)
{
	for (size_t i = 0; i < sizeof(start_lines) / sizeof(*start_lines);
	     i++) {
		if (!line_starts(line, start_lines[i].start))
			continue;
		*out = start_lines[i].kind;
		return 0;
	}
	return ERR_MALFORMED;
}

int ssdp_decode(struct slice bytes, struct ssdp *out)
{
	struct ssdp ssdp = { 0 };
	struct slice line;
	size_t at = 0;
	int err;

	if (!line_next(bytes, &at, &line))
		return ERR_TRUNCATED;
	err = find_kind(line, &ssdp.kind);
	if (err)
		return err;
	while (line_next(bytes, &at, &line) && line.len) {
		line_field(line, "ST", &ssdp.st);
		line_field(line, "NT", &ssdp.nt);
		line_field(line, "NTS", &ssdp.nts);
		line_field(line, "USN", &ssdp.usn);
		line_field(line, "SERVER", &ssdp.server);
		line_field(line, "USER-AGENT", &ssdp.user_agent);
		line_field(line, "LOCATION", &ssdp.location);
	}
	*out = ssdp;
	return 0;
}
