// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/given.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/text.h"
#include "web/state.h"

#define SETTING	    "resolvers"
#define TICK_MS	    1000
#define KEPT_BYTES4 4
#define KEPT_BYTES6 16
/* MAC, time, two counts */
#define NETWORK_BYTES (6 + 8 + 2 + GIVEN_KEPT_MAX * (KEPT_BYTES4 + KEPT_BYTES6))

/* The first that is there: what systemd-resolved and NetworkManager were given,
 * which write themselves into the last. */
static const char *const files[] = {
	"/run/systemd/resolve/resolv.conf",
	"/run/NetworkManager/no-stub-resolv.conf",
	"/etc/resolv.conf",
};

/* -- this computer's */

static struct slice next_word(struct slice *line)
{
	struct slice word;
	size_t at = 0;

	while (at < line->len &&
	       (line->data[at] == ' ' || line->data[at] == '\t'))
		at++;
	*line = slice_of(line->data + at, line->len - at);
	at = 0;
	while (at < line->len && line->data[at] != ' ' &&
	       line->data[at] != '\t')
		at++;
	word = slice_of(line->data, at);
	*line = slice_of(line->data + at, line->len - at);
	return word;
}

static void add_server(struct given_host *host, struct slice word)
{
	char text[ADDR_TEXT_BYTES];
	struct addr addr;

	/* without the interface of a link-local address */
	for (size_t i = 0; i < word.len; i++)
		if (word.data[i] == '%')
			word.len = i;
	if (host->server_count == GIVEN_HOST_MAX || !word.len ||
	    word.len >= sizeof(text))
		return;
	memcpy(text, word.data, word.len);
	text[word.len] = '\0';
	if (!addr_parse(text, &addr) && !addr_is_loopback(&addr) &&
	    !addr_is_unspecified(&addr) && !addr_is_multicast(&addr))
		host->servers[host->server_count++] = addr;
}

static void read_line(struct slice line, struct given_host *out)
{
	struct slice key = next_word(&line), word;

	if (slice_equal(key, slice_text("nameserver"))) {
		add_server(out, next_word(&line));
		return;
	}
	if (!slice_equal(key, slice_text("search")) &&
	    !slice_equal(key, slice_text("domain")))
		return;
	while ((word = next_word(&line)).len &&
	       out->domain_count < GIVEN_DOMAINS_MAX)
		out->domains[out->domain_count++] = word;
}

void given_read(struct slice file, struct given_host *out)
{
	struct slice line;

	*out = (struct given_host){ 0 };
	while (text_next_line(&file, &line))
		read_line(line, out);
}

static bool read_file(const char *path, struct buf *out)
{
	char bytes[1024];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	while ((n = read(fd, bytes, sizeof(bytes))) > 0 && !buf_check(out))
		buf_append(out, bytes, (size_t)n);
	close(fd);
	return !n && !buf_check(out);
}

static void look_at_host(struct hub *hub)
{
	struct lan *lan = &hub->watchtower.lan;
	struct given_host host = { 0 };
	struct buf file;
	bool found;

	buf_init(&file, GIVEN_FILE_BYTES);
	found = hub->config.resolv_conf &&
		read_file(hub->config.resolv_conf, &file);
	for (size_t i = 0; !hub->config.resolv_conf && !found &&
			   i < sizeof(files) / sizeof(files[0]);
	     i++) {
		buf_clear(&file);
		found = read_file(files[i], &file);
	}
	if (found)
		given_read(buf_slice(&file), &host);
	static_assert(GIVEN_HOST_MAX <= LAN_RESOLVERS_MAX, "they fit");
	memcpy(lan->host, host.servers, sizeof(host.servers));
	lan->host_count = host.server_count;
	for (size_t i = 0; i < host.domain_count; i++)
		research_learn_domain(hub, host.domains[i]);
	buf_done(&file);
}

/* -- what is kept */

struct kept {
	struct mac router;
	uint64_t heard_ms;
	struct addr four[GIVEN_KEPT_MAX], six[GIVEN_KEPT_MAX];
	uint8_t four_count, six_count;
};

static bool take_kept(struct cursor *c, struct kept *out)
{
	*out = (struct kept){ 0 };
	cursor_copy(c, out->router.b, sizeof(out->router.b));
	out->heard_ms = cursor_u64(c);
	out->four_count = cursor_u8(c);
	out->six_count = cursor_u8(c);
	if (!cursor_ok(c) || out->four_count > GIVEN_KEPT_MAX ||
	    out->six_count > GIVEN_KEPT_MAX)
		return false;
	for (uint8_t i = 0; i < out->four_count; i++) {
		const uint8_t *at = cursor_bytes(c, KEPT_BYTES4);

		if (at)
			out->four[i] = addr_v4(at);
	}
	for (uint8_t i = 0; i < out->six_count; i++) {
		const uint8_t *at = cursor_bytes(c, KEPT_BYTES6);

		if (at)
			out->six[i] = addr_v6(at);
	}
	return cursor_ok(c);
}

static void put_kept(const struct kept *k, struct buf *out)
{
	buf_append(out, k->router.b, sizeof(k->router.b));
	buf_u64(out, k->heard_ms);
	buf_u8(out, k->four_count);
	buf_u8(out, k->six_count);
	for (uint8_t i = 0; i < k->four_count; i++)
		buf_append(out, k->four[i].b, KEPT_BYTES4);
	for (uint8_t i = 0; i < k->six_count; i++)
		buf_append(out, k->six[i].b, KEPT_BYTES6);
}

/* Newest first; what is not understood is none. */
static size_t load_all(struct hub *hub, struct kept out[GIVEN_NETWORKS_MAX])
{
	uint8_t bytes[STORE_SETTING_BYTES];
	int len = store_setting_get(hub->store, SETTING, bytes);
	struct cursor c = cursor_of(bytes, len > 0 ? (size_t)len : 0);
	size_t n = 0;

	while (n < GIVEN_NETWORKS_MAX && cursor_left(&c) &&
	       take_kept(&c, &out[n]))
		n++;
	return n;
}

static bool is_kept(const struct hub *hub, const struct kept *k)
{
	return mac_equal(&k->router, &hub->given.router) &&
	       k->heard_ms <= hub->now_ms &&
	       hub->now_ms - k->heard_ms < GIVEN_KEPT_MS;
}

static void restore(struct hub *hub)
{
	struct lan *lan = &hub->watchtower.lan;
	struct kept all[GIVEN_NETWORKS_MAX];
	size_t n = load_all(hub, all);

	for (size_t i = 0; i < n; i++) {
		if (!is_kept(hub, &all[i]))
			continue;
		hub->given.saved_ms = all[i].heard_ms;
		memcpy(lan->resolvers, all[i].four, sizeof(all[i].four));
		lan->resolver_count = all[i].four_count;
		for (uint8_t k = 0; k < all[i].six_count; k++)
			lan_name_resolver6(lan, &all[i].six[k]);
	}
	/* as it is in the store */
	lan->changed = lan->heard = false;
}

static void save(struct hub *hub)
{
	struct lan *lan = &hub->watchtower.lan;
	struct kept all[GIVEN_NETWORKS_MAX],
		now = { .router = hub->given.router, .heard_ms = hub->now_ms };
	size_t n = load_all(hub, all), kept = 1;
	struct buf out;

	static_assert(GIVEN_NETWORKS_MAX * NETWORK_BYTES <= STORE_SETTING_BYTES,
		      "a setting holds all that is kept");
	if (lan->resolver_count <= GIVEN_KEPT_MAX) {
		now.four_count = (uint8_t)lan->resolver_count;
		memcpy(now.four, lan->resolvers, sizeof(now.four));
	}
	if (lan->resolver6_count <= GIVEN_KEPT_MAX) {
		now.six_count = (uint8_t)lan->resolver6_count;
		memcpy(now.six, lan->resolvers6, sizeof(now.six));
	}
	buf_init(&out, STORE_SETTING_BYTES);
	put_kept(&now, &out);
	for (size_t i = 0; i < n && kept < GIVEN_NETWORKS_MAX; i++) {
		if (mac_equal(&all[i].router, &now.router))
			continue;
		put_kept(&all[i], &out);
		kept++;
	}
	/* what fails is tried again when it changes, or in a day */
	if (!buf_check(&out))
		(void)!store_setting_put(hub->store, SETTING, buf_slice(&out));
	buf_done(&out);
	hub->given.saved_ms = hub->now_ms;
	lan->changed = false;
}

void given_take_network(struct hub *hub)
{
	const struct mac *router = &hub->network.gateway_mac;

	if (!hub->network.name[0])
		return;
	if (!mac_is_zero(router) && !mac_equal(router, &hub->given.router)) {
		/* else the same network, whose router was not known yet */
		if (!mac_is_zero(&hub->given.router))
			lan_leave(&hub->watchtower.lan);
		hub->given = (struct given){ .router = *router };
		if (!hub->watchtower.lan.heard)
			restore(hub);
	}
	look_at_host(hub);
}

void given_forget(struct hub *hub)
{
	/* what fails is forgotten with its time */
	(void)!store_setting_put(hub->store, SETTING, slice_of(NULL, 0));
	hub->given.saved_ms = hub->now_ms;
	hub->watchtower.lan.changed = false;
}

void given_tick(struct hub *hub)
{
	struct given *given = &hub->given;
	const struct lan *lan = &hub->watchtower.lan;

	if (hub->tick_ms - given->looked_ms < TICK_MS ||
	    mac_is_zero(&given->router) || !hub->consent.given)
		return;
	given->looked_ms = hub->tick_ms;
	if (lan->changed ||
	    (lan->heard && hub->now_ms - given->saved_ms >= GIVEN_SAVE_MS))
		save(hub);
}

/* Of the home: what is asked there stays there. */
static bool is_own(const struct hub *hub, const struct addr *resolver)
{
	const struct cidr *net = &hub->network.address;

	return resolver->family == net->addr.family &&
	       !addr_equal(resolver, &net->addr) &&
	       (addr_is_private(resolver) || cidr_contains(net, resolver));
}

struct addr given_resolver(const struct hub *hub)
{
	const struct lan *lan = &hub->watchtower.lan;

	/* as IPv6's router named it; IPv4's is the router itself */
	if (!addr_equal(&hub->network.resolver, &hub->network.gateway))
		return hub->network.resolver;
	for (size_t i = 0; i < lan->resolver_count; i++)
		if (is_own(hub, &lan->resolvers[i]))
			return lan->resolvers[i];
	for (size_t i = 0; i < lan->resolver6_count; i++)
		if (is_own(hub, &lan->resolvers6[i]))
			return lan->resolvers6[i];
	for (size_t i = 0; i < lan->host_count; i++)
		if (cidr_contains(&hub->network.address, &lan->host[i]) &&
		    is_own(hub, &lan->host[i]))
			return lan->host[i];
	return hub->network.resolver;
}
