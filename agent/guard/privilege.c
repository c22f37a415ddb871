// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/privilege.h"

#include <cap-ng.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/text.h"

static const unsigned int kept[] = { CAP_NET_RAW, CAP_NET_ADMIN };

bool privilege_is_enough(void)
{
	if (capng_get_caps_process())
		return false;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (!capng_have_capability(CAPNG_PERMITTED, kept[i]))
			return false;
	return true;
}

static int user_from(const struct passwd *entry, bool person,
		     struct privilege_user *out)
{
	struct privilege_user user = { .person = person };

	if (!entry)
		return ERR_NOTFOUND;
	user.uid = entry->pw_uid;
	user.gid = entry->pw_gid;
	snprintf(user.name, sizeof(user.name), "%s", entry->pw_name);
	snprintf(user.home, sizeof(user.home), "%s", entry->pw_dir);
	*out = user;
	return 0;
}

static const struct passwd *user_of(const char *variable)
{
	const char *text = getenv(variable);
	uint64_t uid;

	if (!text || text_number(text, 1, UINT32_MAX - 1, &uid))
		return NULL;
	return getpwuid((uid_t)uid);
}

/* The person behind sudo, pkexec or doas, or NULL; not root, who then calls
 * itself. */
static const struct passwd *caller(void)
{
	const struct passwd *entry = user_of("SUDO_UID");
	const char *name = getenv("DOAS_USER");

	if (!entry)
		entry = user_of("PKEXEC_UID");
	if (!entry && name)
		entry = getpwnam(name);
	return entry && entry->pw_uid ? entry : NULL;
}

int privilege_find_user(struct privilege_user *out)
{
	const struct passwd *entry;

	if (getuid() != 0)
		return user_from(getpwuid(getuid()), true, out);
	entry = caller();
	if (entry)
		return user_from(entry, true, out);
	entry = getpwnam(PRIVILEGE_SYSTEM_USER);
	if (!entry)
		entry = getpwnam(PRIVILEGE_LAST_USER);
	return user_from(entry, false, out);
}

int privilege_drop(const struct privilege_user *user)
{
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				 kept[i]))
			return ERR_DENIED;
	if (getuid() == 0) {
		if (capng_change_id((int)user->uid, (int)user->gid,
				    CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING))
			return ERR_DENIED;
	} else if (capng_apply(CAPNG_SELECT_CAPS)) {
		return ERR_DENIED;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return ERR_DENIED;
	return geteuid() == 0 ? ERR_DENIED : 0;
}

int privilege_drop_rest(void)
{
	capng_clear(CAPNG_SELECT_CAPS);
	return capng_apply(CAPNG_SELECT_CAPS) ? ERR_DENIED : 0;
}
