// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_HEARD_H
#define STORE_HEARD_H

#include "record/record.h"
#include "store/store.h"

/*
 * Reading what a device's conversations said: each function calls visit for
 * each row that was last seen at since_ms or later, until it gives false.
 * Rows are lent until visit returns; remotes are in groups, in no order. All
 * give ERR_IO.
 */

struct heard_remote {
	int64_t id; /* as in query_flow */
	struct addr addr;
};

/** What conversations with one remote port turned out to be. */
struct heard_service {
	struct heard_remote remote;
	uint8_t protocol;
	uint16_t remote_port;
	enum record_application application;
	struct slice detail;  /* the newest; absent when there was none */
	uint64_t times;	      /* windows in which it was heard */
	uint64_t clear_times; /* those with credentials in clear */
	uint64_t first_ms, last_ms;
};

int heard_services(struct store *s, int64_t device, uint64_t since_ms,
		   bool (*visit)(void *user,
				 const struct heard_service *service),
		   void *user) must_check;

/** What servers chose of what the device offered. */
struct heard_server {
	struct heard_remote remote;
	uint16_t remote_port;
	enum record_transport transport;
	uint16_t version, cipher_suite;
	const char *ja3s;     /* or empty */
	struct slice subject; /* of the certificate, in clear; or empty */
	uint64_t times;
	uint64_t first_ms, last_ms;
};

int heard_servers(struct store *s, int64_t device, uint64_t since_ms,
		  bool (*visit)(void *user, const struct heard_server *server),
		  void *user) must_check;

/** The hellos of one shape to one remote port; lists as in record_hello. */
struct heard_hello {
	struct heard_remote remote;
	uint16_t remote_port;
	enum record_transport transport;
	int64_t shape;	       /* the same for all hellos of one client */
	const char *ja3, *ja4; /* or empty */
	bool ech;
	uint16_t legacy_version, highest_version;
	struct slice cipher_suites, extensions, supported_versions, groups;
	struct slice alpn;
	uint64_t times;
	uint64_t unnamed_times; /* without a server name */
	uint64_t first_ms, last_ms;
};

int heard_hellos(struct store *s, int64_t device, uint64_t since_ms,
		 bool (*visit)(void *user, const struct heard_hello *hello),
		 void *user) must_check;

struct heard_http {
	struct heard_remote remote;
	uint16_t remote_port;
	uint64_t time_ms;
	struct slice method, host, user_agent; /* absent when not sent */
};

/** Newest first, at most so many. */
int heard_http(struct store *s, int64_t device, uint64_t since_ms, size_t most,
	       bool (*visit)(void *user, const struct heard_http *http),
	       void *user) must_check;

struct heard_question {
	struct slice name;
	uint16_t type;
	struct addr resolver;
	uint64_t times;
	uint64_t first_ms, last_ms;
};

int heard_questions(struct store *s, int64_t device, uint64_t since_ms,
		    bool (*visit)(void *user,
				  const struct heard_question *question),
		    void *user) must_check;

/** TCP ports of its own that others began a conversation with, and that it said
 * something from; of flows that began at since_ms or later. */
int heard_ports(struct store *s, int64_t device, uint64_t since_ms,
		bool (*visit)(void *user, uint16_t port),
		void *user) must_check;

/** A name that the device itself connected with a remote. */
struct heard_name {
	struct heard_remote remote;
	enum record_name_source source;
	struct slice name;
	struct addr resolver;
	uint64_t first_ms, last_ms;
};

int heard_names(struct store *s, int64_t device, uint64_t since_ms,
		bool (*visit)(void *user, const struct heard_name *name),
		void *user) must_check;

#endif
