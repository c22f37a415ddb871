// SPDX-License-Identifier: GPL-3.0-or-later

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/text.h"
#include "study/label_merge.h"

/*
 * Merges labels like those that people type: words of a made-up vocabulary, one
 * to three of them, some misspelt. Prints how long each rule takes and how many
 * labels stay.
 */

#define WORDS	   20000
#define WORD_BYTES 13
#define TEXT_BYTES 48

static uint64_t state = 1;

static uint32_t draw(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 33) % below);
}

static char (*make_words(void))[WORD_BYTES]
{
	static const char vowels[] = "aeiou", others[] = "bcdfghklmnprstvz";
	char(*words)[WORD_BYTES] = calloc(WORDS, sizeof(*words));

	for (size_t i = 0; words && i < WORDS; i++) {
		uint32_t len = 3 + draw(WORD_BYTES - 4);

		for (uint32_t at = 0; at < len; at++)
			words[i][at] =
				at % 2 ? vowels[draw(5)] : others[draw(16)];
	}
	return words;
}

/* Few words are in most labels, as few vendors are in most homes. */
static uint32_t draw_word(void)
{
	uint32_t range = WORDS >> draw(12);

	return draw(range ? range : 1);
}

static void make_label(char (*words)[WORD_BYTES], char text[TEXT_BYTES])
{
	size_t len;

	snprintf(text, TEXT_BYTES, "%s", words[draw_word()]);
	for (uint32_t more = draw(4); more > 0; more--) {
		len = strlen(text);
		snprintf(text + len, TEXT_BYTES - len, " %s",
			 words[draw_word()]);
	}
	len = strlen(text);
	if (!draw(3))
		text[draw((uint32_t)len)] = (char)('a' + draw(26));
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The labels without those that are there twice. */
static size_t distinct(char (*texts)[TEXT_BYTES], size_t count)
{
	size_t kept = 0;

	qsort(texts, count, sizeof(*texts), compare);
	for (size_t i = 0; i < count; i++)
		if (!kept || strcmp(texts[kept - 1], texts[i]) != 0)
			memmove(texts[kept++], texts[i], sizeof(*texts));
	return kept;
}

/* Others may be at work on the machine. */
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int merge(const char *rule, char (*texts)[TEXT_BYTES], size_t count,
		 struct label *labels)
{
	struct rusage usage;
	size_t stay = 0;
	double start = now();
	int err;

	for (size_t i = 0; i < count; i++)
		labels[i] = (struct label){ .text = slice_text(texts[i]),
					    .devices = 1000u >> (i % 10) };
	err = !strcmp(rule, "paper")
		      ? label_merge_paper(labels, count, 1)
		      : label_merge_improved(labels, count, true, 1);
	if (err) {
		fprintf(stderr, "merge_labels: %s\n", err_text(err));
		return err;
	}
	for (size_t i = 0; i < count; i++)
		stay += labels[i].becomes == i;
	getrusage(RUSAGE_SELF, &usage);
	printf("%-8s %zu labels: %.2f s of processor, %zu stay, peak %ld MiB\n",
	       rule, count, now() - start, stay, usage.ru_maxrss / 1024);
	return 0;
}

int main(int argc, char **argv)
{
	char(*words)[WORD_BYTES] = make_words(), (*texts)[TEXT_BYTES];
	struct label *labels;
	uint64_t wanted = 1000000;
	size_t count = 0;
	int err = 0;

	if (argc > 2 ||
	    (argc == 2 && text_number(argv[1], 1, 100000000, &wanted))) {
		fputs("usage: merge_labels [COUNT]\n", stderr);
		return 2;
	}
	texts = calloc(wanted * 2, sizeof(*texts));
	labels = calloc(wanted * 2, sizeof(*labels));
	if (!words || !texts || !labels)
		return 1;
	while (count < wanted) {
		while (count < wanted * 2)
			make_label(words, texts[count++]);
		count = distinct(texts, count);
	}
	/* in the order of their bytes, counts would tell their texts */
	for (size_t i = wanted; i > 1; i--) {
		char kept[TEXT_BYTES];
		size_t other = draw((uint32_t)i);

		memcpy(kept, texts[i - 1], sizeof(kept));
		memcpy(texts[i - 1], texts[other], sizeof(kept));
		memcpy(texts[other], kept, sizeof(kept));
	}
	err = merge("paper", texts, wanted, labels);
	if (!err)
		err = merge("improved", texts, wanted, labels);
	free(labels);
	free(texts);
	free(words);
	return err ? 1 : 0;
}
