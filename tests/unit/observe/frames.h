// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_OBSERVE_FRAMES_H
#define TESTS_OBSERVE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/addr.h"
#include "base/buf.h"

/*
 * Ethernet frames written by hand. Checksums are left at zero: nothing here
 * checks them. Times are in milliseconds from the start of a window.
 */

#define FRAME_MAX 2048

enum {
	SYN = 0x02,
	RST = 0x04,
	ACK = 0x10,
	FIN = 0x01,
};

/** One end of a conversation. */
struct end {
	struct mac mac;
	struct addr addr;
	uint16_t port;
};

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t len;
};

static inline void frame_put(struct frame *f, const void *data, size_t len)
{
	if (len)
		memcpy(f->bytes + f->len, data, len);
	f->len += len;
}

static inline void frame_u8(struct frame *f, unsigned v)
{
	f->bytes[f->len++] = (uint8_t)v;
}

static inline void frame_u16(struct frame *f, unsigned v)
{
	frame_u8(f, v >> 8);
	frame_u8(f, v);
}

static inline void frame_u32(struct frame *f, uint32_t v)
{
	frame_u16(f, v >> 16);
	frame_u16(f, v);
}

static inline void frame_ethernet(struct frame *f, const struct mac *src,
				  const struct mac *dst, unsigned type)
{
	f->len = 0;
	frame_put(f, dst->b, 6);
	frame_put(f, src->b, 6);
	frame_u16(f, type);
}

/* RFC 1071, of the IPv4 header that ends here. */
static inline void frame_checksum(struct frame *f)
{
	uint8_t *header = f->bytes + f->len - 20;
	unsigned sum = 0;

	for (size_t i = 0; i < 20; i += 2)
		sum += (unsigned)header[i] << 8 | header[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = 0xffff - ((sum & 0xffff) + (sum >> 16));
	header[10] = (uint8_t)(sum >> 8);
	header[11] = (uint8_t)sum;
}

static inline void frame_ip(struct frame *f, const struct addr *src,
			    const struct addr *dst, unsigned protocol,
			    size_t payload)
{
	if (src->family == 4) {
		frame_u16(f, 0x4500);
		frame_u16(f, (unsigned)(20 + payload));
		frame_u32(f, 0);
		frame_u8(f, 64);
		frame_u8(f, protocol);
		frame_u16(f, 0);
		frame_put(f, src->b, 4);
		frame_put(f, dst->b, 4);
		frame_checksum(f);
		return;
	}
	frame_u32(f, 0x60000000);
	frame_u16(f, (unsigned)payload);
	frame_u8(f, protocol);
	frame_u8(f, 64);
	frame_put(f, src->b, 16);
	frame_put(f, dst->b, 16);
}

static inline void frame_udp(struct frame *f, const struct end *src,
			     const struct end *dst, const void *data,
			     size_t len)
{
	frame_ethernet(f, &src->mac, &dst->mac,
		       src->addr.family == 4 ? 0x0800 : 0x86dd);
	frame_ip(f, &src->addr, &dst->addr, 17, 8 + len);
	frame_u16(f, src->port);
	frame_u16(f, dst->port);
	frame_u16(f, (unsigned)(8 + len));
	frame_u16(f, 0);
	frame_put(f, data, len);
}

static inline void frame_tcp(struct frame *f, const struct end *src,
			     const struct end *dst, unsigned flags,
			     uint32_t seq, const void *data, size_t len)
{
	frame_ethernet(f, &src->mac, &dst->mac,
		       src->addr.family == 4 ? 0x0800 : 0x86dd);
	frame_ip(f, &src->addr, &dst->addr, 6, 20 + len);
	frame_u16(f, src->port);
	frame_u16(f, dst->port);
	frame_u32(f, seq);
	frame_u32(f, 0);
	frame_u8(f, 0x50);
	frame_u8(f, flags);
	frame_u16(f, 65535);
	frame_u32(f, 0);
	frame_put(f, data, len);
}

static inline void frame_arp(struct frame *f, const struct mac *src,
			     const struct mac *dst, unsigned op,
			     const struct addr *sender_ip,
			     const struct addr *target_ip)
{
	static const struct mac zero;

	frame_ethernet(f, src, dst, 0x0806);
	frame_u16(f, 1);
	frame_u16(f, 0x0800);
	frame_u16(f, 0x0604);
	frame_u16(f, op);
	frame_put(f, src->b, 6);
	frame_put(f, sender_ip->b, 4);
	frame_put(f, zero.b, 6);
	frame_put(f, target_ip->b, 4);
}

/* Changes the Ethernet addresses: the same packet on its next leg. */
static inline void frame_readdress(struct frame *f, const struct mac *src,
				   const struct mac *dst)
{
	memcpy(f->bytes, dst->b, 6);
	memcpy(f->bytes + 6, src->b, 6);
}

/** A minimal TLS record with a ClientHello that asks for a name. */
static inline void hello_record(struct buf *out, const char *name,
				size_t padding)
{
	size_t n = strlen(name), sni = 4 + 5 + n;
	size_t extensions = sni + (padding ? 4 + padding : 0);
	size_t body = 2 + 32 + 1 + 2 + 2 + 2 + 2 + extensions;

	buf_u8(out, 22);
	buf_u16(out, 0x0301);
	buf_u16(out, (uint16_t)(4 + body));
	buf_u32(out, (uint32_t)(0x01000000 | body));
	buf_u16(out, 0x0303);
	for (int i = 0; i < 32; i++)
		buf_u8(out, (uint8_t)i);
	buf_u8(out, 0);
	buf_u16(out, 2);
	buf_u16(out, 0x1301);
	buf_u16(out, 0x0100);
	buf_u16(out, (uint16_t)extensions);
	buf_u16(out, 0);
	buf_u16(out, (uint16_t)(5 + n));
	buf_u16(out, (uint16_t)(3 + n));
	buf_u8(out, 0);
	buf_u16(out, (uint16_t)n);
	buf_puts(out, name);
	if (!padding)
		return;
	buf_u16(out, 21);
	buf_u16(out, (uint16_t)padding);
	for (size_t i = 0; i < padding; i++)
		buf_u8(out, 0);
}

/** A name in DNS wire format. */
static inline void dns_put_name(struct buf *out, const char *name)
{
	while (*name) {
		const char *dot = strchr(name, '.');
		size_t n = dot ? (size_t)(dot - name) : strlen(name);

		buf_u8(out, (uint8_t)n);
		buf_append(out, name, n);
		name += n + (dot != NULL);
	}
	buf_u8(out, 0);
}

static inline void dns_put_head(struct buf *out, bool response,
				unsigned questions, unsigned answers)
{
	buf_u16(out, 7);
	buf_u16(out, response ? 0x8180 : 0x0100);
	buf_u16(out, (uint16_t)questions);
	buf_u16(out, (uint16_t)answers);
	buf_u32(out, 0);
}

static inline void dns_put_question(struct buf *out, const char *name,
				    uint16_t type)
{
	dns_put_name(out, name);
	buf_u16(out, type);
	buf_u16(out, 1);
}

static inline void dns_put_record(struct buf *out, const char *name,
				  uint16_t type, const void *data, size_t len)
{
	dns_put_name(out, name);
	buf_u16(out, type);
	buf_u16(out, 1);
	buf_u32(out, 300);
	buf_u16(out, (uint16_t)len);
	buf_append(out, data, len);
}

#endif
