// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_FIREWALL_H
#define GUARD_FIREWALL_H

#include <stdbool.h>

#include "base/err.h"
#include "message/message.h"

/*
 * Whether this computer's own firewall drops what it should forward from an
 * interface back to the same one, read from the kernel's nf_tables by nfnetlink
 * (iptables, firewalld and Docker use it too). Rules are not evaluated: what is
 * asked of them is whether any could accept the first packet of a connection
 * of TCP or UDP at all. Those for other interfaces or protocols, or for what
 * answers or goes on, could not. Where one might, what becomes of the device's
 * frames tells (see path.h), and this names the culprit.
 *
 * Tables of iptables' older kernel part cannot be read without changing the
 * system; that it is in use is all that is known of it.
 */
enum firewall_verdict {
	FIREWALL_OPEN,	   /* nothing drops forwarded packets */
	FIREWALL_MAY_DROP, /* drops some, or accepts some */
	FIREWALL_DROPS,	   /* drops all, whatever they are */
};

/** Chains and rules looked at; past them a rule might accept. */
#define FIREWALL_CHAINS_MAX 512
#define FIREWALL_RULES_MAX  4096

struct firewall {
	enum firewall_verdict verdict;
	char who[MESSAGE_TEXT_MAX];    /* "Docker", "ufw", "nftables …" */
	char remedy[MESSAGE_TEXT_MAX]; /* a command that lets it through */
};

/** The verdict for what of a family (4, 6) comes in at the interface and
 * leaves by it. ERR_IO. */
int firewall_read(int family, const char *interface, int interface_index,
		  struct firewall *out) must_check;

/** A descriptor that is readable when the rules changed. ERR_IO. */
int firewall_watch(int *out) must_check;
/** Takes what was told; true when something changed. */
bool firewall_changed(int fd);

#endif
