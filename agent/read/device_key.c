// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/device_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define FOLDER_MODE 0700
#define FILE_MODE   0600

int device_key_path(char out[DEVICE_KEY_PATH_BYTES])
{
	const char *data = getenv("XDG_DATA_HOME");
	const char *home = getenv("HOME");
	int n;

	/* relative paths are to be ignored (XDG Base Directory 0.8) */
	if (data && data[0] == '/')
		n = snprintf(out, DEVICE_KEY_PATH_BYTES,
			     "%s/iot-inspector/device-key", data);
	else if (home && home[0] == '/')
		n = snprintf(out, DEVICE_KEY_PATH_BYTES,
			     "%s/.local/share/iot-inspector/device-key", home);
	else
		return ERR_NOTFOUND;
	return n < 0 || n >= DEVICE_KEY_PATH_BYTES ? ERR_LIMIT : 0;
}

/* The folders above a file, as far as they are missing. */
static int make_folders(const char *path)
{
	char folder[DEVICE_KEY_PATH_BYTES];
	size_t len = strlen(path);

	if (len >= sizeof(folder)) {
		errno = ENAMETOOLONG;
		return ERR_IO;
	}
	memcpy(folder, path, len + 1);
	for (char *slash = strchr(folder + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(folder, FOLDER_MODE) && errno != EEXIST)
			return ERR_IO;
		*slash = '/';
	}
	return 0;
}

static int read_key(struct device_key *key, int fd)
{
	uint8_t text[DEVICE_KEY_BYTES + 1];
	ssize_t got = read(fd, text, sizeof(text));

	if (got < 0)
		return ERR_IO;
	if (got != DEVICE_KEY_BYTES)
		return ERR_MALFORMED;
	memcpy(key->b, text, DEVICE_KEY_BYTES);
	return 0;
}

static int make_key(struct device_key *key, const char *path)
{
	char part[DEVICE_KEY_PATH_BYTES + sizeof(".4194304")];
	struct device_key made;
	int err, fd;

	err = make_folders(path);
	if (err)
		return err;
	if (getrandom(made.b, sizeof(made.b), 0) != (ssize_t)sizeof(made.b))
		return ERR_IO;
	(void)snprintf(part, sizeof(part), "%s.%d", path, (int)getpid());
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return ERR_IO;
	errno = EIO;
	err = write(fd, made.b, sizeof(made.b)) == (ssize_t)sizeof(made.b) &&
			      !fsync(fd)
		      ? 0
		      : ERR_IO;
	/* link, not rename: two that start at once agree on the first's */
	if (!err && link(part, path) && errno != EEXIST)
		err = ERR_IO;
	int saved = errno;

	close(fd);
	(void)unlink(part);
	errno = saved;
	return err ? err : device_key_load(key, path);
}

int device_key_load(struct device_key *key, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int err, saved;

	if (fd < 0)
		return errno == ENOENT ? make_key(key, path) : ERR_IO;
	err = read_key(key, fd);
	saved = errno;
	close(fd);
	errno = saved;
	return err;
}

const char *device_key_id(const struct device_key *key, const struct mac *mac,
			  char out[DEVICE_ID_TEXT_BYTES])
{
	uint8_t hash[EVP_MAX_MD_SIZE] = { 0 };
	unsigned len = 0;

	(void)HMAC(EVP_sha256(), key->b, sizeof(key->b), mac->b, sizeof(mac->b),
		   hash, &len);
	return text_hex(hash, (DEVICE_ID_TEXT_BYTES - 1) / 2, out);
}
