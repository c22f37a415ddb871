// SPDX-License-Identifier: GPL-3.0-or-later
#include "discover/ask.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "decode/dns.h"
#include "decode/ssdp.h"
#include "discover/place.h"

#define MDNS_PORT 5353
#define SSDP_PORT 1900
/* RFC 6763 9 */
#define ALL_SERVICES "_services._dns-sd._udp.local"

#define DATAGRAM_BYTES 9000
#define QUESTION_BYTES 512
#define LABEL_MAX      63
#define CLASS_IN       1

struct target {
	struct addr device; /* family 0: unused */
	uint64_t until_ms;
	uint32_t index; /* of the interface, for IPv6 */
	int fd;		/* -1: not asked (any more) */
	uint16_t id;	/* of our questions to it */
	size_t answers, clues;
	bool described;
	char services[ASK_SERVICES_MAX][ASK_SERVICE_BYTES];
	size_t service_count;
};

struct ask {
	struct addr own;
	struct ask_hearers hearers;
	struct ask_counters counters;
	struct target targets[ASK_DEVICES_MAX];
};

int ask_open(const struct addr *own, const struct ask_hearers *hearers,
	     struct ask **out)
{
	struct ask *ask;

	if (!own->family)
		return ERR_IO;
	ask = calloc(1, sizeof(*ask));
	if (!ask)
		return ERR_NOMEM;
	ask->own = *own;
	ask->hearers = *hearers;
	for (size_t i = 0; i < ASK_DEVICES_MAX; i++)
		ask->targets[i].fd = -1;
	*out = ask;
	return 0;
}

static void end(struct target *target)
{
	if (target->fd >= 0)
		close(target->fd);
	*target = (struct target){ .fd = -1 };
}

/* From a port and with an id that nobody else was told. By IPv6 the interface
 * says from where. */
static int begin(struct target *target, const struct addr *own,
		 const struct addr *device, uint32_t index, uint64_t now_ms)
{
	struct place local = place_of(own, 0, 0);
	bool v4 = device->family == 4;

	end(target);
	target->fd = socket(v4 ? AF_INET : AF_INET6,
			    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (target->fd < 0 || (v4 && bind(target->fd, &local.any, local.len)) ||
	    getrandom(&target->id, sizeof(target->id), 0) !=
		    sizeof(target->id)) {
		end(target);
		return ERR_IO;
	}
	target->device = *device;
	target->index = index;
	target->until_ms = now_ms + ASK_MS;
	return 0;
}

void ask_close(struct ask *ask)
{
	if (!ask)
		return;
	for (size_t i = 0; i < ASK_DEVICES_MAX; i++)
		end(&ask->targets[i]);
	free(ask);
}

static void send_to(const struct target *target, uint16_t port,
		    struct slice bytes)
{
	struct place to = place_of(&target->device, target->index, port);

	/* not sent, it is asked again some hours later */
	(void)!sendto(target->fd, bytes.data, bytes.len, 0, &to.any, to.len);
}

/* Labels without anything that is to be escaped. */
static bool put_name(struct buf *out, const char *name)
{
	while (*name) {
		size_t length = strcspn(name, ".");

		if (!length || length > LABEL_MAX)
			return false;
		for (size_t i = 0; i < length; i++)
			if (!isalnum((unsigned char)name[i]) &&
			    name[i] != '-' && name[i] != '_')
				return false;
		buf_u8(out, (uint8_t)length);
		buf_append(out, name, length);
		name += length + (name[length] == '.');
	}
	buf_u8(out, 0);
	return true;
}

/* Who points to what, of this name? */
static void send_question(const struct target *target, const char *name)
{
	struct buf question;

	buf_init(&question, QUESTION_BYTES);
	buf_u16(&question, target->id);
	buf_u16(&question, 0); /* a query */
	buf_u16(&question, 1);
	for (int section = 0; section < 3; section++)
		buf_u16(&question, 0);
	if (put_name(&question, name)) {
		buf_u16(&question, DNS_TYPE_PTR);
		buf_u16(&question, CLASS_IN);
		if (!buf_check(&question))
			send_to(target, MDNS_PORT, buf_slice(&question));
	}
	buf_done(&question);
}

static void send_search(const struct target *target)
{
	char address[ADDR_TEXT_BYTES], text[QUESTION_BYTES];
	bool v6 = target->device.family == 6;
	int length =
		snprintf(text, sizeof(text),
			 "M-SEARCH * HTTP/1.1\r\n"
			 "HOST: %s%s%s:%d\r\n"
			 "MAN: \"ssdp:discover\"\r\n"
			 "MX: 1\r\n"
			 "ST: upnp:rootdevice\r\n\r\n",
			 v6 ? "[" : "", addr_format(&target->device, address),
			 v6 ? "]" : "", SSDP_PORT);

	send_to(target, SSDP_PORT, slice_of(text, (size_t)length));
}

static struct target *target_of(struct ask *ask, const struct addr *device,
				uint64_t now_ms)
{
	for (size_t i = 0; i < ASK_DEVICES_MAX; i++)
		if (ask->targets[i].until_ms > now_ms &&
		    addr_equal(&ask->targets[i].device, device))
			return &ask->targets[i];
	return NULL;
}

int ask_device(struct ask *ask, const struct addr *device, uint32_t index,
	       uint64_t now_ms)
{
	struct target *target = target_of(ask, device, now_ms);

	if (device->family == 4 ? ask->own.family != 4
				: (device->family != 6 ||
				   !addr_is_link_local(device) || !index))
		return ERR_INVALID;

	for (size_t i = 0; !target && i < ASK_DEVICES_MAX; i++)
		if (ask->targets[i].until_ms <= now_ms)
			target = &ask->targets[i];
	if (!target || begin(target, &ask->own, device, index, now_ms))
		return ERR_LIMIT;
	ask->counters.devices++;
	send_question(target, ALL_SERVICES);
	send_search(target);
	return 0;
}

static void tell(struct ask *ask, struct target *target,
		 enum record_clue_kind kind, struct slice text)
{
	if (!text.len)
		return;
	if (target->clues == ASK_CLUES_MAX) {
		ask->counters.refused++;
		return;
	}
	target->clues++;
	ask->hearers.clue(ask->hearers.user, &target->device, kind, text);
}

/* It has this kind of service: which, and what is it? */
static void ask_further(struct ask *ask, struct target *target,
			const char *service)
{
	if (strlen(service) >= ASK_SERVICE_BYTES)
		return;
	for (size_t i = 0; i < target->service_count; i++)
		if (!strcasecmp(target->services[i], service))
			return;
	if (target->service_count == ASK_SERVICES_MAX) {
		ask->counters.refused++;
		return;
	}
	snprintf(target->services[target->service_count++], ASK_SERVICE_BYTES,
		 "%s", service);
	send_question(target, service);
}

static bool ends_in(const char *text, const char *tail)
{
	size_t n = strlen(text), m = strlen(tail);

	return n >= m && !strcasecmp(text + n - m, tail);
}

static void take_pointer(struct ask *ask, struct target *target,
			 const struct dns_message *message, const char *name,
			 const struct dns_record *record)
{
	char to[DNS_NAME_TEXT_BYTES];

	if (dns_name_text(message, record->data_at, to) ||
	    (!ends_in(name, "._tcp.local") && !ends_in(name, "._udp.local")))
		return;
	if (!strcasecmp(name, ALL_SERVICES)) {
		tell(ask, target, RECORD_CLUE_MDNS_SERVICE, slice_text(to));
		ask_further(ask, target, to);
		return;
	}
	tell(ask, target, RECORD_CLUE_MDNS_INSTANCE, slice_text(to));
}

/* Each string of a TXT record: key=value (RFC 6763 6.3). */
static void take_texts(struct ask *ask, struct target *target,
		       struct slice data)
{
	struct cursor at = cursor_slice(data);

	while (cursor_left(&at)) {
		struct slice text = cursor_take(&at, cursor_u8(&at));

		if (cursor_ok(&at))
			tell(ask, target, RECORD_CLUE_MDNS_TXT, text);
	}
}

/* Of A and AAAA. */
static bool is_its_address(const struct target *target,
			   const struct dns_record *record)
{
	bool v4 = target->device.family == 4;
	size_t len = v4 ? 4 : 16;

	return record->type == (v4 ? DNS_TYPE_A : DNS_TYPE_AAAA) &&
	       record->data.len == len &&
	       !memcmp(record->data.data, target->device.b, len);
}

static int take_mdns(struct ask *ask, struct target *target, struct slice bytes)
{
	char name[DNS_NAME_TEXT_BYTES];
	struct dns_message message;
	struct dns_record record;
	struct dns_walk walk;
	int err = dns_decode(bytes, &message);

	if (err || !message.response || message.id != target->id)
		return err ? err : ERR_MALFORMED;
	dns_walk_init(&walk, &message);
	while ((err = dns_next_record(&walk, &record)) > 0) {
		if (dns_name_text(&message, record.name_at, name))
			continue;
		if (record.type == DNS_TYPE_PTR)
			take_pointer(ask, target, &message, name, &record);
		else if (record.type == DNS_TYPE_TXT)
			take_texts(ask, target, record.data);
		else if (is_its_address(target, &record))
			tell(ask, target, RECORD_CLUE_MDNS_HOST,
			     slice_text(name));
	}
	return err;
}

static int take_ssdp(struct ask *ask, struct target *target, struct slice bytes)
{
	struct ssdp ssdp;
	int err = ssdp_decode(bytes, &ssdp);

	if (err || ssdp.kind != SSDP_RESPONSE)
		return err ? err : ERR_MALFORMED;
	tell(ask, target, RECORD_CLUE_SSDP_SERVER, ssdp.server);
	tell(ask, target, RECORD_CLUE_SSDP_USN, ssdp.usn);
	tell(ask, target, RECORD_CLUE_SSDP_TYPE, ssdp.st);
	tell(ask, target, RECORD_CLUE_SSDP_LOCATION, ssdp.location);
	if (ssdp.location.len && !target->described) {
		target->described = true;
		ask->hearers.description(ask->hearers.user, &target->device,
					 target->index, ssdp.location);
	}
	return 0;
}

/* The port, in *port, when it is the device that was asked that answers. */
static bool is_from(const struct target *target, const struct place *from,
		    uint16_t *port)
{
	if (target->device.family == 4 && from->any.sa_family == AF_INET) {
		*port = ntohs(from->v4.sin_port);
		return !memcmp(target->device.b, &from->v4.sin_addr, 4);
	}
	*port = ntohs(from->v6.sin6_port);
	return target->device.family == 6 && from->any.sa_family == AF_INET6 &&
	       from->v6.sin6_scope_id == target->index &&
	       !memcmp(target->device.b, &from->v6.sin6_addr, 16);
}

static void take(struct ask *ask, struct target *target,
		 const struct place *from, struct slice bytes)
{
	uint16_t port;
	int err;

	if (!is_from(target, from, &port) ||
	    target->answers == ASK_ANSWERS_MAX) {
		ask->counters.refused++;
		return;
	}
	target->answers++;
	err = port == MDNS_PORT ? take_mdns(ask, target, bytes)
				: take_ssdp(ask, target, bytes);
	if (err)
		ask->counters.malformed++;
	else
		ask->counters.answers++;
}

void ask_poll(const struct ask *ask, struct pollfd out[ASK_DEVICES_MAX])
{
	for (size_t i = 0; i < ASK_DEVICES_MAX; i++)
		out[i] = (struct pollfd){ .fd = ask->targets[i].fd,
					  .events = POLLIN };
}

static void read_answers(struct ask *ask, struct target *target)
{
	static uint8_t bytes[DATAGRAM_BYTES];

	for (int i = 0; i < ASK_AT_ONCE; i++) {
		struct place from = { .len = sizeof(from.v6) };
		ssize_t got = recvfrom(target->fd, bytes, sizeof(bytes), 0,
				       &from.any, &from.len);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		/* else it is what ICMP says: that device does not answer */
		if (got > 0)
			take(ask, target, &from, slice_of(bytes, (size_t)got));
	}
}

void ask_run(struct ask *ask, uint64_t now_ms)
{
	for (size_t i = 0; i < ASK_DEVICES_MAX; i++) {
		if (ask->targets[i].fd < 0)
			continue;
		if (ask->targets[i].until_ms > now_ms)
			read_answers(ask, &ask->targets[i]);
		else
			end(&ask->targets[i]);
	}
}

const struct addr *ask_own(const struct ask *ask)
{
	return &ask->own;
}

const struct ask_counters *ask_counters(const struct ask *ask)
{
	return &ask->counters;
}
