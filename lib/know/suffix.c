// SPDX-License-Identifier: GPL-3.0-or-later
#include "know/suffix.h"

#include <libpsl.h>
#include <string.h>

/* RFC 1035 2.3.4 has 255 octets; no list has rules for longer ones. */
#define HOST_MAX_BYTES 255

struct slice suffix_registered_domain(struct slice host)
{
	static const struct slice none;
	const psl_ctx_t *list = psl_builtin();
	char text[HOST_MAX_BYTES + 1];
	size_t before = 0;

	if (!list || !host.len || host.len > HOST_MAX_BYTES ||
	    memchr(host.data, 0, host.len))
		return none;
	memcpy(text, host.data, host.len);
	text[host.len] = 0;
	/* from the whole name down to its last label */
	for (size_t at = 0;;) {
		const char *dot;

		if (psl_is_public_suffix2(list, text + at,
					  PSL_TYPE_ICANN |
						  PSL_TYPE_NO_STAR_RULE))
			return at && text[before] != '.' && text[at] != '.'
				       ? slice_of(host.data + before,
						  host.len - before)
				       : none;
		dot = strchr(text + at, '.');
		if (!dot)
			return none;
		before = at;
		at = (size_t)(dot - text) + 1;
	}
}

bool suffix_is_public(struct slice host)
{
	static const int type = PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE;
	const psl_ctx_t *list = psl_builtin();
	char text[HOST_MAX_BYTES + 3];

	if (!host.len || host.len > HOST_MAX_BYTES ||
	    memchr(host.data, 0, host.len))
		return false;
	if (!list)
		return !memchr(host.data, '.', host.len);
	/* a rule may be for all names right below ("*.ck") */
	memcpy(text, "x.", 2);
	memcpy(text + 2, host.data, host.len);
	text[host.len + 2] = 0;
	return psl_is_public_suffix2(list, text + 2, type) ||
	       psl_is_public_suffix2(list, text, type);
}

int suffix_rule_count(void)
{
	const psl_ctx_t *list = psl_builtin();

	return list ? psl_suffix_count(list) : 0;
}
