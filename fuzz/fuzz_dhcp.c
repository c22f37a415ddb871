// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/dhcp.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct dhcp dhcp;

	if (dhcp_decode(input, &dhcp))
		return 0;
	must(dhcp.op == 1 || dhcp.op == 2);
	check_view(dhcp.hostname, input);
	check_view(dhcp.vendor_class, input);
	check_view(dhcp.parameter_list, input);
	check_view(dhcp.client_id, input);
	check_view(dhcp.fqdn, input);
	check_view(dhcp.router, input);
	check_view(dhcp.dns_servers, input);
	check_view(dhcp.domain, input);
	must(dhcp.search_count <= DHCP_SEARCH_PARTS_MAX);
	for (size_t i = 0; i < dhcp.search_count; i++)
		check_view(dhcp.search[i], input);
	if (dhcp.hostname.len)
		must(dhcp.hostname.data[dhcp.hostname.len - 1] != 0);
	return 0;
}
