// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CHUNK_BYTES 65536u

static int read_all(const char *path, struct buf *out,
		    char why[IMPORT_WHY_BYTES])
{
	uint8_t chunk[CHUNK_BYTES];
	FILE *file = fopen(path, "re");
	size_t n;
	int err;

	if (!file) {
		snprintf(why, IMPORT_WHY_BYTES, "%s", strerror(errno));
		return ERR_IO;
	}
	while ((n = fread(chunk, 1, sizeof(chunk), file)) && !out->err)
		buf_append(out, chunk, n);
	err = buf_check(out);
	if (err)
		snprintf(why, IMPORT_WHY_BYTES, "it is larger than %zu MiB",
			 LIST_FILE_BYTES_MAX >> 20);
	else if (ferror(file)) {
		snprintf(why, IMPORT_WHY_BYTES, "%s", strerror(errno));
		err = ERR_IO;
	}
	fclose(file);
	return err;
}

/* The first kind that it is. */
static int read_list(struct list *l, uint64_t seed, struct slice bytes,
		     char why[IMPORT_WHY_BYTES])
{
	char where[LIST_NAME_BYTES];
	int err = list_read_json(l, bytes, where);

	if (err == ERR_MALFORMED)
		snprintf(why, IMPORT_WHY_BYTES, "not JSON as it should be: %s",
			 where);
	if (err == ERR_NOTFOUND) {
		list_done(l);
		list_init(l, seed);
		err = list_read_csv(l, bytes);
	}
	if (err == ERR_NOTFOUND) {
		list_done(l);
		list_init(l, seed);
		err = list_read_text(l, bytes);
	}
	if (err == ERR_NOTFOUND)
		snprintf(why, IMPORT_WHY_BYTES,
			 "no list of a known kind: Disconnect's services, "
			 "owners as webXray has them, a hosts file, rules "
			 "like ||host^, or a table of DHCP fingerprints, "
			 "vendor classes or hardware addresses");
	return err;
}

/* The file's own name, without its folder and kind. */
static void base_name(const char *path, char out[LIST_NAME_BYTES])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	list_set(out, slice_of(name, dot && dot != name ? (size_t)(dot - name)
							: strlen(name)));
}

int import_bytes(struct slice bytes, const char *name, uint64_t seed,
		 struct list *l, struct buf *out, char why[IMPORT_WHY_BYTES])
{
	int err;

	list_init(l, seed);
	if (!bytes.len) {
		snprintf(why, IMPORT_WHY_BYTES, "it is empty");
		return ERR_NOTFOUND;
	}
	err = read_list(l, seed, bytes, why);
	if (err)
		return err;
	list_finish(l, name);
	err = reference_build_write(&l->build, out);
	if (err)
		snprintf(why, IMPORT_WHY_BYTES, "%s", err_text(err));
	return err;
}

int import_file(const char *path, uint64_t seed, struct list *l,
		struct buf *out, char why[IMPORT_WHY_BYTES])
{
	char name[LIST_NAME_BYTES];
	struct buf bytes;
	int err;

	buf_init(&bytes, LIST_FILE_BYTES_MAX);
	err = read_all(path, &bytes, why);
	if (err) {
		list_init(l, seed);
	} else {
		base_name(path, name);
		err = import_bytes(buf_slice(&bytes), name, seed, l, out, why);
	}
	buf_done(&bytes);
	return err;
}
