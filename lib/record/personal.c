// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/personal.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "record/unescape.h"

/* Owners of fewer letters, s included, are too many words. */
#define OWNER_MIN 3
/* Within one word owners have so many too ("Foscam" is nobody's cam), and
 * things of fewer stand at its end. */
#define GLUED_MIN 4

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* What somebody has. */
static const char *const things[] = {
	"airpods",    "alexa",	    "android",	  "apple",     "bulb",
	"cam",	      "camara",	    "camera",	  "cellulare", "chromebook",
	"chromecast", "computer",   "dell",	  "desktop",   "doorbell",
	"dot",	      "drucker",    "echo",	  "fernseher", "fire",
	"firestick",  "firetv",	    "fitbit",	  "galaxy",    "gerät",
	"handy",      "homepod",    "huawei",	  "hub",       "hue",
	"imac",	      "imprimante", "ipad",	  "iphone",    "ipod",
	"kamera",     "kindle",	    "lamp",	  "lampa",     "lampada",
	"lampara",    "lampe",	    "laptop",	  "lenovo",    "light",
	"lock",	      "luce",	    "luz",	  "mac",       "macbook",
	"mbp",	      "mobil",	    "mobile",	  "monitor",   "montre",
	"movil",      "móvil",	    "nas",	  "notebook",  "ordenador",
	"ordinateur", "pc",	    "phone",	  "pixel",     "playstation",
	"plug",	      "portable",   "printer",	  "ps3",       "ps4",
	"ps5",	      "radio",	    "roku",	  "room",      "roomba",
	"router",     "samsung",    "scale",	  "sonos",     "speaker",
	"stick",      "surface",    "switch",	  "tablet",    "tele",
	"telefon",    "telefono",   "telefoon",	  "telephone", "television",
	"televisor",  "teléfono",   "thermostat", "thinkpad",  "tv",
	"télé",	      "téléphone",  "vacuum",	  "watch",     "xbox",
	"xiaomi",     "zimmer",
};

/* Vendors and their brands that are nobody's name: Arlo, Shelly, Bosch and
 * Brother are somebody's. */
static const char *const vendors[] = {
	"acer",	     "amazon",	   "amazonbasics", "amcrest",	 "anker",
	"aqara",     "arris",	   "asus",	   "aws",	 "axis",
	"belkin",    "blink",	   "bose",	   "brinks",	 "canon",
	"cisco",     "dahua",	   "daikin",	   "denon",	 "dlink",
	"ecobee",    "ecovacs",	   "eero",	   "epson",	 "eufy",
	"ezviz",     "fibaro",	   "foscam",	   "garmin",	 "genius",
	"gigaset",   "google",	   "govee",	   "grundig",	 "heos",
	"hikvision", "hisense",	   "homematic",	   "honeywell",	 "hp",
	"ikea",	     "insteon",	   "intel",	   "irobot",	 "jbl",
	"kasa",	     "keurig",	   "lexmark",	   "lg",	 "lifx",
	"linksys",   "logitech",   "loxone",	   "lutron",	 "marantz",
	"meross",    "microsoft",  "mikrotik",	   "motorola",	 "nanoleaf",
	"nest",	     "netatmo",	   "netflix",	   "netgear",	 "nexus",
	"nintendo",  "nokia",	   "nvidia",	   "olympus",	 "oneplus",
	"onkyo",     "panasonic",  "peloton",	   "philips",	 "polycom",
	"qnap",	     "reolink",	   "ring",	   "roborock",	 "schlage",
	"sengled",   "sennheiser", "siemens",	   "simplisafe", "smartthings",
	"sonoff",    "sony",	   "spotify",	   "synology",	 "tado",
	"tasmota",   "tcl",	   "tenda",	   "tenvis",	 "tesla",
	"tivo",	     "toshiba",	   "tplink",	   "trendnet",	 "tuya",
	"ubiquiti",  "unifi",	   "velux",	   "vizio",	 "wemo",
	"withings",  "wiz",	   "wyze",	   "xerox",	 "yale",
	"yamaha",    "yeelight",   "zmodo",
};

/* Things that are somebody's name as well. */
static const char *const either[] = { "alexa", "luz" };

/* Where a thing stands, and other words that name nobody: what a home's things
 * are called by, and those that end in an s, of their own or to be joined to
 * another ("Sicherheitskamera"), or stand behind a word for "of". Not those
 * that are somebody's as well: Max, Bas. */
static const char *const plain[] = {
	"access",	"accueil",     "acoustic",	"ads",
	"air",		"always",      "analytics",	"api",
	"appliance",	"apps",	       "arbeit",	"arbeitszimmer",
	"assets",	"assistant",   "attic",		"ausgang",
	"avs",		"bad",	       "bain",		"balcony",
	"balkon",	"bano",	       "basement",	"basics",
	"bass",		"bath",	       "bathroom",	"baño",
	"bebe",		"bed",	       "bedroom",	"beleuchtung",
	"beveiliging",	"bonus",       "box",		"boy",
	"buero",	"bureau",      "bus",		"business",
	"büro",		"car",	       "cat",		"cdn",
	"ceiling",	"central",     "chambre",	"channel",
	"chevet",	"child",       "children",	"christmas",
	"cinema",	"class",       "classic",	"client",
	"clock",	"closet",      "cms",		"cocina",
	"color",	"comedor",     "communication", "computing",
	"control",	"contrôle",    "corner",	"couloir",
	"courant",	"cozinha",     "cucina",	"cuisine",
	"curtain",	"das",	       "dcs",		"den",
	"des",		"desk",	       "device",	"dining",
	"dns",		"dog",	       "door",		"dormitorio",
	"download",	"downstairs",  "driveway",	"dual",
	"eingang",	"electronic",  "entrada",	"entrance",
	"entree",	"entry",       "entrée",	"erdgeschoss",
	"escaleras",	"escritorio",  "estar",		"event",
	"everyone",	"exit",	       "express",	"extra",
	"family",	"fan",	       "fitness",	"floor",
	"flur",		"focus",       "front",		"game",
	"gang",		"garage",      "garaje",	"garden",
	"garten",	"gartenhaus",  "gas",		"gate",
	"gen",		"generation",  "gerate",	"girl",
	"glass",	"gps",	       "graphic",	"guest",
	"gym",		"habitacion",  "habitación",	"hall",
	"haus",		"hd",	       "headphone",	"heizung",
	"here",		"his",	       "home",		"house",
	"https",	"huis",	       "image",		"indoor",
	"industrie",	"instrument",  "ios",		"iot",
	"it",		"itunes",      "jantar",	"jardim",
	"jardin",	"jardín",      "keller",	"keuken",
	"key",		"kid",	       "kinder",	"kinderzimmer",
	"kitchen",	"kueche",      "küche",		"lab",
	"las",		"laundry",     "left",		"les",
	"let",		"letto",       "library",	"links",
	"lite",		"living",      "loft",		"log",
	"los",		"lounge",      "main",		"master",
	"media",	"mesa",	       "message",	"metric",
	"mini",		"movie",       "music",		"musica",
	"musique",	"my",	       "network",	"new",
	"news",		"noche",       "notification",	"nursery",
	"off",		"office",      "oficina",	"old",
	"on",		"one",	       "optic",		"os",
	"outdoor",	"outside",     "oven",		"overvågning",
	"parent",	"parking",     "patio",		"pet",
	"photo",	"plant",       "plus",		"podcast",
	"pool",		"porch",       "pos",		"power",
	"pro",		"product",     "qos",		"quarto",
	"rechts",	"remote",      "report",	"request",
	"retina",	"right",       "robotic",	"safe",
	"sala",		"sale",	       "salle",		"salon",
	"salotto",	"salón",       "schlafzimmer",	"second",
	"secure",	"securite",    "security",	"seguranca",
	"segurança",	"seguridad",   "sensor",	"series",
	"service",	"setting",     "shed",		"sicherheit",
	"sicurezza",	"side",	       "sikkerhed",	"sikkerhet",
	"slaapkamer",	"smart",       "sms",		"solution",
	"sorveglianza", "sous",	       "spare",		"sport",
	"stairs",	"static",      "stats",		"status",
	"stereo",	"stop",	       "stream",	"strip",
	"studio",	"study",       "stue",		"surveillance",
	"system",	"säkerhet",    "sécurité",	"table",
	"technologie",	"terras",      "terrasse",	"terraza",
	"that",		"theater",     "there",		"thing",
	"this",		"tls",	       "token",		"tool",
	"toy",		"treppenhaus", "tuin",		"ueberwachung",
	"ultra",	"update",      "ups",		"upstairs",
	"user",		"video",       "vigilancia",	"wall",
	"wc",		"webos",       "weihnacht",	"what",
	"who",		"wifi",	       "window",	"windows",
	"wireless",	"wohnung",     "wohnzimmer",	"woonkamer",
	"work",		"xmas",	       "yard",		"zolder",
	"Övervakning",	"Überwachung", "övervakning",	"überwachung",
};

/* "of", between a thing and whose it is. */
static const char *const of[] = {
	"af", "av", "d",   "da",   "de", "del", "dell", "della", "di",
	"do", "du", "fra", "från", "od", "of",	"van",	"vom",	 "von",
};

static const char *const articles[] = {
	"dem", "den", "der", "el", "en", "het", "il",  "l",
	"la",  "le",  "lo",  "mi", "my", "na",	"the",
};

/* What stands before an apostrophe that only leaves a letter out. */
static const char *const elisions[] = {
	"all", "c",    "d", "dall", "dell", "j",    "l", "m",
	"n",   "nell", "o", "qu",   "s",    "sull", "t", "un",
};

/* What stands behind one: "don't", "int'l", and their like. */
static const char *const contractions[] = {
	"d", "g", "l", "ll", "m", "re", "t", "ve",
};

/* Things in whose name the system puts its owner into brackets. */
static const char *const bracketed[] = { "iphone", "ipad", "ipod", "macbook" };

/* How a word is joined to the one before it. */
enum joint {
	JOINT_NONE, /* the first */
	JOINT_SPACE,
	JOINT_DOT,
	JOINT_MARK, /* an apostrophe alone */
	JOINT_OPEN, /* a bracket opens */
};

struct word {
	struct slice text;
	enum joint joint;
	bool is_marked; /* an apostrophe stands right behind it */
	bool is_quoted; /* one stands right before it that begins a quotation */
};

struct words {
	struct word all[PERSONAL_WORDS_MAX];
	size_t count;
	bool is_too_many;
};

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

static bool starts(struct slice text, size_t at, const char *what)
{
	size_t n = strlen(what);

	return text.len - at >= n && !memcmp(text.data + at, what, n);
}

/* Bytes of the apostrophe that is there; 0: none. */
static size_t mark_at(struct slice text, size_t at)
{
	/* U+2019, U+2018, U+201B, U+2032, U+00B4, U+02BC, U+FF07 */
	static const char *const marks[] = { "'",
					     "`",
					     "\xe2\x80\x99",
					     "\xe2\x80\x98",
					     "\xe2\x80\x9b",
					     "\xe2\x80\xb2",
					     "\xc2\xb4",
					     "\xca\xbc",
					     "\xef\xbc\x87" };

	for (size_t i = 0; i < COUNT(marks); i++)
		if (starts(text, at, marks[i]))
			return strlen(marks[i]);
	/* of Windows-1252, which is no UTF-8 there */
	return at && text.data[at - 1] < 0x80 &&
	       (text.data[at] == 0x91 || text.data[at] == 0x92 ||
		text.data[at] == 0xb4);
}

/* Bytes of what is no part of a word; 0: a letter or digit. */
static size_t gap_at(struct slice text, size_t at)
{
	uint8_t c = text.data[at];

	if (mark_at(text, at))
		return mark_at(text, at);
	/* U+2000 to U+203F, U+0080 to U+00BF */
	if (starts(text, at, "\xe2\x80"))
		return text.len - at < 3 ? text.len - at : 3;
	if (c == 0xc2)
		return text.len - at < 2 ? 1 : 2;
	return is_letter(c) || is_digit(c) ? 0 : 1;
}

/* Moves behind a gap, and says how it joins the words around it. */
static enum joint pass_gap(struct slice text, size_t *at, bool *is_quoted)
{
	enum joint joint = *at ? JOINT_SPACE : JOINT_NONE;
	size_t begin = *at, n, last = 0;

	while (*at < text.len && (n = gap_at(text, *at))) {
		if (text.data[*at] == '(')
			joint = JOINT_OPEN;
		else if (text.data[*at] == '.' && joint == JOINT_SPACE)
			joint = JOINT_DOT;
		last = mark_at(text, *at);
		*at += n;
	}
	*is_quoted = last && (!begin || *at - begin > last);
	return last && begin && *at - begin == last ? JOINT_MARK : joint;
}

static void split(struct slice text, struct words *out)
{
	size_t at = 0;

	out->count = 0;
	out->is_too_many = false;
	while (at < text.len) {
		struct word w = { .joint = JOINT_NONE };
		size_t begin;

		w.joint = pass_gap(text, &at, &w.is_quoted);
		begin = at;
		while (at < text.len && !gap_at(text, at))
			at++;
		if (at == begin)
			return;
		if (out->count == PERSONAL_WORDS_MAX) {
			out->is_too_many = true;
			return;
		}
		w.text = slice_of(text.data + begin, at - begin);
		w.is_marked = at < text.len && mark_at(text, at);
		out->all[out->count++] = w;
	}
}

static bool is_in(struct slice word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == word.len &&
		    !strncasecmp(list[i], (const char *)word.data, word.len))
			return true;
	return false;
}

#define IS_IN(word, list) is_in(word, list, COUNT(list))

static bool ends_in_s(struct slice word)
{
	return word.len && (word.data[word.len - 1] | 0x20) == 's';
}

static bool is_number(struct slice word)
{
	for (size_t i = 0; i < word.len; i++)
		if (is_digit(word.data[i]))
			return true;
	return false;
}

static bool is_listed(struct slice word)
{
	return IS_IN(word, plain) || IS_IN(word, vendors) ||
	       (IS_IN(word, things) && !IS_IN(word, either));
}

/* Whether it names nobody; of several things too ("cameras", "boxes"). */
static bool is_plain(struct slice word)
{
	if (is_number(word) || is_listed(word))
		return true;
	if (!ends_in_s(word))
		return false;
	word.len--;
	if (is_listed(word))
		return true;
	if (!word.len || (word.data[word.len - 1] | 0x20) != 'e')
		return false;
	word.len--;
	return is_listed(word);
}

static bool is_thing(struct slice word)
{
	if (IS_IN(word, things))
		return true;
	if (!ends_in_s(word))
		return false;
	word.len--;
	return IS_IN(word, things);
}

/* "Annas", and not "Philips". */
static bool is_owner(struct slice word)
{
	return word.len >= OWNER_MIN && ends_in_s(word) && !is_plain(word);
}

/* "Anna's", "James'", "Ayşe'nin". */
static bool is_marked_owner(const struct words *w, size_t i)
{
	const struct word *word = &w->all[i];
	const struct word *next = i + 1 < w->count ? word + 1 : NULL;
	struct slice suffix = next ? next->text : (struct slice){ 0 };

	if (!word->is_marked)
		return false;
	if (next && next->joint == JOINT_MARK) {
		bool is_s = suffix.len == 1 && ends_in_s(suffix);

		if (!is_s && (IS_IN(word->text, elisions) ||
			      IS_IN(suffix, contractions)))
			return false;
	} else {
		for (size_t k = 0; k <= i; k++)
			if (w->all[k].is_quoted)
				return false;
	}
	return !is_plain(word->text);
}

/* "Annas iPhone", "Annas old Samsung TV". */
static bool is_owned(const struct words *w, size_t i)
{
	if (!is_thing(w->all[i].text))
		return false;
	while (i--) {
		if (is_owner(w->all[i].text))
			return true;
		if (!is_plain(w->all[i].text))
			return false;
	}
	return false;
}

/* "AnnasiPhone". */
static bool is_glued(struct slice word)
{
	if (is_plain(word))
		return false;
	for (size_t at = GLUED_MIN; at < word.len; at++) {
		struct slice owner = slice_of(word.data, at);

		if (!ends_in_s(owner))
			continue;
		for (size_t i = 0; i < COUNT(things); i++) {
			size_t n = strlen(things[i]);

			if ((at + n == word.len ||
			     (at + n < word.len && n >= GLUED_MIN)) &&
			    !strncasecmp((const char *)word.data + at,
					 things[i], n) &&
			    is_owner(owner))
				return true;
		}
	}
	return false;
}

/* "iPhone de Ana"; the word is the "de". */
static bool is_of_somebody(const struct words *w, size_t i)
{
	const struct word *word = &w->all[i];
	size_t next = i + 1, thing = 0;

	if (!IS_IN(word->text, of) || word->joint == JOINT_DOT)
		return false;
	/* "d'Anna", and not "R&D" */
	if (IS_IN(word->text, elisions) && !word->is_marked)
		return false;
	while (thing < i && !is_plain(w->all[thing].text))
		thing++;
	while (next < w->count && IS_IN(w->all[next].text, articles))
		next++;
	return thing < i && next < w->count &&
	       w->all[next].joint != JOINT_DOT && w->all[next].text.len > 1 &&
	       !is_plain(w->all[next].text);
}

/* "iPhone (Anna)". */
static bool is_bracketed(const struct words *w, size_t i)
{
	return i && w->all[i].joint == JOINT_OPEN &&
	       IS_IN(w->all[i - 1].text, bracketed) &&
	       !is_plain(w->all[i].text);
}

/* The letters for "of" of Japanese, Chinese and Korean, something before them
 * and something behind. */
static bool has_letter_of(struct slice text)
{
	static const char *const letters[] = { "\xe3\x81\xae", "\xe7\x9a\x84",
					       "\xec\x9d\x98" };

	for (size_t at = 1; at + 3 < text.len; at++)
		for (size_t i = 0; i < COUNT(letters); i++)
			if (starts(text, at, letters[i]))
				return true;
	return false;
}

static bool is_marked(struct slice text)
{
	struct words w;

	split(text, &w);
	for (size_t i = 0; i < w.count; i++)
		if (is_marked_owner(&w, i))
			return true;
	return false;
}

static bool is_personal(struct slice text)
{
	struct words w;

	split(text, &w);
	if (w.is_too_many || has_letter_of(text))
		return true;
	for (size_t i = 0; i < w.count; i++)
		if (is_marked_owner(&w, i) || is_owned(&w, i) ||
		    is_glued(w.all[i].text) || is_of_somebody(&w, i) ||
		    is_bracketed(&w, i))
			return true;
	return false;
}

bool personal_is_marked(struct slice text)
{
	uint8_t bytes[UNESCAPE_MAX];

	return is_marked(text) ||
	       (unescape_any(&text, bytes) && is_marked(text));
}

bool personal_is(struct slice text)
{
	uint8_t bytes[UNESCAPE_MAX];

	return is_personal(text) ||
	       (unescape_any(&text, bytes) && is_personal(text));
}
