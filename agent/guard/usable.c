// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/usable.h"

#include <stdio.h>
#include <string.h>

#include "guard/undo.h"

/* Subnets in which there can be somebody else, and no larger than a class A */
#define BITS_LEAST 8
#define BITS_MOST  30

void usable_judge(const struct net_interface *i, char problem[MESSAGE_TEXT_MAX])
{
	const char *what = "";

	if (!i->ethernet || i->loopback)
		what = "it has no Ethernet frames (a VPN or a modem?): nobody "
		       "can be watched there";
	else if (!i->up)
		what = "it is down, or has no cable or Wi-Fi";
	else if (!i->address.addr.family)
		what = "it has no address of a network";
	else if (i->stranded)
		what = "it has an IPv4 address, but no IPv4 router is reached "
		       "through it (no default route)";
	else if (!i->gateway.family)
		what = "no router is reached through it (no default route)";
	else if (i->address.addr.family == 4 &&
		 (i->address.bits > BITS_MOST || i->address.bits < BITS_LEAST ||
		  !undo_is_host(&i->address, &i->gateway)))
		what = "its router is not in its subnet";
	message_text(problem, MESSAGE_TEXT_MAX, what);
}

static int check_one(const struct net_interface *list, size_t count,
		     const char *name, char line[MESSAGE_TEXT_MAX])
{
	const struct net_interface *i = net_find(list, count, name);
	char problem[MESSAGE_TEXT_MAX];

	if (!i) {
		snprintf(line, MESSAGE_TEXT_MAX, "there is no interface %s",
			 name);
		return ERR_INVALID;
	}
	usable_judge(i, problem);
	line[0] = '\0';
	if (problem[0])
		snprintf(line, MESSAGE_TEXT_MAX, "%s cannot be used: %.400s",
			 name, problem);
	return i->ethernet && !i->loopback ? 0 : ERR_INVALID;
}

static void check_all(const struct net_interface *list, size_t count,
		      char line[MESSAGE_TEXT_MAX])
{
	char problem[MESSAGE_TEXT_MAX];

	message_text(line, MESSAGE_TEXT_MAX,
		     "this computer has no network interface yet");
	for (size_t i = 0; i < count; i++) {
		if (list[i].loopback)
			continue;
		usable_judge(&list[i], problem);
		if (!problem[0]) {
			line[0] = '\0';
			return;
		}
		snprintf(line, MESSAGE_TEXT_MAX,
			 "no network interface can be used yet: %s, %.400s",
			 list[i].name, problem);
	}
}

int usable_check(const char *name, char line[MESSAGE_TEXT_MAX])
{
	static struct net_interface list[MESSAGE_INTERFACES_MAX];
	struct net net;
	int count, err = 0;

	line[0] = '\0';
	if (net_open(&net))
		return 0; /* guard will say so */
	count = net_list(&net, list, MESSAGE_INTERFACES_MAX);
	if (count >= 0 && name)
		err = check_one(list, (size_t)count, name, line);
	else if (count >= 0)
		check_all(list, (size_t)count, line);
	net_close(&net);
	return err;
}
