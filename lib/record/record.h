// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/slice.h"

/*
 * The one record: what one device did in one 5-second window. Plain data,
 * lent by whoever made it until the call that hands it over returns. Texts are
 * views, as they came from the wire: whoever shows them escapes them.
 * Times are nanoseconds since the epoch (UTC), as captured.
 */

/** Length of a window; windows begin at multiples of it since the epoch. */
#define RECORD_WINDOW_NS 5000000000ull

/** Who sent the first packet of a flow that was seen. */
enum record_opener {
	RECORD_OPENER_UNKNOWN, /* its beginning was not seen */
	RECORD_OPENER_DEVICE,
	RECORD_OPENER_REMOTE,
};

struct record_flow {
	uint8_t protocol;   /* IP protocol: 6, 17, … */
	struct addr device; /* the device's own address */
	struct addr remote;
	uint16_t device_port, remote_port; /* 0 where there are none */
	bool local; /* remote is on the LAN, not on the Internet */
	enum record_opener opener;
	uint64_t first_ns, last_ns; /* of its packets in this window */
	/* in: to the device; out: from it */
	uint64_t in_packets, out_packets;
	uint64_t in_bytes, out_bytes; /* frame lengths on the wire */
	/* TCP payload by sequence range, retransmissions counted once */
	uint64_t in_sequence_bytes, out_sequence_bytes;
	/* TCP payload that passed without us: gaps that nothing filled in
	 * time, and what the other end acknowledged */
	uint64_t in_missed_bytes, out_missed_bytes;
};

enum record_name_source {
	RECORD_NAME_DNS,
	RECORD_NAME_SNI,
	RECORD_NAME_HTTP_HOST,
};

/** A name that this device itself connected with an address. */
struct record_name {
	uint64_t time_ns;
	struct addr addr;
	struct slice name; /* lower case, no final dot */
	enum record_name_source source;
	struct addr resolver; /* for DNS: who answered */
	uint16_t device_port; /* for SNI: of the connection */
};

/** A DNS question that the device asked. */
struct record_question {
	uint64_t time_ns;
	struct slice name;
	uint16_t type;
	struct addr resolver;
};

enum record_transport {
	RECORD_TRANSPORT_TCP,
	RECORD_TRANSPORT_QUIC,
	RECORD_TRANSPORT_DTLS,
};

/** Room for fingerprints, terminated: JA3 and JA3S, JA4. */
#define RECORD_JA3_BYTES 33
#define RECORD_JA4_BYTES 37

/** A ClientHello that the device sent. Lists as in decode/tls.h. */
struct record_hello {
	uint64_t time_ns;
	enum record_transport transport;
	struct addr device, remote;
	uint16_t device_port, remote_port;
	uint16_t legacy_version, highest_version;
	bool grease_cipher_suites, grease_extensions;
	bool ech; /* offers to hide the server name: ECH, or ESNI before it */
	char ja3[RECORD_JA3_BYTES], ja4[RECORD_JA4_BYTES]; /* or empty */
	struct slice sni; /* absent when there was none */
	struct slice cipher_suites, compression_methods, extensions;
	struct slice supported_versions, groups, point_formats;
	struct slice signature_algorithms, alpn;
};

/** A ServerHello that the device received: what it got of what it offered. */
struct record_server {
	uint64_t time_ns;
	enum record_transport transport;
	struct addr device, remote;
	uint16_t device_port, remote_port;
	uint16_t version, cipher_suite;
	char ja3s[RECORD_JA3_BYTES]; /* or empty */
	/* whom the server's certificate names, e.g. "CN=example.org"; absent
	 * where it is encrypted (TLS 1.3) or was not seen */
	struct slice subject;
};

/** What a conversation turned out to be, by what was said in it. */
enum record_application {
	RECORD_APPLICATION_DNS,
	RECORD_APPLICATION_DOT, /* DNS over TLS (RFC 7858) */
	RECORD_APPLICATION_DOH, /* … over HTTPS (RFC 8484) */
	RECORD_APPLICATION_DOQ, /* … over QUIC (RFC 9250) */
	RECORD_APPLICATION_MDNS,
	RECORD_APPLICATION_LLMNR,
	RECORD_APPLICATION_NETBIOS, /* its name service */
	RECORD_APPLICATION_NTP,
	RECORD_APPLICATION_MQTT,
	RECORD_APPLICATION_COAP,
	RECORD_APPLICATION_STUN,
	RECORD_APPLICATION_RTSP,
	RECORD_APPLICATION_TUYA, /* its broadcasts on the LAN */
	RECORD_APPLICATION_TELNET,
	RECORD_APPLICATION_FTP,
	RECORD_APPLICATION_SSH,
	RECORD_APPLICATION_HTTP,
	RECORD_APPLICATION_TLS,
	RECORD_APPLICATION_QUIC,
	RECORD_APPLICATION_GOOGLE_QUIC,
	RECORD_APPLICATION_SSDP,
	RECORD_APPLICATION_DHCP,
	RECORD_APPLICATION_DHCP6,
	RECORD_APPLICATION_MATTER,
	RECORD_APPLICATION_SMTP,
	RECORD_APPLICATION_POP3,
	RECORD_APPLICATION_IMAP,
	RECORD_APPLICATION_XMPP,
	RECORD_APPLICATION_LDAP,
	RECORD_APPLICATION_AMQP,
	RECORD_APPLICATION_SIP,
	RECORD_APPLICATIONS, /* how many there are */
};

/** The name of one in JSON and the store, e.g. "google-quic". */
const char *record_application_name(enum record_application application);

/** Once a window for each remote, port and application. What begins in clear
 * and may change to TLS is told once it goes on in clear. */
struct record_service {
	uint64_t time_ns;
	uint8_t protocol; /* IP protocol */
	struct addr device, remote;
	uint16_t device_port, remote_port;
	enum record_application application;
	/* a name or a password went by that anybody on the way can read; what
	 * it was is not kept */
	bool credentials_in_clear;
	/* a short text, by application: QUIC's version, MQTT's client id,
	 * SSH's greeting, what a server of the home says first, what TLS was
	 * before ("after SMTP"); absent when there is nothing */
	struct slice detail;
};

struct record_http {
	uint64_t time_ns;
	struct addr device, remote;
	uint16_t device_port, remote_port;
	struct slice method, host, user_agent; /* absent when not sent */
};

/** What a device says of itself, mostly to everyone. */
enum record_clue_kind {
	RECORD_CLUE_DHCP_HOSTNAME,
	RECORD_CLUE_DHCP_VENDOR_CLASS,
	RECORD_CLUE_DHCP_PARAMETERS, /* numbers joined by ',' */
	RECORD_CLUE_DHCP_FQDN,
	RECORD_CLUE_MDNS_HOST,	  /* the owner of its own address record */
	RECORD_CLUE_MDNS_SERVICE, /* service type it offers */
	RECORD_CLUE_MDNS_INSTANCE,
	RECORD_CLUE_MDNS_TXT, /* key=value */
	RECORD_CLUE_SSDP_SERVER,
	RECORD_CLUE_SSDP_USN,
	RECORD_CLUE_SSDP_TYPE, /* NT or ST it answers for */
	RECORD_CLUE_SSDP_LOCATION,
	RECORD_CLUE_USER_AGENT,
	RECORD_CLUE_DHCP_CLIENT_ID, /* hex, with its type */
	RECORD_CLUE_DHCP6_FQDN,
	RECORD_CLUE_DHCP6_VENDOR_CLASS, /* enterprise number, ':', text */
	RECORD_CLUE_DHCP6_OPTIONS,	/* asked for, joined by ',' */
	RECORD_CLUE_DHCP6_CLIENT_ID,	/* DUID in hex */
	RECORD_CLUE_LLMNR_NAME,		/* that it answers for */
	RECORD_CLUE_NETBIOS_NAME,	/* that it registers; its kind in <> */
	RECORD_CLUE_MQTT_CLIENT_ID,
	RECORD_CLUE_TUYA_PRODUCT, /* product key */
	/* answers to the hub's own questions */
	RECORD_CLUE_UPNP_FRIENDLY_NAME,
	RECORD_CLUE_UPNP_MANUFACTURER,
	RECORD_CLUE_UPNP_MODEL,
	RECORD_CLUE_UPNP_MODEL_NUMBER,
	/* who gave it its address, and the resolvers named with it: addresses
	 * joined by ' ' */
	RECORD_CLUE_DHCP_SERVER,
	/* that a router's advertisement or DHCPv6 names, likewise */
	RECORD_CLUE_IPV6_RESOLVERS,
	RECORD_CLUE_KINDS, /* how many there are */
};

/** The name of a kind in JSON and the store, e.g. "dhcp_hostname". */
const char *record_clue_name(enum record_clue_kind kind);

struct record_clue {
	uint64_t time_ns;
	enum record_clue_kind kind;
	struct slice text;
};

/** What hit a bound or could not be read, since the start. */
struct record_counters {
	uint64_t frames, bytes; /* seen at all */
	uint64_t truncated, malformed, unsupported;
	uint64_t fragments;	    /* later ones, counted only */
	uint64_t second_copies;	    /* the same packet on its other leg */
	uint64_t other_traffic;	    /* of no device */
	uint64_t devices_refused;   /* past the limit of devices */
	uint64_t flows_refused;	    /* … of flows open in a window */
	uint64_t names_refused;	    /* … of names a window */
	uint64_t clues_refused;	    /* … of clues a window */
	uint64_t hellos_refused;    /* … of hellos a window */
	uint64_t http_refused;	    /* … of requests a window */
	uint64_t servers_refused;   /* … of ServerHellos a window */
	uint64_t services_refused;  /* … of services a window */
	uint64_t streams_refused;   /* … of streams being put together */
	uint64_t streams_abandoned; /* holes that never closed, over-long heads
				     */
	uint64_t stream_bytes_refused; /* … of bytes kept for them */
	uint64_t gaps_refused;	       /* … of gaps in a stream */
	uint64_t initials_refused; /* … of QUIC packets opened a window, of
				    * their size, or in a datagram */
	uint64_t texts_cut;	   /* longer than is kept */
	uint64_t late_frames;	   /* older than the closed window */
	uint64_t windows_lost;	   /* live: the queue to the hub was full */
	uint64_t ring_dropped;	   /* live: the kernel's ring was full */
};

/** Name and place of each counter, for whoever prints all of them. */
struct record_counter_field {
	const char *name;
	size_t offset; /* of the uint64_t in struct record_counters */
};
extern const struct record_counter_field record_counter_fields[];
extern const size_t record_counter_field_count;

/** Bits. */
enum record_past {
	RECORD_PAST_IPV4 = 1,
	RECORD_PAST_IPV6 = 2,
	RECORD_PASTS = 4, /* below it are all of them */
};

struct record_window {
	uint64_t start_ns; /* a multiple of RECORD_WINDOW_NS */
	struct mac device;
	bool is_gateway;
	/* whom the Internet sees when the device speaks, as it was told in this
	 * window (STUN, NAT-PMP, PCP, UPnP); family 0: it was not. For what
	 * keeps it from leaving the home; in no JSON. */
	struct addr seen_as;
	/* families by which an answer passed without us that the device shows
	 * that it got (QUIC: it goes on under keys that are made of it, and
	 * nothing of that connection came by us); in no JSON */
	uint8_t answered_past; /* enum record_past */
	/* what the home is called: domains that a server gave the device with
	 * its address (DHCP), as they were said; likewise */
	const struct slice *domains;
	size_t domain_count;
	const struct addr *addrs; /* the device's own, seen so far */
	size_t addr_count;
	const struct record_flow *flows;
	size_t flow_count;
	const struct record_name *names;
	size_t name_count;
	const struct record_question *questions;
	size_t question_count;
	const struct record_hello *hellos;
	size_t hello_count;
	const struct record_http *http;
	size_t http_count;
	const struct record_clue *clues;
	size_t clue_count;
	const struct record_server *servers;
	size_t server_count;
	const struct record_service *services;
	size_t service_count;
	/* live: what became of its frames, for the do-no-harm check */
	uint64_t forward_in_frames;  /* handed to us to pass on */
	uint64_t forward_out_frames; /* seen leaving again */
};

#endif
