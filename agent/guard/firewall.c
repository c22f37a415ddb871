// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/firewall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As netlink answers in. */
#define BUFFER_BYTES 32768
#define NAME_BYTES   128
/* Chains at the forward hook looked at: several firewalls have one each. */
#define CHAINS_MAX 16

struct chain {
	uint8_t family;
	char table[NAME_BYTES], name[NAME_BYTES];
	bool drops; /* its policy */
	size_t rules;
	bool rule_drops;
};

struct chains {
	struct chain list[CHAINS_MAX];
	size_t count;
	bool docker, ufw, firewalld; /* seen by the names of their chains */
};

struct attributes {
	const struct nlattr *at[32];
};

static int take_attribute(const struct nlattr *attribute, void *data)
{
	struct attributes *all = data;
	unsigned type = mnl_attr_get_type(attribute);

	if (type < sizeof(all->at) / sizeof(all->at[0]))
		all->at[type] = attribute;
	return MNL_CB_OK;
}

static struct attributes nested(const struct nlattr *attribute)
{
	struct attributes a = { .at = { NULL } };

	if (attribute)
		mnl_attr_parse_nested(attribute, take_attribute, &a);
	return a;
}

static void text_of(const struct nlattr *attribute, char out[NAME_BYTES])
{
	out[0] = '\0';
	if (attribute && !mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING))
		snprintf(out, NAME_BYTES, "%s", mnl_attr_get_str(attribute));
}

static uint32_t number_of(const struct nlattr *attribute)
{
	uint32_t v = 0;

	if (attribute && mnl_attr_get_payload_len(attribute) == sizeof(v))
		memcpy(&v, mnl_attr_get_payload(attribute), sizeof(v));
	return ntohl(v);
}

static void recognise(struct chains *all, const char *table, const char *chain)
{
	all->docker = all->docker || !strncmp(chain, "DOCKER", 6);
	all->ufw = all->ufw || !strncmp(chain, "ufw-", 4);
	all->firewalld = all->firewalld || !strcmp(table, "firewalld");
}

static int take_chain(const struct nlmsghdr *message, void *data)
{
	const struct nfgenmsg *info = mnl_nlmsg_get_payload(message);
	struct attributes a = { .at = { NULL } }, hook;
	struct chains *all = data;
	struct chain *c = &all->list[all->count];

	if (all->count == CHAINS_MAX ||
	    mnl_attr_parse(message, sizeof(*info), take_attribute, &a) < 0)
		return MNL_CB_OK;
	*c = (struct chain){ .family = info->nfgen_family };
	text_of(a.at[NFTA_CHAIN_TABLE], c->table);
	text_of(a.at[NFTA_CHAIN_NAME], c->name);
	recognise(all, c->table, c->name);
	if (!a.at[NFTA_CHAIN_HOOK] ||
	    (c->family != NFPROTO_IPV4 && c->family != NFPROTO_INET))
		return MNL_CB_OK;
	hook = nested(a.at[NFTA_CHAIN_HOOK]);
	if (!hook.at[NFTA_HOOK_HOOKNUM] ||
	    number_of(hook.at[NFTA_HOOK_HOOKNUM]) != NF_INET_FORWARD)
		return MNL_CB_OK;
	c->drops = a.at[NFTA_CHAIN_POLICY] &&
		   number_of(a.at[NFTA_CHAIN_POLICY]) == NF_DROP;
	all->count++;
	return MNL_CB_OK;
}

/* Whether an expression of a rule drops or rejects. */
static bool expression_drops(const struct nlattr *expression)
{
	struct attributes a = nested(expression), data, immediate, verdict;
	char name[NAME_BYTES];

	text_of(a.at[NFTA_EXPR_NAME], name);
	if (!strcmp(name, "reject"))
		return true;
	if (strcmp(name, "immediate") != 0)
		return false;
	data = nested(a.at[NFTA_EXPR_DATA]);
	immediate = nested(data.at[NFTA_IMMEDIATE_DATA]);
	verdict = nested(immediate.at[NFTA_DATA_VERDICT]);
	return verdict.at[NFTA_VERDICT_CODE] &&
	       number_of(verdict.at[NFTA_VERDICT_CODE]) == NF_DROP;
}

static int take_rule(const struct nlmsghdr *message, void *data)
{
	const struct nfgenmsg *info = mnl_nlmsg_get_payload(message);
	struct attributes a = { .at = { NULL } };
	char table[NAME_BYTES], chain[NAME_BYTES];
	struct chains *all = data;
	const struct nlattr *expression;

	if (mnl_attr_parse(message, sizeof(*info), take_attribute, &a) < 0)
		return MNL_CB_OK;
	text_of(a.at[NFTA_RULE_TABLE], table);
	text_of(a.at[NFTA_RULE_CHAIN], chain);
	for (size_t i = 0; i < all->count; i++) {
		struct chain *c = &all->list[i];

		if (c->family != info->nfgen_family ||
		    strcmp(c->table, table) != 0 || strcmp(c->name, chain) != 0)
			continue;
		c->rules++;
		if (!a.at[NFTA_RULE_EXPRESSIONS])
			continue;
		mnl_attr_for_each_nested(
			expression, a.at[NFTA_RULE_EXPRESSIONS]) c->rule_drops =
			c->rule_drops || expression_drops(expression);
	}
	return MNL_CB_OK;
}

static int dump(struct mnl_socket *socket, uint16_t type, mnl_cb_t take,
		void *data)
{
	static uint8_t buffer[BUFFER_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *info;
	uint32_t sequence = type + 1u;
	int result = MNL_CB_OK;

	request->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = sequence;
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->nfgen_family = NFPROTO_UNSPEC;
	info->version = NFNETLINK_V0;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return ERR_IO;
	while (result > MNL_CB_STOP) {
		ssize_t got =
			mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		if (got < 0)
			return ERR_IO;
		result = mnl_cb_run(buffer, (size_t)got, sequence,
				    mnl_socket_get_portid(socket), take, data);
	}
	return result < 0 ? ERR_IO : 0;
}

/* Who made the chain, and the command that lets an interface's traffic pass
 * it. */
static void name_culprit(const struct chains *all, const struct chain *c,
			 const char *interface, struct firewall *out)
{
	const char *family = c->family == NFPROTO_INET ? "inet" : "ip";
	bool of_iptables = c->family == NFPROTO_IPV4 &&
			   !strcmp(c->table, "filter") &&
			   !strcmp(c->name, "FORWARD");

	if (of_iptables && all->ufw) {
		snprintf(out->who, sizeof(out->who), "ufw");
		snprintf(out->remedy, sizeof(out->remedy),
			 "sudo ufw route allow in on %s out on %s", interface,
			 interface);
	} else if (of_iptables) {
		snprintf(out->who, sizeof(out->who), "%s",
			 all->docker ? "Docker" : "iptables");
		snprintf(out->remedy, sizeof(out->remedy),
			 "sudo iptables -I %s -i %s -o %s -j ACCEPT",
			 all->docker ? "DOCKER-USER" : "FORWARD", interface,
			 interface);
	} else if (all->firewalld && !strcmp(c->table, "firewalld")) {
		snprintf(out->who, sizeof(out->who), "firewalld");
		snprintf(out->remedy, sizeof(out->remedy),
			 "sudo firewall-cmd --zone=$(firewall-cmd "
			 "--get-zone-of-interface=%s) --add-forward",
			 interface);
	} else {
		snprintf(out->who, sizeof(out->who),
			 "nftables (table %s %s, chain %s)", family, c->table,
			 c->name);
		snprintf(out->remedy, sizeof(out->remedy),
			 "sudo nft insert rule %s %s %s iifname %s oifname %s "
			 "accept",
			 family, c->table, c->name, interface, interface);
	}
}

int firewall_read(const char *interface, struct firewall *out)
{
	struct mnl_socket *socket =
		mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	static struct chains all;
	struct firewall found = { .verdict = FIREWALL_OPEN };
	int err = ERR_IO;

	if (!socket)
		return ERR_IO;
	all = (struct chains){ .count = 0 };
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID))
		goto out;
	err = dump(socket, NFT_MSG_GETCHAIN, take_chain, &all);
	if (!err && all.count)
		err = dump(socket, NFT_MSG_GETRULE, take_rule, &all);
	if (err)
		goto out;
	for (size_t i = 0; i < all.count; i++) {
		const struct chain *c = &all.list[i];
		enum firewall_verdict verdict =
			c->drops && !c->rules	    ? FIREWALL_DROPS
			: c->drops || c->rule_drops ? FIREWALL_MAY_DROP
						    : FIREWALL_OPEN;

		if (verdict <= found.verdict)
			continue;
		found.verdict = verdict;
		name_culprit(&all, c, interface, &found);
	}
	*out = found;
out:
	mnl_socket_close(socket);
	return err;
}

int firewall_watch(int *out)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1u << (NFNLGRP_NFTABLES - 1),
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_NETFILTER);

	if (fd < 0)
		return ERR_IO;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return ERR_IO;
	}
	*out = fd;
	return 0;
}

bool firewall_changed(int fd)
{
	static uint8_t buffer[BUFFER_BYTES];
	bool changed = false;
	ssize_t got;

	do {
		got = recv(fd, buffer, sizeof(buffer), 0);
		changed = changed || got > 0 || (got < 0 && errno == ENOBUFS);
	} while (got > 0 || (got < 0 && (errno == ENOBUFS || errno == EINTR)));
	return changed;
}
