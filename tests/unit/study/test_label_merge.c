// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "study/label_merge.h"
#include "study/label_text.h"

#define SEED 7

/* The rule as its words say it, by all pairs. */
static bool is_one_edit(struct slice a, struct slice b)
{
	size_t same = 0, end = 0;

	if (a.len > b.len)
		return is_one_edit(b, a);
	while (same < a.len && a.data[same] == b.data[same])
		same++;
	while (end < a.len - same &&
	       a.data[a.len - 1 - end] == b.data[b.len - 1 - end])
		end++;
	return b.len == a.len ? same + end == a.len - 1
			      : b.len == a.len + 1 && same + end >= a.len;
}

static int compare(const void *a, const void *b)
{
	const struct label *x = a, *y = b;
	size_t len = x->text.len < y->text.len ? x->text.len : y->text.len;
	int order = memcmp(x->text.data, y->text.data, len);

	if (x->devices != y->devices)
		return x->devices < y->devices ? 1 : -1;
	return order ? order : (int)x->text.len - (int)y->text.len;
}

static void merge_plainly(struct label *labels, uint32_t count)
{
	qsort(labels, count, sizeof(*labels), compare);
	for (uint32_t i = 0; i < count; i++) {
		labels[i].becomes = i;
		labels[i].rule = LABEL_STAYS;
	}
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t j = i + 1; labels[i].becomes == i && j < count;
		     j++) {
			bool spelled =
				is_one_edit(labels[i].text, labels[j].text);

			if (labels[j].becomes != j ||
			    !(spelled ||
			      label_contains(labels[j].text, labels[i].text)))
				continue;
			labels[j].becomes = i;
			labels[j].rule = spelled ? LABEL_SPELLING : LABEL_PART;
		}
	}
}

static uint64_t state;

static uint32_t draw(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 33) % below);
}

#define SET_MAX	  60
#define TEXT_MAX  9
#define SEEDS	  20000
#define ALPHABETS 4

/* Distinct labels of few letters, so that they meet. */
static uint32_t draw_labels(char texts[SET_MAX][TEXT_MAX + 1],
			    struct label labels[SET_MAX])
{
	static const char *const alphabets[ALPHABETS] = { "a", "ab", "ab 1",
							  "abcdefgh " };
	const char *alphabet = alphabets[draw(ALPHABETS)];
	uint32_t wanted = 1 + draw(SET_MAX), count = 0;
	uint32_t longest = 1 + draw(TEXT_MAX), most = 1 + draw(5);

	for (uint32_t n = 0; n < wanted; n++) {
		uint32_t len = 1 + draw(longest), at = 0;

		for (uint32_t i = 0; i < len; i++)
			texts[count][i] =
				alphabet[draw((uint32_t)strlen(alphabet))];
		texts[count][len] = '\0';
		while (strcmp(texts[at], texts[count]))
			at++;
		if (at < count)
			continue;
		labels[count] = (struct label){
			.text = slice_text(texts[count]),
			.devices = 1 + draw(most),
		};
		count++;
	}
	return count;
}

static void the_fast_way_equals_the_plain_one(void **unused)
{
	static char texts[SET_MAX][TEXT_MAX + 1];
	struct label fast[SET_MAX], plain[SET_MAX];
	unsigned renamed = 0;

	(void)unused;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		uint32_t count;

		state = seed;
		count = draw_labels(texts, fast);
		memcpy(plain, fast, sizeof(fast));
		merge_plainly(plain, count);
		assert_int_equal(label_merge_paper(fast, count, seed), 0);
		for (uint32_t i = 0; i < count; i++) {
			if (!slice_equal(fast[i].text, plain[i].text) ||
			    fast[i].becomes != plain[i].becomes ||
			    fast[i].rule != plain[i].rule)
				fail_msg("seed %u, label %u: %u by %s, not %u",
					 (unsigned)seed, i, fast[i].becomes,
					 label_rule_name(fast[i].rule),
					 plain[i].becomes);
			renamed += plain[i].becomes != i;
		}
	}
	/* else nothing was compared */
	assert_true(renamed > SEEDS);
}

static void what_was_merged_is_not_merged_again_by_words(void **unused)
{
	static char texts[SET_MAX][TEXT_MAX + 1];
	struct label labels[SET_MAX];

	(void)unused;
	for (uint64_t seed = 0; seed < SEEDS / 10; seed++) {
		uint32_t count;

		state = seed;
		count = draw_labels(texts, labels);
		assert_int_equal(
			label_merge_improved(labels, count, seed & 1, seed), 0);
		for (uint32_t i = 0; i < count; i++) {
			uint32_t to = labels[i].becomes;

			assert_true(to <= i);
			assert_int_equal(labels[to].becomes, to);
			assert_int_equal(labels[i].rule == LABEL_STAYS,
					 to == i);
		}
	}
}

static void the_order_given_decides_nothing(void **unused)
{
	static char texts[SET_MAX][TEXT_MAX + 1];
	struct label one[SET_MAX], other[SET_MAX];

	(void)unused;
	for (uint64_t seed = 0; seed < SEEDS / 10; seed++) {
		uint32_t count;

		state = seed;
		count = draw_labels(texts, one);
		for (uint32_t i = 0; i < count; i++)
			other[i] = one[count - 1 - i];
		if (seed & 1) {
			assert_int_equal(label_merge_paper(one, count, 1), 0);
			assert_int_equal(label_merge_paper(other, count, 2), 0);
		} else {
			assert_int_equal(
				label_merge_improved(one, count, true, 1), 0);
			assert_int_equal(
				label_merge_improved(other, count, true, 2), 0);
		}
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(one[i].becomes, other[i].becomes);
	}
}

/* A label of a table below, and what it becomes by the paper's rule and by
 * ours. */
struct example {
	const char *text;
	uint32_t devices;
	const char *paper, *improved;
};

#define EXAMPLES_MAX 12

static const char *becomes(const struct label *labels, size_t count,
			   const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(labels[i].text, slice_text(text)))
			return (const char *)labels[labels[i].becomes]
				.text.data;
	return NULL;
}

static void expect(const struct example *examples, bool first_words)
{
	struct label labels[EXAMPLES_MAX];
	size_t count = 0;

	for (; examples[count].text; count++)
		labels[count] = (struct label){
			.text = slice_text(examples[count].text),
			.devices = examples[count].devices,
		};
	assert_int_equal(label_merge_paper(labels, count, SEED), 0);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(becomes(labels, count, examples[i].text),
				    examples[i].paper);
	assert_int_equal(label_merge_improved(labels, count, first_words, SEED),
			 0);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(becomes(labels, count, examples[i].text),
				    examples[i].improved);
}

static void philips_has_all_its_spellings(void **unused)
{
	static const struct example examples[] = {
		{ "philips", 292, "philips", "philips" },
		{ "phillips", 85, "philips", "philips" },
		{ "philip's", 7, "philips", "philips" },
		{ "philips hue", 20, "philips", "philips" },
		/* two edits from the right one, and one from a wrong one,
		 * which by the paper's rule is renamed and absorbs nothing */
		{ "phillipps", 2, "phillipps", "philips" },
		{ NULL, 0, NULL, NULL },
	};

	(void)unused;
	expect(examples, true);
}

static void logitech_harmony_is_logitech(void **unused)
{
	static const struct example examples[] = {
		{ "logitech", 100, "logitech", "logitech" },
		{ "logitech harmony", 68, "logitech", "logitech" },
		{ "harmony", 5, "harmony", "harmony" },
		{ NULL, 0, NULL, NULL },
	};

	(void)unused;
	expect(examples, true);
}

static void a_google_home_mini_is_a_google_home(void **unused)
{
	static const struct example examples[] = {
		{ "google home", 90, "google home", "google home" },
		{ "google home mini", 40, "google home", "google home" },
		{ "google home speaker", 12, "google home", "google home" },
		{ "chromecast", 70, "chromecast", "chromecast" },
		{ NULL, 0, NULL, NULL },
	};

	(void)unused;
	expect(examples, false);
}

/* The faults of the paper's rule that are known. */
static void a_short_label_swallows_long_ones_by_the_papers_rule(void **unused)
{
	static const struct example examples[] = {
		{ "lg", 50, "lg", "lg" },
		{ "belgium audio", 3, "lg", "belgium audio" },
		{ "lg electronics", 9, "lg", "lg" },
		{ "phone", 8, "phone", "phone" },
		{ "headphone", 6, "phone", "headphone" },
		{ "wyze", 40, "wyze", "wyze" },
		{ "wize", 30, "wyze", "wize" },
		{ NULL, 0, NULL, NULL },
	};

	(void)unused;
	expect(examples, true);
}

static void two_established_names_stay_apart_by_ours(void **unused)
{
	static const struct example examples[] = {
		{ "nanoleaf", 30, "nanoleaf", "nanoleaf" },
		{ "nanoleap", 20, "nanoleaf", "nanoleap" },
		{ "echo dot 2", 30, "echo dot 2", "echo dot 2" },
		{ "echo dot 3", 2, "echo dot 2", "echo dot 3" },
		{ "amazno", 2, "amazno", "amazon" },
		{ "amazon", 80, "amazon", "amazon" },
		{ "tp-link", 60, "tp-link", "tp-link" },
		{ "tp link", 40, "tp-link", "tp-link" },
		{ NULL, 0, NULL, NULL },
	};

	(void)unused;
	expect(examples, true);
}

static void a_slip_in_a_short_label_needs_a_far_commoner_one(void **unused)
{
	static const struct example examples[] = {
		{ "wyze", 40, "wyze", "wyze" },
		{ "wze", 2, "wyze", "wyze" },
		{ "wyzee", 3, "wyze", "wyzee" },
		{ "roku's", 4, "roku", "roku" },
		{ "roku", 9, "roku", "roku" },
		{ "hp", 90, "hp", "hp" },
		{ "hq", 1, "hp", "hq" },
		{ NULL, 0, NULL, NULL },
	};

	(void)unused;
	expect(examples, true);
}

static void labels_may_be_as_long_as_they_can_be(void **unused)
{
	char texts[3][LABEL_BYTES_MAX + 1];
	struct label labels[3];

	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		memset(texts[i], 'a', LABEL_BYTES_MAX);
		texts[i][LABEL_BYTES_MAX] = '\0';
		labels[i] = (struct label){ .devices = 3 - (uint32_t)i };
	}
	texts[1][LABEL_BYTES_MAX - 1] = 'b';
	texts[2][LABEL_BYTES_MAX - 1] = '\0';
	for (size_t i = 0; i < 3; i++)
		labels[i].text = slice_text(texts[i]);
	assert_int_equal(label_merge_paper(labels, 3, SEED), 0);
	assert_int_equal(labels[1].becomes, 0);
	assert_int_equal(labels[2].becomes, 0);
	assert_int_equal(label_merge_improved(labels, 3, true, SEED), 0);
	assert_int_equal(label_merge_paper(labels, 0, SEED), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fast_way_equals_the_plain_one),
		cmocka_unit_test(what_was_merged_is_not_merged_again_by_words),
		cmocka_unit_test(the_order_given_decides_nothing),
		cmocka_unit_test(philips_has_all_its_spellings),
		cmocka_unit_test(logitech_harmony_is_logitech),
		cmocka_unit_test(a_google_home_mini_is_a_google_home),
		cmocka_unit_test(
			a_short_label_swallows_long_ones_by_the_papers_rule),
		cmocka_unit_test(two_established_names_stay_apart_by_ours),
		cmocka_unit_test(
			a_slip_in_a_short_label_needs_a_far_commoner_one),
		cmocka_unit_test(labels_may_be_as_long_as_they_can_be),
	};

	return cmocka_run_group_tests_name("label_merge", tests, NULL, NULL);
}
