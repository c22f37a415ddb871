// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ntp.h"

#include "base/cursor.h"

enum {
	PACKET_BYTES = 48, /* without extension fields and authenticator */
	STRATUM_MAX = 16,
};

int ntp_decode(struct slice bytes, struct ntp *out)
{
	struct cursor c = cursor_slice(bytes);
	uint8_t first = cursor_u8(&c), stratum = cursor_u8(&c);
	uint8_t version = first >> 3 & 7, mode = first & 7;

	if (bytes.len < PACKET_BYTES)
		return ERR_TRUNCATED;
	/* version 1 had no modes */
	if (!mode && version == 1)
		mode = NTP_CLIENT;
	if (version < 1 || version > 4 || mode < NTP_ACTIVE ||
	    mode > NTP_BROADCAST || stratum > STRATUM_MAX || bytes.len % 4)
		return ERR_MALFORMED;
	*out = (struct ntp){ .version = version,
			     .mode = (enum ntp_mode)mode,
			     .stratum = stratum };
	return 0;
}
