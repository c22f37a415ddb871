// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_FIREWALL_H
#define GUARD_FIREWALL_H

#include <stdbool.h>

#include "base/err.h"
#include "message/message.h"

/*
 * Whether this computer's own firewall drops what it should forward, read
 * from the kernel by nfnetlink (nf_tables; iptables-nft is that too) and, where
 * iptables' older kernel part is in use, by its socket option. Rules are not
 * evaluated: a chain with rules may let a device through, and then what became
 * of its frames tells (see path.h); this names the culprit.
 */
enum firewall_verdict {
	FIREWALL_OPEN,	   /* nothing drops forwarded packets */
	FIREWALL_MAY_DROP, /* policy drop with rules, or rules that drop */
	FIREWALL_DROPS,	   /* policy drop, and no rule that could accept */
};

struct firewall {
	enum firewall_verdict verdict;
	char who[MESSAGE_TEXT_MAX]; /* "Docker", "ufw", "nftables table …" */
	char remedy[MESSAGE_TEXT_MAX]; /* a command that lets it through */
};

/** interface: whose traffic the remedy is to let through. ERR_IO. */
int firewall_read(const char *interface, struct firewall *out) must_check;

/** A descriptor that is readable when the rules changed. ERR_IO. */
int firewall_watch(int *out) must_check;
/** Takes what was told; true when something changed. */
bool firewall_changed(int fd);

#endif
