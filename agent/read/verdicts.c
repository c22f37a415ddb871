// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/verdicts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "judge/endpoint.h"

#define MS_PER_S 1000

void verdicts_init(struct verdicts *v, const struct names *names, uint64_t seed)
{
	*v = (struct verdicts){ .names = names, .seed = seed };
	know_init(&v->know);
	table_init(&v->devices, sizeof(struct mac), sizeof(struct judge *),
		   VERDICTS_DEVICES_MAX, seed);
	table_init(&v->parties, sizeof(struct verdicts_remote),
		   sizeof(struct party), VERDICTS_PARTIES_MAX, seed);
}

void verdicts_done(struct verdicts *v)
{
	struct judge **judge;
	uint32_t at = 0;

	while ((judge = table_next(&v->devices, &at, NULL))) {
		judge_done(*judge);
		free(*judge);
	}
	table_done(&v->devices);
	table_done(&v->parties);
	finding_done(&v->home);
}

/* As party_know(), which goes through long lists. */
static void know_party(struct verdicts *v, const struct addr *remote,
		       struct party *out)
{
	struct verdicts_remote key;
	struct slice name = out->name;
	struct party *known;
	bool fresh;

	/* all of it is compared */
	memset(&key, 0, sizeof(key));
	key.name = name.len ? table_hash(v->seed, name.data, name.len) : 0;
	key.addr = *remote;
	if (v->parties.count == VERDICTS_PARTIES_MAX) {
		table_done(&v->parties);
		table_init(&v->parties, sizeof(key), sizeof(struct party),
			   VERDICTS_PARTIES_MAX, v->seed);
	}
	known = table_get(&v->parties, &key, &fresh);
	if (known && !fresh) {
		*out = *known;
		out->name = name;
		return;
	}
	party_know(&v->know, remote, out);
	if (known)
		*known = *out;
}

static void find_party(void *user, const struct record_window *window,
		       const struct addr *remote, struct party *out)
{
	struct verdicts *v = user;
	struct names_question question = {
		.device = &window->device,
		.addr = remote,
		.time_ns = window->start_ns + RECORD_WINDOW_NS,
	};
	struct names_answer answer;

	if (!out->name.data) {
		answer = names_find(v->names, &question);
		if (!answer.inferred)
			out->name = answer.name;
	}
	know_party(v, remote, out);
}

static struct judge *judge_of(struct verdicts *v, const struct mac *mac)
{
	struct judge **place = table_get(&v->devices, mac, NULL);

	if (place && !*place) {
		*place = calloc(1, sizeof(**place));
		if (!*place) {
			table_remove(&v->devices, mac);
			place = NULL;
		}
	}
	v->refused += !place;
	return place ? *place : NULL;
}

void verdicts_add_window(struct verdicts *v, const struct record_window *w)
{
	struct party_source source = { v, find_party };
	struct judge_world world = { .lan = &v->lan, .party = &source };
	struct judge *judge;

	lan_hear(&v->lan, w, &v->home);
	lan_hear_questions(&v->lan, w);
	judge = judge_of(v, &w->device);
	if (judge)
		judge_add(judge, w, &world);
}

static void put_finding(const struct finding *f, struct buf *out)
{
	const struct rule *rule = &rules[f->kind];

	buf_printf(out, "    %s: %s", rule_severity_name(rule->severity),
		   rule->text);
	for (size_t i = 0; i < VERDICTS_EVIDENCE_SHOWN; i++)
		buf_printf(out, " (%s; %" PRIu64 " times)", f->evidence[i].text,
			   f->hits);
	buf_printf(out, "\n      %s\n", rule->to_do);
}

/* The gravest first. */
static void put_findings(const struct finding_list *list, struct buf *out)
{
	for (int severity = RULE_ALARM; severity >= RULE_NOTE; severity--)
		for (size_t i = 0; i < list->count; i++)
			if ((int)rules[list->items[i].kind].severity ==
			    severity)
				put_finding(&list->items[i], out);
}

static void put_list(const struct posture_items *list, const char *what,
		     struct buf *out)
{
	if (!list->count)
		return;
	buf_printf(out, "    %s: ", what);
	for (size_t i = 0; i < list->count; i++)
		buf_printf(out, "%s%s", i ? ", " : "", list->items[i].text);
	buf_puts(out, "\n");
}

void verdicts_put(const struct verdicts *v, const struct mac *device,
		  struct buf *out)
{
	struct judge *const *judge = table_find(&v->devices, device);

	if (!judge)
		return;
	put_list(&(*judge)->posture.lists[POSTURE_TRACKERS], "trackers", out);
	put_list(&(*judge)->posture.lists[POSTURE_COUNTRIES], "countries", out);
	put_findings(&(*judge)->findings, out);
}

void verdicts_put_home(const struct verdicts *v, struct buf *out)
{
	if (v->home.count)
		buf_puts(out, "\nof the whole network\n");
	put_findings(&v->home, out);
}

static void line_ms(struct line *line, const char *key, uint64_t ms)
{
	line_key(line, key);
	line_number(line, ms / MS_PER_S);
}

static void line_pair(struct line *line, const char *key, const char *text)
{
	line_key(line, key);
	line_string(line, text);
}

/* Texts of findings and postures were escaped when they were made. */
static void line_findings(struct line *line, const struct finding_list *list)
{
	line_key(line, "findings");
	line_open(line, '[');
	for (size_t i = 0; i < list->count; i++) {
		const struct finding *f = &list->items[i];
		const struct rule *rule = &rules[f->kind];

		line_open(line, '{');
		line_pair(line, "kind", rule->name);
		line_pair(line, "class", rule_class_name(rule->class));
		line_pair(line, "severity", rule_severity_name(rule->severity));
		if (f->subject[0])
			line_pair(line, "subject", f->subject);
		line_ms(line, "since", f->since_ms);
		line_ms(line, "last", f->last_ms);
		line_key(line, "hits");
		line_number(line, f->hits);
		line_key(line, "evidence");
		line_open(line, '[');
		for (size_t k = 0; k < FINDING_EVIDENCE_MAX; k++)
			if (f->evidence[k].at_ms)
				line_string(line, f->evidence[k].text);
		line_close(line, ']');
		line_pair(line, "advice", rule_advice_name(rule->advice));
		line_close(line, '}');
	}
	line_close(line, ']');
}

/* One group of sums: those whose group is this one. */
static void line_sums(struct line *line, const struct posture_sums *sums,
		      const char *group)
{
	for (size_t i = 0; i < posture_field_count; i++) {
		const struct posture_field *f = &posture_fields[i];
		uint64_t value;

		if (strcmp(f->group, group) != 0)
			continue;
		memcpy(&value, (const uint8_t *)sums + f->offset,
		       sizeof(value));
		line_key(line, f->name);
		line_number(line, value);
	}
}

static void line_list(const struct verdicts *v, const struct posture *p,
		      enum posture_list which, const char *vendor,
		      struct line *line)
{
	const struct posture_items *list = &p->lists[which];

	line_key(line, posture_list_name(which));
	line_open(line, '[');
	for (size_t i = 0; i < list->count; i++)
		if (which != POSTURE_COMPANIES ||
		    endpoint_is_third(&v->know, vendor, list->items[i].text))
			line_string(line, list->items[i].text);
	line_close(line, ']');
}

static void line_posture(const struct verdicts *v, const struct posture *p,
			 const char *vendor, struct line *line)
{
	static const char *const groups[] = { "offered", "got", "paper",
					      "current" };

	line_key(line, "posture");
	line_open(line, '{');
	line_sums(line, &p->sums, "");
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		line_key(line, groups[i]);
		line_open(line, '{');
		line_sums(line, &p->sums, groups[i]);
		line_close(line, '}');
	}
	for (size_t i = 0; i < POSTURE_LISTS; i++)
		line_list(v, p, i, vendor, line);
	line_close(line, '}');
}

static void end_line(struct verdicts *v, struct line *line, struct output *out)
{
	struct slice text;

	if (line_end(line, &text))
		v->refused++;
	else
		output_write(out, text);
}

void verdicts_write(struct verdicts *v, const struct identities *identities,
		    struct line *line, struct output *out)
{
	char text[MAC_TEXT_BYTES];
	struct identity identity;
	struct judge **judge;
	const void *mac;
	uint32_t at = 0;

	while ((judge = table_next(&v->devices, &at, &mac))) {
		if (!(*judge)->posture.sums.windows)
			continue;
		line_begin(line);
		line_pair(line, "device", mac_format(mac, text));
		line_findings(line, &(*judge)->findings);
		identities_judge(identities, mac, &identity);
		line_posture(v, &(*judge)->posture, identity.vendor, line);
		end_line(v, line, out);
	}
	if (!v->home.count)
		return;
	line_begin(line);
	line_findings(line, &v->home);
	end_line(v, line, out);
}
