// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "know/know.h"
#include "know/reference_build.h"

#define FILE_MAX ((size_t)1 << 20)

/* A list of a few rules, as an import makes it. */
static void make(struct buf *out, const char *list, const char *const *hosts,
		 size_t count, enum know_category category)
{
	struct reference_build b;
	uint32_t fields[3];
	uint32_t source[7] = { 0 };

	reference_build_init(&b, 1);
	fields[0] = 0;
	fields[1] = reference_build_text(&b, slice_text(list));
	fields[2] = category;
	for (size_t i = 0; i < count; i++)
		reference_build_add(&b, REFERENCE_TRACKERS,
				    slice_text(hosts[i]), fields, 3);
	source[0] = fields[1];
	source[6] = (uint32_t)count;
	reference_build_put(&b, REFERENCE_SOURCES, source, 7);
	buf_init(out, FILE_MAX);
	assert_int_equal(reference_build_write(&b, out), 0);
	reference_build_done(&b);
}

static void open_one(const struct buf *file, struct know *know)
{
	know->file_count = 1;
	assert_int_equal(reference_open(buf_slice(file), &know->files[0]), 0);
}

static const char *rule_of(const struct know *know, const char *host)
{
	struct know_listing found;

	return know_tracker(know, slice_text(host), &found) ? found.rule : "-";
}

static void the_longest_rule_of_whole_labels_matches(void **state)
{
	static const char *const hosts[] = { "ads.example", "example",
					     "x.ads.example", "bad.test" };
	struct know know;
	struct buf file;

	(void)state;
	make(&file, "L", hosts, 4, KNOW_CATEGORY_TRACKING);
	open_one(&file, &know);
	assert_string_equal(rule_of(&know, "ads.example"), "ads.example");
	assert_string_equal(rule_of(&know, "y.ads.example"), "ads.example");
	assert_string_equal(rule_of(&know, "z.x.ads.example"), "x.ads.example");
	assert_string_equal(rule_of(&know, "xads.example"), "example");
	assert_string_equal(rule_of(&know, "bad.test.net"), "-");
	assert_string_equal(rule_of(&know, "notbad.test"), "-");
	assert_string_equal(rule_of(&know, ""), "-");
	assert_string_equal(rule_of(&know, "."), "-");
	buf_done(&file);
}

static void a_star_stands_for_one_whole_label(void **state)
{
	static const char *const hosts[] = { "iot.*.cloud.test" };
	struct know know;
	struct buf file;

	(void)state;
	make(&file, "L", hosts, 1, KNOW_CATEGORY_TRACKING);
	open_one(&file, &know);
	assert_string_equal(rule_of(&know, "iot.eu-1.cloud.test"), hosts[0]);
	assert_string_equal(rule_of(&know, "a.b.iot.eu-1.cloud.test"),
			    hosts[0]);
	assert_string_equal(rule_of(&know, "iot.cloud.test"), "-");
	assert_string_equal(rule_of(&know, "iot.eu.west.cloud.test"), "-");
	assert_string_equal(rule_of(&know, "xiot.eu-1.cloud.test"), "-");
	buf_done(&file);
}

/* The property that the whole matching rests on: against a plain reading of
 * the rules, label by label, for random names and rules. */
static bool plainly_below(const char *host, const char *rule)
{
	size_t host_len = strlen(host), len = strlen(rule);

	return host_len >= len && !strcmp(host + host_len - len, rule) &&
	       (host_len == len || host[host_len - len - 1] == '.');
}

static void random_name(char out[16], uint32_t *seed)
{
	size_t n;

	*seed = *seed * 1103515245u + 12345u;
	n = 1 + (*seed >> 16) % 9;
	for (size_t i = 0; i < n; i++) {
		*seed = *seed * 1103515245u + 12345u;
		out[i] = "ab."[(*seed >> 16) % 3];
	}
	out[n] = '\0';
}

static void no_rule_ever_matches_by_substring(void **state)
{
	char rules[24][16];
	const char *list[24];
	uint32_t seed = 7;

	(void)state;
	for (size_t round = 0; round < 60; round++) {
		struct know know;
		struct buf file;

		for (size_t i = 0; i < 24; i++) {
			random_name(rules[i], &seed);
			list[i] = rules[i];
		}
		make(&file, "L", list, 24, KNOW_CATEGORY_TRACKING);
		open_one(&file, &know);
		for (size_t i = 0; i < 400; i++) {
			const char *best = "-";
			char host[16];

			random_name(host, &seed);
			for (size_t j = 0; j < 24; j++)
				if (plainly_below(host, rules[j]) &&
				    (*best == '-' ||
				     strlen(rules[j]) > strlen(best)))
					best = rules[j];
			assert_string_equal(rule_of(&know, host), best);
		}
		buf_done(&file);
	}
}

static void a_newer_list_of_the_same_name_stands_for_the_older(void **state)
{
	static const char *const old[] = { "gone.test", "stays.test" };
	static const char *const renewed[] = { "stays.test", "new.test" };
	static const char *const other[] = { "gone.test" };
	struct buf files[3];
	struct know know;
	struct reference ref;

	(void)state;
	make(&files[0], "EasyPrivacy", old, 2, KNOW_CATEGORY_TRACKING);
	make(&files[1], "EasyPrivacy", renewed, 2, KNOW_CATEGORY_TRACKING);
	make(&files[2], "Other", other, 1, KNOW_CATEGORY_ADVERTISING);
	open_one(&files[0], &know);
	assert_string_equal(rule_of(&know, "gone.test"), "gone.test");
	assert_int_equal(reference_open(buf_slice(&files[1]), &ref), 0);
	assert_int_equal(know_add(&know, &ref), 0);
	assert_string_equal(rule_of(&know, "gone.test"), "-");
	assert_string_equal(rule_of(&know, "new.test"), "new.test");
	assert_int_equal(reference_open(buf_slice(&files[2]), &ref), 0);
	assert_int_equal(know_add(&know, &ref), 0);
	assert_string_equal(rule_of(&know, "gone.test"), "gone.test");
	for (size_t i = 0; i < 3; i++)
		buf_done(&files[i]);
}

/* Asks everything that can be asked; what comes is of no matter. */
static void ask_all(struct slice file)
{
	struct know know = { .file_count = 1 };
	struct know_listing listing;
	struct know_company company;
	struct know_host host;
	struct know_as as;
	struct addr v4 = { 4, { 9, 9, 9, 9 } }, v6 = { 6, { 0x20, 1 } };
	char letters[3];

	if (reference_open(file, &know.files[0]))
		return;
	know_tracker(&know, slice_text("x.ads.example"), &listing);
	know_malicious(&know, slice_text("x.bad.test"), &v4, &listing);
	know_host(&know, slice_text("iot.eu.cloud.test"), &host);
	know_company(&know, "Samsung", &company);
	know_vendor_company(&know, "Samsung Electronics Co.,Ltd");
	know_country(&know, &v4, letters);
	know_country(&know, &v6, letters);
	know_as(&know, &v4, &as);
	know_as(&know, &v6, &as);
	know_port(&know, 6, 443);
	for (size_t i = 0; i < know_source_count(&know.files[0]) && i < 9; i++)
		assert_non_null(know_source(&know.files[0], i).name);
}

static void a_damaged_file_is_never_read_past_its_end(void **state)
{
	static const char *const hosts[] = { "ads.example", "bad.test" };
	struct buf file;
	uint32_t seed = 1;

	(void)state;
	make(&file, "L", hosts, 2, KNOW_CATEGORY_TRACKING);
	for (size_t len = 0; len <= file.len; len++) {
		uint8_t *cut = malloc(len ? len : 1);

		memcpy(cut, file.data, len);
		ask_all(slice_of(cut, len));
		free(cut);
	}
	for (size_t round = 0; round < 20000; round++) {
		uint8_t *hurt = malloc(file.len);

		memcpy(hurt, file.data, file.len);
		for (size_t i = 0; i < 1 + round % 4; i++) {
			seed = seed * 1103515245u + 12345u;
			hurt[12 + (seed >> 8) % (file.len - 12)] =
				(uint8_t)(seed >> 24);
		}
		ask_all(slice_of(hurt, file.len));
		free(hurt);
	}
	buf_done(&file);
}

static void another_version_is_told_from_another_file(void **state)
{
	struct reference ref;
	struct buf file;

	(void)state;
	make(&file, "L", NULL, 0, KNOW_CATEGORY_TRACKING);
	file.data[8]++;
	assert_int_equal(reference_open(buf_slice(&file), &ref),
			 ERR_UNSUPPORTED);
	file.data[0]++;
	assert_int_equal(reference_open(buf_slice(&file), &ref), ERR_MALFORMED);
	buf_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_rule_of_whole_labels_matches),
		cmocka_unit_test(a_star_stands_for_one_whole_label),
		cmocka_unit_test(no_rule_ever_matches_by_substring),
		cmocka_unit_test(
			a_newer_list_of_the_same_name_stands_for_the_older),
		cmocka_unit_test(a_damaged_file_is_never_read_past_its_end),
		cmocka_unit_test(another_version_is_told_from_another_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
