// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/http.h"

#include <microhttpd.h>
#include <stdio.h>

const char *http_query(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection,
					   MHD_GET_ARGUMENT_KIND, name);
}

void http_reply_json(struct http_reply *reply, json_t *json)
{
	if (!json) {
		http_reply_error(reply, MHD_HTTP_INTERNAL_SERVER_ERROR,
				 "internal", "There is no memory left.");
		return;
	}
	reply->status = MHD_HTTP_OK;
	reply->json = json;
}

void http_reply_file(struct http_reply *reply, int file, uint64_t bytes,
		     const char *name)
{
	*reply = (struct http_reply){ .status = MHD_HTTP_OK,
				      .is_file = true,
				      .file = file,
				      .file_bytes = bytes,
				      .file_name = name };
}

void http_reply_error(struct http_reply *reply, unsigned int status,
		      const char *code, const char *text)
{
	json_decref(reply->json);
	reply->status = status;
	reply->json =
		json_pack("{s:{s:s,s:s}}", "error", "code", code, "text", text);
}

void http_reply_store_error(struct http_reply *reply, const char *why)
{
	char text[384];

	snprintf(text, sizeof(text), "It could not be stored: %s.", why);
	http_reply_error(reply, MHD_HTTP_SERVICE_UNAVAILABLE, "store", text);
}
