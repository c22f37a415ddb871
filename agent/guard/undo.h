// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_UNDO_H
#define GUARD_UNDO_H

#include <stddef.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "guard/sysctl.h"
#include "guard/sysctl6.h"
#include "message/message.h"

/*
 * The undo record: what guard is about to change and how it was before,
 * written before it is changed. Text, a line each:
 *
 *   iot-inspector undo 1
 *   interface eth0
 *   own 02:00:00:00:00:01
 *   address 192.168.1.5/24
 *   gateway 192.168.1.1 02:00:00:00:00:02
 *   forwarding 0
 *   send_redirects 1
 *   all_send_redirects 1
 *   all_forwarding 0
 *   device 192.168.1.23 02:00:00:00:00:17
 *   device 192.168.1.24 02:00:00:00:00:18 02:00:00:00:00:19
 *   pairs
 *   ipv6
 *   setting6 eth0 force_forwarding 0
 *   router6 fe80::1 02:00:00:00:00:02
 *   device6 fe80::17 02:00:00:00:00:17
 *   end
 *
 * Before there was IPv6, all_forwarding was not written down: a record without
 * it is read as if that had been 0. The device lines, any number, are those
 * poisoned; a third word is the MAC of who has the device's address since, and
 * is whom the router is to be told of. "pairs": some of them were
 * told so of each other, too. "ipv6" and the lines after
 * it are there once IPv6 is intercepted: the rules of way.h and redirects.h
 * are, settings to put back in this order, the router's addresses, and those
 * of devices that are poisoned, one device's together. Whoever reads it trusts
 * nothing of it: see undo_parse().
 *
 * On a network without IPv4 the addresses of the head are of IPv6, the
 * gateway's of the link, and nothing of IPv4 follows: no settings, no device.
 */
#define UNDO_BYTES_MAX 131072
/** Devices watched, and as many that are being given back meanwhile. */
#define UNDO_DEVICES_MAX ((size_t)2 * MESSAGE_WATCH_MAX)

/** IPv6 addresses intercepted, and as many that are being given back. */
#define UNDO_DEVICES6_MAX 1024
#define UNDO_ROUTERS6_MAX 8

struct undo_device {
	struct addr address;
	struct mac mac;
	struct mac holder; /* IPv4, zero: none; see the format */
};

struct undo {
	char interface[MESSAGE_NAME_MAX];
	struct mac own, gateway_mac;
	struct cidr address;
	struct addr gateway;
	int sysctls[SYSCTLS]; /* the values before */
	size_t device_count;
	struct undo_device devices[UNDO_DEVICES_MAX];
	bool pairs, ipv6;
	struct sysctl6_list sysctls6;
	size_t router6_count, device6_count;
	struct undo_device routers6[UNDO_ROUTERS6_MAX]; /* one MAC's; the first
							 * is link-local */
	struct undo_device devices6[UNDO_DEVICES6_MAX];
};

/** Appends the text. ERR_LIMIT, ERR_NOMEM. */
int undo_format(const struct undo *undo, struct buf *out) must_check;

/**
 * Strict: every line there, in order, and no other; the interface has a name
 * that sysctls may be of; MACs are no group's and not zero; the gateway and
 * each device lie inside the subnet, and no device is the gateway, ourselves,
 * or the subnet's first or last address. Of IPv6: settings that sysctl6_plan()
 * makes, addresses of one host, one MAC of the router, its first address is
 * link-local. ERR_MALFORMED, ERR_LIMIT.
 */
int undo_parse(const char *text, struct undo *out) must_check;

/** Whether the record is of a network without IPv4. */
bool undo_is_of_six(const struct undo *undo);

/** Whether address may be a host of the subnet (IPv4). */
bool undo_is_host(const struct cidr *subnet, const struct addr *address);

/**
 * Where a record is: "undo", that of the run; or "undo6", of which nothing but
 * IPv6 is left to be put back, and that waits for its router while another run
 * may write the first. No IPv6 is intercepted as long as it is there.
 */
enum undo_file {
	UNDO_WHOLE,
	UNDO_SIX,
};

/** Writes it to the run directory, on disk before it returns, unless it could
 * not be read again (what parsing gives; the one before stays); reads it from
 * there (ERR_NOTFOUND, or what parsing gives); ends it. */
int undo_write(int run_dir, enum undo_file file,
	       const struct undo *undo) must_check;
int undo_read(int run_dir, enum undo_file file, struct undo *out) must_check;
int undo_remove(int run_dir, enum undo_file file) must_check;
/** Whether one is there, readable or not. */
bool undo_is_there(int run_dir, enum undo_file file);

/** Makes a record one of a network without IPv4: of what it says of IPv6. */
void undo_keep_six(struct undo *undo);

/** Sets aside, as "undo.bad", one that cannot be trusted. */
void undo_set_aside(int run_dir, enum undo_file file);
/** Whether one is there. */
bool undo_is_set_aside(int run_dir);

#endif
