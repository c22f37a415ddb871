// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/identities.h"

#include <stdio.h>

void identities_init(struct identities *i, const struct know *know,
		     uint64_t seed)
{
	*i = (struct identities){ .know = know };
	table_init(&i->devices, sizeof(struct mac), sizeof(struct evidence_set),
		   IDENTITIES_DEVICES_MAX, seed);
}

void identities_done(struct identities *i)
{
	struct evidence_set *set;
	uint32_t at = 0;

	while ((set = table_next(&i->devices, &at, NULL)))
		evidence_done(set);
	table_done(&i->devices);
}

void identities_add_window(struct identities *i,
			   const struct record_window *window)
{
	struct evidence_set *set;
	uint64_t refused;
	size_t before;
	bool fresh;

	set = table_get(&i->devices, &window->device, &fresh);
	if (!set || i->bytes >= IDENTITIES_BYTES_MAX) {
		i->refused++;
		return;
	}
	if (fresh) {
		evidence_init(set, i->know);
		evidence_add_mac(set, &window->device);
	}
	before = fresh ? 0 : set->bytes.len;
	refused = fresh ? 0 : set->refused;
	(void)evidence_add_window(set, window);
	i->bytes += set->bytes.len - before;
	i->refused += set->refused - refused;
}

void identities_judge(const struct identities *i, const struct mac *mac,
		      struct identity *out)
{
	struct evidence_set *set = table_find(&i->devices, mac);
	struct evidence_set none;

	evidence_init(&none, NULL);
	identity_judge(set ? set : &none, out);
}

const struct mac *identities_next(const struct identities *i, uint32_t *at)
{
	const void *key = NULL;

	return table_next(&i->devices, at, &key) ? key : NULL;
}

const char *identities_describe(const struct identity *identity,
				char out[IDENTITIES_TEXT_BYTES])
{
	const char *what =
		identity->model[0] ? identity->model : identity->category_label;

	(void)snprintf(out, IDENTITIES_TEXT_BYTES, "%s%s%s", identity->vendor,
		       identity->vendor[0] && what[0] ? " " : "", what);
	return out;
}
