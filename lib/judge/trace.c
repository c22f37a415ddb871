// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/trace.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Domains of homes: RFC 6762, RFC 8375, ICANN's .internal, and what routers
 * call theirs. */
static const char *const home_domains[] = { "local",	"lan",	      "home",
					    "internal", "arpa",	      "box",
					    "intern",	"localdomain" };

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

/* What follows a name: nothing of a name, or a domain that homes have. */
static bool ends_at_home(const char *rest)
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
	return false;
}

static bool has_name(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = text; (at = strcasestr(at, name)); at++)
		if ((at == text || (!is_of_name(at[-1]) && at[-1] != '.')) &&
		    ends_at_home(at + len))
			return true;
	return false;
}

bool trace_in_text(const struct trace *trace, const char *text)
{
	for (size_t i = 0; i < trace->name_count; i++)
		if (has_name(text, trace->names[i]))
			return true;
	return false;
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
