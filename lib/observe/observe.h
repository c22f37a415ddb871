// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_OBSERVE_H
#define OBSERVE_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "decode/arp.h"
#include "decode/dhcp.h"
#include "decode/dns.h"
#include "decode/http.h"
#include "decode/packet.h"
#include "decode/quic.h"
#include "decode/ssdp.h"
#include "decode/tls.h"
#include "record/record.h"

/*
 * Packets into facts and windows. One observer is one capture, live or from a
 * file: it takes frames with their times, in order of capture, and gives out
 * each decoded thing at once (a fact) and, when a window closes, one record a
 * device. It does no I/O, reads no clock, and gives the same answer to the
 * byte for the same frames.
 */

/** Most hosts followed: a /24 home has 254, a campus file, or every host of the
 * Internet in one, many more. Live the limit is 4096. */
#define OBSERVE_DEVICES_MAX 65536

/** Most devices watched at once; who asks for fewer has a limit of its own. */
#define OBSERVE_WATCH_MAX 250
/** Most addresses of the interceptor's own. */
#define OBSERVE_OWN_ADDRS_MAX 16
/** Most IPv6 prefixes of the LAN, told or learnt. */
#define OBSERVE_PREFIXES_MAX 16
/**
 * Frames this many windows older than the open one count into it; older ones
 * mean that the clock was set, and open a window of their time.
 */
#define OBSERVE_LATE_WINDOWS 1

enum observe_mode {
	OBSERVE_HOME, /* a file: infer who is a device and who the gateway */
	OBSERVE_ALL,  /* a file: every host is a device */
	OBSERVE_LIVE, /* the devices given by observe_watch(), nobody else */
};

struct crypto;

struct observe_config {
	enum observe_mode mode;
	uint64_t seed;		   /* for hash tables; any number in tests */
	const struct cidr *locals; /* given by the user; may be none */
	size_t local_count;
	struct mac gateway; /* zero: unknown, to be inferred */
	struct mac own;	    /* live: the interceptor's own; else zero */
	const struct addr *own_addrs; /* likewise, at most OBSERVE_OWN_ADDRS_MAX
				       */
	size_t own_addr_count;
	const struct mac *excluded; /* never followed */
	size_t excluded_count;
	struct crypto *crypto; /* lent; NULL: one of its own is made */
};

enum fact_kind {
	FACT_CLIENT_HELLO,
	FACT_DNS,
	FACT_HTTP_REQUEST,
	FACT_DHCP,
	FACT_SSDP,
	FACT_ARP,
	FACT_QUIC,
	FACT_SERVER_HELLO,
};

/** One decoded thing, lent until the sink returns. */
struct fact {
	enum fact_kind kind;
	uint64_t time_ns;
	uint64_t frame; /* number of the one that completed it */
	const struct packet *packet;
	enum record_transport transport; /* of a hello */
	uint32_t quic_version;		 /* of a hello over QUIC */
	bool over_tcp;			 /* DNS */
	bool mdns;
	uint32_t segments; /* stream segments it was put together from */
	union {
		const struct tls_client_hello *hello;
		const struct tls_server_hello *server_hello;
		const struct dns_message *dns;
		const struct http_request *http;
		const struct dhcp *dhcp;
		const struct ssdp *ssdp;
		const struct arp *arp;
		const struct quic_packet
			*quic; /* no connection of a known version
				*/
	};
};

/** Where results go. Either function may be NULL. user is handed back. */
struct observe_sink {
	void *user;
	void (*fact)(void *user, const struct fact *fact);
	void (*window)(void *user, const struct record_window *window);
};

struct observe;

/** NULL when memory is out. The config's arrays are copied. */
struct observe *observe_new(const struct observe_config *config,
			    const struct observe_sink *sink);
void observe_free(struct observe *o);

/** A frame, lent for the call. */
struct observe_frame {
	uint64_t number; /* whatever the facts of it shall bear */
	uint64_t time_ns;
	struct slice bytes; /* what was captured of it */
	uint32_t wire_bytes;
	enum packet_link link;
};

/**
 * Frames, any number, in order of capture; times may step back a little (a
 * frame of a window already closed is counted into the open one and as late).
 * What comes of them does not depend on how many are given at once, only what
 * they cost: many conversations do not fit the processor's caches, and those
 * of the next frames are fetched while one is worked on.
 */
void observe_frames(struct observe *o, const struct observe_frame *frames,
		    size_t count);

/** One, numbered by how many there were. */
void observe_frame(struct observe *o, enum packet_link link, uint64_t time_ns,
		   struct slice frame, uint32_t wire_bytes);

/** Live: closes windows that ended before now, though no frame came. */
void observe_advance(struct observe *o, uint64_t now_ns);

/** Closes what is open: the end of the file, or of the watch. */
void observe_finish(struct observe *o);

/** Live: the devices to follow, replacing the former set. ERR_LIMIT. */
int observe_watch(struct observe *o, const struct mac *devices,
		  size_t count) must_check;

/**
 * Live: the interceptor's own IPv6 addresses, at most OBSERVE_OWN_ADDRS_MAX,
 * and the prefixes of the link, at most OBSERVE_PREFIXES_MAX; they replace
 * those of before. ERR_LIMIT.
 */
int observe_network6(struct observe *o, const struct addr *own,
		     size_t own_count, const struct cidr *prefixes,
		     size_t prefix_count) must_check;

/** What came to us to be passed on, and what of it was seen leaving. */
struct observe_passed {
	uint64_t from_device, to_gateway;
	uint64_t from_gateway, to_device;
};

/**
 * Live: of a watched device's packets since observe_new(). Those to or from
 * our own addresses are left out.
 */
struct observe_path {
	struct observe_passed v4, v6;
};
/** Zeros for a device never watched. */
struct observe_path observe_path_of(const struct observe *o,
				    const struct mac *device);

const struct record_counters *observe_counters(const struct observe *o);

#endif
