// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/summary.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "judge/endpoint.h"
#include "judge/sentence.h"
#include "know/oui.h"
#include "know/suite.h"
#include "read/identities.h"
#include "read/names.h"
#include "read/units.h"
#include "read/verdicts.h"

/* As the observer's own limit, with room for several files. */
#define DEVICES_MAX 131072u
/* Names that devices have for themselves. */
#define TEXTS_MAX_BYTES ((size_t)16 << 20)
/* Ports below are servers' (RFC 6335 6: system ports). */
#define SYSTEM_PORTS 1024u

enum {
	IP_ICMP = 1,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_ICMPV6 = 58,
};

/* The highest version that a ClientHello offers. */
enum version {
	VERSION_UNKNOWN,
	VERSION_SSL,
	VERSION_10,
	VERSION_11,
	VERSION_12,
	VERSION_13,
	VERSIONS,
};

static const char *const version_names[VERSIONS] = {
	"an unknown version", "SSL", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3",
};

struct device {
	struct mac mac;
	struct addr addr;
	bool is_gateway;
	struct slice hostname;
	uint64_t in_bytes, out_bytes;
	uint64_t hellos[VERSIONS];
	uint64_t weak_hellos;
	unsigned weakness; /* of any suite offered */
	uint64_t http_requests;
	struct endpoint *endpoints; /* chained, newest first */
};

/* Zeroed before it is filled: compared as bytes. */
struct endpoint_key {
	struct mac device;
	struct addr addr;
	uint16_t port; /* of the server, as far as can be told */
	uint8_t protocol;
	bool is_ours; /* the port is the device's own */
};

struct endpoint {
	struct endpoint *next;
	struct addr addr;
	uint16_t port;
	uint8_t protocol;
	bool is_ours, is_local, has_application;
	enum record_application application;
	uint64_t in_bytes, out_bytes, last_ns;
	struct names_answer name;
};

struct summary {
	struct summary_sources from;
	struct table devices;
	struct table endpoints;
	struct arena texts;
	uint64_t refused;
};

struct summary *summary_new(const struct summary_sources *sources,
			    uint64_t seed)
{
	struct summary *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->from = *sources;
	table_init(&s->devices, sizeof(struct mac), sizeof(struct device),
		   DEVICES_MAX, seed);
	table_init(&s->endpoints, sizeof(struct endpoint_key),
		   sizeof(struct endpoint), SUMMARY_ENDPOINTS_MAX, seed);
	arena_init(&s->texts, TEXTS_MAX_BYTES);
	return s;
}

void summary_free(struct summary *s)
{
	if (!s)
		return;
	table_done(&s->devices);
	table_done(&s->endpoints);
	arena_done(&s->texts);
	free(s);
}

/* The end that serves has the lower port, if only one is a system port; else
 * whoever did not open the flow. */
static bool device_serves(const struct record_flow *f)
{
	bool ours = f->device_port < SYSTEM_PORTS;
	bool theirs = f->remote_port < SYSTEM_PORTS;

	if (ours != theirs)
		return ours;
	return f->opener == RECORD_OPENER_REMOTE;
}

static void add_flow(struct summary *s, struct device *d,
		     const struct record_flow *f)
{
	struct endpoint_key key;
	struct endpoint *e;
	bool fresh;

	d->in_bytes += f->in_bytes;
	d->out_bytes += f->out_bytes;
	memset(&key, 0, sizeof(key));
	key.device = d->mac;
	key.addr = f->remote;
	key.protocol = f->protocol;
	key.is_ours = device_serves(f);
	key.port = key.is_ours ? f->device_port : f->remote_port;
	e = table_get(&s->endpoints, &key, &fresh);
	if (!e) {
		s->refused++;
		return;
	}
	if (fresh) {
		e->addr = key.addr;
		e->port = key.port;
		e->protocol = key.protocol;
		e->is_ours = key.is_ours;
		e->next = d->endpoints;
		d->endpoints = e;
	}
	e->is_local = f->local;
	e->in_bytes += f->in_bytes;
	e->out_bytes += f->out_bytes;
	if (f->last_ns > e->last_ns)
		e->last_ns = f->last_ns;
}

/* What a conversation turned out to be, which the device began. */
static void add_service(struct summary *s, const struct device *d,
			const struct record_service *service)
{
	struct endpoint_key key;
	struct endpoint *e;

	memset(&key, 0, sizeof(key));
	key.device = d->mac;
	key.addr = service->remote;
	key.protocol = service->protocol;
	key.port = service->remote_port;
	e = table_find(&s->endpoints, &key);
	if (!e)
		return;
	e->has_application = true;
	e->application = service->application;
}

static enum version version_of(uint16_t highest)
{
	if (!highest)
		return VERSION_UNKNOWN;
	if (highest < 0x0301)
		return VERSION_SSL;
	if (highest > 0x0303)
		return VERSION_13;
	return VERSION_10 + (highest - 0x0301);
}

static void add_hello(struct device *d, const struct record_hello *h)
{
	unsigned weakness = 0;

	for (size_t i = 0; i + 2 <= h->cipher_suites.len; i += 2) {
		const uint8_t *p = h->cipher_suites.data + i;

		weakness |= suite_weakness((uint16_t)(p[0] << 8 | p[1]));
	}
	d->hellos[version_of(h->highest_version)]++;
	d->weakness |= weakness;
	d->weak_hellos += weakness != 0;
}

void summary_add_window(struct summary *s, const struct record_window *w)
{
	bool fresh;
	struct device *d = table_get(&s->devices, &w->device, &fresh);

	if (!d) {
		s->refused++;
		return;
	}
	d->mac = w->device;
	d->is_gateway = w->is_gateway;
	for (size_t i = 0; i < w->addr_count; i++)
		if (!d->addr.family || w->addrs[i].family == 4)
			d->addr = w->addrs[i];
	for (size_t i = 0; i < w->flow_count; i++)
		add_flow(s, d, &w->flows[i]);
	for (size_t i = 0; i < w->hello_count; i++)
		add_hello(d, &w->hellos[i]);
	for (size_t i = 0; i < w->service_count; i++)
		add_service(s, d, &w->services[i]);
	d->http_requests += w->http_count;
	for (size_t i = 0; i < w->clue_count; i++) {
		const struct record_clue *clue = &w->clues[i];

		if (clue->kind == RECORD_CLUE_DHCP_HOSTNAME &&
		    !slice_equal(d->hostname, clue->text))
			d->hostname =
				slice_of(arena_copy(&s->texts, clue->text.data,
						    clue->text.len),
					 clue->text.len);
	}
}

static void put_endpoint_name(struct buf *out, const struct endpoint *e)
{
	char addr[ADDR_TEXT_BYTES];
	struct buf name;

	buf_init(&name, out->max);
	if (e->name.name.data) {
		text_escape(&name, e->name.name);
		if (e->name.inferred)
			buf_puts(&name, "?");
	} else {
		buf_puts(&name, addr_format(&e->addr, addr));
	}
	buf_printf(out, "%-44s ", buf_text(&name));
	buf_done(&name);
}

static void put_protocol(struct buf *out, const struct endpoint *e)
{
	char text[32];

	switch (e->protocol) {
	case IP_TCP:
	case IP_UDP:
		(void)snprintf(text, sizeof(text), "%s%s %u",
			       e->is_ours ? "to its " : "",
			       e->protocol == IP_TCP ? "tcp" : "udp", e->port);
		break;
	case IP_ICMP:
	case IP_ICMPV6:
		(void)snprintf(text, sizeof(text), "icmp");
		break;
	default:
		(void)snprintf(text, sizeof(text), "ip %u", e->protocol);
		break;
	}
	buf_printf(out, "%-17s", text);
}

/* What the device does with it, in words. */
static void put_sentence(const struct summary *s, const struct endpoint *e,
			 const char *vendor, struct buf *out)
{
	struct endpoint_facts facts = {
		.name = e->name.name,
		.source = e->name.inferred
				  ? ENDPOINT_OTHER
				  : endpoint_own_source(e->name.source),
		.addr = e->addr,
		.local = e->is_local,
		.protocol = e->protocol,
		.port = e->port,
		.serves = e->is_ours,
		.has_application = e->has_application,
		.application = e->application,
		.vendor = vendor,
		.named = lan_names(&s->from.verdicts->lan, &e->addr),
	};
	struct endpoint_verdict verdict;

	if (!facts.name.len)
		facts.source = ENDPOINT_UNNAMED;
	endpoint_judge(&s->from.verdicts->know, &facts, &verdict);
	buf_puts(out, "      ");
	sentence_put(out, &s->from.verdicts->know, &facts, &verdict);
	buf_puts(out, "\n");
}

static void put_endpoint(const struct summary *s, const struct endpoint *e,
			 const char *vendor, struct buf *out)
{
	buf_puts(out, "    ");
	put_endpoint_name(out, e);
	put_protocol(out, e);
	units_put_bytes(out, e->out_bytes);
	buf_puts(out, " out");
	units_put_bytes(out, e->in_bytes);
	buf_puts(out, e->is_local ? " in, local\n" : " in\n");
	if (!e->is_local)
		put_sentence(s, e, vendor, out);
}

static int compare_endpoints(const void *left, const void *right)
{
	const struct endpoint *a = *(const struct endpoint *const *)left;
	const struct endpoint *b = *(const struct endpoint *const *)right;
	uint64_t x = a->in_bytes + a->out_bytes, y = b->in_bytes + b->out_bytes;

	if (a->is_local != b->is_local)
		return a->is_local ? 1 : -1;
	if (x != y)
		return x < y ? 1 : -1;
	return memcmp(&a->addr, &b->addr, sizeof(a->addr));
}

static bool same_name(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && a->protocol == b->protocol &&
	       a->is_ours == b->is_ours && a->is_local == b->is_local &&
	       a->name.name.data && b->name.name.data &&
	       slice_equal(a->name.name, b->name.name);
}

static int compare_names(const void *left, const void *right)
{
	const struct endpoint *a = *(const struct endpoint *const *)left;
	const struct endpoint *b = *(const struct endpoint *const *)right;
	size_t n = a->name.name.len < b->name.name.len ? a->name.name.len
						       : b->name.name.len;
	int order = n ? memcmp(a->name.name.data, b->name.name.data, n) : 0;

	if (!order && a->name.name.len != b->name.name.len)
		order = a->name.name.len < b->name.name.len ? -1 : 1;
	if (!order && a->protocol != b->protocol)
		order = a->protocol < b->protocol ? -1 : 1;
	if (!order && a->port != b->port)
		order = a->port < b->port ? -1 : 1;
	if (!order && a->is_ours != b->is_ours)
		order = a->is_ours ? 1 : -1;
	if (!order && a->is_local != b->is_local)
		order = a->is_local ? 1 : -1;
	return order;
}

/* Addresses of one name are one endpoint. Returns how many are left. */
static size_t join_by_name(struct endpoint **list, size_t count)
{
	size_t kept = 0;

	qsort(list, count, sizeof(*list), compare_names);
	for (size_t i = 0; i < count; i++) {
		if (kept && same_name(list[kept - 1], list[i])) {
			list[kept - 1]->in_bytes += list[i]->in_bytes;
			list[kept - 1]->out_bytes += list[i]->out_bytes;
		} else {
			list[kept++] = list[i];
		}
	}
	return kept;
}

static int put_endpoints(struct summary *s, const struct device *d,
			 struct buf *out)
{
	struct endpoint **list;
	struct identity identity;
	size_t count = 0, i = 0;

	for (struct endpoint *e = d->endpoints; e; e = e->next)
		count++;
	if (!count)
		return 0;
	list = calloc(count, sizeof(*list));
	if (!list)
		return ERR_NOMEM;
	for (struct endpoint *e = d->endpoints; e; e = e->next) {
		struct names_question question = { .device = &d->mac,
						   .addr = &e->addr,
						   .time_ns = e->last_ns };

		e->name = names_find(s->from.names, &question);
		list[i++] = e;
	}
	count = join_by_name(list, count);
	qsort(list, count, sizeof(*list), compare_endpoints);
	identities_judge(s->from.identities, &d->mac, &identity);
	for (i = 0; i < count && i < SUMMARY_ENDPOINTS_SHOWN; i++)
		put_endpoint(s, list[i], identity.vendor, out);
	if (i < count)
		buf_printf(out, "    and %zu more\n", count - i);
	free(list);
	return 0;
}

static void put_tls(const struct device *d, struct buf *out)
{
	const char *comma = " ";
	uint64_t hellos = 0;

	for (size_t i = 0; i < VERSIONS; i++)
		hellos += d->hellos[i];
	if (hellos)
		buf_printf(out, "    TLS hellos: %" PRIu64 ", which offer",
			   hellos);
	for (size_t i = VERSIONS; i-- > 0;) {
		if (!d->hellos[i])
			continue;
		buf_printf(out, "%s%s (%" PRIu64 ")", comma, version_names[i],
			   d->hellos[i]);
		comma = ", ";
	}
	if (d->weak_hellos) {
		buf_printf(out, "; weak suites in %" PRIu64 ":",
			   d->weak_hellos);
		comma = " ";
		for (unsigned bit = 1; bit <= d->weakness; bit <<= 1) {
			if (!(d->weakness & bit))
				continue;
			buf_printf(out, "%s%s", comma,
				   suite_weakness_name(bit));
			comma = ", ";
		}
	}
	if (hellos)
		buf_puts(out, "\n");
	if (d->http_requests)
		buf_printf(out,
			   "    HTTP requests, not encrypted: %" PRIu64 "\n",
			   d->http_requests);
}

/* What it is taken for, and whether it is somebody's computer. */
static void put_identity(const struct summary *s, const struct device *d,
			 struct buf *out)
{
	static const char *const sides[] = {
		[IDENTITY_UNKNOWN] = "may be a computer or not",
		[IDENTITY_THING] = "no computer",
		[IDENTITY_COMPUTER] = "somebody's computer",
	};
	char text[IDENTITIES_TEXT_BYTES];
	struct identity identity;

	identities_judge(s->from.identities, &d->mac, &identity);
	if (!identity.confidence && identity.verdict == IDENTITY_UNKNOWN)
		return;
	buf_puts(out, "    ");
	if (identity.confidence) {
		buf_puts(out, "looks like: ");
		text_escape(out,
			    slice_text(identities_describe(&identity, text)));
		buf_printf(out, " (%u %% sure); ", identity.confidence);
	}
	buf_puts(out, sides[identity.verdict]);
	if (identity.verdict != IDENTITY_UNKNOWN)
		buf_printf(out, " (%u %%)", identity.verdict_confidence);
	buf_puts(out, "\n");
}

static int put_device(struct summary *s, const struct device *d,
		      struct buf *out)
{
	const char *vendor = oui_vendor_by(&s->from.verdicts->know, &d->mac);
	char mac[MAC_TEXT_BYTES], addr[ADDR_TEXT_BYTES];

	buf_printf(out, "\n%s  %s", mac_format(&d->mac, mac),
		   addr_format(&d->addr, addr));
	if (d->hostname.len) {
		buf_puts(out, "  \"");
		text_escape(out, d->hostname);
		buf_puts(out, "\"");
	}
	if (vendor) {
		buf_puts(out, "  ");
		text_escape(out, slice_text(vendor));
	}
	buf_puts(out, d->is_gateway ? "  (the router)\n" : "\n");
	put_identity(s, d, out);
	buf_puts(out, "   ");
	units_put_bytes(out, d->out_bytes);
	buf_puts(out, " out");
	units_put_bytes(out, d->in_bytes);
	buf_puts(out, " in\n");
	put_tls(d, out);
	verdicts_put(s->from.verdicts, &d->mac, out);
	return put_endpoints(s, d, out);
}

static void put_time(struct buf *out, uint64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[32];

	if (gmtime_r(&t, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		buf_puts(out, text);
	else
		buf_printf(out, "second %" PRIu64, seconds);
}

static void put_total(const struct summary *s,
		      const struct summary_total *total, struct buf *out)
{
	const struct record_counters *c = total->counters;

	buf_printf(out, "%" PRIu64 " frames, %" PRIu64 " bytes", c->frames,
		   c->bytes);
	if (c->frames) {
		buf_puts(out, ", ");
		put_time(out, total->first_s);
		buf_puts(out, " to ");
		put_time(out, total->last_s);
		buf_puts(out, " UTC");
	}
	buf_printf(out, "\n%" PRIu32 " %s\n", s->devices.count,
		   s->devices.count == 1 ? "device" : "devices");
	if (!oui_count())
		buf_puts(out, "vendors are not known: this program was built "
			      "without their list\n");
}

static int compare_devices(const void *left, const void *right)
{
	const struct device *a = *(const struct device *const *)left;
	const struct device *b = *(const struct device *const *)right;
	uint64_t x = a->in_bytes + a->out_bytes, y = b->in_bytes + b->out_bytes;

	if (x != y)
		return x < y ? 1 : -1;
	return memcmp(&a->mac, &b->mac, sizeof(a->mac));
}

/* What was not read, or not read whole: each counter that is not 0. */
static void put_counters(const struct summary *s,
			 const struct record_counters *counters,
			 struct buf *out)
{
	buf_puts(out, "\n");
	for (size_t i = 0; i < record_counter_field_count; i++) {
		const struct record_counter_field *f =
			&record_counter_fields[i];
		uint64_t value;

		memcpy(&value, (const uint8_t *)counters + f->offset,
		       sizeof(value));
		if (value &&
		    f->offset != offsetof(struct record_counters, frames) &&
		    f->offset != offsetof(struct record_counters, bytes))
			buf_printf(out, "%s: %" PRIu64 "\n", f->name, value);
	}
	if (s->refused)
		buf_printf(out, "endpoints_refused: %" PRIu64 "\n", s->refused);
}

int summary_write(struct summary *s, const struct summary_total *total,
		  struct buf *out)
{
	struct device **list =
		calloc((size_t)s->devices.count + 1, sizeof(*list));
	size_t count = 0, shown;
	struct device *d;
	uint32_t at = 0;
	int err = 0;

	if (!list)
		return ERR_NOMEM;
	while ((d = table_next(&s->devices, &at, NULL)))
		list[count++] = d;
	qsort(list, count, sizeof(*list), compare_devices);
	put_total(s, total, out);
	shown = count < SUMMARY_DEVICES_SHOWN ? count : SUMMARY_DEVICES_SHOWN;
	for (size_t i = 0; i < shown && !err; i++)
		err = put_device(s, list[i], out);
	if (shown < count)
		buf_printf(out, "\nand %zu more devices\n", count - shown);
	verdicts_put_home(s->from.verdicts, out);
	put_counters(s, total->counters, out);
	free(list);
	return err ? err : buf_check(out);
}
