// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DISCOVER_DESCRIBE_H
#define DISCOVER_DESCRIBE_H

#include "base/err.h"
#include "base/slice.h"
#include "record/record.h"

/*
 * What a UPnP device says of itself in its description (UPnP Device
 * Architecture 2.0, 2.3): XML, read by expat. A document with a DOCTYPE is
 * refused, so that there are no entities to expand.
 */

/** Elements within elements; a description has four. */
#define DESCRIBE_DEPTH_MAX 32
/** Of one text, in bytes: more is cut. */
#define DESCRIBE_TEXT_MAX 256

/**
 * Tells the names of the root device: its own, its maker's, its model's. Each
 * at most once. ERR_MALFORMED for what is no XML, or has a DOCTYPE; what was
 * told before that was well-formed.
 */
int describe_read(struct slice xml,
		  void (*tell)(void *user, enum record_clue_kind kind,
			       struct slice text),
		  void *user) must_check;

#endif
