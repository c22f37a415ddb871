// SPDX-License-Identifier: GPL-3.0-or-later

#include <linux/close_range.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "carried.h"

/*
 * One of the carried libraries, run before main(): the libraries are mapped,
 * so their descriptors are closed, and the process gets the program's name
 * instead of a descriptor's number.
 */
__attribute__((constructor)) static void carried_arrived(void)
{
	close_range(CARRIED_FD, CARRIED_FD + CARRIED_PARTS_MAX, 0);
	prctl(PR_SET_NAME, CARRIED_NAME);
}
