// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/simulate/home.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY_S	  86400
#define WINDOW_S  5
#define SESSION_S (6 * 3600) /* nobody watches longer at a time */
/* Servers behind one name. */
#define SERVERS 4
/* Of what a home could not name, reverse DNS names this share. */
#define GUESSED 0.5
/* Days between two times that somebody sits down, on average. */
#define GAP_DAYS 5
/* When people are at home: hours of the local day. */
#define HOUR_MEAN  19.0
#define HOUR_SIGMA 3.5

void home_arrivals(const struct market *m, int64_t begin_s, unsigned int days,
		   double *out)
{
	const struct market_people *p = &m->people;

	for (unsigned int day = 0; day < days; day++) {
		/* 1970-01-01 was a Thursday: Saturday is 2 */
		int64_t weekday = (begin_s / DAY_S + day) % 7;
		double weight = exp(-(double)day / 25) + 0.25;

		for (size_t i = 0; i < p->news_day_count; i++) {
			int since = (int)day - p->news_days[i];

			if (since >= 0 && since < 5)
				weight += 3 * exp(-since);
		}
		out[day] = weekday == 2 || weekday == 3 ? weight * 1.4 : weight;
	}
}

static void draw_id(struct draw *d, char out[HOME_ID_BYTES])
{
	uint64_t high = draw_u64(d), low = draw_u64(d);

	(void)snprintf(out, HOME_ID_BYTES, "%016" PRIx64 "%016" PRIx64, high,
		       low);
}

static const char *draw_choice(struct draw *d, const struct market_choices *c)
{
	return c->items[draw_weighted(d, &c->items[0].share, c->count,
				      sizeof(c->items[0]))]
		.text;
}

static enum market_region region_of(int offset_min)
{
	if (offset_min < -120)
		return MARKET_AMERICA;
	return offset_min <= 240 ? MARKET_EUROPE : MARKET_ASIA;
}

static size_t place_for(const struct market *m, struct draw *d,
			enum market_region region, size_t place)
{
	for (size_t i = 0; i < m->abroad_count; i++)
		if (m->abroad[i].place == place &&
		    m->abroad[i].region == region)
			return draw_chance(d, m->abroad[i].share)
				       ? m->abroad[i].instead
				       : place;
	return place;
}

static void add_contact(const struct market *m, struct home *h,
			struct home_device *device,
			const struct market_contact *contact)
{
	struct draw *d = &h->draw;
	struct home_contact *c;

	/* drawn whether there is room or not: the rest stays the same */
	if (!draw_chance(d, contact->share) ||
	    device->contact_count == HOME_CONTACTS_MAX)
		return;
	c = &device->contacts[device->contact_count++];
	c->contact = contact;
	c->place = place_for(m, d, h->region, contact->place);
	c->shard = (unsigned int)draw_below(d, MARKET_SHARDS);
	c->server = (unsigned int)draw_below(d, SERVERS);
	c->naming = HOME_NAMED;
	if (!contact->host[0] || draw_chance(d, m->people.missing_dns))
		c->naming =
			m->places[c->place].reverse && draw_chance(d, GUESSED)
				? HOME_GUESSED
				: HOME_NAMELESS;
}

/* Some of a group, each as likely as the others. */
static void add_pick(const struct market *m, struct home *h,
		     struct home_device *device, const struct market_pick *pick)
{
	const struct market_contacts *group = &m->groups[pick->group];
	size_t wanted = pick->least +
			draw_below(&h->draw, pick->most - pick->least + 1);

	for (size_t i = 0; i < group->count && wanted; i++)
		if (draw_below(&h->draw, group->count - i) < wanted) {
			add_contact(m, h, device, &group->items[i]);
			wanted--;
		}
}

static void draw_thing(const struct market *m, struct home *h,
		       struct home_device *device)
{
	const struct market_model *model;
	struct draw *d = &h->draw;

	device->vendor = &m->vendors[draw_weighted(d, &m->vendors[0].share,
						   m->vendor_count,
						   sizeof(m->vendors[0]))];
	model = &device->vendor->models[draw_weighted(
		d, &device->vendor->models[0].share,
		device->vendor->model_count, sizeof(*model))];
	device->model = model;
	device->oui = draw_choice(d, model->ouis.count ? &model->ouis
						       : &device->vendor->ouis);
	for (size_t i = 0; i < model->contacts.count; i++)
		add_contact(m, h, device, &model->contacts.items[i]);
	for (size_t i = 0; i < model->pick_count; i++)
		add_pick(m, h, device, &model->picks[i]);
}

static void draw_computer(const struct market *m, struct home *h,
			  struct home_device *device)
{
	struct draw *d = &h->draw;

	device->computer =
		&m->computers[draw_weighted(d, &m->computers[0].share,
					    m->computer_count,
					    sizeof(m->computers[0]))];
	device->oui = draw_choice(d, &m->computer_ouis);
	for (size_t i = 0; i < m->computer_contacts.count; i++)
		add_contact(m, h, device, &m->computer_contacts.items[i]);
}

static void draw_label(const struct market *m, struct draw *d,
		       struct home_device *device)
{
	struct mislabel_truth truth;

	if (device->computer)
		truth = (struct mislabel_truth){
			.name = device->computer->name,
			.category = device->computer->category,
			.vendor = device->computer->vendor,
		};
	else
		truth = (struct mislabel_truth){
			.name = device->model->name,
			.category = device->model->category,
			.vendor = device->vendor->name,
			.spoken = &device->model->spoken,
			.spellings = &device->vendor->spellings,
		};
	mislabel_draw(d, m, &truth, &device->label);
}

static void draw_device(const struct market *m, struct home *h, bool is_watched,
			bool home_labels)
{
	struct home_device *device = &h->devices[h->device_count++];
	struct draw *d = &h->draw;

	memset(device, 0, sizeof(*device));
	draw_id(d, device->id);
	device->is_watched = is_watched;
	if (draw_chance(d, m->people.computer))
		draw_computer(m, h, device);
	else
		draw_thing(m, h, device);
	device->announces = draw_chance(d, m->people.announces);
	if (draw_chance(d, m->people.random_mac))
		device->oui = NULL;
	device->from = draw_chance(d, 0.5) ? 0 : draw_unit(d) / 2;
	device->is_labelled = is_watched && home_labels &&
			      draw_chance(d, m->people.labels_device);
	draw_label(m, d, device);
}

/* Splits the time watched into sessions on days one after the other. */
static void draw_sessions(const struct home_plan *plan, struct home *h,
			  double seconds)
{
	struct draw *d = &h->draw;
	size_t day = draw_weighted(d, plan->arrivals, plan->days,
				   sizeof(*plan->arrivals));

	while (seconds >= WINDOW_S && day < plan->days &&
	       h->session_count < HOME_SESSIONS_MAX) {
		struct home_session *s = &h->sessions[h->session_count];
		double share = seconds < 1800 ? 1 : 0.3 + 0.7 * draw_unit(d);
		double length = fmin(seconds * share, SESSION_S);
		double hour = HOUR_MEAN + HOUR_SIGMA * draw_normal(d);
		int64_t begin = plan->begin_s + (int64_t)day * DAY_S +
				(int64_t)(hour * 3600) - h->offset_min * 60;

		/* not before the last one ended */
		if (h->session_count && begin < s[-1].end_s)
			begin = s[-1].end_s;
		s->begin_s = begin - begin % WINDOW_S;
		s->end_s = s->begin_s + (int64_t)length / WINDOW_S * WINDOW_S;
		if (s->begin_s >= plan->begin_s)
			h->session_count++;
		seconds -= length;
		day += 1 + (size_t)draw_exponential(d, GAP_DAYS - 1);
	}
}

static size_t draw_count(struct draw *d, double median, double sigma,
			 double most)
{
	double count = draw_lognormal(d, median, sigma);

	return (size_t)fmin(fmax(round(count), 0), most);
}

void home_draw(const struct home_plan *plan, uint64_t number, bool is_idle,
	       struct home *out)
{
	const struct market_people *p = &plan->market->people;
	struct draw *d = &out->draw;
	size_t watched, others;
	double minutes;
	bool labels;

	/* an idle account is another person than the home of its number */
	draw_init(d, plan->seed, number << 1 | is_idle);
	draw_id(d, out->account);
	out->session_count = 0;
	out->device_count = 0;
	out->offset_min = p->offsets[draw_weighted(d, &p->offsets[0].share,
						   p->offset_count,
						   sizeof(p->offsets[0]))]
				  .minutes;
	out->region = region_of(out->offset_min);
	watched = draw_count(d, p->devices_median, p->devices_sigma,
			     fmin(p->devices_most, HOME_DEVICES_MAX / 2));
	others = draw_count(d, p->others_median, p->others_sigma,
			    HOME_DEVICES_MAX / 2);
	/* who watches more devices, and who labels them, stays longer */
	minutes = draw_lognormal(d, p->minutes_median, p->minutes_sigma);
	minutes *= pow((double)(watched + 1) / (p->devices_median + 1), 0.4);
	minutes = fmin(fmax(minutes, 0.2), p->hours_most * 60);
	labels = draw_chance(d, p->labels_home *
					(0.6 + 0.8 * minutes / (minutes + 40)));
	if (!is_idle)
		draw_sessions(plan, out, minutes * 60);
	watched = watched ? watched : 1;
	for (size_t i = 0; i < watched; i++)
		draw_device(plan->market, out, !is_idle, labels);
	for (size_t i = 0; i < others; i++)
		draw_device(plan->market, out, false, false);
}
