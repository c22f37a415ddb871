// SPDX-License-Identifier: GPL-3.0-or-later
#include "message.h"

#include <stdarg.h>
#include <string.h>

#define DNS_A	  1
#define DNS_CNAME 5
#define DNS_PTR	  12
#define DNS_AAAA  28
#define DNS_SRV	  33

static void put8(struct message *out, uint8_t value)
{
	out->bytes[out->size++] = value;
}

static void put16(struct message *out, uint16_t value)
{
	put8(out, (uint8_t)(value >> 8));
	put8(out, (uint8_t)value);
}

static void put32(struct message *out, uint32_t value)
{
	put16(out, (uint16_t)(value >> 16));
	put16(out, (uint16_t)value);
}

static void put(struct message *out, const void *bytes, size_t size)
{
	memcpy(out->bytes + out->size, bytes, size);
	out->size += size;
}

static void put_random(struct message *out, struct wire *wire, size_t size)
{
	wire_fill(wire, out->bytes + out->size, size);
	out->size += size;
}

__attribute__((format(printf, 2, 3))) static void
put_text(struct message *out, const char *format, ...)
{
	size_t room = MESSAGE_MAX - out->size;
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf((char *)out->bytes + out->size, room, format, args);
	va_end(args);
	if (size > 0)
		out->size += (size_t)size < room ? (size_t)size : room - 1;
}

/* Starts a field of 16 bits that says how long what follows is. */
static size_t begin16(struct message *out)
{
	put16(out, 0);
	return out->size;
}

static void end16(struct message *out, size_t start)
{
	size_t size = out->size - start;

	out->bytes[start - 2] = (uint8_t)(size >> 8);
	out->bytes[start - 1] = (uint8_t)size;
}

static void put_name(struct message *out, const char *name)
{
	while (*name) {
		size_t size = strcspn(name, ".");

		put8(out, (uint8_t)size);
		put(out, name, size);
		name += size + (name[size] == '.');
	}
	put8(out, 0);
}

static void put_dns_head(struct message *out, uint16_t id, uint16_t flags,
			 uint16_t questions, uint16_t answers)
{
	out->size = 0;
	put16(out, id);
	put16(out, flags);
	put16(out, questions);
	put16(out, answers);
	put32(out, 0);
}

static void put_record(struct message *out, uint16_t type, uint32_t ttl)
{
	put16(out, type);
	put16(out, 1); /* IN */
	put32(out, ttl);
}

static void put_address(struct message *out, const struct wire_host *host,
			bool v6)
{
	put16(out, v6 ? 16 : 4);
	put(out, v6 ? host->v6 : host->v4, v6 ? 16 : 4);
}

void message_dns_query(struct message *out, uint16_t id, const char *name,
		       bool v6)
{
	put_dns_head(out, id, 0x0100, 1, 0);
	put_name(out, name);
	put16(out, v6 ? DNS_AAAA : DNS_A);
	put16(out, 1);
}

void message_dns_answer(struct message *out, uint16_t id, const char *name,
			const struct wire_host *host, bool v6)
{
	size_t start, alias;

	put_dns_head(out, id, 0x8180, 1, 2);
	put_name(out, name);
	put16(out, v6 ? DNS_AAAA : DNS_A);
	put16(out, 1);
	put16(out, 0xc00c); /* the question's name */
	put_record(out, DNS_CNAME, 300);
	start = begin16(out);
	alias = out->size;
	put8(out, 4);
	put(out, "edge", 4);
	put16(out, 0xc00c);
	end16(out, start);
	put16(out, (uint16_t)(0xc000 | alias));
	put_record(out, v6 ? DNS_AAAA : DNS_A, 60);
	put_address(out, host, v6);
}

static void put_extension(struct message *out, uint16_t type, const void *data,
			  size_t size)
{
	put16(out, type);
	put16(out, (uint16_t)size);
	if (size)
		put(out, data, size);
}

static void put_server_name(struct message *out, const char *name)
{
	size_t start, list, host;

	put16(out, 0);
	start = begin16(out);
	list = begin16(out);
	put8(out, 0);
	host = begin16(out);
	put(out, name, strlen(name));
	end16(out, host);
	end16(out, list);
	end16(out, start);
}

/* RFC 8446 4.2.8; the hybrid share is 1,184 + 32 bytes. */
static void put_key_shares(struct message *out, struct wire *wire,
			   bool post_quantum)
{
	size_t start, list;

	put16(out, 51);
	start = begin16(out);
	list = begin16(out);
	put32(out, 0x1a1a0001);
	put8(out, 0);
	if (post_quantum) {
		put16(out, 0x11ec);
		put16(out, 1216);
		put_random(out, wire, 1216);
	}
	put16(out, 0x001d);
	put16(out, 32);
	put_random(out, wire, 32);
	end16(out, list);
	end16(out, start);
}

static void put_extensions(struct message *out, struct wire *wire,
			   const char *name, bool post_quantum)
{
	static const uint8_t groups[] = { 0,	10,   0x1a, 0x1a, 0x11, 0xec,
					  0x00, 0x1d, 0x00, 0x17, 0x00, 0x18 };
	static const uint8_t algorithms[] = { 0, 16, 4, 3, 8, 4, 4, 1, 5,
					      3, 8,  5, 5, 1, 8, 6, 6, 1 };
	static const uint8_t versions[] = { 6, 0x1a, 0x1a, 3, 4, 3, 3 };
	size_t start = begin16(out);

	put_extension(out, 0x2a2a, NULL, 0); /* GREASE, RFC 8701 */
	put_server_name(out, name);
	put_extension(out, 23, NULL, 0);
	put_extension(out, 0xff01, "", 1);
	put_extension(out, 10, groups, sizeof(groups));
	put_extension(out, 11, "\1", 2);
	put_extension(out, 35, NULL, 0);
	put_extension(out, 16, "\0\14\2h2\10http/1.1", 14);
	put_extension(out, 5, "\1\0\0\0\0", 5);
	put_extension(out, 13, algorithms, sizeof(algorithms));
	put_extension(out, 18, NULL, 0);
	put_key_shares(out, wire, post_quantum);
	put_extension(out, 45, "\1\1", 2);
	put_extension(out, 43, versions, sizeof(versions));
	end16(out, start);
}

void message_client_hello(struct message *out, struct wire *wire,
			  const char *name, bool post_quantum)
{
	static const uint8_t suites[] = {
		0,    32,   0x3a, 0x3a, 0x13, 0x01, 0x13, 0x02, 0x13,
		0x03, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30,
		0xcc, 0xa9, 0xcc, 0xa8, 0xc0, 0x13, 0xc0, 0x14, 0x00,
		0x9c, 0x00, 0x9d, 0x00, 0x2f, 0x00, 0x35,
	};
	size_t record, hello;

	out->size = 0;
	put8(out, 22); /* handshake */
	put16(out, 0x0301);
	record = begin16(out);
	put16(out, 0x0100); /* ClientHello, and its length's first byte */
	hello = begin16(out);
	put16(out, 0x0303);
	put_random(out, wire, 32);
	put8(out, 32);
	put_random(out, wire, 32);
	put(out, suites, sizeof(suites));
	put16(out, 0x0100);
	put_extensions(out, wire, name, post_quantum);
	end16(out, hello);
	end16(out, record);
}

void message_server_flight(struct message *out, struct wire *wire)
{
	size_t record;

	out->size = 0;
	put8(out, 22);
	put16(out, 0x0303);
	record = begin16(out);
	put32(out, 2 << 24 | 118);
	put_random(out, wire, 118);
	end16(out, record);
	put8(out, 23); /* application data: the certificate, encrypted */
	put16(out, 0x0303);
	record = begin16(out);
	put_random(out, wire, 3200);
	end16(out, record);
}

void message_quic_initial(struct message *out, struct wire *wire)
{
	out->size = 0;
	put8(out, 0xc3);
	put32(out, 1);
	put8(out, 8);
	put_random(out, wire, 8);
	put8(out, 0);
	put8(out, 0);
	put16(out, 0x4000 | 1232);
	put_random(out, wire, 1232);
}

void message_quic_short(struct message *out, struct wire *wire, size_t size)
{
	out->size = 0;
	put8(out, 0x43);
	put_random(out, wire, 20);
	/* its payload is noise to everyone: no need to draw it anew */
	out->size = size < MESSAGE_MAX ? size : MESSAGE_MAX;
}

void message_http_request(struct message *out, const char *name, bool is_post)
{
	out->size = 0;
	put_text(out,
		 "%s /status/v1?id=3 HTTP/1.1\r\nHost: %s\r\n"
		 "User-Agent: Device/2.1 (Linux; armv7l)\r\n"
		 "Accept: */*\r\nConnection: keep-alive\r\n%s\r\n",
		 is_post ? "POST" : "GET", name,
		 is_post ? "Content-Length: 400\r\n" : "");
}

void message_mdns(struct message *out, const char *host,
		  const struct wire_host *who)
{
	char name[80];
	size_t start;

	snprintf(name, sizeof(name), "%s.local", host);
	put_dns_head(out, 0, 0x8400, 0, 3);
	put_name(out, "_http._tcp.local");
	put_record(out, DNS_PTR, 4500);
	start = begin16(out);
	put8(out, (uint8_t)strlen(host));
	put(out, host, strlen(host));
	put16(out, 0xc00c);
	end16(out, start);
	put16(out, (uint16_t)(0xc000 | start));
	put_record(out, DNS_SRV, 120);
	start = begin16(out);
	put32(out, 0);
	put16(out, 80);
	put_name(out, name);
	end16(out, start);
	put_name(out, name);
	put_record(out, DNS_A, 120);
	put_address(out, who, false);
}

void message_ssdp(struct message *out, const char *host)
{
	out->size = 0;
	put_text(out,
		 "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
		 "CACHE-CONTROL: max-age=1800\r\n"
		 "LOCATION: http://%s.local:8008/device.xml\r\n"
		 "NT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"
		 "SERVER: Linux/4.9 UPnP/1.0 %s/1.0\r\n"
		 "USN: uuid:%s::upnp:rootdevice\r\n\r\n",
		 host, host, host);
}

void message_dhcp(struct message *out, struct wire *wire, const char *host,
		  const struct wire_host *who)
{
	out->size = 0;
	put32(out, 0x01010600);
	put_random(out, wire, 4);
	memset(out->bytes + out->size, 0, 20);
	out->size += 20;
	put(out, who->mac, 6);
	memset(out->bytes + out->size, 0, 202);
	out->size += 202;
	put32(out, 0x63825363); /* the magic cookie */
	put(out, "\65\1\3", 3);
	put8(out, 50);
	put8(out, 4);
	put(out, who->v4, 4);
	put8(out, 12);
	put8(out, (uint8_t)strlen(host));
	put(out, host, strlen(host));
	put(out, "\67\4\1\3\6\17\377", 7);
}

void message_ntp(struct message *out, struct wire *wire, bool is_server)
{
	out->size = 0;
	put8(out, is_server ? 0x24 : 0x23);
	put_random(out, wire, 47);
}
