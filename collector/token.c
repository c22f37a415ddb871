// SPDX-License-Identifier: GPL-3.0-or-later
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/text.h"
#include "collector/clock.h"
#include "collector/command.h"
#include "collector/researcher.h"

#define DAYS_MAX     3650
#define APPROVAL_MAX 1024
#define STAMP_BYTES  sizeof("2026-01-31T12:00:00Z")
#define DAYS_DEFAULT 90

struct options {
	const char *data_dir, *what, *approval;
	uint64_t days, id;
};

static const struct argp_option table[] = {
	{ "data-dir", 'd', "DIR", 0, "where the store is", 0 },
	{ "approval", 'a', "TEXT", 0,
	  "add: reference of the approval under which it is read", 0 },
	{ "days", 'n', "N", 0, "add: how long it is good (90)", 0 },
	{ 0 }
};

static void take_number(struct argp_state *state, const char *arg,
			uint64_t most, uint64_t *out)
{
	if (text_number(arg, 1, most, out))
		argp_error(state, "\"%s\" is no number from 1 to %" PRIu64, arg,
			   most);
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
	case 'n':
		take_number(state, arg, DAYS_MAX, &o->days);
		return 0;
	case ARGP_KEY_ARG:
		if (!o->what)
			o->what = arg;
		else if (!strcmp(o->what, "withdraw") && !o->id)
			take_number(state, arg, INT64_MAX, &o->id);
		else
			return command_surplus(state, arg);
		return 0;
	case ARGP_KEY_END:
		if (o->what && strcmp(o->what, "add") != 0 && o->approval)
			argp_error(state, "--approval is of add");
		if (o->what && !strcmp(o->what, "add") &&
		    (!o->approval || !*o->approval ||
		     strlen(o->approval) > APPROVAL_MAX))
			argp_error(state,
				   "add needs --approval, of 1 to %d bytes",
				   APPROVAL_MAX);
		if (o->what && !strcmp(o->what, "withdraw") && !o->id)
			argp_error(state, "withdraw needs a number");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.args_doc = "add|list|withdraw N|log",
	.doc = "Tokens with which researchers read GET /v1/export/TABLE.csv. A "
	       "token is shown once, when it is added; log shows who read "
	       "what, when.",
};

static const char *stamp(uint64_t at_s, char out[STAMP_BYTES])
{
	time_t at = (time_t)at_s;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(out, STAMP_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

static int print_token(void *user, const struct store_token *token)
{
	char made[STAMP_BYTES], expires[STAMP_BYTES];
	struct buf approval;

	buf_init(&approval, APPROVAL_MAX * 8);
	text_escape(&approval, slice_text(token->approval));
	printf("%" PRId64 "\t%s\t%s\t%s\t%s\n", token->id,
	       *(const uint64_t *)user < token->expires_s ? "good" : "expired",
	       stamp(token->made_s, made), stamp(token->expires_s, expires),
	       buf_text(&approval));
	buf_done(&approval);
	return 0;
}

static int print_access(void *user, const struct store_access *access)
{
	char at[STAMP_BYTES];

	(void)user;
	stamp(access->time_s, at);
	if (access->token == STORE_TOKEN_MACHINE)
		printf("%s\tmachine\t%s\n", at, access->what);
	else
		printf("%s\t%" PRId64 "\t%s\n", at, access->token,
		       access->what);
	return 0;
}

static int show(const struct options *o)
{
	uint64_t now_s = clock_now_s();
	struct store_reader *reader;
	int err;

	if (command_read(o->data_dir, &reader))
		return 1;
	if (!strcmp(o->what, "log"))
		err = store_accesses(reader, print_access, NULL);
	else
		err = store_tokens(reader, print_token, &now_s);
	store_reader_close(reader);
	return err ? command_fail(o->data_dir, err_text(err)) : 0;
}

static int put(struct store *store, void *user)
{
	return store_token_add(store, user);
}

static int withdraw(struct store *store, void *user)
{
	return store_token_withdraw(store, (int64_t) * (const uint64_t *)user,
				    clock_now_s());
}

static int told(int err, uint64_t id)
{
	char what[32];

	snprintf(what, sizeof(what), "token %" PRIu64, id);
	if (err == ERR_NOTFOUND)
		command_fail(what, "there is none of this number");
	return err ? 1 : 0;
}

static int add(const struct options *o)
{
	char hex[2 * RESEARCHER_TOKEN_BYTES + 1];
	uint8_t token[RESEARCHER_TOKEN_BYTES];
	struct store_token row = {
		.approval = o->approval,
		.made_s = clock_now_s(),
	};
	unsigned int len = sizeof(row.hash);
	int status;

	row.expires_s = row.made_s + o->days * STORE_DAY_S;
	if (getrandom(token, sizeof(token), 0) != sizeof(token) ||
	    !EVP_Digest(token, sizeof(token), row.hash, &len, EVP_sha256(),
			NULL))
		return command_fail("random bytes", strerror(errno));
	status = told(command_beside(o->data_dir, put, &row), 0);
	if (!status)
		printf("token %" PRId64 ": %s\n", row.id,
		       text_hex(token, sizeof(token), hex));
	return status;
}

int command_token(int argc, char **argv)
{
	struct options o = { .data_dir = COMMAND_DATA_DIR,
			     .days = DAYS_DEFAULT };

	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return COMMAND_EXIT_USAGE;
	if (command_need_store(o.data_dir))
		return 1;
	if (!o.what || !strcmp(o.what, "list") || !strcmp(o.what, "log")) {
		o.what = o.what ? o.what : "list";
		return show(&o);
	}
	if (!strcmp(o.what, "add"))
		return add(&o);
	if (!strcmp(o.what, "withdraw"))
		return told(command_beside(o.data_dir, withdraw, &o.id), o.id);
	command_fail(o.what, "this is not add, list, withdraw or log");
	return COMMAND_EXIT_USAGE;
}
