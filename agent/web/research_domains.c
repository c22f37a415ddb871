// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "know/suffix.h"
#include "web/research.h"
#include "web/state.h"

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Lower case, without dots at its end. False for what is no host's. */
static bool read_domain(struct slice said, char out[MESSAGE_DOMAIN_BYTES])
{
	bool letter = false; /* in its last label: no address has one */

	while (said.len && said.data[said.len - 1] == '.')
		said.len--;
	if (!said.len || said.len >= MESSAGE_DOMAIN_BYTES)
		return false;
	for (size_t i = 0; i < said.len; i++) {
		char c = (char)said.data[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (c == '.' && (!i || out[i - 1] == '.'))
			return false;
		if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '.' &&
		    c != '-' && c != '_')
			return false;
		letter = c == '.' ? false : letter || is_letter(c);
		out[i] = c;
	}
	out[said.len] = '\0';
	return letter;
}

/* Names under it are of a home anyway (lan, fritz.box). */
static bool is_local(const char *domain)
{
	char under[2 + MESSAGE_DOMAIN_BYTES];

	snprintf(under, sizeof(under), "x.%s", domain);
	return scrub_is_local_name(slice_text(under));
}

static bool is_known(const struct research *r, const char *domain)
{
	json_t *known;
	size_t i;

	json_array_foreach(r->domains, i, known)
	{
		if (!strcmp(json_string_value(known), domain))
			return true;
	}
	return false;
}

static bool says_domain(void *domain, struct slice text)
{
	return scrub_says_domain(text, slice_text(domain));
}

void research_learn_domain(struct hub *hub, struct slice said)
{
	struct research *r = &hub->research;
	char domain[MESSAGE_DOMAIN_BYTES];

	if (!read_domain(said, domain)) {
		r->counters.domains_refused++;
		return;
	}
	if (is_local(domain) || is_known(r, domain))
		return;
	/* all of the Internet's, or of a country's: not one home */
	if (suffix_is_public(slice_text(domain)) ||
	    json_array_size(r->domains) >= RESEARCH_DOMAINS_MAX ||
	    json_array_append_new(r->domains, json_string(domain))) {
		r->counters.domains_refused++;
		return;
	}
	hush_learn_domain(hub);
	research_take_out(hub, says_domain, domain);
	(void)!research_save(hub);
}
