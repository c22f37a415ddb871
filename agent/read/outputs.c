// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/outputs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "read/report.h"
#include "read/score.h"
#include "record/record_json.h"

#define REASON_BYTES 128

static bool goes_to_standard_output(const struct options *options)
{
	return options->json ||
	       (options->facts_path && !strcmp(options->facts_path, "-"));
}

static const char *reason_of(int err)
{
	return err == ERR_IO ? strerror(errno) : err_text(err);
}

static bool open_output(struct output *output, const char *path)
{
	int err = output_open(output, path);

	if (err)
		report_fault("write", path, reason_of(err));
	return !err;
}

static bool load_labels(struct outputs *o, const char *path)
{
	char reason[REASON_BYTES];
	struct labels_fault fault;
	int err = labels_load(&o->labels, path, &fault);

	if (!err)
		return true;
	if (fault.line)
		(void)snprintf(reason, sizeof(reason), "line %u %s", fault.line,
			       fault.reason);
	else
		(void)snprintf(reason, sizeof(reason), "%s",
			       fault.reason ? fault.reason : reason_of(err));
	report_fault("read the labels", path, reason);
	return false;
}

static bool load_key(struct outputs *o, const char *path)
{
	char own[DEVICE_KEY_PATH_BYTES];
	int err = 0;

	if (!path) {
		err = device_key_path(own);
		path = err ? "device-key" : own;
	}
	if (!err)
		err = device_key_load(&o->key, path);
	if (err == ERR_MALFORMED)
		report_fault("use the secret", path, "it is not 32 bytes long");
	else if (err == ERR_NOTFOUND)
		report_fault("keep the secret", path,
			     "you have no home directory: use --secret");
	else if (err)
		report_fault("use the secret", path, reason_of(err));
	return !err;
}

static bool open_csv(struct outputs *o, const struct options *options)
{
	struct csv_config config = {
		.dir = options->csv_dir,
		.key = &o->key,
		.names = &o->names,
		.identities = &o->identities,
		.know = &o->verdicts.know,
		.seed = o->reading->config.seed,
	};
	char path[CSV_PATH_BYTES];
	int err;

	if (!load_key(o, options->secret_path))
		return false;
	config.labels = o->labels;
	err = csv_new(&o->csv, &config, path);
	if (err)
		report_fault("write", path, reason_of(err));
	return !err;
}

/* Beside the key, in the user's folder for data. */
static void load_lists(struct outputs *o)
{
	char path[DEVICE_KEY_PATH_BYTES];
	char *slash;

	if (device_key_path(path))
		return;
	slash = strrchr(path, '/');
	if (!slash)
		return;
	*slash = '\0';
	imported_open(&o->imported, path);
	imported_know(&o->imported, &o->verdicts.know);
}

bool outputs_open(struct outputs *o, const struct options *options,
		  const struct reading *reading)
{
	*o = (struct outputs){ .options = options, .reading = reading };
	names_init(&o->names, reading->config.seed);
	identities_init(&o->identities, &o->verdicts.know,
			reading->config.seed);
	verdicts_init(&o->verdicts, &o->names, reading->config.seed);
	load_lists(o);
	buf_init(&o->record, OUTPUTS_RECORD_MAX_BYTES);
	o->is_open = true;
	if (options->facts_path) {
		if (!open_output(&o->facts_file, options->facts_path))
			return false;
		if (facts_init(&o->facts, &o->facts_file, reading)) {
			report_fault("write", options->facts_path,
				     err_text(ERR_NOMEM));
			return false;
		}
	}
	if (options->labels_path && !load_labels(o, options->labels_path))
		return false;
	if (options->csv_dir && !open_csv(o, options))
		return false;
	if (options->score_path &&
	    !open_output(&o->score_file, options->score_path))
		return false;
	if (options->json || !goes_to_standard_output(options))
		if (!open_output(&o->standard, "-"))
			return false;
	if (!goes_to_standard_output(options) && !options->score) {
		struct summary_sources sources = { &o->names, &o->identities,
						   &o->verdicts };

		o->summary = summary_new(&sources, reading->config.seed);
		if (!o->summary)
			report_fault("write", "-", err_text(ERR_NOMEM));
		return o->summary;
	}
	return true;
}

void outputs_close(struct outputs *o)
{
	if (!o->is_open)
		return;
	summary_free(o->summary);
	csv_free(o->csv);
	labels_free(o->labels);
	if (o->facts_file.path)
		facts_done(&o->facts);
	output_done(&o->facts_file);
	output_done(&o->score_file);
	output_done(&o->standard);
	names_done(&o->names);
	identities_done(&o->identities);
	verdicts_done(&o->verdicts);
	imported_close(&o->imported);
	buf_done(&o->record);
	o->is_open = false;
}

void outputs_fact(struct outputs *o, const struct fact *fact)
{
	if (o->facts_file.file)
		facts_add(&o->facts, fact);
}

static void write_record(struct outputs *o, const struct record_window *window)
{
	/* its times would be wrong */
	if (o->reading->base_s) {
		o->refused++;
		return;
	}
	buf_clear(&o->record);
	if (record_json(window, &o->record))
		o->refused++;
	else
		output_write(&o->standard, buf_slice(&o->record));
}

void outputs_window(struct outputs *o, const struct record_window *window)
{
	if (o->facts_file.file)
		facts_add_window(&o->facts, window);
	if (o->options->json)
		write_record(o, window);
	if (!o->csv && !o->summary && !o->options->score && !o->options->json)
		return;
	for (size_t i = 0; i < window->name_count; i++)
		names_add(&o->names, &window->device, &window->names[i]);
	if (o->options->json || o->summary)
		verdicts_add_window(&o->verdicts, window);
	identities_add_window(&o->identities, window);
	if (o->csv)
		csv_add_window(o->csv, window, o->reading->base_s);
	if (o->summary)
		summary_add_window(o->summary, window);
}

bool outputs_failed(const struct outputs *o)
{
	return output_failed(&o->facts_file) || output_failed(&o->standard) ||
	       output_failed(&o->score_file) || (o->csv && csv_check(o->csv));
}

static bool commit(struct output *output)
{
	if (!output->file || !output_commit(output))
		return true;
	report_fault("write", output->path, strerror(errno));
	return false;
}

static bool finish_csv(struct outputs *o)
{
	char path[CSV_PATH_BYTES];
	int err = o->csv ? csv_finish(o->csv, path) : 0;

	if (err)
		report_fault("write", path, reason_of(err));
	return !err;
}

static bool write_summary(struct outputs *o)
{
	struct summary_total total = {
		.counters = &o->reading->counters,
		.first_s = o->reading->first_s,
		.last_s = o->reading->last_s,
	};
	struct buf text;
	int err;

	if (!o->summary)
		return true;
	buf_init(&text, OUTPUTS_SUMMARY_MAX_BYTES);
	err = summary_write(o->summary, &total, &text);
	if (err)
		report_fault("write", "-", reason_of(err));
	else
		output_write(&o->standard, buf_slice(&text));
	buf_done(&text);
	return !err;
}

static bool write_score(struct outputs *o)
{
	struct score score;
	struct line json;
	struct slice line;
	struct buf text;
	bool good;

	if (!o->options->score)
		return true;
	buf_init(&text, OUTPUTS_SUMMARY_MAX_BYTES);
	line_init(&json, OUTPUTS_SUMMARY_MAX_BYTES);
	score_make(&score, o->labels, &o->identities);
	score_text(&score, &text);
	score_json(&score, &json);
	good = !buf_check(&text) && !line_end(&json, &line);
	if (!good)
		report_fault("write", "-", err_text(ERR_LIMIT));
	if (good)
		output_write(&o->standard, buf_slice(&text));
	if (good && o->score_file.file)
		output_write(&o->score_file, line);
	line_done(&json);
	buf_done(&text);
	score_done(&score);
	return good;
}

static void write_verdicts(struct outputs *o)
{
	struct line line;

	if (!o->options->json)
		return;
	line_init(&line, OUTPUTS_VERDICTS_MAX_BYTES);
	verdicts_write(&o->verdicts, &o->identities, &line, &o->standard);
	line_done(&line);
}

/* The summary and the facts have all counters; else those of limits that were
 * reached are said. */
static void report_limits(const struct outputs *o)
{
	const uint8_t *counters = (const void *)&o->reading->counters;

	if (o->summary || o->options->facts_path)
		return;
	for (size_t i = 0; i < record_counter_field_count; i++) {
		const struct record_counter_field *f =
			&record_counter_fields[i];
		uint64_t value;

		memcpy(&value, counters + f->offset, sizeof(value));
		if (value && strstr(f->name, "_refused"))
			fprintf(stderr, "%s: %" PRIu64 "\n", f->name, value);
	}
}

/* What did not fit somewhere is never left out in silence. */
static void report_refused(const struct outputs *o)
{
	uint64_t lines = o->refused + o->facts.lost + o->names.refused;

	if (o->csv)
		lines += csv_refused(o->csv);
	if (lines)
		fprintf(stderr,
			"%" PRIu64 " lines or names were left out: past a "
			"limit, or without memory\n",
			lines);
	if (o->verdicts.refused)
		fprintf(stderr,
			"%" PRIu64 " windows of more than %u devices were not "
			"judged\n",
			o->verdicts.refused, VERDICTS_DEVICES_MAX);
	if (o->identities.refused)
		fprintf(stderr,
			"%" PRIu64 " times a clue to what a device is was "
			"left out: past a limit\n",
			o->identities.refused);
}

bool outputs_finish(struct outputs *o)
{
	bool good;

	if (o->facts_file.file)
		facts_add_counters(&o->facts, &o->reading->counters);
	write_verdicts(o);
	good = write_summary(o);
	good = write_score(o) && good;
	good = finish_csv(o) && good;
	good = commit(&o->score_file) && good;
	good = commit(&o->facts_file) && good;
	good = commit(&o->standard) && good;
	report_limits(o);
	report_refused(o);
	return good;
}
