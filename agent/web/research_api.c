// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/research_api.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "web/gate.h"
#include "web/research.h"
#include "web/state.h"

#define VIEW_SECONDS_MAX 86400

struct ask {
	struct hub *hub;
	const struct http_request *request;
	json_t *body;
	struct home_device *device;
	struct http_reply *reply;
};

static void bad(struct ask *a, const char *text)
{
	http_reply_error(a->reply, MHD_HTTP_BAD_REQUEST, "bad_request", text);
}

static void reply_state(struct ask *a)
{
	http_reply_json(a->reply, research_view(a->hub));
}

static void reply_done(struct ask *a, int err)
{
	struct research *r = &a->hub->research;

	switch (err) {
	case 0:
		reply_state(a);
		break;
	case ERR_DENIED:
		http_reply_error(a->reply, MHD_HTTP_CONFLICT, "wrong_state",
				 "That cannot be done as it stands now.");
		break;
	case ERR_INVALID:
		bad(a, "That is not what is asked for.");
		break;
	case ERR_LIMIT:
		http_reply_error(a->reply, MHD_HTTP_CONFLICT, "limit",
				 "As much as can be waits already.");
		break;
	case ERR_NOTFOUND:
		http_reply_error(a->reply, MHD_HTTP_NOT_FOUND, "not_found",
				 "There is no such name.");
		break;
	default:
		http_reply_store_error(
			a->reply, r->spool ? spool_error(r->spool) : r->why);
	}
}

static bool asks_nothing(struct ask *a)
{
	if (!json_object_size(a->body))
		return true;
	bad(a, "Nothing is asked of this request but {}.");
	return false;
}

static void get_state(struct ask *a)
{
	reply_state(a);
}

static void post_collector(struct ask *a)
{
	const char *url, *pem = NULL;

	if (json_unpack(a->body, "{s:s,s?s!}", "url", &url, "certificate",
			&pem)) {
		bad(a, "The address of a collector is asked for.");
		return;
	}
	switch (research_choose(a->hub, url, pem)) {
	case ERR_INVALID:
		bad(a, "That is not an address like https://example.org.");
		break;
	case ERR_DENIED:
		http_reply_error(a->reply, MHD_HTTP_CONFLICT, "wrong_state",
				 "Stop sharing with the other one first.");
		break;
	case 0:
		reply_state(a);
		break;
	default:
		reply_done(a, ERR_IO);
	}
}

static void post_consent(struct ask *a)
{
	const char *hash;
	int err;

	if (json_unpack(a->body, "{s:s!}", "hash", &hash)) {
		bad(a, "The hash of the text is asked for.");
		return;
	}
	err = research_agree(a->hub, hash);
	if (err == ERR_INVALID)
		http_reply_error(a->reply, MHD_HTTP_CONFLICT, "wrong_version",
				 "The text has changed: read it again.");
	else
		reply_done(a, err);
}

static bool read_fields(json_t *from, uint32_t *fields)
{
	const char *name;
	json_t *on;

	json_object_foreach(from, name, on)
	{
		int i = 0;

		while (i < SHARE_FIELDS &&
		       strcmp(name, share_field_name((enum share_field)i)) != 0)
			i++;
		if (i == SHARE_FIELDS || !json_is_boolean(on))
			return false;
		if (json_is_true(on))
			*fields |= UINT32_C(1) << i;
		else
			*fields &= ~(UINT32_C(1) << i);
	}
	return true;
}

static void post_settings(struct ask *a)
{
	struct research *r = &a->hub->research;
	uint32_t fields = r->fields;
	int unwatched = r->unwatched;
	json_t *changes = NULL;

	if (json_unpack(a->body, "{s?o,s?b!}", "fields", &changes, "unwatched",
			&unwatched) ||
	    (changes && !json_is_object(changes)) ||
	    !read_fields(changes, &fields)) {
		bad(a, "fields by name, and unwatched, are true or false.");
		return;
	}
	reply_done(a, research_set_fields(a->hub, fields, unwatched));
}

static void post_removed(struct ask *a)
{
	json_t *names;

	if (json_unpack(a->body, "{s:o!}", "names", &names) ||
	    !json_is_array(names)) {
		bad(a, "A list of names is asked for.");
		return;
	}
	reply_done(a, research_set_removed(a->hub, names));
}

static void post_names(struct ask *a)
{
	const char *device, *kind, *text;
	int yes;

	if (json_unpack(a->body, "{s:s,s:s,s:s,s:b!}", "device", &device,
			"kind", &kind, "text", &text, "share", &yes)) {
		bad(a, "A device, the name, and whether to share it.");
		return;
	}
	reply_done(a, research_answer_name(a->hub, device, kind, text, yes));
}

static void post_pause(struct ask *a)
{
	if (asks_nothing(a))
		reply_done(a, research_pause(a->hub, true));
}

static void post_resume(struct ask *a)
{
	if (asks_nothing(a))
		reply_done(a, research_pause(a->hub, false));
}

static void get_next(struct ask *a)
{
	http_reply_json(a->reply, research_view_next(a->hub));
}

static void get_sent(struct ask *a)
{
	http_reply_json(a->reply, research_view_sent(a->hub));
}

/* Without at, the next. */
static void get_upload(struct ask *a)
{
	const char *at = http_query(a->request, "at");
	uint64_t at_ms = 0, bytes;
	int fd, err;

	if (at && text_number(at, 1, INT64_MAX, &at_ms)) {
		bad(a, "at is when it went, in milliseconds since 1970.");
		return;
	}
	err = research_whole(a->hub, at_ms, &fd, &bytes);
	if (!err)
		http_reply_file(a->reply, fd, bytes, "upload.ndjson");
	else if (err == ERR_NOTFOUND)
		http_reply_error(a->reply, MHD_HTTP_NOT_FOUND, "not_found",
				 "There is no such upload, or no more.");
	else if (err == ERR_IO)
		reply_done(a, err);
	else
		http_reply_json(a->reply, NULL);
}

static void get_labels(struct ask *a)
{
	http_reply_json(a->reply, research_view_labels(a->hub));
}

static void post_withdraw(struct ask *a)
{
	int erase;

	if (json_unpack(a->body, "{s:b!}", "erase", &erase)) {
		bad(a, "erase is true or false.");
		return;
	}
	reply_done(a, research_withdraw(a->hub, erase));
}

static void post_delete(struct ask *a)
{
	const char *what, *id = NULL;
	const struct home_device *device = NULL;

	if (json_unpack(a->body, "{s:s,s?s!}", "what", &what, "device", &id) ||
	    (strcmp(what, "device") != 0 && strcmp(what, "names") != 0 &&
	     strcmp(what, "everything") != 0) ||
	    (id != NULL) != !strcmp(what, "device")) {
		bad(a, "what is device (with its id), names or everything.");
		return;
	}
	if (id) {
		device = home_by_id(&a->hub->home, id);
		if (!device) {
			http_reply_error(a->reply, MHD_HTTP_NOT_FOUND,
					 "not_found",
					 "There is no such device.");
			return;
		}
	}
	reply_done(a, research_delete(a->hub, what, device));
}

static void post_held(struct ask *a)
{
	if (asks_nothing(a))
		reply_done(a, research_fetch_held(a->hub));
}

static void get_held(struct ask *a)
{
	struct stat st;
	int fd = a->hub->research.held == RESEARCH_HELD_READY
			 ? research_held_open(a->hub, O_RDONLY)
			 : -1;

	if (fd >= 0 && !fstat(fd, &st)) {
		http_reply_file(a->reply, fd, (uint64_t)st.st_size,
				"held.ndjson");
		return;
	}
	if (fd >= 0)
		close(fd);
	http_reply_error(a->reply, MHD_HTTP_NOT_FOUND, "not_found",
			 "It has not been fetched.");
}

static void post_view(struct ask *a)
{
	const char *view;
	double seconds;
	size_t len;

	if (json_unpack(a->body, "{s:s,s:F!}", "view", &view, "seconds",
			&seconds) ||
	    !(len = strlen(view)) || len > 32 ||
	    strspn(view, "abcdefghijklmnopqrstuvwxyz-") != len || seconds < 0 ||
	    seconds > VIEW_SECONDS_MAX) {
		bad(a, "A view and for how many seconds it was open.");
		return;
	}
	research_view_seen(a->hub, view, seconds);
	http_reply_json(a->reply, json_object());
}

/* Labels and sharing are of devices that are open. */
static bool is_open(struct ask *a)
{
	if (gate_state(a->device) == GATE_OPEN)
		return true;
	http_reply_error(a->reply, MHD_HTTP_CONFLICT, "wrong_state",
			 "The device is locked, excluded or not known yet.");
	return false;
}

static void get_label(struct ask *a)
{
	if (is_open(a))
		http_reply_json(a->reply,
				research_view_label(a->hub, a->device));
}

/* A text of a label, or "" for none; NULL for what is not one. */
static const char *label_text(json_t *body, const char *name)
{
	json_t *value = json_object_get(body, name);
	const char *text = json_string_value(value);

	if (!value || json_is_null(value))
		return "";
	return text && text_characters(text) <= SHARE_LABEL_MAX ? text : NULL;
}

static void post_label(struct ask *a)
{
	const char *name = label_text(a->body, "name");
	const char *category = label_text(a->body, "category");
	const char *vendor = label_text(a->body, "vendor");
	const char *source = label_text(a->body, "source");
	json_t *label = NULL;
	int err;

	if (!is_open(a))
		return;
	if (!name || !category || !vendor || !source ||
	    json_object_size(a->body) != 4 ||
	    (strcmp(source, "typed") != 0 && strcmp(source, "confirmed") != 0 &&
	     strcmp(source, "rejected") != 0)) {
		bad(a, "name, category and vendor are texts of at most 128 "
		       "characters; source is typed, confirmed or rejected.");
		return;
	}
	if (*name || *category || *vendor)
		label = json_pack("{s:s,s:s,s:s,s:s}", "name", name, "category",
				  category, "vendor", vendor, "source", source);
	err = research_set_label(a->hub, a->device, label);
	if (err)
		reply_done(a, err);
	else
		get_label(a);
}

static void post_share(struct ask *a)
{
	int on, err;

	if (!is_open(a))
		return;
	if (json_unpack(a->body, "{s:b!}", "share", &on)) {
		bad(a, "true or false is asked for.");
		return;
	}
	err = research_set_device(a->hub, a->device, on);
	if (err)
		reply_done(a, err);
	else
		get_label(a);
}

static const struct {
	const char *path; /* its end */
	bool post, of_device;
	void (*answer)(struct ask *ask);
} answers[] = {
	{ "/research", false, false, get_state },
	{ "/collector", true, false, post_collector },
	{ "/consent", true, false, post_consent },
	{ "/settings", true, false, post_settings },
	{ "/removed", true, false, post_removed },
	{ "/names", true, false, post_names },
	{ "/pause", true, false, post_pause },
	{ "/resume", true, false, post_resume },
	{ "/next", false, false, get_next },
	{ "/sent", false, false, get_sent },
	{ "/upload", false, false, get_upload },
	{ "/labels", false, false, get_labels },
	{ "/withdraw", true, false, post_withdraw },
	{ "/delete", true, false, post_delete },
	{ "/held", true, false, post_held },
	{ "/held", false, false, get_held },
	{ "/view", true, false, post_view },
	{ "/label", false, true, get_label },
	{ "/label", true, true, post_label },
	{ "/share", true, true, post_share },
};

void research_api(struct hub *hub, const struct http_request *request,
		  struct home_device *device, struct http_reply *reply)
{
	struct ask ask = { hub, request, request->body, device, reply };
	const char *end = strrchr(request->path, '/');

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (!strcmp(end, answers[i].path) &&
		    answers[i].post == request->post &&
		    answers[i].of_device == (device != NULL)) {
			answers[i].answer(&ask);
			return;
		}
}
