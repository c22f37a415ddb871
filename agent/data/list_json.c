// SPDX-License-Identifier: GPL-3.0-or-later
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "data/list.h"

#define LINE_BYTES 24 /* "line N: " */

static struct slice string_of(const json_t *value)
{
	return slice_of(json_string_value(value), json_string_length(value));
}

/* "*.host" is for the host too. */
static bool host_of(const json_t *value, char out[LIST_HOST_BYTES])
{
	struct slice text = string_of(value);

	if (text.len > 2 && text.data[0] == '*' && text.data[1] == '.')
		text = slice_of(text.data + 2, text.len - 2);
	return text.data && list_host(text, out);
}

/* The categories of Disconnect's services.json; what is not here, content
 * among them, tracks nobody by itself. */
static const struct {
	const char *name;
	enum know_category category;
} categories[] = {
	{ "Advertising", KNOW_CATEGORY_ADVERTISING },
	{ "Analytics", KNOW_CATEGORY_ANALYTICS },
	{ "Anti-fraud", KNOW_CATEGORY_FINGERPRINTING },
	{ "Cryptomining", KNOW_CATEGORY_CRYPTOMINING },
	{ "Disconnect", KNOW_CATEGORY_TRACKING },
	{ "Email", KNOW_CATEGORY_TRACKING },
	{ "EmailAggressive", KNOW_CATEGORY_TRACKING },
	{ "Fingerprinting", KNOW_CATEGORY_FINGERPRINTING },
	{ "FingerprintingGeneral", KNOW_CATEGORY_FINGERPRINTING },
	{ "FingerprintingInvasive", KNOW_CATEGORY_FINGERPRINTING },
	{ "Social", KNOW_CATEGORY_SOCIAL },
};

static enum know_category category_of(const char *name)
{
	for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
		if (!strcmp(categories[i].name, name))
			return categories[i].category;
	return KNOW_CATEGORY_NONE;
}

/* {"home page": ["host", …], …} of one company. */
static void read_service(struct list *l, struct slice company,
			 json_t *properties, enum know_category category)
{
	const char *key;
	json_t *hosts, *value;
	char host[LIST_HOST_BYTES];
	size_t i;

	json_object_foreach(properties, key, hosts)
	{
		json_array_foreach(hosts, i, value)
		{
			if (!host_of(value, host)) {
				l->left_out++;
				continue;
			}
			if (category != KNOW_CATEGORY_NONE)
				list_add_tracker(l, host, category, company);
			list_add_company(l, host, company);
		}
	}
}

static void read_services(struct list *l, json_t *all)
{
	const char *category, *company;
	json_t *services, *service, *properties;
	size_t i;

	json_object_foreach(all, category, services)
	{
		json_array_foreach(services, i, service)
		{
			json_object_foreach(service, company, properties)
			{
				read_service(l, slice_text(company), properties,
					     category_of(category));
			}
		}
	}
	list_set(l->name, slice_text("Disconnect"));
	list_set(l->origin, slice_text("https://disconnect.me/"));
	l->what = "trackers and their companies";
}

static void read_hosts_of(struct list *l, struct slice company, json_t *hosts)
{
	char host[LIST_HOST_BYTES];
	json_t *value;
	size_t i;

	json_array_foreach(hosts, i, value)
	{
		if (host_of(value, host))
			list_add_company(l, host, company);
		else
			l->left_out++;
	}
}

/* {"Company": {"properties": […], "resources": […]}, …} */
static void read_entities(struct list *l, json_t *all)
{
	const char *company;
	json_t *entity;

	json_object_foreach(all, company, entity)
	{
		read_hosts_of(l, slice_text(company),
			      json_object_get(entity, "properties"));
		read_hosts_of(l, slice_text(company),
			      json_object_get(entity, "resources"));
	}
	list_set(l->name, slice_text("Disconnect entities"));
	list_set(l->origin, slice_text("https://disconnect.me/"));
	l->what = "companies of hosts";
}

/* The first of the names that the object has as a text. */
static struct slice first_string(const json_t *object, const char *const *names)
{
	for (; *names; names++) {
		struct slice text = string_of(json_object_get(object, *names));

		if (text.len)
			return text;
	}
	return slice_of(NULL, 0);
}

/* [{"name": …, "domains": […]}, …]: webXray's owners, or third-party-web's
 * entities. */
static void read_owners(struct list *l, json_t *all)
{
	static const char *const names[] = { "company", "name", "owner_name",
					     "owner", NULL };
	bool is_webxray = false;
	json_t *owner;
	size_t i;

	json_array_foreach(all, i, owner)
	{
		struct slice name = first_string(owner, names);

		is_webxray |= json_object_get(owner, "parent_id") != NULL;
		if (name.len)
			read_hosts_of(l, name,
				      json_object_get(owner, "domains"));
		else
			l->left_out++;
	}
	list_set(l->name,
		 slice_text(is_webxray ? "webXray" : "third-party-web"));
	l->what = "companies of hosts";
}

static int parse(struct slice bytes, json_t **out, char why[LIST_NAME_BYTES])
{
	json_error_t error;
	char text[LIST_NAME_BYTES - LINE_BYTES];
	json_t *root =
		json_loadb((const char *)bytes.data, bytes.len, 0, &error);

	if (!root) {
		/* it repeats what stands there */
		text_printable(slice_text(error.text), text, sizeof(text));
		snprintf(why, LIST_NAME_BYTES, "line %d: %s", error.line, text);
		return ERR_MALFORMED;
	}
	*out = root;
	return 0;
}

int list_read_json(struct list *l, struct slice bytes,
		   char why[LIST_NAME_BYTES])
{
	size_t at = 0;
	json_t *root, *part;
	int err;

	while (at < bytes.len && strchr(" \t\r\n", bytes.data[at]) &&
	       bytes.data[at])
		at++;
	/* '[' also begins "[Adblock Plus 2.0]" */
	if (at == bytes.len ||
	    (bytes.data[at] != '{' &&
	     (bytes.data[at] != '[' || !memchr(bytes.data, '{', bytes.len))))
		return ERR_NOTFOUND;
	if (bytes.len - at > 8 && !memcmp(bytes.data + at, "[Adblock", 8))
		return ERR_NOTFOUND;
	err = parse(bytes, &root, why);
	if (err)
		return err;
	part = json_object_get(root, "categories");
	if (json_is_object(part))
		read_services(l, part);
	else if (json_is_object(part = json_object_get(root, "entities")))
		read_entities(l, part);
	else if (json_is_array(root))
		read_owners(l, root);
	json_decref(root);
	return l->taken ? 0 : ERR_NOTFOUND;
}
