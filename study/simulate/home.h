// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SIMULATE_HOME_H
#define STUDY_SIMULATE_HOME_H

#include "study/simulate/draw.h"
#include "study/simulate/market.h"
#include "study/simulate/mislabel.h"

/*
 * One simulated home: who lives there, what stands there, and when the devices
 * were watched. Drawn of a market and a seed alone, whatever the other homes
 * are, so that a home is the same in a fleet of ten and of ten thousand.
 */

/** Most devices of a home; a scan of a /24 finds no more. */
#define HOME_DEVICES_MAX 250
/** Most hosts of a device. */
#define HOME_CONTACTS_MAX 64
/** Most times that somebody sits down to watch. */
#define HOME_SESSIONS_MAX 64

/** Of an account or a device: 128 bits in hex, terminated. */
#define HOME_ID_BYTES 33

/** What the home knows of a server's name. */
enum home_naming {
	HOME_NAMED,    /* by DNS or SNI */
	HOME_NAMELESS, /* the question was missed */
	HOME_GUESSED,  /* its address was asked: reverse DNS */
};

struct home_contact {
	const struct market_contact *contact;
	size_t place; /* of the market's */
	unsigned int shard, server;
	enum home_naming naming;
};

struct home_device {
	char id[HOME_ID_BYTES];
	const struct market_vendor *vendor; /* both NULL: a computer */
	const struct market_model *model;
	const struct market_computer *computer;
	const char *oui; /* NULL: the device made its MAC up */
	bool is_watched, is_labelled, announces;
	double from; /* share of a session that passes before it is watched */
	struct mislabel label;
	struct home_contact contacts[HOME_CONTACTS_MAX];
	size_t contact_count;
};

struct home_session {
	int64_t begin_s, end_s; /* unix, multiples of 5 */
};

struct home {
	char account[HOME_ID_BYTES];
	int offset_min; /* from UTC */
	enum market_region region;
	struct home_session sessions[HOME_SESSIONS_MAX]; /* one by one in
							    time */
	size_t session_count; /* 0: an idle account */
	struct home_device devices[HOME_DEVICES_MAX];
	size_t device_count;
	struct draw draw; /* where drawing goes on: traffic */
};

/** What all homes of a fleet share. */
struct home_plan {
	const struct market *market;
	uint64_t seed;
	int64_t begin_s;	/* the study's first day, UTC */
	unsigned int days;	/* its length */
	const double *arrivals; /* a weight a day: when homes begin */
};

/** Most days of a study. */
#define HOME_DAYS_MAX 4000

/** Fills the weights of the days: many at first and when papers write of it,
 * more on weekends. */
void home_arrivals(const struct market *m, int64_t begin_s, unsigned int days,
		   double *out);

/** Draws one; an idle one never watched anything. */
void home_draw(const struct home_plan *plan, uint64_t number, bool is_idle,
	       struct home *out);

#endif
