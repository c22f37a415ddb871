// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/research.h"

#include <string.h>

#include "web/state.h"

#define VALUE_NAME "crowd"

static void save(struct hub *hub)
{
	struct research *r = &hub->research;
	struct buf text;

	if (!r->spool || !r->crowd.changed)
		return;
	buf_init(&text, SPOOL_VALUE_MAX);
	r->crowd_ms = hub->tick_ms;
	/* it can be had again: the old is no better than the new */
	if (crowd_write(&r->crowd, &text) ||
	    spool_put(r->spool, VALUE_NAME, buf_slice(&text)))
		r->crowd.counters.not_kept++;
	else
		r->crowd.changed = false;
	buf_done(&text);
}

void research_crowd_start(struct hub *hub)
{
	struct research *r = &hub->research;
	struct buf value;

	buf_init(&value, SPOOL_VALUE_MAX);
	if (r->spool && !spool_get(r->spool, VALUE_NAME, &value))
		crowd_read(&r->crowd, buf_slice(&value));
	buf_done(&value);
}

void research_crowd_stop(struct hub *hub)
{
	save(hub);
	crowd_done(&hub->research.crowd);
}

void research_crowd_tick(struct hub *hub)
{
	if (hub->tick_ms - hub->research.crowd_ms < RESEARCH_CROWD_MS)
		return;
	crowd_expire(&hub->research.crowd, hub->now_ms);
	save(hub);
}

void research_crowd_take(struct hub *hub, json_t *names)
{
	struct research *r = &hub->research;

	crowd_take_names(&r->crowd, buf_slice(&r->body), names, hub->now_ms);
}

void research_crowd_forget(struct hub *hub, const char *id)
{
	crowd_forget(&hub->research.crowd, id);
	save(hub);
}

void research_crowd_clear(struct hub *hub)
{
	crowd_clear(&hub->research.crowd);
	save(hub);
}

bool research_crowd_name(const struct hub *hub, const struct addr *addr,
			 struct crowd_name *out)
{
	const struct research *r = &hub->research;

	return r->known && r->state != RESEARCH_ERASING &&
	       crowd_name_of(&r->crowd, addr, hub->now_ms, out);
}
