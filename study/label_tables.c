// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/label_tables.h"

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "study/label_text.h"

/* The program's own (study/embed.py). */
struct slice label_file_vendors(void);
struct slice label_file_not_vendors(void);
struct slice label_file_names(void);
struct slice label_file_stop_words(void);
struct slice label_file_iot_stop_words(void);
struct slice label_file_places(void);
struct slice label_file_computers(void);

static const struct {
	const char *name;
	struct slice (*own)(void);
	bool has_arrow;
} files[LABEL_TABLES] = {
	[LABEL_VENDORS] = { "vendors.txt", label_file_vendors, true },
	[LABEL_NOT_VENDORS] = { "not-vendors.txt", label_file_not_vendors,
				false },
	[LABEL_NAMES] = { "names.txt", label_file_names, true },
	[LABEL_STOP_WORDS] = { "stop-words.txt", label_file_stop_words, false },
	[LABEL_IOT_STOP_WORDS] = { "iot-stop-words.txt",
				   label_file_iot_stop_words, false },
	[LABEL_PLACES] = { "places.txt", label_file_places, false },
	[LABEL_COMPUTERS] = { "computers.txt", label_file_computers, false },
};

static int compare(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.data, b.data, len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_rows(const void *a, const void *b)
{
	const struct label_row *x = a, *y = b;

	return compare(x->label, y->label);
}

static const struct label_row *find(const struct label_table *table,
				    struct slice label)
{
	struct label_row key = { .label = label };

	return table->count ? bsearch(&key, table->rows, table->count,
				      sizeof(key), compare_rows)
			    : NULL;
}

/* Cuts the text before a mark off; false when it has none. */
static bool cut(struct slice *text, const char *mark, struct slice *before)
{
	const uint8_t *at = memmem(text->data, text->len, mark, strlen(mark));
	size_t len;

	if (!at)
		return false;
	len = (size_t)(at - text->data);
	*before = slice_of(text->data, len);
	len += strlen(mark);
	*text = slice_of(text->data + len, text->len - len);
	return true;
}

static bool is_clean(struct slice label)
{
	struct label_text cleaned;

	label_clean(label, &cleaned);
	return label.len && slice_equal(label, label_slice(&cleaned));
}

/* What is wrong with it, or NULL. */
static const char *read_line(struct slice line, bool has_arrow,
			     struct label_row *out)
{
	struct slice rest = line, rule;

	*out = (struct label_row){ 0 };
	if (!cut(&rest, ": ", &rule) || !rest.len)
		return "there is no \": \" with a reason behind it";
	out->reason = rest;
	if (!cut(&rule, " -> ", &out->label))
		out->label = rule;
	else
		out->becomes = rule;
	if (has_arrow != (out->becomes.data != NULL))
		return has_arrow ? "there is no \" -> \""
				 : "there is a \" -> \"";
	if (!is_clean(out->label) || (has_arrow && !is_clean(out->becomes)))
		return "a label is not as labels are compared";
	return NULL;
}

static struct slice next_line(struct slice *text)
{
	struct slice line;

	if (!cut(text, "\n", &line)) {
		line = *text;
		*text = slice_of(text->data + text->len, 0);
	}
	return line;
}

/* A label twice, or one that leads on to another's, would depend on the order
 * of lines. */
static const char *check_rows(const struct label_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct label_row *row = &table->rows[i];

		if (i && !compare(row[-1].label, row->label))
			return "a label is in two lines";
		if (row->becomes.data && find(table, row->becomes))
			return "what a label becomes is a label itself";
	}
	return NULL;
}

int label_table_read(struct slice text, bool has_arrow, struct label_table *out,
		     size_t *line, const char **why)
{
	struct label_table table = { 0 };
	size_t lines = 1;

	*why = NULL;
	*line = 0;
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	table.rows = calloc(lines, sizeof(*table.rows));
	if (!table.rows)
		return ERR_NOMEM;
	while (text.len && !*why) {
		struct slice one = next_line(&text);

		++*line;
		if (!one.len || one.data[0] == '#')
			continue;
		*why = read_line(one, has_arrow, &table.rows[table.count]);
		table.count += !*why;
	}
	qsort(table.rows, table.count, sizeof(*table.rows), compare_rows);
	if (!*why) {
		*line = 0;
		*why = check_rows(&table);
	}
	if (*why) {
		free(table.rows);
		return ERR_MALFORMED;
	}
	*out = table;
	return 0;
}

/* All of a user's file; ERR_NOTFOUND when he has none of that name. */
static int read_file(const char *path, char **text, size_t *bytes)
{
	FILE *file = fopen(path, "r");
	int err = 0;

	if (!file)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	*text = malloc(LABEL_FILE_BYTES_MAX);
	if (!*text)
		err = ERR_NOMEM;
	if (!err) {
		*bytes = fread(*text, 1, LABEL_FILE_BYTES_MAX, file);
		if (ferror(file))
			err = ERR_IO;
		else if (*bytes == LABEL_FILE_BYTES_MAX)
			err = ERR_LIMIT;
	}
	if (err)
		free(*text);
	fclose(file);
	return err;
}

static int open_table(struct label_table *table, enum label_table_id id,
		      const char *folder, char why[LABEL_WHY_BYTES])
{
	struct slice text = files[id].own();
	char path[PATH_MAX], *own = NULL;
	const char *wrong;
	size_t line = 0;
	int err;

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : "data/labels",
		 files[id].name);
	err = folder ? read_file(path, &own, &text.len) : ERR_NOTFOUND;
	if (err && err != ERR_NOTFOUND) {
		snprintf(why, LABEL_WHY_BYTES, "%.300s: %s", path,
			 err_text(err));
		return err;
	}
	if (!err)
		text.data = (const uint8_t *)own;
	err = label_table_read(text, files[id].has_arrow, table, &line, &wrong);
	if (err)
		snprintf(why, LABEL_WHY_BYTES, "%.300s:%zu: %s", path, line,
			 wrong ? wrong : err_text(err));
	if (err)
		free(own);
	else
		table->text = own;
	return err;
}

/* A label and what it becomes, each with its end; a table ends with an empty
 * label, which no row has. */
static bool hash_table(EVP_MD_CTX *context, const struct label_table *table)
{
	bool is_done = true;

	for (size_t i = 0; i < table->count && is_done; i++) {
		const struct label_row *row = &table->rows[i];

		is_done = EVP_DigestUpdate(context, row->label.data,
					   row->label.len) &&
			  EVP_DigestUpdate(context, "\n", 1) &&
			  EVP_DigestUpdate(context, row->becomes.data,
					   row->becomes.len) &&
			  EVP_DigestUpdate(context, "\n", 1);
	}
	return is_done && EVP_DigestUpdate(context, "\n", 1);
}

static int hash_tables(struct label_tables *t)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned length;
	bool is_done =
		context && EVP_DigestInit_ex(context, EVP_sha256(), NULL);

	for (int i = 0; i < LABEL_TABLES && is_done; i++)
		is_done = hash_table(context, &t->tables[i]);
	is_done = is_done && EVP_DigestFinal_ex(context, hash, &length);
	EVP_MD_CTX_free(context);
	if (!is_done)
		return ERR_NOMEM;
	text_hex(hash, (LABEL_HASH_BYTES - 1) / 2, t->hash);
	return 0;
}

int label_tables_open(struct label_tables *t, const char *folder,
		      char why[LABEL_WHY_BYTES])
{
	int err = 0;

	*t = (struct label_tables){ 0 };
	for (int i = 0; i < LABEL_TABLES && !err; i++)
		err = open_table(&t->tables[i], (enum label_table_id)i, folder,
				 why);
	if (!err)
		err = hash_tables(t);
	if (err)
		label_tables_close(t);
	return err;
}

void label_tables_close(struct label_tables *t)
{
	for (int i = 0; i < LABEL_TABLES; i++) {
		free(t->tables[i].rows);
		free(t->tables[i].text);
	}
	*t = (struct label_tables){ 0 };
}

const struct label_row *label_tables_find(const struct label_tables *t,
					  enum label_table_id table,
					  struct slice label)
{
	return find(&t->tables[table], label);
}
