// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/endpoint_view.h"

#include <string.h>

#include "judge/sentence.h"
#include "know/suffix.h"
#include "web/mask.h"
#include "web/view.h"

/* IP protocol numbers (IANA) with a name in the API. */
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

/* An address of the home's own network is another device's. */
static json_t *address(const struct endpoint *e, const struct addr *addr)
{
	return e->local ? view_home_addr(addr) : view_addr(addr);
}

/* A name that a device gave itself may spell its MAC. */
static size_t masked_name(const struct endpoint *e,
			  uint8_t out[QUERY_NAME_BYTES])
{
	memcpy(out, e->name, e->name_len);
	mask_macs(out, e->name_len);
	return e->name_len;
}

json_t *endpoint_view_label(const struct endpoint *e)
{
	uint8_t name[QUERY_NAME_BYTES];

	if (e->name_len)
		return view_text(slice_of(name, masked_name(e, name)));
	return address(e, &e->addrs[0]);
}

static json_t *text(const char *value)
{
	return value && value[0] ? view_text(slice_text(value)) : json_null();
}

static json_t *addrs(const struct endpoint *e, const struct addr *list,
		     size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, address(e, &list[i]));
	return array;
}

static json_t *port(const struct endpoint_port *at)
{
	if (at->protocol == PROTOCOL_TCP || at->protocol == PROTOCOL_UDP)
		return json_sprintf(
			"%s/%u", at->protocol == PROTOCOL_TCP ? "tcp" : "udp",
			at->port);
	return json_sprintf("%u", at->protocol);
}

static json_t *ports(const struct endpoint *e)
{
	json_t *array = json_array();

	for (size_t i = 0; i < e->port_count; i++)
		json_array_append_new(array, port(&e->ports[i]));
	return array;
}

/* What was spoken, each once. */
static json_t *applications(const struct endpoint *e)
{
	bool seen[RECORD_APPLICATIONS] = { false };
	json_t *array = json_array();

	for (size_t i = 0; i < e->port_count; i++) {
		const struct endpoint_port *at = &e->ports[i];

		if (!at->has_application || seen[at->application])
			continue;
		seen[at->application] = true;
		json_array_append_new(
			array,
			json_string(record_application_name(at->application)));
	}
	return array;
}

static json_t *country(const struct hub *hub, const char letters[3])
{
	if (!letters[0])
		return json_null();
	return json_pack("{s:s,s:o}", "code", letters, "name",
			 text(know_country_name(&hub->know, letters)));
}

static json_t *network(const struct know_as *as)
{
	if (!as->number)
		return json_null();
	return json_pack("{s:o,s:o}", "number", view_number(as->number), "name",
			 text(as->name));
}

static json_t *company(const struct endpoint_verdict *v)
{
	if (!v->company[0])
		return json_null();
	return json_pack("{s:o,s:o,s:o,s:o,s:o}", "name", text(v->company),
			 "owner", text(v->parent), "what", text(v->what),
			 "service", text(v->service), "reason",
			 text(v->reason));
}

static json_t *listed(const struct endpoint_verdict *v)
{
	if (v->category == KNOW_CATEGORY_NONE)
		return json_null();
	return json_pack("{s:s,s:o}", "category",
			 know_category_name(v->category), "list",
			 text(v->list));
}

static json_t *sentence(const struct hub *hub,
			const struct endpoint_facts *facts,
			const struct endpoint_verdict *verdict)
{
	struct buf out;
	json_t *json;

	buf_init(&out, SENTENCE_BYTES_MAX);
	sentence_put(&out, &hub->know, facts, verdict);
	json = json_stringn(buf_text(&out), out.len);
	buf_done(&out);
	return json;
}

/* Who it is. */
static json_t *judged(const struct hub *hub, const struct endpoint *e,
		      const char *vendor)
{
	static const char *const secrecy[] = {
		[ENDPOINT_SECRECY_UNKNOWN] = "unknown",
		[ENDPOINT_ENCRYPTED] = "encrypted",
		[ENDPOINT_IN_CLEAR] = "clear",
	};
	struct endpoint_facts facts = endpoint_facts(e, vendor);
	uint8_t name[QUERY_NAME_BYTES];
	json_t *domain, *addr = address(e, &e->addrs[0]);
	struct endpoint_verdict v;
	json_t *row;

	if (facts.name.len)
		facts.name = slice_of(name, masked_name(e, name));
	facts.addr_text = json_string_value(addr);
	facts.named = lan_names(&hub->watchtower.lan, &facts.addr);
	endpoint_judge(&hub->know, &facts, &v);
	domain = v.domain.len ? view_text(v.domain) : json_null();
	row = json_pack("{s:o,s:o,s:o,s:o,s:s,s:o,s:o,s:o,s:o,s:s,s:o,s:o}",
			"registered_domain", domain, "company", company(&v),
			"purpose", text(know_purpose_name(v.purpose)), "listed",
			listed(&v), "party", endpoint_party_name(v.party),
			"platform", text(v.platform), "country",
			country(hub, v.country), "network", network(&v.as),
			"port_meaning", text(v.port), "encryption",
			secrecy[v.secrecy], "public_resolver",
			text(v.resolver ? v.resolver->name : NULL), "sentence",
			sentence(hub, &facts, &v));
	json_decref(addr);
	return row;
}

/* What a server says that it is may spell a MAC, as its name may. */
static json_t *certificate(const struct endpoint *e)
{
	uint8_t subject[VIEW_TEXT_BYTES];
	size_t len = e->certificate.len;

	if (!len)
		return json_null();
	if (len > sizeof(subject))
		len = sizeof(subject);
	memcpy(subject, e->certificate.data, len);
	mask_macs(subject, len);
	return view_text(slice_of(subject, len));
}

/* How many devices of the kind contact its domain; not of a name that is a
 * guess. */
static json_t *normal(const struct hub *hub, const struct home_device *device,
		      const struct endpoint *e)
{
	struct alike_share share;

	if (!e->name_len || endpoint_doubt(e->source) ||
	    !research_crowd_share(
		    hub, device,
		    suffix_registered_domain(slice_of(e->name, e->name_len)),
		    &share))
		return json_null();
	return json_pack("{s:o,s:f,s:o,s:o}", "homes", view_number(share.homes),
			 "share", share.share, "vendor", text(share.vendor),
			 "category", text(share.category));
}

const char *endpoint_view_vendor(const struct hub *hub,
				 const struct home_device *device)
{
	const char *said = research_vendor(&hub->research, &device->mac);

	return said ? said : identify_identity(device->identify)->vendor;
}

json_t *endpoint_view(const struct hub *hub, const struct home_device *device,
		      const struct endpoint *e)
{
	json_t *row = judged(hub, e, endpoint_view_vendor(hub, device));
	json_t *counted = json_pack(
		"{s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,"
		"s:o}",
		"endpoint", endpoint_view_label(e), "name_source",
		text(endpoint_source_name(e->source)), "doubt",
		text(endpoint_doubt(e->source)), "normal",
		normal(hub, device, e), "certificate", certificate(e),
		"resolvers", addrs(e, e->resolvers, e->resolver_count), "local",
		e->local, "addresses", addrs(e, e->addrs, e->addr_count),
		"ports", ports(e), "applications", applications(e), "in_bytes",
		view_number(e->in_bytes), "out_bytes",
		view_number(e->out_bytes), "in_packets",
		view_number(e->in_packets), "out_packets",
		view_number(e->out_packets), "first_seen",
		view_number(e->first_ms), "last_seen", view_number(e->last_ms));

	if (!row || !counted || json_object_update(row, counted)) {
		json_decref(row);
		row = NULL;
	}
	json_decref(counted);
	return row;
}
