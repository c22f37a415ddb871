// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/heard.h"

#include <string.h>

#include "store/database.h"
#include "store/merge.h"

static struct heard_remote remote_columns(sqlite3_stmt *stmt)
{
	return (struct heard_remote){
		.id = sqlite3_column_int64(stmt, 0),
		.addr = database_addr_column(stmt, 1),
	};
}

/* False: of a newer version of this program. */
static bool application_of(const char *name, enum record_application *out)
{
	for (enum record_application i = 0; i < RECORD_APPLICATIONS; i++) {
		if (strcmp(record_application_name(i), name) != 0)
			continue;
		*out = i;
		return true;
	}
	return false;
}

static const char *text(sqlite3_stmt *stmt, int column)
{
	const char *found = (const char *)sqlite3_column_text(stmt, column);

	return found ? found : "";
}

int heard_services(struct store *s, int64_t device, uint64_t since_ms,
		   bool (*visit)(void *user,
				 const struct heard_service *service),
		   void *user)
{
	struct heard_service service;
	sqlite3_stmt *stmt;
	int rc;

	merge_to_read(s);
	stmt = database_bind(s, STATEMENT_SERVICE_ALL, "ii", device,
			     (int64_t)since_ms);
	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		service = (struct heard_service){
			.remote = remote_columns(stmt),
			.protocol = (uint8_t)database_number(stmt, 2),
			.remote_port = (uint16_t)database_number(stmt, 3),
			.detail = database_blob_column(stmt, 5),
			.times = database_number(stmt, 6),
			.clear_times = database_number(stmt, 7),
			.first_ms = database_number(stmt, 8),
			.last_ms = database_number(stmt, 9),
		};
		if (!application_of(text(stmt, 4), &service.application))
			continue;
		if (!visit(user, &service))
			break;
	}
	return database_walked(s, stmt, rc);
}

int heard_ports(struct store *s, int64_t device, uint64_t since_ms,
		bool (*visit)(void *user, uint16_t port), void *user)
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_PORT_ALL, "iii", device,
					   (int64_t)(since_ms / 1000),
					   (int64_t)RECORD_OPENER_REMOTE);
	int rc;

	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		if (!visit(user, (uint16_t)database_number(stmt, 0)))
			break;
	return database_walked(s, stmt, rc);
}

int heard_servers(struct store *s, int64_t device, uint64_t since_ms,
		  bool (*visit)(void *user, const struct heard_server *server),
		  void *user)
{
	sqlite3_stmt *stmt;
	struct heard_server server;
	int rc;

	merge_to_read(s);
	stmt = database_bind(s, STATEMENT_SERVER_ALL, "ii", device,
			     (int64_t)since_ms);
	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		server = (struct heard_server){
			.remote = remote_columns(stmt),
			.remote_port = (uint16_t)database_number(stmt, 2),
			.transport =
				(enum record_transport)database_number(stmt, 3),
			.version = (uint16_t)database_number(stmt, 4),
			.cipher_suite = (uint16_t)database_number(stmt, 5),
			.ja3s = text(stmt, 6),
			.subject = database_blob_column(stmt, 7),
			.times = database_number(stmt, 8),
			.first_ms = database_number(stmt, 9),
			.last_ms = database_number(stmt, 10),
		};
		if (!visit(user, &server))
			break;
	}
	return database_walked(s, stmt, rc);
}

static void read_hello(sqlite3_stmt *stmt, struct heard_hello *hello)
{
	*hello = (struct heard_hello){
		.remote = remote_columns(stmt),
		.remote_port = (uint16_t)database_number(stmt, 2),
		.transport = (enum record_transport)database_number(stmt, 3),
		.shape = sqlite3_column_int64(stmt, 4),
		.times = database_number(stmt, 5),
		.unnamed_times = database_number(stmt, 6),
		.first_ms = database_number(stmt, 7),
		.last_ms = database_number(stmt, 8),
		.ja3 = text(stmt, 9),
		.ja4 = text(stmt, 10),
		.ech = database_number(stmt, 11),
		.legacy_version = (uint16_t)database_number(stmt, 12),
		.highest_version = (uint16_t)database_number(stmt, 13),
		.cipher_suites = database_blob_column(stmt, 14),
		.extensions = database_blob_column(stmt, 15),
		.supported_versions = database_blob_column(stmt, 16),
		.groups = database_blob_column(stmt, 17),
		.alpn = database_blob_column(stmt, 18),
	};
}

int heard_hellos(struct store *s, int64_t device, uint64_t since_ms,
		 bool (*visit)(void *user, const struct heard_hello *hello),
		 void *user)
{
	sqlite3_stmt *stmt;
	struct heard_hello hello;
	int rc;

	merge_to_read(s);
	stmt = database_bind(s, STATEMENT_HELLO_ALL, "ii", device,
			     (int64_t)since_ms);
	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		read_hello(stmt, &hello);
		if (!visit(user, &hello))
			break;
	}
	return database_walked(s, stmt, rc);
}

int heard_http(struct store *s, int64_t device, uint64_t since_ms, size_t most,
	       bool (*visit)(void *user, const struct heard_http *http),
	       void *user)
{
	sqlite3_stmt *stmt;
	struct heard_http http;
	int rc;

	merge_to_read(s);
	stmt = database_bind(s, STATEMENT_HTTP_ALL, "iii", device,
			     (int64_t)since_ms, (int64_t)most);
	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		http = (struct heard_http){
			.remote = remote_columns(stmt),
			.remote_port = (uint16_t)database_number(stmt, 2),
			.time_ms = database_number(stmt, 3),
			.method = database_blob_column(stmt, 4),
			.host = database_blob_column(stmt, 5),
			.user_agent = database_blob_column(stmt, 6),
		};
		if (!visit(user, &http))
			break;
	}
	return database_walked(s, stmt, rc);
}

int heard_questions(struct store *s, int64_t device, uint64_t since_ms,
		    bool (*visit)(void *user,
				  const struct heard_question *question),
		    void *user)
{
	struct heard_question question;
	sqlite3_stmt *stmt;
	int rc;

	merge_to_read(s);
	stmt = database_bind(s, STATEMENT_QUESTION_ALL, "ii", device,
			     (int64_t)since_ms);
	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		question = (struct heard_question){
			.name = database_blob_column(stmt, 0),
			.type = (uint16_t)database_number(stmt, 1),
			.resolver = database_addr_column(stmt, 2),
			.times = database_number(stmt, 3),
			.first_ms = database_number(stmt, 4),
			.last_ms = database_number(stmt, 5),
		};
		if (!visit(user, &question))
			break;
	}
	return database_walked(s, stmt, rc);
}

int heard_names(struct store *s, int64_t device, uint64_t since_ms,
		bool (*visit)(void *user, const struct heard_name *name),
		void *user)
{
	struct heard_name name;
	sqlite3_stmt *stmt;
	int rc;

	merge_to_read(s);
	stmt = database_bind(s, STATEMENT_NAME_ALL, "ii", device,
			     (int64_t)since_ms);
	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		name = (struct heard_name){
			.remote = remote_columns(stmt),
			.source = (enum record_name_source)database_number(stmt,
									   2),
			.name = database_blob_column(stmt, 3),
			.resolver = database_addr_column(stmt, 4),
			.first_ms = database_number(stmt, 5),
			.last_ms = database_number(stmt, 6),
		};
		if (!visit(user, &name))
			break;
	}
	return database_walked(s, stmt, rc);
}
