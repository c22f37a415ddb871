// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/reading.h"

#include <inttypes.h>
#include <stdio.h>

#include "read/capture.h"
#include "read/progress.h"
#include "read/report.h"

/* Frames between two looks at the clock and at whether to stop. */
#define FRAMES_A_TURN 4096u
/* Frames observed at once: more cost no less (observe_frames()). */
#define FRAMES_AT_ONCE 64u
#define REASON_BYTES   192

#define NS_PER_S UINT64_C(1000000000)
#define WINDOW_S (RECORD_WINDOW_NS / NS_PER_S)
/* From here on (the year 2540) times do not count from the epoch: 64 bits of
 * nanoseconds end in 2554. */
#define TIME_MAX_S UINT64_C(18000000000)

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

/* An observer of frames whose times go together. */
struct clock {
	struct observe *observe; /* NULL: free */
	uint64_t base_s, last_s;
	uint64_t last_frame;
};

/* A file being read. */
struct file {
	struct reading *reading;
	struct clock clocks[READING_CLOCKS_MAX];
	struct clock *clock; /* of the latest frame */
	/* gathered, not observed yet */
	struct observe_frame frames[FRAMES_AT_ONCE];
	size_t frame_count;
	/* frames of a kind of link that is not decoded, as a whole file may
	 * have */
	uint64_t strange_frames;
	uint32_t strange_link;
};

static void close_clock(struct file *f, struct clock *clock)
{
	f->reading->base_s = clock->base_s;
	observe_finish(clock->observe);
	add_counters(&f->reading->counters, observe_counters(clock->observe));
	observe_free(clock->observe);
	clock->observe = NULL;
}

static bool goes_with(const struct clock *clock, uint64_t time_s)
{
	uint64_t apart = time_s > clock->last_s ? time_s - clock->last_s
						: clock->last_s - time_s;

	return clock->observe && apart <= READING_CLOCK_JUMP_S &&
	       time_s >= clock->base_s;
}

/* A free place, or that of the clock longest not heard. */
static struct clock *vacate(struct file *f)
{
	struct clock *oldest = &f->clocks[0];

	for (size_t i = 0; i < READING_CLOCKS_MAX; i++) {
		if (!f->clocks[i].observe)
			return &f->clocks[i];
		if (f->clocks[i].last_frame < oldest->last_frame)
			oldest = &f->clocks[i];
	}
	close_clock(f, oldest);
	return oldest;
}

/* NULL when memory is out. */
static struct clock *clock_of(struct file *f, uint64_t time_s)
{
	struct clock *clock;

	if (f->clock && goes_with(f->clock, time_s))
		return f->clock;
	for (size_t i = 0; i < READING_CLOCKS_MAX; i++)
		if (goes_with(&f->clocks[i], time_s))
			return &f->clocks[i];
	clock = vacate(f);
	*clock = (struct clock){ .last_s = time_s };
	/* a whole number of windows, with room to step back */
	if (time_s >= TIME_MAX_S)
		clock->base_s =
			time_s - time_s % WINDOW_S - READING_CLOCK_JUMP_S;
	clock->observe = observe_new(&f->reading->config, &f->reading->sink);
	return clock->observe ? clock : NULL;
}

/* Hands over the frames gathered, which are of one clock and one link. */
static void flush(struct file *f)
{
	struct reading *r = f->reading;
	const struct record_counters *counters;
	uint64_t unsupported;

	if (!f->frame_count)
		return;
	counters = observe_counters(f->clock->observe);
	unsupported = counters->unsupported;
	r->base_s = f->clock->base_s;
	observe_frames(f->clock->observe, f->frames, f->frame_count);
	if (counters->unsupported != unsupported) {
		f->strange_frames += counters->unsupported - unsupported;
		f->strange_link = f->frames[0].link;
	}
	f->frame_count = 0;
}

static int gather(struct file *f, const struct capture_frame *frame)
{
	struct reading *r = f->reading;

	if (!f->clock || !goes_with(f->clock, frame->time_s) ||
	    (f->frame_count && f->frames[0].link != frame->link)) {
		flush(f);
		f->clock = clock_of(f, frame->time_s);
		if (!f->clock)
			return ERR_NOMEM;
	}
	f->clock->last_s = frame->time_s;
	f->clock->last_frame = frame->number;
	if (!r->first_s || frame->time_s < r->first_s)
		r->first_s = frame->time_s;
	if (frame->time_s > r->last_s)
		r->last_s = frame->time_s;
	f->frames[f->frame_count++] = (struct observe_frame){
		.number = frame->number,
		.time_ns = (frame->time_s - f->clock->base_s) * NS_PER_S +
			   frame->time_ns,
		.bytes = frame->data,
		.wire_bytes = frame->wire_bytes,
		.link = frame->link,
	};
	return 0;
}

static int read_frames(struct file *f, struct capture *capture,
		       const char *path, struct capture_fault *fault)
{
	struct reading *r = f->reading;
	struct progress progress;
	struct capture_frame frame;
	uint64_t size, done;
	int got;

	progress_start(&progress);
	while ((got = capture_next(capture, &frame, fault)) > 0) {
		got = gather(f, &frame);
		if (got) {
			*fault = (struct capture_fault){ .code = got };
			(void)snprintf(fault->reason, sizeof(fault->reason),
				       "%s", err_text(got));
			break;
		}
		if (f->frame_count == FRAMES_AT_ONCE ||
		    !capture_at_hand(capture))
			flush(f);
		if (frame.number % FRAMES_A_TURN)
			continue;
		done = capture_progress(capture, &size);
		progress_show(&progress, path, done, size);
		if (r->should_stop(r->sink.user))
			break;
	}
	flush(f);
	progress_end(&progress);
	return got;
}

bool reading_file(struct reading *r, const char *path)
{
	char reason[REASON_BYTES];
	struct file file = { .reading = r };
	struct capture_fault fault;
	struct capture *capture;
	bool good = true;

	if (capture_open(&capture, path, &fault)) {
		if (!r->should_stop(r->sink.user))
			report_fault("open", path, fault.reason);
		return false;
	}
	if (read_frames(&file, capture, path, &fault)) {
		(void)snprintf(reason, sizeof(reason),
			       "%s (at byte %" PRIu64 ")", fault.reason,
			       fault.offset);
		good = false;
	} else if (file.strange_frames) {
		(void)snprintf(reason, sizeof(reason),
			       "link type %" PRIu32 " is not decoded (%" PRIu64
			       " frames)",
			       file.strange_link, file.strange_frames);
		good = false;
	}
	for (size_t i = 0; i < READING_CLOCKS_MAX; i++)
		if (file.clocks[i].observe)
			close_clock(&file, &file.clocks[i]);
	capture_free(capture);
	if (!good && !r->should_stop(r->sink.user))
		report_fault("read all of", path, reason);
	return good;
}
