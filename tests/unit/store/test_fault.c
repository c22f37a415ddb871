// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../record/sample.h"
#include "scratch.h"
#include "store/database.h"
#include "store/device.h"
#include "store/erase.h"
#include "store/heard.h"
#include "store/merge.h"
#include "store/query.h"
#include "store/trim.h"
#include "store/write.h"

#define NS_PER_S 1000000000ull
/* Windows that the file to be damaged has, some pages of each table. */
#define WINDOWS	      150
#define KILLS	      20
#define DAMAGED_FILES 60
#define FILE_BYTES    ((rlim_t)300 << 10)

static const char *const suffixes[] = { "", "-wal", "-shm" };

struct fixture {
	char dir[64], path[96];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/store-test-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/inspector.db", f->dir);
	*state = f;
	return 0;
}

static void remove_files(const struct fixture *f)
{
	char name[128];

	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", f->path, suffixes[i]);
		unlink(name);
	}
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	remove_files(f);
	rmdir(f->dir);
	free(f);
	return 0;
}

static struct store *open_store(const struct fixture *f)
{
	char why[STORE_ERROR_BYTES];
	struct store *s;

	assert_int_equal(store_open(f->path, &s, why), 0);
	return s;
}

/* The sample once more, five seconds on, and from another remote. */
static int write_sample(struct store *s, uint32_t number)
{
	struct record_flow flows[SAMPLE_COUNT(sample_flows)];
	struct record_window window = sample_window;

	memcpy(flows, sample_flows, sizeof(flows));
	memcpy(&flows[0].remote.b[0], &number, sizeof(number));
	window.start_ns += number * 5 * NS_PER_S;
	window.flows = flows;
	return write_window(s, &window, NULL);
}

static int64_t count_of(struct store *s, const char *sql)
{
	merge_to_read(s);
	return scratch_number(s, sql);
}

static void assert_sound(struct store *s)
{
	assert_int_equal(count_of(s,
				  "SELECT count(*) FROM pragma_integrity_check "
				  "WHERE integrity_check <> 'ok'"),
			 0);
	/* each window with all of its flows */
	assert_int_equal(count_of(s, "SELECT count(*) FROM flow_window w "
				     "WHERE flows <> (SELECT count(*) FROM "
				     "flow f WHERE f.device = w.device AND "
				     "f.start_s = w.start_s)"),
			 0);
	assert_int_equal(count_of(s, "SELECT count(*) FROM flow"),
			 2 * count_of(s, "SELECT count(*) FROM hello"));
}

/* Writes, and says each commit, until it is killed. */
static _Noreturn void write_until_killed(const struct fixture *f, int says)
{
	char why[STORE_ERROR_BYTES];
	struct store *s;

	if (store_open(f->path, &s, why))
		_exit(1);
	for (uint32_t i = (uint32_t)count_of(s, "SELECT count(*) FROM hello");;
	     i++) {
		if (write_sample(s, i) || store_commit(s))
			_exit(2);
		if (write(says, &i, sizeof(i)) != sizeof(i))
			_exit(3);
	}
}

static void a_kill_at_any_time_loses_no_window_that_was_stored(void **state)
{
	const struct fixture *f = *state;
	int64_t said = 0;

	for (int kill_no = 0; kill_no < KILLS; kill_no++) {
		struct timespec wait = { .tv_nsec = kill_no * 700001 };
		int status, pipe_ends[2];
		struct store *s;
		uint32_t last;
		pid_t pid;

		assert_int_equal(pipe(pipe_ends), 0);
		pid = fork();
		if (!pid)
			write_until_killed(f, pipe_ends[1]);
		close(pipe_ends[1]);
		/* it has begun; then at some moment of its work */
		assert_int_equal(read(pipe_ends[0], &last, sizeof(last)),
				 sizeof(last));
		nanosleep(&wait, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		said = (int64_t)last + 1;
		while (read(pipe_ends[0], &last, sizeof(last)) == sizeof(last))
			said = (int64_t)last + 1;
		close(pipe_ends[0]);
		s = open_store(f);
		assert_sound(s);
		/* it may have stored one that it could not say any more */
		assert_in_range(count_of(s, "SELECT count(*) FROM hello"), said,
				said + 1);
		store_close(s);
	}
	assert_true(said > KILLS);
}

/* In a child, as a limit once lowered stays: a disk with no more room. */
static int fill_the_disk(const struct fixture *f)
{
	struct rlimit limit = { FILE_BYTES, FILE_BYTES };
	const struct store_counters *counters;
	struct store *s = open_store(f);
	uint32_t written = 0, lost = 0;

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit))
		return 1;
	for (uint32_t i = 0; i < 2000; i++) {
		if (!write_sample(s, i) && !store_commit(s))
			written++;
		else
			lost++;
	}
	counters = store_counters(s);
	if (!lost || !written || counters->windows != written ||
	    counters->windows_lost != lost || !store_error(s)[0])
		return 2;
	/* a window each; what it heard waits for room to be merged in */
	if (count_of(s, "SELECT count(*) FROM flow_window") != written)
		return 3;
	store_close(s);
	return 0;
}

static void a_full_disk_loses_what_is_counted_and_no_more(void **state)
{
	const struct fixture *f = *state;
	struct store *s;
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(fill_the_disk(f));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	s = open_store(f);
	assert_sound(s);
	assert_int_equal(write_sample(s, 5000), 0);
	assert_int_equal(store_commit(s), 0);
	store_close(s);
}

static void what_may_not_be_written_is_counted_and_goes_on_later(void **state)
{
	struct store *s = open_store(*state);

	assert_int_equal(write_sample(s, 0), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(sqlite3_exec(s->db, "PRAGMA query_only = ON", NULL,
				      NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(write_sample(s, 1), ERR_IO);
	assert_int_equal(store_counters(s)->windows_lost, 1);
	assert_string_equal(store_error(s),
			    "attempt to write a readonly database");
	assert_int_equal(store_setting_put(s, "a", slice_text("b")), ERR_IO);
	assert_int_equal(sqlite3_exec(s->db, "PRAGMA query_only = OFF", NULL,
				      NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(write_sample(s, 2), 0);
	assert_int_equal(store_commit(s), 0);
	assert_string_equal(store_error(s), "");
	assert_sound(s);
	assert_int_equal(store_counters(s)->windows, 2);
	store_close(s);
}

static bool see_device(void *user, const struct store_device *device)
{
	(void)device;
	return ++*(int *)user < 1000;
}

static bool see_flow(void *user, const struct query_flow *flow)
{
	(void)flow;
	return ++*(int *)user < 100000;
}

static bool see_hello(void *user, const struct heard_hello *hello)
{
	*(int *)user += (int)hello->cipher_suites.len;
	return true;
}

static bool see_service(void *user, const struct heard_service *service)
{
	*(int *)user += (int)service->detail.len;
	return true;
}

/* Everything that is done with a store; any may fail, none may crash. */
static void use(struct store *s)
{
	uint64_t rows;
	int seen = 0;

	for (uint32_t i = WINDOWS; i < WINDOWS + 30; i++) {
		(void)!write_sample(s, i);
		(void)!store_commit(s);
	}
	(void)!store_device_each(s, see_device, &seen);
	(void)!query_flows(s, 1, 0, INT64_MAX / 2, see_flow, &seen);
	(void)!heard_hellos(s, 1, 0, see_hello, &seen);
	(void)!heard_services(s, 1, 0, see_service, &seen);
	trim_to(s, 1);
	erase_expired(s, UINT64_C(1900000000000));
	(void)!erase_device(s, 1, &rows);
	(void)!erase_all(s, &rows);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Bytes here and there, or a page of what was there before. */
static void damage(const struct fixture *f, uint32_t seed)
{
	int fd = open(f->path, O_RDWR | O_CLOEXEC);
	uint32_t state = seed;
	uint8_t page[4096];
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	for (int i = 0; i < 1 + (int)(seed % 8); i++) {
		off_t at = (off_t)(next_random(&state) % (uint32_t)st.st_size);
		uint8_t byte = (uint8_t)next_random(&state);

		if (seed % 3) {
			assert_int_equal(pwrite(fd, &byte, 1, at), 1);
			continue;
		}
		memset(page, byte, sizeof(page));
		at -= at % (off_t)sizeof(page);
		assert_int_equal(pwrite(fd, page, sizeof(page), at),
				 sizeof(page));
	}
	close(fd);
}

static void a_damaged_file_is_refused_or_fails_and_never_crashes(void **state)
{
	const struct fixture *f = *state;
	int refused = 0, failed = 0;

	for (uint32_t seed = 0; seed < DAMAGED_FILES; seed++) {
		char why[STORE_ERROR_BYTES] = "";
		struct store *s = open_store(f);
		int err;

		for (uint32_t i = 0; i < WINDOWS; i++)
			assert_int_equal(write_sample(s, i), 0);
		store_close(s);
		damage(f, seed);
		err = store_open(f->path, &s, why);
		if (err) {
			assert_true(why[0]);
			refused++;
		} else {
			use(s);
			failed += store_counters(s)->failures > 0;
			store_close(s);
		}
		remove_files(f);
	}
	/* the damage is such that it is met, one way or the other */
	assert_true(refused > 0 && failed > 0);
}

#define FAULT_TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAULT_TEST(a_kill_at_any_time_loses_no_window_that_was_stored),
		FAULT_TEST(a_full_disk_loses_what_is_counted_and_no_more),
		FAULT_TEST(
			what_may_not_be_written_is_counted_and_goes_on_later),
		FAULT_TEST(
			a_damaged_file_is_refused_or_fails_and_never_crashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
