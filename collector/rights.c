// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/rights.h"

#include <inttypes.h>
#include <jansson.h>
#include <openssl/rand.h>
#include <string.h>

#include "base/text.h"
#include "collector/clock.h"

#define RECEIPT_BYTES 16

static const char *const names[] = {
	[STORE_ERASE_DEVICE] = "device",
	[STORE_ERASE_NAMES] = "names",
	[STORE_ERASE_EVERYTHING] = "everything",
};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

static int erase(struct store *store, struct commit_job *job)
{
	struct exchange *e = exchange_of(job);

	crowd_hold(&e->collector->crowd);
	return store_erase(store, &e->erasure, &e->erased_rows);
}

static void put_receipt(struct exchange *e)
{
	char hex[2 * RECEIPT_BYTES + 1];
	uint8_t receipt[RECEIPT_BYTES];

	if (RAND_bytes(receipt, sizeof(receipt)) != 1) {
		exchange_busy(e, EXCHANGE_RETRY_S, "no random bytes");
		return;
	}
	e->reply.status = 200;
	buf_printf(&e->reply.body,
		   "{\"receipt\":\"%s\",\"what\":\"%s\",\"rows\":%" PRIu64
		   ",\"time\":%" PRIu32 "}\n",
		   text_hex(receipt, sizeof(receipt), hex),
		   names[e->erasure.what], e->erased_rows, e->erasure.until_s);
}

static void answer(struct commit_job *job, int err)
{
	struct exchange *e = exchange_of(job);

	accounts_forget(e->collector->accounts, e->login.name);
	/* who had nothing to erase does not keep others from being told */
	if (err ? err != ERR_NOTFOUND : e->erased_rows > 0)
		crowd_forget(&e->collector->crowd);
	else
		crowd_let_go(&e->collector->crowd);
	if (err && err != ERR_NOTFOUND)
		e->collector->unfinished = true;
	if (!err)
		put_receipt(e);
	else if (err == ERR_NOTFOUND)
		exchange_fail(e, 404, "nothing is held of this device");
	else if (err == ERR_BUSY)
		exchange_busy(e, EXCHANGE_RETRY_S,
			      "what was before is still being read: it is "
			      "erased when that ends");
	else
		exchange_busy(e, EXCHANGE_RETRY_S,
			      "the store cannot erase it now");
	e->resume(e);
}

/* {"what": …, "device": … where it is one}, and nothing else. */
static bool read_wish(struct exchange *e)
{
	const char *what = "", *device = NULL;
	json_int_t segment = 0;
	json_t *body =
		json_loadb((const char *)e->request.body.data,
			   e->request.body.len, JSON_REJECT_DUPLICATES, NULL);
	bool is_read =
		body && !json_unpack_ex(body, NULL, JSON_STRICT,
					"{s:s, s?s, s?I}", "what", &what,
					"device", &device, "segment", &segment);
	size_t at = 0;

	while (is_read && at < NAME_COUNT && strcmp(names[at], what) != 0)
		at++;
	e->erasure.what = (enum store_erase_what)at;
	e->erasure.until_segment = (uint64_t)segment;
	if (!is_read || at == NAME_COUNT || segment < 0)
		exchange_fail(e, 400,
			      "the body must be {\"what\":\"device\", "
			      "\"names\" or \"everything\"}");
	else if ((at == STORE_ERASE_DEVICE) != (device != NULL) ||
		 (device &&
		  text_unhex(slice_text(device), e->erasure.device_key,
			     STORE_DEVICE_BYTES)))
		exchange_fail(e, 400,
			      "\"device\" must be the device's 32 hex digits, "
			      "and only where \"what\" is \"device\"");
	else
		at = NAME_COUNT + 1;
	json_decref(body);
	return at > NAME_COUNT;
}

bool rights_delete(struct collector *c, struct exchange *e)
{
	if (!read_wish(e))
		return true;
	memcpy(e->erasure.account_name, e->login.name,
	       sizeof(e->erasure.account_name));
	e->erasure.until_s = (uint32_t)clock_now_s();
	e->job.run = erase;
	e->job.done = answer;
	e->job.bytes = sizeof(*e);
	/* what was asked for is done, also where its client is put off */
	e->job.lasting = true;
	if (!commit_put(c->commit, &e->job))
		return false;
	exchange_busy(e, EXCHANGE_RETRY_S, "too much waits to be stored");
	return true;
}
