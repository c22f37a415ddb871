// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "datagrams.h"
#include "discover/reverse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name is a host's, or none. */
static void told(void *user, const struct addr *address, const char *name)
{
	size_t *waiting = user;
	size_t len = strlen(name);

	if (!*waiting || !address->family || len >= MESSAGE_HOST_NAME_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != len)
		abort();
	--*waiting;
}

/* Two addresses are asked for; then come the input's answers. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct addr resolver = { 4, { 127, 0, 0, 1 } };
	static const struct addr asked[] = {
		{ 4, { 203, 0, 113, 9 } },
		{ 6, { 0x2a, 0, 0x14, 0x50 } },
	};
	size_t waiting = 2;
	struct reverse *r;

	datagrams = cursor_of(data, size);
	sends = 0;
	if (reverse_new(&r, told, &waiting))
		return 0;
	for (size_t i = 0; i < 2; i++)
		reverse_ask(r,
			    &(struct message_ask_name){ .resolver = resolver,
							.address = asked[i] },
			    0);
	reverse_run(r, 1);
	reverse_run(r, REVERSE_WAIT_MS);
	reverse_run(r, (uint64_t)REVERSE_TRIES * REVERSE_WAIT_MS);
	if (waiting)
		abort();
	reverse_free(r);
	return 0;
}
