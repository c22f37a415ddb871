// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_STUDY_FIXTURE_H
#define TESTS_STUDY_FIXTURE_H

#include "base/buf.h"
#include "study/basis.h"
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
/* What a report is made with, where nothing else is said. */
extern const struct basis_options every_vendor;
/* All that tables are computed from, of labels that are standardised. */
void prepare(struct fleet *f, const struct basis_options *o);
/* A small file in a folder. */
void put_file(const char *folder, const char *name, const char *text);
/* A whole file; the caller's to buf_done(). */
void read_path(const char *path, struct buf *out);
/* The same of tests/study. */
void read_file(const char *name, struct buf *out);

#endif
