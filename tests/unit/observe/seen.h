// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_OBSERVE_SEEN_H
#define TESTS_OBSERVE_SEEN_H

#include <stdlib.h>

#include "base/arena.h"
#include "frames.h"
#include "observe/observe.h"
#include "record/record_codec.h"

/*
 * An observer with all that it gave out: windows are copied, facts told as a
 * line of text each. The clock starts at the beginning of a window.
 */

#define SEEN_WINDOWS_MAX 64
#define SEEN_START_NS	 UINT64_C(1500000000000000000)

struct seen {
	struct observe *observe;
	struct record_window windows[SEEN_WINDOWS_MAX];
	size_t count;
	struct buf texts[SEEN_WINDOWS_MAX];
	struct arena arena;
	struct buf facts;
};

static inline void seen_window(void *user, const struct record_window *w)
{
	struct seen *s = user;
	struct record_encoder encoder;
	struct buf *bytes = &s->texts[s->count];

	assert_true(s->count < SEEN_WINDOWS_MAX);
	buf_init(bytes, (size_t)1 << 24);
	record_encoder_init(&encoder, w);
	assert_int_equal(record_encode_part(&encoder, bytes, SIZE_MAX), 1);
	assert_int_equal(record_decode(buf_slice(bytes), &s->arena,
				       &s->windows[s->count]),
			 0);
	s->count++;
}

static inline void seen_text(struct seen *s, const char *what, struct slice v)
{
	buf_printf(&s->facts, " %s=%.*s", what, (int)v.len,
		   v.data ? (const char *)v.data : "");
}

static inline void seen_fact(void *user, const struct fact *f)
{
	static const char *const names[] = { "hello", "dns", "http", "dhcp",
					     "ssdp",  "arp", "quic", "server" };
	struct seen *s = user;

	buf_printf(&s->facts, "%s frame=%u", names[f->kind],
		   (unsigned)f->frame);
	if (f->kind == FACT_CLIENT_HELLO) {
		seen_text(s, "sni", f->hello->sni);
		buf_printf(&s->facts, " segments=%u", f->segments);
	} else if (f->kind == FACT_HTTP_REQUEST) {
		seen_text(s, "host", f->http->host);
	} else if (f->kind == FACT_DNS) {
		buf_printf(&s->facts, " tcp=%d mdns=%d", f->over_tcp, f->mdns);
	} else if (f->kind == FACT_QUIC) {
		buf_printf(&s->facts, " kind=%d", (int)f->quic->kind);
	}
	buf_puts(&s->facts, "\n");
}

static inline void seen_begin(struct seen *s, const struct observe_config *c)
{
	const struct observe_sink sink = { .user = s,
					   .fact = seen_fact,
					   .window = seen_window };

	memset(s, 0, sizeof(*s));
	arena_init(&s->arena, (size_t)1 << 26);
	buf_init(&s->facts, (size_t)1 << 20);
	s->observe = observe_new(c, &sink);
	assert_non_null(s->observe);
}

static inline void seen_end(struct seen *s)
{
	observe_free(s->observe);
	for (size_t i = 0; i < s->count; i++)
		buf_done(&s->texts[i]);
	arena_done(&s->arena);
	buf_done(&s->facts);
}

static inline void seen_frame(struct seen *s, unsigned ms,
			      const struct frame *f)
{
	/* a copy as long as the frame, so that reading past it shows */
	uint8_t *bytes = malloc(f->len);

	assert_non_null(bytes);
	memcpy(bytes, f->bytes, f->len);
	observe_frame(s->observe, PACKET_LINK_ETHERNET,
		      SEEN_START_NS + ms * UINT64_C(1000000),
		      slice_of(bytes, f->len), (uint32_t)f->len);
	free(bytes);
}

/* The n-th window of a device, or fails. */
static inline const struct record_window *
seen_window_of(const struct seen *s, const struct mac *device, size_t n)
{
	for (size_t i = 0; i < s->count; i++) {
		if (mac_equal(&s->windows[i].device, device) && !n--)
			return &s->windows[i];
	}
	fail_msg("no such window");
	return NULL;
}

static inline bool seen_device(const struct seen *s, const struct mac *device)
{
	for (size_t i = 0; i < s->count; i++) {
		if (mac_equal(&s->windows[i].device, device))
			return true;
	}
	return false;
}

/* A home: one device, another, the router, a host of the Internet behind the
 * router, and somebody who intercepts. */
#define V4(...)                                   \
	{                                         \
		.family = 4, .b = { __VA_ARGS__ } \
	}
static const struct mac broadcast = { { 255, 255, 255, 255, 255, 255 } };
static const struct mac router_mac = { { 2, 0, 0, 0, 0, 0xfe } };
static const struct mac spy_mac = { { 2, 0, 0, 0, 0, 0x99 } };
static const struct end tv = { { { 2, 0, 0, 0, 0, 0x20 } },
			       V4(192, 168, 1, 20),
			       40000 };
static const struct end bulb = { { { 2, 0, 0, 0, 0, 0x30 } },
				 V4(192, 168, 1, 30),
				 40001 };
static const struct end router = { { { 2, 0, 0, 0, 0, 0xfe } },
				   V4(192, 168, 1, 1),
				   53 };
/* as the devices see it: with the router's MAC */
static const struct end server = { { { 2, 0, 0, 0, 0, 0xfe } },
				   V4(93, 184, 216, 34),
				   443 };

static const struct observe_config home = { .mode = OBSERVE_HOME, .seed = 1 };
static const struct observe_config all = { .mode = OBSERVE_ALL, .seed = 1 };

#endif
