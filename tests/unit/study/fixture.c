// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "study/validate.h"

#define FILE_BYTES_MAX ((size_t)8 << 20)

void must(struct fleet *f, int err)
{
	if (err)
		fail_msg("%d: %s", err, f->error);
}

const struct basis_options every_vendor = { .standard = "paper",
					    .min_devices = 1 };

void prepare(struct fleet *f, const struct basis_options *o)
{
	must(f, basis_options(f, o));
	must(f, basis_traffic(f));
	must(f, validate_fleet(f, o->standard));
	must(f, basis_tables(f, o));
}

void put_file(const char *folder, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

void read_path(const char *path, struct buf *out)
{
	char chunk[4096];
	FILE *file = fopen(path, "re");
	size_t n;

	if (!file)
		fail_msg("there is no %s", path);
	buf_init(out, FILE_BYTES_MAX);
	while ((n = fread(chunk, 1, sizeof(chunk), file)))
		buf_append(out, chunk, n);
	fclose(file);
	assert_int_equal(buf_check(out), 0);
}

void read_file(const char *name, struct buf *out)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", FIXTURE, name);
	read_path(path, out);
}

int make_fleet(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));
	struct buf sql;

	assert_non_null(x);
	snprintf(x->folder, sizeof(x->folder), "study.XXXXXX");
	assert_non_null(mkdtemp(x->folder));
	snprintf(x->path, sizeof(x->path), "%s/a.fleet", x->folder);
	must(&x->fleet, fleet_create(&x->fleet, x->path, false));
	read_file("fixture.sql", &sql);
	must(&x->fleet, fleet_run(&x->fleet, buf_text(&sql)));
	buf_done(&sql);
	*state = x;
	return 0;
}

static void remove_out(const char *folder)
{
	char path[512];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/out", folder);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/out/%s", folder,
				 entry->d_name);
			assert_return_code(unlink(path), 0);
		}
	if (!dir)
		return;
	closedir(dir);
	snprintf(path, sizeof(path), "%s/out", folder);
	assert_return_code(rmdir(path), 0);
}

int remove_fleet(void **state)
{
	struct fixture *x = *state;

	fleet_close(&x->fleet);
	remove_out(x->folder);
	assert_return_code(rmdir(x->folder), 0);
	free(x);
	return 0;
}
