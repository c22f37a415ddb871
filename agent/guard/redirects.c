// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/redirects.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH_BYTES   8192
#define ANSWER_BYTES  8192
#define FORWARD_CHAIN "forward"
#define OUTPUT_CHAIN  "output"

struct batch {
	uint8_t bytes[BATCH_BYTES];
	size_t used;
	uint32_t sequence;
};

static struct nlmsghdr *put(struct batch *b, uint16_t type, uint16_t flags,
			    uint8_t family, uint16_t resource)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(b->bytes + b->used);
	struct nfgenmsg *info;

	m->nlmsg_type = type;
	m->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	m->nlmsg_seq = b->sequence++;
	info = mnl_nlmsg_put_extra_header(m, sizeof(*info));
	info->nfgen_family = family;
	info->version = NFNETLINK_V0;
	info->res_id = htons(resource);
	return m;
}

static void end(struct batch *b, const struct nlmsghdr *m)
{
	b->used += MNL_ALIGN(m->nlmsg_len);
}

static void mark(struct batch *b, uint16_t type)
{
	end(b, put(b, type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

static struct nlmsghdr *change(struct batch *b, uint16_t type, uint16_t flags)
{
	return put(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type),
		   (uint16_t)(flags | NLM_F_ACK), NFPROTO_IPV6, 0);
}

static void put_table(struct batch *b, uint16_t type)
{
	struct nlmsghdr *m =
		change(b, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0);

	mnl_attr_put_strz(m, NFTA_TABLE_NAME, REDIRECTS_TABLE);
	end(b, m);
}

static void put_chain(struct batch *b, const char *name, uint32_t hook)
{
	struct nlmsghdr *m = change(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nlattr *nest;

	mnl_attr_put_strz(m, NFTA_CHAIN_TABLE, REDIRECTS_TABLE);
	mnl_attr_put_strz(m, NFTA_CHAIN_NAME, name);
	mnl_attr_put_strz(m, NFTA_CHAIN_TYPE, "filter");
	nest = mnl_attr_nest_start(m, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(m, NFTA_HOOK_HOOKNUM, htonl(hook));
	mnl_attr_put_u32(m, NFTA_HOOK_PRIORITY, htonl(0));
	mnl_attr_nest_end(m, nest);
	end(b, m);
}

/* An expression's name and, until close_expression(), its data. */
struct expression {
	struct nlattr *element, *data;
};

static struct expression open_expression(struct nlmsghdr *m, const char *name)
{
	struct expression e;

	e.element = mnl_attr_nest_start(m, NFTA_LIST_ELEM);
	mnl_attr_put_strz(m, NFTA_EXPR_NAME, name);
	e.data = mnl_attr_nest_start(m, NFTA_EXPR_DATA);
	return e;
}

static void close_expression(struct nlmsghdr *m, struct expression e)
{
	mnl_attr_nest_end(m, e.data);
	mnl_attr_nest_end(m, e.element);
}

static void put_meta(struct nlmsghdr *m, uint32_t key)
{
	struct expression e = open_expression(m, "meta");

	mnl_attr_put_u32(m, NFTA_META_DREG, htonl(NFT_REG_1));
	mnl_attr_put_u32(m, NFTA_META_KEY, htonl(key));
	close_expression(m, e);
}

static void put_compare(struct nlmsghdr *m, uint32_t op, const void *value,
			size_t size)
{
	struct expression e = open_expression(m, "cmp");
	struct nlattr *nest;

	mnl_attr_put_u32(m, NFTA_CMP_SREG, htonl(NFT_REG_1));
	mnl_attr_put_u32(m, NFTA_CMP_OP, htonl(op));
	nest = mnl_attr_nest_start(m, NFTA_CMP_DATA);
	mnl_attr_put(m, NFTA_DATA_VALUE, size, value);
	mnl_attr_nest_end(m, nest);
	close_expression(m, e);
}

/* The first byte of what is behind the IP header. */
static void put_first_byte(struct nlmsghdr *m)
{
	struct expression e = open_expression(m, "payload");

	mnl_attr_put_u32(m, NFTA_PAYLOAD_DREG, htonl(NFT_REG_1));
	mnl_attr_put_u32(m, NFTA_PAYLOAD_BASE,
			 htonl(NFT_PAYLOAD_TRANSPORT_HEADER));
	mnl_attr_put_u32(m, NFTA_PAYLOAD_OFFSET, htonl(0));
	mnl_attr_put_u32(m, NFTA_PAYLOAD_LEN, htonl(1));
	close_expression(m, e);
}

static void put_drop(struct nlmsghdr *m)
{
	struct expression e = open_expression(m, "immediate");
	struct nlattr *nest, *verdict;

	mnl_attr_put_u32(m, NFTA_IMMEDIATE_DREG, htonl(NFT_REG_VERDICT));
	nest = mnl_attr_nest_start(m, NFTA_IMMEDIATE_DATA);
	verdict = mnl_attr_nest_start(m, NFTA_DATA_VERDICT);
	mnl_attr_put_u32(m, NFTA_VERDICT_CODE, htonl(NF_DROP));
	mnl_attr_nest_end(m, verdict);
	mnl_attr_nest_end(m, nest);
	close_expression(m, e);
}

static struct nlmsghdr *open_rule(struct batch *b, const char *chain,
				  struct nlattr **expressions)
{
	struct nlmsghdr *m =
		change(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	mnl_attr_put_strz(m, NFTA_RULE_TABLE, REDIRECTS_TABLE);
	mnl_attr_put_strz(m, NFTA_RULE_CHAIN, chain);
	*expressions = mnl_attr_nest_start(m, NFTA_RULE_EXPRESSIONS);
	return m;
}

static void put_redirect_rule(struct batch *b, uint32_t interface_index)
{
	const uint8_t protocol = IPPROTO_ICMPV6, type = ND_REDIRECT;
	struct nlattr *expressions;
	struct nlmsghdr *m = open_rule(b, OUTPUT_CHAIN, &expressions);

	put_meta(m, NFT_META_OIF);
	put_compare(m, NFT_CMP_EQ, &interface_index, sizeof(interface_index));
	put_meta(m, NFT_META_L4PROTO);
	put_compare(m, NFT_CMP_EQ, &protocol, sizeof(protocol));
	put_first_byte(m);
	put_compare(m, NFT_CMP_EQ, &type, sizeof(type));
	put_drop(m);
	mnl_attr_nest_end(m, expressions);
	end(b, m);
}

/* What comes in or leaves by another interface is not forwarded. */
static void put_others_rule(struct batch *b, uint32_t interface_index,
			    uint32_t key)
{
	struct nlattr *expressions;
	struct nlmsghdr *m = open_rule(b, FORWARD_CHAIN, &expressions);

	put_meta(m, key);
	put_compare(m, NFT_CMP_NEQ, &interface_index, sizeof(interface_index));
	put_drop(m);
	mnl_attr_nest_end(m, expressions);
	end(b, m);
}

/* A batch is done whole or not at all. The first error, or 0. */
static int send_batch(struct batch *b)
{
	struct mnl_socket *socket =
		mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	uint8_t answer[ANSWER_BYTES];
	int err = ERR_IO;
	ssize_t got;

	if (!socket)
		return ERR_UNSUPPORTED;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) ||
	    mnl_socket_sendto(socket, b->bytes, b->used) < 0)
		goto out;
	/* all is answered before sending returns */
	for (err = 0;;) {
		got = recv(mnl_socket_get_fd(socket), answer, sizeof(answer),
			   MSG_DONTWAIT);
		if (got <= 0)
			break;
		if (err ||
		    mnl_cb_run(answer, (size_t)got, 0, 0, NULL, NULL) >= 0)
			continue;
		err = errno == ENOENT ? ERR_NOTFOUND
		      : errno == EAFNOSUPPORT || errno == EOPNOTSUPP
			      ? ERR_UNSUPPORTED
			      : ERR_IO;
	}
out:
	mnl_socket_close(socket);
	return err;
}

int redirects_open(int interface_index, bool wide)
{
	uint32_t index = (uint32_t)interface_index;
	struct batch b = { .sequence = 1 };
	int err = redirects_close();

	if (err)
		return err;
	mark(&b, NFNL_MSG_BATCH_BEGIN);
	put_table(&b, NFT_MSG_NEWTABLE);
	put_chain(&b, OUTPUT_CHAIN, NF_INET_LOCAL_OUT);
	put_redirect_rule(&b, index);
	if (wide) {
		put_chain(&b, FORWARD_CHAIN, NF_INET_FORWARD);
		put_others_rule(&b, index, NFT_META_IIF);
		put_others_rule(&b, index, NFT_META_OIF);
	}
	mark(&b, NFNL_MSG_BATCH_END);
	return send_batch(&b);
}

int redirects_close(void)
{
	struct batch b = { .sequence = 1 };
	int err;

	mark(&b, NFNL_MSG_BATCH_BEGIN);
	put_table(&b, NFT_MSG_DELTABLE);
	mark(&b, NFNL_MSG_BATCH_END);
	err = send_batch(&b);
	return err == ERR_NOTFOUND || err == ERR_UNSUPPORTED ? 0 : err;
}
