// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef UPLOAD_UPLOAD_H
#define UPLOAD_UPLOAD_H

/*
 * Upload: the one process of the agent that speaks with a collector (decision
 * 013). It is a courier: the hub gives it a letter (MESSAGE_SEND, with a
 * descriptor of what is in it), it carries that over HTTPS and gives back what
 * came (MESSAGE_SENT). What leaves was redacted before; it sees no packet, no
 * file of the user's, and nothing that the owner does not share. It confines
 * itself before the first letter: seccomp leaves it Internet sockets, and of
 * files only to read; Landlock, where the kernel has it, only the resolver's.
 *
 * The hub comes as MESSAGE_PEER from the keeper.
 */

/** Largest letter: a batch of segments, before it is compressed. */
#define UPLOAD_LETTER_MAX (8 << 20)

struct upload_config {
	int keeper_fd; /* SOCK_SEQPACKET; taken */
};

/**
 * The body of the process, called after the fork with no privilege left. Runs
 * until the keeper says stop or is gone. Gives the exit status.
 */
int upload_run(const struct upload_config *config);

#endif
