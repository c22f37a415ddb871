// SPDX-License-Identifier: GPL-3.0-or-later
#include "know/know.h"

#include <ctype.h>
#include <string.h>

#include "know/suffix.h"

/* RFC 1035 2.3.4: no name has more, so what is longer is no host's. */
#define HOST_MAX_BYTES 255u
/* Words of a vendor's name that are compared. */
#define VENDOR_MAX_BYTES 127u

/* Where it has a table of its own: that of one family of addresses stands for
 * both. */
static const struct {
	const char *name, *what;
	enum reference_table_id table;
} parts[KNOW_PARTS] = {
	[KNOW_PART_VENDORS] = { "vendors", "vendors of devices",
				REFERENCE_OUI24 },
	[KNOW_PART_COMPANIES] = { "companies", "companies of hosts",
				  REFERENCE_HOSTS },
	[KNOW_PART_TRACKERS] = { "trackers", "trackers and advertisers",
				 REFERENCE_TRACKERS },
	[KNOW_PART_MALICIOUS] = { "malicious", "malicious hosts",
				  REFERENCE_MALICIOUS },
	[KNOW_PART_COUNTRIES] = { "countries", "countries of addresses",
				  REFERENCE_COUNTRY4 },
	[KNOW_PART_NETWORKS] = { "networks", "networks of addresses",
				 REFERENCE_AS4 },
	[KNOW_PART_PORTS] = { "ports", "meanings of ports", REFERENCE_PORTS },
	[KNOW_PART_SUITES] = { "suites", "names of cipher suites",
			       REFERENCE_SUITES },
	[KNOW_PART_DOMAINS] = { "domains", "registered domains", 0 },
};

static const char *const purpose_names[KNOW_PURPOSES] = {
	[KNOW_PURPOSE_NONE] = "",
	[KNOW_PURPOSE_TELEMETRY] = "telemetry",
	[KNOW_PURPOSE_CONTROL] = "control",
	[KNOW_PURPOSE_UPDATE] = "update",
	[KNOW_PURPOSE_TIME] = "time",
	[KNOW_PURPOSE_ADVERTISING] = "advertising",
	[KNOW_PURPOSE_CONTENT] = "content",
	[KNOW_PURPOSE_CLOUD] = "cloud",
};

static const char *const category_names[KNOW_CATEGORIES] = {
	[KNOW_CATEGORY_NONE] = "",
	[KNOW_CATEGORY_ADVERTISING] = "advertising",
	[KNOW_CATEGORY_ANALYTICS] = "analytics",
	[KNOW_CATEGORY_TRACKING] = "tracking",
	[KNOW_CATEGORY_SOCIAL] = "social",
	[KNOW_CATEGORY_FINGERPRINTING] = "fingerprinting",
	[KNOW_CATEGORY_CRYPTOMINING] = "cryptomining",
	[KNOW_CATEGORY_MALICIOUS] = "malicious",
};

const char *know_purpose_name(enum know_purpose purpose)
{
	return purpose_names[purpose];
}

const char *know_category_name(enum know_category category)
{
	return category_names[category];
}

void know_init(struct know *k)
{
	k->files[0] = reference_builtin();
	k->file_count = 1;
}

int know_add(struct know *k, const struct reference *file)
{
	if (k->file_count == KNOW_FILES_MAX)
		return ERR_LIMIT;
	memmove(k->files + 1, k->files, k->file_count * sizeof(k->files[0]));
	k->files[0] = *file;
	k->file_count++;
	return 0;
}

const char *know_part_name(enum know_part part)
{
	return parts[part].name;
}

const char *know_part_what(enum know_part part)
{
	return parts[part].what;
}

bool know_has(const struct know *k, enum know_part part)
{
	if (part == KNOW_PART_DOMAINS)
		return suffix_rule_count() > 0;
	for (size_t i = 0; i < k->file_count; i++)
		if (reference_table(&k->files[i], parts[part].table).count)
			return true;
	return false;
}

/* A record that was found, and where. */
struct place {
	const struct know *know;
	const struct reference *ref;
	struct reference_table table;
	uint32_t at;
};

/* Fields of a host's record, and of a listing's. */
enum {
	RULE = 1,
	COMPANY = 2,
	HOST_SERVICE = 3,
	HOST_REASON = 4,
	HOST_PURPOSE = 5,
	LISTING_LIST = 3,
	LISTING_CATEGORY = 4,
};

static uint32_t field(const struct place *p, unsigned n)
{
	return reference_u32(&p->table, p->at, 4 * n);
}

static const char *text(const struct place *p, unsigned n)
{
	return reference_text(p->ref, field(p, n));
}

/* Whether a newer file has the list that a record is from. */
static bool is_superseded(const struct place *p, unsigned list)
{
	const char *name = text(p, list);

	for (const struct reference *r = p->know->files; r < p->ref; r++)
		for (size_t i = 0; i < know_source_count(r); i++)
			if (!strcmp(know_source(r, i).name, name))
				return true;
	return false;
}

/* Of the longest rule so far. */
struct best {
	struct place place;
	size_t len;    /* of what it matched; 0: none yet */
	unsigned list; /* which field names the list */
};

static void try_rule(struct best *best, struct place *place, uint32_t hash,
		     struct slice rule, size_t matched)
{
	if (matched <= best->len ||
	    !reference_find_text(place->ref, &place->table, hash, rule,
				 &place->at) ||
	    is_superseded(place, best->list))
		return;
	best->place = *place;
	best->len = matched;
}

/* A suffix whose second label is anything, as in iot.*.amazonaws.com: hash is
 * that of what begins at rest, two labels on. */
static void try_starred(struct best *best, struct place *place, uint32_t hash,
			struct slice suffix, size_t rest)
{
	static const char star[] = ".*.";
	const uint8_t *dot = memchr(suffix.data, '.', suffix.len);
	size_t first = dot ? (size_t)(dot - suffix.data) : 0;
	uint8_t rule[HOST_MAX_BYTES + sizeof(star)];
	size_t len = first + sizeof(star) - 1;

	if (!dot)
		return;
	hash = reference_hash(hash, slice_text(star));
	hash = reference_hash(hash, slice_of(suffix.data, first));
	memcpy(rule, suffix.data, first);
	memcpy(rule + first, star, sizeof(star) - 1);
	memcpy(rule + len, suffix.data + rest, suffix.len - rest);
	try_rule(best, place, hash, slice_of(rule, len + suffix.len - rest),
		 suffix.len);
}

/* Every suffix of whole labels, from the last label on. */
static void find_in(struct best *best, struct place *place, struct slice host)
{
	uint32_t hash = REFERENCE_HASH_START, hashes[2] = { 0 };
	size_t begins[2] = { 0 }, labels = 0;

	for (size_t at = host.len; at-- > 0;) {
		struct slice suffix = slice_of(host.data + at, host.len - at);

		hash = reference_hash(hash, slice_of(suffix.data, 1));
		if (at && host.data[at - 1] != '.')
			continue;
		try_rule(best, place, hash, suffix, suffix.len);
		if (labels >= 2)
			try_starred(best, place, hashes[labels % 2], suffix,
				    begins[labels % 2] - at);
		hashes[labels % 2] = hash;
		begins[labels % 2] = at;
		labels++;
	}
}

/* The longest rule of all files; of two alike the newer file's. */
static bool find_host(const struct know *k, enum reference_table_id id,
		      struct slice host, struct place *out)
{
	struct best best = {
		.list = id == REFERENCE_HOSTS ? HOST_REASON : LISTING_LIST,
	};

	if (!host.len || host.len > HOST_MAX_BYTES)
		return false;
	for (size_t i = 0; i < k->file_count; i++) {
		struct place place = {
			.know = k,
			.ref = &k->files[i],
			.table = reference_table(&k->files[i], id),
		};

		if (place.table.count)
			find_in(&best, &place, host);
	}
	*out = best.place;
	return best.len != 0;
}

/* An exact text. */
static bool find_text(const struct know *k, enum reference_table_id id,
		      struct slice key, struct place *out)
{
	uint32_t hash = reference_hash(REFERENCE_HASH_START, key);

	for (size_t i = 0; i < k->file_count; i++) {
		struct place place = {
			.know = k,
			.ref = &k->files[i],
			.table = reference_table(&k->files[i], id),
		};

		if (reference_find_text(place.ref, &place.table, hash, key,
					&place.at)) {
			*out = place;
			return true;
		}
	}
	return false;
}

static bool find_u32(const struct know *k, enum reference_table_id id,
		     uint32_t key, struct place *out)
{
	for (size_t i = 0; i < k->file_count; i++) {
		struct place place = {
			.know = k,
			.ref = &k->files[i],
			.table = reference_table(&k->files[i], id),
		};

		if (reference_find_u32(&place.table, key, &place.at)) {
			*out = place;
			return true;
		}
	}
	return false;
}

bool know_host(const struct know *k, struct slice host, struct know_host *out)
{
	struct place place;
	uint32_t purpose;

	if (!find_host(k, REFERENCE_HOSTS, host, &place))
		return false;
	purpose = field(&place, HOST_PURPOSE);
	*out = (struct know_host){
		.rule = text(&place, RULE),
		.company = text(&place, COMPANY),
		.service = text(&place, HOST_SERVICE),
		.reason = text(&place, HOST_REASON),
		.purpose =
			purpose < KNOW_PURPOSES ? purpose : KNOW_PURPOSE_NONE,
	};
	return true;
}

static void read_listing(const struct place *place, struct know_listing *out)
{
	uint32_t category = field(place, LISTING_CATEGORY);

	*out = (struct know_listing){
		.rule = text(place, RULE),
		.company = text(place, COMPANY),
		.list = text(place, LISTING_LIST),
		.category = category < KNOW_CATEGORIES ? category
						       : KNOW_CATEGORY_TRACKING,
	};
}

bool know_tracker(const struct know *k, struct slice host,
		  struct know_listing *out)
{
	struct place place;

	if (!find_host(k, REFERENCE_TRACKERS, host, &place))
		return false;
	/* a list may except what is below a host of its own */
	if (!field(&place, LISTING_CATEGORY))
		return false;
	read_listing(&place, out);
	return true;
}

bool know_malicious(const struct know *k, struct slice host,
		    const struct addr *addr, struct know_listing *out)
{
	char as_text[ADDR_TEXT_BYTES];
	struct place place;

	if (!find_host(k, REFERENCE_MALICIOUS, host, &place) &&
	    (!addr || !addr->family ||
	     !find_text(k, REFERENCE_MALICIOUS,
			slice_text(addr_format(addr, as_text)), &place)))
		return false;
	read_listing(&place, out);
	out->category = KNOW_CATEGORY_MALICIOUS;
	return true;
}

bool know_company(const struct know *k, const char *name,
		  struct know_company *out)
{
	struct place place;

	if (!name[0] ||
	    !find_text(k, REFERENCE_COMPANIES, slice_text(name), &place))
		return false;
	*out = (struct know_company){
		.name = text(&place, 1),
		.parent = text(&place, 2),
		.what = text(&place, 3),
	};
	return true;
}

/* Lower case, everything but letters and digits a single space. */
static size_t plain_words(const char *vendor, char out[VENDOR_MAX_BYTES + 1])
{
	size_t len = 0;

	for (; *vendor && len < VENDOR_MAX_BYTES; vendor++) {
		unsigned char c = (unsigned char)*vendor;

		if (isalnum(c) || c >= 0x80)
			out[len++] = (char)tolower(c);
		else if (len && out[len - 1] != ' ')
			out[len++] = ' ';
	}
	while (len && out[len - 1] == ' ')
		len--;
	return len;
}

const char *know_vendor_company(const struct know *k, const char *vendor)
{
	char words[VENDOR_MAX_BYTES + 1];
	size_t len = plain_words(vendor, words);
	struct place place;

	if (find_text(k, REFERENCE_COMPANIES, slice_text(vendor), &place))
		return text(&place, 1);
	while (len) {
		if (find_text(k, REFERENCE_VENDORS, slice_of(words, len),
			      &place))
			return text(&place, 2);
		while (len && words[len - 1] != ' ')
			len--;
		while (len && words[len - 1] == ' ')
			len--;
	}
	return NULL;
}

static uint64_t number_of(const struct addr *addr, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = 0; i < bytes; i++)
		v = v << 8 | addr->b[i];
	return v;
}

/* The range that an address lies in, of the newest file that has such. */
static bool find_range(const struct know *k, const struct addr *addr,
		       enum reference_table_id v4, enum reference_table_id v6,
		       struct place *out)
{
	bool is_v4 = addr->family == 4;

	if (!addr->family)
		return false;
	for (size_t i = 0; i < k->file_count; i++) {
		struct place p = { .know = k, .ref = &k->files[i] };

		p.table = reference_table(p.ref, is_v4 ? v4 : v6);
		if (!p.table.count)
			continue;
		*out = p;
		return is_v4 ? reference_floor_u32(&p.table,
						   (uint32_t)number_of(addr, 4),
						   &out->at)
			     : reference_floor_u64(&p.table, number_of(addr, 8),
						   &out->at);
	}
	return false;
}

bool know_country(const struct know *k, const struct addr *addr, char out[3])
{
	struct place p;
	const uint8_t *letters;

	if (!find_range(k, addr, REFERENCE_COUNTRY4, REFERENCE_COUNTRY6, &p))
		return false;
	letters = p.table.records + (size_t)(p.at + 1) * p.table.record_bytes;
	letters -= 2;
	if (!isupper(letters[0]) || !isupper(letters[1]))
		return false;
	out[0] = (char)letters[0];
	out[1] = (char)letters[1];
	out[2] = '\0';
	return true;
}

const char *know_country_name(const struct know *k, const char letters[3])
{
	uint32_t key = (uint32_t)(uint8_t)letters[0] << 8 | (uint8_t)letters[1];
	struct place place;

	return find_u32(k, REFERENCE_COUNTRIES, key, &place) ? text(&place, 1)
							     : letters;
}

bool know_as(const struct know *k, const struct addr *addr, struct know_as *out)
{
	struct place range, as;
	uint32_t number;

	if (!find_range(k, addr, REFERENCE_AS4, REFERENCE_AS6, &range))
		return false;
	number = field(&range, addr->family == 4 ? 1 : 2);
	if (!number)
		return false;
	out->number = number;
	out->name = find_u32(k, REFERENCE_AS, number, &as) ? text(&as, 1) : "";
	return true;
}

const char *know_port(const struct know *k, uint8_t protocol, uint16_t port)
{
	struct place place;

	return find_u32(k, REFERENCE_PORTS, (uint32_t)protocol << 16 | port,
			&place)
		       ? text(&place, 1)
		       : NULL;
}

const char *know_suite(const struct know *k, uint16_t suite)
{
	struct place place;

	return find_u32(k, REFERENCE_SUITES, suite, &place) ? text(&place, 1)
							    : NULL;
}

const char *know_dhcp_parameters(const struct know *k, struct slice list)
{
	struct place place;

	return find_text(k, REFERENCE_DHCP_PARAMETERS, list, &place)
		       ? text(&place, 2)
		       : NULL;
}

const char *know_dhcp_vendor(const struct know *k, struct slice vendor_class)
{
	struct place place;

	return find_text(k, REFERENCE_DHCP_VENDORS, vendor_class, &place)
		       ? text(&place, 2)
		       : NULL;
}

size_t know_source_count(const struct reference *file)
{
	return reference_table(file, REFERENCE_SOURCES).count;
}

struct know_source know_source(const struct reference *file, size_t at)
{
	struct place p = {
		.ref = file,
		.table = reference_table(file, REFERENCE_SOURCES),
		.at = (uint32_t)at,
	};

	return (struct know_source){
		.name = text(&p, 0),
		.what = text(&p, 1),
		.date = text(&p, 2),
		.licence = text(&p, 3),
		.origin = text(&p, 4),
		.notice = text(&p, 5),
		.entries = field(&p, 6),
	};
}
