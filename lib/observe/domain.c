// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/domain.h"

#include <string.h>

#include "decode/dns.h"

/* What a part of an option has at most. */
#define PART_BYTES_MAX 255

static void add(const struct context *c, struct device *device,
		struct slice domain)
{
	if (domain.len > DOMAIN_BYTES_MAX)
		c->counters->texts_cut++;
	else if (domain.len)
		window_add_domain(c->window, device, domain);
}

/* One, or as some servers have it several with a space between. */
static void add_words(const struct context *c, struct device *device,
		      struct slice text)
{
	size_t start = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.data[i] != ' ' && text.data[i] != ',')
			continue;
		add(c, device, slice_of(text.data + start, i - start));
		start = i + 1;
	}
}

static void add_list(const struct context *c, struct device *device,
		     struct slice list)
{
	char name[DNS_NAME_TEXT_BYTES];
	size_t at = 0;
	int more;

	while ((more = dns_next_domain(list, &at, name)) > 0)
		add(c, device, slice_text(name));
	if (more < 0)
		c->counters->malformed++;
}

void domain_dhcp(const struct context *c, struct device *device,
		 const struct dhcp *dhcp)
{
	uint8_t list[DHCP_SEARCH_PARTS_MAX * PART_BYTES_MAX];
	size_t len = 0;

	if (dhcp->op == DHCP_REQUEST)
		return;
	if (dhcp->domain.len)
		add_words(c, device, dhcp->domain);
	for (size_t i = 0; i < dhcp->search_count; i++) {
		const struct slice *part = &dhcp->search[i];

		if (part->len)
			memcpy(list + len, part->data, part->len);
		len += part->len;
	}
	c->counters->texts_cut += dhcp->search_cut;
	add_list(c, device, slice_of(list, len));
}

void domain_dhcp6(const struct context *c, struct device *device,
		  const struct dhcp6 *dhcp)
{
	add_list(c, device, dhcp->search);
}
