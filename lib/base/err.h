// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * The one set of error codes. Every function that can fail returns 0 (or a
 * non-negative count where its comment says so) or one of these, and writes
 * its outputs only on success.
 */

#define must_check	       __attribute__((warn_unused_result))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))

enum err {
	ERR_NOMEM = -1,	      /* the allocator said no */
	ERR_LIMIT = -2,	      /* a named limit of ours was reached */
	ERR_TRUNCATED = -3,   /* the input ends before its own length says */
	ERR_MALFORMED = -4,   /* the input breaks its format's rules */
	ERR_UNSUPPORTED = -5, /* valid, but a kind that is not decoded */
	ERR_AGAIN = -6,	      /* nothing now; more input or time is needed */
	ERR_NOTFOUND = -7,
	ERR_EXISTS = -8,
	ERR_DENIED = -9,   /* no privilege, or state does not allow it */
	ERR_INVALID = -10, /* the caller's (or user's) argument is wrong */
	ERR_CLOSED = -11,  /* the peer is gone */
	ERR_IO = -12,	   /* the operating system said no; errno tells */
	ERR_BUSY = -13,	   /* somebody else holds it */
};

/** A short English phrase for a code, for one-line reports; never NULL. */
const char *err_text(int code);

#endif
