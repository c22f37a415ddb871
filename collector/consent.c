// SPDX-License-Identifier: GPL-3.0-or-later
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "collector/cert.h"
#include "collector/clock.h"
#include "collector/command.h"

/* What a person can be asked to read. */
#define TEXT_BYTES_MAX 65536u
#define NOTE_BYTES_MAX 1024u
/* Ten years; 0 would be to keep nothing. */
#define RETENTION_DAYS_MAX 3650

enum {
	OPTION_WITHDRAW = 256
};

struct options {
	const char *data_dir, *file, *approval, *contact;
	uint64_t retention_days, withdraw;
};

static const struct argp_option table[] = {
	{ "data-dir", 'd', "DIR", 0, "where the store is", 0 },
	{ "approval", 'a', "TEXT", 0,
	  "reference of the ethics approval, as shown to owners", 0 },
	{ "contact", 'c', "TEXT", 0, "whom owners can ask", 0 },
	{ "retention-days", 'r', "N", 0, "how long data is kept", 0 },
	{ "withdraw", OPTION_WITHDRAW, "VERSION", 0,
	  "ask for a version no longer, and refuse uploads under it", 0 },
	{ 0 }
};

static void check(const struct options *o, struct argp_state *state)
{
	bool parts = o->approval || o->contact || o->retention_days;

	if (o->withdraw && (o->file || parts))
		argp_error(state, "--withdraw is of a text that is set: it "
				  "comes alone");
	if (!o->file && parts)
		argp_error(state, "--approval, --contact and --retention-days "
				  "are of a text: name its FILE");
	if (o->file && (!o->approval || !o->contact || !o->approval[0] ||
			!o->contact[0] || !o->retention_days))
		argp_error(state, "a text needs --approval, --contact and "
				  "--retention-days");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'd':
		o->data_dir = arg;
		return 0;
	case 'a':
		o->approval = arg;
		return 0;
	case 'c':
		o->contact = arg;
		return 0;
	case 'r':
		if (text_number(arg, 1, RETENTION_DAYS_MAX, &o->retention_days))
			argp_error(state, "--retention-days is 1 to %d",
				   RETENTION_DAYS_MAX);
		return 0;
	case OPTION_WITHDRAW:
		if (text_number(arg, 1, INT32_MAX, &o->withdraw))
			argp_error(state, "--withdraw needs a version");
		return 0;
	case ARGP_KEY_ARG:
		if (o->file)
			return command_surplus(state, arg);
		o->file = arg;
		return 0;
	case ARGP_KEY_END:
		check(o, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.args_doc = "[FILE]",
	.doc = "Shows the text that owners agree to, or sets it: FILE's, with "
	       "--approval, --contact and --retention-days. Who agreed to an "
	       "earlier version is asked anew.",
};

/* Each part with its length before it, so that no two sets are alike. */
static int hash_parts(struct store_consent *c)
{
	const char *const parts[] = { c->text, c->approval, c->contact };
	struct buf all;
	unsigned len;
	int good;

	buf_init(&all, TEXT_BYTES_MAX + 3 * NOTE_BYTES_MAX);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		buf_u32(&all, (uint32_t)strlen(parts[i]));
		buf_puts(&all, parts[i]);
	}
	buf_u32(&all, c->retention_days);
	good = !buf_check(&all) &&
	       EVP_Digest(all.data, all.len, c->hash, &len, EVP_sha256(), NULL);
	buf_done(&all);
	return good ? 0 : ERR_NOMEM;
}

static int show(const struct options *o)
{
	char hash[2 * STORE_HASH_BYTES + 1];
	struct store_reader *reader;
	struct store_consent c;
	int err;

	if (command_read(o->data_dir, &reader))
		return 1;
	err = store_consent_current(reader, &c);
	store_reader_close(reader);
	if (err == ERR_NOTFOUND)
		return command_fail("no text is set",
				    "\"iot-collector consent FILE\" sets it");
	if (err)
		return command_fail(o->data_dir, err_text(err));
	printf("version %" PRId64 ", hash %s\napproval: %s\ncontact: %s\n"
	       "kept for %u days\n\n%s",
	       c.id, text_hex(c.hash, sizeof(c.hash), hash), c.approval,
	       c.contact, c.retention_days, c.text);
	store_consent_done(&c);
	return 0;
}

static int add(struct store *store, void *user)
{
	return store_consent_add(store, user);
}

static int withdraw(struct store *store, void *user)
{
	return store_consent_withdraw(store,
				      (int64_t) * (const uint64_t *)user);
}

static int told(int err, const struct options *o)
{
	char version[32];

	snprintf(version, sizeof(version), "version %" PRIu64, o->withdraw);
	if (err == ERR_EXISTS)
		command_fail(o->file, "this text was set before");
	else if (err == ERR_NOTFOUND)
		command_fail(version, "there is none of this number");
	return err ? 1 : 0;
}

static int set(const struct options *o)
{
	char hash[2 * STORE_HASH_BYTES + 1];
	struct store_consent c = {
		.approval = (char *)(uintptr_t)o->approval,
		.contact = (char *)(uintptr_t)o->contact,
		.retention_days = (uint32_t)o->retention_days,
		.made_s = clock_now_s(),
	};
	struct buf text;
	int status = 1, err;

	buf_init(&text, TEXT_BYTES_MAX);
	err = cert_read(o->file, &text);
	if (err) {
		command_fail(o->file,
			     err == ERR_IO ? strerror(errno) : err_text(err));
		goto out;
	}
	if (!text.len || !text_is_utf8(buf_slice(&text)) ||
	    memchr(text.data, 0, text.len) ||
	    !text_is_utf8(slice_text(o->approval)) ||
	    !text_is_utf8(slice_text(o->contact))) {
		command_fail(o->file, "not text in UTF-8");
		goto out;
	}
	c.text = (char *)text.data;
	if (hash_parts(&c)) {
		command_fail(o->file, "the parts are too long");
		goto out;
	}
	status = told(command_beside(o->data_dir, add, &c), o);
	if (!status)
		printf("version %" PRId64 ", hash %s\n", c.id,
		       text_hex(c.hash, sizeof(c.hash), hash));
out:
	buf_done(&text);
	return status;
}

int command_consent(int argc, char **argv)
{
	struct options o = { .data_dir = COMMAND_DATA_DIR };

	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return COMMAND_EXIT_USAGE;
	if (o.withdraw && command_need_store(o.data_dir))
		return 1;
	if (o.withdraw)
		return told(command_beside(o.data_dir, withdraw, &o.withdraw),
			    &o);
	if (!o.file)
		return show(&o);
	return set(&o);
}
