// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef MESSAGE_MESSAGE_H
#define MESSAGE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"

/*
 * What the agent's processes say to each other: typed, bounded, each decoded
 * by the cursor. One message is one packet on a SOCK_SEQPACKET pair (so it
 * comes whole or not at all), at most MESSAGE_MAX_BYTES. Receivers treat each
 * other as outside: what does not decode, or does not fit the state, is
 * refused and counted.
 *
 *   hub    -> guard   commands: interface, scan, watch, pause, …
 *   guard  -> hub     interfaces, hosts found, state of each watch, faults
 *   guard  -> engine  the capture socket, who is watched
 *   engine -> hub     windows, counters
 *   engine -> guard   what became of forwarded frames (do no harm)
 *   hub   <-> discover  a device to be asked or unlocked, and its answers
 *   hub   <-> upload    a letter to a collector, and what came back
 *   keeper <-> each   new peers, stop
 *
 * A process gets its sockets to the others from the keeper, as MESSAGE_PEER.
 * A new one for a peer it had means that the peer was started anew: the old
 * socket is closed and all that the peer must know is said again (hub to
 * guard: EXCLUDE, CHOOSE, WATCH, PAIRS, PAUSE; guard to engine: CAPTURE,
 * WATCHED). A peer's socket at its end means that the peer is dead; the keeper
 * starts it again. The keeper's socket at its end means: end too.
 *
 * Times are nanoseconds since the epoch (UTC), as in record.h. Sending and
 * receiving is in channel.h.
 */

/** Largest message: one device's window at its limits, in parts if need be. */
#define MESSAGE_MAX_BYTES ((size_t)131072)

/** Most devices watched at once, whatever --max-devices says: the kernel's
 * filter holds 4,096 instructions. */
#define MESSAGE_WATCH_MAX 250
/** Most devices never to touch; the same filter refuses them. */
#define MESSAGE_EXCLUDE_MAX    250
#define MESSAGE_INTERFACES_MAX 32
#define MESSAGE_TEXT_MAX       512
/* Domains, and the longest with its terminator (RFC 1035 2.3.4). */
#define MESSAGE_DOMAINS_MAX   8
#define MESSAGE_DOMAIN_BYTES  254
#define MESSAGE_RESOLVERS_MAX 8	 /* a home has two of IPv6 */
#define MESSAGE_NAME_MAX      16 /* IFNAMSIZ: a name and its terminator */

enum message_process {
	MESSAGE_KEEPER,
	MESSAGE_GUARD,
	MESSAGE_ENGINE,
	MESSAGE_HUB,
	MESSAGE_DISCOVER,
	MESSAGE_UPLOAD,
	MESSAGE_PROCESSES, /* how many there are */
};

enum message_type {
	/* keeper -> any */
	MESSAGE_PEER = 1, /* with a descriptor: the new socket to a peer */
	MESSAGE_STOP,	  /* restore (guard), then end */
	MESSAGE_PING,	  /* to be answered at once */
	/* any -> keeper */
	MESSAGE_PONG,	      /* the loop turns */
	MESSAGE_READY,	      /* hub: the page is served */
	MESSAGE_STOP_REQUEST, /* hub: the user pressed stop, or left */
	/* hub -> guard */
	MESSAGE_LIST_INTERFACES,
	MESSAGE_CHOOSE, /* an interface; consent has been given */
	MESSAGE_SCAN,
	MESSAGE_WATCH,	 /* the whole set of devices to watch, by MAC */
	MESSAGE_EXCLUDE, /* the whole set never to touch */
	MESSAGE_PAIRS,	 /* who of them among themselves */
	MESSAGE_PAUSE,	 /* restore everything, keep the set */
	MESSAGE_RESUME,
	/* guard -> hub */
	MESSAGE_INTERFACE, /* one of the list; the last one says so */
	MESSAGE_CHOSEN,	   /* interface, own MAC and address, gateway */
	MESSAGE_HOST,	   /* a device seen on the LAN */
	MESSAGE_WATCH_STATE,
	MESSAGE_FAULT, /* something the user must know, in one line */
	MESSAGE_GUARD_COUNTERS,
	/* guard -> engine */
	MESSAGE_CAPTURE,  /* with a descriptor: the packet socket */
	MESSAGE_WATCHED,  /* the set intercepted now */
	MESSAGE_NETWORK6, /* own IPv6 addresses, and the link's prefixes */
	/* engine -> hub */
	MESSAGE_WINDOW,
	MESSAGE_COUNTERS,
	/* engine -> guard */
	MESSAGE_FORWARDED, /* frames of devices handed to us and passed on */
	/* hub -> guard, and its answer */
	MESSAGE_WHO_HAS, /* which MAC the kernel knows for an address */
	MESSAGE_NEIGHBOUR,
	/* hub -> guard */
	MESSAGE_SPOKE_FROM, /* a device, from an address of another subnet */
	/* hub -> discover */
	MESSAGE_UNLOCK, /* serve the page of this code to the LAN, or none */
	MESSAGE_UNLOCK_ANSWER,
	/* discover -> hub */
	MESSAGE_UNLOCK_READY,
	MESSAGE_UNLOCK_REQUEST, /* somebody asked for it on that page */
	/* hub -> discover, and what came of it */
	MESSAGE_ASK, /* one device what it is */
	MESSAGE_ANSWER,
	MESSAGE_DISCOVER_COUNTERS,
	/* hub -> discover, and its answer */
	MESSAGE_ASK_NAME,  /* of an address, of the home's own resolver */
	MESSAGE_HOST_NAME, /* of that address, or none */
	/* hub -> upload, and what came of it */
	MESSAGE_SEND, /* with a descriptor: the letter */
	MESSAGE_SENT,
	MESSAGE_TYPES, /* one past the last */
};

/** MESSAGE_PEER: who is at the other end of the descriptor. */
struct message_peer {
	enum message_process process;
	uint32_t pid;	   /* for the user to see; 0: not told */
	uint32_t restarts; /* of that process since the program began */
};

/** MESSAGE_STOP_REQUEST: why, in a few words, for the log. */
struct message_stop_request {
	char reason[MESSAGE_TEXT_MAX];
};

/**
 * MESSAGE_CHOOSE: the interface's name, as listed. "" withdraws: everything
 * is restored and from then on nothing is read or sent.
 */
struct message_choose {
	char name[MESSAGE_NAME_MAX];
};

/** MESSAGE_WATCH: a whole set, in the order of its making: what is past a
 * limit is the end of it. */
struct message_macs {
	uint32_t count;
	struct mac macs[MESSAGE_WATCH_MAX];
};

/**
 * MESSAGE_PAIRS: of the watched devices, those whose traffic with each other
 * is to be intercepted too; replaces what was told before. None at first.
 */
#define MESSAGE_PAIRS_MAX 40
struct message_pair {
	struct mac a, b;
};
struct message_pairs {
	bool all; /* each with each */
	uint32_t count;
	struct message_pair pairs[MESSAGE_PAIRS_MAX];
};

/** MESSAGE_INTERFACE: answers to MESSAGE_LIST_INTERFACES, and again when the
 * list changed. An empty list is one message without a name. */
struct message_interface {
	bool first, last; /* of the list */
	char name[MESSAGE_NAME_MAX];
	struct mac mac;
	struct cidr address; /* own; family 0: none */
	struct addr gateway; /* of its default route; family 0: none */
	bool wireless;
	bool usable;	/* Ethernet frames, up, address and gateway */
	bool suggested; /* the only sensible one, or --interface */
	char problem[MESSAGE_TEXT_MAX]; /* why not usable, one line; or "" */
};

/** MESSAGE_CHOSEN. Sent again when something of it changes. */
struct message_chosen {
	char name[MESSAGE_NAME_MAX]; /* "" when nothing is chosen any more */
	struct mac mac;
	/* own address and length of the subnet; of IPv4, or of IPv6 where the
	 * network has no other, as the gateway's */
	struct cidr address;
	struct addr gateway;
	struct mac gateway_mac;
	struct addr own6;     /* not of the link; family 0: none */
	struct addr resolver; /* of the network; family 0: not known */
	/* that IPv6's routers have names searched in; the latest */
	char domains[MESSAGE_DOMAINS_MAX][MESSAGE_DOMAIN_BYTES];
	uint32_t domain_count;
	uint64_t domains_left_out; /* too many or too long, or broken */
	/* that IPv6's routers name; the latest */
	struct addr resolvers6[MESSAGE_RESOLVERS_MAX];
	uint32_t resolver6_count;
	bool up; /* false while the interface is down or without address */
	uint32_t index; /* the interface's, in the kernel */
};

/** MESSAGE_HOST: found, or something of it changed (every 30 s at most for
 * last_ns alone). */
struct message_host {
	struct mac mac;
	struct addr address;
	/* IPv4, not of our subnet, that it answers for; family 0: none */
	struct addr elsewhere;
	uint64_t first_ns, last_ns; /* heard */
	bool present;		    /* answered or spoke lately */
	bool is_gateway, is_self;
	bool is_excluded;
	bool is_inspector; /* another IoT Inspector runs there */
};

/** State of one watched device, as guard sees it. */
enum message_watch_phase {
	MESSAGE_WATCH_WAITING,	 /* not found on the network yet */
	MESSAGE_WATCH_CHECKING,	 /* poisoned, path not proven yet */
	MESSAGE_WATCH_ACTIVE,	 /* intercepted, path good both ways */
	MESSAGE_WATCH_RELEASED,	 /* given back, or not taken: see the cause */
	MESSAGE_WATCH_PEER,	 /* another inspector watches it */
	MESSAGE_WATCH_PAUSED,	 /* restored, kept in the set */
	MESSAGE_WATCH_RESTORING, /* out of the set, being put back */
	MESSAGE_WATCH_RESTORED,	 /* out of the set, direct again */
	MESSAGE_WATCH_PHASES,	 /* how many there are */
};

/** Why one is MESSAGE_WATCH_RELEASED. */
enum message_watch_cause {
	MESSAGE_CAUSE_NONE,	   /* in any other phase, or not known */
	MESSAGE_CAUSE_UNANSWERED,  /* passed on, but nothing came back through
				    * us: the router does not accept it, or
				    * nobody answers */
	MESSAGE_CAUSE_LOST_HERE,   /* this computer did not pass it on */
	MESSAGE_CAUSE_FIREWALL,	   /* this computer's, which drops it */
	MESSAGE_CAUSE_LIMIT,	   /* more devices than may be watched */
	MESSAGE_CAUSE_FORBIDDEN,   /* excluded, the router, this computer */
	MESSAGE_CAUSE_PREPARATION, /* this computer could not be prepared */
	MESSAGE_CAUSES,		   /* how many there are */
};

/** Who does not accept that a device's traffic passes us. */
enum message_resists {
	MESSAGE_RESISTS_NOT,	/* nobody, as far as is known */
	MESSAGE_RESISTS_ROUTER, /* perhaps: nothing came back through us */
	MESSAGE_RESISTS_DEVICE, /* what it sends does, or it puts us right */
	MESSAGE_RESISTS,	/* how many there are */
};

/** MESSAGE_WATCH_STATE: sent at each change. */
struct message_watch_state {
	struct mac mac;
	struct addr address; /* family 0: not known */
	enum message_watch_phase phase;
	enum message_watch_cause cause;
	uint64_t since_ns;	       /* in this phase */
	char reason[MESSAGE_TEXT_MAX]; /* one line for the user, or "" */
	/* of its IPv6 traffic, which may be direct while IPv4's is not */
	enum message_watch_phase phase6;
	char reason6[MESSAGE_TEXT_MAX];
	enum message_resists resists; /* by either */
};

enum message_fault_kind {
	MESSAGE_FAULT_INTERFACE, /* the one asked for cannot be used */
	MESSAGE_FAULT_DOWN,	 /* went down or lost its address */
	MESSAGE_FAULT_NO_GATEWAY,
	MESSAGE_FAULT_ISOLATED, /* nobody but the router answers */
	MESSAGE_FAULT_FIREWALL, /* ours drops what it should forward */
	MESSAGE_FAULT_PATH,	/* a device's path was bad: released */
	MESSAGE_FAULT_LIMIT,	/* more devices than may be watched */
	MESSAGE_FAULT_SUBNET,	/* too large to scan whole */
	MESSAGE_FAULT_SYSTEM,	/* the operating system said no */
	MESSAGE_FAULT_SPOOFER, /* somebody says to be the router, or a device */
	MESSAGE_FAULT_RECORD,  /* an undo record could not be read */
	MESSAGE_FAULT_ROUTER,  /* it puts right what devices are told */
	MESSAGE_FAULT_KINDS,   /* how many there are */
};

/** MESSAGE_FAULT: one a kind is current at a time; told when it comes, when
 * its words change, and when it is over. */
struct message_fault {
	enum message_fault_kind kind;
	bool over;
	char text[MESSAGE_TEXT_MAX];   /* what is wrong, one line */
	char remedy[MESSAGE_TEXT_MAX]; /* the command that fixes it, or "" */
};

/** MESSAGE_GUARD_COUNTERS: since guard started. */
struct message_guard_counters {
	uint64_t arp_sent, arp_heard, arp_malformed;
	uint64_t ndp_sent, ndp_heard, ndp_malformed;
	uint64_t scans, scan_requests, scan_skipped; /* past the subnet limit */
	uint64_t hosts_refused;	  /* past the limit of hosts */
	uint64_t routers_refused; /* of IPv6, and what they name: routers.h */
	uint64_t watches_refused; /* past the limit of devices */
	uint64_t poisons, repoisons, restores;
	uint64_t rate_limited; /* re-poisonings put off */
	uint64_t released;     /* devices given back for a bad path */
	uint64_t beacons_sent, beacons_heard, beacons_malformed;
	uint64_t claims_refused;   /* of other inspectors: peers.h */
	uint64_t messages_refused; /* from hub or engine */
	uint64_t messages_lost;	   /* to them: queue full */
};

/** MESSAGE_CAPTURE: what the engine must know to read the socket. */
struct message_capture {
	uint32_t interface_index;
	struct mac own, gateway;
	struct cidr address; /* own, with the subnet */
	struct addr gateway_address;
};

struct message_watched_device {
	struct mac mac;
	struct addr address;
};

/** MESSAGE_WATCHED: the whole set intercepted now. MESSAGE_EXCLUDE: the whole
 * set never to touch, in the order of its making, with the IPv4 addresses that
 * they are known by (family 0: none), which no scan is to ask for. */
struct message_watched {
	uint32_t count;
	struct message_watched_device devices[MESSAGE_WATCH_MAX];
};

/** MESSAGE_NETWORK6: told again when something of it changes. */
#define MESSAGE_OWN6_MAX     16
#define MESSAGE_PREFIXES_MAX 16
struct message_network6 {
	uint32_t own_count, prefix_count;
	struct addr own[MESSAGE_OWN6_MAX];
	struct cidr prefixes[MESSAGE_PREFIXES_MAX];
};

/** What came to us to be passed on, and what of it was seen leaving. */
struct message_passed {
	uint64_t from_device, to_gateway;
	uint64_t from_gateway, to_device;
};

/**
 * Of one device since the capture socket came, frames to or from our own
 * addresses not counted.
 */
struct message_path {
	struct mac mac;
	struct message_passed v4, v6;
};

/** MESSAGE_FORWARDED: each watched device, every MESSAGE_FORWARDED_MS. */
struct message_forwarded {
	uint32_t count;
	struct message_path paths[MESSAGE_WATCH_MAX];
};
#define MESSAGE_FORWARDED_MS 500

/** MESSAGE_WHO_HAS (mac: zero), MESSAGE_NEIGHBOUR (zero: not known),
 * MESSAGE_SPOKE_FROM. */
struct message_neighbour {
	struct addr address;
	struct mac mac;
};

#define MESSAGE_CODE_MAX 32

/** MESSAGE_UNLOCK. */
struct message_unlock {
	char code[MESSAGE_CODE_MAX]; /* "": end what is served */
	struct addr address;	     /* own, to serve it on */
};

/** MESSAGE_UNLOCK_READY. */
struct message_unlock_ready {
	char code[MESSAGE_CODE_MAX];
	uint32_t port; /* 0: it could not be served, or is no more */
};

/** MESSAGE_UNLOCK_REQUEST. */
struct message_unlock_request {
	uint32_t number; /* for the answer */
	struct addr from;
};

enum message_unlock_verdict {
	MESSAGE_UNLOCK_DONE,
	MESSAGE_UNLOCK_HEARD,	/* left alone by its name: heard again */
	MESSAGE_UNLOCK_OTHER,	/* that device is another one */
	MESSAGE_UNLOCK_UNKNOWN, /* it cannot be told, or it is over */
	MESSAGE_UNLOCK_VERDICTS,
};

/** MESSAGE_UNLOCK_ANSWER. */
struct message_unlock_answer {
	uint32_t number;
	enum message_unlock_verdict verdict;
};

/** MESSAGE_ASK. */
struct message_ask {
	struct addr own;    /* by which it is asked, if by IPv4 */
	struct addr device; /* IPv4, or link-local IPv6 */
	uint32_t index;	    /* of the interface that it is behind */
};

/** The longest clue: a string of mDNS's TXT, or an address. */
#define MESSAGE_CLUE_MAX 1024

/** MESSAGE_ANSWER: one clue, in the device's own bytes. */
struct message_answer {
	struct addr device;
	enum record_clue_kind kind;
	uint32_t length;
	uint8_t text[MESSAGE_CLUE_MAX];
};

/** MESSAGE_DISCOVER_COUNTERS: since discover started. */
struct message_discover_counters {
	uint64_t asked, asks_refused;
	uint64_t answers, answers_refused, answers_malformed;
	uint64_t descriptions, descriptions_failed, descriptions_malformed;
};

/** MESSAGE_ASK_NAME. */
struct message_ask_name {
	struct cidr network;  /* the home's */
	struct addr resolver; /* in it, or private */
	uint32_t index;	      /* of the interface that it is behind */
	struct addr address;
};

/** A host's name of DNS (RFC 1035 2.3.4) and its terminator. */
#define MESSAGE_HOST_NAME_MAX 256

/** MESSAGE_HOST_NAME. */
struct message_host_name {
	struct addr address;
	char name[MESSAGE_HOST_NAME_MAX]; /* "": it has none */
};

#define MESSAGE_URL_MAX	    513
#define MESSAGE_ACCOUNT_MAX 33 /* 16 bytes in hex, terminated */
#define MESSAGE_SECRET_MAX  65 /* 32 bytes in hex, terminated */
/** Certificates of authorities, PEM: a chain has some 5 kB. */
#define MESSAGE_PEM_MAX 16384

/**
 * MESSAGE_SEND: one request to a collector. The descriptor is a file of the
 * hub's: what is in it is the body, and the body of the reply is written over
 * it. A new one takes the place of the one under way.
 */
struct message_send {
	uint32_t number; /* for the answer */
	bool post;
	bool lines;	    /* of an upload: JSON lines, to be compressed */
	bool long_reply;    /* of any length, as long as it moves */
	uint32_t reply_max; /* bytes; of a long one KiB */
	char url[MESSAGE_URL_MAX];
	char account[MESSAGE_ACCOUNT_MAX], secret[MESSAGE_SECRET_MAX];
	uint32_t pem_length; /* 0: the system's authorities */
	uint8_t pem[MESSAGE_PEM_MAX];
};

/** MESSAGE_SENT. */
struct message_sent {
	uint32_t number;
	uint32_t status; /* of HTTP; 0: none came */
	uint64_t retry_after_s;
	uint64_t sent_bytes; /* of the body, compressed */
	uint64_t length;     /* of the reply, in the file */
	char why[MESSAGE_TEXT_MAX];
};

struct message {
	enum message_type type;
	/** PEER, CAPTURE, SEND: the descriptor, the receiver's to close. Else
	 * -1. */
	int fd;
	union {
		struct message_peer peer;
		struct message_stop_request stop_request;
		struct message_choose choose;
		struct message_macs macs; /* WATCH */
		struct message_pairs pairs;
		struct message_interface interface;
		struct message_chosen chosen;
		struct message_host host;
		struct message_watch_state watch_state;
		struct message_fault fault;
		struct message_guard_counters guard_counters;
		struct message_capture capture;
		struct message_watched watched; /* EXCLUDE too */
		struct message_network6 network6;
		/** WINDOW: as record's codec writes it; a view. */
		struct slice window;
		struct record_counters counters;
		struct message_forwarded forwarded;
		struct message_neighbour neighbour; /* WHO_HAS too */
		struct message_unlock unlock;
		struct message_unlock_ready unlock_ready;
		struct message_unlock_request unlock_request;
		struct message_unlock_answer unlock_answer;
		struct message_ask ask;
		struct message_answer answer;
		struct message_discover_counters discover_counters;
		struct message_ask_name ask_name;
		struct message_host_name host_name;
		struct message_send send;
		struct message_sent sent;
	};
};

/** Appends the message, without its descriptor. ERR_LIMIT, ERR_INVALID for
 * what the receiver would refuse. */
int message_encode(const struct message *message, struct buf *out) must_check;

/**
 * The message in bytes; fd is -1. A window is a view into bytes. Strict: each
 * enum in range, texts without control characters, nothing left over.
 * ERR_TRUNCATED, ERR_MALFORMED, ERR_LIMIT.
 */
int message_decode(struct slice bytes, struct message *out) must_check;

/** A short name of a type, for logs and tests. */
const char *message_type_name(enum message_type type);

/** "keeper", "guard", "engine", "hub", "discover", "upload". */
const char *message_process_name(enum message_process process);

/** Copies text, cut to what fits. */
void message_text(char *out, size_t size, const char *text);

#endif
