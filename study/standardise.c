// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/standardise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "study/fleet_rows.h"
#include "study/label_merge.h"
#include "study/label_text.h"

/* Words this short are whole words of a name by either rule: "pc" is no part
 * of "ipcam". */
#define SHORT_WORD 3

struct labelled {
	int64_t device;
	struct slice name, category, typed; /* as typed */
	struct slice vendor;
	struct slice label; /* of the step that is at hand; absent: gone */
};

struct work {
	struct fleet *fleet;
	enum standardise_method method;
	const struct label_tables *tables;
	const struct know *know;
	uint64_t seed;
	struct arena arena;
	struct labelled *rows; /* those still there, count of them */
	size_t count;
	struct fleet_rows steps;
	int err;
};

const char *standardise_method_name(enum standardise_method method)
{
	return method == STANDARDISE_PAPER ? "paper" : "improved";
}

static struct slice keep(struct work *w, struct slice text)
{
	char *copy = arena_text(&w->arena, text);

	if (!copy)
		w->err = ERR_NOMEM;
	return copy ? slice_of(copy, text.len) : (struct slice){ 0 };
}

/* One step of one device: before was, after is; absent: it goes. */
static void note(struct work *w, const struct labelled *row,
		 struct slice before, struct slice after, const char *rule)
{
	struct fleet_rows *steps = &w->steps;

	fleet_rows_text(steps, row->vendor.data ? "name" : "vendor");
	if (row->vendor.data)
		fleet_rows_text_of(steps, row->vendor);
	else
		fleet_rows_null(steps);
	fleet_rows_text_of(steps, before);
	if (after.data)
		fleet_rows_text_of(steps, after);
	else
		fleet_rows_null(steps);
	fleet_rows_text(steps, rule);
	fleet_rows_next(steps);
}

/* Another label by a rule; the same is no change. */
static void change(struct work *w, struct labelled *row, struct slice after,
		   const char *rule)
{
	if (after.data && !after.len)
		after = (struct slice){ 0 };
	if (!after.data || !slice_equal(row->label, after))
		note(w, row, row->label, after, rule);
	row->label = after;
}

/* The rows without those whose label is gone. */
static void close_ranks(struct work *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->count; i++)
		if (w->rows[i].label.data)
			w->rows[kept++] = w->rows[i];
	w->count = kept;
}

static int compare(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.data, b.data, len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_labels(const void *a, const void *b)
{
	const struct labelled *x = a, *y = b;

	return compare(x->label, y->label);
}

static int compare_rows(const void *a, const void *b)
{
	const struct labelled *x = a, *y = b;
	int order = compare(x->vendor, y->vendor);

	return order ? order : compare(x->label, y->label);
}

/* -- merging */

static bool has_letter(struct slice label)
{
	for (size_t i = 0; i < label.len; i++)
		if (label.data[i] >= 'a' && label.data[i] <= 'z')
			return true;
	return false;
}

static bool is_stop_word(const struct work *w, struct slice word)
{
	struct slice bare = label_bare(word);

	return !bare.len ||
	       label_tables_find(w->tables, LABEL_STOP_WORDS, bare) ||
	       label_tables_find(w->tables, LABEL_IOT_STOP_WORDS, bare) ||
	       label_tables_find(w->tables, LABEL_STOP_WORDS, word) ||
	       label_tables_find(w->tables, LABEL_IOT_STOP_WORDS, word);
}

/* Nothing that others could be a kind of: "2", "smart". */
static bool is_common(const struct work *w, struct slice label)
{
	struct slice word;
	size_t at = 0;

	if (label.len < 2 || !has_letter(label))
		return true;
	while ((word = label_word(label, &at)).data)
		if (!is_stop_word(w, word))
			return false;
	return true;
}

/* The distinct labels of rows in their order; each knows where it began. */
static size_t gather(const struct work *w, const struct labelled *rows,
		     size_t count, struct label *labels)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (i && slice_equal(rows[i].label, rows[i - 1].label)) {
			labels[n - 1].devices++;
			continue;
		}
		labels[n++] = (struct label){
			.text = rows[i].label,
			.devices = 1,
			.first = i,
			.is_common = is_common(w, rows[i].label),
			.is_known = !rows[i].vendor.data && w->know &&
				    know_vendor_company(
					    w->know,
					    (const char *)rows[i].label.data),
		};
	}
	return n;
}

static void merge(struct work *w, struct labelled *rows, size_t count)
{
	struct label *labels = calloc(count + 1, sizeof(*labels));
	bool is_vendor = count && !rows->vendor.data;
	size_t n;

	if (!labels) {
		w->err = ERR_NOMEM;
		return;
	}
	qsort(rows, count, sizeof(*rows), compare_labels);
	n = gather(w, rows, count, labels);
	w->err = w->method == STANDARDISE_PAPER
			 ? label_merge_paper(labels, n, w->seed)
			 : label_merge_improved(labels, n, is_vendor, w->seed);
	for (size_t i = 0; i < n && !w->err; i++) {
		const struct label *label = &labels[i];
		struct slice after = labels[label->becomes].text;

		for (size_t at = 0; at < label->devices; at++)
			change(w, &rows[label->first + at], after,
			       label_rule_name(label->rule));
	}
	free(labels);
}

/* -- vendors */

static void standardise_vendors(struct work *w)
{
	for (size_t i = 0; i < w->count; i++) {
		struct labelled *row = &w->rows[i];
		struct label_text clean;

		row->label = row->typed;
		label_clean(row->typed, &clean);
		change(w, row, keep(w, label_slice(&clean)), "clean");
	}
	close_ranks(w);
	if (!w->err)
		merge(w, w->rows, w->count);
	for (size_t i = 0; i < w->count && !w->err; i++) {
		struct labelled *row = &w->rows[i];
		const struct label_row *line =
			label_tables_find(w->tables, LABEL_VENDORS, row->label);

		if (line)
			change(w, row, line->becomes, "equivalent");
		if (label_tables_find(w->tables, LABEL_NOT_VENDORS, row->label))
			change(w, row, (struct slice){ 0 }, "no vendor");
	}
	close_ranks(w);
	for (size_t i = 0; i < w->count; i++)
		w->rows[i].vendor = w->rows[i].label;
}

/* -- names */

static bool has_word(const struct label_text *label, struct slice word)
{
	struct slice other;
	size_t at = 0;

	while ((other = label_word(label_slice(label), &at)).data)
		if (slice_equal(other, word))
			return true;
	return false;
}

/* Where a device stands, or whose it is. */
static bool says_where(const struct work *w, struct slice word)
{
	return label_tables_find(w->tables, LABEL_PLACES, label_bare(word)) ||
	       (word.len > 2 && !memcmp(word.data + word.len - 2, "'s", 2));
}

/* What is done with a name's words; each is there once afterwards. */
enum picking {
	PICK_WITHOUT_STOP_WORDS,
	PICK_WITHOUT_PLACES,
	PICK_EQUIVALENTS,
};

static void pick_words(const struct work *w, struct slice label,
		       enum picking how, struct label_text *out)
{
	struct slice word;
	size_t at = 0;

	*out = (struct label_text){ 0 };
	while ((word = label_word(label, &at)).data) {
		const struct label_row *line = label_tables_find(
			w->tables, LABEL_NAMES, label_bare(word));

		if (how == PICK_EQUIVALENTS && line)
			word = line->becomes;
		if ((how == PICK_WITHOUT_STOP_WORDS && is_stop_word(w, word)) ||
		    (how == PICK_WITHOUT_PLACES && says_where(w, word)) ||
		    has_word(out, word))
			continue;
		label_add_word(out, word);
	}
}

static bool is_of_computer(const struct work *w, struct slice label)
{
	const struct label_table *table = &w->tables->tables[LABEL_COMPUTERS];
	struct slice word;
	size_t at = 0;

	while ((word = label_word(label, &at)).data)
		if (label_tables_find(w->tables, LABEL_COMPUTERS,
				      label_bare(word)))
			return true;
	for (size_t i = 0; w->method == STANDARDISE_PAPER && i < table->count;
	     i++)
		if (table->rows[i].label.len > SHORT_WORD &&
		    label_contains(label, table->rows[i].label))
			return true;
	return false;
}

/* A vendor's own name in front says nothing of which of its devices this is,
 * unless it is all that is said. */
static void drop_vendor(struct work *w, struct labelled *row)
{
	struct slice label = row->label, vendor = row->vendor;

	if (label.len > vendor.len + 1 && label.data[vendor.len] == ' ' &&
	    !memcmp(label.data, vendor.data, vendor.len))
		change(w, row,
		       slice_of(label.data + vendor.len + 1,
				label.len - vendor.len - 1),
		       "vendor");
}

/* Two words that begin a name, and are other than each of them: they are one
 * word from here on. */
static void join_words(struct work *w, struct labelled *row)
{
	const struct label_row *line;
	struct label_text name, label;
	size_t at = 0;

	label_word(row->label, &at);
	if (!label_word(row->label, &at).data)
		return;
	/* a "Home" that is an "Assistant" is no "Home Assistant" */
	label_clean(row->name, &name);
	if (name.len && at > name.len)
		return;
	line = label_tables_find(w->tables, LABEL_NAMES,
				 slice_of(row->label.data, at));
	if (!line)
		return;
	label_join(line->becomes,
		   slice_of(row->label.data + at, row->label.len - at), &label);
	change(w, row, keep(w, label_slice(&label)), "equivalent");
}

static void join_name(struct work *w, struct labelled *row)
{
	struct label_text label, picked;
	struct buf typed;

	buf_init(&typed, row->name.len + row->category.len + 2);
	buf_append(&typed, row->name.data, row->name.len);
	buf_puts(&typed, row->name.len ? " " : "");
	buf_append(&typed, row->category.data, row->category.len);
	row->label = keep(w, buf_slice(&typed));
	buf_done(&typed);
	label_join(row->name, row->category, &label);
	change(w, row, keep(w, label_slice(&label)), "clean");
	if (!row->label.data)
		return;
	join_words(w, row);
	pick_words(w, row->label, PICK_WITHOUT_STOP_WORDS, &picked);
	change(w, row, keep(w, label_slice(&picked)), "stop words");
	if (!row->label.data || w->method == STANDARDISE_PAPER)
		return;
	/* a device named for its place alone keeps that name */
	pick_words(w, row->label, PICK_WITHOUT_PLACES, &picked);
	if (picked.len)
		change(w, row, keep(w, label_slice(&picked)), "places");
	drop_vendor(w, row);
	pick_words(w, row->label, PICK_EQUIVALENTS, &picked);
	change(w, row, keep(w, label_slice(&picked)), "equivalent");
}

static void finish_name(struct work *w, struct labelled *row)
{
	struct label_text picked;

	pick_words(w, row->label, PICK_EQUIVALENTS, &picked);
	change(w, row, keep(w, label_slice(&picked)), "equivalent");
	if (is_of_computer(w, row->label))
		change(w, row, (struct slice){ 0 }, "computer");
}

static void standardise_names(struct work *w)
{
	size_t end;

	for (size_t i = 0; i < w->count && !w->err; i++)
		join_name(w, &w->rows[i]);
	close_ranks(w);
	qsort(w->rows, w->count, sizeof(*w->rows), compare_rows);
	for (size_t i = 0; i < w->count && !w->err; i = end) {
		for (end = i + 1;
		     end < w->count &&
		     slice_equal(w->rows[i].vendor, w->rows[end].vendor);)
			end++;
		merge(w, w->rows + i, end - i);
	}
	for (size_t i = 0; i < w->count && !w->err; i++)
		finish_name(w, &w->rows[i]);
	close_ranks(w);
}

/* -- in and out */

#define LABELLED                                            \
	" FROM labels l SEMI JOIN monitored USING (device)" \
	" WHERE " STANDARDISE_WHOLE

static int load(struct work *w)
{
	struct fleet_cursor c;
	int64_t count = 0;
	int err = fleet_number(w->fleet, "SELECT count(*)" LABELLED, &count);

	if (err)
		return err;
	w->rows = calloc((size_t)count + 1, sizeof(*w->rows));
	if (!w->rows)
		return ERR_NOMEM;
	err = fleet_cursor_begin(&c, w->fleet,
				 "SELECT l.device, l.name, l.category,"
				 " l.vendor" LABELLED " ORDER BY l.device");
	if (err)
		return err;
	while (!w->err && w->count < (size_t)count && fleet_cursor_next(&c))
		w->rows[w->count++] = (struct labelled){
			.device = fleet_cursor_int(&c, 0),
			.name = keep(w, fleet_cursor_text(&c, 1)),
			.category = keep(w, fleet_cursor_text(&c, 2)),
			.typed = keep(w, fleet_cursor_text(&c, 3)),
		};
	fleet_cursor_end(&c);
	return w->err;
}

static int save(struct work *w)
{
	const char *method = standardise_method_name(w->method);
	struct fleet_rows rows;
	int err = fleet_runf(w->fleet,
			     "DELETE FROM standard WHERE method = '%s';"
			     "DELETE FROM label_changes WHERE method = '%s';"
			     "INSERT INTO label_changes SELECT '%s', kind,"
			     " vendor, before, after, rule, count(*)"
			     " FROM step GROUP BY ALL ORDER BY ALL;"
			     "DROP TABLE step",
			     method, method, method);

	if (!err)
		err = fleet_rows_begin(&rows, w->fleet, "standard");
	if (err)
		return err;
	for (size_t i = 0; i < w->count; i++) {
		fleet_rows_int(&rows, w->rows[i].device);
		fleet_rows_text(&rows, method);
		fleet_rows_text_of(&rows, w->rows[i].vendor);
		fleet_rows_text_of(&rows, w->rows[i].label);
		fleet_rows_next(&rows);
	}
	return fleet_rows_end(&rows);
}

static int count(struct work *w, struct standardised *out)
{
	static const char *const counts[] = {
		"SELECT count(*)" LABELLED,
		"SELECT count(DISTINCT l.vendor)" LABELLED,
		"SELECT count(*) FROM standard WHERE method = '%s'",
		"SELECT count(DISTINCT vendor) FROM standard"
		" WHERE method = '%s'",
		"SELECT count(DISTINCT (vendor, name)) FROM standard"
		" WHERE method = '%s'",
	};
	size_t *const into[] = { &out->labelled, &out->vendors_typed,
				 &out->standard, &out->vendors, &out->names };
	char sql[512];
	int64_t n;
	int err = 0;

	for (size_t i = 0; i < sizeof(into) / sizeof(into[0]) && !err; i++) {
		snprintf(sql, sizeof(sql), counts[i],
			 standardise_method_name(w->method));
		err = fleet_number(w->fleet, sql, &n);
		*into[i] = err ? 0 : (size_t)n;
	}
	return err;
}

void standardise_key(enum standardise_method method,
		     char out[STANDARDISE_KEY_BYTES])
{
	snprintf(out, STANDARDISE_KEY_BYTES, "labels standardised by (%s)",
		 standardise_method_name(method));
}

static int note_tables(const struct work *w)
{
	char key[STANDARDISE_KEY_BYTES], value[LABEL_HASH_BYTES + 32];

	standardise_key(w->method, key);
	snprintf(value, sizeof(value), "tables with SHA-256 %s",
		 w->tables->hash);
	return fleet_meta_set(w->fleet, key, value);
}

static int work(struct work *w)
{
	int err = fleet_run(w->fleet,
			    "CREATE OR REPLACE TEMP TABLE step(kind VARCHAR,"
			    " vendor VARCHAR, before VARCHAR, after VARCHAR,"
			    " rule VARCHAR)");

	if (!err)
		err = load(w);
	if (!err)
		err = fleet_rows_begin(&w->steps, w->fleet, "step");
	if (err)
		return err;
	standardise_vendors(w);
	if (!w->err)
		standardise_names(w);
	err = fleet_rows_end(&w->steps);
	return w->err ? w->err : err;
}

bool standardise_is_by(struct fleet *f, enum standardise_method method,
		       const struct label_tables *tables)
{
	char key[STANDARDISE_KEY_BYTES];
	char *value;
	bool is_by;

	standardise_key(method, key);
	value = fleet_meta(f, key);
	is_by = value && (!tables || strstr(value, tables->hash));
	free(value);
	return is_by;
}

int standardise(struct fleet *f, enum standardise_method method,
		const struct label_tables *tables, const struct know *know,
		uint64_t seed, struct standardised *out)
{
	struct work w = { .fleet = f,
			  .method = method,
			  .tables = tables,
			  .know = know,
			  .seed = seed };
	int err = fleet_run(f, "BEGIN");

	if (err)
		return err;
	arena_init(&w.arena, STANDARDISE_BYTES_MAX);
	err = work(&w);
	if (!err)
		err = save(&w);
	if (!err)
		err = note_tables(&w);
	if (!err)
		err = count(&w, out);
	err = fleet_end(f, err);
	if (err && !f->error[0])
		snprintf(f->error, sizeof(f->error), "%s", err_text(err));
	arena_done(&w.arena);
	free(w.rows);
	return err;
}
