// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fault_set(struct capture_fault *fault, const struct bytes *b, int code,
	      const char *reason, ...)
{
	va_list args;

	fault->code = code;
	fault->offset = b ? bytes_offset(b) : 0;
	va_start(args, reason);
	(void)vsnprintf(fault->reason, sizeof(fault->reason), reason, args);
	va_end(args);
	return code;
}

int fault_of_the_end(struct capture_fault *fault, const struct bytes *b,
		     const char *what)
{
	int code = bytes_fault(b);

	if (code == ERR_IO)
		return fault_set(fault, b, code, "%s",
				 strerror(bytes_errno(b)));
	if (code == ERR_TRUNCATED)
		return fault_set(fault, b, code,
				 "the compressed data is cut off");
	if (code == ERR_MALFORMED)
		return fault_set(fault, b, code,
				 "the compressed data is damaged");
	if (code)
		return fault_set(fault, b, code, "%s", err_text(code));
	return fault_set(fault, b, ERR_TRUNCATED,
			 "the file ends in the middle of %s", what);
}
