// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/dhcp.h"

#include "base/cursor.h"

enum {
	HARDWARE_BYTES = 16,
	SNAME_BYTES = 64,
	FILE_BYTES = 128,
	MAGIC_COOKIE = 0x63825363, /* RFC 2131 3 */
};

enum {
	OPTION_PAD = 0,
	OPTION_ROUTER = 3,
	OPTION_DNS_SERVERS = 6,
	OPTION_HOSTNAME = 12,
	OPTION_DOMAIN = 15,
	OPTION_REQUESTED_IP = 50,
	OPTION_OVERLOAD = 52,
	OPTION_MESSAGE_TYPE = 53,
	OPTION_SERVER_ID = 54,
	OPTION_PARAMETER_LIST = 55,
	OPTION_VENDOR_CLASS = 60,
	OPTION_CLIENT_ID = 61,
	OPTION_FQDN = 81,
	OPTION_SEARCH = 119,
	OPTION_END = 255,
};

/* Where option 52 says that options go on (RFC 2132 9.3). */
enum {
	OVERLOAD_FILE = 1,
	OVERLOAD_SNAME = 2,
};

/* Trailing zeros are no part of a text (RFC 2132 2). */
static struct slice text_of(struct slice data)
{
	while (data.len && !data.data[data.len - 1])
		data.len--;
	return data;
}

static void set_once(struct slice *field, struct slice value)
{
	if (!field->data)
		*field = value;
}

static void set_address(struct addr *field, struct slice value)
{
	if (!field->family && value.len == 4)
		*field = addr_v4(value.data);
}

/* RFC 4702 2: flags and two result codes, then the name. */
static void set_fqdn(struct dhcp *dhcp, struct slice value)
{
	if (dhcp->fqdn.data || value.len < 3)
		return;
	dhcp->fqdn_is_wire = value.data[0] & 4;
	dhcp->fqdn = slice_of(value.data + 3, value.len - 3);
	if (!dhcp->fqdn_is_wire)
		dhcp->fqdn = text_of(dhcp->fqdn);
}

static void add_search(struct dhcp *dhcp, struct slice value)
{
	if (dhcp->search_count == DHCP_SEARCH_PARTS_MAX)
		dhcp->search_cut = true;
	else
		dhcp->search[dhcp->search_count++] = value;
}

static void take_option(struct dhcp *dhcp, uint8_t code, struct slice value,
			uint8_t *overload)
{
	const struct {
		uint8_t code;
		struct slice *field;
		struct slice value;
	} views[] = {
		{ OPTION_ROUTER, &dhcp->router, value },
		{ OPTION_DNS_SERVERS, &dhcp->dns_servers, value },
		{ OPTION_HOSTNAME, &dhcp->hostname, text_of(value) },
		{ OPTION_DOMAIN, &dhcp->domain, text_of(value) },
		{ OPTION_PARAMETER_LIST, &dhcp->parameter_list, value },
		{ OPTION_VENDOR_CLASS, &dhcp->vendor_class, text_of(value) },
		{ OPTION_CLIENT_ID, &dhcp->client_id, value },
	};

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		if (views[i].code == code)
			set_once(views[i].field, views[i].value);
	}
	if (code == OPTION_REQUESTED_IP)
		set_address(&dhcp->requested_ip, value);
	else if (code == OPTION_SERVER_ID)
		set_address(&dhcp->server_id, value);
	else if (code == OPTION_FQDN)
		set_fqdn(dhcp, value);
	else if (code == OPTION_SEARCH)
		add_search(dhcp, value);
	else if (code == OPTION_MESSAGE_TYPE && value.len == 1)
		dhcp->message_type = value.data[0];
	else if (code == OPTION_OVERLOAD && value.len == 1)
		*overload = value.data[0];
}

/* Up to the end option, or the end of the bytes. */
static int decode_options(struct cursor c, struct dhcp *dhcp, uint8_t *overload)
{
	while (cursor_left(&c)) {
		uint8_t code = cursor_u8(&c);
		struct slice value;

		if (code == OPTION_END)
			break;
		if (code == OPTION_PAD)
			continue;
		value = cursor_take(&c, cursor_u8(&c));
		if (!cursor_ok(&c))
			return ERR_TRUNCATED;
		take_option(dhcp, code, value, overload);
	}
	return 0;
}

static int decode_all_options(struct cursor options, struct cursor sname,
			      struct cursor file, struct dhcp *dhcp)
{
	uint8_t overload = 0, ignored = 0;
	int err = decode_options(options, dhcp, &overload);

	/* in this order (RFC 3396 5); these cannot overload again */
	if (!err && overload & OVERLOAD_FILE)
		err = decode_options(file, dhcp, &ignored);
	if (!err && overload & OVERLOAD_SNAME)
		err = decode_options(sname, dhcp, &ignored);
	return err;
}

/* RFC 2131 2 */
int dhcp_decode(struct slice bytes, struct dhcp *out)
{
	struct cursor c = cursor_slice(bytes), sname, file;
	struct dhcp dhcp = { 0 };
	uint8_t ip[4], hardware_bytes;
	const uint8_t *hardware;
	int err = 0;

	dhcp.op = cursor_u8(&c);
	cursor_skip(&c, 1);
	hardware_bytes = cursor_u8(&c);
	cursor_skip(&c, 9); /* hops, transaction, seconds, flags */
	cursor_copy(&c, ip, sizeof(ip));
	dhcp.client_ip = addr_v4(ip);
	cursor_copy(&c, ip, sizeof(ip));
	dhcp.your_ip = addr_v4(ip);
	cursor_skip(&c, 8); /* next server, relay */
	hardware = cursor_bytes(&c, HARDWARE_BYTES);
	sname = cursor_sub(&c, SNAME_BYTES);
	file = cursor_sub(&c, FILE_BYTES);
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	if ((dhcp.op != 1 && dhcp.op != 2) || hardware_bytes > HARDWARE_BYTES)
		return ERR_MALFORMED;
	if (hardware_bytes == sizeof(dhcp.client_mac.b))
		memcpy(dhcp.client_mac.b, hardware, sizeof(dhcp.client_mac.b));
	/* without the cookie it is plain BOOTP, and what follows its vendor's
	 */
	if (cursor_left(&c) >= 4 && cursor_u32(&c) == MAGIC_COOKIE)
		err = decode_all_options(c, sname, file, &dhcp);
	if (!err)
		*out = dhcp;
	return err;
}
