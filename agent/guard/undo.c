// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/undo.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "guard/rundir.h"

#define BAD_NAME "undo.bad"
#define TITLE	 "iot-inspector undo 1"

static const char *const file_names[] = {
	[UNDO_WHOLE] = "undo",
	[UNDO_SIX] = "undo6",
};

/* A line's words, and a word's longest form. */
#define WORDS_MAX      4
#define WORD_BYTES_MAX 64

static void format_hosts(const char *name, const struct undo_device *hosts,
			 size_t count, struct buf *out)
{
	char mac[MAC_TEXT_BYTES], address[ADDR_TEXT_BYTES];

	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "%s %s %s", name,
			   addr_format(&hosts[i].address, address),
			   mac_format(&hosts[i].mac, mac));
		if (!mac_is_zero(&hosts[i].holder))
			buf_printf(out, " %s",
				   mac_format(&hosts[i].holder, mac));
		buf_puts(out, "\n");
	}
}

static void format_ipv6(const struct undo *undo, struct buf *out)
{
	if (!undo->ipv6)
		return;
	buf_puts(out, "ipv6\n");
	for (size_t i = 0; i < undo->sysctls6.count; i++) {
		const struct sysctl6 *s = &undo->sysctls6.settings[i];

		buf_printf(out, "setting6 %s %s %d\n", s->interface,
			   sysctl6_name(s->id), s->before);
	}
	format_hosts("router6", undo->routers6, undo->router6_count, out);
	format_hosts("device6", undo->devices6, undo->device6_count, out);
}

int undo_format(const struct undo *undo, struct buf *out)
{
	char mac[MAC_TEXT_BYTES], address[ADDR_TEXT_BYTES];

	buf_printf(out, "%s\ninterface %s\nown %s\n", TITLE, undo->interface,
		   mac_format(&undo->own, mac));
	buf_printf(out, "address %s/%u\n",
		   addr_format(&undo->address.addr, address),
		   undo->address.bits);
	buf_printf(out, "gateway %s %s\n", addr_format(&undo->gateway, address),
		   mac_format(&undo->gateway_mac, mac));
	for (enum sysctl_id id = 0; id < SYSCTLS && !undo_is_of_six(undo); id++)
		buf_printf(out, "%s %d\n", sysctl_name(id), undo->sysctls[id]);
	format_hosts("device", undo->devices, undo->device_count, out);
	if (undo->pairs)
		buf_puts(out, "pairs\n");
	format_ipv6(undo, out);
	buf_puts(out, "end\n");
	return buf_check(out);
}

/* The words of one line. */
struct line {
	char words[WORDS_MAX][WORD_BYTES_MAX];
	size_t count;
};

/* The next line, or ERR_MALFORMED: words divided by single spaces. */
static int next_line(const char **at, struct line *out)
{
	size_t length = strcspn(*at, "\n"), word = 0, used = 0;
	const char *text = *at;

	if (text[length] != '\n')
		return ERR_MALFORMED;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == ' ') {
			out->words[word][used] = '\0';
			used = 0;
			if (++word == WORDS_MAX)
				return ERR_MALFORMED;
		} else {
			out->words[word][used++] = text[i];
			if (used == WORD_BYTES_MAX)
				return ERR_MALFORMED;
		}
	}
	out->words[word][used] = '\0';
	out->count = word + 1;
	*at = text + length + 1;
	return 0;
}

/* The next line, which begins with name and has count words. */
static int expect(const char **at, const char *name, size_t count,
		  struct line *out)
{
	if (next_line(at, out) || out->count != count ||
	    strcmp(out->words[0], name) != 0)
		return ERR_MALFORMED;
	return 0;
}

static int parse_mac(const char *text, struct mac *out)
{
	if (mac_parse(text, out) || mac_is_group(out) || mac_is_zero(out))
		return ERR_MALFORMED;
	return 0;
}

static int parse_v4(const char *text, struct addr *out)
{
	return addr_parse(text, out) || out->family != 4 ? ERR_MALFORMED : 0;
}

static uint32_t number_of(const struct addr *a)
{
	return (uint32_t)a->b[0] << 24 | (uint32_t)a->b[1] << 16 |
	       (uint32_t)a->b[2] << 8 | a->b[3];
}

bool undo_is_host(const struct cidr *subnet, const struct addr *address)
{
	uint32_t host;

	if (address->family != 4 || subnet->addr.family != 4 ||
	    !cidr_contains(subnet, address) || addr_is_multicast(address) ||
	    addr_is_unspecified(address) || addr_is_loopback(address))
		return false;
	if (subnet->bits >= 31)
		return true;
	host = number_of(address) & (UINT32_MAX >> subnet->bits);
	return host != 0 && host != UINT32_MAX >> subnet->bits;
}

static bool is_unicast6(const struct addr *a)
{
	return a->family == 6 && !addr_is_multicast(a) &&
	       !addr_is_unspecified(a) && !addr_is_loopback(a);
}

bool undo_is_of_six(const struct undo *undo)
{
	return undo->address.addr.family == 6;
}

static int parse_head(const char **at, struct undo *u)
{
	struct line line;
	size_t length;

	if (strncmp(*at, TITLE "\n", strlen(TITLE) + 1) != 0)
		return ERR_MALFORMED;
	*at += strlen(TITLE) + 1;
	if (expect(at, "interface", 2, &line))
		return ERR_MALFORMED;
	length = strlen(line.words[1]);
	if (length >= sizeof(u->interface) ||
	    !sysctl_interface_is_valid(line.words[1]))
		return ERR_MALFORMED;
	memcpy(u->interface, line.words[1], length + 1);
	if (expect(at, "own", 2, &line) || parse_mac(line.words[1], &u->own) ||
	    expect(at, "address", 2, &line) ||
	    cidr_parse(line.words[1], &u->address) ||
	    expect(at, "gateway", 3, &line) ||
	    addr_parse(line.words[1], &u->gateway) ||
	    parse_mac(line.words[2], &u->gateway_mac) ||
	    addr_equal(&u->gateway, &u->address.addr))
		return ERR_MALFORMED;
	if (undo_is_of_six(u))
		return is_unicast6(&u->address.addr) &&
				       u->gateway.family == 6 &&
				       addr_is_link_local(&u->gateway)
			       ? 0
			       : ERR_MALFORMED;
	return undo_is_host(&u->address, &u->address.addr) &&
			       undo_is_host(&u->address, &u->gateway)
		       ? 0
		       : ERR_MALFORMED;
}

static int parse_device(const struct line *line, struct undo *u)
{
	struct undo_device device = { .holder = { { 0 } } };

	if (line->count < 3 || line->count > 4 ||
	    strcmp(line->words[0], "device") != 0 ||
	    parse_v4(line->words[1], &device.address) ||
	    parse_mac(line->words[2], &device.mac) ||
	    (line->count == 4 && parse_mac(line->words[3], &device.holder)))
		return ERR_MALFORMED;
	if (!undo_is_host(&u->address, &device.address) ||
	    addr_equal(&device.address, &u->gateway) ||
	    addr_equal(&device.address, &u->address.addr) ||
	    mac_equal(&device.mac, &u->own) ||
	    mac_equal(&device.mac, &u->gateway_mac) ||
	    mac_equal(&device.holder, &u->own) ||
	    mac_equal(&device.holder, &u->gateway_mac))
		return ERR_MALFORMED;
	if (u->device_count == UNDO_DEVICES_MAX)
		return ERR_LIMIT;
	u->devices[u->device_count++] = device;
	return 0;
}

static int parse_setting6(const struct line *line, struct undo *u)
{
	struct sysctl6 s = { .id = SYSCTL6_IDS };

	if (line->count != 4 || strlen(line->words[1]) >= sizeof(s.interface) ||
	    line->words[3][0] < '0' || line->words[3][0] > '9' ||
	    line->words[3][1])
		return ERR_MALFORMED;
	message_text(s.interface, sizeof(s.interface), line->words[1]);
	s.before = line->words[3][0] - '0';
	for (enum sysctl6_id id = 0; id < SYSCTL6_IDS; id++)
		if (!strcmp(line->words[2], sysctl6_name(id)))
			s.id = id;
	if (!sysctl6_is_valid(&s))
		return ERR_MALFORMED;
	if (u->sysctls6.count == SYSCTL6_MAX)
		return ERR_LIMIT;
	u->sysctls6.settings[u->sysctls6.count++] = s;
	return 0;
}

static int parse_host6(const struct line *line, const struct undo *u,
		       struct undo_device *out)
{
	if (line->count != 3 || addr_parse(line->words[1], &out->address) ||
	    !is_unicast6(&out->address) ||
	    parse_mac(line->words[2], &out->mac) ||
	    mac_equal(&out->mac, &u->own))
		return ERR_MALFORMED;
	return 0;
}

static int parse_router6(const struct line *line, struct undo *u)
{
	struct undo_device router = { .holder = { { 0 } } };

	if (parse_host6(line, u, &router) || u->device6_count)
		return ERR_MALFORMED;
	if (u->router6_count ? !mac_equal(&router.mac, &u->routers6[0].mac)
			     : !addr_is_link_local(&router.address))
		return ERR_MALFORMED;
	if (u->router6_count == UNDO_ROUTERS6_MAX)
		return ERR_LIMIT;
	u->routers6[u->router6_count++] = router;
	return 0;
}

static int parse_device6(const struct line *line, struct undo *u)
{
	struct undo_device device = { .holder = { { 0 } } };

	if (parse_host6(line, u, &device) || !u->router6_count ||
	    mac_equal(&device.mac, &u->routers6[0].mac))
		return ERR_MALFORMED;
	for (size_t i = 0; i < u->router6_count; i++)
		if (addr_equal(&device.address, &u->routers6[i].address))
			return ERR_MALFORMED;
	if (u->device6_count == UNDO_DEVICES6_MAX)
		return ERR_LIMIT;
	u->devices6[u->device6_count++] = device;
	return 0;
}

/* A line after the head and before the end. */
static int parse_line(const struct line *line, struct undo *u)
{
	static const struct {
		const char *name;
		int (*parse)(const struct line *line, struct undo *u);
	} kinds[] = {
		{ "setting6", parse_setting6 },
		{ "router6", parse_router6 },
		{ "device6", parse_device6 },
	};

	if (!u->ipv6) {
		bool alone = line->count == 1;

		u->ipv6 = alone && !strcmp(line->words[0], "ipv6");
		if (u->ipv6)
			return 0;
		if (u->pairs) /* nothing but IPv6 comes after it */
			return ERR_MALFORMED;
		u->pairs = alone && !strcmp(line->words[0], "pairs");
		return u->pairs ? 0 : parse_device(line, u);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(line->words[0], kinds[i].name))
			return kinds[i].parse(line, u);
	return ERR_MALFORMED;
}

static int parse_sysctls(const char **at, struct undo *u)
{
	struct line line;

	for (enum sysctl_id id = 0; id < SYSCTLS && !undo_is_of_six(u); id++) {
		const char *name = sysctl_name(id);

		if (id == SYSCTL_ALL_FORWARDING &&
		    strncmp(*at, name, strlen(name)) != 0)
			continue; /* not written down by older versions */
		if (expect(at, name, 2, &line) || line.words[1][1] != '\0' ||
		    (line.words[1][0] != '0' && line.words[1][0] != '1'))
			return ERR_MALFORMED;
		u->sysctls[id] = line.words[1][0] - '0';
	}
	return 0;
}

int undo_parse(const char *text, struct undo *out)
{
	static struct undo u;
	struct line line;
	int err;

	memset(&u, 0, sizeof(u));
	err = parse_head(&text, &u);
	if (!err)
		err = parse_sysctls(&text, &u);
	while (!err) {
		err = next_line(&text, &line);
		if (!err && line.count == 1 && !strcmp(line.words[0], "end"))
			break;
		if (!err)
			err = parse_line(&line, &u);
	}
	if (err)
		return err;
	if (*text)
		return ERR_MALFORMED;
	*out = u;
	return 0;
}

int undo_write(int run_dir, enum undo_file file, const struct undo *undo)
{
	static struct undo again;
	struct buf text;
	int err;

	buf_init(&text, UNDO_BYTES_MAX - 1);
	err = undo_format(undo, &text);
	if (!err)
		err = undo_parse(buf_text(&text), &again);
	if (!err)
		err = rundir_write(run_dir, file_names[file], buf_text(&text),
				   text.len);
	buf_done(&text);
	return err;
}

int undo_read(int run_dir, enum undo_file file, struct undo *out)
{
	static char text[UNDO_BYTES_MAX];
	int length = rundir_read(run_dir, file_names[file], text, sizeof(text));

	if (length < 0)
		return length;
	if (strlen(text) != (size_t)length)
		return ERR_MALFORMED;
	return undo_parse(text, out);
}

int undo_remove(int run_dir, enum undo_file file)
{
	return rundir_remove(run_dir, file_names[file]);
}

bool undo_is_there(int run_dir, enum undo_file file)
{
	char text[1];

	return rundir_read(run_dir, file_names[file], text, sizeof(text)) !=
	       ERR_NOTFOUND;
}

void undo_keep_six(struct undo *undo)
{
	const struct mac *own = &undo->own;

	/* what it was is no more of use: that which its MAC makes of the link
	 * (RFC 4291 appendix A) stands for it */
	undo->address = (struct cidr){ { 6,
					 { 0xfe, 0x80, [8] = own->b[0] ^ 2,
					   own->b[1], own->b[2], 0xff, 0xfe,
					   own->b[3], own->b[4], own->b[5] } },
				       64 };
	undo->gateway = undo->routers6[0].address;
	undo->gateway_mac = undo->routers6[0].mac;
	undo->device_count = 0;
}

void undo_set_aside(int run_dir, enum undo_file file)
{
	(void)!rundir_rename(run_dir, file_names[file], BAD_NAME);
}

bool undo_is_set_aside(int run_dir)
{
	char text[1];

	return rundir_read(run_dir, BAD_NAME, text, sizeof(text)) !=
	       ERR_NOTFOUND;
}
