// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/mqtt.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is not whole may become one; what is none stays none. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct mqtt_connect connect;
	int err = mqtt_decode_connect(input, &connect);

	if (!err) {
		must(mqtt_may_begin(input));
		check_view(connect.client_id, input);
		must(connect.client_id.data != NULL);
	} else {
		must(err == ERR_AGAIN || err == ERR_MALFORMED ||
		     err == ERR_LIMIT);
		must(err == ERR_MALFORMED || mqtt_may_begin(input));
	}
	return 0;
}
