// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BENCH_MESSAGE_H
#define BENCH_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

/*
 * What the devices of a made-up home say: messages as real clients send them,
 * with random numbers where those have keys. Each function fills out->bytes
 * anew.
 */

/** The longest, a hello with a post-quantum key share, has some 1,800. */
#define MESSAGE_MAX 4096

struct message {
	uint8_t bytes[MESSAGE_MAX];
	size_t size;
};

/** RFC 1035 4: a question for an A (or AAAA) record. */
void message_dns_query(struct message *out, uint16_t id, const char *name,
		       bool v6);
/** Its answer: a CNAME, and the address of what that names. */
void message_dns_answer(struct message *out, uint16_t id, const char *name,
			const struct wire_host *host, bool v6);
/**
 * RFC 8446 4.1.2, as a browser's: with GREASE, and post_quantum with an
 * X25519MLKEM768 share, which makes it longer than one segment.
 */
void message_client_hello(struct message *out, struct wire *wire,
			  const char *name, bool post_quantum);
/** A ServerHello record and the encrypted records that follow it. */
void message_server_flight(struct message *out, struct wire *wire);
/** RFC 9000 17.2.2, the payload random: it cannot be decrypted. */
void message_quic_initial(struct message *out, struct wire *wire);
/** A short-header packet of that size, RFC 9000 17.3.1. */
void message_quic_short(struct message *out, struct wire *wire, size_t size);
void message_http_request(struct message *out, const char *name, bool is_post);
/** RFC 6762: an announcement of a printer's service. */
void message_mdns(struct message *out, const char *host,
		  const struct wire_host *who);
/** A UPnP NOTIFY. */
void message_ssdp(struct message *out, const char *host);
/** RFC 2131: a request with a host name. */
void message_dhcp(struct message *out, struct wire *wire, const char *host,
		  const struct wire_host *who);
/** RFC 5905: a client's or a server's 48 bytes. */
void message_ntp(struct message *out, struct wire *wire, bool is_server);

#endif
