// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/say.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

void say_bytes(int fd, const char *bytes, size_t length)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	struct iovec part = { .iov_base = (char *)(uintptr_t)bytes,
			      .iov_len = length };
	struct stat about;

	if (fstat(fd, &about))
		return;
	if (S_ISSOCK(about.st_mode)) {
		(void)!send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		return;
	}
	if (poll(&wait, 1, 0) != 1 || !(wait.revents & POLLOUT))
		return;
	/* another process may have filled it since; older kernels cannot say
	 * so, and files need not */
	if (S_ISREG(about.st_mode) ||
	    (pwritev2(fd, &part, 1, -1, RWF_NOWAIT) < 0 && errno == EOPNOTSUPP))
		(void)!write(fd, bytes, length);
}

void say(const char *format, ...)
{
	static const char name[] = "iot-inspector: ";
	char line[SAY_LINE_MAX];
	size_t used;
	va_list args;
	int length;

	length = snprintf(line, sizeof(line), "%s", name);
	used = (size_t)length;
	va_start(args, format);
	length = vsnprintf(line + used, sizeof(line) - used, format, args);
	va_end(args);
	if (length < 0)
		return;
	used += (size_t)length;
	if (used > sizeof(line) - 2)
		used = sizeof(line) - 2;
	line[used++] = '\n';
	say_bytes(STDERR_FILENO, line, used);
}
