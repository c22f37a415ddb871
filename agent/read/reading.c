// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/reading.h"

#include <inttypes.h>
#include <stdio.h>

#include "read/capture.h"
#include "read/progress.h"
#include "read/report.h"

/* Frames between two looks at the clock and at whether to stop. */
#define FRAMES_A_TURN 4096u
#define REASON_BYTES  192

static void add_counters(struct record_counters *sum,
			 const struct record_counters *more)
{
	for (size_t i = 0; i < record_counter_field_count; i++) {
		size_t at = record_counter_fields[i].offset;
		uint64_t value;

		memcpy(&value, (const uint8_t *)more + at, sizeof(value));
		*(uint64_t *)(void *)((uint8_t *)sum + at) += value;
	}
}

static void note_time(struct reading *r, uint64_t time_ns)
{
	if (!r->first_ns || time_ns < r->first_ns)
		r->first_ns = time_ns;
	if (time_ns > r->last_ns)
		r->last_ns = time_ns;
}

/* Frames of a kind of link that is not decoded, as a whole file may have. */
struct strangers {
	uint64_t frames;
	uint32_t link;
};

static int read_frames(struct reading *r, struct capture *capture,
		       const char *path, struct observe *observe,
		       struct strangers *strangers, struct capture_fault *fault)
{
	const struct record_counters *counters = observe_counters(observe);
	struct progress progress;
	struct capture_frame frame;
	uint64_t size, done;
	int got;

	progress_start(&progress);
	while ((got = capture_next(capture, &frame, fault)) > 0) {
		uint64_t unsupported = counters->unsupported;

		observe_frame(observe, frame.link, frame.time_ns, frame.data,
			      frame.wire_bytes);
		note_time(r, frame.time_ns);
		if (counters->unsupported != unsupported) {
			strangers->frames++;
			strangers->link = frame.link;
		}
		if (frame.number % FRAMES_A_TURN)
			continue;
		done = capture_progress(capture, &size);
		progress_show(&progress, path, done, size);
		if (r->should_stop(r->sink.user))
			break;
	}
	progress_end(&progress);
	return got < 0 ? got : 0;
}

bool reading_file(struct reading *r, const char *path)
{
	char reason[REASON_BYTES];
	struct strangers strangers = { .frames = 0 };
	struct capture_fault fault;
	struct capture *capture;
	struct observe *observe;
	bool good = true;

	if (capture_open(&capture, path, &fault)) {
		report_fault("open", path, fault.reason);
		return false;
	}
	observe = observe_new(&r->config, &r->sink);
	if (!observe) {
		report_fault("read", path, err_text(ERR_NOMEM));
		capture_free(capture);
		return false;
	}
	if (read_frames(r, capture, path, observe, &strangers, &fault)) {
		(void)snprintf(reason, sizeof(reason),
			       "%s (at byte %" PRIu64 ")", fault.reason,
			       fault.offset);
		good = false;
	} else if (strangers.frames) {
		(void)snprintf(reason, sizeof(reason),
			       "link type %" PRIu32 " is not decoded (%" PRIu64
			       " frames)",
			       strangers.link, strangers.frames);
		good = false;
	}
	observe_finish(observe);
	add_counters(&r->counters, observe_counters(observe));
	if (!good)
		report_fault("read all of", path, reason);
	observe_free(observe);
	capture_free(capture);
	return good;
}
