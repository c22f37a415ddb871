// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/identity.h"

#include <string.h>
#include <strings.h>

#include "judge/identity_rules.h"
#include "judge/match.h"
#include "judge/user_agent.h"

/* Fits looked at; a device that says more than that has said enough. */
#define HITS_MAX 256
/* A thing needs this weight, and so much more of it than a computer has: to
 * show somebody's computer is worse than to ask the owner. */
#define THING_LEAST	    60
#define THING_LEAST_LEAD    35
#define COMPUTER_LEAST	    50
#define COMPUTER_LEAST_LEAD 10
/* Of what contradicts, this part (in per cent) is taken off. */
#define CONTRADICTION_PERCENT 60

/* A rule that fits a piece of evidence. */
struct hit {
	const struct identity_rule *rule;
	struct evidence evidence;
	struct slice text, rest; /* what it was matched with, what follows */
	char vendor[IDENTITY_TEXT_BYTES];
	unsigned int group; /* of kinds that repeat each other */
};

struct hits {
	struct hit list[HITS_MAX];
	size_t count, left_out;
};

const char *identity_verdict_name(enum identity_verdict verdict)
{
	static const char *const names[] = {
		[IDENTITY_UNKNOWN] = "unknown",
		[IDENTITY_THING] = "thing",
		[IDENTITY_COMPUTER] = "computer",
	};

	return names[verdict];
}

enum identity_verdict identity_side(struct slice category)
{
	for (size_t i = 1; i < identity_category_count; i++) {
		const struct identity_category *c = &identity_categories[i];

		if (match_text(MATCH_IS, slice_text(c->name), category, NULL) ||
		    match_text(MATCH_IS, slice_text(c->label), category, NULL))
			return (enum identity_verdict)c->side;
	}
	return IDENTITY_UNKNOWN;
}

const char *identity_category_at(size_t i)
{
	/* the first is none */
	return i + 1 < identity_category_count
		       ? identity_categories[i + 1].label
		       : NULL;
}

const char *identity_category_label(const char *category)
{
	for (size_t i = 1; i < identity_category_count; i++)
		if (!strcmp(identity_categories[i].name, category))
			return identity_categories[i].label;
	return "";
}

size_t identity_rule_count(void)
{
	return identity_rules_count;
}

/* A name told in several ways is one reason, and so is one User-Agent. */
static unsigned int group_of(unsigned int kind)
{
	switch (kind) {
	case RECORD_CLUE_MDNS_INSTANCE:
		return RECORD_CLUE_MDNS_SERVICE;
	case RULE_UA_PLATFORM:
	case RULE_UA_DEVICE:
		return RECORD_CLUE_USER_AGENT;
	case RECORD_CLUE_SSDP_USN:
		return RECORD_CLUE_SSDP_TYPE;
	case RECORD_CLUE_UPNP_MODEL_NUMBER:
		return RECORD_CLUE_UPNP_MODEL;
	case RECORD_CLUE_MQTT_CLIENT_ID:
		return EVIDENCE_APPLICATION;
	case EVIDENCE_DHCP_TABLE:
		return RECORD_CLUE_DHCP_PARAMETERS;
	case EVIDENCE_JA4:
		return EVIDENCE_JA3;
	default:
		return kind;
	}
}

static struct slice behind_equals(struct slice text)
{
	const uint8_t *at = memchr(text.data, '=', text.len);
	const uint8_t *end = text.data + text.len;

	return at ? slice_of(at + 1, (size_t)(end - at - 1)) : text;
}

/* A text of the rule, or the part of the evidence that it stands for. */
static void fill(char out[IDENTITY_TEXT_BYTES], const char *text,
		 const struct hit *hit)
{
	struct slice from = slice_text(text);

	if (!strcmp(text, RULE_REST))
		from = hit->rest;
	else if (!strcmp(text, RULE_WHOLE))
		from = hit->text;
	else if (!strcmp(text, RULE_VALUE))
		from = behind_equals(hit->text);
	while (from.len && from.data[0] == ' ')
		from = slice_of(from.data + 1, from.len - 1);
	if (from.len >= IDENTITY_TEXT_BYTES)
		from.len = IDENTITY_TEXT_BYTES - 1;
	if (from.len)
		memcpy(out, from.data, from.len);
	out[from.len] = '\0';
}

static void add_hit(struct hits *hits, const struct identity_rule *rule,
		    unsigned int kind, const struct evidence *e,
		    struct slice text, struct slice rest)
{
	struct hit *hit;

	if (hits->count == HITS_MAX) {
		hits->left_out++;
		return;
	}
	hit = &hits->list[hits->count++];
	*hit = (struct hit){ .rule = rule,
			     .evidence = *e,
			     .text = text,
			     .rest = rest,
			     .group = group_of(kind) };
	fill(hit->vendor, rule->vendor, hit);
}

/* text: e's own or what it comes to. What fits anything is for what nothing
 * else fits. */
static void match_kind(struct hits *hits, unsigned int kind, struct slice text,
		       const struct evidence *e)
{
	const struct identity_range *range = &identity_ranges[kind];
	size_t before = hits->count;
	struct slice rest;

	for (size_t i = 0; i < range->count; i++) {
		const struct identity_rule *rule =
			&identity_rules[range->first + i];

		if (rule->match == MATCH_ANY && hits->count > before)
			continue;
		if (match_text((enum match)rule->match, slice_text(rule->text),
			       text, &rest))
			add_hit(hits, rule, kind, e, text, rest);
	}
}

/* Up to a byte, or all of it. */
static struct slice up_to(struct slice text, uint8_t end)
{
	const uint8_t *at = memchr(text.data, end, text.len);

	return at ? slice_of(text.data, (size_t)(at - text.data)) : text;
}

/* "Anna's iPad._airplay._tcp.local": the name may have dots of its own. */
static struct slice before_type(struct slice instance)
{
	for (size_t i = 0; i + 1 < instance.len; i++)
		if (instance.data[i] == '.' && instance.data[i + 1] == '_')
			return slice_of(instance.data, i);
	return instance;
}

/* What a device calls itself, if that is what this is. */
static struct slice name_in(const struct evidence *e)
{
	switch (e->kind) {
	case RECORD_CLUE_DHCP_HOSTNAME:
	case RECORD_CLUE_DHCP_FQDN:
	case RECORD_CLUE_DHCP6_FQDN:
	case RECORD_CLUE_MDNS_HOST:
	case RECORD_CLUE_LLMNR_NAME:
		return up_to(e->text, '.');
	case RECORD_CLUE_MDNS_INSTANCE:
		return before_type(e->text);
	case RECORD_CLUE_NETBIOS_NAME:
		return up_to(e->text, '<');
	case RECORD_CLUE_UPNP_FRIENDLY_NAME:
		return e->text;
	default:
		return (struct slice){ NULL, 0 };
	}
}

static bool is_told_by(unsigned int kind, struct slice text)
{
	const struct identity_range *range = &identity_ranges[kind];

	for (size_t i = 0; text.len && i < range->count; i++) {
		const struct identity_rule *rule =
			&identity_rules[range->first + i];

		if (rule->match != MATCH_ANY &&
		    match_text((enum match)rule->match, slice_text(rule->text),
			       text, NULL))
			return true;
	}
	return false;
}

bool identity_tells(const struct evidence *e)
{
	struct user_agent agent;

	if (is_told_by(e->kind, e->text) || is_told_by(RULE_NAME, name_in(e)))
		return true;
	if (e->kind != RECORD_CLUE_USER_AGENT)
		return false;
	agent = user_agent_parse(e->text);
	return is_told_by(RULE_UA_PLATFORM, slice_text(user_agent_platform_name(
						    agent.platform))) ||
	       is_told_by(RULE_UA_DEVICE, agent.device);
}

static void match_agent(struct hits *hits, const struct evidence *e)
{
	struct user_agent agent = user_agent_parse(e->text);
	const char *platform = user_agent_platform_name(agent.platform);

	if (platform[0])
		match_kind(hits, RULE_UA_PLATFORM, slice_text(platform), e);
	if (agent.device.len)
		match_kind(hits, RULE_UA_DEVICE, agent.device, e);
}

static void gather(struct hits *hits, const struct evidence_set *set)
{
	struct evidence e;
	struct slice name;

	hits->count = hits->left_out = 0;
	for (size_t at = 0; evidence_next(set, &at, &e);) {
		match_kind(hits, e.kind, e.text, &e);
		name = name_in(&e);
		if (name.len)
			match_kind(hits, RULE_NAME, name, &e);
		if (e.kind == RECORD_CLUE_USER_AGENT)
			match_agent(hits, &e);
	}
}

/* Weights by group, to be put together. */
struct tally {
	uint8_t most[RULE_KINDS];
};

static void tally_add(struct tally *t, unsigned int group, unsigned int weight)
{
	if (weight > t->most[group])
		t->most[group] = (uint8_t)weight;
}

/* In per cent; never quite sure. */
static unsigned int tally_sum(const struct tally *t)
{
	unsigned int doubt = 10000;

	for (size_t i = 0; i < RULE_KINDS; i++)
		doubt = doubt * (100 - t->most[i]) / 100;
	return doubt < 100 ? 99 : (10000 - doubt) / 100;
}

static bool is_under(unsigned int category, unsigned int wider)
{
	while (category && category != wider)
		category = identity_categories[category].parent;
	return category == wider;
}

/* Whether one may be both: the same, or one narrower than the other. */
static bool agree(unsigned int a, unsigned int b)
{
	return !a || !b || is_under(a, b) || is_under(b, a);
}

static const char *best_vendor(const struct hits *hits)
{
	const char *best = "";
	unsigned int most = 0;

	for (size_t i = 0; i < hits->count; i++) {
		const char *vendor = hits->list[i].vendor;
		struct tally t = { { 0 } };
		unsigned int sum;

		if (!vendor[0])
			continue;
		for (size_t j = 0; j < hits->count; j++)
			if (!strcasecmp(hits->list[j].vendor, vendor))
				tally_add(&t, hits->list[j].group,
					  hits->list[j].rule->weight);
		sum = tally_sum(&t);
		if (sum > most) {
			most = sum;
			best = vendor;
		}
	}
	return best;
}

/* What speaks for a wider category speaks for the narrower too, if anything
 * speaks for that at all; of two of the same weight, the narrower. */
static unsigned int best_category(const struct hits *hits)
{
	unsigned int best = 0, most = 0;

	for (unsigned int c = 1; c < identity_category_count; c++) {
		struct tally t = { { 0 } };
		unsigned int sum;
		bool itself = false;

		for (size_t i = 0; i < hits->count; i++) {
			const struct identity_rule *rule = hits->list[i].rule;

			if (!rule->category || !is_under(c, rule->category))
				continue;
			itself |= rule->category == c;
			tally_add(&t, hits->list[i].group, rule->weight);
		}
		sum = itself ? tally_sum(&t) : 0;
		if (sum > most || (sum && sum == most && is_under(c, best))) {
			most = sum;
			best = c;
		}
	}
	return best;
}

/* The heaviest model that the vendor and category do not rule out. */
static void best_model(const struct hits *hits, struct identity *out,
		       unsigned int category)
{
	const struct hit *best = NULL;

	for (size_t i = 0; i < hits->count; i++) {
		const struct hit *hit = &hits->list[i];

		if (!hit->rule->model[0] ||
		    !agree(hit->rule->category, category))
			continue;
		if (hit->vendor[0] && strcasecmp(hit->vendor, out->vendor))
			continue;
		if (!best || hit->rule->weight > best->rule->weight)
			best = hit;
	}
	if (best)
		fill(out->model, best->rule->model, best);
}

static bool contradicts(const struct hit *hit, const struct identity *out,
			unsigned int category)
{
	/* a registry's word for whom a chip was sold to is no contradiction */
	bool other_vendor = hit->vendor[0] && hit->rule->match != MATCH_ANY &&
			    strcasecmp(hit->vendor, out->vendor);

	return other_vendor || !agree(hit->rule->category, category);
}

/* Says nothing but the model, and no other was found. */
static bool names_model(const struct hit *hit, const struct identity *out)
{
	char model[IDENTITY_TEXT_BYTES];

	if (hit->rule->category || hit->vendor[0] || !hit->rule->model[0])
		return false;
	fill(model, hit->rule->model, hit);
	return !strcmp(model, out->model);
}

static bool supports(const struct hit *hit, const struct identity *out,
		     unsigned int category)
{
	return (hit->rule->category && agree(hit->rule->category, category)) ||
	       names_model(hit, out) ||
	       (hit->vendor[0] && !strcasecmp(hit->vendor, out->vendor));
}

static unsigned int lessened(unsigned int by, unsigned int sum)
{
	return sum * (10000 - by * CONTRADICTION_PERCENT) / 10000;
}

static void judge_identity(const struct hits *hits, struct identity *out,
			   unsigned int category)
{
	struct tally with = { { 0 } }, against = { { 0 } };

	for (size_t i = 0; i < hits->count; i++) {
		const struct hit *hit = &hits->list[i];

		if (contradicts(hit, out, category))
			tally_add(&against, hit->group, hit->rule->weight);
		else if (supports(hit, out, category))
			tally_add(&with, hit->group, hit->rule->weight);
	}
	out->confidence = lessened(tally_sum(&against), tally_sum(&with));
}

static void judge_side(const struct hits *hits, struct identity *out)
{
	struct tally thing = { { 0 } }, computer = { { 0 } };

	for (size_t i = 0; i < hits->count; i++) {
		const struct hit *hit = &hits->list[i];

		tally_add(&thing, hit->group, hit->rule->thing);
		tally_add(&computer, hit->group, hit->rule->computer);
	}
	out->thing = tally_sum(&thing);
	out->computer = tally_sum(&computer);
	if (out->computer >= COMPUTER_LEAST &&
	    out->computer >= out->thing + COMPUTER_LEAST_LEAD) {
		out->verdict = IDENTITY_COMPUTER;
		out->verdict_confidence = lessened(out->thing, out->computer);
	} else if (out->thing >= THING_LEAST &&
		   out->thing >= out->computer + THING_LEAST_LEAD) {
		out->verdict = IDENTITY_THING;
		out->verdict_confidence = lessened(out->computer, out->thing);
	}
}

static unsigned int importance(const struct identity_rule *rule)
{
	unsigned int side =
		rule->thing > rule->computer ? rule->thing : rule->computer;

	return rule->weight > side ? rule->weight : side;
}

static void add_reason(struct identity *out, const struct hit *hit,
		       unsigned int category)
{
	struct identity_reason *reason = &out->reasons[out->reason_count++];
	const struct identity_rule *rule = hit->rule;

	*reason = (struct identity_reason){
		.evidence = hit->evidence,
		.says = rule->says,
		.weight = rule->weight,
		.category = identity_categories[rule->category].name,
		.thing = rule->thing,
		.computer = rule->computer,
		.contradicts = contradicts(hit, out, category),
	};
	memcpy(reason->vendor, hit->vendor, sizeof(reason->vendor));
	fill(reason->model, rule->model, hit);
}

/* By weight from the top, in the order of the evidence. */
static void give_reasons(const struct hits *hits, struct identity *out,
			 unsigned int category)
{
	out->reasons_left_out = hits->left_out;
	for (unsigned int w = 100; w-- > 0;)
		for (size_t i = 0; i < hits->count; i++) {
			if (importance(hits->list[i].rule) != w)
				continue;
			if (out->reason_count == IDENTITY_REASONS_MAX)
				out->reasons_left_out++;
			else
				add_reason(out, &hits->list[i], category);
		}
}

void identity_judge(const struct evidence_set *set, struct identity *out)
{
	struct hits hits;
	unsigned int category;

	gather(&hits, set);
	memset(out, 0, sizeof(*out));
	category = best_category(&hits);
	out->category = identity_categories[category].name;
	out->category_label = identity_categories[category].label;
	(void)strncpy(out->vendor, best_vendor(&hits), sizeof(out->vendor) - 1);
	best_model(&hits, out, category);
	judge_identity(&hits, out, category);
	judge_side(&hits, out);
	give_reasons(&hits, out, category);
}
