// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/record_codec.h"

#include "base/cursor.h"
#include "record/record_fields.h"

#define SLICE_ABSENT UINT32_MAX

static void put_slice(struct buf *out, const struct slice *s)
{
	buf_u32(out, s->data ? (uint32_t)s->len : SLICE_ABSENT);
	if (s->data)
		buf_append(out, s->data, s->len);
}

static void put_addr(struct buf *out, const struct addr *a)
{
	static const size_t bytes[7] = { [4] = 4, [6] = 16 };

	buf_u8(out, a->family);
	buf_append(out, a->b, bytes[a->family]);
}

static void put_token(struct buf *out, const char *token)
{
	size_t len = strlen(token);

	buf_u8(out, (uint8_t)len);
	buf_append(out, token, len);
}

static void put_field(struct buf *out, const struct record_field *field,
		      const uint8_t *item)
{
	const void *at = item + field->offset;

	switch (field->kind) {
	case RECORD_FLAG:
		buf_u8(out, *(const bool *)at);
		break;
	case RECORD_PROTOCOL:
		buf_u8(out, *(const uint8_t *)at);
		break;
	case RECORD_NUMBER16:
		buf_u16(out, *(const uint16_t *)at);
		break;
	case RECORD_NUMBER64:
	case RECORD_TIME:
		buf_u64(out, *(const uint64_t *)at);
		break;
	case RECORD_ADDR:
		put_addr(out, at);
		break;
	case RECORD_ENUM:
		buf_u8(out, (uint8_t) * (const unsigned *)at);
		break;
	case RECORD_TOKEN:
		put_token(out, at);
		break;
	case RECORD_TEXT:
	case RECORD_LIST8:
	case RECORD_LIST16:
	case RECORD_NAMES:
	case RECORD_BYTES:
		put_slice(out, at);
		break;
	}
}

static struct slice get_slice(struct cursor *c)
{
	uint32_t len = cursor_u32(c);
	struct slice s;

	if (len == SLICE_ABSENT)
		return slice_of(NULL, 0);
	s = cursor_take(c, len);
	return s;
}

static struct addr get_addr(struct cursor *c)
{
	struct addr a = { .family = cursor_u8(c) };

	if (a.family == 4)
		cursor_copy(c, a.b, 4);
	else if (a.family == 6)
		cursor_copy(c, a.b, 16);
	else if (a.family)
		cursor_fail(c);
	return a;
}

/* A byte that is below limit. */
static uint8_t get_below(struct cursor *c, unsigned limit)
{
	uint8_t v = cursor_u8(c);

	if (v >= limit)
		cursor_fail(c);
	return v;
}

/* All of the array is set: what is behind the end is nobody's else. */
static void get_token(struct cursor *c, char *token, size_t room)
{
	struct slice s = cursor_take(c, get_below(c, (unsigned)room));

	memset(token, 0, room);
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] <= ' ' || s.data[i] > '~')
			cursor_fail(c);
		token[i] = (char)s.data[i];
	}
}

static void get_field(struct cursor *c, const struct record_field *field,
		      uint8_t *item)
{
	void *at = item + field->offset;

	switch (field->kind) {
	case RECORD_FLAG:
		*(bool *)at = get_below(c, 2) == 1;
		break;
	case RECORD_PROTOCOL:
		*(uint8_t *)at = cursor_u8(c);
		break;
	case RECORD_NUMBER16:
		*(uint16_t *)at = cursor_u16(c);
		break;
	case RECORD_NUMBER64:
	case RECORD_TIME:
		*(uint64_t *)at = cursor_u64(c);
		break;
	case RECORD_ADDR:
		*(struct addr *)at = get_addr(c);
		break;
	case RECORD_ENUM:
		*(unsigned *)at = get_below(c, field->value_count);
		break;
	case RECORD_TOKEN:
		get_token(c, at, field->room);
		break;
	case RECORD_TEXT:
	case RECORD_LIST8:
	case RECORD_LIST16:
	case RECORD_NAMES:
	case RECORD_BYTES:
		*(struct slice *)at = get_slice(c);
		break;
	}
}

static void put_head(struct buf *out, const struct record_encoder *e)
{
	const struct record_window *w = e->window;
	size_t n = w->addr_count < RECORD_CODEC_ADDRS_MAX
			   ? w->addr_count
			   : RECORD_CODEC_ADDRS_MAX;
	size_t domains = w->domain_count < RECORD_CODEC_DOMAINS_MAX
				 ? w->domain_count
				 : RECORD_CODEC_DOMAINS_MAX;

	buf_u8(out, RECORD_CODEC_VERSION);
	buf_u64(out, w->start_ns);
	buf_append(out, w->device.b, sizeof(w->device.b));
	buf_u8(out, w->is_gateway);
	put_addr(out, &w->seen_as);
	buf_u8(out, w->answered_past);
	buf_u8(out, (uint8_t)domains);
	for (size_t i = 0; i < domains; i++)
		put_slice(out, &w->domains[i]);
	/* what is counted once goes with the first part */
	buf_u64(out, e->begun ? 0 : w->forward_in_frames);
	buf_u64(out, e->begun ? 0 : w->forward_out_frames);
	buf_u8(out, (uint8_t)n);
	for (size_t i = 0; i < n; i++)
		put_addr(out, &w->addrs[i]);
}

void record_encoder_init(struct record_encoder *e,
			 const struct record_window *window)
{
	*e = (struct record_encoder){ .window = window };
}

/* Moves to the next item there is; false at the end. */
static bool at_item(struct record_encoder *e)
{
	while (e->type < RECORD_TYPES &&
	       e->item >=
		       record_item_count(e->window, &record_types[e->type])) {
		e->type++;
		e->item = 0;
	}
	return e->type < RECORD_TYPES;
}

static void put_item(struct buf *out, const struct record_encoder *e)
{
	const struct record_type *type = &record_types[e->type];
	const uint8_t *item = record_item(e->window, type, e->item);

	buf_u8(out, (uint8_t)e->type);
	for (size_t i = 0; i < type->field_count; i++)
		put_field(out, &type->fields[i], item);
}

/* Takes back what was appended behind len. */
static void cut(struct buf *out, size_t len)
{
	out->len = len;
	out->data[len] = 0;
}

int record_encode_part(struct record_encoder *e, struct buf *out,
		       size_t max_bytes)
{
	size_t start = out->len, head;

	if (!at_item(e) && e->begun)
		return 0;
	put_head(out, e);
	e->begun = true;
	head = out->len;
	while (at_item(e)) {
		size_t before = out->len;

		put_item(out, e);
		if (buf_check(out))
			return buf_check(out);
		if (out->len - start <= max_bytes) {
			e->item++;
			continue;
		}
		if (before > head) {
			cut(out, before);
			break;
		}
		cut(out, start);
		e->item++;
		return ERR_LIMIT;
	}
	return buf_check(out) ? buf_check(out) : 1;
}

static int get_domains(struct cursor *c, struct arena *arena,
		       struct record_window *out)
{
	struct slice *domains;

	out->domain_count = get_below(c, RECORD_CODEC_DOMAINS_MAX + 1);
	if (!cursor_ok(c))
		return ERR_MALFORMED;
	domains =
		arena_alloc(arena, (out->domain_count + 1) * sizeof(*domains));
	if (!domains)
		return ERR_NOMEM;
	for (size_t i = 0; i < out->domain_count; i++)
		domains[i] = get_slice(c);
	out->domains = domains;
	return 0;
}

static int get_head(struct cursor *c, struct arena *arena,
		    struct record_window *out)
{
	struct addr *addrs;
	int err;

	if (cursor_u8(c) != RECORD_CODEC_VERSION)
		return cursor_ok(c) ? ERR_UNSUPPORTED : ERR_MALFORMED;
	out->start_ns = cursor_u64(c);
	cursor_copy(c, out->device.b, sizeof(out->device.b));
	out->is_gateway = get_below(c, 2) == 1;
	out->seen_as = get_addr(c);
	out->answered_past = get_below(c, RECORD_PASTS);
	err = get_domains(c, arena, out);
	if (err)
		return err;
	out->forward_in_frames = cursor_u64(c);
	out->forward_out_frames = cursor_u64(c);
	out->addr_count = get_below(c, RECORD_CODEC_ADDRS_MAX + 1);
	if (!cursor_ok(c))
		return ERR_MALFORMED;
	addrs = arena_alloc(arena, (out->addr_count + 1) * sizeof(*addrs));
	if (!addrs)
		return ERR_NOMEM;
	for (size_t i = 0; i < out->addr_count; i++)
		addrs[i] = get_addr(c);
	out->addrs = addrs;
	return cursor_ok(c) ? 0 : ERR_MALFORMED;
}

/* Room for any item, of whatever list. */
union any_item {
	struct record_flow flow;
	struct record_name name;
	struct record_question question;
	struct record_hello hello;
	struct record_http http;
	struct record_clue clue;
	struct record_server server;
	struct record_service service;
};

static uint8_t get_item(struct cursor *c, uint8_t *const items[RECORD_TYPES],
			size_t counts[RECORD_TYPES])
{
	uint8_t number = get_below(c, RECORD_TYPES);
	const struct record_type *type;
	union any_item skipped;
	uint8_t *item;

	if (!cursor_ok(c))
		return 0;
	type = &record_types[number];
	item = items ? items[number] + counts[number] * type->size
		     : (uint8_t *)&skipped;
	for (size_t i = 0; i < type->field_count; i++)
		get_field(c, &type->fields[i], item);
	counts[number]++;
	return number;
}

static int alloc_items(struct arena *arena, const size_t counts[RECORD_TYPES],
		       uint8_t *items[RECORD_TYPES], struct record_window *out)
{
	for (size_t i = 0; i < RECORD_TYPES; i++) {
		const struct record_type *type = &record_types[i];

		items[i] = NULL;
		if (counts[i]) {
			items[i] = arena_alloc(arena, counts[i] * type->size);
			if (!items[i])
				return ERR_NOMEM;
		}
		record_set_items(out, type, items[i], counts[i]);
	}
	return 0;
}

int record_decode(struct slice bytes, struct arena *arena,
		  struct record_window *out)
{
	struct cursor c = cursor_slice(bytes), again;
	struct record_window window = { 0 };
	size_t counts[RECORD_TYPES] = { 0 }, filled[RECORD_TYPES] = { 0 };
	uint8_t *items[RECORD_TYPES];
	uint32_t total = 0;
	int err = get_head(&c, arena, &window);

	if (err)
		return err;
	again = c;
	while (cursor_left(&c)) {
		if (++total > RECORD_CODEC_ITEMS_MAX)
			return ERR_LIMIT;
		(void)get_item(&c, NULL, counts);
	}
	if (!cursor_ok(&c))
		return ERR_MALFORMED;
	err = alloc_items(arena, counts, items, &window);
	if (err)
		return err;
	while (cursor_left(&again))
		(void)get_item(&again, items, filled);
	*out = window;
	return 0;
}
