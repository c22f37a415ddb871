// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/randomised.h"

#include <string.h>
#include <strings.h>

/* What a device keeps when it changes its MAC, and how sure it makes one that
 * two are the same: names can be the same by habit of their maker, identifiers
 * are made to differ. */
static const struct kept {
	unsigned int kind, weight;
	const char *says;
} kept[] = {
	{ RECORD_CLUE_SSDP_USN, 90, "the same UPnP identifier" },
	{ RECORD_CLUE_MDNS_INSTANCE, 75, "the same name of a service" },
	{ RECORD_CLUE_MDNS_HOST, 70, "the same name by mDNS" },
	{ RECORD_CLUE_DHCP_HOSTNAME, 65, "the same host name" },
	{ RECORD_CLUE_DHCP_FQDN, 65, "the same full host name" },
	{ RECORD_CLUE_USER_AGENT, 30, "the same program" },
	{ EVIDENCE_JA4, 25, "the same way of beginning TLS" },
	{ RECORD_CLUE_DHCP_PARAMETERS, 20, "asks DHCP for the same" },
};

bool randomised_is(const struct mac *mac)
{
	/* the bit that says "locally administered", not that of groups */
	return (mac->b[0] & 3) == 2;
}

static bool has(const struct evidence_set *set, const struct evidence *wanted)
{
	struct evidence e;

	for (size_t at = 0; evidence_next(set, &at, &e);)
		if (e.kind == wanted->kind && slice_equal(e.text, wanted->text))
			return true;
	return false;
}

static bool may_be_one(const struct randomised_device *older,
		       const struct randomised_device *newer)
{
	const struct identity *a = older->identity, *b = newer->identity;

	if (a->verdict != IDENTITY_THING || b->verdict != IDENTITY_THING)
		return false;
	if (!randomised_is(&older->mac) && !randomised_is(&newer->mac))
		return false;
	if (!memcmp(&older->mac, &newer->mac, sizeof(older->mac)) ||
	    older->last_ms >= newer->first_ms)
		return false;
	if (a->vendor[0] && b->vendor[0] && strcasecmp(a->vendor, b->vendor))
		return false;
	return !a->category[0] || !b->category[0] ||
	       !strcmp(a->category, b->category);
}

/* The first piece of this kind that both have. */
static bool agree(const struct randomised_device *older,
		  const struct randomised_device *newer, unsigned int kind,
		  struct evidence *out)
{
	for (size_t at = 0; evidence_next(newer->evidence, &at, out);)
		if (out->kind == kind && has(older->evidence, out))
			return true;
	return false;
}

void randomised_compare(const struct randomised_device *older,
			const struct randomised_device *newer,
			struct randomised_match *out)
{
	unsigned int doubt = 100;
	struct evidence e;

	*out = (struct randomised_match){ .reason_count = 0 };
	if (!may_be_one(older, newer))
		return;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (!agree(older, newer, kept[i].kind, &e))
			continue;
		doubt = doubt * (100 - kept[i].weight) / 100;
		out->reasons[out->reason_count++] = (struct randomised_reason){
			.evidence = e,
			.says = kept[i].says,
			.weight = kept[i].weight,
		};
	}
	out->confidence = 100 - doubt;
}
