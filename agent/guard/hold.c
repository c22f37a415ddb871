// SPDX-License-Identifier: GPL-3.0-or-later

#include <errno.h>
#include <linux/if_ether.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guard/clock.h"
#include "guard/filter.h"
#include "guard/state.h"
#include "guard/way.h"

/* Said again to a device and its router, however quiet they are. */
#define POISON_MS 2000
/* What is heard of one device starts a new burst at most this often. */
#define HEARD_LEAST_MS 150
/* The kernel's asking for a device's MAC: when to look, and when to give up. */
#define RESOLVE_LOOK_MS 5
#define RESOLVE_MOST_MS 3000
/* After a restore's last frame: what is on its way, then what still comes. */
#define RESTORE_SETTLE_MS 60
#define RESTORE_LISTEN_MS 160
/* A device that still sends to us after so long is left to itself. */
#define RESTORE_MOST_MS 10000
/* The other inspector has it: packets on their way are still forwarded. */
#define YIELD_MS 5000
/* A device given back for its path is tried again after this, doubled each
 * time. */
#define RETRY_FIRST_MS 60000
#define RETRY_MOST_MS  3600000
/* Headers read at once of what still goes through us. */
#define THROUGH_AT_ONCE 4096

static const struct addr far_address = { .family = 4, .b = { 8, 8, 8, 8 } };

static const char firewall_reason[] =
	"this computer's firewall drops what it should pass on";

struct arpcast_host hold_gateway(const struct guard *g)
{
	return (struct arpcast_host){ g->lan.gateway, g->gateway_mac };
}

static bool is_changed_step(enum step step)
{
	return step == STEP_HELD || step == STEP_RESTORING ||
	       step == STEP_YIELDING;
}

bool hold_has(const struct guard *g, const struct mac *mac)
{
	for (size_t i = 0; i < g->watch_count; i++)
		if (is_changed_step(g->watches[i].step) &&
		    mac_equal(&g->watches[i].mac, mac))
			return true;
	return false;
}

bool hold_any(const struct guard *g)
{
	for (size_t i = 0; i < g->watch_count; i++)
		if (is_changed_step(g->watches[i].step))
			return true;
	return g->changed;
}

static void tell_state(struct guard *g, const struct watch *w)
{
	struct message m = { .type = MESSAGE_WATCH_STATE, .fd = -1 };

	m.watch_state.mac = w->mac;
	m.watch_state.address = w->address;
	m.watch_state.phase = w->phase;
	m.watch_state.since_ns = w->since_ns;
	message_text(m.watch_state.reason, sizeof(m.watch_state.reason),
		     w->reason);
	guard_tell_hub(g, &m);
}

void hold_tell_all(struct guard *g)
{
	for (size_t i = 0; i < g->watch_count; i++)
		tell_state(g, &g->watches[i]);
}

static void set_phase(struct guard *g, struct watch *w,
		      enum message_watch_phase phase, const char *reason)
{
	bool same = w->told && w->phase == phase;

	if (same && !strcmp(w->reason, reason))
		return;
	if (!same)
		w->since_ns = clock_epoch_ns();
	w->phase = phase;
	w->told = true;
	message_text(w->reason, sizeof(w->reason), reason);
	tell_state(g, w);
}

static void set_step(struct guard *g, struct watch *w, enum step step,
		     uint64_t now_ms)
{
	w->step = step;
	w->step_ms = now_ms;
	guard_due(g, now_ms);
}

/* The devices of one step, for a filter. */
static size_t devices_of(const struct guard *g, enum step step,
			 struct filter_device out[MESSAGE_WATCH_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < g->watch_count && count < MESSAGE_WATCH_MAX; i++)
		if (g->watches[i].step == step)
			out[count++] =
				(struct filter_device){ g->watches[i].mac,
							g->watches[i].address };
	return count;
}

static struct filter_spec spec_of(const struct guard *g,
				  const struct filter_device *devices,
				  size_t count)
{
	return (struct filter_spec){
		.own = g->lan.mac,
		.gateway = g->gateway_mac,
		.own_address = g->lan.address.addr,
		.devices = devices,
		.device_count = count,
		.excluded = g->excluded,
		.excluded_count = g->excluded_count,
	};
}

/* A socket's filters, old and new, have one small budget of memory in the
 * kernel (net.core.optmem_max): when both do not fit, the old one makes room
 * by one that lets nothing pass. */
static int attach_new(int fd, const struct filter *filter)
{
	if (!filter_attach(fd, filter))
		return 0;
	if (filter_attach_nothing(fd))
		return ERR_IO;
	return filter_attach(fd, filter);
}

void hold_filter(struct guard *g)
{
	struct filter_device devices[MESSAGE_WATCH_MAX];
	struct filter_spec spec =
		spec_of(g, devices, devices_of(g, STEP_HELD, devices));
	static struct filter filter;
	int err;

	if (g->capture < 0)
		return;
	err = filter_capture(&spec, &filter);
	if (err)
		(void)!filter_attach_nothing(g->capture);
	else
		err = attach_new(g->capture, &filter);
	if (err)
		guard_fault(g, MESSAGE_FAULT_SYSTEM,
			    "sudo sysctl net.core.optmem_max=131072",
			    "the kernel did not take the capture filter (%s): "
			    "nothing is read",
			    err == ERR_IO ? strerror(errno) : err_text(err));
}

void hold_tell_watched(struct guard *g)
{
	struct message m = { .type = MESSAGE_WATCHED, .fd = -1 };

	for (size_t i = 0; i < g->watch_count; i++)
		if (g->watches[i].step == STEP_HELD &&
		    m.watched.count < MESSAGE_WATCH_MAX)
			m.watched.devices[m.watched.count++] =
				(struct message_watched_device){
					g->watches[i].mac, g->watches[i].address
				};
	guard_tell_engine(g, &m);
}

/* The set intercepted is another. */
static void set_changed(struct guard *g)
{
	hold_filter(g);
	hold_tell_watched(g);
	g->beacon_ms = 0;
}

static void tell_peers(struct guard *g, uint64_t now_ms)
{
	struct mac devices[PEERS_FRAME_DEVICES];
	size_t count = 0;
	struct buf frame;

	if (now_ms < g->beacon_ms) {
		guard_due(g, g->beacon_ms);
		return;
	}
	buf_init(&frame, WIRE_FRAME_MAX);
	for (size_t i = 0; i < g->watch_count; i++) {
		if (g->watches[i].step == STEP_HELD)
			devices[count++] = g->watches[i].mac;
		if (!count ||
		    (count < PEERS_FRAME_DEVICES && i + 1 < g->watch_count))
			continue;
		buf_clear(&frame);
		if (!peers_format(&g->peers, devices, count, &frame) &&
		    !wire_send(&g->beacon, &wire_broadcast, WIRE_TYPE_BEACON,
			       buf_slice(&frame)))
			g->counters.beacons_sent++;
		count = 0;
	}
	buf_done(&frame);
	g->beacon_ms = now_ms + PEERS_TELL_MS;
}

static void fill_undo(struct guard *g)
{
	struct undo *u = &g->undo;

	u->device_count = 0;
	for (size_t i = 0; i < g->watch_count; i++)
		if (is_changed_step(g->watches[i].step))
			u->devices[u->device_count++] =
				(struct undo_device){ g->watches[i].address,
						      g->watches[i].mac };
}

static int begin_undo(struct guard *g)
{
	struct undo *u = &g->undo;
	int err = 0;

	message_text(u->interface, sizeof(u->interface), g->lan.name);
	u->own = g->lan.mac;
	u->address = g->lan.address;
	u->gateway = g->lan.gateway;
	u->gateway_mac = g->gateway_mac;
	for (enum sysctl_id id = 0; !err && id < SYSCTLS; id++)
		err = sysctl_read(id, u->interface, &u->sysctls[id]);
	return err;
}

/* Writes down what is to be changed, then changes the settings. */
static int change_settings(struct guard *g)
{
	bool fresh = !g->changed;
	int err = fresh ? begin_undo(g) : 0;

	fill_undo(g);
	if (!err)
		err = undo_write(g->config->run_dir, &g->undo);
	if (!err)
		g->changed = true;
	if (!err)
		err = sysctl_change(g->undo.interface);
	if (!err && (fresh || g->way_lost))
		err = way_open(&g->net, g->lan.index, g->lan.name,
			       &g->lan.address, &g->lan.gateway);
	if (!err)
		g->way_lost = false;
	if (err == ERR_UNSUPPORTED)
		err = 0; /* whether the one table does is looked at next */
	if (!err)
		guard_fault_over(g, MESSAGE_FAULT_SYSTEM);
	else
		guard_fault(g, MESSAGE_FAULT_SYSTEM, "",
			    "could not prepare forwarding on %s: %s",
			    g->lan.name, strerror(errno));
	return err;
}

/* Nothing is poisoned any more: the settings go back to what they were. */
static void put_settings_back(struct guard *g)
{
	int err;

	if (!g->changed)
		return;
	for (size_t i = 0; i < g->watch_count; i++)
		if (is_changed_step(g->watches[i].step))
			return;
	err = way_close(&g->net, g->undo.interface, &g->undo.address);
	if ((err && err != ERR_UNSUPPORTED) ||
	    sysctl_put_back(g->undo.interface, g->undo.sysctls, !g->gone) ||
	    undo_remove(g->config->run_dir)) {
		guard_fault(g, MESSAGE_FAULT_SYSTEM,
			    "sudo iot-inspector restore",
			    "could not put the settings of %s back: %s",
			    g->undo.interface, strerror(errno));
		if (g->stopping)
			g->failed = true;
		return;
	}
	g->changed = false;
}

/* The devices given back are no longer in the record. */
static void shorten_undo(struct guard *g)
{
	if (!g->changed)
		return;
	fill_undo(g);
	if (!g->undo.device_count)
		put_settings_back(g);
	else if (undo_write(g->config->run_dir, &g->undo))
		guard_fault(g, MESSAGE_FAULT_SYSTEM, "",
			    "could not write the undo record: %s",
			    strerror(errno));
}

/* Whether the kernel would pass the device's packets to the router, and the
 * answers to the device. */
static const char *check_way(struct guard *g, const struct watch *w)
{
	struct net_route out, back;

	if (net_route(&g->net, &far_address, &w->address, g->lan.index, &out))
		return "this computer would not pass its packets on (a routing "
		       "rule or rp_filter)";
	if (out.interface_index != g->lan.index ||
	    !addr_equal(&out.gateway, &g->lan.gateway))
		return "this computer would pass its packets on another way (a "
		       "VPN?)";
	if (net_route(&g->net, &w->address, &far_address, g->lan.index, &back))
		return "this computer would not pass the answers on (a routing "
		       "rule or rp_filter)";
	if (back.interface_index != g->lan.index || back.gateway.family)
		return "this computer would pass the answers on another way (a "
		       "VPN?)";
	return NULL;
}

static void poison(struct guard *g, struct watch *w, uint64_t now_ms)
{
	struct arpcast_host device = { w->address, w->mac };
	struct arpcast_host gateway = hold_gateway(g);

	if (!arpcast_poison(&g->arp, &device, &gateway)) {
		g->counters.arp_sent += 4;
		g->counters.poisons++;
	}
	w->poison_ms = now_ms + POISON_MS;
}

static void refuse(struct watch *w, uint64_t now_ms)
{
	uint64_t wait = RETRY_FIRST_MS;

	for (uint32_t i = 0; i < w->releases && wait < RETRY_MOST_MS; i++)
		wait *= 2;
	w->releases++;
	w->refused = true;
	w->retry_ms = now_ms + wait;
}

static void begin_restore(struct guard *g, struct watch *w, uint64_t now_ms)
{
	set_step(g, w, STEP_RESTORING, now_ms);
	burst_stop(&w->heard);
	burst_start(&w->burst, burst_firm, now_ms);
	w->leaks = false;
	w->listening = false;
}

/* Gives a device back because of its path. */
static void release(struct guard *g, struct watch *w, const char *reason,
		    uint64_t now_ms)
{
	g->counters.released++;
	refuse(w, now_ms);
	set_phase(g, w, MESSAGE_WATCH_RELEASED, reason);
	begin_restore(g, w, now_ms);
	set_changed(g);
}

/* All of a turn that are ready, with one record and one filter. */
static void begin_ready(struct guard *g, struct watch *ready[], size_t count,
			uint64_t now_ms)
{
	size_t held = 0;

	for (size_t i = 0; i < count; i++)
		set_step(g, ready[i], STEP_HELD, now_ms);
	if (change_settings(g)) {
		for (size_t i = 0; i < count; i++) {
			set_step(g, ready[i], STEP_IDLE, now_ms);
			refuse(ready[i], now_ms);
			set_phase(g, ready[i], MESSAGE_WATCH_RELEASED,
				  "this computer could not be prepared");
		}
		shorten_undo(g);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *problem = check_way(g, ready[i]);

		if (problem) {
			set_step(g, ready[i], STEP_IDLE, now_ms);
			refuse(ready[i], now_ms);
			set_phase(g, ready[i], MESSAGE_WATCH_RELEASED, problem);
			guard_fault(g, MESSAGE_FAULT_PATH, "", "%s", problem);
		} else {
			ready[held++] = ready[i];
		}
	}
	if (held < count)
		shorten_undo(g);
	if (!held)
		return;
	set_changed(g);
	tell_peers(g, now_ms);
	for (size_t i = 0; i < held; i++) {
		struct watch *w = ready[i];

		path_reset(&w->path);
		burst_stop(&w->heard);
		burst_start(&w->burst, burst_firm, now_ms);
		(void)burst_due(&w->burst, now_ms);
		poison(g, w, now_ms);
		set_phase(g, w, MESSAGE_WATCH_CHECKING, "");
		guard_due(g, burst_next_ms(&w->burst));
	}
}

/* Why nobody may be intercepted now, or NULL. */
static const char *obstacle(const struct guard *g)
{
	if (!g->active || strcmp(g->wanted, g->lan.name) != 0 || g->reopen)
		return "the network interface is not ready";
	if (!g->lan.up)
		return "the network interface is down";
	if (mac_is_zero(&g->gateway_mac))
		return "the router does not answer";
	if (g->engine < 0)
		return "the reading process is being started";
	if (g->hub < 0 || g->stopping)
		return "stopping";
	return NULL;
}

/* Why this device may never be intercepted, or NULL. */
static const char *forbidden(const struct guard *g, const struct watch *w)
{
	const struct host *host;

	if (mac_is_group(&w->mac) || mac_is_zero(&w->mac))
		return "this is not a device's address";
	if (w->over_limit)
		return "more devices than may be watched at once";
	if (guard_excludes(g, &w->mac))
		return "this device is excluded";
	if (!g->active)
		return NULL;
	if (mac_equal(&w->mac, &g->gateway_mac))
		return "the router itself cannot be watched";
	if (mac_equal(&w->mac, &g->lan.mac))
		return "this computer itself cannot be watched";
	host = hosts_find(&g->hosts, &w->mac);
	if (host && addr_equal(&host->address, &g->lan.gateway))
		return "the router itself cannot be watched";
	return NULL;
}

static bool is_address_taken(const struct guard *g, const struct watch *w,
			     const struct addr *address)
{
	for (size_t i = 0; i < g->watch_count; i++)
		if (&g->watches[i] != w &&
		    is_changed_step(g->watches[i].step) &&
		    addr_equal(&g->watches[i].address, address))
			return true;
	return false;
}

/* A device that is direct and wanted: whether to begin. */
static void turn_idle(struct guard *g, struct watch *w, uint64_t now_ms)
{
	const char *why = forbidden(g, w);
	const struct host *host;

	if (why) {
		set_phase(g, w, MESSAGE_WATCH_RELEASED, why);
		return;
	}
	if (g->paused) {
		set_phase(g, w, MESSAGE_WATCH_PAUSED, "");
		return;
	}
	why = obstacle(g);
	if (why) {
		set_phase(g, w, MESSAGE_WATCH_WAITING, why);
		return;
	}
	host = hosts_find(&g->hosts, &w->mac);
	if (peers_claimed(&g->peers, &w->mac, now_ms) ||
	    (host && host->inspector)) {
		set_phase(g, w, MESSAGE_WATCH_PEER,
			  host && host->inspector
				  ? "another inspector runs on it"
				  : "another inspector watches it");
		return;
	}
	if (g->firewall.verdict == FIREWALL_DROPS) {
		set_phase(g, w, MESSAGE_WATCH_RELEASED, firewall_reason);
		return;
	}
	if (w->refused && now_ms < w->retry_ms)
		return;
	if (!host || !host->present ||
	    !undo_is_host(&g->lan.address, &host->address) ||
	    is_address_taken(g, w, &host->address)) {
		set_phase(g, w, MESSAGE_WATCH_WAITING,
			  "not found on the network");
		return;
	}
	w->refused = false;
	w->address = host->address;
	set_step(g, w, STEP_RESOLVING, now_ms);
	(void)!net_resolve(&g->net, g->lan.index, &w->address);
}

/* Whether the kernel knows the device's MAC, and it is the one wanted. */
static bool turn_resolving(struct guard *g, struct watch *w, uint64_t now_ms)
{
	struct mac mac;
	int err;

	if (!w->wanted || obstacle(g) || g->paused) {
		set_step(g, w, STEP_IDLE, now_ms);
		return false;
	}
	err = net_neighbour(&g->net, g->lan.index, &w->address, &mac);
	if (!err && mac_equal(&mac, &w->mac))
		return true;
	if (now_ms - w->step_ms < RESOLVE_MOST_MS) {
		guard_due(g, now_ms + RESOLVE_LOOK_MS);
		return false;
	}
	set_step(g, w, STEP_IDLE, now_ms);
	set_phase(g, w, MESSAGE_WATCH_WAITING,
		  err ? "it does not answer"
		      : "another device has its address");
	refuse(w, now_ms);
	return false;
}

static bool has_moved(const struct guard *g, const struct watch *w)
{
	const struct host *host = hosts_find(&g->hosts, &w->mac);

	return host && !addr_equal(&host->address, &w->address);
}

static void tell_why_not_held(struct guard *g, struct watch *w)
{
	const char *why = forbidden(g, w);

	if (!w->wanted)
		set_phase(g, w, MESSAGE_WATCH_RESTORING, "");
	else if (why)
		set_phase(g, w, MESSAGE_WATCH_RELEASED, why);
	else if (g->paused)
		set_phase(g, w, MESSAGE_WATCH_PAUSED, "");
	else if (g->firewall.verdict == FIREWALL_DROPS)
		set_phase(g, w, MESSAGE_WATCH_RELEASED, firewall_reason);
	else
		set_phase(g, w, MESSAGE_WATCH_WAITING,
			  obstacle(g) ? obstacle(g) : "its address changed");
}

static void turn_held(struct guard *g, struct watch *w, uint64_t now_ms)
{
	uint64_t other = peers_claimed(&g->peers, &w->mac, now_ms);
	bool due;

	if (!w->wanted || g->paused || obstacle(g) || forbidden(g, w) ||
	    has_moved(g, w) || g->firewall.verdict == FIREWALL_DROPS) {
		tell_why_not_held(g, w);
		begin_restore(g, w, now_ms);
		set_changed(g);
		return;
	}
	if (other && other < g->peers.instance) {
		set_phase(g, w, MESSAGE_WATCH_PEER,
			  "another inspector watches it");
		set_step(g, w, STEP_YIELDING, now_ms);
		set_changed(g);
		return;
	}
	due = burst_due(&w->burst, now_ms);
	if (burst_due(&w->heard, now_ms)) {
		g->counters.repoisons++;
		due = true;
	}
	if (due || now_ms >= w->poison_ms)
		poison(g, w, now_ms);
	guard_due(g, w->poison_ms);
	guard_due(g, burst_next_ms(&w->burst));
	guard_due(g, burst_next_ms(&w->heard));
}

static int open_through(struct guard *g)
{
	struct wire wire;

	if (g->through >= 0)
		return 0;
	if (wire_open(g->lan.index, &g->lan.mac, ETH_P_IP, &wire))
		return ERR_IO;
	g->through = wire.socket;
	return 0;
}

/* Marks those whose packets still come to us, by the Ethernet source. What
 * the router still sends by us is for one of them: all are marked. */
static void read_through(struct guard *g)
{
	uint8_t buffer[WIRE_FRAME_MAX];
	struct wire wire = { .socket = g->through };
	struct wire_frame frame;

	for (int n = 0; g->through >= 0 && n < THROUGH_AT_ONCE; n++) {
		if (wire_receive(&wire, buffer, &frame))
			return;
		for (size_t i = 0; i < g->watch_count; i++)
			if (mac_equal(&frame.source, &g->watches[i].mac) ||
			    mac_equal(&frame.source, &g->gateway_mac))
				g->watches[i].leaks = true;
	}
}

static void listen_through(struct guard *g, struct watch *w)
{
	struct filter_device devices[MESSAGE_WATCH_MAX];
	struct filter_spec spec =
		spec_of(g, devices, devices_of(g, STEP_RESTORING, devices));
	static struct filter filter;

	w->listening = true;
	if (open_through(g) || filter_through_us(&spec, &filter) ||
	    attach_new(g->through, &filter))
		return;	 /* it is restored all the same, unverified */
	read_through(g); /* what came until now does not count */
	for (size_t i = 0; i < g->watch_count; i++)
		g->watches[i].leaks = false;
}

static void end_restore(struct guard *g, struct watch *w, uint64_t now_ms)
{
	g->counters.restores++;
	set_step(g, w, STEP_IDLE, now_ms);
	if (!w->wanted)
		set_phase(g, w, MESSAGE_WATCH_RESTORED, "");
	shorten_undo(g);
}

static void turn_restoring(struct guard *g, struct watch *w, uint64_t now_ms)
{
	struct arpcast_host device = { w->address, w->mac };
	struct arpcast_host gateway = hold_gateway(g);
	uint64_t last_ms = w->burst.start_ms + BURST_FIRM_MS;

	if (g->gone || (!g->linked && g->stopping)) {
		end_restore(g, w, now_ms);
		return;
	}
	if (!g->linked) { /* again when it is back */
		burst_start(&w->burst, burst_firm, now_ms + POISON_MS);
		w->step_ms = now_ms;
		return;
	}
	if (burst_due(&w->burst, now_ms) &&
	    !arpcast_restore(&g->arp, &device, &gateway))
		g->counters.arp_sent += 4;
	guard_due(g, burst_next_ms(&w->burst));
	if (burst_next_ms(&w->burst) != UINT64_MAX)
		return;
	if (now_ms < last_ms + RESTORE_SETTLE_MS) {
		guard_due(g, last_ms + RESTORE_SETTLE_MS);
		return;
	}
	if (!w->listening)
		listen_through(g, w);
	if (now_ms < last_ms + RESTORE_SETTLE_MS + RESTORE_LISTEN_MS) {
		guard_due(g, last_ms + RESTORE_SETTLE_MS + RESTORE_LISTEN_MS);
		return;
	}
	read_through(g);
	if (!w->leaks || now_ms - w->step_ms >= RESTORE_MOST_MS) {
		end_restore(g, w, now_ms);
		return;
	}
	w->listening = false;
	burst_start(&w->burst, burst_firm, now_ms);
	guard_due(g, now_ms);
}

static void turn_yielding(struct guard *g, struct watch *w, uint64_t now_ms)
{
	if (now_ms - w->step_ms < YIELD_MS) {
		guard_due(g, w->step_ms + YIELD_MS);
		return;
	}
	if (!peers_claimed(&g->peers, &w->mac, now_ms)) {
		/* it went, perhaps without restoring, or never was */
		if (!w->wanted)
			set_phase(g, w, MESSAGE_WATCH_RESTORING, "");
		begin_restore(g, w, now_ms);
		return;
	}
	set_step(g, w, STEP_IDLE, now_ms);
	shorten_undo(g);
}

static bool turn_one(struct guard *g, struct watch *w, uint64_t now_ms)
{
	switch (w->step) {
	case STEP_IDLE:
		if (w->wanted)
			turn_idle(g, w, now_ms);
		return w->step == STEP_RESOLVING &&
		       turn_resolving(g, w, now_ms);
	case STEP_RESOLVING:
		return turn_resolving(g, w, now_ms);
	case STEP_HELD:
		turn_held(g, w, now_ms);
		return false;
	case STEP_RESTORING:
		turn_restoring(g, w, now_ms);
		return false;
	case STEP_YIELDING:
		turn_yielding(g, w, now_ms);
		return false;
	}
	return false;
}

static void forget_unwanted(struct guard *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->watch_count; i++) {
		struct watch *w = &g->watches[i];

		if (!w->wanted && w->step == STEP_IDLE) {
			set_phase(g, w, MESSAGE_WATCH_RESTORED, "");
			continue;
		}
		if (kept != i)
			g->watches[kept] = *w;
		kept++;
	}
	g->watch_count = kept;
}

void hold_turn(struct guard *g, uint64_t now_ms)
{
	struct watch *ready[WATCHES_MAX];
	bool held = false;
	size_t count = 0;

	for (size_t i = 0; i < g->watch_count; i++)
		if (turn_one(g, &g->watches[i], now_ms))
			ready[count++] = &g->watches[i];
	if (count)
		begin_ready(g, ready, count, now_ms);
	for (size_t i = 0; i < g->watch_count; i++)
		held = held || g->watches[i].step == STEP_HELD;
	if (held)
		tell_peers(g, now_ms);
	put_settings_back(g);
	forget_unwanted(g);
}

static struct watch *find(struct guard *g, const struct mac *mac)
{
	for (size_t i = 0; i < g->watch_count; i++)
		if (mac_equal(&g->watches[i].mac, mac))
			return &g->watches[i];
	return NULL;
}

static void want(struct guard *g, const struct mac *mac, bool over_limit)
{
	struct watch *w = find(g, mac);

	if (!w) {
		if (g->watch_count == WATCHES_MAX) {
			g->counters.watches_refused++;
			return;
		}
		w = &g->watches[g->watch_count++];
		*w = (struct watch){ .mac = *mac };
	}
	if (!w->wanted) { /* flipped on: what was refused may try again */
		w->refused = false;
		w->releases = 0;
	}
	w->wanted = true;
	w->over_limit = over_limit;
	if (over_limit)
		g->counters.watches_refused++;
}

void hold_want_none(struct guard *g)
{
	for (size_t i = 0; i < g->watch_count; i++)
		g->watches[i].wanted = false;
}

static bool is_among(const struct mac *mac, const struct message_macs *set)
{
	for (uint32_t i = 0; i < set->count; i++)
		if (mac_equal(mac, &set->macs[i]))
			return true;
	return false;
}

void hold_want(struct guard *g, const struct message_macs *set)
{
	for (size_t i = 0; i < g->watch_count; i++)
		if (!is_among(&g->watches[i].mac, set))
			g->watches[i].wanted = false;
	for (uint32_t k = 0; k < set->count; k++)
		want(g, &set->macs[k], k >= g->config->max_devices);
	if (set->count > g->config->max_devices)
		guard_fault(g, MESSAGE_FAULT_LIMIT,
			    "sudo iot-inspector run --max-devices 100",
			    "%u devices are to be watched, and %zu may be at "
			    "once",
			    set->count, g->config->max_devices);
	else
		guard_fault_over(g, MESSAGE_FAULT_LIMIT);
}

static void answer(struct guard *g, const struct arp *arp)
{
	struct arpcast_host asker = { arp->sender_ip, arp->sender_mac };

	if (!arpcast_answer(&g->arp, &asker, &arp->target_ip))
		g->counters.arp_sent++;
}

static void say_again(struct guard *g, struct watch *w, uint64_t now_ms)
{
	if (now_ms - w->heard_ms < HEARD_LEAST_MS) {
		g->counters.rate_limited++;
		return;
	}
	w->heard_ms = now_ms;
	burst_start(&w->heard, burst_heard, now_ms);
	guard_due(g, now_ms);
}

void hold_heard(struct guard *g, const struct wire_frame *frame,
		const struct arp *arp, uint64_t now_ms)
{
	bool to_us = mac_equal(&frame->destination, &g->lan.mac);
	bool from_gateway = mac_equal(&arp->sender_mac, &g->gateway_mac);
	const struct addr *gateway = &g->lan.gateway;

	for (size_t i = 0; i < g->watch_count; i++) {
		struct watch *w = &g->watches[i];
		bool from_device = mac_equal(&arp->sender_mac, &w->mac) &&
				   addr_equal(&arp->sender_ip, &w->address);
		bool asks = addr_equal(&arp->target_ip,
				       from_device ? gateway : &w->address);
		bool announces = addr_equal(&arp->target_ip, &arp->sender_ip);

		if (w->step != STEP_HELD || !(from_device || from_gateway))
			continue;
		if (to_us && arp->op == 1 && asks)
			answer(g, arp);
		else if (!to_us && (from_device || asks || announces))
			say_again(g, w, now_ms);
	}
}

static void report_bad(struct guard *g, struct watch *w,
		       enum path_verdict verdict, uint64_t now_ms)
{
	const char *text = path_verdict_text(verdict);
	bool ours = verdict == PATH_BLACK_OUT || verdict == PATH_BLACK_IN ||
		    verdict == PATH_LOSSY;

	if (ours && g->firewall.verdict != FIREWALL_OPEN)
		guard_fault(g, MESSAGE_FAULT_FIREWALL, g->firewall.remedy,
			    "%s on this computer drops what it should pass "
			    "on: the devices were given back",
			    g->firewall.who);
	else
		guard_fault(g, MESSAGE_FAULT_PATH, "",
			    "a device was given back: %s", text);
	release(g, w, text, now_ms);
	/* as long as the rules are the same, to try again does harm again */
	if (ours && g->firewall.verdict != FIREWALL_OPEN)
		w->retry_ms = UINT64_MAX;
}

void hold_report(struct guard *g, const struct message_forwarded *f)
{
	uint64_t now_ms = clock_ms();

	for (uint32_t i = 0; i < f->count; i++) {
		struct watch *w = find(g, &f->paths[i].mac);
		enum path_verdict verdict;

		if (!w || w->step != STEP_HELD)
			continue;
		path_report(&w->path, &f->paths[i]);
		verdict = path_judge(&w->path);
		if (verdict == PATH_GOOD) {
			w->releases = 0;
			set_phase(g, w, MESSAGE_WATCH_ACTIVE, "");
			guard_fault_over(g, MESSAGE_FAULT_PATH);
			guard_fault_over(g, MESSAGE_FAULT_FIREWALL);
		} else if (verdict != PATH_UNKNOWN) {
			report_bad(g, w, verdict, now_ms);
		}
	}
}

void hold_retry(struct guard *g)
{
	for (size_t i = 0; i < g->watch_count; i++)
		g->watches[i].refused = false;
}
