// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"

/* Of the form; another order or number of sums is another version. */
#define VERSION 4

/* What is kept of kept_of() by each version, from the first on. */
static const size_t kept_by[VERSION + 1] = { 0, 10, 13, 14, 15 };

void judge_add(struct judge *j, const struct record_window *w,
	       const struct judge_world *world)
{
	struct posture_world posture = {
		.lan = world->lan,
		.party = world->party,
		.away = world->away,
	};
	struct traffic_world traffic = {
		.uplink_bps = world->uplink_bps,
		.away = world->away,
	};

	if (w->is_gateway)
		return;
	posture_add(&j->posture, w, &posture, &j->findings);
	traffic_add(&j->traffic, w, &traffic, &j->findings);
	coverage_add(&j->coverage, w, &world->gateway, &world->own);
}

void judge_done(struct judge *j)
{
	finding_done(&j->findings);
}

static void put_text(struct buf *out, const char *text)
{
	size_t len = strlen(text);

	buf_u8(out, (uint8_t)len);
	buf_append(out, text, len);
}

static void take_text(struct cursor *c, char *out, size_t size)
{
	size_t len = cursor_u8(c);

	if (len >= size)
		cursor_fail(c);
	else
		cursor_copy(c, out, len);
	if (cursor_ok(c))
		out[len] = '\0';
}

static uint64_t *sum_of(struct posture_sums *s, size_t i)
{
	return (uint64_t *)(void *)((uint8_t *)s + posture_fields[i].offset);
}

static void put_lists(const struct posture *p, struct buf *out)
{
	for (size_t i = 0; i < POSTURE_LISTS; i++) {
		const struct posture_items *list = &p->lists[i];

		buf_u64(out, list->refused);
		buf_u32(out, list->count);
		for (size_t k = 0; k < list->count; k++) {
			const struct posture_item *item = &list->items[k];

			put_text(out, item->text);
			put_text(out, item->note);
			buf_u64(out, item->first_ms);
			buf_u64(out, item->last_ms);
			buf_u64(out, item->count);
		}
	}
}

static void take_lists(struct cursor *c, struct posture *p)
{
	for (size_t i = 0; i < POSTURE_LISTS; i++) {
		struct posture_items *list = &p->lists[i];
		uint32_t count;

		list->refused = cursor_u64(c);
		count = cursor_u32(c);
		if (count > POSTURE_ITEMS_MAX)
			cursor_fail(c);
		while (cursor_ok(c) && list->count < count) {
			struct posture_item *item = &list->items[list->count++];

			take_text(c, item->text, sizeof(item->text));
			take_text(c, item->note, sizeof(item->note));
			item->first_ms = cursor_u64(c);
			item->last_ms = cursor_u64(c);
			item->count = cursor_u64(c);
		}
	}
}

static void put_changes(const struct change_list *list, struct buf *out)
{
	buf_u32(out, (uint32_t)list->count);
	for (size_t i = 0; i < list->count; i++) {
		const struct change *change = change_at(list, i);

		put_text(out, rules[change->kind].name);
		buf_u64(out, change->at_ms);
		put_text(out, change->text);
	}
}

static void take_changes(struct cursor *c, struct posture *p)
{
	uint32_t count = cursor_u32(c);

	if (count > CHANGE_MAX)
		cursor_fail(c);
	for (uint32_t i = 0; cursor_ok(c) && i < count; i++) {
		char name[32], text[CHANGE_TEXT_BYTES];
		enum rule_kind kind;
		uint64_t at_ms;

		take_text(c, name, sizeof(name));
		at_ms = cursor_u64(c);
		take_text(c, text, sizeof(text));
		if (!cursor_ok(c))
			break;
		kind = rule_find(name);
		/* version 1 had those of the time of learning */
		if (kind < RULES && at_ms >= p->since_ms + POSTURE_LEARN_MS)
			change_add(&p->changes, kind, at_ms, text);
	}
}

static uint64_t *kept_of(struct judge *j, size_t i)
{
	uint64_t *const kept[] = {
		&j->posture.since_ms,
		&j->posture.last_ms,
		&j->traffic.since_ms,
		&j->coverage.watched_ms,
		&j->coverage.intercepted_ms,
		&j->coverage.releases,
		&j->coverage.seen_bytes,
		&j->coverage.missed_bytes,
		&j->coverage.seen_v6_bytes,
		&j->coverage.seen_local_bytes,
		/* since version 2 */
		&j->coverage.seen_udp_bytes,
		&j->coverage.v6_at_ms,
		&j->coverage.local_at_ms,
		/* since version 3; there, how often */
		&j->coverage.resisted_ms,
		/* since version 4 */
		&j->coverage.accepted_ms,
	};

	return i < sizeof(kept) / sizeof(kept[0]) ? kept[i] : NULL;
}

int judge_write(const struct judge *judge, struct buf *out)
{
	struct judge *j = (struct judge *)(uintptr_t)judge; /* only read */
	uint64_t *kept;

	buf_u8(out, VERSION);
	for (size_t i = 0; (kept = kept_of(j, i)); i++)
		buf_u64(out, *kept);
	buf_u32(out, j->traffic.most_hosts);
	buf_u32(out, (uint32_t)posture_field_count);
	for (size_t i = 0; i < posture_field_count; i++)
		buf_u64(out, *sum_of(&j->posture.sums, i));
	put_lists(&j->posture, out);
	put_changes(&j->posture.changes, out);
	return buf_check(out);
}

static int read_into(struct slice bytes, struct judge *j)
{
	struct cursor c = cursor_slice(bytes);
	uint8_t version = cursor_u8(&c);

	if (!version || version > VERSION)
		return bytes.len ? ERR_UNSUPPORTED : ERR_TRUNCATED;
	for (size_t i = 0; i < kept_by[version]; i++)
		*kept_of(j, i) = cursor_u64(&c);
	/* until then it counted what was no bad path as well */
	if (version < 3)
		j->coverage.releases = 0;
	if (version < 4)
		j->coverage.resisted_ms = 0;
	j->traffic.most_hosts = cursor_u32(&c);
	if (cursor_u32(&c) != posture_field_count)
		return cursor_ok(&c) ? ERR_UNSUPPORTED : ERR_TRUNCATED;
	for (size_t i = 0; i < posture_field_count; i++)
		*sum_of(&j->posture.sums, i) = cursor_u64(&c);
	take_lists(&c, &j->posture);
	take_changes(&c, &j->posture);
	return !cursor_ok(&c) || cursor_left(&c) ? ERR_MALFORMED : 0;
}

int judge_read(struct slice bytes, struct judge *j)
{
	struct judge *fresh = calloc(1, sizeof(*fresh));
	int err = fresh ? read_into(bytes, fresh) : ERR_NOMEM;

	if (!err) {
		fresh->findings = j->findings;
		*j = *fresh;
	}
	free(fresh);
	return err;
}
