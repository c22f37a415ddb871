// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/route.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "store/erase.h"
#include "web/aside.h"
#include "web/between.h"
#include "web/find.h"
#include "web/gate.h"
#include "web/history.h"
#include "web/home.h"
#include "web/research_api.h"
#include "web/state.h"
#include "web/view.h"

#define RANGE_DEFAULT_MS ((uint64_t)15 * 60 * 1000)
#define TIME_MAX_MS	 ((uint64_t)1 << 52)
#define STEP_UNIT_MS	 ((uint64_t)(RECORD_WINDOW_NS / 1000000))
#define STEP_MAX_MS	 ((uint64_t)86400 * 1000)

/* What a route is called with; device is that of {id}, found. */
struct call {
	struct hub *hub;
	const struct http_request *request;
	struct http_reply *reply;
	struct home_device *device;
};

struct route {
	const char *path; /* {id} stands for one segment */
	bool post;
	void (*answer)(struct call *call);
	bool of_finding; /* {id} is a finding's, not a device's */
};

static void bad_request(struct call *call, const char *text)
{
	http_reply_error(call->reply, MHD_HTTP_BAD_REQUEST, "bad_request",
			 text);
}

static void conflict(struct call *call, const char *code, const char *text)
{
	http_reply_error(call->reply, MHD_HTTP_CONFLICT, code, text);
}

static void store_failed(struct call *call)
{
	http_reply_store_error(call->reply, store_error(call->hub->store));
}

static void reply_status(struct call *call)
{
	http_reply_json(call->reply, view_status(call->hub));
}

/* The state after a request that could not all be stored, or could. */
static void reply_outcome(struct call *call, int err)
{
	if (err)
		store_failed(call);
	else
		reply_status(call);
}

static void reply_device(struct call *call)
{
	http_reply_json(call->reply, view_device(call->hub, call->device));
}

/* Most requests to change something ask nothing more: {} */
static bool asks_nothing(struct call *call)
{
	if (!json_object_size(call->request->body))
		return true;
	bad_request(call, "Nothing is asked of this request but {}.");
	return false;
}

static bool has_consent(struct call *call)
{
	if (call->hub->consent.given)
		return true;
	conflict(call, "consent_needed", "Consent has not been given.");
	return false;
}

static void get_status(struct call *call)
{
	reply_status(call);
}

static bool read_macs(const json_t *list, struct mac *out, size_t *count)
{
	size_t n = json_array_size(list);

	if (n > MESSAGE_EXCLUDE_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text || mac_parse(text, &out[i]) || mac_is_zero(&out[i]) ||
		    mac_is_group(&out[i]))
			return false;
	}
	*count = n;
	return true;
}

static void post_consent(struct call *call)
{
	struct mac macs[MESSAGE_EXCLUDE_MAX];
	json_t *exclude = NULL;
	size_t count = 0;
	json_int_t version;

	if (json_unpack(call->request->body, "{s:I,s?o!}", "version", &version,
			"exclude", &exclude) ||
	    (exclude && !json_is_array(exclude))) {
		bad_request(call, "A version, and a list of devices to "
				  "exclude, are asked for.");
		return;
	}
	if (exclude && !read_macs(exclude, macs, &count)) {
		bad_request(call, "A device to exclude is written like "
				  "00:11:22:33:44:55; at most 250 can be.");
		return;
	}
	switch (hub_consent(call->hub, version < 0 ? 0 : (uint64_t)version,
			    macs, count)) {
	case 0:
		reply_status(call);
		break;
	case ERR_INVALID:
		conflict(call, "wrong_version",
			 "The text has changed: read it again.");
		break;
	case ERR_LIMIT:
		conflict(call, "limit", "As many as can be are excluded.");
		break;
	default:
		store_failed(call);
	}
}

static void post_withdraw(struct call *call)
{
	if (asks_nothing(call))
		reply_outcome(call, hub_withdraw(call->hub));
}

static void reply_deleted(struct call *call, uint64_t rows)
{
	http_reply_json(
		call->reply,
		json_pack(
			"{s:o,s:o}", "rows", view_number(rows), "set_aside",
			view_number(aside_count(call->hub->config.data_dir))));
}

static void delete_failed(struct call *call)
{
	const char *error = store_error(call->hub->store);

	http_reply_store_error(call->reply,
			       error[0] ? error
					: "a damaged database that was set "
					  "aside could not be removed");
}

static void post_delete_all(struct call *call)
{
	uint64_t rows;

	if (!asks_nothing(call))
		return;
	if (hub_delete_all(call->hub, &rows))
		delete_failed(call);
	else
		reply_deleted(call, rows);
}

static void get_interfaces(struct call *call)
{
	hub_list_interfaces(call->hub);
	http_reply_json(call->reply, view_interfaces(call->hub));
}

static void post_interface(struct call *call)
{
	const char *name;

	if (json_unpack(call->request->body, "{s:s!}", "name", &name) ||
	    !name[0] || strlen(name) >= MESSAGE_NAME_MAX) {
		bad_request(call, "The name of an interface is asked for.");
		return;
	}
	if (!has_consent(call))
		return;
	switch (hub_choose(call->hub, name)) {
	case 0:
		reply_status(call);
		break;
	case ERR_NOTFOUND:
		http_reply_error(call->reply, MHD_HTTP_NOT_FOUND, "not_found",
				 "There is no such interface.");
		break;
	default:
		conflict(call, "wrong_state", "It cannot be used.");
	}
}

static bool has_network(struct call *call)
{
	if (!has_consent(call))
		return false;
	if (call->hub->chosen[0])
		return true;
	conflict(call, "wrong_state", "No interface has been chosen.");
	return false;
}

static void post_scan(struct call *call)
{
	if (!asks_nothing(call) || !has_network(call))
		return;
	if (call->hub->paused) {
		conflict(call, "wrong_state", "It is paused.");
		return;
	}
	hub_scan(call->hub);
	reply_status(call);
}

static void get_between(struct call *call)
{
	http_reply_json(call->reply,
			between_view(&call->hub->between, &call->hub->home));
}

static void post_between(struct call *call)
{
	struct message_pairs pairs;

	if (!has_consent(call))
		return;
	if (between_read(call->request->body, &call->hub->home, &pairs))
		bad_request(call, "all is true or false, pairs at most 40 "
				  "lists of two devices' ids.");
	else if (hub_between(call->hub, &pairs))
		store_failed(call);
	else
		get_between(call);
}

static void post_pause(struct call *call)
{
	if (!asks_nothing(call) || !has_consent(call))
		return;
	hub_pause(call->hub, true);
	reply_status(call);
}

static void post_resume(struct call *call)
{
	if (!asks_nothing(call) || !has_consent(call))
		return;
	hub_pause(call->hub, false);
	reply_status(call);
}

static void post_restore(struct call *call)
{
	if (asks_nothing(call))
		reply_outcome(call, hub_restore(call->hub));
}

static void post_stop(struct call *call)
{
	if (!asks_nothing(call))
		return;
	hub_stop(call->hub, "stopped from the page");
	reply_status(call);
}

static void get_devices(struct call *call)
{
	http_reply_json(call->reply, view_devices(call->hub));
}

static void get_device(struct call *call)
{
	reply_device(call);
}

static bool read_switch(struct call *call, const char *name, bool *on)
{
	int value;

	if (!json_unpack(call->request->body, "{s:b!}", name, &value)) {
		*on = value;
		return true;
	}
	bad_request(call, "true or false is asked for.");
	return false;
}

static bool is_watchable(struct call *call)
{
	if (!has_consent(call))
		return false;
	if (gate_state(call->device) == GATE_EXCLUDED) {
		conflict(call, "excluded", "The device is excluded.");
		return false;
	}
	if (gate_state(call->device) == GATE_LOCKED) {
		conflict(call, "locked",
			 "It is locked: unlock it on the device itself.");
		return false;
	}
	if (call->device->gateway) {
		conflict(call, "gateway", "The router cannot be watched.");
		return false;
	}
	return true;
}

static void post_watch(struct call *call)
{
	bool on;

	if (!read_switch(call, "watch", &on) || (on && !is_watchable(call)))
		return;
	switch (hub_watch(call->hub, call->device, on)) {
	case 0:
		reply_device(call);
		break;
	case ERR_LIMIT:
		conflict(call, "limit",
			 "As many devices as allowed are watched "
			 "(--max-devices).");
		break;
	default:
		store_failed(call);
	}
}

static void post_exclude(struct call *call)
{
	bool on;

	if (!read_switch(call, "exclude", &on))
		return;
	if (!on && call->device->excluded_for_good) {
		conflict(call, "fixed", "It was excluded on the command line.");
		return;
	}
	if (!on && call->device->lock == HOME_LEFT_ALONE) {
		conflict(call, "fixed", "Its own name asks for it.");
		return;
	}
	switch (hub_exclude(call->hub, call->device, on)) {
	case 0:
		reply_device(call);
		break;
	case ERR_LIMIT:
		conflict(call, "limit", "As many as can be are excluded.");
		break;
	default:
		store_failed(call);
	}
}

static void reply_lock(struct call *call, int err)
{
	if (!err)
		reply_device(call);
	else if (err != ERR_DENIED)
		store_failed(call);
	else if (call->device->gateway)
		conflict(call, "gateway", "It is the router.");
	else if (gate_state(call->device) == GATE_EXCLUDED)
		conflict(call, "excluded", "The device is excluded.");
	else
		conflict(call, "locked",
			 "It is locked: unlock it on the device itself.");
}

static void post_open(struct call *call)
{
	if (asks_nothing(call))
		reply_lock(call, hub_open(call->hub, call->device, false));
}

static void post_lock(struct call *call)
{
	if (asks_nothing(call))
		reply_lock(call, hub_lock(call->hub, call->device));
}

static void reply_unlock(struct call *call, int err)
{
	switch (err) {
	case ERR_INVALID:
		conflict(call, "wrong_state",
			 "It is open, or this computer cannot serve it a "
			 "page.");
		break;
	case ERR_NOTFOUND:
		conflict(call, "wrong_mac", "That is not its MAC.");
		break;
	case ERR_LIMIT:
		conflict(call, "limit",
			 "Wrong too often: try again in an "
			 "hour, or unlock it on the device.");
		break;
	default:
		reply_lock(call, err);
	}
}

static void post_unlock(struct call *call)
{
	if (asks_nothing(call) && has_consent(call))
		reply_unlock(call, hub_unlock(call->hub, call->device));
}

static void post_unlock_mac(struct call *call)
{
	struct mac mac;
	const char *text;

	if (json_unpack(call->request->body, "{s:s!}", "mac", &text) ||
	    mac_parse(text, &mac)) {
		bad_request(call, "A MAC is written like 00:11:22:33:44:55.");
		return;
	}
	if (has_consent(call))
		reply_unlock(call,
			     hub_unlock_by_mac(call->hub, call->device, &mac));
}

static void get_settings(struct call *call)
{
	http_reply_json(call->reply, settings_view(&call->hub->settings));
}

static void post_settings(struct call *call)
{
	struct settings settings;

	if (settings_read(call->request->body, &settings)) {
		bad_request(call, "reverse_dns is true or false, away at most "
				  "14 spans of days, from and to, "
				  "upload_mbps 1 to 10000 or null.");
		return;
	}
	if (settings_save(&settings, call->hub->store)) {
		store_failed(call);
		return;
	}
	call->hub->settings = settings;
	get_settings(call);
}

static void post_delete_device(struct call *call)
{
	uint64_t rows;

	if (!asks_nothing(call))
		return;
	if (hub_delete(call->hub, call->device, &rows))
		store_failed(call);
	else
		reply_deleted(call, rows);
}

/* A number of the query, or what it is without. */
static bool query_number(struct call *call, const char *name, uint64_t least,
			 uint64_t most, uint64_t absent, uint64_t *out)
{
	const char *text = http_query(call->request, name);

	*out = absent;
	return !text || !text_number(text, least, most, out);
}

static bool read_range(struct call *call, struct history_range *range)
{
	bool ok = query_number(call, "to", 0, TIME_MAX_MS, call->hub->now_ms,
			       &range->to_ms);
	uint64_t ago = range->to_ms > RANGE_DEFAULT_MS ? RANGE_DEFAULT_MS
						       : range->to_ms;

	ok = ok && query_number(call, "from", 0, TIME_MAX_MS,
				range->to_ms - ago, &range->from_ms);
	if (ok && range->from_ms <= range->to_ms)
		return true;
	bad_request(call, "from and to are milliseconds since 1970, in order.");
	return false;
}

static bool may_see(struct call *call, enum gate what)
{
	static const struct {
		const char *code, *text;
	} closed[GATE_STATES] = {
		[GATE_EXCLUDED] = { "excluded", "The device is excluded: "
						"nothing is known of it." },
		[GATE_LOCKED] = { "locked", "The device is locked: nothing is "
					    "known of it." },
		[GATE_IDENTIFYING] = { "identifying",
				       "It is not known yet whether this is "
				       "somebody's computer." },
		[GATE_OPEN] = { "not_found", "There is nothing." },
	};
	enum gate_state state = gate_state(call->device);

	if (gate_lets(call->device, call->hub->consent.given, what))
		return true;
	http_reply_error(call->reply, MHD_HTTP_NOT_FOUND, closed[state].code,
			 closed[state].text);
	return false;
}

static void post_merge(struct call *call)
{
	struct home_device *older;
	const char *id;

	if (json_unpack(call->request->body, "{s:s!}", "with", &id)) {
		bad_request(call, "The id of the device that it was is asked "
				  "for.");
		return;
	}
	if (!has_consent(call) || !may_see(call, GATE_HISTORY))
		return;
	older = home_by_id(&call->hub->home, id);
	switch (older ? hub_merge(call->hub, older, call->device)
		      : ERR_INVALID) {
	case 0:
		reply_device(call);
		break;
	case ERR_INVALID:
		conflict(call, "wrong_state",
			 "That device is not the one that this one may have "
			 "been.");
		break;
	default:
		store_failed(call);
	}
}

static void reply_history(struct call *call, int err, json_t *json)
{
	if (!err)
		http_reply_json(call->reply, json);
	else if (err == ERR_LIMIT)
		bad_request(call, "That is more points than 2,000: ask for a "
				  "longer step.");
	else if (err == ERR_NOMEM)
		http_reply_json(call->reply, NULL);
	else
		store_failed(call);
}

static void get_endpoints(struct call *call)
{
	struct history_range range;
	json_t *json = NULL;
	int err;

	if (!may_see(call, GATE_HISTORY) || !read_range(call, &range))
		return;
	err = history_endpoints(call->hub, call->device, &range, &json);
	reply_history(call, err, json);
}

static void get_traffic(struct call *call)
{
	struct history_range range;
	uint64_t step, top;
	json_t *json = NULL;
	int err;

	if (!may_see(call, GATE_HISTORY) || !read_range(call, &range))
		return;
	if (!query_number(call, "step", STEP_UNIT_MS, STEP_MAX_MS, 0, &step) ||
	    step % STEP_UNIT_MS ||
	    !query_number(call, "top", 1, HISTORY_TOP_MAX, HISTORY_TOP_DEFAULT,
			  &top)) {
		bad_request(call, "step is a multiple of 5000, at most a day; "
				  "top is from 1 to 20.");
		return;
	}
	err = history_traffic(call->hub, call->device, &range, step,
			      (size_t)top, &json);
	reply_history(call, err, json);
}

static void get_clues(struct call *call)
{
	json_t *json = NULL;
	int err;

	if (!may_see(call, GATE_HISTORY))
		return;
	err = history_clues(call->hub, call->device, &json);
	reply_history(call, err, json);
}

static void get_findings(struct call *call)
{
	http_reply_json(call->reply, find_all(call->hub));
}

static void get_device_findings(struct call *call)
{
	if (may_see(call, GATE_HISTORY))
		http_reply_json(call->reply,
				find_of_device(call->hub, call->device));
}

static void get_posture(struct call *call)
{
	if (may_see(call, GATE_HISTORY))
		http_reply_json(call->reply,
				find_posture(call->hub, call->device));
}

static void get_coverage(struct call *call)
{
	if (may_see(call, GATE_HISTORY))
		http_reply_json(call->reply,
				find_coverage(call->hub, call->device));
}

static bool find_finding(struct call *call, struct find_one *one)
{
	if (!asks_nothing(call))
		return false;
	if (find_by_id(call->hub, call->request->id, one))
		return true;
	http_reply_error(call->reply, MHD_HTTP_NOT_FOUND, "not_found",
			 "There is no such finding.");
	return false;
}

static void post_recheck(struct call *call)
{
	struct find_one one;

	if (find_finding(call, &one))
		http_reply_json(call->reply, find_recheck(call->hub, &one));
}

static void post_dismiss(struct call *call)
{
	struct find_one one;

	if (!find_finding(call, &one))
		return;
	finding_dismiss(one.list, one.finding);
	http_reply_json(call->reply, find_one(call->hub, &one));
}

static void to_research(struct call *call)
{
	research_api(call->hub, call->request, call->device, call->reply);
}

static const struct route routes[] = {
	{ "/api/status", false, get_status },
	{ "/api/consent", true, post_consent },
	{ "/api/consent/withdraw", true, post_withdraw },
	{ "/api/delete", true, post_delete_all },
	{ "/api/interfaces", false, get_interfaces },
	{ "/api/interface", true, post_interface },
	{ "/api/scan", true, post_scan },
	{ "/api/between", false, get_between },
	{ "/api/between", true, post_between },
	{ "/api/pause", true, post_pause },
	{ "/api/resume", true, post_resume },
	{ "/api/restore", true, post_restore },
	{ "/api/stop", true, post_stop },
	{ "/api/devices", false, get_devices },
	{ "/api/devices/{id}", false, get_device },
	{ "/api/devices/{id}/watch", true, post_watch },
	{ "/api/devices/{id}/exclude", true, post_exclude },
	{ "/api/devices/{id}/open", true, post_open },
	{ "/api/devices/{id}/lock", true, post_lock },
	{ "/api/devices/{id}/unlock", true, post_unlock },
	{ "/api/devices/{id}/unlock/mac", true, post_unlock_mac },
	{ "/api/settings", false, get_settings },
	{ "/api/settings", true, post_settings },
	{ "/api/devices/{id}/delete", true, post_delete_device },
	{ "/api/devices/{id}/merge", true, post_merge },
	{ "/api/devices/{id}/endpoints", false, get_endpoints },
	{ "/api/devices/{id}/traffic", false, get_traffic },
	{ "/api/devices/{id}/clues", false, get_clues },
	{ "/api/devices/{id}/findings", false, get_device_findings },
	{ "/api/devices/{id}/posture", false, get_posture },
	{ "/api/devices/{id}/coverage", false, get_coverage },
	{ "/api/findings", false, get_findings },
	{ "/api/findings/{id}/recheck", true, post_recheck, true },
	{ "/api/findings/{id}/dismiss", true, post_dismiss, true },
	{ "/api/research", false, to_research },
	{ "/api/research/collector", true, to_research },
	{ "/api/research/consent", true, to_research },
	{ "/api/research/settings", true, to_research },
	{ "/api/research/removed", true, to_research },
	{ "/api/research/names", true, to_research },
	{ "/api/research/pause", true, to_research },
	{ "/api/research/resume", true, to_research },
	{ "/api/research/next", false, to_research },
	{ "/api/research/sent", false, to_research },
	{ "/api/research/upload", false, to_research },
	{ "/api/research/labels", false, to_research },
	{ "/api/research/withdraw", true, to_research },
	{ "/api/research/delete", true, to_research },
	{ "/api/research/held", true, to_research },
	{ "/api/research/held", false, to_research },
	{ "/api/research/view", true, to_research },
	{ "/api/devices/{id}/label", false, to_research },
	{ "/api/devices/{id}/label", true, to_research },
	{ "/api/devices/{id}/share", true, to_research },
	{ ROUTE_EVENTS, false, NULL }, /* the server's own */
};

/* Whether path is of the form, and the segment that {id} stands for. */
static bool matches(const char *form, const char *path, char *id, size_t size)
{
	const char *hole = strstr(form, "{id}");
	size_t before, length;

	if (!hole)
		return !strcmp(form, path);
	before = (size_t)(hole - form);
	if (strncmp(form, path, before))
		return false;
	length = strcspn(path + before, "/");
	if (!length || length >= size ||
	    strcmp(path + before + length, hole + strlen("{id}")))
		return false;
	memcpy(id, path + before, length);
	id[length] = '\0';
	return true;
}

/* That of the path and method, else one of the path. */
static const struct route *find_route(struct http_request *request)
{
	const struct route *of_path = NULL;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!matches(routes[i].path, request->path, request->id,
			     sizeof(request->id)))
			continue;
		if (routes[i].post == request->post)
			return &routes[i];
		of_path = &routes[i];
	}
	return of_path;
}

/* application/json, with or without a charset. */
static bool is_json(const char *type)
{
	static const char want[] = "application/json";
	size_t len = sizeof(want) - 1;

	return type && !strncasecmp(type, want, len) &&
	       (!type[len] || type[len] == ';' || type[len] == ' ');
}

static bool read_body(struct call *call, struct http_request *request,
		      const char *type, struct slice body)
{
	if (!is_json(type)) {
		http_reply_error(call->reply, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
				 "media_type",
				 "Content-Type must be application/json.");
		return false;
	}
	request->body = json_loadb(body.len ? (const char *)body.data : "",
				   body.len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(request->body))
		return true;
	bad_request(call, "The body must be a JSON object.");
	return false;
}

void route_answer(struct hub *hub, struct http_request *request,
		  const char *other_method, const char *type, struct slice body,
		  struct http_reply *reply)
{
	const struct route *route = find_route(request);
	struct call call = { .hub = hub, .request = request, .reply = reply };

	if (!route) {
		http_reply_error(reply, MHD_HTTP_NOT_FOUND, "not_found",
				 "There is no such path.");
		return;
	}
	if (other_method || route->post != request->post) {
		http_reply_error(reply, MHD_HTTP_METHOD_NOT_ALLOWED, "method",
				 route->post ? "This path takes POST."
					     : "This path takes GET.");
		return;
	}
	if (request->id[0] && !route->of_finding) {
		call.device = home_by_id(&hub->home, request->id);
		if (!call.device) {
			http_reply_error(reply, MHD_HTTP_NOT_FOUND, "not_found",
					 "There is no such device.");
			return;
		}
	}
	if (!request->post || read_body(&call, request, type, body))
		route->answer(&call);
	json_decref(request->body);
	request->body = NULL;
}
