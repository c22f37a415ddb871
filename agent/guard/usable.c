// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/usable.h"

#include <stdio.h>
#include <string.h>

#include "guard/undo.h"

/* Subnets in which there can be somebody else, and no larger than a class A */
#define BITS_LEAST 8
#define BITS_MOST  30

/* Two addresses of the Internet, one in each half, to ask the kernel which
 * way they would go: nothing is sent to them. */
static const struct addr far_addresses[] = {
	{ .family = 4, .b = { 8, 8, 8, 8 } },
	{ .family = 4, .b = { 198, 41, 0, 4 } },
};
#define FAR_ADDRESSES (sizeof(far_addresses) / sizeof(far_addresses[0]))

static const char *name_of(const struct net_interface *list, size_t count,
			   int index)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].index == index)
			return list[i].name;
	return "another interface";
}

static void judge_way_out(struct net *net, const struct net_interface *list,
			  size_t count, const struct net_interface *i,
			  char problem[MESSAGE_TEXT_MAX])
{
	for (size_t n = 0; n < FAR_ADDRESSES; n++) {
		struct net_route route;

		if (net_route(net, &far_addresses[n], NULL, 0, &route) ||
		    route.interface_index == i->index)
			continue;
		snprintf(problem, MESSAGE_TEXT_MAX,
			 "this computer's own traffic leaves by %s (a VPN?), "
			 "and a device's would too: switch that off",
			 name_of(list, count, route.interface_index));
		return;
	}
}

void usable_judge(struct net *net, const struct net_interface *list,
		  size_t count, const struct net_interface *i,
		  char problem[MESSAGE_TEXT_MAX])
{
	const char *what = "";

	if (!i->ethernet || i->loopback)
		what = "it has no Ethernet frames (a VPN or a modem?): nobody "
		       "can be watched there";
	else if (!i->up)
		what = "it is down, or has no cable or Wi-Fi";
	else if (!i->address.addr.family)
		what = "it has no IPv4 address";
	else if (!i->gateway.family)
		what = "no router is reached through it (no default route)";
	else if (i->address.bits > BITS_MOST || i->address.bits < BITS_LEAST ||
		 !undo_is_host(&i->address, &i->gateway))
		what = "its router is not in its subnet";
	message_text(problem, MESSAGE_TEXT_MAX, what);
	if (!problem[0])
		judge_way_out(net, list, count, i, problem);
}

static int check_one(struct net *net, const struct net_interface *list,
		     size_t count, const char *name,
		     char line[MESSAGE_TEXT_MAX])
{
	const struct net_interface *i = net_find(list, count, name);
	char problem[MESSAGE_TEXT_MAX];

	if (!i) {
		snprintf(line, MESSAGE_TEXT_MAX, "there is no interface %s",
			 name);
		return ERR_INVALID;
	}
	usable_judge(net, list, count, i, problem);
	line[0] = '\0';
	if (problem[0])
		snprintf(line, MESSAGE_TEXT_MAX, "%s cannot be used: %.400s",
			 name, problem);
	return i->ethernet && !i->loopback ? 0 : ERR_INVALID;
}

static void check_all(struct net *net, const struct net_interface *list,
		      size_t count, char line[MESSAGE_TEXT_MAX])
{
	char problem[MESSAGE_TEXT_MAX];

	message_text(line, MESSAGE_TEXT_MAX,
		     "this computer has no network interface yet");
	for (size_t i = 0; i < count; i++) {
		if (list[i].loopback)
			continue;
		usable_judge(net, list, count, &list[i], problem);
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
		err = check_one(&net, list, (size_t)count, name, line);
	else if (count >= 0)
		check_all(&net, list, (size_t)count, line);
	net_close(&net);
	return err;
}
