// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_NAME_H
#define OBSERVE_NAME_H

#include "observe/context.h"

/*
 * Names of addresses, from what a device itself asked for or asked by.
 */

/** Most links followed from the name asked to the one with the address. */
#define NAME_CHAIN_MAX 16u
/**
 * Most links looked at in one answer, so that a message full of them costs no
 * more than its length.
 */
#define NAME_LINKS_MAX 64u

/**
 * A DNS message, unicast, multicast or link-local, of a sender to a receiver,
 * which are devices or NULL: a fact, and what it says of names. False, counted,
 * when it is none.
 */
bool name_hear(const struct context *c, struct device *sender,
	       struct device *receiver, struct slice bytes, bool over_tcp,
	       uint32_t segments);

/** The questions of a query that the device sent to a resolver. */
void name_question(const struct context *c, struct device *device,
		   const struct dns_message *message,
		   const struct addr *resolver);

/**
 * The addresses of an answer to the device's question: each gets the name
 * that was asked, through whatever CNAMEs lead to it (RFC 1034 3.6.2).
 */
void name_answer(const struct context *c, struct device *device,
		 const struct dns_message *message,
		 const struct addr *resolver);

/** The name a device gave of whom it talks to: SNI, or the Host of a request
 * (whose port is left out). Addresses and what is no name are left out. */
void name_spoken(const struct context *c, struct device *device,
		 struct slice name, enum record_name_source source,
		 const struct addr *remote, uint16_t device_port);

#endif
