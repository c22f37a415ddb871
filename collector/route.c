// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/route.h"

#include <string.h>

#include "collector/held.h"
#include "collector/ingest.h"
#include "collector/join.h"
#include "collector/researcher.h"
#include "collector/rights.h"

static const struct route routes[] = {
	{ "POST", "/v1/upload", UNPACK_PACKED_MAX, true, ACCOUNT_UPLOADS,
	  ingest_upload },
	{ "GET", "/v1/consent", 0, false, 0, join_consent },
	{ "POST", "/v1/account", ROUTE_BODY_MAX, false, 0, join_account },
	{ "POST", "/v1/delete", ROUTE_BODY_MAX, true, ACCOUNT_ERASURES,
	  rights_delete },
	{ "GET", "/v1/held", 0, true, ACCOUNT_DOWNLOADS, held_answer },
	{ "GET", "/v1/labels", 0, true, ACCOUNT_ASKS, crowd_labels },
	{ "POST", "/v1/ask/device", ROUTE_BODY_MAX, true, ACCOUNT_ASKS,
	  crowd_ask_device },
	{ "POST", "/v1/ask/normal", ROUTE_BODY_MAX, true, ACCOUNT_ASKS,
	  crowd_ask_normal },
	{ "GET", "/v1/export/*", 0, false, 0, researcher_export },
};

static const char *const past[] = {
	[ACCOUNT_UPLOADS] = "too many uploads of this account",
	[ACCOUNT_ASKS] = "too many questions of this account",
	[ACCOUNT_ERASURES] = "too many erasures of this account",
	[ACCOUNT_DOWNLOADS] = "too many downloads of this account",
};

/* Who is known, and not past a limit. */
static bool log_in(struct collector *c, struct exchange *e,
		   const struct route *route)
{
	uint32_t retry_after_s;
	int err = account_login_parse(e->request.authorization, &e->login);

	if (!err)
		err = accounts_find(c->accounts, &e->login, &e->account);
	if (err == ERR_IO || err == ERR_NOMEM) {
		exchange_busy(e, 30, "the store cannot be read now");
	} else if (err) {
		exchange_fail(e, 401, "no such account, or another secret");
		e->reply.challenge = true;
	} else if (accounts_claim(c->accounts, e->login.name, route->use, 1,
				  &retry_after_s)) {
		exchange_limit(e, retry_after_s, past[route->use]);
		err = ERR_LIMIT;
	}
	return !err;
}

/* A path's last part may be any: "*". */
static bool is_path(const char *form, const char *path)
{
	size_t len = strlen(form);

	if (form[len - 1] != '*')
		return !strcmp(form, path);
	return !strncmp(form, path, len - 1) && !strchr(path + len - 1, '/');
}

const struct route *route_find(struct collector *c, struct exchange *e)
{
	const struct route *found = NULL;
	bool path_known = false;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!is_path(routes[i].path, e->request.path))
			continue;
		path_known = true;
		if (!strcmp(routes[i].method, e->request.method))
			found = &routes[i];
	}
	if (!found && path_known)
		exchange_fail(e, 405, "this path has another method");
	else if (!found)
		exchange_fail(e, 404, "there is no such path");
	else if (found->login && !log_in(c, e, found))
		return NULL;
	return found;
}

bool route_answer(struct collector *c, const struct route *route,
		  struct exchange *e)
{
	return route->answer(c, e);
}

void route_count(struct collector *c, const struct route *route,
		 const struct exchange *e)
{
	static const struct {
		unsigned status;
		enum counter counter;
	} refusals[] = {
		{ 401, COUNTER_REFUSED_LOGIN },
		{ 412, COUNTER_REFUSED_CONSENT },
		{ 413, COUNTER_REFUSED_SIZE },
		{ 429, COUNTER_REFUSED_RATE },
		{ 503, COUNTER_BUSY },
	};
	unsigned status = e->reply.status;
	enum counter which = status < 300   ? COUNTER_REPLIES_OK
			     : status < 500 ? COUNTER_REFUSED_OTHER
					    : COUNTER_FAILED;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i].status == status)
			which = refusals[i].counter;
	counters_add(&c->counters, which, 1);
	if (status == 200 && route && route->answer == ingest_upload)
		counters_add(&c->counters, COUNTER_UPLOADS, 1);
}
