// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/filter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "message/message.h"

/* Offsets in an Ethernet frame. */
#define ETH_DESTINATION 0
#define ETH_SOURCE	6
#define ETH_TYPE	12
#define IP		14
#define IP_FRAGMENT	(IP + 6)
#define IP_PROTOCOL	(IP + 9)
#define IP_SOURCE	(IP + 12)
#define IP_DESTINATION	(IP + 16)
#define IP6_NEXT	(IP + 6)
#define IP6_SOURCE	(IP + 8)
#define IP6_DESTINATION (IP + 24)
#define IP6_PAYLOAD	(IP + 40)

#define TYPE_IPV4 0x0800
#define TYPE_ARP  0x0806
#define TYPE_IPV6 0x86dd
#define UDP	  17
#define ICMPV6	  58

/* ICMPv6: what neighbour discovery is, and the answer to an echo. */
#define ICMPV6_ECHO_REPLY 129
#define NDP_FIRST	  133
#define NDP_REDIRECT	  137
#define NDP_LAST	  136

/* Of the scratch memory: what to give of a frame if its address is found, the
 * last half of an IPv6 address, and its hash so far. */
#define MEMORY_BYTES 0
#define MEMORY_HIGH  1
#define MEMORY_HASH  2

/* Where a key's high half is, if it is at no offset of the frame. */
#define HIGH_NONE      (-1)
#define HIGH_IN_MEMORY (-2)

/*
 * Keys are found by a binary search written out as jumps. Conditional jumps
 * reach 255 instructions only, so each search covers at most this many keys
 * (five instructions each), and a chain of long jumps chooses among them.
 */
#define SEARCH_KEYS 48

/* A jump that is to be pointed at its target once that is known. */
#define HOLES_MAX 600

struct holes {
	unsigned short at[HOLES_MAX];
	size_t count;
};

/* A set of keys, sorted; those of six bytes have their first two in high. */
struct key {
	uint32_t low;
	uint16_t high;
};

static void emit(struct filter *f, uint16_t code, uint32_t k, uint8_t jt,
		 uint8_t jf)
{
	if (f->length < BPF_MAXINSNS)
		f->code[f->length] = (struct sock_filter){ code, jt, jf, k };
	if (f->length <= BPF_MAXINSNS)
		f->length++; /* one past the end: too long */
}

static void load_word(struct filter *f, uint32_t offset)
{
	emit(f, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void load_half(struct filter *f, uint32_t offset)
{
	emit(f, BPF_LD | BPF_H | BPF_ABS, offset, 0, 0);
}

static void load_byte(struct filter *f, uint32_t offset)
{
	emit(f, BPF_LD | BPF_B | BPF_ABS, offset, 0, 0);
}

static void give(struct filter *f, uint32_t bytes)
{
	emit(f, BPF_RET | BPF_K, bytes, 0, 0);
}

/* A long jump, to be pointed later. */
static void jump(struct filter *f, struct holes *holes)
{
	if (holes->count < HOLES_MAX)
		holes->at[holes->count++] = f->length;
	else
		f->length = BPF_MAXINSNS + 1;
	emit(f, BPF_JMP | BPF_JA, 0, 0, 0);
}

static void land_here(struct filter *f, struct holes *holes)
{
	for (size_t i = 0; i < holes->count; i++)
		if (holes->at[i] < BPF_MAXINSNS)
			f->code[holes->at[i]].k =
				(uint32_t)(f->length - holes->at[i] - 1);
	holes->count = 0;
}

/* Goes on only if the accumulator is k. */
static void must_be(struct filter *f, uint32_t k, struct holes *otherwise)
{
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, k, 1, 0);
	jump(f, otherwise);
}

static void must_not_be(struct filter *f, uint32_t k, struct holes *otherwise)
{
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, k, 0, 1);
	jump(f, otherwise);
}

static uint32_t word_of(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

static struct key mac_key(const struct mac *mac)
{
	return (struct key){ word_of(mac->b + 2),
			     (uint16_t)(mac->b[0] << 8 | mac->b[1]) };
}

/* Goes on only if the MAC at offset is this one. */
static void must_be_mac(struct filter *f, uint32_t offset,
			const struct mac *mac, struct holes *otherwise)
{
	struct key key = mac_key(mac);

	load_word(f, offset + 2);
	must_be(f, key.low, otherwise);
	load_half(f, offset);
	must_be(f, key.high, otherwise);
}

static int compare_keys(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	return (int)x->high - (int)y->high;
}

/* Where a search goes. A six-byte key's high half is at high_offset (-1: the
 * keys have four bytes); check is where it is compared with X. */
struct search {
	int high_offset;
	struct holes *found, *missing;
	struct holes check;
};

static void load_high(struct filter *f, int offset)
{
	if (offset == HIGH_IN_MEMORY)
		emit(f, BPF_LD | BPF_MEM, MEMORY_HIGH, 0, 0);
	else
		load_half(f, (uint32_t)offset);
}

/* The n keys have the accumulator's low word in common, if any has it. */
static void search_leaf(struct filter *f, const struct key *keys, size_t n,
			struct search *s)
{
	must_be(f, keys[0].low, s->missing);
	if (s->high_offset == HIGH_NONE) {
		jump(f, s->found);
	} else if (n == 1) {
		emit(f, BPF_LDX | BPF_IMM, keys[0].high, 0, 0);
		jump(f, &s->check);
	} else {
		load_high(f, s->high_offset);
		for (size_t i = 0; i < n; i++)
			must_not_be(f, keys[i].high, s->found);
		jump(f, s->missing);
	}
}

/* The search among n sorted keys, the accumulator being the low word. */
static void search_keys(struct filter *f, const struct key *keys, size_t n,
			struct search *s)
{
	size_t half = n / 2;
	unsigned short branch = f->length;

	while (half > 0 && keys[half - 1].low == keys[half].low)
		half--;
	if (!half && keys[0].low != keys[n - 1].low)
		while (keys[half].low == keys[0].low)
			half++;
	if (!half) {
		search_leaf(f, keys, n, s);
		return;
	}
	emit(f, BPF_JMP | BPF_JGE | BPF_K, keys[half].low, 0, 0);
	search_keys(f, keys, half, s);
	if (f->length - branch - 1 > UINT8_MAX)
		f->length = BPF_MAXINSNS + 1;
	else if (branch < BPF_MAXINSNS)
		f->code[branch].jt = (uint8_t)(f->length - branch - 1);
	search_keys(f, keys + half, n - half, s);
}

/* Sorts the keys. The accumulator is the low word. */
static void search_all(struct filter *f, struct key *keys, size_t n,
		       int high_offset, struct holes *found,
		       struct holes *missing)
{
	struct search s = { high_offset, found, missing, { .count = 0 } };
	struct holes next = { .count = 0 };

	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 0, count; i < n; i += count) {
		count = n - i < SEARCH_KEYS ? n - i : SEARCH_KEYS;
		while (i + count < n &&
		       keys[i + count].low == keys[i + count - 1].low)
			count++;
		land_here(f, &next);
		if (i + count < n) {
			emit(f, BPF_JMP | BPF_JGE | BPF_K, keys[i + count].low,
			     0, 1);
			jump(f, &next);
		}
		search_keys(f, keys + i, count, &s);
	}
	if (!s.check.count) {
		if (!n)
			jump(f, missing);
		return;
	}
	land_here(f, &s.check);
	load_high(f, high_offset);
	emit(f, BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1);
	jump(f, found);
	jump(f, missing);
}

static void search_macs(struct filter *f, uint32_t offset,
			const struct filter_spec *spec, struct holes *found,
			struct holes *missing)
{
	struct key keys[MESSAGE_WATCH_MAX] = { { 0 } };

	for (size_t i = 0; i < spec->device_count; i++)
		keys[i] = mac_key(&spec->devices[i].mac);
	load_word(f, offset + 2);
	search_all(f, keys, spec->device_count, (int)offset, found, missing);
}

static void search_excluded(struct filter *f, const struct filter_spec *spec,
			    struct holes *found, struct holes *missing)
{
	struct key keys[MESSAGE_EXCLUDE_MAX] = { { 0 } };

	for (size_t i = 0; i < spec->excluded_count; i++)
		keys[i] = mac_key(&spec->excluded[i]);
	load_word(f, ETH_SOURCE + 2);
	search_all(f, keys, spec->excluded_count, ETH_SOURCE, found, missing);
}

/* The accumulator is an address. */
static void search_addresses(struct filter *f, const struct filter_spec *spec,
			     struct holes *found, struct holes *missing)
{
	struct key keys[MESSAGE_WATCH_MAX] = { { 0 } };
	size_t n = 0;

	for (size_t i = 0; i < spec->device_count; i++)
		if (spec->devices[i].address.family == 4)
			keys[n++] = (struct key){
				word_of(spec->devices[i].address.b), 0
			};
	search_all(f, keys, n, HIGH_NONE, found, missing);
}

/*
 * Of an IPv6 address there is room for 48 bits of a key: a hash of all of it,
 * by a multiplier that nobody outside knows, and its last half.
 */
static struct key key6_of(const struct addr *a, uint32_t multiplier)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < sizeof(a->b); i += 4)
		hash = (hash ^ word_of(a->b + i)) * multiplier;
	return (struct key){ hash, (uint16_t)(a->b[14] << 8 | a->b[15]) };
}

static void load_key6(struct filter *f, uint32_t offset, uint32_t multiplier)
{
	load_half(f, offset + 14);
	emit(f, BPF_ST, MEMORY_HIGH, 0, 0);
	load_word(f, offset);
	for (uint32_t i = 4;; i += 4) {
		emit(f, BPF_ALU | BPF_MUL | BPF_K, multiplier, 0, 0);
		if (i == 16)
			return;
		emit(f, BPF_ST, MEMORY_HASH, 0, 0);
		load_word(f, offset + i);
		emit(f, BPF_LDX | BPF_MEM, MEMORY_HASH, 0, 0);
		emit(f, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
	}
}

static bool same_key(const struct key *a, const struct key *b)
{
	return a->low == b->low && a->high == b->high;
}

/* What load_key6() loaded, among these. */
static void search_addresses6(struct filter *f, const struct addr *addresses,
			      size_t count, uint32_t multiplier,
			      struct holes *found, struct holes *missing)
{
	struct key keys[FILTER_SIX_MAX];
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		keys[i] = key6_of(&addresses[i], multiplier);
	qsort(keys, count, sizeof(keys[0]), compare_keys);
	for (size_t i = 0; i < count; i++)
		if (!i || !same_key(&keys[i], &keys[i - 1]))
			keys[n++] = keys[i];
	search_all(f, keys, n, HIGH_IN_MEMORY, found, missing);
}

/* mDNS, LLMNR, SSDP, DHCP, the NetBIOS name service, Tuya's broadcasts; DHCPv6
 */
static const uint16_t ports_v4[] = { 5353, 5355, 1900, 67,  68,
				     137,  6666, 6667, 7000 };
static const uint16_t ports_v6[] = { 5353, 5355, 1900, 547 };

/* UDP ports at payload (X added when v4): announced ones go to keep. */
static void announced_ports(struct filter *f, uint32_t payload, bool v4,
			    struct holes *keep)
{
	const uint16_t *ports = v4 ? ports_v4 : ports_v6;
	size_t count = v4 ? sizeof(ports_v4) / sizeof(ports_v4[0])
			  : sizeof(ports_v6) / sizeof(ports_v6[0]);
	uint16_t mode = v4 ? BPF_IND : BPF_ABS;

	for (uint32_t side = 0; side < 2; side++) {
		emit(f, BPF_LD | BPF_H | mode, payload + 2 * side, 0, 0);
		for (size_t i = 0; i < count; i++)
			must_not_be(f, ports[i], keep);
	}
}

/* Frames to a group address. */
static void announcements(struct filter *f, const struct filter_spec *spec,
			  struct holes *keep, struct holes *drop)
{
	struct holes allowed = { .count = 0 }, ipv4 = { .count = 0 };

	search_excluded(f, spec, drop, &allowed);
	land_here(f, &allowed);
	load_half(f, ETH_TYPE);
	must_not_be(f, TYPE_ARP, keep);
	must_not_be(f, TYPE_IPV4, &ipv4);
	must_be(f, TYPE_IPV6, drop);
	load_byte(f, IP6_NEXT);
	must_be(f, UDP, drop);
	announced_ports(f, IP6_PAYLOAD, false, keep);
	jump(f, drop);
	land_here(f, &ipv4);
	load_byte(f, IP_PROTOCOL);
	must_be(f, UDP, drop);
	load_half(f, IP_FRAGMENT);
	emit(f, BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 0, 1);
	jump(f, drop);
	emit(f, BPF_LDX | BPF_B | BPF_MSH, IP, 0, 0);
	announced_ports(f, IP, true, keep);
	jump(f, drop);
}

/* Remembers what to give of the frame if its address is found. */
static void will_give(struct filter *f, uint32_t bytes)
{
	emit(f, BPF_LD | BPF_IMM, bytes, 0, 0);
	emit(f, BPF_ST, MEMORY_BYTES, 0, 0);
}

/* Of an IPv6 frame: neighbour discovery between two hosts is no traffic of
 * theirs, it is what they answer us. */
static void must_not_be_ndp(struct filter *f, struct holes *drop)
{
	struct holes other = { .count = 0 };

	load_byte(f, IP6_NEXT);
	must_be(f, ICMPV6, &other);
	load_byte(f, IP6_PAYLOAD);
	emit(f, BPF_JMP | BPF_JGE | BPF_K, NDP_FIRST, 1, 0);
	jump(f, &other);
	emit(f, BPF_JMP | BPF_JGT | BPF_K, NDP_REDIRECT, 1, 0);
	jump(f, drop);
	land_here(f, &other);
}

/* Frames that we sent, on to the gateway or to a device: the address to be
 * searched is loaded. */
static void leaving(struct filter *f, const struct filter_spec *spec,
		    struct holes *searching, struct holes *searching6,
		    struct holes *drop)
{
	struct holes to_device = { .count = 0 }, to_device6 = { .count = 0 };
	struct holes ipv6 = { .count = 0 };

	load_half(f, ETH_TYPE);
	must_not_be(f, TYPE_IPV6, &ipv6);
	must_be(f, TYPE_IPV4, drop);
	will_give(f, FILTER_LEAVING_BYTES);
	must_be_mac(f, ETH_DESTINATION, &spec->gateway, &to_device);
	load_word(f, IP_SOURCE);
	jump(f, searching);
	land_here(f, &to_device);
	load_word(f, IP_DESTINATION);
	jump(f, searching);
	land_here(f, &ipv6);
	must_not_be_ndp(f, drop);
	will_give(f, FILTER_LEAVING6_BYTES);
	must_be_mac(f, ETH_DESTINATION, &spec->router6, &to_device6);
	load_key6(f, IP6_SOURCE, spec->six_key);
	jump(f, searching6);
	land_here(f, &to_device6);
	load_key6(f, IP6_DESTINATION, spec->six_key);
	jump(f, searching6);
}

static int finish(const struct filter *f)
{
	return f->length > BPF_MAXINSNS ? ERR_LIMIT : 0;
}

static bool within_limits(const struct filter_spec *spec)
{
	return spec->device_count <= MESSAGE_WATCH_MAX &&
	       spec->excluded_count <= MESSAGE_EXCLUDE_MAX &&
	       spec->six_count <= FILTER_SIX_MAX &&
	       spec->own6_count <= FILTER_SIX_MAX;
}

int filter_capture(const struct filter_spec *spec, struct filter *out)
{
	struct holes group = { .count = 0 }, not_sent = { .count = 0 };
	struct holes not_device = { .count = 0 }, drop = { .count = 0 };
	struct holes keep = { .count = 0 }, found = { .count = 0 };
	struct holes searching = { .count = 0 }, searching6 = { .count = 0 };
	struct holes ipv6 = { .count = 0 }, not_ipv6 = { .count = 0 };
	struct filter *f = out;

	if (!within_limits(spec))
		return ERR_LIMIT;
	f->length = 0;
	must_be_mac(f, ETH_SOURCE, &spec->own, &not_sent);
	leaving(f, spec, &searching, &searching6, &drop);
	land_here(f, &not_sent);
	load_byte(f, ETH_DESTINATION);
	emit(f, BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1);
	jump(f, &group);
	must_be_mac(f, ETH_DESTINATION, &spec->own, &drop);
	load_half(f, ETH_TYPE);
	must_be(f, TYPE_IPV6, &not_ipv6);
	must_not_be_ndp(f, &drop);
	land_here(f, &not_ipv6);
	search_macs(f, ETH_SOURCE, spec, &keep, &not_device);
	land_here(f, &not_device);
	load_half(f, ETH_TYPE);
	must_not_be(f, TYPE_IPV6, &ipv6);
	must_be(f, TYPE_IPV4, &drop);
	must_be_mac(f, ETH_SOURCE, &spec->gateway, &drop);
	will_give(f, FILTER_DEVICE_BYTES);
	load_word(f, IP_DESTINATION);
	land_here(f, &searching);
	search_addresses(f, spec, &found, &drop);
	land_here(f, &ipv6);
	must_be_mac(f, ETH_SOURCE, &spec->router6, &drop);
	will_give(f, FILTER_DEVICE_BYTES);
	load_key6(f, IP6_DESTINATION, spec->six_key);
	land_here(f, &searching6);
	search_addresses6(f, spec->six, spec->six_count, spec->six_key, &found,
			  &drop);
	land_here(f, &group);
	announcements(f, spec, &keep, &drop);
	land_here(f, &found);
	emit(f, BPF_LD | BPF_MEM, MEMORY_BYTES, 0, 0);
	emit(f, BPF_RET | BPF_A, 0, 0, 0);
	land_here(f, &keep);
	give(f, FILTER_DEVICE_BYTES);
	land_here(f, &drop);
	give(f, 0);
	return finish(f);
}

int filter_through_us(const struct filter_spec *spec, struct filter *out)
{
	struct holes device = { .count = 0 }, not_device = { .count = 0 };
	struct holes keep = { .count = 0 }, drop = { .count = 0 };
	struct filter *f = out;

	if (!within_limits(spec))
		return ERR_LIMIT;
	f->length = 0;
	must_be_mac(f, ETH_DESTINATION, &spec->own, &drop);
	load_half(f, ETH_TYPE);
	must_be(f, TYPE_IPV4, &drop);
	search_macs(f, ETH_SOURCE, spec, &device, &not_device);
	land_here(f, &device);
	load_word(f, IP_DESTINATION);
	must_not_be(f, word_of(spec->own_address.b), &drop);
	jump(f, &keep);
	land_here(f, &not_device);
	must_be_mac(f, ETH_SOURCE, &spec->gateway, &drop);
	load_word(f, IP_DESTINATION);
	search_addresses(f, spec, &keep, &drop);
	land_here(f, &drop);
	give(f, 0);
	land_here(f, &keep);
	give(f, FILTER_HEADER_BYTES);
	return finish(f);
}

int filter_through_us6(const struct filter_spec *spec, struct filter *out)
{
	struct holes device = { .count = 0 }, not_device = { .count = 0 };
	struct holes keep = { .count = 0 }, drop = { .count = 0 };
	struct filter *f = out;

	if (!within_limits(spec))
		return ERR_LIMIT;
	f->length = 0;
	must_be_mac(f, ETH_DESTINATION, &spec->own, &drop);
	load_half(f, ETH_TYPE);
	must_be(f, TYPE_IPV6, &drop);
	search_macs(f, ETH_SOURCE, spec, &device, &not_device);
	land_here(f, &device);
	load_key6(f, IP6_DESTINATION, spec->six_key);
	search_addresses6(f, spec->own6, spec->own6_count, spec->six_key, &drop,
			  &keep);
	land_here(f, &not_device);
	must_be_mac(f, ETH_SOURCE, &spec->router6, &drop);
	load_key6(f, IP6_DESTINATION, spec->six_key);
	search_addresses6(f, spec->six, spec->six_count, spec->six_key, &keep,
			  &drop);
	land_here(f, &drop);
	give(f, 0);
	land_here(f, &keep);
	give(f, FILTER_HEADER_BYTES);
	return finish(f);
}

void filter_ndp(uint32_t bytes, struct filter *out)
{
	struct holes drop = { .count = 0 }, keep = { .count = 0 };
	struct filter *f = out;

	f->length = 0;
	load_half(f, ETH_TYPE);
	must_be(f, TYPE_IPV6, &drop);
	load_byte(f, IP6_NEXT);
	must_be(f, ICMPV6, &drop);
	load_byte(f, IP6_PAYLOAD);
	must_not_be(f, ICMPV6_ECHO_REPLY, &keep);
	emit(f, BPF_JMP | BPF_JGE | BPF_K, NDP_FIRST, 1, 0);
	jump(f, &drop);
	emit(f, BPF_JMP | BPF_JGT | BPF_K, NDP_LAST, 0, 1);
	jump(f, &drop);
	land_here(f, &keep);
	give(f, bytes);
	land_here(f, &drop);
	give(f, 0);
}

void filter_type(uint16_t type, uint32_t bytes, struct filter *out)
{
	out->length = 0;
	load_half(out, ETH_TYPE);
	emit(out, BPF_JMP | BPF_JEQ | BPF_K, type, 0, 1);
	give(out, bytes);
	give(out, 0);
}

int filter_attach(int socket, const struct filter *filter)
{
	struct sock_filter copy[BPF_MAXINSNS];
	struct sock_fprog program = { .len = filter->length, .filter = copy };

	memcpy(copy, filter->code, filter->length * sizeof(copy[0]));
	return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program))
		       ? ERR_IO
		       : 0;
}

int filter_attach_nothing(int socket)
{
	static const struct filter nothing = {
		.code = { { .code = BPF_RET | BPF_K } }, .length = 1
	};

	return filter_attach(socket, &nothing);
}
