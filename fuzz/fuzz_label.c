// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "study/label_merge.h"
#include "study/label_tables.h"
#include "study/label_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Enough for labels to meet; the comparison below is by all pairs. */
#define LABELS_MAX 64

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

/* What label i should become by the paper's rule, given those before it. */
static uint32_t plainly(const struct label *labels, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++)
		if (labels[j].becomes == j &&
		    (is_one_edit(labels[j].text, labels[i].text) ||
		     label_contains(labels[i].text, labels[j].text)))
			return j;
	return i;
}

/* Each line a label, carried by as many devices as its first byte says. */
static size_t read_labels(struct slice text, struct label_text *texts,
			  struct label *labels)
{
	size_t count = 0, at = 0;

	while (at < text.len && count < LABELS_MAX) {
		const uint8_t *start = text.data + at;
		const uint8_t *end = memchr(start, '\n', text.len - at);
		size_t len = end ? (size_t)(end - start) : text.len - at;
		size_t same = 0;

		at += len + 1;
		if (len < 2)
			continue;
		label_clean(slice_of(start + 1, len - 1), &texts[count]);
		while (same < count &&
		       strcmp(texts[same].text, texts[count].text) != 0)
			same++;
		if (!texts[count].len || same < count)
			continue;
		labels[count] = (struct label){
			.text = label_slice(&texts[count]),
			.devices = start[0],
			.is_common = start[0] & 1,
			.is_known = start[0] & 2,
		};
		count++;
	}
	return count;
}

static void check_merging(struct slice text)
{
	static struct label_text texts[LABELS_MAX];
	struct label labels[LABELS_MAX];
	size_t count = read_labels(text, texts, labels);

	if (label_merge_paper(labels, count, text.len))
		abort();
	for (uint32_t i = 0; i < count; i++)
		if (labels[i].becomes != plainly(labels, i))
			abort();
	if (label_merge_improved(labels, count, text.len & 1, text.len))
		abort();
	for (uint32_t i = 0; i < count; i++)
		if (labels[i].becomes > i ||
		    labels[labels[i].becomes].becomes != labels[i].becomes)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	struct label_text clean, again;
	struct label_table table;
	const char *why;
	size_t line;

	label_clean(text, &clean);
	label_clean(label_slice(&clean), &again);
	if (strcmp(clean.text, again.text) != 0)
		abort();
	for (int has_arrow = 0; has_arrow < 2; has_arrow++)
		if (!label_table_read(text, has_arrow, &table, &line, &why))
			free(table.rows);
		else if (!why)
			abort();
	check_merging(text);
	return 0;
}
