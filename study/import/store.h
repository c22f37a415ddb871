// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_IMPORT_STORE_H
#define STUDY_IMPORT_STORE_H

#include <stdbool.h>

#include "study/import/raw.h"

/*
 * A collector's store is read by the collector's own program alone, which gives
 * accounts and devices other identifiers and writes down who read: so a store
 * is what "iot-collector export" makes of it, in a folder of a moment's.
 */

/** Whether a folder is a collector's store. */
bool store_is_one(const char *folder);

/**
 * Has the store exported into a folder that is not there yet; what a killed
 * program left of such a one is removed. The program is the iot-collector
 * beside this one, else the one in PATH; what it says goes to stderr.
 * ERR_NOTFOUND when there is none, ERR_IO when it fails; both are told to log.
 */
int store_export(const char *store, const char *into,
		 struct raw_log *log) must_check;
/** Removes what store_export() made, and nothing else. */
void store_remove(const char *into);

#endif
