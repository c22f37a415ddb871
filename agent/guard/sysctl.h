// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_SYSCTL_H
#define GUARD_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * The kernel's settings that guard may change, and to what. Forwarding is
 * that of the one interface: net.ipv4.ip_forward would switch it on every
 * interface, and change accept_redirects with it. Whether redirects are sent
 * is the OR of the interface's own value and that of "all".
 */
enum sysctl_id {
	SYSCTL_FORWARDING,	   /* net.ipv4.conf.IF.forwarding -> 1 */
	SYSCTL_SEND_REDIRECTS,	   /* net.ipv4.conf.IF.send_redirects -> 0 */
	SYSCTL_ALL_SEND_REDIRECTS, /* net.ipv4.conf.all.send_redirects -> 0 */
	SYSCTL_ALL_FORWARDING,	   /* net.ipv4.ip_forward: only looked at */
	SYSCTLS,		   /* how many there are */
};

/** A short name for the undo record: "forwarding", … */
const char *sysctl_name(enum sysctl_id id);
/** Whether an interface of this name has settings of its own: "all",
 * "default" and names with a slash or dots alone are refused. */
bool sysctl_interface_is_valid(const char *interface);

/** 0 or 1 to *value. ERR_IO, ERR_MALFORMED for another value. */
int sysctl_read(enum sysctl_id id, const char *interface,
		int *value) must_check;
/** Sets all to what guard needs; what is so already is not written. ERR_IO. */
int sysctl_change(const char *interface) must_check;
/**
 * Puts back what was before; what is no longer as sysctl_change() set it is
 * left to who changed it. Where forwarding was off, and somebody else (such as
 * Docker) has switched it on for the whole computer since, it stays on. With
 * the interface gone, only what is of "all". ERR_IO.
 */
int sysctl_put_back(const char *interface, const int before[SYSCTLS],
		    bool interface_is_there) must_check;

#endif
