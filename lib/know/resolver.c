// SPDX-License-Identifier: GPL-3.0-or-later
#include "know/resolver.h"

enum which {
	ADGUARD,
	ALIDNS,
	APPLE,
	BAIDU,
	CIRA,
	CLEANBROWSING,
	CLOUDFLARE,
	CLOUDFLARE_GATEWAY,
	COMCAST,
	COMODO,
	CONTROLD,
	CZNIC,
	DIGITALE,
	DNS4EU,
	DNSPOD,
	DNSSB,
	DNSWATCH,
	GOOGLE,
	HURRICANE,
	IIJ,
	LEVEL3,
	LIBREDNS,
	MULLVAD,
	NEXTDNS,
	ONEDNS_114,
	OPENDNS,
	QIHOO,
	QUAD101,
	QUAD9,
	RETHINK,
	SAFEDNS,
	SWITCH_CH,
	ULTRADNS,
	UNCENSORED,
	WIKIMEDIA,
	YANDEX,
	ZERO_EU,
};

#define ALL	 (RESOLVER_PLAIN | RESOLVER_DOT | RESOLVER_DOH | RESOLVER_DOQ)
#define DOT_DOH	 (RESOLVER_DOT | RESOLVER_DOH)
#define PLAIN_TH (RESOLVER_PLAIN | DOT_DOH)

static const struct resolver resolvers[] = {
	[ADGUARD] = { "AdGuard DNS", ALL, "adguard-dns.io/public-dns" },
	[ALIDNS] = { "AliDNS", ALL, "alidns.com" },
	[APPLE] = { "Apple", RESOLVER_DOH, "support.apple.com/102022" },
	[BAIDU] = { "Baidu Public DNS", RESOLVER_PLAIN, "dudns.baidu.com" },
	[CIRA] = { "CIRA Canadian Shield", PLAIN_TH,
		   "cira.ca/en/canadian-shield" },
	[CLEANBROWSING] = { "CleanBrowsing", PLAIN_TH,
			    "cleanbrowsing.org/filters" },
	[CLOUDFLARE] = { "Cloudflare 1.1.1.1", PLAIN_TH,
			 "developers.cloudflare.com/1.1.1.1" },
	[CLOUDFLARE_GATEWAY] = { "Cloudflare Gateway", DOT_DOH,
				 "developers.cloudflare.com/cloudflare-one" },
	[COMCAST] = { "Xfinity", PLAIN_TH, "corporate.comcast.com" },
	[COMODO] = { "Comodo Secure DNS", RESOLVER_PLAIN,
		     "comodo.com/secure-dns" },
	[CONTROLD] = { "Control D", ALL, "controld.com/free-dns" },
	[CZNIC] = { "CZ.NIC ODVR", PLAIN_TH, "nic.cz/odvr" },
	[DIGITALE] = { "Digitale Gesellschaft", DOT_DOH,
		       "digitale-gesellschaft.ch/dns" },
	[DNS4EU] = { "DNS4EU", PLAIN_TH, "joindns4.eu" },
	[DNSPOD] = { "DNSPod Public DNS", PLAIN_TH, "dnspod.cn/products" },
	[DNSSB] = { "DNS.SB", PLAIN_TH, "dns.sb" },
	[DNSWATCH] = { "DNS.WATCH", RESOLVER_PLAIN, "dns.watch" },
	[GOOGLE] = { "Google Public DNS", PLAIN_TH,
		     "developers.google.com/speed/public-dns" },
	[HURRICANE] = { "Hurricane Electric", PLAIN_TH, "dns.he.net" },
	[IIJ] = { "IIJ Public DNS", DOT_DOH, "public.dns.iij.jp" },
	[LEVEL3] = { "Lumen (Level 3)", RESOLVER_PLAIN, "lumen.com" },
	[LIBREDNS] = { "LibreDNS", DOT_DOH, "libredns.gr" },
	[MULLVAD] = { "Mullvad DNS", DOT_DOH, "mullvad.net/help/dns" },
	[NEXTDNS] = { "NextDNS", ALL, "nextdns.io" },
	[ONEDNS_114] = { "114DNS", RESOLVER_PLAIN, "114dns.com" },
	[OPENDNS] = { "OpenDNS", PLAIN_TH, "opendns.com/setupguide" },
	[QIHOO] = { "360 Secure DNS", PLAIN_TH, "sdns.360.net" },
	[QUAD101] = { "Quad101", PLAIN_TH, "101.101.101.101 (TWNIC)" },
	[QUAD9] = { "Quad9", PLAIN_TH, "quad9.net/service" },
	[RETHINK] = { "RethinkDNS", DOT_DOH, "rethinkdns.com" },
	[SAFEDNS] = { "SafeDNS", RESOLVER_PLAIN, "safedns.com" },
	[SWITCH_CH] = { "SWITCH Public DNS", PLAIN_TH, "switch.ch" },
	[ULTRADNS] = { "UltraDNS Public", RESOLVER_PLAIN,
		       "vercara.com/ultradns-public" },
	[UNCENSORED] = { "UncensoredDNS", PLAIN_TH, "blog.uncensoreddns.org" },
	[WIKIMEDIA] = { "Wikimedia DNS", DOT_DOH,
			"meta.wikimedia.org/wiki/Wikimedia_DNS" },
	[YANDEX] = { "Yandex DNS", PLAIN_TH, "dns.yandex.com" },
	[ZERO_EU] = { "dns0.eu", ALL, "dns0.eu" },
};

/* Whole names whose subdomains, if any, are the same service's. */
static const struct {
	const char *host;
	enum which of;
} hosts[] = {
	{ "dns.adguard.com", ADGUARD },
	{ "dns.adguard-dns.com", ADGUARD },
	{ "family.adguard-dns.com", ADGUARD },
	{ "unfiltered.adguard-dns.com", ADGUARD },
	{ "d.adguard-dns.com", ADGUARD },
	{ "dns-family.adguard.com", ADGUARD },
	{ "dns-unfiltered.adguard.com", ADGUARD },
	{ "dns.alidns.com", ALIDNS },
	{ "doh.dns.apple.com", APPLE },
	{ "canadianshield.cira.ca", CIRA },
	{ "doh.cleanbrowsing.org", CLEANBROWSING },
	{ "security-filter-dns.cleanbrowsing.org", CLEANBROWSING },
	{ "family-filter-dns.cleanbrowsing.org", CLEANBROWSING },
	{ "adult-filter-dns.cleanbrowsing.org", CLEANBROWSING },
	{ "cloudflare-dns.com", CLOUDFLARE },
	{ "one.one.one.one", CLOUDFLARE },
	{ "cloudflare-gateway.com", CLOUDFLARE_GATEWAY },
	{ "dot.xfinity.com", COMCAST },
	{ "doh.xfinity.com", COMCAST },
	{ "dns.controld.com", CONTROLD },
	{ "freedns.controld.com", CONTROLD },
	{ "odvr.nic.cz", CZNIC },
	{ "dns.digitale-gesellschaft.ch", DIGITALE },
	{ "joindns4.eu", DNS4EU },
	{ "dns.pub", DNSPOD },
	{ "doh.pub", DNSPOD },
	{ "dot.pub", DNSPOD },
	{ "dns.sb", DNSSB },
	{ "dot.sb", DNSSB },
	{ "resolver1.dns.watch", DNSWATCH },
	{ "resolver2.dns.watch", DNSWATCH },
	{ "dns.google", GOOGLE },
	{ "dns.google.com", GOOGLE },
	{ "8888.google", GOOGLE },
	{ "ordns.he.net", HURRICANE },
	{ "public.dns.iij.jp", IIJ },
	{ "doh.libredns.gr", LIBREDNS },
	{ "dot.libredns.gr", LIBREDNS },
	{ "dns.mullvad.net", MULLVAD },
	{ "dns.nextdns.io", NEXTDNS },
	{ "dns1.nextdns.io", NEXTDNS },
	{ "dns2.nextdns.io", NEXTDNS },
	{ "dns.opendns.com", OPENDNS },
	{ "doh.opendns.com", OPENDNS },
	{ "doh.familyshield.opendns.com", OPENDNS },
	{ "dns.umbrella.com", OPENDNS },
	{ "doh.umbrella.com", OPENDNS },
	{ "doh.360.cn", QIHOO },
	{ "dot.360.cn", QIHOO },
	{ "dns.twnic.tw", QUAD101 },
	{ "dns.quad9.net", QUAD9 },
	{ "dns9.quad9.net", QUAD9 },
	{ "dns10.quad9.net", QUAD9 },
	{ "dns11.quad9.net", QUAD9 },
	{ "dns12.quad9.net", QUAD9 },
	{ "sky.rethinkdns.com", RETHINK },
	{ "max.rethinkdns.com", RETHINK },
	{ "basic.rethinkdns.com", RETHINK },
	{ "dns.switch.ch", SWITCH_CH },
	{ "anycast.uncensoreddns.org", UNCENSORED },
	{ "unicast.uncensoreddns.org", UNCENSORED },
	{ "wikimedia-dns.org", WIKIMEDIA },
	{ "dot.dns.yandex.net", YANDEX },
	{ "dns0.eu", ZERO_EU },
};

#define V4(a, b, c, d)             \
	{                          \
		(a), (b), (c), (d) \
	}

static const struct {
	uint8_t b[4];
	enum which of;
} v4_addrs[] = {
	{ V4(1, 0, 0, 1), CLOUDFLARE },
	{ V4(1, 0, 0, 2), CLOUDFLARE },
	{ V4(1, 0, 0, 3), CLOUDFLARE },
	{ V4(1, 1, 1, 1), CLOUDFLARE },
	{ V4(1, 1, 1, 2), CLOUDFLARE },
	{ V4(1, 1, 1, 3), CLOUDFLARE },
	{ V4(1, 12, 12, 12), DNSPOD },
	{ V4(4, 2, 2, 1), LEVEL3 },
	{ V4(4, 2, 2, 2), LEVEL3 },
	{ V4(4, 2, 2, 3), LEVEL3 },
	{ V4(4, 2, 2, 4), LEVEL3 },
	{ V4(4, 2, 2, 5), LEVEL3 },
	{ V4(4, 2, 2, 6), LEVEL3 },
	{ V4(8, 8, 4, 4), GOOGLE },
	{ V4(8, 8, 8, 8), GOOGLE },
	{ V4(8, 20, 247, 20), COMODO },
	{ V4(8, 26, 56, 26), COMODO },
	{ V4(9, 9, 9, 9), QUAD9 },
	{ V4(9, 9, 9, 10), QUAD9 },
	{ V4(9, 9, 9, 11), QUAD9 },
	{ V4(9, 9, 9, 12), QUAD9 },
	{ V4(45, 11, 45, 11), DNSSB },
	{ V4(64, 6, 64, 6), ULTRADNS },
	{ V4(64, 6, 65, 6), ULTRADNS },
	{ V4(74, 82, 42, 42), HURRICANE },
	{ V4(75, 75, 75, 75), COMCAST },
	{ V4(75, 75, 76, 76), COMCAST },
	{ V4(76, 76, 2, 0), CONTROLD },
	{ V4(76, 76, 2, 1), CONTROLD },
	{ V4(76, 76, 2, 2), CONTROLD },
	{ V4(76, 76, 2, 3), CONTROLD },
	{ V4(76, 76, 10, 0), CONTROLD },
	{ V4(76, 76, 10, 1), CONTROLD },
	{ V4(76, 76, 10, 2), CONTROLD },
	{ V4(76, 76, 10, 3), CONTROLD },
	{ V4(77, 88, 8, 1), YANDEX },
	{ V4(77, 88, 8, 2), YANDEX },
	{ V4(77, 88, 8, 3), YANDEX },
	{ V4(77, 88, 8, 7), YANDEX },
	{ V4(77, 88, 8, 8), YANDEX },
	{ V4(77, 88, 8, 88), YANDEX },
	{ V4(84, 200, 69, 80), DNSWATCH },
	{ V4(84, 200, 70, 40), DNSWATCH },
	{ V4(86, 54, 11, 1), DNS4EU },
	{ V4(86, 54, 11, 100), DNS4EU },
	{ V4(86, 54, 11, 200), DNS4EU },
	{ V4(86, 54, 11, 201), DNS4EU },
	{ V4(89, 233, 43, 71), UNCENSORED },
	{ V4(91, 239, 100, 100), UNCENSORED },
	{ V4(94, 140, 14, 14), ADGUARD },
	{ V4(94, 140, 14, 15), ADGUARD },
	{ V4(94, 140, 14, 140), ADGUARD },
	{ V4(94, 140, 14, 141), ADGUARD },
	{ V4(94, 140, 15, 15), ADGUARD },
	{ V4(94, 140, 15, 16), ADGUARD },
	{ V4(101, 101, 101, 101), QUAD101 },
	{ V4(101, 102, 103, 104), QUAD101 },
	{ V4(101, 226, 4, 6), QIHOO },
	{ V4(114, 114, 114, 114), ONEDNS_114 },
	{ V4(114, 114, 115, 115), ONEDNS_114 },
	{ V4(116, 202, 176, 26), LIBREDNS },
	{ V4(119, 29, 29, 29), DNSPOD },
	{ V4(120, 53, 53, 53), DNSPOD },
	{ V4(130, 59, 31, 248), SWITCH_CH },
	{ V4(130, 59, 31, 251), SWITCH_CH },
	{ V4(146, 112, 41, 2), OPENDNS },
	{ V4(149, 112, 112, 9), QUAD9 },
	{ V4(149, 112, 112, 10), QUAD9 },
	{ V4(149, 112, 112, 11), QUAD9 },
	{ V4(149, 112, 112, 12), QUAD9 },
	{ V4(149, 112, 112, 112), QUAD9 },
	{ V4(149, 112, 121, 10), CIRA },
	{ V4(149, 112, 121, 20), CIRA },
	{ V4(149, 112, 121, 30), CIRA },
	{ V4(149, 112, 122, 10), CIRA },
	{ V4(149, 112, 122, 20), CIRA },
	{ V4(149, 112, 122, 30), CIRA },
	{ V4(156, 154, 70, 1), ULTRADNS },
	{ V4(156, 154, 71, 1), ULTRADNS },
	{ V4(162, 159, 61, 3), CLOUDFLARE },
	{ V4(162, 159, 61, 4), CLOUDFLARE },
	{ V4(172, 64, 41, 3), CLOUDFLARE },
	{ V4(172, 64, 41, 4), CLOUDFLARE },
	{ V4(180, 76, 76, 76), BAIDU },
	{ V4(185, 43, 135, 1), CZNIC },
	{ V4(185, 71, 138, 138), WIKIMEDIA },
	{ V4(185, 95, 218, 42), DIGITALE },
	{ V4(185, 95, 218, 43), DIGITALE },
	{ V4(185, 222, 222, 222), DNSSB },
	{ V4(185, 228, 168, 9), CLEANBROWSING },
	{ V4(185, 228, 168, 10), CLEANBROWSING },
	{ V4(185, 228, 168, 168), CLEANBROWSING },
	{ V4(185, 228, 169, 9), CLEANBROWSING },
	{ V4(185, 228, 169, 11), CLEANBROWSING },
	{ V4(185, 228, 169, 168), CLEANBROWSING },
	{ V4(185, 253, 5, 0), ZERO_EU },
	{ V4(193, 17, 47, 1), CZNIC },
	{ V4(193, 110, 81, 0), ZERO_EU },
	{ V4(194, 242, 2, 2), MULLVAD },
	{ V4(194, 242, 2, 3), MULLVAD },
	{ V4(194, 242, 2, 4), MULLVAD },
	{ V4(194, 242, 2, 5), MULLVAD },
	{ V4(194, 242, 2, 6), MULLVAD },
	{ V4(194, 242, 2, 9), MULLVAD },
	{ V4(195, 46, 39, 39), SAFEDNS },
	{ V4(195, 46, 39, 40), SAFEDNS },
	{ V4(208, 67, 220, 123), OPENDNS },
	{ V4(208, 67, 220, 220), OPENDNS },
	{ V4(208, 67, 220, 222), OPENDNS },
	{ V4(208, 67, 222, 123), OPENDNS },
	{ V4(208, 67, 222, 220), OPENDNS },
	{ V4(208, 67, 222, 222), OPENDNS },
	{ V4(209, 244, 0, 3), LEVEL3 },
	{ V4(209, 244, 0, 4), LEVEL3 },
	{ V4(218, 30, 118, 6), QIHOO },
	{ V4(223, 5, 5, 5), ALIDNS },
	{ V4(223, 6, 6, 6), ALIDNS },
};

/* Four groups of an address. */
#define GROUPS(a, b, c, d)                                                 \
	((uint64_t)(a) << 48 | (uint64_t)(b) << 32 | (uint64_t)(c) << 16 | \
	 (uint64_t)(d))
#define V6(a, b, c, d, e, f, g, h) GROUPS(a, b, c, d), GROUPS(e, f, g, h)

static const struct {
	uint64_t high, low;
	enum which of;
} v6_addrs[] = {
	{ V6(0x2001, 0x470, 0x20, 0, 0, 0, 0, 2), HURRICANE },
	{ V6(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x64), GOOGLE },
	{ V6(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x6464), GOOGLE },
	{ V6(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8844), GOOGLE },
	{ V6(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888), GOOGLE },
	{ V6(0x2001, 0x67c, 0x930, 0, 0, 0, 0, 1), WIKIMEDIA },
	{ V6(0x2400, 0x3200, 0, 0, 0, 0, 0, 1), ALIDNS },
	{ V6(0x2400, 0x3200, 0xbaba, 0, 0, 0, 0, 1), ALIDNS },
	{ V6(0x2606, 0x1a40, 0, 0, 0, 0, 0, 0), CONTROLD },
	{ V6(0x2606, 0x1a40, 1, 0, 0, 0, 0, 0), CONTROLD },
	{ V6(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1001), CLOUDFLARE },
	{ V6(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1002), CLOUDFLARE },
	{ V6(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1003), CLOUDFLARE },
	{ V6(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111), CLOUDFLARE },
	{ V6(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1112), CLOUDFLARE },
	{ V6(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1113), CLOUDFLARE },
	{ V6(0x2620, 0xfe, 0, 0, 0, 0, 0, 9), QUAD9 },
	{ V6(0x2620, 0xfe, 0, 0, 0, 0, 0, 0x10), QUAD9 },
	{ V6(0x2620, 0xfe, 0, 0, 0, 0, 0, 0x11), QUAD9 },
	{ V6(0x2620, 0xfe, 0, 0, 0, 0, 0, 0xfe), QUAD9 },
	{ V6(0x2620, 0xfe, 0, 0, 0, 0, 0xfe, 9), QUAD9 },
	{ V6(0x2620, 0xfe, 0, 0, 0, 0, 0xfe, 0x10), QUAD9 },
	{ V6(0x2620, 0xfe, 0, 0, 0, 0, 0xfe, 0x11), QUAD9 },
	{ V6(0x2620, 0x119, 0x35, 0, 0, 0, 0, 0x35), OPENDNS },
	{ V6(0x2620, 0x119, 0x53, 0, 0, 0, 0, 0x53), OPENDNS },
	{ V6(0x2a02, 0x6b8, 0, 0, 0, 0, 0xfeed, 0xff), YANDEX },
	{ V6(0x2a02, 0x6b8, 0, 1, 0, 0, 0xfeed, 0xff), YANDEX },
	{ V6(0x2a07, 0xa8c0, 0, 0, 0, 0, 0, 0), NEXTDNS },
	{ V6(0x2a07, 0xa8c1, 0, 0, 0, 0, 0, 0), NEXTDNS },
	{ V6(0x2a07, 0xe340, 0, 0, 0, 0, 0, 2), MULLVAD },
	{ V6(0x2a09, 0, 0, 0, 0, 0, 0, 0), DNSSB },
	{ V6(0x2a10, 0x50c0, 0, 0, 0, 0, 1, 0xff), ADGUARD },
	{ V6(0x2a10, 0x50c0, 0, 0, 0, 0, 2, 0xff), ADGUARD },
	{ V6(0x2a10, 0x50c0, 0, 0, 0, 0, 0xad1, 0xff), ADGUARD },
	{ V6(0x2a10, 0x50c0, 0, 0, 0, 0, 0xad2, 0xff), ADGUARD },
	{ V6(0x2a10, 0x50c0, 0, 0, 0, 0, 0xbad1, 0xff), ADGUARD },
	{ V6(0x2a10, 0x50c0, 0, 0, 0, 0, 0xbad2, 0xff), ADGUARD },
	{ V6(0x2a11, 0, 0, 0, 0, 0, 0, 0), DNSSB },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* NextDNS gives each customer an address of its own in these two. */
static bool is_nextdns(const uint8_t *b)
{
	return b[0] == 45 && b[1] == 90 && (b[2] == 28 || b[2] == 30);
}

static bool is_at_or_below(struct slice host, const char *name)
{
	size_t len = strlen(name);

	return host.len >= len &&
	       !memcmp(host.data + host.len - len, name, len) &&
	       (host.len == len || host.data[host.len - len - 1] == '.');
}

const struct resolver *resolver_by_host(struct slice host)
{
	for (size_t i = 0; host.len && i < COUNT(hosts); i++)
		if (is_at_or_below(host, hosts[i].host))
			return &resolvers[hosts[i].of];
	return NULL;
}

static uint64_t half(const uint8_t *b)
{
	uint64_t v = 0;

	for (size_t i = 0; i < 8; i++)
		v = v << 8 | b[i];
	return v;
}

const struct resolver *resolver_by_addr(const struct addr *addr)
{
	uint64_t high = half(addr->b), low = half(addr->b + 8);

	if (addr->family == 4) {
		for (size_t i = 0; i < COUNT(v4_addrs); i++)
			if (!memcmp(addr->b, v4_addrs[i].b, 4))
				return &resolvers[v4_addrs[i].of];
		return is_nextdns(addr->b) ? &resolvers[NEXTDNS] : NULL;
	}
	for (size_t i = 0; addr->family == 6 && i < COUNT(v6_addrs); i++)
		if (v6_addrs[i].high == high && v6_addrs[i].low == low)
			return &resolvers[v6_addrs[i].of];
	return NULL;
}

size_t resolver_count(void)
{
	return COUNT(hosts) + COUNT(v4_addrs) + COUNT(v6_addrs);
}
