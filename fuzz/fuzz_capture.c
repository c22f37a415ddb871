// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "read/capture.h"

#include "view.h"

/* "/proc/self/fd/" and a number. */
#define PATH_BYTES 32
#define NS_PER_S   1000000000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct capture *capture)
{
	struct capture_fault fault = { .code = 0 };
	struct capture_frame frame;
	uint64_t frames = 0;
	int got;

	while ((got = capture_next(capture, &frame, &fault)) > 0) {
		size_t sum = 0;

		must(frame.number == ++frames);
		must(frame.time_ns < NS_PER_S);
		must(frame.data.len <= CAPTURE_FRAME_MAX_BYTES);
		/* each byte is there */
		for (size_t i = 0; i < frame.data.len; i++)
			sum += frame.data.data[i];
		must(sum <= 255 * frame.data.len);
	}
	must(got == 0 || (fault.code == got && fault.reason[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capture_fault fault;
	struct capture *capture;
	char path[PATH_BYTES];
	int fd = memfd_create("capture", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!capture_open(&capture, path, &fault)) {
		read_all(capture);
		capture_free(capture);
	} else {
		must(fault.code < 0 && fault.reason[0]);
	}
	close(fd);
	return 0;
}
