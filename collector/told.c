// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/told.h"

#include <string.h>

#include "record/home_host.h"
#include "record/personal.h"
#include "record/scrub.h"

/* RFC 1035 2.3.4 */
#define LABEL_BYTES_MAX 63
#define NAME_BYTES_MAX	253
#define LABELS_MAX	127

static bool is_label(struct slice label)
{
	if (!label.len || label.len > LABEL_BYTES_MAX)
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
			    label.data[i]) ||
		    !label.data[i])
			return false;
	return true;
}

/* How many; 0: it is no host's name. */
static size_t split(struct slice name, struct slice labels[LABELS_MAX])
{
	size_t count = 0, from = 0;

	if (name.len > NAME_BYTES_MAX)
		return 0;
	for (size_t i = 0; i <= name.len; i++) {
		if (i < name.len && name.data[i] != '.')
			continue;
		labels[count] = slice_of(name.data + from, i - from);
		if (!is_label(labels[count]))
			return 0;
		count++;
		from = i + 1;
	}
	return count;
}

/* No top-level domain is a number (RFC 3696 2): it is an address. */
static bool is_number(struct slice label)
{
	size_t digits = 0;

	while (digits < label.len && label.data[digits] >= '0' &&
	       label.data[digits] <= '9')
		digits++;
	return digits == label.len;
}

bool told_host(const char *name)
{
	struct slice labels[LABELS_MAX], whole = slice_text(name);
	size_t count = split(whole, labels);

	if (count < 2 || is_number(labels[count - 1]) ||
	    scrub_is_local_name(whole) || home_host_is(whole))
		return false;
	for (size_t i = 0; i + 2 < count; i++)
		if (personal_is(labels[i]))
			return false;
	return true;
}

bool told_label(const char *text)
{
	return !personal_is(slice_text(text));
}
