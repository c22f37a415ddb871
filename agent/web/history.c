// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/query.h"
#include "web/endpoint.h"
#include "web/endpoint_view.h"
#include "web/view.h"

#define MS_PER_S  1000
#define NS_PER_MS 1000000
#define WINDOW_S  ((int64_t)(RECORD_WINDOW_NS / 1000000000))
#define WINDOW_MS ((uint64_t)(RECORD_WINDOW_NS / 1000000))

static bool add_flow(void *user, const struct query_flow *flow)
{
	struct endpoint_set *set = user;
	struct endpoint *endpoint =
		endpoint_of(set, flow->remote_id, &flow->remote, flow->last_ms);

	if (endpoint)
		endpoint_add(set, endpoint, flow);
	return !set->err;
}

/* Whole windows that lie in the range. */
static int64_t range_s(uint64_t ms)
{
	return (int64_t)((ms + WINDOW_MS - 1) / WINDOW_MS) * WINDOW_S;
}

int history_endpoints(struct hub *hub, const struct home_device *device,
		      const struct history_range *range, json_t **out)
{
	struct endpoint_set set;
	struct endpoint **sorted;
	json_t *rows = json_array();
	size_t count, shown;
	int err;

	endpoint_init(&set, hub, device->store_id);
	endpoint_hear(&set, range->from_ms);
	err = query_flows(hub->store, device->store_id, range_s(range->from_ms),
			  range_s(range->to_ms), add_flow, &set);
	sorted = endpoint_sorted(&set, &count);
	if (!err)
		err = set.err;
	shown = count < HISTORY_ENDPOINTS_MAX ? count : HISTORY_ENDPOINTS_MAX;
	for (size_t i = 0; !err && i < shown; i++)
		json_array_append_new(rows,
				      endpoint_view(hub, device, sorted[i]));
	if (!err) {
		*out = json_pack("{s:s,s:o,s:o,s:O,s:o}", "device", device->id,
				 "from", view_number(range->from_ms), "to",
				 view_number(range->to_ms), "endpoints", rows,
				 "more",
				 view_number(count - shown + set.left_out));
		err = *out ? 0 : ERR_NOMEM;
	}
	json_decref(rows);
	free(sorted);
	endpoint_done(&set);
	return err;
}

/* The series of a reply while it is gathered: the last is all others'. */
struct chart {
	struct endpoint_set set;
	int64_t first_s, step_s;
	size_t points, series;
	bool placing; /* second reading: into the series */
	uint64_t *in, *out;
	bool others;
};

static bool add_step(void *user, const struct query_step *step)
{
	struct chart *chart = user;
	uint64_t end_ms = (uint64_t)(step->start_s + chart->step_s) * MS_PER_S;
	struct endpoint *endpoint = endpoint_of(&chart->set, step->remote_id,
						&step->remote, end_ms);
	size_t series, at;

	if (chart->set.err)
		return false;
	if (!chart->placing) {
		if (endpoint) {
			endpoint->in_bytes += step->in_bytes;
			endpoint->out_bytes += step->out_bytes;
		}
		return true;
	}
	series = endpoint ? endpoint->place : chart->series - 1;
	at = (size_t)((step->start_s - chart->first_s) / chart->step_s);
	if (at >= chart->points)
		return true;
	chart->others |= series == chart->series - 1;
	chart->in[series * chart->points + at] += step->in_bytes;
	chart->out[series * chart->points + at] += step->out_bytes;
	return true;
}

static json_t *numbers(const uint64_t *values, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, view_number(values[i]));
	return array;
}

static json_t *one_series(const struct chart *chart, size_t at,
			  const struct endpoint *endpoint)
{
	return json_pack(
		"{s:o,s:s?,s:o,s:o}", "endpoint",
		endpoint ? endpoint_view_label(endpoint) : json_null(), "doubt",
		endpoint ? endpoint_doubt(endpoint->source) : NULL, "in_bytes",
		numbers(chart->in + at * chart->points, chart->points),
		"out_bytes",
		numbers(chart->out + at * chart->points, chart->points));
}

static json_t *chart_json(const struct chart *chart,
			  const struct home_device *device,
			  struct endpoint **top, size_t count)
{
	json_t *times = json_array(), *series = json_array();
	uint64_t step_ms = (uint64_t)chart->step_s * MS_PER_S;
	uint64_t first_ms = (uint64_t)chart->first_s * MS_PER_S;

	for (size_t i = 0; i < chart->points; i++)
		json_array_append_new(times,
				      view_number(first_ms + i * step_ms));
	for (size_t i = 0; i < count; i++)
		json_array_append_new(series, one_series(chart, i, top[i]));
	if (chart->others)
		json_array_append_new(
			series, one_series(chart, chart->series - 1, NULL));
	return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o}", "device", device->id,
			 "from", view_number(first_ms), "to",
			 view_number(first_ms + chart->points * step_ms),
			 "step", view_number(step_ms), "times", times, "series",
			 series);
}

static int read_chart(struct hub *hub, struct chart *chart)
{
	int64_t points = (int64_t)chart->points;
	int err = query_steps(hub->store, chart->set.device, chart->first_s,
			      chart->first_s + points * chart->step_s,
			      chart->step_s, add_step, chart);

	return err ? err : chart->set.err;
}

/* The least multiple of a window that gives no more than enough points. */
static int64_t fitting_step(int64_t length_s)
{
	int64_t step = length_s / HISTORY_POINTS_DEFAULT;

	if (step * HISTORY_POINTS_DEFAULT < length_s)
		step++;
	return (step + WINDOW_S - 1) / WINDOW_S * WINDOW_S;
}

static int chart_range(struct chart *chart, const struct history_range *range,
		       uint64_t step_ms)
{
	int64_t from_s = (int64_t)(range->from_ms / MS_PER_S);
	int64_t to_s = (int64_t)((range->to_ms + MS_PER_S - 1) / MS_PER_S);
	int64_t points;

	chart->step_s = step_ms ? (int64_t)(step_ms / MS_PER_S)
				: fitting_step((int64_t)((range->to_ms -
							  range->from_ms) /
							 MS_PER_S));
	if (!chart->step_s)
		chart->step_s = WINDOW_S;
	chart->first_s = from_s - from_s % chart->step_s;
	points = (to_s - chart->first_s + chart->step_s - 1) / chart->step_s;
	if (points > HISTORY_POINTS_MAX)
		return ERR_LIMIT;
	chart->points = (size_t)points;
	return 0;
}

int history_traffic(struct hub *hub, const struct home_device *device,
		    const struct history_range *range, uint64_t step_ms,
		    size_t top, json_t **out)
{
	struct chart chart = { .series = top + 1 };
	struct endpoint **sorted = NULL;
	size_t count = 0;
	int err = chart_range(&chart, range, step_ms);

	if (err)
		return err;
	endpoint_init(&chart.set, hub, device->store_id);
	chart.in = calloc(chart.series * chart.points + 1, sizeof(uint64_t));
	chart.out = calloc(chart.series * chart.points + 1, sizeof(uint64_t));
	err = chart.in && chart.out ? read_chart(hub, &chart) : ERR_NOMEM;
	if (err)
		goto out;
	sorted = endpoint_sorted(&chart.set, &count);
	for (size_t i = 0; i < count; i++)
		sorted[i]->place = i < top ? i : top;
	chart.placing = true;
	err = chart.set.err ? chart.set.err : read_chart(hub, &chart);
	if (err)
		goto out;
	*out = chart_json(&chart, device, sorted, count < top ? count : top);
	err = *out ? 0 : ERR_NOMEM;
out:
	free(sorted);
	free(chart.in);
	free(chart.out);
	endpoint_done(&chart.set);
	return err;
}

static bool add_clue(void *user, const struct query_clue *clue)
{
	json_array_append_new(
		user, json_pack("{s:s,s:o,s:o,s:o}", "kind", clue->kind, "text",
				view_announced(clue->kind, clue->text),
				"first_seen", view_number(clue->first_ms),
				"last_seen", view_number(clue->last_ms)));
	return true;
}

int history_clues(struct hub *hub, const struct home_device *device,
		  json_t **out)
{
	json_t *clues = json_array();
	int err = query_clues(hub->store, device->store_id, HISTORY_CLUES_MAX,
			      add_clue, clues);

	if (!err) {
		*out = json_pack("{s:s,s:O}", "device", device->id, "clues",
				 clues);
		err = *out ? 0 : ERR_NOMEM;
	}
	json_decref(clues);
	return err;
}

static void add_live(struct endpoint_set *set, const struct record_flow *flow)
{
	struct query_flow as_read = {
		.remote = flow->remote,
		.protocol = flow->protocol,
		.remote_port = flow->remote_port,
		.local = flow->local,
		.in_bytes = flow->in_bytes,
		.out_bytes = flow->out_bytes,
	};
	struct endpoint *endpoint;

	if (query_remote(set->hub->store, &flow->remote, &as_read.remote_id))
		return;
	endpoint = endpoint_of(set, as_read.remote_id, &flow->remote,
			       flow->last_ns / NS_PER_MS);
	if (endpoint)
		endpoint_add(set, endpoint, &as_read);
}

/* endpoint NULL: all others. */
static json_t *live_row(const struct endpoint *endpoint, uint64_t in,
			uint64_t out)
{
	return json_pack("{s:o,s:s?,s:o,s:o}", "endpoint",
			 endpoint ? endpoint_view_label(endpoint) : json_null(),
			 "doubt",
			 endpoint ? endpoint_doubt(endpoint->source) : NULL,
			 "in_bytes", view_number(in), "out_bytes",
			 view_number(out));
}

json_t *history_window(struct hub *hub, const struct home_device *device,
		       const struct record_window *window)
{
	json_t *rows = json_array();
	struct endpoint_set set;
	struct endpoint **sorted;
	uint64_t in = 0, out = 0, shown_in = 0, shown_out = 0;
	size_t count;

	endpoint_init(&set, hub, device->store_id);
	for (size_t i = 0; i < window->flow_count; i++) {
		add_live(&set, &window->flows[i]);
		in += window->flows[i].in_bytes;
		out += window->flows[i].out_bytes;
	}
	sorted = endpoint_sorted(&set, &count);
	for (size_t i = 0; i < count && i < HISTORY_WINDOW_MAX - 1; i++) {
		shown_in += sorted[i]->in_bytes;
		shown_out += sorted[i]->out_bytes;
		json_array_append_new(rows,
				      live_row(sorted[i], sorted[i]->in_bytes,
					       sorted[i]->out_bytes));
	}
	if (in > shown_in || out > shown_out)
		json_array_append_new(rows, live_row(NULL, in - shown_in,
						     out - shown_out));
	free(sorted);
	endpoint_done(&set);
	return json_pack("{s:s,s:o,s:o}", "device", device->id, "start",
			 view_number(window->start_ns / 1000000), "endpoints",
			 rows);
}
