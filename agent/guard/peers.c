// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/peers.h"

#include <string.h>

#include "base/cursor.h"

#define VERSION 1
static const uint8_t magic[4] = { 'I', 'o', 'T', 'I' };

void peers_init(struct peers *p, uint64_t instance)
{
	p->instance = instance ? instance : 1; /* 0 is nobody */
	p->count = 0;
	p->refused = 0;
}

int peers_format(const struct peers *p, const struct mac *devices, size_t count,
		 struct buf *out)
{
	if (count > PEERS_FRAME_DEVICES)
		return ERR_LIMIT;
	buf_append(out, magic, sizeof(magic));
	buf_u8(out, VERSION);
	buf_u64(out, p->instance);
	buf_u8(out, (uint8_t)count);
	for (size_t i = 0; i < count; i++)
		buf_append(out, devices[i].b, sizeof(devices[i].b));
	return buf_check(out);
}

static void forget_old(struct peers *p, uint64_t now_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++)
		if (p->claims[i].until_ms > now_ms)
			p->claims[kept++] = p->claims[i];
	p->count = kept;
}

static void claim(struct peers *p, const struct mac *device, uint64_t instance,
		  const struct mac *by, uint64_t now_ms)
{
	struct peers_claim *free_one = &p->claims[p->count];

	for (size_t i = 0; i < p->count; i++)
		if (p->claims[i].instance == instance &&
		    mac_equal(&p->claims[i].device, device))
			free_one = &p->claims[i];
	if (free_one == &p->claims[PEERS_CLAIMS_MAX]) {
		p->refused++;
		return;
	}
	if (free_one == &p->claims[p->count])
		p->count++;
	*free_one = (struct peers_claim){ *device, instance, *by,
					  now_ms + PEERS_HOLD_MS };
}

int peers_take(struct peers *p, const struct mac *by, struct slice payload,
	       uint64_t now_ms, bool *ours)
{
	struct cursor c = cursor_slice(payload);
	const uint8_t *name = cursor_bytes(&c, sizeof(magic));
	uint8_t version = cursor_u8(&c);
	uint64_t instance = cursor_u64(&c);
	uint8_t count = cursor_u8(&c);
	struct cursor list = cursor_sub(&c, (size_t)count * 6);

	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	if (memcmp(name, magic, sizeof(magic)) != 0 || version != VERSION ||
	    !instance || count > PEERS_FRAME_DEVICES)
		return ERR_MALFORMED;
	*ours = instance == p->instance;
	if (*ours)
		return 0;
	forget_old(p, now_ms);
	for (uint8_t i = 0; i < count; i++) {
		struct mac device;

		cursor_copy(&list, device.b, sizeof(device.b));
		claim(p, &device, instance, by, now_ms);
	}
	return 0;
}

const struct peers_claim *
peers_claimed(const struct peers *p, const struct mac *device, uint64_t now_ms)
{
	const struct peers_claim *lowest = NULL;

	for (size_t i = 0; i < p->count; i++) {
		const struct peers_claim *c = &p->claims[i];

		if (c->until_ms > now_ms && mac_equal(&c->device, device) &&
		    (!lowest || c->instance < lowest->instance))
			lowest = c;
	}
	return lowest;
}
