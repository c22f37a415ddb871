// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ndp.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* RFC 4443 2.3: the sum that makes an unfragmented message without extension
 * headers right, or the fuzzer would hardly ever find one. */
static void correct_checksum(uint8_t *frame, size_t size)
{
	uint64_t sum = size - 54 + 58;

	frame[56] = 0;
	frame[57] = 0;
	for (size_t i = 22; i < size; i++)
		sum += (uint64_t)frame[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	frame[56] = (uint8_t)(~sum >> 8);
	frame[57] = (uint8_t)~sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t out[NDP_FRAME_MAX_BYTES], *frame;
	struct ndp ndp, again;
	size_t len;

	frame = malloc(size ? size : 1);
	if (!frame)
		return 0;
	memcpy(frame, data, size);
	if (size >= 62)
		correct_checksum(frame, size);
	if (!ndp_decode(slice_of(frame, size), &ndp) &&
	    !ndp_encode(&ndp, out, &len)) {
		must(!ndp_decode(slice_of(out, len), &again));
		must(again.type == ndp.type);
		must(addr_equal(&again.target, &ndp.target));
		must(again.has_link_mac == ndp.has_link_mac);
		must(mac_equal(&again.link_mac, &ndp.link_mac));
	}
	if (!ndp_decode(slice_of(frame, size), &ndp)) {
		must(ndp.prefix_count <= NDP_PREFIXES_MAX);
		must(ndp.resolver_count <= NDP_RESOLVERS_MAX);
		must(ndp.domain_count <= NDP_DOMAINS_MAX);
		for (size_t i = 0; i < ndp.domain_count; i++)
			must(memchr(ndp.domains[i], 0, NDP_DOMAIN_BYTES));
	}
	free(frame);
	return 0;
}
