// SPDX-License-Identifier: GPL-3.0-or-later
#include "data.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "data/import.h"
#include "data/imported.h"
#include "folder.h"
#include "judge/identity.h"
#include "know/know.h"
#include "know/resolver.h"
#include "know/suffix.h"

#define EXIT_USAGE 2
/* A notice is a licence at most. */
#define SHOWN_BYTES_MAX ((size_t)1 << 20)

static const char help[] =
	"usage: iot-inspector data [--data-dir DIR] [COMMAND]\n"
	"\n"
	"The lists that names, companies and countries come from.\n"
	"\n"
	"  (none)         show each list: entries, date or version, licence\n"
	"  notices        show what their licences ask to be told\n"
	"  import FILE    use a newer or another list as well: Disconnect's\n"
	"                 services, owners as webXray has them, a hosts file,\n"
	"                 rules like ||host^, or a table of DHCP fingerprints,\n"
	"                 vendor classes or hardware addresses\n"
	"  remove NAME    no longer use an imported list\n"
	"\n"
	"An imported list is used from the next start on. It goes before the\n"
	"program's own, and stands for one of the same name.\n";

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "iot-inspector: %s: %s\n", what, why);
	return 1;
}

/* A text of a list's maker, for a terminal. */
static void print_text(const char *text)
{
	struct slice rest = slice_text(text);
	struct buf shown;

	buf_init(&shown, SHOWN_BYTES_MAX);
	while (rest.len) {
		const uint8_t *end = memchr(rest.data, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.data) : rest.len;

		text_escape(&shown, slice_of(rest.data, len));
		if (end)
			buf_puts(&shown, "\n");
		len += end != NULL;
		rest = slice_of(rest.data + len, rest.len - len);
	}
	fputs(buf_text(&shown), stdout);
	buf_done(&shown);
}

/* The same as a column of a table. */
static void print_column(const char *text, size_t width)
{
	size_t characters = text_characters(text);

	print_text(text);
	for (; characters < width; characters++)
		putchar(' ');
}

static void print_line(const char *name, const char *what, uint64_t entries,
		       const char *date, const char *licence)
{
	print_column(name, 20);
	putchar(' ');
	print_column(what, 34);
	printf(" %8" PRIu64 "  ", entries);
	print_column(date, 17);
	putchar(' ');
	print_text(licence);
	putchar('\n');
}

static void print_sources(const struct reference *file)
{
	for (size_t i = 0; i < know_source_count(file); i++) {
		struct know_source s = know_source(file, i);

		/* of an imported one its file may not say */
		print_line(s.name, s.what, s.entries,
			   s.date[0] ? s.date : "not told",
			   s.licence[0] ? s.licence : "not told");
	}
}

/* What no package brought when this program was built. */
static void print_missing(void)
{
	struct know own;

	know_init(&own);
	for (enum know_part i = 0; i < KNOW_PARTS; i++)
		if (!know_has(&own, i))
			printf("not known: %s (%s)\n", know_part_what(i),
			       i == KNOW_PART_DOMAINS
				       ? "libpsl has no list"
				       : "this program was built without");
}

static int show(const char *data_dir)
{
	struct reference own = reference_builtin();
	struct imported imported;

	printf("%-20s %-34s %8s  %-17s %s\n", "list", "what it has", "entries",
	       "date or version", "licence");
	print_sources(&own);
	print_line("IoT Inspector", "what devices are told by",
		   identity_rule_count(), "with the program",
		   "GPL-3.0-or-later");
	print_line("libpsl", "public suffixes", (uint64_t)suffix_rule_count(),
		   "with libpsl", "MPL-2.0");
	print_line("IoT Inspector", "public DNS resolvers", resolver_count(),
		   "with the program", "GPL-3.0-or-later");
	print_missing();
	imported_open(&imported, data_dir);
	if (imported.count)
		printf("\nimported into %s:\n", data_dir);
	for (size_t i = 0; i < imported.count; i++) {
		printf("%s:\n  ", imported.files[i].name);
		print_sources(&imported.files[i].reference);
	}
	if (imported.refused)
		printf("\n%zu files in %s/lists are damaged, too many or of "
		       "another version, and not used\n",
		       imported.refused, data_dir);
	imported_close(&imported);
	return 0;
}

static int show_notices(void)
{
	struct reference own = reference_builtin();

	for (size_t i = 0; i < know_source_count(&own); i++) {
		struct know_source s = know_source(&own, i);

		printf("%s%s, %s: ", i ? "\n" : "", s.name, s.what);
		print_text(s.licence);
		printf("\n%s\n", s.origin);
		print_text(s.notice);
		if (s.notice[0])
			putchar('\n');
	}
	return 0;
}

/* Files are the user's own, also when he called sudo. */
static int become_user(const struct privilege_user *user, const char *data_dir)
{
	folder_make_parents(data_dir);
	if (!geteuid() && !mkdir(data_dir, 0700))
		(void)!lchown(data_dir, user->uid, user->gid);
	if (!geteuid() && privilege_drop(user))
		return fail(user->name, "could not become this user");
	if (mkdir(data_dir, 0700) && errno != EEXIST)
		return fail(data_dir, strerror(errno));
	return 0;
}

static int import(const char *data_dir, const char *path)
{
	char why[IMPORT_WHY_BYTES];
	struct buf file;
	struct list list;
	uint64_t seed = 0;
	int err, status = 1;

	(void)!getrandom(&seed, sizeof(seed), 0);
	buf_init(&file, IMPORTED_BYTES_MAX);
	err = import_file(path, seed, &list, &file, why);
	if (err) {
		fail(path, why);
		goto out;
	}
	err = imported_put(data_dir, list.name, &file);
	if (err) {
		fail(data_dir, err == ERR_IO ? strerror(errno) : err_text(err));
		goto out;
	}
	printf("imported \"");
	print_text(list.name);
	printf("\": %" PRIu64 " entries (%s)", list.taken, list.what);
	if (list.left_out)
		printf(", %" PRIu64 " lines left out", list.left_out);
	puts("; used from the next start on");
	status = 0;
out:
	list_done(&list);
	buf_done(&file);
	return status;
}

static int remove_list(const char *data_dir, const char *name)
{
	int err = imported_remove(data_dir, name);

	if (err == ERR_NOTFOUND || err == ERR_INVALID)
		return fail(name, "no such list was imported");
	if (err)
		return fail(name, strerror(errno));
	puts("removed");
	return 0;
}

static int wrong_use(void)
{
	fputs(help, stderr);
	return EXIT_USAGE;
}

int data_command(int argc, char **argv)
{
	char data_dir[PATH_MAX];
	struct privilege_user user;
	const char *asked = NULL;
	int at = 1, status;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(help, stdout);
		return 0;
	}
	if (argc > 2 && !strcmp(argv[1], "--data-dir")) {
		asked = argv[2];
		at = 3;
	}
	if (privilege_find_user(&user))
		return fail("could not choose a user", "there is none");
	folder_choose(asked, &user, data_dir);
	if (at == argc)
		return show(data_dir);
	if (at + 1 == argc && !strcmp(argv[at], "notices"))
		return show_notices();
	if (at + 2 != argc || (strcmp(argv[at], "import") != 0 &&
			       strcmp(argv[at], "remove") != 0))
		return wrong_use();
	if (become_user(&user, data_dir))
		return 1;
	status = argv[at][0] == 'i' ? import(data_dir, argv[at + 1])
				    : remove_list(data_dir, argv[at + 1]);
	fflush(NULL);
	/* not through exit(): what looks for leaks there may not look into a
	 * process that gave up its privileges */
	_exit(status);
}
