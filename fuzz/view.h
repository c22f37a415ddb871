// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef FUZZ_VIEW_H
#define FUZZ_VIEW_H

#include <stdlib.h>

#include "base/slice.h"

/** What must hold whatever the input is. */
static inline void must(bool holds)
{
	if (!holds)
		abort();
}

/** A decoder's view is absent or lies inside its input. */
static inline void check_view(struct slice view, struct slice input)
{
	if (!view.data) {
		must(view.len == 0);
		return;
	}
	must(view.data >= input.data && view.len <= input.len &&
	     (size_t)(view.data - input.data) <= input.len - view.len);
}

#endif
