// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/trace.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "record/scrub.h"

/* Domains of homes, beside those that scrub.h knows: RFC 6762, RFC 8375,
 * ICANN's .internal, and what routers call theirs. */
static const char *const home_domains[] = { "local",	"lan",	      "home",
					    "internal", "arpa",	      "box",
					    "intern",	"localdomain" };

/* What devices are called by those who do not name them: own table. */
static const char *const kinds_of_devices[] = {
	"airpods",   "android",	    "apple",	   "apple-tv",	"apple-watch",
	"camera",    "chrome",	    "computer",	   "desktop",	"device",
	"galaxy",    "google",	    "home",	   "host",	"huawei",
	"imac",	     "ipad",	    "iphone",	   "ipod",	"kindle",
	"laptop",    "linux",	    "localhost",   "mac",	"mac-mini",
	"macbook",   "macbook-air", "macbook-pro", "microsoft", "mobile",
	"motorola",  "oneplus",	    "phone",	   "pixel",	"printer",
	"raspberry", "raspberrypi", "samsung",	   "server",	"speaker",
	"surface",   "tablet",	    "ubuntu",	   "unknown",	"watch",
	"windows",   "workgroup",   "xiaomi",	   "xbox",
};

/* Bytes of a hash behind the length. */
#define HASHED_BYTES (sizeof(struct trace_hash) - 1)

void trace_set_init(struct trace_set *set, size_t max, uint64_t seed)
{
	table_init(&set->names, sizeof(struct trace_hash), sizeof(uint32_t),
		   (uint32_t)max, seed);
	set->lengths = 0;
}

void trace_set_done(struct trace_set *set)
{
	table_done(&set->names);
}

void trace_set_clear(struct trace_set *set)
{
	table_clear(&set->names);
	set->lengths = 0;
}

static void hash_lower(const struct trace_set *set, const char *name,
		       size_t len, struct trace_hash *out)
{
	char text[FINDING_SUBJECT_BYTES];
	uint8_t hash[32];

	for (size_t i = 0; i < len; i++)
		text[i] = (char)tolower((unsigned char)name[i]);
	set->hash(set->user, text, len, hash);
	out->b[0] = (uint8_t)len;
	memcpy(out->b + 1, hash, HASHED_BYTES);
}

bool trace_hash_of(const struct trace_set *set, const char *name,
		   struct trace_hash *out)
{
	size_t len = strnlen(name, FINDING_SUBJECT_BYTES - 1);

	if (len < TRACE_NAME_LEAST)
		return false;
	hash_lower(set, name, len, out);
	return true;
}

bool trace_set_has(const struct trace_set *set, const struct trace_hash *name)
{
	return table_find(&set->names, name) != NULL;
}

int trace_set_add(struct trace_set *set, const struct trace_hash *name)
{
	uint32_t *count = table_get(&set->names, name, NULL);

	if (!count)
		return ERR_LIMIT;
	++*count;
	set->lengths |= UINT64_C(1) << (name->b[0] % 64);
	return 0;
}

void trace_add_addr(struct trace *trace, const struct addr *addr)
{
	if (!addr->family || trace->addr_count == TRACE_ADDRS_MAX)
		return;
	for (size_t i = 0; i < trace->addr_count; i++)
		if (addr_equal(&trace->addrs[i], addr))
			return;
	trace->addrs[trace->addr_count++] = *addr;
}

void trace_add_name(struct trace *trace, const char *name)
{
	char cut[FINDING_SUBJECT_BYTES];

	(void)snprintf(cut, sizeof(cut), "%s", name);
	if (strlen(cut) < TRACE_NAME_LEAST ||
	    trace->name_count == TRACE_NAMES_MAX)
		return;
	for (size_t i = 0; i < trace->name_count; i++)
		if (!strcasecmp(trace->names[i], cut))
			return;
	memcpy(trace->names[trace->name_count++], cut, sizeof(cut));
}

static bool is_at(const struct trace *trace, const struct addr *addr)
{
	for (size_t i = 0; addr->family && i < trace->addr_count; i++)
		if (addr_equal(&trace->addrs[i], addr))
			return true;
	return false;
}

/* Of a weakness or a change; one that is about several has none. */
static bool is_name(const char *subject)
{
	struct addr addr;

	return subject[0] && addr_parse(subject, &addr);
}

void trace_learn(struct trace *trace, const struct finding_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct finding *f = &list->items[i];

		if (rules[f->kind].class == RULE_WEAKNESS &&
		    is_at(trace, &f->endpoint) && is_name(f->subject))
			trace_add_name(trace, f->subject);
	}
}

static bool is_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* A name with a domain. */
static bool is_of_home(const struct trace *trace, struct slice name)
{
	for (size_t i = 0; i < trace->domain_count; i++)
		if (scrub_says_domain(name, trace->domains[i]))
			return true;
	return scrub_is_local_name(name);
}

/* What follows a name: nothing of a name, or a domain of the home. */
static bool ends_at_home(const struct trace *trace, const char *name,
			 const char *rest)
{
	const char *label = rest;
	size_t len = 0;

	if (rest[0] != '.' || !is_of_name(rest[1]))
		return !is_of_name(rest[0]);
	while (*rest == '.' && is_of_name(rest[1])) {
		label = ++rest;
		while (is_of_name(*rest))
			rest++;
		len = (size_t)(rest - label);
	}
	for (size_t i = 0; i < sizeof(home_domains) / sizeof(home_domains[0]);
	     i++)
		if (strlen(home_domains[i]) == len &&
		    !strncasecmp(home_domains[i], label, len))
			return true;
	return is_of_home(trace, slice_of(name, (size_t)(rest - name)));
}

static bool is_kind_of_device(const char *name, size_t len)
{
	for (size_t i = 0;
	     i < sizeof(kinds_of_devices) / sizeof(kinds_of_devices[0]); i++)
		if (strlen(kinds_of_devices[i]) == len &&
		    !strncasecmp(kinds_of_devices[i], name, len))
			return true;
	return false;
}

/* Whether a name may begin there. */
static bool begins(const char *text, const char *at)
{
	return at == text || (!is_of_name(at[-1]) && at[-1] != '.');
}

static bool has_name(const struct trace *trace, const char *text,
		     const char *name)
{
	size_t len = strlen(name);

	for (const char *at = text; (at = strcasestr(at, name)); at++)
		if (begins(text, at) && ends_at_home(trace, at, at + len))
			return true;
	return false;
}

/* Whether one of the set begins there. */
static bool is_known_at(const struct trace *trace, const char *at, bool free)
{
	const struct trace_set *set = trace->known;
	size_t room = strnlen(at, FINDING_SUBJECT_BYTES - 1);
	struct trace_hash hash;

	for (size_t len = TRACE_NAME_LEAST; len <= room; len++) {
		if (!(set->lengths >> len & 1) ||
		    !ends_at_home(trace, at, at + len) ||
		    (free && is_kind_of_device(at, len)))
			continue;
		hash_lower(set, at, len, &hash);
		if (trace_set_has(set, &hash))
			return true;
	}
	return false;
}

static bool has_known(const struct trace *trace, const char *text, bool free)
{
	for (const char *at = text; trace->known->lengths && *at; at++)
		if (begins(text, at) && is_known_at(trace, at, free))
			return true;
	return false;
}

static bool is_in(const struct trace *trace, const char *text, bool free)
{
	for (size_t i = 0; i < trace->name_count; i++) {
		const char *name = trace->names[i];

		if (!(free && is_kind_of_device(name, strlen(name))) &&
		    has_name(trace, text, name))
			return true;
	}
	return trace->known && has_known(trace, text, free);
}

bool trace_in_text(const struct trace *trace, const char *text)
{
	return is_in(trace, text, false);
}

bool trace_in_free_text(const struct trace *trace, const char *text)
{
	return is_in(trace, text, true);
}

bool trace_in_finding(const struct trace *trace, const struct finding *f,
		      bool of_home)
{
	bool at = is_at(trace, &f->endpoint);

	if (of_home && at)
		return true;
	if (!of_home && rules[f->kind].class == RULE_ALERT)
		return false;
	/* one about several has names of any of them */
	if (at && (!f->subject[0] || is_name(f->subject)))
		return true;
	if (trace_in_text(trace, f->subject))
		return true;
	for (size_t i = 0; i < FINDING_EVIDENCE_MAX; i++)
		if (trace_in_text(trace, f->evidence[i].text))
			return true;
	return false;
}

bool trace_erase(const struct trace *trace, struct finding_list *list,
		 bool of_home)
{
	size_t kept = 0, before = list->count;

	for (size_t i = 0; i < before; i++)
		if (!trace_in_finding(trace, &list->items[i], of_home))
			list->items[kept++] = list->items[i];
	if (kept == before)
		return false;
	explicit_bzero(&list->items[kept],
		       (before - kept) * sizeof(list->items[0]));
	list->count = kept;
	list->changed = true;
	return true;
}

static bool erase_items(const struct trace *trace, struct posture_items *list)
{
	uint32_t kept = 0, before = list->count;

	for (uint32_t i = 0; i < before; i++)
		if (!trace_in_text(trace, list->items[i].text))
			list->items[kept++] = list->items[i];
	explicit_bzero(&list->items[kept],
		       (before - kept) * sizeof(list->items[0]));
	list->count = kept;
	return kept < before;
}

static bool erase_changes(const struct trace *trace, struct change_list *list)
{
	struct change_list kept = { 0 };
	bool any = false;

	for (size_t i = 0; i < list->count; i++)
		any |= trace_in_text(trace, change_at(list, i)->text);
	if (!any)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		const struct change *c = change_at(list, i);

		if (!trace_in_text(trace, c->text))
			change_add(&kept, c->kind, c->at_ms, c->text);
	}
	*list = kept;
	return true;
}

bool trace_erase_judge(const struct trace *trace, struct judge *judge)
{
	bool any = trace_erase(trace, &judge->findings, false);

	for (size_t i = 0; i < POSTURE_LISTS; i++)
		any |= erase_items(trace, &judge->posture.lists[i]);
	any |= erase_changes(trace, &judge->posture.changes);
	return any;
}
