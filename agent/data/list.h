// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DATA_LIST_H
#define DATA_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "know/know.h"
#include "know/reference_build.h"

/*
 * A list that a user imports, while it is read: what it says of itself, and
 * its entries as a reference file in the making.
 */

/** The largest file read: ten times the largest list there is. */
#define LIST_FILE_BYTES_MAX ((size_t)64 << 20)
#define LIST_NAME_BYTES	    128

struct list {
	char name[LIST_NAME_BYTES]; /* its title; "" when it has none */
	char date[LIST_NAME_BYTES]; /* as it says; "" */
	char licence[LIST_NAME_BYTES];
	char origin[LIST_NAME_BYTES];
	const char *what;	     /* "trackers and advertisers" */
	enum know_category category; /* of hosts that it does not sort */
	struct reference_build build;
	uint64_t taken, left_out; /* entries; lines that are no such */
};

void list_init(struct list *l, uint64_t seed);
void list_done(struct list *l);

/** Copies what fits of a text, without what cannot be shown. */
void list_set(char out[LIST_NAME_BYTES], struct slice text);

/** A host's name as know/know.h matches it, copied to out: lower case, no
 * final dot. False when it is none. */
#define LIST_HOST_BYTES 256
bool list_host(struct slice text, char out[LIST_HOST_BYTES]);

/** A host on the list of trackers or of malicious hosts, as its category
 * says; KNOW_CATEGORY_NONE excepts it. */
void list_add_tracker(struct list *l, const char *host,
		      enum know_category category, struct slice company);
/** Whose host it is. */
void list_add_company(struct list *l, const char *host, struct slice company);

/*
 * The readers. Each gives ERR_NOTFOUND when the bytes are not its kind of
 * list; what it then has added is of no use.
 */

/** Hosts files, bare hosts, and rules like "||host^" (list_text.c). */
int list_read_text(struct list *l, struct slice bytes) must_check;
/** Disconnect's services and entities, owners as webXray and third-party-web
 * have them (list_json.c). ERR_MALFORMED: why tells where. */
int list_read_json(struct list *l, struct slice bytes,
		   char why[LIST_NAME_BYTES]) must_check;
/** Tables with a line of column names: DHCP fingerprints, vendor classes,
 * hardware addresses (list_csv.c). */
int list_read_csv(struct list *l, struct slice bytes) must_check;

/** The source line, once all is read, and the name: from the list itself, or
 * else the one given. */
void list_finish(struct list *l, const char *name);

#endif
