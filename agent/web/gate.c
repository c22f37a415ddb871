// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/gate.h"

bool gate_lets(const struct home_device *device, bool consent, enum gate what)
{
	switch (what) {
	case GATE_ADDRESS:
		return true;
	case GATE_HISTORY: /* the user's own, also after a withdrawal */
		return !device->excluded;
	case GATE_ANNOUNCEMENTS:
		return consent && !device->excluded;
	case GATE_TRAFFIC:
		return consent && !device->excluded && device->watched;
	}
	return false;
}

bool gate_window(const struct home_device *device, bool consent,
		 struct record_window *window)
{
	uint64_t start_ms = window->start_ns / 1000000;

	if (!gate_lets(device, consent, GATE_ANNOUNCEMENTS))
		return false;
	if (gate_lets(device, consent, GATE_TRAFFIC) ||
	    start_ms < device->watch_ended_ms)
		return true;
	window->flow_count = 0;
	window->name_count = 0;
	window->question_count = 0;
	window->hello_count = 0;
	window->http_count = 0;
	window->server_count = 0;
	window->service_count = 0;
	window->forward_in_frames = 0;
	window->forward_out_frames = 0;
	return true;
}
