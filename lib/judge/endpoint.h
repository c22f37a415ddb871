// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_ENDPOINT_H
#define JUDGE_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/slice.h"
#include "judge/lan.h"
#include "judge/party.h"
#include "know/know.h"
#include "know/resolver.h"
#include "record/record.h"

/*
 * Who an endpoint of a device is, from its name, address, port and what was
 * said to it: by reference data alone, so the same facts give the same answer.
 */

/** How a name came to be known, the best evidence first. */
enum endpoint_source {
	ENDPOINT_DNS,	    /* an answer to the device's own question */
	ENDPOINT_SNI,	    /* the device's own TLS hello */
	ENDPOINT_HTTP_HOST, /* the device's own request */
	ENDPOINT_OTHER,	    /* another device of the home's name for it */
	ENDPOINT_CROWD,	    /* what other homes call it, by a collector */
	ENDPOINT_REVERSE,   /* what the address's owner calls it */
	ENDPOINT_UNNAMED,
};

/** "dns", "sni", …; NULL for unnamed. */
const char *endpoint_source_name(enum endpoint_source source);
/** Of a device's own evidence. */
enum endpoint_source endpoint_own_source(enum record_name_source source);
/** Why a name is uncertain, in a few words: such a name is shown with a '?'
 * behind it. NULL when it is not. */
const char *endpoint_doubt(enum endpoint_source source);

/** What is known of an endpoint before it is judged. */
struct endpoint_facts {
	struct slice name; /* lower case, no final dot; absent for none */
	enum endpoint_source source;
	struct addr addr;
	const char *addr_text; /* to show of it; NULL: all of it */
	bool local;	       /* on the home's own network */
	uint8_t protocol;      /* IP protocol */
	uint16_t port;	       /* the remote's, 0 for none */
	bool serves;	       /* the port is the device's own: it was called */
	bool has_application;
	enum record_application application; /* as it was recognised */
	const char *vendor;   /* of the device, as anybody spells it; NULL */
	enum lan_named named; /* by the network, to ask names from */
};

enum endpoint_party {
	ENDPOINT_PARTY_UNKNOWN, /* whose it is, or whose the device is */
	ENDPOINT_PARTY_HOME,	/* on the home's own network */
	ENDPOINT_PARTY_FIRST,	/* of the device's vendor or its owner */
	ENDPOINT_PARTY_SUPPORT, /* a cloud that anybody rents */
	ENDPOINT_PARTY_THIRD,
};
const char *endpoint_party_name(enum endpoint_party party);

enum endpoint_secrecy {
	ENDPOINT_SECRECY_UNKNOWN,
	ENDPOINT_ENCRYPTED,
	ENDPOINT_IN_CLEAR,
};

/** Texts are of the reference data, or static; "" where nothing is known. */
struct endpoint_verdict {
	struct slice domain; /* registered; a view into the name, or absent */
	const char *company, *parent, *what; /* "Ring", "Amazon", "a maker …" */
	const char *service;		     /* "Hue" */
	const char *reason; /* why that company: our own, or the list's name */
	enum know_purpose purpose;
	enum know_category category; /* of trackers; malicious goes first */
	const char *list;	     /* that has it as such */
	const char *platform;	     /* of device control: "AWS IoT" */
	char country[3];
	struct know_as as; /* number 0: not known */
	const char *port;
	const struct resolver *resolver; /* NULL: no public one */
	enum endpoint_party party;
	enum endpoint_secrecy secrecy;
};

void endpoint_judge(const struct know *know, const struct endpoint_facts *facts,
		    struct endpoint_verdict *out);

/**
 * Whether a company is a third party for a device of this vendor, as anybody
 * spells it. False while it is not known whose the device is: vendor NULL, ""
 * or nobody whom the reference data knows.
 */
bool endpoint_is_third(const struct know *know, const char *vendor,
		       const char *company);

/** The part of it that judge/posture.h asks for. */
void endpoint_to_party(const struct endpoint_facts *facts,
		       const struct endpoint_verdict *verdict,
		       struct party *out);

#endif
