// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/dhcp6.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct dhcp6 dhcp;

	if (dhcp6_decode(input, &dhcp))
		return 0;
	must(dhcp.message_type >= 1 && dhcp.message_type <= 11);
	check_view(dhcp.client_id, input);
	check_view(dhcp.options, input);
	check_view(dhcp.vendor_class, input);
	check_view(dhcp.fqdn, input);
	check_view(dhcp.dns_servers, input);
	must(dhcp.dns_servers.len % 16 == 0);
	check_view(dhcp.search, input);
	must(dhcp.client_id.len <= DHCP6_DUID_MAX_BYTES);
	must(dhcp.options.len % 2 == 0);
	return 0;
}
