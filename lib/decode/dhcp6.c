// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/dhcp6.h"

#include "base/cursor.h"

/* RFC 8415 7.3 */
enum {
	SOLICIT = 1,
	ADVERTISE = 2,
	REPLY = 7,
	RECONFIGURE = 10,
	INFORMATION_REQUEST = 11,
	RELAY_FORWARD = 12,
	RELAY_REPLY = 13,
};

/* RFC 8415 21, RFC 3646 3 and 4, RFC 4704 4 */
enum {
	OPTION_CLIENT_ID = 1,
	OPTION_REQUEST = 6,
	OPTION_VENDOR_CLASS = 16,
	OPTION_DNS_SERVERS = 23,
	OPTION_SEARCH = 24,
	OPTION_FQDN = 39,
};

/* RFC 8415 11 */
enum {
	DUID_LINK_TIME = 1,
	DUID_LINK = 3,
	HARDWARE_ETHERNET = 1,
};

static void set_once(struct slice *field, struct slice value)
{
	if (!field->data)
		*field = value;
}

static int set_client_id(struct dhcp6 *dhcp, struct slice duid)
{
	struct cursor c = cursor_slice(duid);
	uint16_t type = cursor_u16(&c), hardware;
	struct mac mac;

	if (duid.len < 2 || duid.len > DHCP6_DUID_MAX_BYTES)
		return ERR_MALFORMED;
	if (dhcp->client_id.data)
		return 0;
	dhcp->client_id = duid;
	if (type != DUID_LINK_TIME && type != DUID_LINK)
		return 0;
	hardware = cursor_u16(&c);
	if (type == DUID_LINK_TIME)
		cursor_skip(&c, 4);
	cursor_copy(&c, mac.b, sizeof(mac.b));
	if (cursor_ok(&c) && !cursor_left(&c) && hardware == HARDWARE_ETHERNET)
		dhcp->client_mac = mac;
	return 0;
}

static int set_vendor_class(struct dhcp6 *dhcp, struct slice value)
{
	struct cursor c = cursor_slice(value);
	uint32_t number = cursor_u32(&c);
	struct slice text = cursor_take(&c, cursor_u16(&c));

	if (!cursor_ok(&c))
		return ERR_MALFORMED;
	if (dhcp->vendor_class.data)
		return 0;
	dhcp->vendor_number = number;
	dhcp->vendor_class = text;
	return 0;
}

static int take_option(struct dhcp6 *dhcp, uint16_t code, struct slice value)
{
	switch (code) {
	case OPTION_CLIENT_ID:
		return set_client_id(dhcp, value);
	case OPTION_REQUEST:
		if (value.len % 2)
			return ERR_MALFORMED;
		set_once(&dhcp->options, value);
		return 0;
	case OPTION_VENDOR_CLASS:
		return set_vendor_class(dhcp, value);
	case OPTION_DNS_SERVERS:
		if (value.len % 16)
			return ERR_MALFORMED;
		set_once(&dhcp->dns_servers, value);
		return 0;
	case OPTION_SEARCH:
		set_once(&dhcp->search, value);
		return 0;
	case OPTION_FQDN:
		if (!value.len)
			return ERR_MALFORMED;
		/* behind the flags */
		set_once(&dhcp->fqdn, slice_of(value.data + 1, value.len - 1));
		return 0;
	}
	return 0;
}

static bool is_from_client(uint8_t type)
{
	return type != ADVERTISE && type != REPLY && type != RECONFIGURE;
}

int dhcp6_decode(struct slice bytes, struct dhcp6 *out)
{
	struct cursor c = cursor_slice(bytes);
	struct dhcp6 dhcp = { .message_type = cursor_u8(&c) };

	cursor_skip(&c, 3); /* transaction */
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	if (dhcp.message_type == RELAY_FORWARD ||
	    dhcp.message_type == RELAY_REPLY)
		return ERR_UNSUPPORTED;
	if (dhcp.message_type < SOLICIT ||
	    dhcp.message_type > INFORMATION_REQUEST)
		return ERR_MALFORMED;
	dhcp.from_client = is_from_client(dhcp.message_type);
	while (cursor_left(&c)) {
		uint16_t code = cursor_u16(&c);
		struct slice value = cursor_take(&c, cursor_u16(&c));

		if (!cursor_ok(&c))
			return ERR_TRUNCATED;
		if (take_option(&dhcp, code, value))
			return ERR_MALFORMED;
	}
	*out = dhcp;
	return 0;
}
