// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_RESEARCH_H
#define WEB_RESEARCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "record/share_json.h"
#include "upload/pace.h"
#include "upload/spool.h"
#include "web/alike.h"
#include "web/crowd.h"
#include "web/home.h"

struct hub;
struct trace;

/*
 * Sharing with researchers: the home's half of a collector. Off until the
 * owner has named a collector, read its own text, and agreed to it; there is
 * no default one. Then each closed window is redacted into the shareable
 * record, waits in the spool, and goes by the process upload, as the switches
 * have it. Nothing from before the agreement, of a pause, or of a device that
 * the gate has closed ever goes; what waits of such a device is taken out.
 *
 *   research.c         state, kept in the spool; the owner's decisions
 *   research_gather.c  windows, labels and views into segments
 *   research_domains.c what the home is called
 *   research_send.c    what to ask of the collector next, and what it said
 *   research_crowd.c   what the collector gives back
 *   research_view.c    all of it as JSON
 *   research_api.c     /api/research…
 */

enum research_state {
	RESEARCH_OFF,
	RESEARCH_ASKING,  /* a collector was named: its text is fetched */
	RESEARCH_OFFERED, /* the text is here, to be agreed to */
	RESEARCH_JOINING, /* agreed; the account is made */
	RESEARCH_SHARING,
	RESEARCH_CHANGED, /* its text is another one: nothing goes */
	RESEARCH_ERASING, /* withdrawn; all is to be deleted there */
	RESEARCH_STATES,
};

/** Names that look like a person's, waiting for the owner's word or having it:
 * a home has some; made up without end, the oldest that waits goes. */
#define RESEARCH_NAMES_MAX 500
/** Names of hosts that the owner removed. */
#define RESEARCH_REMOVED_MAX	  100
#define RESEARCH_REMOVED_TEXT_MAX 255
/** Public addresses of the home, learned from what devices are told of it and
 * from names of dynamic DNS; newest. */
#define RESEARCH_WAN_MAX 8
/** Domains that the home's routers give it: one or two, and those of homes that
 * the computer was taken to. Past it a new one is refused, and counted: each
 * costs a walk through all that waits. */
#define RESEARCH_DOMAINS_MAX 32
/** Networks of the home: what devices have of IPv6 changes. */
#define RESEARCH_HOME_MAX 64
/** Of a device that had another identifier every day each day has its own. */
#define RESEARCH_RECEIPTS_MAX 1000
#define RESEARCH_WISHES_MAX   200
/** Ids that a device had before: each time that one came back and was made one
 * with what it was, by hand, is another. */
#define RESEARCH_FORMER_MAX 64
/** Days that the collector's names for addresses are known, and some more. */
#define RESEARCH_CROWD_DAYS 33
/** Digits of a receipt: 16 bytes (collector/rights.c). */
#define RESEARCH_RECEIPT_HEX 32
/** Of a batch, before it is compressed. A collector takes more. */
#define RESEARCH_BATCH_BYTES	((size_t)1 << 20)
#define RESEARCH_BATCH_SEGMENTS 720
/** Of an upload: its last segment may go past that, and it has a header. */
#define RESEARCH_UPLOAD_BYTES (RESEARCH_BATCH_BYTES + 2 * SHARE_LINE_MAX)
/** How often it is asked whether its text has changed, and for labels. */
#define RESEARCH_CONSENT_MS (3600 * 1000)
/** What it forbids is tried again after this, or when the owner acts. */
#define RESEARCH_FORBIDDEN_S 3600
/** Of a consent text, and lists of labels. */
#define RESEARCH_REPLY_MAX (512u << 10)
/** One question in so long, at most: a collector may take 120 a minute. */
#define RESEARCH_ASK_MS 2000
/** What it gave back is written so often: a crash loses no more of it. */
#define RESEARCH_CROWD_MS (60 * 1000)
/** Of everything that it holds of the account: 4 GiB. */
#define RESEARCH_HELD_KIB_MAX (4u << 20)
#define RESEARCH_WHY_BYTES    256

/** What was asked of the collector. */
enum research_errand {
	RESEARCH_NOTHING,
	RESEARCH_CONSENT,
	RESEARCH_ACCOUNT,
	RESEARCH_DELETE,
	RESEARCH_HELD,
	RESEARCH_LABELS,
	RESEARCH_UPLOAD,
	RESEARCH_QUESTION,
};

enum research_held {
	RESEARCH_HELD_NONE,
	RESEARCH_HELD_WANTED,
	RESEARCH_HELD_READY,
};

struct research_counters {
	uint64_t rows_refused;	  /* past a segment's limits */
	uint64_t windows_lost;	  /* could not be spooled */
	uint64_t letters_failed;  /* requests without a good reply */
	uint64_t domains_refused; /* not taken as the home's own */
	uint64_t questions_failed;
	uint64_t crowd_lost;  /* of what it gives back: could not be stored */
	uint64_t former_lost; /* see RESEARCH_FORMER_MAX */
};

struct research {
	struct spool *spool; /* NULL: could not be opened */
	enum research_state state;
	bool paused;
	bool known;	/* the collector has the account */
	bool lost;	/* and says that it does not: it is made again */
	bool unwatched; /* share OUI and announcements of the unwatched */
	uint32_t fields;
	uint64_t since_ms; /* nothing that began before goes */
	/* days (UTC) in which identifiers may have gone that were of their day
	 * alone; 0: none */
	uint64_t daily_first, daily_last;
	char url[513]; /* of the collector, without a final '/' */
	char account[33], secret[65];
	char consent[SHARE_HASH_BYTES]; /* hash of the text agreed to */
	uint64_t agreed_ms;
	json_t *pem;	 /* string or null: certificate of a trial */
	json_t *offer;	 /* its text and all with it; object or null */
	json_t *devices; /* by MAC: {"off": true}, {"label": …}, {"was": ids} */
	json_t *names;	 /* list of {mac, kind, text, answer} */
	json_t *removed;  /* list of names */
	json_t *wishes;	  /* list of {what, device}: to be deleted */
	json_t *receipts; /* list, the newest last */
	json_t *labels;	  /* the collector's known labels, or null */
	json_t *views;	  /* seconds by name, to be sent */
	json_t *wan;	  /* list of addresses */
	json_t *domains;  /* list of the home's own, lower case */

	struct share *open; /* the window being gathered */
	uint64_t opened_ms; /* tick */
	uint64_t views_ms;  /* tick of the last that went */
	enum research_held held;
	uint64_t held_bytes;

	enum research_errand errand; /* under way */
	uint32_t number;	     /* of its letter */
	int letter;		     /* descriptor; -1 */
	struct buf body;	     /* of the batch under way, as it goes */
	uint64_t batch_first, batch_last;
	size_t batch_max; /* segments; fewer after a refusal */
	struct pace pace;
	uint64_t checked_ms; /* tick: text and labels */
	uint64_t sent_ms;    /* last good upload */
	struct crowd crowd;  /* what it gives back */
	struct alike alike;
	uint64_t crowd_ms; /* tick: last written */
	struct pace ask_pace;
	enum alike_question asked; /* under way, or last */
	char asked_id[SHARE_ID_BYTES];
	json_t *question;	      /* its body, or NULL */
	char why[RESEARCH_WHY_BYTES]; /* what went wrong last, or "" */
	bool name_learned;	      /* names or wan are to be saved */
	struct research_counters counters;
};

/** Opens the spool in the data directory, and loads. What fails is said in
 * the state; the hub works without. */
void research_start(struct hub *hub);
void research_stop(struct hub *hub);
void research_tick(struct hub *hub);

/* What the owner decides. ERR_IO when it could not be stored. */

/** Names a collector; "" names none. ERR_INVALID for an address that is not
 * one to send to, ERR_DENIED while an agreement with another stands. */
int research_choose(struct hub *hub, const char *url,
		    const char *pem) must_check;
/** Agrees to the text of this hash. ERR_INVALID when it is not the one shown,
 * ERR_DENIED when none is. */
int research_agree(struct hub *hub, const char *hash) must_check;
int research_pause(struct hub *hub, bool pause) must_check;
int research_set_fields(struct hub *hub, uint32_t fields,
			bool unwatched) must_check;
/** Takes the list. ERR_INVALID. */
int research_set_removed(struct hub *hub, json_t *names) must_check;
int research_set_device(struct hub *hub, const struct home_device *device,
			bool shared) must_check;
/** Who made a device, by its owner's word; NULL when that was not said. Lent.
 */
const char *research_vendor(const struct research *r, const struct mac *mac);
/** Takes the label, or removes it (NULL). */
int research_set_label(struct hub *hub, const struct home_device *device,
		       json_t *label) must_check;
/** ERR_NOTFOUND. */
int research_answer_name(struct hub *hub, const char *device, const char *kind,
			 const char *text, bool yes) must_check;
/** Stops; erase: and has all deleted at the collector. */
int research_withdraw(struct hub *hub, bool erase) must_check;
/** what: "device", "names" or "everything" (which is to stop and erase: the
 * account goes too). ERR_DENIED without an account,
 * ERR_LIMIT for too many that wait. */
int research_delete(struct hub *hub, const char *what,
		    const struct home_device *device) must_check;
/** ERR_DENIED without an account. */
int research_fetch_held(struct hub *hub) must_check;

/* What the hub tells. */

/** A window that the gate let into the store; watched: its device was when it
 * began, which it may have waited since. */
void research_window(struct hub *hub, struct home_device *device,
		     const struct record_window *window, bool watched);
/** The home is called so, a router says. Its names do not go from then on, and
 * go out of what waits; a public suffix, and what is no domain, is refused and
 * counted. */
void research_learn_domain(struct hub *hub, struct slice said);
/** A device was closed: what others say of it goes out of what waits. */
void research_hush(struct hub *hub, struct trace *trace);
/** Everything of the device goes: it was closed, or its data deleted. */
void research_forget(struct hub *hub, const struct mac *mac);
/** The older one came back under another MAC: what the owner said of it is of
 * the newer one now. Before the older is forgotten. */
void research_join(struct hub *hub, const struct mac *older,
		   const struct mac *newer);
void research_view_seen(struct hub *hub, const char *view, double seconds);
/** What other homes call an address; false when nothing is known, or nothing
 * is shared. Lives as the crowd does. */
bool research_crowd_name(const struct hub *hub, const struct addr *addr,
			 struct crowd_name *out);
/** As alike_guesses() and alike_share_of(); the same holds of them. */
json_t *research_crowd_guesses(const struct hub *hub,
			       const struct home_device *device);
bool research_crowd_share(const struct hub *hub,
			  const struct home_device *device, struct slice domain,
			  struct alike_share *out);
/** A MESSAGE_SENT. */
void research_take_sent(struct hub *hub, const struct message_sent *sent);
/** The process upload is another one: what was under way is lost. */
void research_lost_courier(struct hub *hub);

/* Between the parts. */

/** ERR_IO. */
int research_save(struct hub *hub) must_check;
/** Nothing that was said of devices is at the collector. */
void research_labels_again(struct research *research);
/** What is open goes into the spool. */
void research_close_segment(struct hub *hub);
void research_gather_tick(struct hub *hub);
void research_send_tick(struct hub *hub);
/** Rows that wait and have a text of which says is true go, and what was read
 * of names for questions; all that waits, where that fails. says: as in struct
 * share_edit. */
void research_take_out(struct hub *hub,
		       bool (*says)(void *user, struct slice text), void *user);
bool research_is_off(const struct research *r, const struct mac *mac);
/** The id that a device has on that day alone. */
void research_daily_id(const struct hub *hub, const struct mac *mac,
		       uint64_t day, char out[SHARE_ID_BYTES]);
/** The device's object in devices; NULL when there is none, and make is not
 * set. */
json_t *research_device(struct research *r, const struct mac *mac, bool make);
/** Sends a question, once it is noted. */
void research_send_question(struct hub *hub, const char *path,
			    const json_t *body);
const char *research_state_name(enum research_state state);
/** The header as it would go now. */
int research_header(struct hub *hub, uint32_t fields,
		    struct buf *out) must_check;
/** The next batch as it would go: header and lines; *last 0: nothing waits. */
int research_batch(struct hub *hub, size_t segments_max, struct buf *out,
		   uint64_t *first, uint64_t *last) must_check;
/* What the collector gives back (web/crowd.h, web/alike.h). */
void research_crowd_start(struct hub *hub);
void research_crowd_stop(struct hub *hub);
void research_crowd_tick(struct hub *hub);
/** The upload under way was taken; names: of its reply. */
void research_crowd_take(struct hub *hub, json_t *names);
void research_crowd_answered(struct hub *hub, const struct message_sent *sent,
			     json_t *reply);
void research_crowd_forget(struct hub *hub, const char *id);
void research_crowd_save(struct hub *hub);
/** Facts go that went out by these switches. */
void research_crowd_narrow(struct hub *hub, uint32_t gone);
void research_crowd_unlabel(struct hub *hub, const struct home_device *device);
/** The account is another one, or none. */
void research_crowd_clear(struct hub *hub);

/** All of it as the page has it; NULL without memory. */
json_t *research_view(struct hub *hub);
/** The next upload, and the last ones, byte by byte; of long ones the
 * beginning. */
json_t *research_view_next(struct hub *hub);
json_t *research_view_sent(struct hub *hub);
/**
 * A whole one: that which went then, or with 0 the next. A file without a name,
 * in memory, for the caller to close; *bytes are its length, at most
 * RESEARCH_UPLOAD_BYTES. ERR_NOTFOUND: there is none; ERR_NOMEM, ERR_IO.
 */
int research_whole(struct hub *hub, uint64_t at_ms, int *file,
		   uint64_t *bytes) must_check;
/** Such a file with the body in it, or -1. */
int research_letter(struct slice body) must_check;
/** Labels to choose from. */
json_t *research_view_labels(struct hub *hub);
json_t *research_view_label(struct hub *hub, const struct home_device *device);

/** Where what the collector holds is put. */
int research_held_open(struct hub *hub, int flags);

#endif
