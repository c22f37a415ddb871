// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"
#include "store/device.h"
#include "store/erase.h"
#include "store/judged.h"
#include "store/sift.h"

#define NOW_MS	1767612000000ull
#define DAY_MS	86400000ull
#define SUBJECT "image.example"

struct fixture {
	char dir[32], path[64];
	struct store *store;
	int64_t device;
};

static void open_it(struct fixture *f)
{
	char why[STORE_ERROR_BYTES];

	assert_int_equal(store_open(f->path, &f->store, why), 0);
}

static int set_up(void **state)
{
	static const struct mac mac = { { 2, 0, 0, 0, 0, 1 } };
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strncpy(f->dir, "/tmp/ii-judged-XXXXXX", sizeof(f->dir) - 1);
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/db", f->dir);
	open_it(f);
	assert_int_equal(store_device_seen(f->store, &mac, NULL, NOW_MS, NOW_MS,
					   false, &f->device),
			 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	scratch_remove(f->dir, f->path);
	free(f);
	return 0;
}

static int put(struct fixture *f, int64_t device, uint64_t hits,
	       uint64_t last_ms)
{
	struct judged_finding finding = {
		.device = device,
		.kind = "plaintext_http",
		.subject = SUBJECT,
		.since_ms = NOW_MS,
		.last_ms = last_ms,
		.hits = hits,
		.state = 1,
		.evidence = slice_text("evidence"),
	};

	assert_int_equal(addr_parse("2001:db8::1", &finding.endpoint), 0);
	return judged_put_finding(f->store, &finding);
}

struct seen {
	int findings, sums;
	int64_t device;
	uint64_t hits;
};

static bool see(void *user, const struct judged_finding *finding)
{
	struct seen *seen = user;
	char addr[ADDR_TEXT_BYTES];

	seen->findings++;
	seen->hits += finding->hits;
	seen->device = finding->device;
	assert_string_equal(finding->kind, "plaintext_http");
	assert_string_equal(finding->subject, SUBJECT);
	assert_string_equal(addr_format(&finding->endpoint, addr),
			    "2001:db8::1");
	assert_int_equal(finding->state, 1);
	assert_true(slice_equal(finding->evidence, slice_text("evidence")));
	return true;
}

static bool see_sums(void *user, int64_t device, struct slice sums)
{
	struct seen *seen = user;

	seen->sums++;
	seen->device = device;
	assert_true(slice_equal(sums, slice_text("sums")));
	return true;
}

static struct seen look(struct fixture *f)
{
	struct seen seen = { 0 };

	assert_int_equal(judged_each_finding(f->store, see, &seen), 0);
	assert_int_equal(judged_each_sums(f->store, see_sums, &seen), 0);
	return seen;
}

static void what_was_found_is_there_after_a_restart(void **state)
{
	struct fixture *f = *state;
	struct seen seen;

	assert_int_equal(put(f, f->device, 1, NOW_MS), 0);
	assert_int_equal(put(f, f->device, 7, NOW_MS), 0); /* the same */
	assert_int_equal(judged_put_sums(f->store, f->device, NOW_MS,
					 slice_text("sums")),
			 0);
	store_close(f->store);
	open_it(f);
	seen = look(f);
	assert_int_equal(seen.findings, 1);
	assert_int_equal(seen.hits, 7);
	assert_int_equal(seen.sums, 1);
	assert_int_equal(seen.device, f->device);
}

static void a_device_that_is_erased_takes_its_own_along(void **state)
{
	struct fixture *f = *state;
	uint64_t rows;

	assert_int_equal(put(f, f->device, 1, NOW_MS), 0);
	assert_int_equal(put(f, JUDGED_HOME, 3, NOW_MS), 0);
	assert_int_equal(judged_put_sums(f->store, f->device, NOW_MS,
					 slice_text("sums")),
			 0);
	assert_int_equal(erase_device(f->store, f->device, &rows), 0);
	assert_int_equal(look(f).findings, 1);
	assert_int_equal(look(f).device, JUDGED_HOME);
	assert_int_equal(look(f).sums, 0);
	assert_int_equal(erase_all(f->store, &rows), 0);
	assert_int_equal(look(f).findings, 0);
}

static void what_is_old_goes(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put(f, f->device, 1, NOW_MS), 0);
	assert_int_equal(put(f, JUDGED_HOME, 1, NOW_MS), 0);
	for (uint64_t day = 0; day <= 30; day++)
		erase_expired(f->store, NOW_MS + day * DAY_MS);
	assert_int_equal(look(f).findings, 2);
	for (uint64_t day = 31; day <= 33; day++)
		erase_expired(f->store, NOW_MS + day * DAY_MS);
	assert_int_equal(look(f).findings, 0);
}

static void what_is_too_long_is_refused(void **state)
{
	struct fixture *f = *state;
	uint8_t *bytes = calloc(1, JUDGED_SUMS_BYTES + 1);

	assert_non_null(bytes);
	assert_int_equal(
		judged_put_sums(f->store, f->device, NOW_MS,
				slice_of(bytes, JUDGED_SUMS_BYTES + 1)),
		ERR_LIMIT);
	free(bytes);
	assert_int_equal(look(f).sums, 0);
}

static bool is_it(void *user, const struct judged_finding *finding)
{
	return finding->device == *(const int64_t *)user;
}

static bool is_none(void *user, const struct judged_finding *finding)
{
	(void)user;
	(void)finding;
	return false;
}

static bool says_none(void *user, int kind, struct slice text)
{
	(void)user;
	(void)kind;
	(void)text;
	return false;
}

static bool cut_sums(void *user, struct slice sums, struct buf *out)
{
	(void)user;
	if (sums.len <= 4)
		return false;
	buf_append(out, sums.data, 4);
	return true;
}

static void what_is_sifted_out_is_in_the_file_no_more(void **state)
{
	struct fixture *f = *state;
	int64_t home = JUDGED_HOME;
	struct sift sieve = { .user = &home,
			      .finding = is_it,
			      .sums = cut_sums,
			      .text = says_none };
	struct seen seen;

	assert_int_equal(put(f, f->device, 1, NOW_MS), 0);
	assert_int_equal(put(f, JUDGED_HOME, 3, NOW_MS), 0);
	assert_int_equal(judged_put_sums(f->store, f->device, NOW_MS,
					 slice_text("sums and a name")),
			 0);
	assert_int_equal(sift_all(f->store, &sieve), 0);
	seen = look(f);
	assert_int_equal(seen.findings, 1);
	assert_int_equal(seen.hits, 1);
	assert_int_equal(seen.sums, 1);
	assert_int_equal(store_counters(f->store)->wal_bytes, 0);
	/* of what has none nothing is written */
	sieve.finding = is_none;
	assert_int_equal(sift_all(f->store, &sieve), 0);
	assert_int_equal(store_counters(f->store)->wal_bytes, 0);
	assert_int_equal(look(f).findings, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_found_is_there_after_a_restart),
		TEST(a_device_that_is_erased_takes_its_own_along),
		TEST(what_is_old_goes),
		TEST(what_is_too_long_is_refused),
		TEST(what_is_sifted_out_is_in_the_file_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
