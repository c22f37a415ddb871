// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_LAN_H
#define JUDGE_LAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "judge/finding.h"
#include "record/record.h"

/*
 * What the whole home goes by: who hands out addresses, and which resolvers
 * are named with them.
 */

/** Servers kept: one, two where somebody made them agree, and one that does
 * not belong. */
#define LAN_SERVERS_MAX	  4
#define LAN_RESOLVERS_MAX 8
/** A second server is one that speaks within this time of the first. */
#define LAN_SERVER_MS (24 * 3600 * 1000ull)

struct lan_server {
	struct addr addr;
	uint64_t first_ms, last_ms;
};

struct lan {
	/* the owner's to set; family 0: not known */
	struct addr gateway;
	struct cidr link6;			    /* a prefix of the home */
	struct lan_server servers[LAN_SERVERS_MAX]; /* the router, else who came
						       first, then the others */
	size_t server_count;
	struct addr resolvers[LAN_RESOLVERS_MAX]; /* handed out by the first */
	size_t resolver_count;
	/* that IPv6's routers and DHCPv6 named, each address once; past the
	 * limit the oldest goes */
	struct addr resolvers6[LAN_RESOLVERS_MAX];
	size_t resolver6_count;
	uint64_t resolvers_refused; /* past the limit, or for a newer one */
	/* that this computer goes by: given by the home, or set by its owner */
	struct addr host[LAN_RESOLVERS_MAX];
	size_t host_count;
	bool heard;   /* somebody named resolvers */
	bool changed; /* others than before; the owner's to take back */
	/* some device asks a resolver in the home: how would it know of it,
	 * had it not been told */
	bool has_own_resolver;
};

/** Of what the window's device says and hears, what is of the home: who hands
 * out addresses, and which resolvers. */
void lan_hear(struct lan *lan, const struct record_window *window,
	      struct finding_list *out);

/** Whom the window's device asks for names. */
void lan_hear_questions(struct lan *lan, const struct record_window *window);

/** Another network: what was known of the one before is not of it. */
void lan_leave(struct lan *lan);

/** An IPv6 router, or DHCPv6, names this resolver. */
void lan_name_resolver6(struct lan *lan, const struct addr *resolver);

/** Whether the network named this resolver, as far as can be told. */
enum lan_named {
	LAN_NOT_KNOWN,
	LAN_NAMED,
	LAN_NOT_NAMED,
};
enum lan_named lan_names(const struct lan *lan, const struct addr *resolver);

#endif
