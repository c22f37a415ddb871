// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_HOME_HOST_H
#define RECORD_HOME_HOST_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * Names that people give the address of their home, by services that say
 * themselves that they are for that (dynamic DNS), and those that makers give a
 * home's own recorder, camera or server so that its owner finds it from
 * elsewhere. Own table; no list of that kind is whole.
 */

/** Whether the host's name is under one of them; the service's own is not. */
bool home_host_is(struct slice name);

#endif
