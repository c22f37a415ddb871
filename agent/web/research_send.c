// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "message/channel.h"
#include "web/research.h"
#include "web/state.h"

enum {
	HTTP_OK = 200,
	HTTP_CREATED = 201,
	HTTP_BAD_REQUEST = 400,
	HTTP_UNAUTHORIZED = 401,
	HTTP_FORBIDDEN = 403,
	HTTP_NOT_FOUND = 404,
	HTTP_CONFLICT = 409,
	HTTP_PRECONDITION_FAILED = 412,
	HTTP_TOO_LARGE = 413,
	HTTP_UNPROCESSABLE = 422,
};

static struct message outgoing; /* too large for the stack */

static void set_why(struct hub *hub, const char *format, ...) printf_like(2, 3);

static void set_why(struct hub *hub, const char *format, ...)
{
	struct research *r = &hub->research;
	char why[RESEARCH_WHY_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	if (strcmp(why, r->why) != 0)
		hub->status_changed = true;
	memcpy(r->why, why, sizeof(why));
}

/* Minutes that the clock of this computer is ahead of UTC. */
static int utc_offset_min(const struct hub *hub)
{
	time_t now = (time_t)(hub->now_ms / 1000);
	struct tm local;

	return localtime_r(&now, &local) ? (int)(local.tm_gmtoff / 60) : 0;
}

int research_header(struct hub *hub, uint32_t fields, struct buf *out)
{
	struct share_header header = {
		.client = IOT_INSPECTOR_VERSION,
		.consent = hub->research.consent,
		.utc_offset_min = utc_offset_min(hub),
		.fields = fields,
	};

	return share_json_header(&header, out);
}

struct batch {
	struct hub *hub;
	struct buf *out;
	size_t left;
	uint32_t fields;
	uint64_t first, last;
	int err;
};

static bool add_segment(void *user, const struct spool_segment *segment)
{
	struct batch *b = user;

	if (!b->last) {
		b->fields = segment->fields;
		b->first = segment->number;
		b->err = research_header(b->hub, b->fields, b->out);
	} else if (segment->fields != b->fields ||
		   b->out->len + segment->line.len > RESEARCH_BATCH_BYTES) {
		return false;
	}
	if (b->err)
		return false;
	buf_append(b->out, segment->line.data, segment->line.len);
	b->err = buf_check(b->out);
	b->last = segment->number;
	return !b->err && --b->left;
}

int research_batch(struct hub *hub, size_t segments_max, struct buf *out,
		   uint64_t *first, uint64_t *last)
{
	struct batch b = { .hub = hub, .out = out, .left = segments_max };
	int err = spool_each(hub->research.spool, add_segment, &b);

	*first = b.first;
	*last = b.last;
	return err ? err : b.err;
}

int research_letter(struct slice body)
{
	int fd = memfd_create("letter", MFD_CLOEXEC);
	size_t put = 0;

	while (fd >= 0 && put < body.len) {
		ssize_t n =
			pwrite(fd, body.data + put, body.len - put, (off_t)put);

		if (n <= 0) {
			close(fd);
			return -1;
		}
		put += (size_t)n;
	}
	return fd;
}

/* Takes the letter. */
static void send_letter(struct hub *hub, enum research_errand errand,
			const char *path, bool post, int letter)
{
	struct research *r = &hub->research;
	struct message_send *s = &outgoing.send;
	const char *pem = json_string_value(r->pem);

	if (letter < 0) {
		set_why(hub, "there is no memory for what is to be sent");
		pace_failed(&r->pace, hub->tick_ms, 0, UINT32_MAX);
		return;
	}
	outgoing = (struct message){ .type = MESSAGE_SEND, .fd = letter };
	s->number = ++r->number;
	s->post = post;
	s->lines = errand == RESEARCH_UPLOAD;
	s->long_reply = errand == RESEARCH_HELD;
	s->reply_max =
		s->long_reply ? RESEARCH_HELD_KIB_MAX : RESEARCH_REPLY_MAX;
	snprintf(s->url, sizeof(s->url), "%s%s", r->url, path);
	if (errand != RESEARCH_CONSENT) {
		message_text(s->account, sizeof(s->account), r->account);
		message_text(s->secret, sizeof(s->secret), r->secret);
	}
	if (pem) {
		s->pem_length = (uint32_t)strlen(pem);
		memcpy(s->pem, pem, s->pem_length);
	}
	if (channel_send(hub->upload.fd, &outgoing)) {
		close(letter);
	} else {
		r->errand = errand;
		r->letter = letter;
	}
	explicit_bzero(s->secret, sizeof(s->secret));
}

static int json_letter(json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	int fd = text ? research_letter(slice_text(text)) : -1;

	free(text);
	json_decref(json);
	return fd;
}

void research_send_question(struct hub *hub, const char *path,
			    const json_t *body)
{
	struct research *r = &hub->research;
	char *text = json_dumps(body, JSON_COMPACT);

	/* nothing is asked that its owner cannot see */
	if (text &&
	    !spool_note_asked(r->spool, hub->now_ms, path, slice_text(text)))
		send_letter(hub, RESEARCH_QUESTION, path, true,
			    research_letter(slice_text(text)));
	free(text);
}

static void ask_consent(struct hub *hub)
{
	send_letter(hub, RESEARCH_CONSENT, "/v1/consent", false,
		    research_letter((struct slice){ 0 }));
}

static void send_account(struct hub *hub)
{
	const struct research *r = &hub->research;
	bool client = r->fields & SHARE_BIT(CLIENT);

	send_letter(hub, RESEARCH_ACCOUNT, "/v1/account", true,
		    json_letter(json_pack(
			    "{s:s,s:s*}", "consent", r->consent, "client",
			    client ? IOT_INSPECTOR_VERSION : NULL)));
}

static void send_wish(struct hub *hub)
{
	json_t *wish = json_array_get(hub->research.wishes, 0);
	const char *what = "", *device = "";
	const char *mac_text = NULL;
	json_int_t segment = 0, day = 0;
	char daily[SHARE_ID_BYTES];
	struct mac mac;
	json_t *letter;

	(void)!json_unpack(wish, "{s:s,s:s,s?I,s?s,s?I}", "what", &what,
			   "device", &device, "segment", &segment, "mac",
			   &mac_text, "day", &day);
	if (mac_text && !mac_parse(mac_text, &mac)) {
		research_daily_id(hub, &mac, (uint64_t)day, daily);
		device = daily;
	}
	letter = json_pack("{s:s}", "what", what);
	if (device[0])
		json_object_set_new(letter, "device", json_string(device));
	if (segment > 0)
		json_object_set_new(letter, "segment", json_integer(segment));
	send_letter(hub, RESEARCH_DELETE, "/v1/delete", true,
		    json_letter(letter));
}

static void send_batch(struct hub *hub)
{
	struct research *r = &hub->research;
	int err;

	buf_clear(&r->body);
	err = research_batch(hub, r->batch_max, &r->body, &r->batch_first,
			     &r->batch_last);
	if (err) {
		set_why(hub, "what waits could not be read: %s",
			spool_error(r->spool));
		pace_failed(&r->pace, hub->tick_ms, 0, UINT32_MAX);
	} else if (r->batch_last) {
		send_letter(hub, RESEARCH_UPLOAD, "/v1/upload", true,
			    research_letter(buf_slice(&r->body)));
	} else {
		pace_succeeded(&r->pace, hub->tick_ms, false);
	}
}

static bool may_upload(const struct research *r)
{
	return r->state == RESEARCH_SHARING && !r->paused;
}

static bool is_to_rejoin(const struct research *r)
{
	return r->state == RESEARCH_SHARING && r->lost;
}

void research_send_tick(struct hub *hub)
{
	struct research *r = &hub->research;
	bool member =
		r->state == RESEARCH_SHARING || r->state == RESEARCH_CHANGED;

	if (r->state == RESEARCH_OFF || r->state == RESEARCH_OFFERED ||
	    r->errand || hub->upload.fd < 0 ||
	    !pace_is_due(&r->pace, hub->tick_ms))
		return;
	if (r->state == RESEARCH_ASKING) {
		ask_consent(hub);
	} else if (r->state == RESEARCH_JOINING) {
		send_account(hub);
	} else if (r->lost && member && !r->checked_ms) {
		ask_consent(hub);
	} else if (is_to_rejoin(r)) {
		send_account(hub);
	} else if (json_array_size(r->wishes)) {
		send_wish(hub);
	} else if (r->held == RESEARCH_HELD_WANTED) {
		send_letter(hub, RESEARCH_HELD, "/v1/held", false,
			    research_held_open(hub,
					       O_RDWR | O_CREAT | O_TRUNC));
	} else if (member && (!r->checked_ms || hub->tick_ms - r->checked_ms >=
							RESEARCH_CONSENT_MS)) {
		ask_consent(hub);
	} else if (member && json_is_null(r->labels)) {
		send_letter(hub, RESEARCH_LABELS, "/v1/labels", false,
			    research_letter((struct slice){ 0 }));
	} else if (may_upload(r)) {
		send_batch(hub);
	}
}

/* The reply as JSON; null for none. */
static json_t *read_reply(int letter, uint64_t length)
{
	json_t *json = NULL;
	char *text;

	if (length > RESEARCH_REPLY_MAX)
		return json_null();
	text = malloc(length + 1);
	if (text && pread(letter, text, length, 0) == (ssize_t)length)
		json = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	return json ? json : json_null();
}

static void failed(struct hub *hub, const struct message_sent *sent,
		   json_t *reply)
{
	struct research *r = &hub->research;
	const char *error = json_string_value(json_object_get(reply, "error"));
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = UINT32_MAX / 2;
	r->counters.letters_failed++;
	if (!sent->status)
		set_why(hub, "it could not be reached: %s", sent->why);
	else
		set_why(hub, "it answered %u%s%.150s", sent->status,
			error ? ": " : "", error ? error : "");
	pace_failed(&r->pace, hub->tick_ms, sent->retry_after_s, random);
}

static void succeeded(struct hub *hub, bool more)
{
	set_why(hub, "%s", "");
	pace_succeeded(&hub->research.pace, hub->tick_ms, more);
}

static bool is_offer(json_t *reply, const char **hash)
{
	const char *text;

	return !json_unpack(reply, "{s:s,s:s}", "hash", hash, "text", &text) &&
	       strlen(*hash) == SHARE_HASH_BYTES - 1 &&
	       strspn(*hash, "0123456789abcdef") == SHARE_HASH_BYTES - 1 &&
	       *text;
}

static void keep_offer(struct research *r, json_t *reply)
{
	json_decref(r->offer);
	r->offer = json_incref(reply);
}

static void take_consent(struct hub *hub, json_t *reply)
{
	struct research *r = &hub->research;
	const char *hash;
	bool same;

	if (!is_offer(reply, &hash)) {
		set_why(hub, "what answers there is no collector");
		pace_failed(&r->pace, hub->tick_ms, 0, UINT32_MAX);
		return;
	}
	same = !strcmp(hash, r->consent);
	r->checked_ms = hub->tick_ms;
	if (!same || !r->lost)
		succeeded(hub, true);
	if (r->state == RESEARCH_ASKING)
		r->state = RESEARCH_OFFERED;
	else if (!same)
		r->state = RESEARCH_CHANGED;
	else if (r->state == RESEARCH_CHANGED)
		r->state = RESEARCH_SHARING; /* it was taken back */
	else
		return;
	keep_offer(r, reply);
	(void)!research_save(hub);
}

static void take_account(struct hub *hub)
{
	struct research *r = &hub->research;

	r->state = RESEARCH_SHARING;
	r->known = true;
	r->lost = false;
	r->since_ms = hub->now_ms;
	r->checked_ms = hub->tick_ms;
	succeeded(hub, true);
	(void)!research_save(hub);
}

/* What waits goes on, with the numbers it has. The failures still count, until
 * something is taken: a collector that goes on so is asked less and less. */
static void take_rejoined(struct hub *hub, bool new)
{
	hub->research.lost = false;
	set_why(hub, "%s", "");
	if (new)
		research_labels_again(&hub->research);
}

static void keep_receipt(struct hub *hub, const json_t *wish, json_t *reply)
{
	struct research *r = &hub->research;
	json_t *receipt = json_deep_copy(reply);

	if (!receipt)
		return;
	/* nothing was there: no receipt came, and there is nothing */
	if (!json_object_get(receipt, "receipt"))
		json_object_set_new(receipt, "rows", json_integer(0));
	json_object_set(receipt, "what", json_object_get(wish, "what"));
	json_object_set_new(receipt, "at",
			    json_integer((json_int_t)hub->now_ms));
	json_object_set_new(receipt, "collector", json_string(r->url));
	json_object_set(receipt, "device", json_object_get(wish, "device"));
	if (json_array_size(r->receipts) >= RESEARCH_RECEIPTS_MAX)
		json_array_remove(r->receipts, 0);
	json_array_append_new(r->receipts, receipt);
}

/* Of ids of each day: goes on to the next; false when it was the last. */
static bool go_on(json_t *wish)
{
	json_int_t day = 0, until = 0;

	if (json_unpack(wish, "{s:I,s:I}", "day", &day, "until", &until) ||
	    day >= until)
		return false;
	return !json_object_set_new(wish, "day", json_integer(day + 1));
}

/* What was asked to be deleted is; the receipt is the owner's. */
static void take_receipt(struct hub *hub, json_t *reply)
{
	struct research *r = &hub->research;
	bool erased = r->state == RESEARCH_ERASING;
	json_t *wish = json_array_get(r->wishes, 0);

	/* a day on which it did nothing has none */
	if (json_object_get(reply, "receipt") || !json_object_get(wish, "day"))
		keep_receipt(hub, wish, reply);
	if (!go_on(wish))
		json_array_remove(r->wishes, 0);
	succeeded(hub, true);
	if (!erased || json_array_size(r->wishes) ||
	    research_withdraw(hub, false))
		(void)!research_save(hub);
}

static void take_accepted(struct hub *hub, const struct message_sent *sent,
			  json_t *reply)
{
	struct research *r = &hub->research;
	json_t *ranges = json_object_get(reply, "accepted"), *range;
	uint64_t taken = 0;
	size_t i;

	json_array_foreach(ranges, i, range)
	{
		json_int_t first, last;

		if (json_unpack(range, "[I,I]", &first, &last) || first < 1 ||
		    last < first || (uint64_t)first < r->batch_first ||
		    (uint64_t)last > r->batch_last ||
		    spool_accepted(r->spool, (uint64_t)first, (uint64_t)last))
			continue;
		taken += (uint64_t)(last - first) + 1;
	}
	if (!taken) {
		set_why(hub, "it took nothing of what was sent");
		pace_failed(&r->pace, hub->tick_ms, 0, UINT32_MAX);
		return;
	}
	(void)!spool_note_sent(r->spool, hub->now_ms, buf_slice(&r->body),
			       sent->sent_bytes);
	research_crowd_take(hub, json_object_get(reply, "names"));
	r->sent_ms = hub->now_ms;
	r->batch_max = RESEARCH_BATCH_SEGMENTS;
	succeeded(hub, taken > 1);
}

/* The collector will not have it: fewer at once, until it is known which. */
static void take_refusal(struct hub *hub, const struct message_sent *sent,
			 json_t *reply)
{
	struct research *r = &hub->research;

	failed(hub, sent, reply);
	if (r->batch_first != r->batch_last) {
		uint64_t half = (r->batch_last - r->batch_first + 1) / 2;

		r->batch_max =
			half < r->batch_max ? (size_t)half : r->batch_max / 2;
		if (!r->batch_max)
			r->batch_max = 1;
		pace_hurry(&r->pace, hub->tick_ms);
	} else if (!spool_refused(r->spool, r->batch_first)) {
		/* the reason stays to be seen */
		pace_succeeded(&r->pace, hub->tick_ms, false);
	}
}

/* The collector does not know the account, or not what it agreed to: its text
 * is another one; or the account was moved there, or an older store was put
 * back. At once where nothing failed before. */
static void account_failed(struct hub *hub, const struct message_sent *sent,
			   json_t *reply)
{
	struct research *r = &hub->research;
	bool first = !r->pace.failures && !sent->retry_after_s;

	failed(hub, sent, reply);
	if (first)
		pace_again(&r->pace, hub->tick_ms);
	r->lost = true;
	r->checked_ms = 0;
}

static void take_upload(struct hub *hub, const struct message_sent *sent,
			json_t *reply)
{
	struct research *r = &hub->research;

	switch (sent->status) {
	case HTTP_OK:
		take_accepted(hub, sent, reply);
		break;
	case HTTP_BAD_REQUEST:
	case HTTP_TOO_LARGE:
	case HTTP_UNPROCESSABLE:
		take_refusal(hub, sent, reply);
		break;
	case HTTP_PRECONDITION_FAILED:
	case HTTP_UNAUTHORIZED:
		account_failed(hub, sent, reply);
		break;
	case HTTP_FORBIDDEN:
		/* too many devices: the same until the owner does something */
		failed(hub, sent, reply);
		pace_failed(&r->pace, hub->tick_ms,
			    sent->retry_after_s > RESEARCH_FORBIDDEN_S
				    ? sent->retry_after_s
				    : RESEARCH_FORBIDDEN_S,
			    0);
		break;
	default:
		failed(hub, sent, reply);
	}
}

static void take_held(struct hub *hub, const struct message_sent *sent)
{
	struct research *r = &hub->research;

	if (sent->status == HTTP_OK) {
		r->held = RESEARCH_HELD_READY;
		r->held_bytes = sent->length;
		succeeded(hub, true);
	} else {
		r->held = RESEARCH_HELD_NONE;
		failed(hub, sent, NULL);
	}
	hub->status_changed = true;
}

/* Refused for good: asked again it would be the same. */
static bool is_final(uint32_t status)
{
	return status == HTTP_UNAUTHORIZED || status == HTTP_FORBIDDEN ||
	       status == HTTP_CONFLICT || status == HTTP_BAD_REQUEST;
}

static void take_joined(struct hub *hub, const struct message_sent *sent,
			json_t *reply)
{
	struct research *r = &hub->research;
	bool good = sent->status == HTTP_OK || sent->status == HTTP_CREATED;

	if (is_to_rejoin(r)) {
		if (good)
			take_rejoined(hub, sent->status == HTTP_CREATED);
		else
			account_failed(hub, sent, reply);
		return;
	}
	if (good) {
		take_account(hub);
		return;
	}
	failed(hub, sent, reply);
	if (sent->status == HTTP_PRECONDITION_FAILED) {
		/* the text changed while it was read */
		r->state = r->known ? RESEARCH_CHANGED : RESEARCH_ASKING;
		r->checked_ms = 0;
		pace_hurry(&r->pace, hub->tick_ms);
		(void)!research_save(hub);
	} else if (is_final(sent->status)) {
		r->state = r->known ? RESEARCH_CHANGED : RESEARCH_OFFERED;
		(void)!research_save(hub);
	}
}

static bool is_receipt(json_t *reply)
{
	const char *text = json_string_value(json_object_get(reply, "receipt"));

	return text && strlen(text) == RESEARCH_RECEIPT_HEX &&
	       strspn(text, "0123456789abcdef") == RESEARCH_RECEIPT_HEX;
}

/* It is deleted; or it is not there, or nobody knows the account any more, by
 * the collector's own word: a proxy says such things too. */
static bool is_erased(const struct research *r, uint32_t status, json_t *reply)
{
	json_t *wish = json_array_get(r->wishes, 0);
	const char *what = json_string_value(json_object_get(wish, "what"));
	bool is_said = json_is_string(json_object_get(reply, "error"));

	if (status == HTTP_OK)
		return is_receipt(reply);
	if (status == HTTP_NOT_FOUND)
		return is_said && what && !strcmp(what, "device");
	return status == HTTP_UNAUTHORIZED && is_said &&
	       r->state == RESEARCH_ERASING;
}

static void take_deleted(struct hub *hub, const struct message_sent *sent,
			 json_t *reply)
{
	if (is_erased(&hub->research, sent->status, reply)) {
		take_receipt(hub, reply);
		return;
	}
	if (sent->status == HTTP_UNAUTHORIZED &&
	    hub->research.state == RESEARCH_SHARING)
		account_failed(hub, sent, reply);
	else
		failed(hub, sent, reply);
	if (sent->status == HTTP_OK)
		set_why(hub, "it gave no receipt for what it was to delete");
}

static void take(struct hub *hub, enum research_errand errand,
		 const struct message_sent *sent, json_t *reply)
{
	struct research *r = &hub->research;
	bool good = sent->status == HTTP_OK;

	switch (errand) {
	case RESEARCH_CONSENT:
		if (good)
			take_consent(hub, reply);
		else
			failed(hub, sent, reply);
		break;
	case RESEARCH_ACCOUNT:
		take_joined(hub, sent, reply);
		break;
	case RESEARCH_DELETE:
		take_deleted(hub, sent, reply);
		break;
	case RESEARCH_HELD:
		take_held(hub, sent);
		break;
	case RESEARCH_LABELS:
		/* a convenience: without them the form works too */
		json_decref(r->labels);
		r->labels = good && json_is_object(reply) ? json_incref(reply)
							  : json_object();
		pace_hurry(&r->pace, hub->tick_ms);
		break;
	case RESEARCH_UPLOAD:
		take_upload(hub, sent, reply);
		break;
	case RESEARCH_QUESTION:
		research_crowd_answered(hub, sent, reply);
		break;
	case RESEARCH_NOTHING:
		break;
	}
}

void research_take_sent(struct hub *hub, const struct message_sent *sent)
{
	struct research *r = &hub->research;
	enum research_errand errand = r->errand;
	int letter = r->letter;
	json_t *reply;

	if (!errand || sent->number != r->number)
		return; /* it was given up */
	r->errand = RESEARCH_NOTHING;
	r->letter = -1;
	reply = errand == RESEARCH_HELD ? json_null()
					: read_reply(letter, sent->length);
	take(hub, errand, sent, reply);
	json_decref(reply);
	close(letter);
	hub->status_changed = true;
}

void research_lost_courier(struct hub *hub)
{
	struct research *r = &hub->research;

	if (r->letter >= 0)
		close(r->letter);
	r->letter = -1;
	r->errand = RESEARCH_NOTHING;
}
