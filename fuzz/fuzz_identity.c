// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/identity.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Each line is a piece of evidence: its first byte is the kind. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct identity found;
	struct evidence_set set;
	size_t at = 0;

	evidence_init(&set, NULL);
	while (at < size) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t len = end ? (size_t)(end - data) - at : size - at;

		if (len)
			(void)evidence_add(&set, data[at] % EVIDENCE_KINDS,
					   slice_of(data + at + 1, len - 1));
		at += len + 1;
	}
	identity_judge(&set, &found);
	check(found.confidence <= 99 && found.verdict_confidence <= 99);
	check(memchr(found.vendor, 0, sizeof(found.vendor)) &&
	      memchr(found.model, 0, sizeof(found.model)));
	check(found.category && found.category_label);
	check(found.verdict != IDENTITY_THING || found.thing > found.computer);
	for (size_t i = 0; i < found.reason_count; i++) {
		struct slice text = found.reasons[i].evidence.text;

		check(text.data > set.bytes.data &&
		      text.data + text.len <= set.bytes.data + set.bytes.len);
		check(found.reasons[i].says && found.reasons[i].says[0]);
	}
	evidence_done(&set);
	return 0;
}
