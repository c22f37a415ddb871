// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_USER_AGENT_H
#define JUDGE_USER_AGENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/*
 * What a User-Agent (RFC 9110 10.1.5) says it runs on: products, each a name
 * with an optional version, and comments in parentheses, whose parts are
 * parted by semicolons. Which parts name the platform and the model is habit,
 * of which this knows the common ones.
 */

/** Products and parts looked at; a browser has five of each. */
#define USER_AGENT_ITEMS_MAX 32

/** The software below the program that speaks. */
enum user_agent_platform {
	USER_AGENT_UNKNOWN,
	USER_AGENT_ANDROID, /* without "Mobile": tablet, television, … */
	USER_AGENT_ANDROID_MOBILE,
	USER_AGENT_IPHONE,
	USER_AGENT_IPAD,
	USER_AGENT_MAC,
	USER_AGENT_DARWIN, /* Apple's, any of them */
	USER_AGENT_APPLE_TV,
	USER_AGENT_HOMEPOD,
	USER_AGENT_APPLE_WATCH,
	USER_AGENT_WINDOWS,
	USER_AGENT_XBOX,
	USER_AGENT_CHROMEOS,
	USER_AGENT_LINUX_DESKTOP, /* with a graphical desktop or a
				   * distribution's name */
	USER_AGENT_LINUX,
	USER_AGENT_TELEVISION, /* says so itself, or is a system of theirs */
	USER_AGENT_CONSOLE,
	USER_AGENT_PLATFORMS, /* how many there are */
};

/** The name of a platform in rules, e.g. "android-mobile". */
const char *user_agent_platform_name(enum user_agent_platform platform);

struct user_agent {
	enum user_agent_platform platform;
	/* of Android: the model, as its maker writes it ("Pixel 7", "AFTMM");
	 * absent when it does not say */
	struct slice device;
};

/** Views into text. Never fails: what says nothing is USER_AGENT_UNKNOWN. */
struct user_agent user_agent_parse(struct slice text);

#endif
