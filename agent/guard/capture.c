// SPDX-License-Identifier: GPL-3.0-or-later

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guard/clock.h"
#include "guard/state.h"

size_t capture_devices(const struct guard *g, enum step step,
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

/* Those intercepted, be it of one kind of traffic only. */
static size_t held_devices(const struct guard *g,
			   struct filter_device out[MESSAGE_WATCH_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < g->watch_count && count < MESSAGE_WATCH_MAX;
	     i++) {
		const struct watch *w = &g->watches[i];

		if (w->step != STEP_HELD && w->six.step != STEP_HELD)
			continue;
		out[count] = (struct filter_device){ .mac = w->mac };
		if (w->step == STEP_HELD)
			out[count].address = w->address;
		count++;
	}
	return count;
}

size_t capture_addresses6(const struct guard *g, enum step step,
			  struct addr out[FILTER_SIX_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < g->watch_count; i++) {
		const struct watch6 *six = &g->watches[i].six;

		for (size_t k = 0; six->step == step && k < six->count &&
				   count < FILTER_SIX_MAX;
		     k++)
			out[count++] = six->addresses[k];
	}
	return count;
}

struct filter_spec capture_spec(const struct guard *g,
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
		.router6 = g->six.router_mac,
		.own6 = g->six.own,
		.own6_count = g->six.own_count,
		.six_key = g->six.key,
	};
}

/* A socket's filters, old and new, have one small budget of memory in the
 * kernel (net.core.optmem_max): when both do not fit, the old one makes room
 * by one that lets nothing pass. */
bool capture_has_room(const struct guard *g)
{
	struct filter_device devices[MESSAGE_WATCH_MAX];
	struct filter_spec spec =
		capture_spec(g, devices, held_devices(g, devices));
	static struct addr addresses[FILTER_SIX_MAX];
	static struct filter filter;

	spec.six = addresses;
	spec.six_count = capture_addresses6(g, STEP_HELD, addresses);
	return spec.six_count < FILTER_SIX_MAX &&
	       !filter_capture(&spec, &filter);
}

int capture_attach(int fd, const struct filter *filter)
{
	if (!filter_attach(fd, filter))
		return 0;
	if (filter_attach_nothing(fd))
		return ERR_IO;
	return filter_attach(fd, filter);
}

void capture_filter(struct guard *g)
{
	struct filter_device devices[MESSAGE_WATCH_MAX];
	struct filter_spec spec =
		capture_spec(g, devices, held_devices(g, devices));
	static struct addr addresses[FILTER_SIX_MAX];
	static struct filter filter;
	int err;

	if (g->capture < 0)
		return;
	spec.six = addresses;
	spec.six_count = capture_addresses6(g, STEP_HELD, addresses);
	err = filter_capture(&spec, &filter);
	if (err)
		(void)!filter_attach_nothing(g->capture);
	else
		err = capture_attach(g->capture, &filter);
	if (err)
		guard_fault(g, MESSAGE_FAULT_SYSTEM,
			    "sudo sysctl net.core.optmem_max=131072",
			    "the kernel did not take the capture filter (%s): "
			    "nothing is read",
			    err == ERR_IO ? strerror(errno) : err_text(err));
}

void capture_tell_watched(struct guard *g)
{
	struct message m = { .type = MESSAGE_WATCHED, .fd = -1 };

	for (size_t i = 0; i < g->watch_count; i++)
		if ((g->watches[i].step == STEP_HELD ||
		     g->watches[i].six.step == STEP_HELD) &&
		    m.watched.count < MESSAGE_WATCH_MAX)
			m.watched.devices[m.watched.count++] =
				(struct message_watched_device){
					g->watches[i].mac, g->watches[i].address
				};
	guard_tell_engine(g, &m);
}

static int open_capture(struct guard *g)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = g->lan.index,
	};
	struct packet_mreq groups = {
		.mr_ifindex = g->lan.index,
		.mr_type = PACKET_MR_ALLMULTI,
	};

	if (fd < 0)
		return ERR_IO;
	/* nothing is heard unless capture_filter() has its way */
	if (filter_attach_nothing(fd)) {
		close(fd);
		return ERR_IO;
	}
	if (g->capture >= 0)
		close(g->capture);
	g->capture = fd;
	capture_filter(g);
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &groups,
		       sizeof(groups)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return ERR_IO;
	return 0;
}

bool capture_is_of_another(const struct guard *g)
{
	return !addr_equal(&g->given_address.addr, &g->lan.address.addr) ||
	       g->given_address.bits != g->lan.address.bits ||
	       !mac_equal(&g->given_gateway, &g->gateway_mac);
}

void capture_give(struct guard *g)
{
	struct message m = { .type = MESSAGE_CAPTURE };

	if (!g->active || g->engine < 0 || mac_is_zero(&g->gateway_mac))
		return;
	if (open_capture(g)) {
		guard_fault(g, MESSAGE_FAULT_SYSTEM, "",
			    "could not open the capture socket: %s",
			    strerror(errno));
		return;
	}
	g->reported_ms = clock_ms();
	g->given_address = g->lan.address;
	g->given_gateway = g->gateway_mac;
	m.fd = g->capture;
	m.capture = (struct message_capture){
		.interface_index = (uint32_t)g->lan.index,
		.own = g->lan.mac,
		.gateway = g->gateway_mac,
		.address = g->lan.address,
		.gateway_address = g->lan.gateway,
	};
	guard_tell_engine(g, &m);
	lan6_tell_engine(g);
	capture_tell_watched(g);
}
