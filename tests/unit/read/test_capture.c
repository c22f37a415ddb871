// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "read/capture.h"

/* Made by tests/golden/make_cases.py. */
static const char *golden;

/* What two readers of a file must agree on. */
struct digest {
	uint64_t frames, bytes, wire_bytes, time_sum, data_sum;
};

static void add(struct digest *d, uint64_t time_ns, const uint8_t *data,
		size_t len, size_t wire)
{
	d->frames++;
	d->bytes += len;
	d->wire_bytes += wire;
	d->time_sum = d->time_sum * 31 + time_ns;
	for (size_t i = 0; i < len; i++)
		d->data_sum = d->data_sum * 31 + data[i];
}

static int digest_ours(const char *path, struct digest *d)
{
	struct capture_fault fault;
	struct capture_frame frame;
	struct capture *c;
	int got;

	*d = (struct digest){ .frames = 0 };
	if (capture_open(&c, path, &fault))
		return fault.code;
	while ((got = capture_next(c, &frame, &fault)) > 0)
		add(d, frame.time_s * 1000000000 + frame.time_ns,
		    frame.data.data, frame.data.len, frame.wire_bytes);
	capture_free(c);
	return got;
}

static int digest_libpcap(const char *path, struct digest *d)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline_with_tstamp_precision(
		path, PCAP_TSTAMP_PRECISION_NANO, why);
	struct pcap_pkthdr *header;
	const u_char *data;
	int got;

	*d = (struct digest){ .frames = 0 };
	if (!p)
		return ERR_UNSUPPORTED;
	while ((got = pcap_next_ex(p, &header, &data)) > 0)
		add(d,
		    (uint64_t)header->ts.tv_sec * 1000000000 +
			    (uint64_t)header->ts.tv_usec,
		    data, header->caplen, header->len);
	pcap_close(p);
	return got == PCAP_ERROR_BREAK ? 0 : ERR_MALFORMED;
}

static void frames_are_those_that_libpcap_reads(void **state)
{
	unsigned compared = 0;
	struct dirent *entry;
	DIR *dir = opendir(golden);

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');
		struct digest ours, theirs;
		char path[4096];

		if (!dot || strcmp(dot, ".pcap") != 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", golden,
			       entry->d_name);
		assert_int_equal(digest_libpcap(path, &theirs), 0);
		assert_int_equal(digest_ours(path, &ours), 0);
		assert_memory_equal(&ours, &theirs, sizeof(ours));
		compared++;
	}
	closedir(dir);
	assert_true(compared > 10);
}

static void put_u32(FILE *file, uint32_t v, bool big)
{
	uint8_t b[4];

	for (int i = 0; i < 4; i++)
		b[big ? 3 - i : i] = (uint8_t)(v >> 8 * i);
	assert_int_equal(fwrite(b, 1, 4, file), 4);
}

static void write_pcap(const char *path, uint32_t magic, bool big)
{
	static const uint32_t rest[] = { 0x00040002, 0, 0, 65535, 1 };
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	put_u32(file, magic, big);
	put_u32(file, big ? 0x00020004 : rest[0], big);
	for (int i = 1; i < 5; i++)
		put_u32(file, rest[i], big);
	for (uint32_t i = 0; i < 3; i++) {
		put_u32(file, 2000000000 + i, big);
		put_u32(file, 999999, big);
		put_u32(file, i, big);
		put_u32(file, 1500, big);
		if (magic == 0xa1b2cd34) {
			put_u32(file, 1, big);
			put_u32(file, 0, big);
		}
		assert_int_equal(fwrite("abc", 1, i, file), i);
	}
	assert_int_equal(fclose(file), 0);
}

static void every_kind_of_pcap_is_read_in_either_byte_order(void **state)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34 };
	char path[] = "/tmp/capture-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (int i = 0; i < 6; i++) {
		struct digest ours, theirs;

		write_pcap(path, magics[i / 2], i % 2);
		assert_int_equal(digest_ours(path, &ours), 0);
		assert_int_equal(digest_libpcap(path, &theirs), 0);
		assert_int_equal(ours.frames, 3);
		assert_memory_equal(&ours, &theirs, sizeof(ours));
	}
	unlink(path);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_those_that_libpcap_reads),
		cmocka_unit_test(
			every_kind_of_pcap_is_read_in_either_byte_order),
	};

	assert_int_equal(argc, 2);
	golden = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
