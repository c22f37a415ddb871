// SPDX-License-Identifier: GPL-3.0-or-later

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Stands in for libFuzzer in the ordinary build: gives the fuzzer every file
 * of the folders named, and every prefix of it, so that a read past the end
 * of a truncated input is seen by the sanitizers. The first folder holds the
 * seeds and must have some; the others need not exist.
 */

/* Prefixes tried of one file: all of a seed, some of a whole capture. */
#define PREFIXES_MAX 4096
/* A seed is a message or a short exchange. */
#define SEED_BYTES_MAX (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_prefix(const uint8_t *data, size_t size)
{
	/* exactly as long as the input, so that one byte more is caught */
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int replay_file(const char *path)
{
	static uint8_t data[SEED_BYTES_MAX];
	FILE *file = fopen(path, "rb");
	size_t size, step;

	if (!file) {
		fprintf(stderr, "could not open \"%s\": %s\n", path,
			strerror(errno));
		return -1;
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	step = size / PREFIXES_MAX + 1;
	for (size_t length = 0; length < size; length += step)
		replay_prefix(data, length);
	replay_prefix(data, size);
	return 0;
}

/* Returns the number of files replayed, or -1. */
static int replay_folder(const char *folder)
{
	char path[4096];
	struct dirent *entry;
	DIR *dir = opendir(folder);
	int count = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -1;
	while (count >= 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		count = replay_file(path) ? -1 : count + 1;
	}
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: %s SEEDS [FOLDER...]\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		int count = replay_folder(argv[i]);

		if (count < 0)
			return 1;
		if (count == 0 && i == 1) {
			fprintf(stderr, "no seeds in \"%s\"\n", argv[i]);
			return 1;
		}
		printf("%s: %d inputs\n", argv[i], count);
	}
	return 0;
}
