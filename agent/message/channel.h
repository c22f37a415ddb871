// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef MESSAGE_CHANNEL_H
#define MESSAGE_CHANNEL_H

#include "message/message.h"

/*
 * Messages over a SOCK_SEQPACKET pair whose ends do not block. A message
 * without a descriptor is sent by write(2), so that a process that only sends
 * such needs no permission to call sendmsg(2). SIGPIPE must be ignored (the
 * keeper does so for all).
 */

/**
 * Bytes that the kernel may queue in each direction: a second of the largest
 * windows of some devices. Past it a sender gets ERR_AGAIN, and counts.
 */
#define CHANNEL_QUEUE_BYTES (4 * 1024 * 1024)

/** A pair of ends, close-on-exec and non-blocking. ERR_IO. */
int channel_pair(int ends[2]) must_check;

/** Where a message is received to; views in it live until the next call. */
struct channel_inbox {
	uint8_t bytes[MESSAGE_MAX_BYTES];
};

/**
 * Sends one message; its descriptor, if any, stays the caller's to close.
 * ERR_AGAIN when the queue is full, ERR_CLOSED, ERR_IO, and what
 * message_encode() gives.
 */
int channel_send(int end, const struct message *message) must_check;

/** A type that has no fields. */
int channel_send_plain(int end, enum message_type type) must_check;

/**
 * The next message. ERR_AGAIN when there is none, ERR_CLOSED when the other
 * end is gone and all it sent was read; ERR_MALFORMED, ERR_TRUNCATED,
 * ERR_LIMIT for one that was refused (the next may be good). A descriptor
 * that came with a message that does not take one is closed; PEER and CAPTURE
 * without one are ERR_MALFORMED.
 */
int channel_receive(int end, struct channel_inbox *inbox,
		    struct message *out) must_check;

/** Messages of one end that are read before its owner's loop turns. */
#define CHANNEL_AT_ONCE 64

/** What becomes of messages. */
struct channel_reader {
	void (*take)(void *user, const struct message *m);
	void *user;
	bool keeps_peers;  /* a PEER's descriptor is take's to close; any other
			    * was closed before */
	uint64_t *refused; /* counts what was, or NULL */
};

/** Reads what is there, each message to take. ERR_CLOSED at the end of it;
 * ERR_AGAIN: there may be more later, or now. */
int channel_read(int end, struct channel_inbox *inbox,
		 const struct channel_reader *reader) must_check;

#endif
