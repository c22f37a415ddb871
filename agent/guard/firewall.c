// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/firewall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_conntrack.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As netlink answers in. */
#define BUFFER_BYTES 32768
#define NAME_BYTES   128
/* Where iptables' older kernel part is seen when it is in use. */
#define OLD_TABLES  "/sys/module/iptable_filter"
#define OLD_TABLES6 "/sys/module/ip6table_filter"

#define NO_CHAIN -1

enum effect {
	EFFECT_NONE,
	EFFECT_ACCEPT, /* or a map of verdicts, which might */
	EFFECT_DROP,
	EFFECT_GO_TO, /* jump or goto */
};

struct chain {
	uint8_t family;
	bool at_forward, drops; /* hook, and policy */
	char table[NAME_BYTES], name[NAME_BYTES];
};

/* One that a packet from the interface to itself might meet. */
struct rule {
	int chain, target; /* indices of chains */
	enum effect effect;
};

struct ruleset {
	uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6 */
	const char *interface;
	uint32_t interface_index;
	bool cut; /* a limit was reached */
	struct chain chains[FIREWALL_CHAINS_MAX];
	int chain_count;
	struct rule rules[FIREWALL_RULES_MAX];
	size_t rule_count;
	bool docker, ufw; /* seen by the names of their chains */
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

static int find_chain(const struct ruleset *r, uint8_t family,
		      const char *table, const char *name)
{
	for (int i = 0; i < r->chain_count; i++)
		if (r->chains[i].family == family &&
		    !strcmp(r->chains[i].table, table) &&
		    !strcmp(r->chains[i].name, name))
			return i;
	return NO_CHAIN;
}

static int take_chain(const struct nlmsghdr *message, void *data)
{
	const struct nfgenmsg *info = mnl_nlmsg_get_payload(message);
	struct attributes a = { .at = { NULL } }, hook;
	struct ruleset *r = data;
	struct chain *c = &r->chains[r->chain_count];

	if (info->nfgen_family != r->family &&
	    info->nfgen_family != NFPROTO_INET)
		return MNL_CB_OK;
	if (r->chain_count == FIREWALL_CHAINS_MAX ||
	    mnl_attr_parse(message, sizeof(*info), take_attribute, &a) < 0) {
		r->cut = true;
		return MNL_CB_OK;
	}
	*c = (struct chain){ .family = info->nfgen_family };
	text_of(a.at[NFTA_CHAIN_TABLE], c->table);
	text_of(a.at[NFTA_CHAIN_NAME], c->name);
	hook = nested(a.at[NFTA_CHAIN_HOOK]);
	c->at_forward =
		hook.at[NFTA_HOOK_HOOKNUM] &&
		number_of(hook.at[NFTA_HOOK_HOOKNUM]) == NF_INET_FORWARD;
	c->drops = a.at[NFTA_CHAIN_POLICY] &&
		   number_of(a.at[NFTA_CHAIN_POLICY]) == NF_DROP;
	r->docker = r->docker || !strncmp(c->name, "DOCKER", 6);
	r->ufw = r->ufw || !strncmp(c->name, "ufw-", 4);
	r->chain_count++;
	return MNL_CB_OK;
}

/* Whether what a comparison asks for is so for our interface. A name shorter
 * than a whole one is what names begin with ("docker+"). */
static bool compares(const struct ruleset *r, uint32_t key,
		     const struct nlattr *value)
{
	char name[NAME_BYTES] = "";
	size_t length;

	if (!value)
		return true;
	length = mnl_attr_get_payload_len(value);
	if (key == NFT_META_IIF || key == NFT_META_OIF)
		return length == sizeof(r->interface_index) &&
		       !memcmp(mnl_attr_get_payload(value), &r->interface_index,
			       length);
	snprintf(name, sizeof(name), "%s", r->interface);
	return length < sizeof(name) &&
	       !memcmp(mnl_attr_get_payload(value), name, length);
}

/* What the last expression loaded, for the next one to compare. */
enum loaded {
	LOADED_ELSE,
	LOADED_INTERFACE, /* by index or name; see key */
	LOADED_PROTOCOL,  /* behind the IP header */
	LOADED_STATE,	  /* of the connection */
	LOADED_STATES,	  /* the same, those of mask */
};

/* What one rule's expressions say, one after the other. */
struct reading {
	const struct ruleset *ruleset;
	enum loaded loaded;
	uint32_t key, mask;
	/* it is not for our interface, or for no connection's first packet of
	 * TCP or UDP: then it helps nobody */
	bool for_others;
	bool conditional; /* it is for some packets only */
	enum effect effect;
	char target[NAME_BYTES];
};

static bool is_for_first_packets(uint32_t states)
{
	return states & NF_CT_STATE_BIT(IP_CT_NEW);
}

static void read_compare(struct reading *reading, struct attributes data)
{
	struct attributes value = nested(data.at[NFTA_CMP_DATA]);
	const struct nlattr *bytes = value.at[NFTA_DATA_VALUE];
	bool equal = number_of(data.at[NFTA_CMP_OP]) == NFT_CMP_EQ;
	uint8_t protocol;

	switch (reading->loaded) {
	case LOADED_INTERFACE:
		if (compares(reading->ruleset, reading->key, bytes) != equal)
			reading->for_others = true;
		return;
	case LOADED_PROTOCOL:
		if (!equal || !bytes || !mnl_attr_get_payload_len(bytes))
			break;
		memcpy(&protocol, mnl_attr_get_payload(bytes), 1);
		if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
			reading->for_others = true;
		break;
	case LOADED_STATES: /* "is one of": not equal to none */
		if (!equal && !number_of(bytes) &&
		    !is_for_first_packets(reading->mask))
			reading->for_others = true;
		break;
	case LOADED_STATE:
	case LOADED_ELSE:
		break;
	}
	reading->conditional = true;
}

static void read_mask(struct reading *reading, struct attributes data)
{
	struct attributes mask = nested(data.at[NFTA_BITWISE_MASK]);

	if (reading->loaded != LOADED_STATE)
		return;
	reading->mask = ntohl(number_of(mask.at[NFTA_DATA_VALUE]));
	reading->loaded = LOADED_STATES;
}

/* iptables' own kind of condition. */
static void read_match(struct reading *reading, struct attributes data)
{
	const struct nlattr *info = data.at[NFTA_MATCH_INFO];
	struct xt_conntrack_mtinfo3 match;
	char name[NAME_BYTES];

	reading->conditional = true;
	text_of(data.at[NFTA_MATCH_NAME], name);
	if (strcmp(name, "conntrack") != 0 || !info ||
	    mnl_attr_get_payload_len(info) < sizeof(match))
		return;
	memcpy(&match, mnl_attr_get_payload(info), sizeof(match));
	if (match.match_flags & XT_CONNTRACK_STATE &&
	    !(match.invert_flags & XT_CONNTRACK_STATE) &&
	    !is_for_first_packets(match.state_mask))
		reading->for_others = true;
}

/* iptables' own kind of verdict: what is not known might accept. */
static void read_target(struct reading *reading, struct attributes data)
{
	static const char *const harmless[] = { "LOG", "NFLOG", "MARK",
						"CONNMARK", "TCPMSS" };
	char name[NAME_BYTES];

	text_of(data.at[NFTA_TARGET_NAME], name);
	reading->effect = !strcmp(name, "REJECT") ? EFFECT_DROP : EFFECT_ACCEPT;
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (!strcmp(name, harmless[i]))
			reading->effect = EFFECT_NONE;
}

static enum loaded meta_loaded(uint32_t key)
{
	if (key == NFT_META_IIF || key == NFT_META_OIF ||
	    key == NFT_META_IIFNAME || key == NFT_META_OIFNAME)
		return LOADED_INTERFACE;
	return key == NFT_META_L4PROTO ? LOADED_PROTOCOL : LOADED_ELSE;
}

/* The byte of an IPv4 header that says what is behind it. */
static enum loaded payload_loaded(struct attributes data)
{
	return number_of(data.at[NFTA_PAYLOAD_BASE]) ==
				       NFT_PAYLOAD_NETWORK_HEADER &&
			       number_of(data.at[NFTA_PAYLOAD_OFFSET]) == 9 &&
			       number_of(data.at[NFTA_PAYLOAD_LEN]) == 1
		       ? LOADED_PROTOCOL
		       : LOADED_ELSE;
}

static void read_verdict(struct reading *reading, struct attributes data)
{
	struct attributes immediate = nested(data.at[NFTA_IMMEDIATE_DATA]);
	struct attributes verdict = nested(immediate.at[NFTA_DATA_VERDICT]);
	int32_t code = (int32_t)number_of(verdict.at[NFTA_VERDICT_CODE]);

	if (!verdict.at[NFTA_VERDICT_CODE])
		return;
	if (code == NF_ACCEPT)
		reading->effect = EFFECT_ACCEPT;
	else if (code == NF_DROP)
		reading->effect = EFFECT_DROP;
	else if (code == NFT_JUMP || code == NFT_GOTO)
		reading->effect = EFFECT_GO_TO;
	text_of(verdict.at[NFTA_VERDICT_CHAIN], reading->target);
}

static void read_expression(struct reading *reading,
			    const struct nlattr *expression)
{
	struct attributes a = nested(expression);
	struct attributes data = nested(a.at[NFTA_EXPR_DATA]);
	enum loaded loaded = LOADED_ELSE;
	char name[NAME_BYTES];

	text_of(a.at[NFTA_EXPR_NAME], name);
	if (!strcmp(name, "meta")) {
		reading->key = number_of(data.at[NFTA_META_KEY]);
		loaded = meta_loaded(reading->key);
	} else if (!strcmp(name, "payload")) {
		loaded = payload_loaded(data);
	} else if (!strcmp(name, "ct")) {
		if (number_of(data.at[NFTA_CT_KEY]) == NFT_CT_STATE)
			loaded = LOADED_STATE;
	} else if (!strcmp(name, "bitwise")) {
		read_mask(reading, data);
		return;
	} else if (!strcmp(name, "cmp")) {
		read_compare(reading, data);
	} else if (!strcmp(name, "immediate")) {
		read_verdict(reading, data);
	} else if (!strcmp(name, "reject")) {
		reading->effect = EFFECT_DROP;
	} else if (!strcmp(name, "match")) {
		read_match(reading, data);
	} else if (!strcmp(name, "target")) {
		read_target(reading, data);
	} else if ((!strcmp(name, "lookup") && data.at[NFTA_LOOKUP_DREG]) ||
		   !strcmp(name, "queue")) {
		reading->effect = EFFECT_ACCEPT; /* it might */
	} else if (strcmp(name, "counter") != 0 && strcmp(name, "log") != 0) {
		reading->conditional = true;
	}
	reading->loaded = loaded;
}

static int take_rule(const struct nlmsghdr *message, void *data)
{
	const struct nfgenmsg *info = mnl_nlmsg_get_payload(message);
	struct reading reading = { .ruleset = data };
	struct attributes a = { .at = { NULL } };
	char table[NAME_BYTES], chain[NAME_BYTES];
	const struct nlattr *expression;
	struct ruleset *r = data;
	int index;

	if (mnl_attr_parse(message, sizeof(*info), take_attribute, &a) < 0) {
		r->cut = true;
		return MNL_CB_OK;
	}
	text_of(a.at[NFTA_RULE_TABLE], table);
	text_of(a.at[NFTA_RULE_CHAIN], chain);
	index = find_chain(r, info->nfgen_family, table, chain);
	if (index == NO_CHAIN || !a.at[NFTA_RULE_EXPRESSIONS])
		return MNL_CB_OK;
	mnl_attr_for_each_nested(expression, a.at[NFTA_RULE_EXPRESSIONS])
		read_expression(&reading, expression);
	if (reading.for_others || reading.effect == EFFECT_NONE)
		return MNL_CB_OK;
	/* what comes so far that no rule before it took is dropped */
	if (reading.effect == EFFECT_DROP && !reading.conditional &&
	    r->chains[index].at_forward)
		r->chains[index].drops = true;
	if (r->rule_count == FIREWALL_RULES_MAX) {
		r->cut = true;
		return MNL_CB_OK;
	}
	r->rules[r->rule_count++] = (struct rule){
		.chain = index,
		.effect = reading.effect,
		.target = find_chain(r, info->nfgen_family, table,
				     reading.target),
	};
	return MNL_CB_OK;
}

/* Whether the chain, or one it leads to, has a rule of that effect; seen are
 * those already looked at. */
static bool search(const struct ruleset *r, int chain, enum effect effect,
		   bool seen[FIREWALL_CHAINS_MAX])
{
	if (seen[chain])
		return false;
	seen[chain] = true;
	for (size_t i = 0; i < r->rule_count; i++) {
		const struct rule *rule = &r->rules[i];

		if (rule->chain != chain)
			continue;
		if (rule->effect == effect)
			return true;
		if (rule->effect == EFFECT_GO_TO && rule->target != NO_CHAIN &&
		    search(r, rule->target, effect, seen))
			return true;
	}
	return false;
}

static bool leads_to(const struct ruleset *r, int chain, enum effect effect)
{
	bool seen[FIREWALL_CHAINS_MAX] = { false };

	return search(r, chain, effect, seen);
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

/* Who made the chain, and the command that lets the interface's traffic pass
 * it. */
static void name_culprit(const struct ruleset *r, const struct chain *c,
			 struct firewall *out)
{
	const char *six = r->family == NFPROTO_IPV6 ? "6" : "";
	const char *family = c->family == NFPROTO_INET ? "inet" : "ip";
	const char *in_six = c->family == NFPROTO_IPV6 ? "6" : "";
	const char *interface = r->interface;
	bool of_iptables = c->family == r->family &&
			   !strcmp(c->table, "filter") &&
			   !strcmp(c->name, "FORWARD");

	if (of_iptables && r->ufw) {
		snprintf(out->who, sizeof(out->who), "ufw");
		snprintf(out->remedy, sizeof(out->remedy),
			 "sudo ufw route allow in on %s out on %s", interface,
			 interface);
	} else if (of_iptables) {
		snprintf(out->who, sizeof(out->who), "%s",
			 r->docker ? "Docker"
			 : *six	   ? "ip6tables"
				   : "iptables");
		snprintf(out->remedy, sizeof(out->remedy),
			 "sudo ip%stables -I %s -i %s -o %s -j ACCEPT", six,
			 r->docker ? "DOCKER-USER" : "FORWARD", interface,
			 interface);
	} else if (!strcmp(c->table, "firewalld")) {
		snprintf(out->who, sizeof(out->who), "firewalld");
		snprintf(out->remedy, sizeof(out->remedy),
			 "sudo firewall-cmd --zone=$(firewall-cmd "
			 "--get-zone-of-interface=%s) --add-forward",
			 interface);
	} else {
		snprintf(out->who, sizeof(out->who),
			 "nftables (table %s%s %s, chain %s)", family, in_six,
			 c->table, c->name);
		snprintf(out->remedy, sizeof(out->remedy),
			 "sudo nft insert rule %s%s %s %s iifname %s oifname "
			 "%s accept",
			 family, in_six, c->table, c->name, interface,
			 interface);
	}
}

static enum firewall_verdict judge(const struct ruleset *r, int chain)
{
	if (!r->chains[chain].at_forward)
		return FIREWALL_OPEN;
	if (r->chains[chain].drops)
		return !r->cut && !leads_to(r, chain, EFFECT_ACCEPT)
			       ? FIREWALL_DROPS
			       : FIREWALL_MAY_DROP;
	return leads_to(r, chain, EFFECT_DROP) ? FIREWALL_MAY_DROP
					       : FIREWALL_OPEN;
}

static void name_old_tables(const char *six, const char *interface,
			    struct firewall *out)
{
	out->verdict = FIREWALL_MAY_DROP;
	snprintf(out->who, sizeof(out->who), "ip%stables", six);
	snprintf(out->remedy, sizeof(out->remedy),
		 "sudo ip%stables-legacy -I FORWARD -i %s -o %s -j ACCEPT", six,
		 interface, interface);
}

int firewall_read(int family, const char *interface, int interface_index,
		  struct firewall *out)
{
	struct mnl_socket *socket =
		mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	struct firewall found = { .verdict = FIREWALL_OPEN };
	static struct ruleset r;
	int err = ERR_IO;

	if (!socket)
		return ERR_IO;
	memset(&r, 0, sizeof(r));
	r.family = family == 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	r.interface = interface;
	r.interface_index = (uint32_t)interface_index;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID))
		goto out;
	err = dump(socket, NFT_MSG_GETCHAIN, take_chain, &r);
	if (!err && r.chain_count)
		err = dump(socket, NFT_MSG_GETRULE, take_rule, &r);
	if (err)
		goto out;
	for (int i = 0; i < r.chain_count; i++) {
		enum firewall_verdict verdict = judge(&r, i);

		if (verdict <= found.verdict)
			continue;
		found.verdict = verdict;
		name_culprit(&r, &r.chains[i], &found);
	}
	if (found.verdict == FIREWALL_OPEN &&
	    !access(family == 6 ? OLD_TABLES6 : OLD_TABLES, F_OK))
		name_old_tables(family == 6 ? "6" : "", interface, &found);
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
