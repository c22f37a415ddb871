// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_STUDY_FIXTURE_H
#define TESTS_STUDY_FIXTURE_H

#include "base/buf.h"
#include "study/fleet.h"

/* The fleet of tests/study/fixture.sql, in a folder of its own. */
struct fixture {
	char folder[32];
	char path[48];
	struct fleet fleet;
};

/* A test's setup and teardown. The latter removes folder/out, and fails when
 * anything else is left. */
int make_fleet(void **state);
int remove_fleet(void **state);

#define WITH_FLEET(test) \
	cmocka_unit_test_setup_teardown(test, make_fleet, remove_fleet)

/* Fails the test with what the engine says. */
void must(struct fleet *f, int err);
/* A whole file; the caller's to buf_done(). */
void read_path(const char *path, struct buf *out);
/* The same of tests/study. */
void read_file(const char *name, struct buf *out);

#endif
