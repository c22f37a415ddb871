// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_STATE_H
#define GUARD_STATE_H

/*
 * What guard's files share and nobody else sees: guard.c (its sockets and
 * messages), lan.c (interface, hosts, scan, what is heard), watches.c (the
 * devices to be watched), hold.c (intercepted), giveback.c (given back),
 * settings.c (this computer's), four.c (IPv4 that comes and goes), capture.c
 * (what may be read), pairs.c (devices among themselves). lan6.c, router6.c,
 * hold6.c, giveback6.c and settings6.c do the same for IPv6, with the same
 * devices, and shed.c with addresses that they lose.
 */

#include "guard/arpcast.h"
#include "guard/burst.h"
#include "guard/filter.h"
#include "guard/firewall.h"
#include "guard/guard.h"
#include "guard/heir.h"
#include "guard/hosts.h"
#include "guard/hosts6.h"
#include "guard/insist.h"
#include "guard/ndpcast.h"
#include "guard/net.h"
#include "guard/path.h"
#include "guard/peers.h"
#include "guard/routers.h"
#include "guard/scan.h"
#include "guard/spoof.h"
#include "guard/suspend.h"
#include "guard/undo.h"
#include "guard/wire.h"
#include "message/message.h"

/** Said again to a device and its router, and to a pair, however quiet. */
#define POISON_MS 2000

/* Giving back, of either family. */

/* After a restore's last frame: what is on its way, then what still comes. */
#define RESTORE_SETTLE_MS 60
#define RESTORE_LISTEN_MS 160
/* A device that still sends to us after so long is left to itself. */
#define RESTORE_MOST_MS 10000
/* Between two looks whether the interface is back. */
#define LINK_LOOK_MS 2000
/* Caches have expired by then: a network that is away longer is left. */
#define AWAY_MOST_MS 600000
/* Headers read at once of what still goes through us. */
#define THROUGH_AT_ONCE 4096
/* Another MAC at an address of the router: for how long the router's answer is
 * waited for, and for how long two that answer are in doubt. */
#define RIVAL_ASKED_MS 1000
#define RIVAL_MS       10000

/** Devices watched, and as many that are being given back meanwhile. */
#define WATCHES_MAX UNDO_DEVICES_MAX

enum stopping {
	STOPPING_NOT,
	STOPPING_TOLD,
	STOPPING_KEEPER_GONE
};

/** What is being done with a device. */
enum step {
	STEP_IDLE,	/* direct */
	STEP_RESOLVING, /* the kernel is asked for its MAC */
	STEP_HELD,	/* intercepted */
	STEP_RESTORING, /* being given back */
};

/** Given back for a bad path: not taken until then, or until flipped again. */
struct retry {
	bool refused;
	uint64_t at_ms;
	uint32_t times; /* in a row */
};

/** Of a watched device's IPv6 traffic. */
struct watch6 {
	enum step step;
	uint64_t step_ms;
	enum message_watch_phase phase; /* as told to the hub */
	enum message_watch_cause cause; /* of a bad path */
	const char *reason;		/* NULL: not told yet */
	struct retry retry;
	struct burst burst, heard;
	uint64_t poison_ms, heard_ms;
	bool listening, leaks;
	struct path path;
	enum path_verdict verdict; /* of it, by the last report */
	size_t count;		   /* of addresses, as poisoned */
	struct addr addresses[HOSTS6_OF_ONE];
};

struct watch {
	struct mac mac;
	struct addr address;   /* as poisoned; family 0: not known */
	struct mac gateway;    /* the router's, when it was poisoned */
	struct mac taken_by;   /* who has address since; zero: nobody */
	struct mac claimed_by; /* who says so, while the device is asked */
	uint64_t claimed_ms, claim_ask_ms;
	uint64_t
		lies_ms; /* since when such claims were refuted, and how many */
	uint32_t lies;
	bool wanted;
	enum step step;
	uint64_t step_ms;
	enum message_watch_phase phase; /* as told to the hub */
	enum message_watch_cause cause;
	uint64_t since_ns;
	char reason[MESSAGE_TEXT_MAX];
	bool told;
	bool over_limit;
	struct retry retry;
	struct burst burst, heard;
	uint64_t poison_ms; /* the next of every two seconds */
	uint64_t heard_ms;  /* the last burst for something heard */
	bool listening;	    /* for what comes after the last restore */
	bool leaks;	    /* something did */
	struct path path;
	enum path_verdict verdict; /* of it, by the last report */
	struct insist insist;	   /* the device, by either family */
	struct watch6 six;
};

/** An address that somebody asked for, and nobody is known to have. */
struct six_asked {
	struct addr address;
	uint64_t ms;
};
#define SIX_ASKED_MAX 16

/**
 * An address that was a device's when it was intercepted, and is no more. What
 * is true of it is said as often as of a device that is given back, and it
 * stays in the record until then. Of more than this at once, the one that was
 * said longest ago makes room (counted).
 */
struct shed {
	struct addr address;
	struct mac mac; /* the device's that had it */
	struct burst burst;
};
#define SHED_MAX 64

/** What guard knows of IPv6 on the interface in use. */
struct six {
	bool open;
	struct wire wire;
	int through;	     /* what still goes through us */
	uint32_t key;	     /* see filter.h */
	uint16_t identifier; /* of our echo requests */
	bool stale;	     /* our own addresses are to be read again */
	struct addr own[MESSAGE_OWN6_MAX];
	size_t own_count;
	struct addr own_link; /* family 0: none, IPv6 is off here */
	struct routers routers;
	size_t router_count; /* default routers now */
	/* the one that is intercepted towards; its addresses, the first is
	 * link-local; the MAC is zero while there is none, or several */
	struct mac router_mac;
	struct addr router[UNDO_ROUTERS6_MAX];
	size_t router_addresses;
	struct hosts6 hosts;
	bool unproven; /* the kernel is to be asked for some of them */
	uint64_t solicit_ms, look_ms, echo_ms, pace_ms;
	uint32_t solicited, echoes;
	/* who says to have the router's addresses; the last of them, and when
	 * the router answered that it has them still */
	struct spoof spoof;
	uint64_t claim_ms, doubt_ms;
	struct heir heir; /* who may be the router instead */
	struct six_asked asked[SIX_ASKED_MAX];
	size_t asked_at;
	struct shed shed[SHED_MAX];
	size_t shed_count;
	uint64_t second; /* of the news told in it */
	uint32_t news;
	bool changed; /* this computer's settings for IPv6 are ours */
	bool ready;   /* and all of them are as they must be */
	struct firewall firewall;
};

/** Two watched devices whose traffic with each other is intercepted: every
 * one with every other is 1,225 of 50. */
#define PAIRS_MAX 1225

/** One family of their traffic. */
struct pair_way {
	enum step step;
	struct burst burst, heard;
	uint64_t poison_ms, heard_ms;
};

struct pair {
	struct mac a, b;
	bool over;
	struct pair_way four, six;
};

struct guard {
	const struct guard_config *config;
	int keeper, hub, engine; /* -1: not there */
	enum stopping stopping;
	bool failed; /* to restore: the undo record stays */
	bool paused;
	uint64_t turned_boot_ms; /* when the loop turned last */
	bool leftover;	/* an earlier run's record is not carried out */
	bool leftover6; /* what it says of IPv6 is not */
	uint64_t leftover_ms, leftover_until_ms;
	uint64_t due_ms; /* when the loop is to turn at the latest */

	struct net net;
	struct suspend suspend;
	int firewall_fd;
	struct firewall firewall;
	struct net_interface interfaces[MESSAGE_INTERFACES_MAX];
	size_t interface_count;
	bool list_stale; /* could not be read: to be read again */

	char wanted[MESSAGE_NAME_MAX]; /* by the hub; "" for none */
	bool active;		       /* the sockets below are open */
	bool reopen;		       /* something of it changed */
	bool gone;		       /* it is no longer there */
	bool way_lost;		       /* routes went when it went down */
	bool linked;		       /* it can send, if perhaps not as IP */
	uint64_t opened_ms;   /* since when others' beacons are heard */
	uint64_t unlinked_ms; /* since when it cannot */
	/* since when IPv4 is away, and its next router is waited for; or 0 */
	uint64_t four_lost_ms, four_found_ms;
	/*
	 * When this computer woke, or came to a network: what was known of
	 * who is there before may be another network's. 0: no such thing yet.
	 */
	uint64_t woke_ms;
	uint64_t probe_ms; /* when to ask again who is there */
	struct net_interface lan;
	struct mac gateway_mac; /* zero: not known */
	uint64_t gateway_ms;	/* when to look again */
	/* who is in its place in the kernel's table, while it is asked whether
	 * it is still there, and since it answered that it is */
	struct mac rival;
	bool router_is_peers; /* another inspector's MAC is in its place */
	uint64_t rival_ms, rival_proven_ms;
	struct wire arp, beacon;
	int capture; /* the engine's; kept to set its filter */
	/* what the engine was told of the network with it */
	struct cidr given_address;
	struct mac given_gateway;
	int through; /* what still goes through us */
	struct scan scan;
	struct hosts hosts;
	struct peers peers;
	struct spoof spoof;
	struct insist insist; /* the router, by either family */
	uint64_t beacon_ms;

	struct mac excluded[MESSAGE_EXCLUDE_MAX];
	/* as known to the hub; family 0: not */
	struct addr excluded_at[MESSAGE_EXCLUDE_MAX];
	size_t excluded_count;
	struct watch watches[WATCHES_MAX];
	size_t watch_count;
	struct six six;
	struct message_pairs pairs_wanted;
	struct pair pairs[PAIRS_MAX];
	size_t pair_count;
	size_t pairs_at, pairs_said; /* whose turn it is; told in this one */
	uint64_t pairs_ms;
	bool pairs_stale; /* there may be more */
	struct undo undo;
	bool changed; /* the undo record is on disk, settings are ours */

	/* messages that found their queue full: said again at again_ms */
	bool hub_behind, watched_behind, capture_behind;
	uint64_t again_ms;
	uint64_t reported_ms; /* the engine's last report of the paths */

	struct message_fault faults[MESSAGE_FAULT_KINDS]; /* current: text */
	struct message_guard_counters counters;
	uint64_t counters_ms;
};

/* guard.c */
/** The loop turns again at this time, or earlier. */
void guard_due(struct guard *g, uint64_t ms);
void guard_tell_hub(struct guard *g, const struct message *m);
void guard_tell_engine(struct guard *g, const struct message *m);
/** Says a fault, if its words are new. */
void guard_fault(struct guard *g, enum message_fault_kind kind,
		 const char *remedy, const char *format, ...) printf_like(4, 5);
void guard_fault_over(struct guard *g, enum message_fault_kind kind);
/** For the interface in use. */
void guard_read_firewall(struct guard *g);
/** One that an earlier run left: says so until it is gone. */
void guard_look_for_bad_record(struct guard *g);
bool guard_excludes(const struct guard *g, const struct mac *mac);

/* lan.c */
void lan_list(struct guard *g);
void lan_tell_list(struct guard *g);
void lan_tell_chosen(struct guard *g);
/** Opens, closes, follows changes, scans; called at each turn. */
void lan_turn(struct guard *g, uint64_t now_ms);
void lan_close(struct guard *g);
/** Not yet long enough to know of other inspectors. */
bool lan_is_fresh(const struct guard *g, uint64_t now_ms);
/** Whether the network has IPv4. In one that has not, this computer is known
 * by an IPv6 address, and the router by that of its link. */
bool lan_has_four(const struct guard *g);
/** Whether who is taken for the router is another inspector; or is not the
 * only one who answers as it. */
bool lan_router_is_inspector(const struct guard *g, uint64_t now_ms);
bool lan_router_has_rival(const struct guard *g, uint64_t now_ms);
/** Whether another may have taken its place: nobody is told of it now. */
bool lan_router_is_asked(const struct guard *g, uint64_t now_ms);
/** Asks one MAC whether it has an address. */
void lan_ask(struct guard *g, const struct addr *address, const struct mac *to);
/** Says that somebody speaks for another: for whom, and his MAC. */
void lan_tell_spoofer(struct guard *g, const char *whom, const struct mac *mac,
		      uint64_t now_ms);
/** Nothing that is known of who is there is relied on until it is heard. */
void lan_doubt(struct guard *g, uint64_t now_ms);
/** Whether a host spoke since then. */
bool lan_is_heard(const struct guard *g, const struct mac *mac);
/** Asks, in nobody's name, for an address: of a network that may be another.
 * By IPv6 the router alone is asked. */
void lan_probe(struct guard *g, const struct addr *address);
/** No host's IPv4 address is known; the subnet is looked at anew. */
void lan_forget_four(struct guard *g, uint64_t now_ms);
/** Reads what was heard on the two sockets. */
void lan_hear_arp(struct guard *g, uint64_t now_ms);
void lan_hear_beacons(struct guard *g, uint64_t now_ms);
/** A host may have an address of another subnet: it is asked for it. */
void lan_spoke_from(struct guard *g, const struct mac *mac,
		    const struct addr *address, uint64_t now_ms);
/** Tells a hub that is new what it must know. */
void lan_tell_all(struct guard *g);
/** Tells the hub an address of a host. */
void lan_tell_address(struct guard *g, const struct mac *mac,
		      const struct addr *address);

/* capture.c: what the engine may read, and what only has to be known of */
/** Opens the engine's socket and hands it over. */
void capture_give(struct guard *g);
/** Whether the engine was told of another network than this is by now. */
bool capture_is_of_another(const struct guard *g);
/** Sets its filter, tells the engine the set, to what they are. */
void capture_filter(struct guard *g);
void capture_tell_watched(struct guard *g);
/** The devices of one step, for a filter, at most MESSAGE_WATCH_MAX. */
size_t capture_devices(const struct guard *g, enum step step,
		       struct filter_device out[MESSAGE_WATCH_MAX]);
/** The IPv6 addresses of those of one step. */
size_t capture_addresses6(const struct guard *g, enum step step,
			  struct addr out[FILTER_SIX_MAX]);
/** Whether the filter holds all that is intercepted now. */
bool capture_has_room(const struct guard *g);
struct filter_spec capture_spec(const struct guard *g,
				const struct filter_device *devices,
				size_t count);
/** A new filter in the old one's place. ERR_IO. */
int capture_attach(int fd, const struct filter *filter) must_check;

/* watches.c: the devices to be watched, and what each is told to be */
void watches_want(struct guard *g, const struct message_macs *set);
void watches_want_none(struct guard *g);
struct watch *watches_find(struct guard *g, const struct mac *mac);
/** Whether any device is intercepted or being given back. */
bool watches_any(const struct guard *g);
/** Whether this one is. */
bool watches_have(const struct guard *g, const struct mac *mac);
/** Its IPv4 traffic is intercepted, or is being given back. */
bool watch_is_changed(const struct watch *w);
/** A host spoke from an address: those that were taken at it, and are not that
 * host, may no longer have it. */
void watches_heard(struct guard *g, const struct mac *mac,
		   const struct addr *address, uint64_t now_ms);
/** Asks the device whether it still has the address that another speaks from;
 * of one that does not answer it is taken_by the other. */
void watch_claim_turn(struct guard *g, struct watch *w, uint64_t now_ms);
/** Whether the device was heard at another address. */
bool watch_has_moved(const struct guard *g, const struct watch *w);
/** Whether this is, as far as the device goes, the network it was taken on: it
 * was heard here, or the router was that it had then. */
bool watch_is_here(const struct guard *g, const struct watch *w);
bool watch6_is_here(const struct guard *g, const struct watch *w);
void watches_tell_all(struct guard *g);
/** The firewall changed: refused ones may try again. */
void watches_retry(struct guard *g);
/** Those that are direct and no longer wanted. */
void watches_forget(struct guard *g);
/** Tells the hub, if it is new. */
void watch_tell(struct guard *g, struct watch *w,
		enum message_watch_phase phase, const char *reason);
/** Released, and why; watch_tell() tells of no cause. */
void watch_tell_released(struct guard *g, struct watch *w,
			 enum message_watch_cause cause, const char *reason);
/** The device says again where it is; and time passes. */
void watch_insists(struct guard *g, struct watch *w, uint64_t now_ms);
void watch_insist_turn(struct guard *g, struct watch *w, uint64_t now_ms);
/** Of one that has IPv6 only. */
void watch_tell_as_six(struct guard *g, struct watch *w);
void watch_step(struct guard *g, struct watch *w, enum step step,
		uint64_t now_ms);
/** Not to be tried for a while, longer each time. */
void retry_put_off(struct retry *r, uint64_t now_ms);
bool retry_is_put_off(const struct retry *r, uint64_t now_ms);

/* settings.c: this computer's settings, and the undo record */
/** Writes down what is to be changed, then changes it. ERR_IO, … */
int settings_change(struct guard *g) must_check;
/** Puts them back, when nothing is poisoned any more. */
void settings_put_back(struct guard *g);
/** The devices given back are no longer in the record. */
void settings_shorten(struct guard *g);
/** What of IPv4 was changed, alone. ERR_IO. */
int settings_put_four_back(struct guard *g) must_check;
/** Writes the record down as things are now. ERR_IO. */
int settings_write(struct guard *g) must_check;
/** Why the kernel would not pass the device's packets to the router, or the
 * answers to the device; or NULL. */
const char *settings_problem(struct guard *g, const struct watch *w);

/* giveback.c: devices given back */
void giveback_begin(struct guard *g, struct watch *w, uint64_t now_ms);
void giveback_turn(struct guard *g, struct watch *w, uint64_t now_ms);
/** Says to a device and another, the router or a device, where each is. Whom
 * the device's address went to meanwhile is whom the other is told of. */
void giveback_tell(struct guard *g, const struct watch *w,
		   const struct arpcast_host *other);
/** Carries out the record that an earlier run left. */
void giveback_leftover(struct guard *g, uint64_t now_ms);

/* hold.c: devices intercepted */
void hold_turn(struct guard *g, uint64_t now_ms);
/** ARP of a host in the subnet was heard; what it means for the held. */
void hold_heard(struct guard *g, const struct wire_frame *frame,
		const struct arp *arp, uint64_t now_ms);
void hold_report(struct guard *g, const struct message_forwarded *f);
/** The router says again where it is. */
void hold_router_insists(struct guard *g, uint64_t now_ms);
/** Whether what is said of an intercepted way is to be said now, for a burst of
 * either kind, or since it is so long ago. */
bool hold_is_due(struct guard *g, struct burst *burst, struct burst *heard,
		 uint64_t poison_ms, uint64_t now_ms);
/** Something was heard that puts it right: it is said again. */
void hold_say_again(struct guard *g, struct burst *heard, uint64_t *heard_ms,
		    uint64_t now_ms);
/** Whose doing a bad path is. */
enum message_watch_cause hold_cause(enum path_verdict path,
				    enum firewall_verdict firewall);
struct arpcast_host hold_gateway(const struct guard *g);
/** Why nobody may be intercepted now, or NULL. */
const char *hold_obstacle(const struct guard *g, uint64_t now_ms);
/** Why this device may never be intercepted, or NULL. */
const char *hold_forbidden(const struct guard *g, const struct watch *w);
/** The set intercepted is another: tells all whom it concerns. */
void hold_set_changed(struct guard *g);
/** Another router took its place: all is said anew, to it and of it. */
void hold_router_changed(struct guard *g, uint64_t now_ms);

/* four.c: IPv4 that goes from the network in use, and comes to it, while IPv6
 * goes on */
bool four_is_here(const struct guard *g);
/** What became of the interface; false where it is on another network. */
bool four_follow(struct guard *g, const struct net_interface *i,
		 uint64_t now_ms) must_check;

/* lan6.c: addresses, routers and hosts, by neighbour discovery */
void lan6_open(struct guard *g, uint64_t now_ms);
void lan6_close(struct guard *g);
/** What was known of who is there may be another network's. */
void lan6_doubt(struct guard *g);
void lan6_turn(struct guard *g, uint64_t now_ms);
void lan6_hear(struct guard *g, uint64_t now_ms);
/** Asks a host for its addresses, by an echo to its MAC alone. */
void lan6_ask(struct guard *g, const struct mac *mac);
/** Asks one MAC whether it has an address. */
void lan6_ask_for(struct guard *g, const struct addr *address,
		  const struct mac *to);
/** Asks everyone who may be asked, soon. */
void lan6_scan(struct guard *g);
/** An address of a host, link-local if it has one; or NULL. */
const struct addr *lan6_address_of(const struct guard *g,
				   const struct mac *mac);
/** Whom names are asked of where there is no IPv4: who the router says, else
 * the router. */
struct addr lan6_resolver(const struct guard *g);
/** What IPv6's routers call the home, and the resolvers that they name. */
void lan6_put_names(const struct guard *g, struct message_chosen *m);
/** The router's address; family 0: there is none, or several. */
struct addr lan6_gateway(const struct guard *g);
void lan6_tell_engine(struct guard *g);
void lan6_tell_all(struct guard *g);

/* router6.c: which IPv6 router devices are intercepted towards */
/** Chooses it. It stays what devices were told that we are while any is. */
void router6_choose(struct guard *g, uint64_t now_ms);
/** Whether it has an address. */
bool router6_has(const struct guard *g, const struct addr *address);
bool router6_may_be(const struct guard *g, const struct mac *mac);
/** Somebody speaks from, or for, an address of the router: who, when it is not
 * the router, which then is asked whether it is there. */
void router6_claimed(struct guard *g, const struct ndp *ndp, uint64_t now_ms);
/** Whether it was there, when another said to be it. */
bool router6_has_rival(const struct guard *g, uint64_t now_ms);
/** Whether another may have taken its place, which nobody is told of until
 * then. One that has is the router when this returns. */
bool router6_is_asked(struct guard *g, uint64_t now_ms);

/* hold6.c: devices whose IPv6 traffic is intercepted */
void hold6_turn(struct guard *g, uint64_t now_ms);
/** Another router took its place: all is said anew, to it and of it. */
void hold6_router_changed(struct guard *g, uint64_t now_ms);
void hold6_heard(struct guard *g, const struct ndp *ndp, uint64_t now_ms);
void hold6_report(struct guard *g, struct watch *w,
		  const struct message_path *path, uint64_t now_ms);
bool watch6_is_changed(const struct watch *w);
/** Whether a device's IPv6 traffic may or may not be intercepted was said. */
void watch6_tell(struct guard *g, struct watch *w,
		 enum message_watch_phase phase, const char *reason);
/** Released, and why. */
void watch6_tell_released(struct guard *g, struct watch *w,
			  enum message_watch_cause cause, const char *reason);

bool watch6_has(const struct watch *w, const struct addr *address);

/* shed.c: IPv6 addresses that intercepted devices have no more */
void shed_add(struct guard *g, const struct mac *mac,
	      const struct addr *address, uint64_t now_ms);
/** It is its device's again. */
void shed_take_back(struct guard *g, const struct addr *address);
/** Whose it is now, as far as is known. */
struct mac shed_holder(const struct guard *g, const struct shed *s);
void shed_turn(struct guard *g, uint64_t now_ms);

/* pairs.c: watched devices' traffic with each other */
void pairs_want(struct guard *g, const struct message_pairs *pairs);
/** The set intercepted is another. */
void pairs_look(struct guard *g);
void pairs_turn(struct guard *g, uint64_t now_ms);
/** Whether any is intercepted or being given back. */
bool pairs_any(const struct guard *g);
/** Whether one of them is not told the truth of another yet, of a family. */
bool pairs_have(const struct guard *g, const struct mac *mac, bool six);
/** Whether these two were told so of each other by IPv6. */
bool pairs_are(struct guard *g, const struct mac *a, const struct mac *b);
void pairs_heard(struct guard *g, const struct wire_frame *frame,
		 const struct arp *arp, uint64_t now_ms);
void pairs_heard6(struct guard *g, const struct ndp *ndp, uint64_t now_ms);

/* giveback6.c */
void giveback6_begin(struct guard *g, struct watch *w, uint64_t now_ms);
void giveback6_turn(struct guard *g, struct watch *w, uint64_t now_ms);

/* settings6.c */
int settings6_change(struct guard *g) must_check;
int settings6_put_back(struct guard *g) must_check;
void settings6_fill(const struct guard *g, struct undo *u);
const char *settings6_problem(struct guard *g, const struct addr *address);

#endif
