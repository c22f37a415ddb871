// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "judge/identity.h"
#include "know/reference_build.h"

#define PIECES 8
#define H      RECORD_CLUE_DHCP_HOSTNAME
#define V      RECORD_CLUE_DHCP_VENDOR_CLASS
#define P      RECORD_CLUE_DHCP_PARAMETERS
#define S      RECORD_CLUE_MDNS_SERVICE
#define I      RECORD_CLUE_MDNS_INSTANCE
#define N      RECORD_CLUE_MDNS_HOST
#define T      RECORD_CLUE_MDNS_TXT
#define U      RECORD_CLUE_USER_AGENT
#define O      EVIDENCE_OUI
#define R      EVIDENCE_MAC_RANDOM
#define D      EVIDENCE_DOMAIN

struct piece {
	unsigned int kind;
	const char *text;
};

static void fill(struct evidence_set *set, const struct piece pieces[PIECES])
{
	evidence_init(set, NULL);
	for (size_t i = 0; i < PIECES && pieces[i].text; i++)
		evidence_add(set, pieces[i].kind, slice_text(pieces[i].text));
}

static void judge(const struct piece pieces[PIECES], struct identity *out)
{
	struct evidence_set set;

	fill(&set, pieces);
	identity_judge(&set, out);
	evidence_done(&set);
}

/* What devices announce, as they announce it. "": not looked at. */
struct row {
	const char *name;
	enum identity_verdict verdict;
	const char *vendor, *category, *model;
	struct piece pieces[PIECES];
};

static void check(const struct row *rows, size_t count)
{
	struct identity found;
	bool good = true;

	for (size_t i = 0; i < count; i++) {
		const struct row *r = &rows[i];

		judge(r->pieces, &found);
		if (found.verdict == r->verdict &&
		    (!r->vendor[0] || !strcmp(found.vendor, r->vendor)) &&
		    (!r->category[0] || !strcmp(found.category, r->category)) &&
		    (!r->model[0] || !strcmp(found.model, r->model)))
			continue;
		print_message("%s: %s (thing %u, computer %u): \"%s\" \"%s\" "
			      "\"%s\" %u\n",
			      r->name, identity_verdict_name(found.verdict),
			      found.thing, found.computer, found.vendor,
			      found.category, found.model, found.confidence);
		good = false;
	}
	assert_true(good);
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct row computers[] = {
	{ "iPhone by its name",
	  IDENTITY_COMPUTER,
	  "Apple",
	  "phone",
	  "",
	  { { R, "-" },
	    { H, "Annas-iPhone" },
	    { P, "1,121,3,6,15,108,114,119,252" } } },
	{ "iPhone that tells no name",
	  IDENTITY_COMPUTER,
	  "Apple",
	  "",
	  "",
	  { { R, "-" },
	    { P, "1,121,3,6,15,108,114,119,252" },
	    { D, "captive.apple.com" } } },
	{ "iPhone of 2024 that tells no name",
	  IDENTITY_COMPUTER,
	  "Apple",
	  "",
	  "",
	  { { R, "-" }, { P, "1,121,3,6,15,108,114,119,162,252" } } },
	{ "Mac of 2024 that tells no name",
	  IDENTITY_COMPUTER,
	  "Apple",
	  "computer",
	  "",
	  { { R, "-" }, { P, "1,121,3,6,15,108,114,119,162,252,95,44,46" } } },
	{ "iPhone by mDNS",
	  IDENTITY_COMPUTER,
	  "Apple",
	  "phone",
	  "",
	  { { O, "Apple, Inc." },
	    { N, "Martins-iPhone.local" },
	    { S, "_apple-mobdev2._tcp.local" } } },
	{ "iPhone by its browser",
	  IDENTITY_COMPUTER,
	  "Apple",
	  "phone",
	  "",
	  { { U, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS "
		 "X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
		 "Version/17.2 Mobile/15E148 Safari/604.1" } } },
	{ "iPad",
	  IDENTITY_COMPUTER,
	  "Apple",
	  "tablet",
	  "iPad13,4",
	  { { N, "Art-Teachers-iPad.local" },
	    { S, "_companion-link._tcp.local" },
	    { T, "rpMd=iPad13,4" } } },
	{ "MacBook",
	  IDENTITY_COMPUTER,
	  "Apple",
	  "laptop",
	  "MacBookPro14,2",
	  { { I, "Peter\342\200\231s MacBook Pro._companion-link._tcp."
		 "local" },
	    { S, "_companion-link._tcp.local" },
	    { T, "model=MacBookPro14,2" },
	    { T, "osxvers=19" } } },
	{ "MacBook in one word",
	  IDENTITY_COMPUTER,
	  "Apple",
	  "laptop",
	  "",
	  { { H, "NicksMacBook" } } },
	{ "Mac that plays for AirPlay",
	  IDENTITY_COMPUTER,
	  "Apple",
	  "",
	  "",
	  { { O, "Apple, Inc." },
	    { S, "_airplay._tcp.local" },
	    { S, "_raop._tcp.local" },
	    { T, "model=Mac14,7" },
	    { P, "1,121,3,6,15,108,114,119,252,95,44,46" } } },
	{ "Android phone",
	  IDENTITY_COMPUTER,
	  "Google",
	  "phone",
	  "",
	  { { R, "-" },
	    { H, "Pixel-7" },
	    { V, "android-dhcp-13" },
	    { P, "1,3,6,15,26,28,51,58,59,43,114,108" } } },
	{ "Android phone without a name",
	  IDENTITY_COMPUTER,
	  "",
	  "",
	  "",
	  { { R, "-" },
	    { V, "android-dhcp-14" },
	    { P, "1,3,6,15,26,28,51,58,59,43,114,108" } } },
	{ "Android phone by its browser",
	  IDENTITY_COMPUTER,
	  "",
	  "phone",
	  "",
	  { { U, "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 "
		 "(KHTML, like Gecko) Chrome/120.0.0.0 Mobile "
		 "Safari/537.36" } } },
	{ "Samsung phone",
	  IDENTITY_COMPUTER,
	  "Samsung",
	  "phone",
	  "SM-G991B",
	  { { O, "Samsung Electronics Co.,Ltd" },
	    { U, "Dalvik/2.1.0 (Linux; U; Android 13; SM-G991B "
		 "Build/TP1A.220624.014)" } } },
	{ "Windows by DHCP",
	  IDENTITY_COMPUTER,
	  "",
	  "computer",
	  "Windows PC",
	  { { V, "MSFT 5.0" },
	    { H, "DESKTOP-4F7K2QD" },
	    { P, "1,3,6,15,31,33,43,44,46,47,119,121,249,252" } } },
	{ "Windows by where it goes",
	  IDENTITY_COMPUTER,
	  "",
	  "",
	  "",
	  { { O, "Intel Corporate" },
	    { D, "www.msftconnecttest.com" },
	    { D, "settings-win.data.microsoft.com" } } },
	{ "Windows by its browser",
	  IDENTITY_COMPUTER,
	  "",
	  "computer",
	  "",
	  { { U, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
		 "AppleWebKit/537.36 (KHTML, like Gecko) "
		 "Chrome/129.0.0.0 Safari/537.36 Edg/129.0" } } },
	{ "Linux desktop",
	  IDENTITY_COMPUTER,
	  "",
	  "",
	  "",
	  { { O, "Intel Corporate" },
	    { H, "pop-os" },
	    { P, "1,2,6,12,15,26,28,121,3,33,40,41,42,119,249,252,17" } } },
	{ "Linux by Firefox",
	  IDENTITY_COMPUTER,
	  "",
	  "",
	  "",
	  { { U, "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) "
		 "Gecko/20100101 Firefox/115.0" },
	    { D, "detectportal.firefox.com" } } },
	{ "Chromebook",
	  IDENTITY_COMPUTER,
	  "Google",
	  "computer",
	  "Chromebook",
	  { { U, "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) "
		 "AppleWebKit/537.36 (KHTML, like Gecko) "
		 "Chrome/120.0.0.0 Safari/537.36" } } },
	{ "Fire tablet",
	  IDENTITY_COMPUTER,
	  "Amazon",
	  "tablet",
	  "",
	  { { O, "Amazon Technologies Inc." },
	    { U, "Dalvik/2.1.0 (Linux; U; Android 9; KFMAWI "
		 "Build/PS7318)" } } },
	{ "phone with the apps of things",
	  IDENTITY_COMPUTER,
	  "",
	  "",
	  "",
	  { { R, "-" },
	    { H, "Galaxy-S21" },
	    { D, "api.ring.com" },
	    { D, "device-metrics-us.amazon.com" },
	    { D, "api.roku.com" },
	    { D, "api.wyzecam.com" } } },
};

static void peoples_computers_are_locked(void **state)
{
	(void)state;
	check(computers, COUNT(computers));
}

static const struct row things[] = {
	{ "Shield",
	  IDENTITY_THING,
	  "Nvidia",
	  "tv",
	  "Shield TV",
	  { { O, "NVIDIA" },
	    { V, "android-dhcp-11" },
	    { H, "android-4f6c8b1d2e3a9071" },
	    { S, "_googlecast._tcp.local" },
	    { S, "_androidtvremote2._tcp.local" },
	    { T, "md=SHIELD Android TV" },
	    { U, "Dalvik/2.1.0 (Linux; U; Android 11; SHIELD Android TV "
		 "Build/RQ1A.210105.003)" } } },
	{ "Shield by its browser alone",
	  IDENTITY_THING,
	  "Nvidia",
	  "tv",
	  "",
	  { { U, "Dalvik/2.1.0 (Linux; U; Android 11; SHIELD Android TV "
		 "Build/RQ1A.210105.003)" } } },
	{ "Fire TV",
	  IDENTITY_THING,
	  "Amazon",
	  "tv",
	  "",
	  { { O, "Amazon Technologies Inc." },
	    { V, "android-dhcp-9" },
	    { S, "_amzn-wplay._tcp.local" },
	    { D, "connectivitycheck.gstatic.com" },
	    { U, "Dalvik/2.1.0 (Linux; U; Android 9; AFTMM "
		 "Build/PS7633)" } } },
	{ "Chromecast",
	  IDENTITY_THING,
	  "Google",
	  "tv",
	  "Chromecast",
	  { { O, "Google, Inc." },
	    { S, "_googlecast._tcp.local" },
	    { T, "md=Chromecast" },
	    { D, "connectivitycheck.gstatic.com" },
	    { D, "clients3.google.com" } } },
	{ "Android television",
	  IDENTITY_THING,
	  "Sony",
	  "tv",
	  "",
	  { { O, "Sony Corporation" },
	    { V, "android-dhcp-9" },
	    { S, "_androidtvremote2._tcp.local" },
	    { U, "Mozilla/5.0 (Linux; Android 9; BRAVIA 4K UR2 "
		 "Build/PTT1) AppleWebKit/537.36 Chrome/100" } } },
	{ "Echo Show",
	  IDENTITY_THING,
	  "Amazon",
	  "display",
	  "Echo Show",
	  { { O, "Amazon Technologies Inc." },
	    { V, "android-dhcp-9" },
	    { U, "Mozilla/5.0 (Linux; Android 9; AEOCW Build/PS7) "
		 "AppleWebKit/537.36 Chrome/100" } } },
	{ "Apple TV",
	  IDENTITY_THING,
	  "Apple",
	  "tv",
	  "AppleTV6,2",
	  { { O, "Apple, Inc." },
	    { P, "1,121,3,6,15,119,252" },
	    { S, "_airplay._tcp.local" },
	    { S, "_companion-link._tcp.local" },
	    { T, "rpMd=AppleTV6,2" },
	    { D, "captive.apple.com" } } },
	{ "HomePod",
	  IDENTITY_THING,
	  "Apple",
	  "speaker",
	  "",
	  { { O, "Apple, Inc." },
	    { S, "_companion-link._tcp.local" },
	    { T, "model=AudioAccessory5,1" } } },
	{ "Roku",
	  IDENTITY_THING,
	  "Roku",
	  "tv",
	  "",
	  { { O, "Roku, Inc" }, { H, "Roku-Living-Room" } } },
	{ "Samsung television",
	  IDENTITY_THING,
	  "Samsung",
	  "tv",
	  "",
	  { { O, "Samsung Electronics Co.,Ltd" },
	    { U, "Mozilla/5.0 (SMART-TV; LINUX; Tizen 5.0) "
		 "AppleWebKit/537.36 Version/5.0 TV Safari/537.36" } } },
	{ "LG television",
	  IDENTITY_THING,
	  "LG",
	  "tv",
	  "",
	  { { O, "LG Innotek" },
	    { H, "LGwebOSTV" },
	    { U, "Mozilla/5.0 (Web0S; Linux/SmartTV) "
		 "AppleWebKit/537.36 Chrome/79 Safari/537.36" } } },
	{ "Sonos",
	  IDENTITY_THING,
	  "Sonos",
	  "speaker",
	  "",
	  { { O, "Sonos, Inc." },
	    { RECORD_CLUE_SSDP_SERVER,
	      "Linux UPnP/1.0 Sonos/63.2-90210 (ZPS9)" } } },
	{ "Wyze camera",
	  IDENTITY_THING,
	  "Wyze",
	  "camera",
	  "",
	  { { O, "Wyze Labs Inc" },
	    { H, "WYZE_CAKP2JFUS" },
	    { V, "udhcp 1.24.1" } } },
	{ "Kasa plug",
	  IDENTITY_THING,
	  "TP-Link",
	  "plug",
	  "",
	  { { O, "TP-LINK TECHNOLOGIES CO.,LTD." }, { H, "HS110" } } },
	{ "WeMo",
	  IDENTITY_THING,
	  "Belkin",
	  "plug",
	  "WeMo",
	  { { O, "Belkin International Inc." },
	    { RECORD_CLUE_SSDP_USN, "uuid:Socket-1_0-221517K0101769::"
				    "urn:Belkin:device:controllee:1" } } },
	{ "Hue",
	  IDENTITY_THING,
	  "Philips Hue",
	  "light",
	  "",
	  { { O, "Philips Lighting BV" }, { H, "Philips-hue" } } },
	{ "bare ESP8266",
	  IDENTITY_THING,
	  "",
	  "module",
	  "",
	  { { O, "Espressif Inc." }, { H, "ESP_1A2B3C" } } },
	{ "Ecobee",
	  IDENTITY_THING,
	  "Ecobee",
	  "thermostat",
	  "",
	  { { O, "ecobee inc" }, { S, "_hap._tcp.local" } } },
	{ "HP printer",
	  IDENTITY_THING,
	  "HP",
	  "printer",
	  "OfficeJet Pro 8020",
	  { { O, "Hewlett Packard" },
	    { S, "_ipp._tcp.local" },
	    { T, "ty=HP OfficeJet Pro 8020" } } },
	{ "PlayStation",
	  IDENTITY_THING,
	  "Sony",
	  "console",
	  "",
	  { { O, "Sony Interactive Entertainment Inc." }, { H, "PS5-123" } } },
	{ "Xbox",
	  IDENTITY_THING,
	  "Microsoft",
	  "console",
	  "Xbox",
	  { { O, "Microsoft Corporation" },
	    { V, "MSFT 5.0 XBOX" },
	    { H, "XboxOne" } } },
	{ "Synology",
	  IDENTITY_THING,
	  "Synology",
	  "nas",
	  "",
	  { { O, "Synology Incorporated" }, { N, "DiskStation.local" } } },
	{ "Roomba",
	  IDENTITY_THING,
	  "iRobot",
	  "vacuum",
	  "",
	  { { O, "iRobot Corporation" }, { H, "Roomba-3147C20C91024300" } } },
};

static void things_stay_open(void **state)
{
	(void)state;
	check(things, COUNT(things));
}

static const struct row either[] = {
	{ "nothing", IDENTITY_UNKNOWN, "", "", "", { { 0, NULL } } },
	{ "Android's DHCP alone",
	  IDENTITY_UNKNOWN,
	  "",
	  "",
	  "",
	  { { V, "android-dhcp-11" } } },
	{ "Shield that has not announced itself yet",
	  IDENTITY_UNKNOWN,
	  "Nvidia",
	  "",
	  "",
	  { { O, "NVIDIA" },
	    { V, "android-dhcp-11" },
	    { P, "1,3,6,15,26,28,51,58,59,43" },
	    { H, "android-4f6c8b1d2e3a9071" } } },
	{ "Android without Mobile",
	  IDENTITY_UNKNOWN,
	  "",
	  "",
	  "",
	  { { U, "Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 "
		 "Chrome/100 Safari/537.36" } } },
	{ "Fire TV or Fire tablet",
	  IDENTITY_UNKNOWN,
	  "Amazon",
	  "",
	  "",
	  { { O, "Amazon Technologies Inc." },
	    { H, "amazon-1c7f2b9e3" },
	    { V, "android-dhcp-9" },
	    { P, "1,3,6,15,26,28,51,58,59,43" },
	    { D, "dcape-na.amazon.com" },
	    { D, "fireoscaptiveportal.com" } } },
	{ "laptop that shares a printer of its own maker",
	  IDENTITY_UNKNOWN,
	  "HP",
	  "",
	  "",
	  { { O, "HP Inc." },
	    { S, "_ipp._tcp.local" },
	    { T, "ty=HP LaserJet 1020" },
	    { T, "usb_MFG=HP" },
	    { T, "printer-type=0x1046" } } },
	{ "laptop with a FRITZ!WLAN stick",
	  IDENTITY_UNKNOWN,
	  "AVM",
	  "",
	  "",
	  { { O, "AVM Audiovisuelles Marketing und Computersysteme GmbH" } } },
	{ "a made-up MAC alone", IDENTITY_UNKNOWN, "", "", "", { { R, "-" } } },
	{ "Apple's MAC alone",
	  IDENTITY_UNKNOWN,
	  "Apple",
	  "",
	  "",
	  { { O, "Apple, Inc." } } },
	{ "Apple's shared services",
	  IDENTITY_UNKNOWN,
	  "Apple",
	  "",
	  "",
	  { { O, "Apple, Inc." },
	    { S, "_airplay._tcp.local" },
	    { S, "_companion-link._tcp.local" } } },
	{ "servers of things alone",
	  IDENTITY_UNKNOWN,
	  "",
	  "",
	  "",
	  { { D, "api.wyzecam.com" }, { D, "fw.ring.com" } } },
	{ "Amazon's MAC alone: Fire TV or tablet",
	  IDENTITY_UNKNOWN,
	  "Amazon",
	  "",
	  "",
	  { { O, "Amazon Technologies Inc." } } },
	{ "a name that a child may have",
	  IDENTITY_UNKNOWN,
	  "Arlo",
	  "",
	  "",
	  { { H, "arlo-XPS13" } } },
	{ "a PC that plays AirPlay",
	  IDENTITY_UNKNOWN,
	  "",
	  "",
	  "",
	  { { S, "_airplay._tcp.local" }, { T, "model=AppleTV3,2" } } },
	{ "a Raspberry Pi",
	  IDENTITY_UNKNOWN,
	  "Raspberry Pi",
	  "board",
	  "",
	  { { O, "Raspberry Pi Trading Ltd" }, { N, "raspberrypi.local" } } },
	{ "a television with Windows' browser",
	  IDENTITY_UNKNOWN,
	  "",
	  "",
	  "",
	  { { O, "Roku, Inc" },
	    { U, "Mozilla/5.0 (Windows NT 10.0; Win64; x64)" } } },
};

static void what_may_be_either_stays_unknown(void **state)
{
	(void)state;
	check(either, COUNT(either));
}

static void words_are_not_found_inside_words(void **state)
{
	static const struct row rows[] = {
		{ "spring is no Ring",
		  IDENTITY_UNKNOWN,
		  "",
		  "",
		  "",
		  { { H, "spring-board" }, { D, "spring.com" } } },
		{ "a domain below another's name",
		  IDENTITY_UNKNOWN,
		  "",
		  "",
		  "",
		  { { D, "roku.com.example.org" } } },
		{ "aphones",
		  IDENTITY_UNKNOWN,
		  "",
		  "",
		  "",
		  { { H, "saxophones" } } },
	};
	struct identity found;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		judge(rows[i].pieces, &found);
		assert_int_equal(found.reason_count, 0);
		assert_string_equal(found.vendor, "");
	}
}

static void a_contradiction_lowers_the_confidence_and_is_shown(void **state)
{
	static const struct piece plain[PIECES] = { { O, "Roku, Inc" },
						    { H, "Roku-Living-Room" } };
	static const struct piece other[PIECES] = { { O, "Roku, Inc" },
						    { H, "Roku-Living-Room" },
						    { S, "_hue._tcp.local" } };
	struct identity sure, unsure;
	bool shown = false;

	(void)state;
	judge(plain, &sure);
	judge(other, &unsure);
	assert_string_equal(unsure.vendor, "Roku");
	assert_true(unsure.confidence + 20 < sure.confidence);
	for (size_t i = 0; i < unsure.reason_count; i++)
		shown |= unsure.reasons[i].contradicts &&
			 !strcmp(unsure.reasons[i].vendor, "Philips Hue");
	assert_true(shown);
	assert_int_equal(unsure.reason_count, 3);
}

static void the_same_said_twice_is_no_surer(void **state)
{
	static const struct piece once[PIECES] = { { H, "Pixel-7" } };
	static const struct piece twice[PIECES] = { { H, "Pixel-7" },
						    { N, "Pixel-7.local" } };
	struct identity a, b;

	(void)state;
	judge(once, &a);
	judge(twice, &b);
	assert_int_equal(a.confidence, b.confidence);
	assert_int_equal(a.computer, b.computer);
}

static void reasons_come_with_their_evidence_the_heaviest_first(void **state)
{
	static const struct piece pieces[PIECES] = { { V, "udhcp 1.24.1" },
						     { O, "Wyze Labs Inc" } };
	struct identity found;
	struct evidence_set set;

	(void)state;
	fill(&set, pieces);
	identity_judge(&set, &found);
	assert_int_equal(found.reason_count, 2);
	assert_int_equal(found.reasons[0].evidence.kind, EVIDENCE_OUI);
	assert_true(slice_equal(found.reasons[0].evidence.text,
				slice_text("Wyze Labs Inc")));
	assert_string_equal(found.reasons[1].category, "thing");
	assert_true(found.reasons[0].says[0]);
	evidence_done(&set);
}

static void
a_set_takes_each_piece_once_and_no_more_than_its_limits(void **state)
{
	char text[EVIDENCE_TEXT_MAX + 9];
	struct evidence_set set;
	struct evidence e;
	size_t at = 0, count = 0;

	(void)state;
	evidence_init(&set, NULL);
	assert_true(evidence_add(&set, D, slice_text("a.example")));
	assert_false(evidence_add(&set, D, slice_text("a.example")));
	assert_true(evidence_add(&set, H, slice_text("a.example")));
	assert_false(evidence_add(&set, H, (struct slice){ NULL, 0 }));
	memset(text, 'x', sizeof(text));
	assert_true(evidence_add(&set, U, slice_of(text, sizeof(text))));
	for (int i = 0; i < 2 * EVIDENCE_KIND_MAX; i++) {
		snprintf(text, sizeof(text), "%d.example", i);
		evidence_add(&set, D, slice_text(text));
	}
	assert_int_equal(set.counts[D], EVIDENCE_KIND_MAX);
	assert_int_equal(set.refused, EVIDENCE_KIND_MAX + 1);
	while (evidence_next(&set, &at, &e)) {
		count++;
		assert_true(e.text.len <= EVIDENCE_TEXT_MAX);
	}
	assert_int_equal(count, EVIDENCE_KIND_MAX + 2);
	evidence_done(&set);
}

static bool has_domain(const struct evidence_set *set, const char *name)
{
	struct evidence e;

	for (size_t at = 0; evidence_next(set, &at, &e);)
		if (e.kind == D && slice_equal(e.text, slice_text(name)))
			return true;
	return false;
}

static void
what_tells_something_has_room_behind_what_tells_nothing(void **state)
{
	struct evidence_set set;
	char text[64];

	(void)state;
	evidence_init(&set, NULL);
	evidence_add(&set, H, slice_text("attic"));
	for (int i = 0; i < EVIDENCE_KIND_MAX; i++) {
		snprintf(text, sizeof(text), "%d.example", i);
		evidence_add(&set, D, slice_text(text));
	}
	assert_false(evidence_add(&set, D, slice_text("more.example")));
	for (int i = 0; i < EVIDENCE_KIND_MAX; i++) {
		snprintf(text, sizeof(text), "%d.msftconnecttest.com", i);
		assert_true(evidence_add(&set, D, slice_text(text)));
		assert_int_equal(set.counts[D], EVIDENCE_KIND_MAX);
		assert_true(has_domain(&set, text));
		snprintf(text, sizeof(text), "%d.example", i);
		assert_false(has_domain(&set, text));
	}
	assert_false(evidence_add(&set, D, slice_text("roku.com")));
	assert_int_equal(set.refused, EVIDENCE_KIND_MAX + 2);
	assert_int_equal(set.counts[H], 1);
	evidence_done(&set);
}

/* What two users imported: devices by what they ask of DHCP, and a vendor of
 * MACs that the program does not know. */
static void import(struct know *know, struct buf *file)
{
	static const char *const rows[][2] = {
		{ "1,3,77,99", "Samsung Smart TV" },
		{ "1,3,77,98", "Apple iPhone" },
		{ "1,3,77,97", "Frobnicator 3000" },
	};
	struct reference_build build;
	uint32_t field;
	uint32_t oui[2] = { 0x0c0ffe };

	reference_build_init(&build, 7);
	for (size_t i = 0; i < COUNT(rows); i++) {
		field = reference_build_text(&build, slice_text(rows[i][1]));
		assert_true(
			reference_build_add(&build, REFERENCE_DHCP_PARAMETERS,
					    slice_text(rows[i][0]), &field, 1));
	}
	field = reference_build_text(&build, slice_text("LG television"));
	assert_true(reference_build_add(&build, REFERENCE_DHCP_VENDORS,
					slice_text("lgtv-dhcp"), &field, 1));
	oui[1] = reference_build_text(&build, slice_text("Roku, Inc"));
	reference_build_put(&build, REFERENCE_OUI24, oui, 2);
	buf_init(file, 65536);
	assert_int_equal(reference_build_write(&build, file), 0);
	reference_build_done(&build);
	know->file_count = 1;
	assert_int_equal(reference_open(buf_slice(file), &know->files[0]), 0);
}

static void judge_by(const struct know *know, unsigned int kind,
		     const char *text, struct identity *out)
{
	static struct evidence_set set;

	evidence_done(&set);
	evidence_init(&set, know);
	assert_true(evidence_add(&set, kind, slice_text(text)));
	identity_judge(&set, out);
}

static void an_imported_table_tells_and_decides_nothing_alone(void **state)
{
	struct mac mac = { { 0x0c, 0x0f, 0xfe, 1, 2, 3 } };
	struct identity found;
	struct evidence_set set;
	struct know know;
	struct buf file;

	(void)state;
	import(&know, &file);
	judge_by(&know, P, "1,3,77,99", &found);
	assert_string_equal(found.vendor, "Samsung");
	assert_string_equal(found.category, "tv");
	assert_int_equal(found.verdict, IDENTITY_UNKNOWN);
	assert_int_equal(found.reasons[0].evidence.kind, EVIDENCE_DHCP_TABLE);
	assert_true(slice_equal(found.reasons[0].evidence.text,
				slice_text("Samsung Smart TV")));
	assert_true(found.confidence > 20 && found.confidence < 50);
	judge_by(&know, P, "1,3,77,98", &found);
	assert_string_equal(found.category, "phone");
	assert_int_equal(found.verdict, IDENTITY_UNKNOWN);
	judge_by(&know, P, "1,3,77,97", &found);
	assert_string_equal(found.model, "Frobnicator 3000");
	assert_int_equal(found.confidence, 10);
	judge_by(&know, V, "lgtv-dhcp", &found);
	assert_string_equal(found.vendor, "LG");
	/* nobody else's word is asked without it */
	judge_by(NULL, P, "1,3,77,99", &found);
	assert_int_equal(found.reason_count, 0);

	evidence_init(&set, &know);
	evidence_add_mac(&set, &mac);
	identity_judge(&set, &found);
	assert_string_equal(found.vendor, "Roku");
	evidence_done(&set);
	judge_by(NULL, H, "x", &found);
	buf_done(&file);
}

static void a_table_gives_way_to_what_is_known_of_the_same(void **state)
{
	struct reference_build build;
	struct identity found;
	struct evidence_set set;
	struct know know = { .file_count = 1 };
	struct buf file;
	uint32_t field;

	(void)state;
	reference_build_init(&build, 7);
	field = reference_build_text(&build, slice_text("Sony PlayStation"));
	assert_true(reference_build_add(&build, REFERENCE_DHCP_VENDORS,
					slice_text("MSFT 5.0"), &field, 1));
	buf_init(&file, 65536);
	assert_int_equal(reference_build_write(&build, &file), 0);
	reference_build_done(&build);
	assert_int_equal(reference_open(buf_slice(&file), &know.files[0]), 0);
	evidence_init(&set, &know);
	assert_true(evidence_add(&set, V, slice_text("MSFT 5.0")));
	identity_judge(&set, &found);
	assert_string_equal(found.category, "computer");
	assert_int_equal(found.verdict, IDENTITY_COMPUTER);
	evidence_done(&set);
	buf_done(&file);
}

static void a_window_gives_all_that_tells(void **state)
{
	struct record_http http = { .host = slice_text("api.roku.com"),
				    .user_agent = slice_text("Roku/DVP-9") };
	struct record_hello hello = { .sni = slice_text("a.wyzecam.com"),
				      .ja4 = "t13d" };
	struct record_question questions[] = {
		{ .name = slice_text("tv.local") },
		{ .name = slice_text("4.3.2.1.in-addr.arpa") },
		{ .name = slice_text("wpad") },
	};
	struct record_service service = { .application =
						  RECORD_APPLICATION_MQTT };
	struct record_flow flows[] = {
		{ .protocol = 6,
		  .device_port = 8060,
		  .opener = RECORD_OPENER_REMOTE,
		  .out_sequence_bytes = 100 },
		/* refused; its own; not to a port of TCP */
		{ .protocol = 6,
		  .device_port = 22,
		  .opener = RECORD_OPENER_REMOTE },
		{ .protocol = 6,
		  .device_port = 40000,
		  .opener = RECORD_OPENER_DEVICE,
		  .out_sequence_bytes = 100 },
		{ .protocol = 17,
		  .device_port = 53,
		  .opener = RECORD_OPENER_REMOTE },
	};
	struct record_window window = { .flows = flows,
					.flow_count = 4,
					.http = &http,
					.http_count = 1,
					.hellos = &hello,
					.hello_count = 1,
					.questions = questions,
					.question_count = 3,
					.services = &service,
					.service_count = 1 };
	struct evidence_set set;

	(void)state;
	evidence_init(&set, NULL);
	assert_true(evidence_add_window(&set, &window));
	assert_false(evidence_add_window(&set, &window));
	assert_int_equal(set.counts[D], 2);
	assert_int_equal(set.counts[U], 1);
	assert_int_equal(set.counts[EVIDENCE_JA4], 1);
	assert_int_equal(set.counts[EVIDENCE_JA3], 0);
	assert_int_equal(set.counts[EVIDENCE_APPLICATION], 1);
	assert_int_equal(set.counts[EVIDENCE_OPEN], 1);
	evidence_done(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peoples_computers_are_locked),
		cmocka_unit_test(things_stay_open),
		cmocka_unit_test(what_may_be_either_stays_unknown),
		cmocka_unit_test(words_are_not_found_inside_words),
		cmocka_unit_test(
			a_contradiction_lowers_the_confidence_and_is_shown),
		cmocka_unit_test(the_same_said_twice_is_no_surer),
		cmocka_unit_test(
			reasons_come_with_their_evidence_the_heaviest_first),
		cmocka_unit_test(
			a_set_takes_each_piece_once_and_no_more_than_its_limits),
		cmocka_unit_test(
			what_tells_something_has_room_behind_what_tells_nothing),
		cmocka_unit_test(
			an_imported_table_tells_and_decides_nothing_alone),
		cmocka_unit_test(
			a_table_gives_way_to_what_is_known_of_the_same),
		cmocka_unit_test(a_window_gives_all_that_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
