// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/http.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct http_request request, again;

	if (http_decode_request(input, &request))
		return 0;
	must(request.method.len > 0);
	must(request.head_bytes <= size);
	must(request.head_bytes <= HTTP_HEAD_MAX_BYTES);
	must(data[request.head_bytes - 1] == '\n');
	check_view(request.method, input);
	check_view(request.host, input);
	check_view(request.user_agent, input);
	/* the head alone says the same, and without its end nothing yet */
	input.len = request.head_bytes;
	must(!http_decode_request(input, &again));
	must(slice_equal(request.host, again.host));
	input.len--;
	must(http_decode_request(input, &again) == ERR_AGAIN);
	return 0;
}
