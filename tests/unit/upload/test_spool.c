// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "upload/spool.h"

#define ID "0123456789abcdef0123456789abcdef"

struct scratch {
	char folder[64], path[96];
	struct spool *spool;
};

static void open_it(struct scratch *s)
{
	char why[SPOOL_WHY_BYTES];

	if (spool_open(s->path, &s->spool, why))
		fail_msg("%s", why);
}

static int set_up(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));

	snprintf(s->folder, sizeof(s->folder), "/tmp/spool-XXXXXX");
	if (!mkdtemp(s->folder))
		return -1;
	snprintf(s->path, sizeof(s->path), "%s/s.db", s->folder);
	open_it(s);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	struct scratch *s = *state;
	char path[128];

	spool_close(s->spool);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", s->path, ends[i]);
		unlink(path);
	}
	rmdir(s->folder);
	free(s);
	return 0;
}

static uint64_t add(struct scratch *s, const char *line)
{
	struct spool_segment segment = { .made_ms = 5,
					 .fields = SHARE_ALL,
					 .line = slice_text(line) };

	assert_int_equal(spool_next(s->spool, &segment.number), 0);
	assert_int_equal(spool_add(s->spool, &segment), 0);
	return segment.number;
}

struct seen {
	uint64_t numbers[64];
	char last[512];
	size_t count;
};

static bool see(void *user, const struct spool_segment *segment)
{
	struct seen *seen = user;

	if (seen->count < 64)
		seen->numbers[seen->count] = segment->number;
	seen->count++;
	if (segment->line.len < sizeof(seen->last)) {
		memcpy(seen->last, segment->line.data, segment->line.len);
		seen->last[segment->line.len] = '\0';
	}
	return true;
}

static struct seen all(struct scratch *s)
{
	struct seen seen = { 0 };

	assert_int_equal(spool_each(s->spool, see, &seen), 0);
	return seen;
}

static void a_number_is_given_once_whatever_becomes_of_it(void **state)
{
	struct scratch *s = *state;
	struct seen seen;

	assert_int_equal(add(s, "a"), 1);
	assert_int_equal(add(s, "b"), 2);
	assert_int_equal(add(s, "c"), 3);
	assert_int_equal(spool_accepted(s->spool, 1, 2), 0);
	assert_int_equal(spool_refused(s->spool, 3), 0);
	assert_int_equal(all(s).count, 0);
	spool_close(s->spool);
	open_it(s);
	assert_int_equal(add(s, "d"), 4);
	assert_int_equal(spool_clear(s->spool), 0);
	assert_int_equal(add(s, "e"), 5);
	seen = all(s);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.last, "e");
	/* another account begins anew */
	assert_int_equal(spool_begin(s->spool), 0);
	assert_int_equal(add(s, "f"), 1);
}

static void when_it_is_full_the_oldest_go_and_are_counted(void **state)
{
	static char line[SHARE_LINE_MAX];
	struct scratch *s = *state;
	struct spool_counts counts;
	size_t n = SPOOL_BYTES_MAX / sizeof(line) + 3;

	memset(line, 'x', sizeof(line) - 1);
	for (size_t i = 0; i < n; i++)
		add(s, line);
	spool_counts(s->spool, &counts);
	assert_true(counts.waiting_bytes <= SPOOL_BYTES_MAX);
	assert_int_equal(counts.waiting + counts.dropped, n);
	assert_true(counts.dropped >= 2);
	assert_int_equal(all(s).numbers[0], counts.dropped + 1);
	assert_int_equal(counts.oldest_ms, 5);
}

static int labels_dropped(struct scratch *s)
{
	struct buf value;
	int err;

	buf_init(&value, SPOOL_VALUE_MAX);
	err = spool_get(s->spool, SPOOL_LABELS_DROPPED, &value);
	buf_done(&value);
	return err;
}

static void labels_that_were_dropped_are_noted(void **state)
{
	static char line[SHARE_LINE_MAX];
	struct scratch *s = *state;
	struct spool_counts counts;

	/* with room beside them for what is short */
	memset(line, 'x', sizeof(line) - 100);
	add(s, line);
	/* the one says the word, the other has them */
	add(s, "{\"flow\":[],\"view\":[[\"\\\"label\\\":\",1]]}");
	add(s, "{\"flow\":[],\"label\":[[0]]}");
	for (size_t i = 0; i < SPOOL_BYTES_MAX / sizeof(line); i++)
		add(s, line);
	spool_counts(s->spool, &counts);
	assert_int_equal(counts.dropped, 1);
	assert_int_equal(labels_dropped(s), ERR_NOTFOUND);
	add(s, line);
	spool_counts(s->spool, &counts);
	assert_int_equal(counts.dropped, 4);
	assert_int_equal(labels_dropped(s), 0);
}

static const char *only_id(void *user, uint64_t end_s, size_t n)
{
	(void)user;
	(void)end_s;
	return n ? NULL : ID;
}

static void a_device_goes_out_of_all_that_waits(void **state)
{
	struct scratch *s = *state;
	struct share_edit edit = { .device = only_id, .keep = SHARE_ALL };
	struct spool_counts counts;

	add(s, "{\"segment\":1,\"end\":5,\"device\":[[\"" ID
	       "\",null,1]],\"flow\":[[0,6]]}\n");
	assert_int_equal(spool_edit(s->spool, &edit), 0);
	assert_string_equal(all(s).last, "{\"segment\":1,\"end\":5}\n");
	/* nor is what cannot be read sent as it is */
	add(s, "not a line with " ID);
	assert_int_equal(spool_edit(s->spool, &edit), 0);
	assert_int_equal(all(s).count, 1);
	spool_counts(s->spool, &counts);
	assert_int_equal(counts.dropped, 1);
}

static bool says_secret(void *user, struct slice text)
{
	(void)user;
	return memmem(text.data, text.len, "\"secret\"", 8) ||
	       slice_equal(text, slice_text("secret")) ||
	       slice_equal(text, slice_text("secret\\x07"));
}

static void what_is_said_goes_out_of_what_waits_and_numbers_stay(void **state)
{
	struct scratch *s = *state;
	struct share_edit edit = { .keep = SHARE_ALL, .says = says_secret };
	uint64_t first = add(s, "{\"segment\":1,\"end\":5,\"clue\":[[0,"
				"\"upnp_model\",\"secrets\"]]}\n"),
		 next;

	add(s, "{\"segment\":2,\"end\":10,\"device\":[[\"secret\",null,1]],"
	       "\"clue\":[[0,\"upnp_model\",\"secret\"],"
	       "[0,\"upnp_model\",\"secret\\\\x07\"],"
	       "[0,\"upnp_model\",\"kept\"]]}\n");
	assert_int_equal(spool_edit(s->spool, &edit), 0);
	assert_int_equal(all(s).count, 2);
	assert_int_equal(all(s).numbers[0], first);
	assert_int_equal(all(s).numbers[1], first + 1);
	assert_string_equal(all(s).last,
			    "{\"segment\":2,\"end\":10,\"device\":[[\"secret\","
			    "null,1]],\"clue\":[[0,\"upnp_model\",\"kept\"]]}"
			    "\n");
	/* one that is dropped whole leaves its number unused */
	add(s, "not a line with \"secret\"");
	assert_int_equal(spool_edit(s->spool, &edit), 0);
	assert_int_equal(all(s).count, 2);
	assert_int_equal(spool_next(s->spool, &next), 0);
	assert_int_equal(next, first + 3);
}

/* The bytes of the file and its log. */
static bool files_hold(const struct scratch *s, const char *what)
{
	static const char *const ends[] = { "", "-wal" };
	bool found = false;

	for (int i = 0; i < 2; i++) {
		char path[128];
		char *bytes = malloc(1 << 20);
		FILE *file;
		size_t n;

		snprintf(path, sizeof(path), "%s%s", s->path, ends[i]);
		file = fopen(path, "r");
		assert_non_null(bytes);
		if (file) {
			n = fread(bytes, 1, 1 << 20, file);
			found |= memmem(bytes, n, what, strlen(what)) != NULL;
			fclose(file);
		}
		free(bytes);
	}
	return found;
}

static void what_was_deleted_is_not_in_the_file_any_more(void **state)
{
	struct scratch *s = *state;
	struct share_edit edit = { .device = only_id, .keep = SHARE_ALL };

	add(s, "{\"segment\":1,\"end\":5,\"device\":[[\"" ID
	       "\",null,1]],\"clue\":[[0,\"upnp_model\",\"Unmistakable\"]]}\n");
	assert_int_equal(
		spool_note_sent(s->spool, 1, slice_text("Unmistakable"), 3), 0);
	assert_int_equal(spool_note_asked(s->spool, 1, "/v1/ask/device",
					  slice_text("Unmistakable")),
			 0);
	assert_true(files_hold(s, "Unmistakable"));
	assert_int_equal(spool_edit(s->spool, &edit), 0);
	assert_false(files_hold(s, "Unmistakable"));
	assert_false(files_hold(s, ID));
}

static bool count_sent(void *user, uint64_t at_ms, struct slice body,
		       uint64_t length, uint64_t compressed)
{
	size_t *n = user;

	assert_true(at_ms && body.len && length && compressed);
	++*n;
	return true;
}

static void the_last_that_went_are_kept(void **state)
{
	struct scratch *s = *state;
	struct spool_counts counts;
	size_t n = 0;

	for (uint64_t i = 1; i < 20; i++)
		assert_int_equal(
			spool_note_sent(s->spool, i, slice_text("x"), 3), 0);
	assert_int_equal(spool_each_sent(s->spool, count_sent, &n), 0);
	assert_int_equal(n, SPOOL_SENT_MAX);
	spool_counts(s->spool, &counts);
	assert_int_equal(counts.sent_bytes, 19 * 3);
}

static void what_went_is_kept_whole_and_bounded(void **state)
{
	static uint8_t long_one[3 << 20];
	struct scratch *s = *state;
	struct buf out;
	size_t n = 0;

	memset(long_one, 'x', sizeof(long_one));
	for (uint64_t i = 1; i < 8; i++)
		assert_int_equal(
			spool_note_sent(s->spool, i,
					slice_of(long_one, sizeof(long_one)),
					3),
			0);
	assert_int_equal(spool_each_sent(s->spool, count_sent, &n), 0);
	assert_int_equal(n, SPOOL_SENT_BYTES_MAX / sizeof(long_one));
	buf_init(&out, sizeof(long_one));
	assert_int_equal(spool_sent_at(s->spool, 1, &out), ERR_NOTFOUND);
	assert_int_equal(spool_sent_at(s->spool, 7, &out), 0);
	assert_int_equal(out.len, sizeof(long_one));
	assert_memory_equal(out.data, long_one, out.len);
	assert_int_equal(spool_sent_at(s->spool, 7, &out), ERR_LIMIT);
	buf_done(&out);
}

/* Former versions kept the beginning alone. */
static void what_was_not_kept_whole_is_not_given_as_if(void **state)
{
	struct scratch *s = *state;
	struct buf out;
	sqlite3 *db;

	assert_int_equal(spool_note_sent(s->spool, 7, slice_text("whole"), 3),
			 0);
	buf_init(&out, 64);
	assert_int_equal(spool_sent_at(s->spool, 7, &out), 0);
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "UPDATE sent SET body = "
				      "substr(body, 1, 2)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(spool_sent_at(s->spool, 7, &out), ERR_NOTFOUND);
	buf_done(&out);
}

static bool count_asked(void *user, uint64_t at_ms, const char *path,
			struct slice body)
{
	size_t *n = user;

	assert_int_equal(at_ms, SPOOL_ASKED_MAX + 5 - *n);
	assert_string_equal(path, "/v1/ask/device");
	assert_true(slice_equal(body, slice_text("{}")));
	++*n;
	return true;
}

static void the_last_questions_are_kept(void **state)
{
	struct scratch *s = *state;
	size_t n = 0;

	for (uint64_t i = 1; i <= SPOOL_ASKED_MAX + 5; i++)
		assert_int_equal(spool_note_asked(s->spool, i, "/v1/ask/device",
						  slice_text("{}")),
				 0);
	assert_int_equal(spool_each_asked(s->spool, count_asked, &n), 0);
	assert_int_equal(n, SPOOL_ASKED_MAX);
	assert_int_equal(spool_begin(s->spool), 0);
	assert_int_equal(spool_each_asked(s->spool, count_asked, &n), 0);
	assert_int_equal(n, SPOOL_ASKED_MAX);
}

static void values_are_kept_and_removed(void **state)
{
	struct scratch *s = *state;
	struct buf out;

	buf_init(&out, 100);
	assert_int_equal(spool_get(s->spool, "v", &out), ERR_NOTFOUND);
	assert_int_equal(spool_put(s->spool, "v", slice_text("1")), 0);
	assert_int_equal(spool_put(s->spool, "v", slice_text("2")), 0);
	assert_int_equal(spool_get(s->spool, "v", &out), 0);
	assert_string_equal(buf_text(&out), "2");
	assert_int_equal(spool_put(s->spool, "v", (struct slice){ 0 }), 0);
	assert_int_equal(spool_get(s->spool, "v", &out), ERR_NOTFOUND);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_number_is_given_once_whatever_becomes_of_it, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			when_it_is_full_the_oldest_go_and_are_counted, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			labels_that_were_dropped_are_noted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_device_goes_out_of_all_that_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_said_goes_out_of_what_waits_and_numbers_stay,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_was_deleted_is_not_in_the_file_any_more, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			what_went_is_kept_whole_and_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_was_not_kept_whole_is_not_given_as_if, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(the_last_that_went_are_kept,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_last_questions_are_kept,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(values_are_kept_and_removed,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
