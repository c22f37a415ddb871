// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/cert.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "base/text.h"

#define VALID_S	     (10L * 365 * 86400)
#define SERIAL_BYTES 16

int cert_read(const char *path, struct buf *pem)
{
	FILE *file = fopen(path, "re");
	uint8_t block[4096];
	size_t len;
	int err;

	if (!file)
		return ERR_IO;
	buf_clear(pem);
	while ((len = fread(block, 1, sizeof(block), file)))
		buf_append(pem, block, len);
	err = ferror(file) ? ERR_IO : buf_check(pem);
	fclose(file);
	return err;
}

/* The names by which a machine of its own is reached in a trial. */
static int add_names(X509 *cert)
{
	X509_EXTENSION *names =
		X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
				    "DNS:localhost,IP:127.0.0.1,IP:::1");
	int added = names && X509_add_ext(cert, names, -1);

	X509_EXTENSION_free(names);
	return added ? 0 : ERR_NOMEM;
}

static int fill(X509 *cert, EVP_PKEY *key)
{
	uint8_t serial[SERIAL_BYTES];
	X509_NAME *name = X509_get_subject_name(cert);
	BIGNUM *number;
	int good;

	if (RAND_bytes(serial, sizeof(serial)) != 1)
		return ERR_IO;
	serial[0] &= 0x7f;
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	good = number &&
	       BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
	BN_free(number);
	if (!good || !X509_set_version(cert, X509_VERSION_3) ||
	    !X509_gmtime_adj(X509_getm_notBefore(cert), -86400) ||
	    !X509_gmtime_adj(X509_getm_notAfter(cert), VALID_S) ||
	    !X509_set_pubkey(cert, key) ||
	    !X509_NAME_add_entry_by_txt(
		    name, "CN", MBSTRING_ASC,
		    (const unsigned char *)"IoT Inspector collector (trial)",
		    -1, -1, 0) ||
	    !X509_set_issuer_name(cert, name) || add_names(cert) ||
	    !X509_sign(cert, key, EVP_sha256()))
		return ERR_NOMEM;
	return 0;
}

static FILE *create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

static int put_files(X509 *cert, EVP_PKEY *key, const char *cert_path,
		     const char *key_path)
{
	FILE *keys = create(key_path), *certs = create(cert_path);
	int err = keys && certs &&
				  PEM_write_PrivateKey(keys, key, NULL, NULL, 0,
						       NULL, NULL) &&
				  PEM_write_X509(certs, cert)
			  ? 0
			  : ERR_IO;

	if (keys && fclose(keys))
		err = ERR_IO;
	if (certs && fclose(certs))
		err = ERR_IO;
	return err;
}

int cert_make(const char *cert_path, const char *key_path)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	int err = key && cert ? fill(cert, key) : ERR_NOMEM;

	if (!err)
		err = put_files(cert, key, cert_path, key_path);
	X509_free(cert);
	EVP_PKEY_free(key);
	return err;
}

int cert_fingerprint(const struct buf *pem, char out[CERT_FINGERPRINT_BYTES])
{
	BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->len);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	int good = cert && X509_digest(cert, EVP_sha256(), digest, &len);

	X509_free(cert);
	BIO_free(bio);
	if (!good)
		return ERR_MALFORMED;
	text_hex(digest, len, out);
	return 0;
}
