// SPDX-License-Identifier: GPL-3.0-or-later
#include "confine/allow.h"

#include <errno.h>

static int add_rules(scmp_filter_ctx filter, const struct allow_list *list)
{
	int result;

	/* -EDOM: a call that another architecture has and this one not */
	for (size_t i = 0; i < list->call_count; i++) {
		result = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					  list->calls[i], 0);
		if (result && result != -EDOM)
			return ERR_DENIED;
	}
	for (size_t i = 0; i < list->rule_count; i++) {
		const struct allow_rule *rule = &list->rules[i];

		result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
						rule->call, rule->count,
						rule->tests);
		if (result && result != -EDOM)
			return ERR_DENIED;
	}
	return 0;
}

int allow_only(const struct allow_list *list)
{
	scmp_filter_ctx filter =
		seccomp_init(SCMP_ACT_ERRNO((uint16_t)list->refusal));
	int err;

	if (!filter)
		return ERR_NOMEM;
	err = add_rules(filter, list);
	if (!err && seccomp_load(filter))
		err = ERR_DENIED;
	seccomp_release(filter);
	return err;
}
