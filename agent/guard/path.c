// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/path.h"

#include <stdbool.h>
#include <string.h>

void path_reset(struct path *p)
{
	memset(p, 0, sizeof(*p));
}

void path_report(struct path *p, const struct message_passed *counts)
{
	const struct message_passed *last;

	if (p->count) {
		last = &p->reports[(p->count - 1) % (PATH_SPAN + 1)];
		if (counts->from_device < last->from_device ||
		    counts->from_gateway < last->from_gateway)
			path_reset(p);
	}
	if (!p->count)
		p->start = *counts;
	p->reports[p->count++ % (PATH_SPAN + 1)] = *counts;
}

static bool is_black(uint64_t came, uint64_t left)
{
	return came >= PATH_LEAST && !left;
}

/* Merged frames (offloads) leave in more parts than they came, never fewer. */
static bool is_lossy(uint64_t came, uint64_t left)
{
	return came >= PATH_LOSS_LEAST && left + came / 10 < came;
}

enum path_verdict path_judge(const struct path *p)
{
	struct message_passed first, last;
	uint64_t out, out_left, in, in_left;

	if (p->count < 2)
		return PATH_UNKNOWN;
	last = p->reports[(p->count - 1) % (PATH_SPAN + 1)];
	first = p->count > PATH_SPAN ? p->reports[p->count % (PATH_SPAN + 1)]
				     : p->start;
	out = last.from_device - first.from_device;
	out_left = last.to_gateway - first.to_gateway;
	in = last.from_gateway - first.from_gateway;
	in_left = last.to_device - first.to_device;
	if (is_black(out, out_left))
		return PATH_BLACK_OUT;
	if (is_black(in, in_left))
		return PATH_BLACK_IN;
	if (is_lossy(out, out_left) || is_lossy(in, in_left))
		return PATH_LOSSY;
	if (p->count > PATH_SPAN &&
	    last.from_gateway == p->start.from_gateway &&
	    last.to_gateway - p->start.to_gateway >= PATH_UNANSWERED)
		return PATH_UNANSWERED_OUT;
	if (p->count > PATH_SPAN && last.from_device == p->start.from_device &&
	    last.to_device - p->start.to_device >= PATH_UNANSWERED)
		return PATH_UNSENT;
	if (last.to_gateway > p->start.to_gateway &&
	    last.to_device > p->start.to_device)
		return PATH_GOOD;
	return PATH_UNKNOWN;
}

const char *path_verdict_text(enum path_verdict verdict)
{
	switch (verdict) {
	case PATH_UNKNOWN:
	case PATH_GOOD:
		break;
	case PATH_BLACK_OUT:
		return "what the device sends is not passed on by this computer";
	case PATH_BLACK_IN:
		return "what comes for the device is not passed on by this computer";
	case PATH_LOSSY:
		return "more than a tenth of the device's traffic is lost on this computer";
	case PATH_UNANSWERED_OUT:
		return "nothing comes back for the device by way of this computer: nobody answers it, or the router does not accept this";
	case PATH_UNSENT:
		return "what it is sent passes this computer, and nothing that it sends: the device may not accept it";
	}
	return "";
}
