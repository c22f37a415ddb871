// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "base/table.h"
#include "base/text.h"
#include "decode/tls.h"
#include "know/know.h"
#include "know/suffix.h"
#include "read/device_key.h"
#include "read/identities.h"
#include "read/labels.h"
#include "read/names.h"
#include "read/output.h"
#include "read/row.h"

#define IP_TCP	 6
#define IP_UDP	 17
#define NS_PER_S UINT64_C(1000000000)

/* Most devices of one input; the observer follows fewer in each file. */
#define DEVICES_MAX 65536u
/* Longest row: a ClientHello's lists and its extensions in base64. */
#define ROW_MAX_BYTES ((size_t)262144)
/* Texts of devices.csv. */
#define TEXTS_MAX_BYTES ((size_t)64 << 20)
/* A label is 63 octets (RFC 1035 2.3.4). */
#define DISCOVERY_NAME_MAX 63

/* There are no accounts here. */
#define USER_KEY "local"

enum sheet {
	SHEET_DEVICES,
	SHEET_FLOWS,
	SHEET_DNS,
	SHEET_HELLOS,
	SHEETS
};

static const struct {
	const char *file;
	const char *heading;
} sheets[SHEETS] = {
	[SHEET_DEVICES] = { "devices.csv",
			    "device_id,user_key,device_ip,device_oui,"
			    "device_name,device_type,device_vendor,"
			    "netdisco_name,fb_name,dhcp_hostname\r\n" },
	[SHEET_FLOWS] = { "flows.csv",
			  "user_key,device_id,ts,protocol,remote_ip,"
			  "remote_port,device_port,in_byte_count,"
			  "out_byte_count,remote_hostname,remote_reg_domain,"
			  "remote_web_xray\r\n" },
	[SHEET_DNS] = { "dns.csv", "user_key,device_id,ts,ip,hostname,"
				   "data_source,device_port\r\n" },
	[SHEET_HELLOS] = { "client_hello.csv",
			   "user_key,device_id,ts,device_port,remote_port,"
			   "device_ip,remote_ip,version,cipher_suites,"
			   "compression_methods,extension_details,"
			   "extension_uses_grease,cipher_suite_uses_grease,"
			   "extension_types\r\n" },
};

/* What devices.csv will say of a device. */
struct device {
	char id[DEVICE_ID_TEXT_BYTES];
	struct addr addr; /* the latest one of the kind preferred */
	struct slice discovery_name;
	enum record_clue_kind discovery_kind;
	struct slice hostname;
};

/* A flow that waits for its name. */
struct waiting_flow {
	uint64_t end_s;
	uint64_t in_bytes, out_bytes;
	struct addr remote;
	struct mac device;
	uint16_t remote_port, device_port;
	uint8_t protocol;
};

struct csv {
	struct csv_config config;
	struct output outputs[SHEETS];
	FILE *waiting; /* of struct waiting_flow */
	int waiting_errnum;
	struct table devices;
	struct arena texts;
	struct row row;
	uint64_t refused;
};

static void set_path(char path[CSV_PATH_BYTES], const char *text)
{
	(void)snprintf(path, CSV_PATH_BYTES, "%s", text);
}

static int open_sheets(struct csv *c, char path[CSV_PATH_BYTES])
{
	for (size_t i = 0; i < SHEETS; i++) {
		int n = snprintf(path, CSV_PATH_BYTES, "%s/%s", c->config.dir,
				 sheets[i].file);
		int err;

		if (n < 0 || n >= CSV_PATH_BYTES) {
			errno = ENAMETOOLONG;
			return ERR_IO;
		}
		err = output_open(&c->outputs[i], path);
		if (err)
			return err;
		output_write(&c->outputs[i], slice_text(sheets[i].heading));
	}
	return 0;
}

/* A file without a name, in the folder where there must be room anyway. */
static FILE *open_nameless(const char *dir)
{
	char path[CSV_PATH_BYTES];
	FILE *file;
	int fd;

	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) {
		int n = snprintf(path, sizeof(path), "%s/.flows-XXXXXX", dir);

		if (n < 0 || (size_t)n >= sizeof(path))
			return NULL;
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			(void)unlink(path);
	}
	file = fd < 0 ? NULL : fdopen(fd, "w+");
	if (!file && fd >= 0)
		close(fd);
	return file;
}

int csv_new(struct csv **out, const struct csv_config *config,
	    char path[CSV_PATH_BYTES])
{
	struct csv *c = calloc(1, sizeof(*c));
	int err = ERR_IO;

	set_path(path, config->dir);
	if (!c)
		return ERR_NOMEM;
	c->config = *config;
	table_init(&c->devices, sizeof(struct mac), sizeof(struct device),
		   DEVICES_MAX, config->seed);
	arena_init(&c->texts, TEXTS_MAX_BYTES);
	row_init(&c->row, ROW_MAX_BYTES);
	if (mkdir(config->dir, 0777) && errno != EEXIST)
		goto out;
	c->waiting = open_nameless(config->dir);
	if (!c->waiting)
		goto out;
	err = open_sheets(c, path);
	if (!err) {
		*out = c;
		c = NULL;
	}
out:
	csv_free(c);
	return err;
}

void csv_free(struct csv *c)
{
	int saved = errno;

	if (!c)
		return;
	for (size_t i = 0; i < SHEETS; i++)
		output_done(&c->outputs[i]);
	if (c->waiting)
		(void)fclose(c->waiting);
	row_done(&c->row);
	arena_done(&c->texts);
	table_done(&c->devices);
	free(c);
	errno = saved;
}

static void write_row(struct csv *c, enum sheet sheet)
{
	struct slice line;

	if (row_end(&c->row, &line))
		c->refused++;
	else
		output_write(&c->outputs[sheet], line);
}

static void begin_row(struct csv *c, const struct device *device,
		      uint64_t end_s)
{
	row_begin(&c->row);
	row_string(&c->row, USER_KEY);
	row_string(&c->row, device->id);
	row_number(&c->row, end_s);
}

static struct slice keep_text(struct csv *c, struct slice text)
{
	struct slice kept = { .data = arena_copy(&c->texts, text.data,
						 text.len),
			      .len = text.len };

	if (!kept.data) {
		c->refused++;
		kept.len = 0;
	}
	return kept;
}

/* What others call a device: by mDNS its instance, else its host name, else
 * what its SSDP server says. */
static bool is_better_name(const struct device *d, enum record_clue_kind kind)
{
	static const enum record_clue_kind order[] = {
		RECORD_CLUE_MDNS_INSTANCE,
		RECORD_CLUE_MDNS_HOST,
		RECORD_CLUE_SSDP_SERVER,
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (d->discovery_name.data && d->discovery_kind == order[i])
			return false;
		if (kind == order[i])
			return true;
	}
	return false;
}

/*
 * The name in a clue as people know it: of an mDNS instance or host the first
 * label, its escapes (RFC 1035 5.1) undone. Lent from text.
 */
static struct slice discovery_name(const struct record_clue *clue,
				   uint8_t text[DISCOVERY_NAME_MAX])
{
	struct cursor c = cursor_slice(clue->text);
	size_t len = 0;

	if (clue->kind == RECORD_CLUE_SSDP_SERVER)
		return clue->text;
	while (cursor_left(&c) && len < DISCOVERY_NAME_MAX) {
		uint8_t b = cursor_u8(&c);

		if (b == '.')
			break;
		if (b == '\\' && cursor_left(&c)) {
			b = cursor_u8(&c);
			if (b >= '0' && b <= '9' && cursor_left(&c) >= 2) {
				unsigned v = (b - '0') * 100u;

				v += (cursor_u8(&c) - '0') * 10u;
				v += cursor_u8(&c) - (unsigned)'0';
				b = (uint8_t)v;
			}
		}
		text[len++] = b;
	}
	return slice_of(text, len);
}

static void note_clue(struct csv *c, struct device *d,
		      const struct record_clue *clue)
{
	uint8_t text[DISCOVERY_NAME_MAX];

	if (clue->kind == RECORD_CLUE_DHCP_HOSTNAME) {
		if (!slice_equal(d->hostname, clue->text))
			d->hostname = keep_text(c, clue->text);
	} else if (is_better_name(d, clue->kind)) {
		d->discovery_name = keep_text(c, discovery_name(clue, text));
		d->discovery_kind = clue->kind;
	}
}

/* The IPv4 address heard last, or else an IPv6 one. */
static void note_addrs(struct device *d, const struct record_window *w)
{
	for (size_t i = 0; i < w->addr_count; i++) {
		const struct addr *a = &w->addrs[i];

		if (!d->addr.family || a->family == 4)
			d->addr = *a;
	}
}

static struct device *note_device(struct csv *c, const struct record_window *w)
{
	bool fresh;
	struct device *d = table_get(&c->devices, &w->device, &fresh);

	if (!d) {
		c->refused++;
		return NULL;
	}
	if (fresh)
		(void)device_key_id(c->config.key, &w->device, d->id);
	note_addrs(d, w);
	for (size_t i = 0; i < w->clue_count; i++)
		note_clue(c, d, &w->clues[i]);
	return d;
}

static void add_names(struct csv *c, const struct device *d,
		      const struct record_window *w, uint64_t end_s)
{
	for (size_t i = 0; i < w->name_count; i++) {
		const struct record_name *name = &w->names[i];

		begin_row(c, d, end_s);
		row_addr(&c->row, &name->addr);
		row_text(&c->row, name->name, "");
		switch (name->source) {
		case RECORD_NAME_DNS:
			row_addr(&c->row, &name->resolver);
			break;
		case RECORD_NAME_SNI:
			row_string(&c->row, "sni");
			break;
		case RECORD_NAME_HTTP_HOST:
			row_string(&c->row, "http-host");
			break;
		}
		if (name->source == RECORD_NAME_SNI)
			row_number(&c->row, name->device_port);
		else
			row_string(&c->row, "");
		write_row(c, SHEET_DNS);
	}
}

static void put_extension_types(struct row *row, struct slice block)
{
	struct tls_extension e;
	const char *plus = "";
	size_t at = 0;

	while (tls_next_extension(block, &at, &e) > 0) {
		buf_printf(&row->text, "%s%u", plus, e.type);
		plus = "+";
	}
	row_string(row, "");
}

static void add_hellos(struct csv *c, const struct device *d,
		       const struct record_window *w, uint64_t end_s)
{
	for (size_t i = 0; i < w->hello_count; i++) {
		const struct record_hello *h = &w->hellos[i];

		begin_row(c, d, end_s);
		row_number(&c->row, h->device_port);
		row_number(&c->row, h->remote_port);
		row_addr(&c->row, &h->device);
		row_addr(&c->row, &h->remote);
		row_number(&c->row, h->highest_version);
		row_list_u16(&c->row, h->cipher_suites);
		row_list_u8(&c->row, h->compression_methods);
		row_base64(&c->row, h->extensions);
		row_bool(&c->row, h->grease_extensions);
		row_bool(&c->row, h->grease_cipher_suites);
		put_extension_types(&c->row, h->extensions);
		write_row(c, SHEET_HELLOS);
	}
}

static void add_flows(struct csv *c, const struct record_window *w,
		      uint64_t end_s)
{
	for (size_t i = 0; i < w->flow_count; i++) {
		const struct record_flow *f = &w->flows[i];
		bool tcp = f->protocol == IP_TCP;
		struct waiting_flow waiting;

		if (!tcp && f->protocol != IP_UDP)
			continue;
		memset(&waiting, 0, sizeof(waiting));
		waiting.end_s = end_s;
		waiting.in_bytes = tcp ? f->in_sequence_bytes : f->in_bytes;
		waiting.out_bytes = tcp ? f->out_sequence_bytes : f->out_bytes;
		waiting.remote = f->remote;
		waiting.device = w->device;
		waiting.remote_port = f->remote_port;
		waiting.device_port = f->device_port;
		waiting.protocol = f->protocol;
		if (!c->waiting_errnum &&
		    fwrite(&waiting, sizeof(waiting), 1, c->waiting) != 1)
			c->waiting_errnum = errno ? errno : EIO;
	}
}

void csv_add_window(struct csv *c, const struct record_window *window,
		    uint64_t base_s)
{
	uint64_t end_s =
		base_s + (window->start_ns + RECORD_WINDOW_NS) / NS_PER_S;
	struct device *d = note_device(c, window);

	if (!d)
		return;
	add_names(c, d, window, end_s);
	add_hellos(c, d, window, end_s);
	add_flows(c, window, end_s);
}

static void write_flow(struct csv *c, const struct waiting_flow *f)
{
	const struct device *d = table_find(&c->devices, &f->device);
	struct names_question question = { .device = &f->device,
					   .addr = &f->remote,
					   .device_port = f->device_port,
					   .time_ns = f->end_s * NS_PER_S };
	struct names_answer answer = names_find(c->config.names, &question);
	const char *company = "";
	struct know_host host;

	begin_row(c, d, f->end_s);
	row_string(&c->row, f->protocol == IP_TCP ? "tcp" : "udp");
	row_addr(&c->row, &f->remote);
	row_number(&c->row, f->remote_port);
	row_number(&c->row, f->device_port);
	row_number(&c->row, f->in_bytes);
	row_number(&c->row, f->out_bytes);
	row_text(&c->row, answer.name, answer.inferred ? "?" : "");
	row_text(&c->row, suffix_registered_domain(answer.name), "");
	if (know_host(c->config.know, answer.name, &host))
		company = host.company;
	row_text(&c->row, slice_text(company), "");
	write_row(c, SHEET_FLOWS);
}

static int write_flows(struct csv *c)
{
	struct waiting_flow flow;

	if (fseek(c->waiting, 0, SEEK_SET)) {
		c->waiting_errnum = errno;
		return ERR_IO;
	}
	while (fread(&flow, sizeof(flow), 1, c->waiting) == 1)
		write_flow(c, &flow);
	if (ferror(c->waiting)) {
		c->waiting_errnum = errno ? errno : EIO;
		return ERR_IO;
	}
	return 0;
}

static void put_identity(struct csv *c, const struct mac *mac)
{
	char text[IDENTITIES_TEXT_BYTES];
	struct identity identity;

	identities_judge(c->config.identities, mac, &identity);
	row_text(&c->row, slice_text(identities_describe(&identity, text)), "");
}

static void write_devices(struct csv *c)
{
	const struct device *d;
	const void *key;
	uint32_t at = 0;

	while ((d = table_next(&c->devices, &at, &key))) {
		static const struct label none;
		const struct mac *mac = key;
		const struct label *label = labels_find(c->config.labels, mac);
		char oui[7];

		if (!label)
			label = &none;
		row_begin(&c->row);
		row_string(&c->row, d->id);
		row_string(&c->row, USER_KEY);
		row_addr(&c->row, &d->addr);
		row_string(&c->row, text_hex(mac->b, 3, oui));
		row_text(&c->row, label->name, "");
		row_text(&c->row, label->category, "");
		row_text(&c->row, label->vendor, "");
		row_text(&c->row, d->discovery_name, "");
		put_identity(c, mac);
		row_text(&c->row, d->hostname, "");
		write_row(c, SHEET_DEVICES);
	}
}

int csv_check(const struct csv *c)
{
	if (c->waiting_errnum) {
		errno = c->waiting_errnum;
		return ERR_IO;
	}
	for (size_t i = 0; i < SHEETS; i++) {
		if (output_failed(&c->outputs[i])) {
			errno = c->outputs[i].errnum;
			return ERR_IO;
		}
	}
	return 0;
}

int csv_finish(struct csv *c, char path[CSV_PATH_BYTES])
{
	int err;

	set_path(path, c->config.dir);
	err = csv_check(c);
	if (!err)
		err = write_flows(c);
	if (err)
		return err;
	write_devices(c);
	/* all of them before any of them takes its name */
	for (size_t i = 0; i < SHEETS && !err; i++) {
		set_path(path, c->outputs[i].path);
		err = output_flush(&c->outputs[i]);
	}
	for (size_t i = 0; i < SHEETS && !err; i++) {
		set_path(path, c->outputs[i].path);
		err = output_commit(&c->outputs[i]);
	}
	return err;
}

uint64_t csv_refused(const struct csv *c)
{
	return c->refused;
}
