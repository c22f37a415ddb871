// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/http.h"

#include "bytes.h"

static const char request[] = "GET /firmware?id=7 HTTP/1.1\r\n"
			      "Accept: */*\r\n"
			      "HOST: \t updates.example.com:8080 \r\n"
			      "user-agent:TV/1.0 (a b)\r\n"
			      "Host: other.example.com\r\n"
			      "\r\n"
			      "body";

static int decode(const char *text, struct http_request *out)
{
	static struct slice bytes;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_text(text);
	return http_decode_request(bytes, out);
}

static void a_head_gives_method_host_and_user_agent(void **state)
{
	struct http_request r;

	(void)state;
	assert_int_equal(decode(request, &r), 0);
	assert_view(r.method, "GET");
	assert_view(r.host, "updates.example.com:8080");
	assert_view(r.user_agent, "TV/1.0 (a b)");
	assert_int_equal(r.head_bytes, strlen(request) - strlen("body"));
}

static void what_is_not_there_is_absent(void **state)
{
	struct http_request r;

	(void)state;
	assert_int_equal(decode("POST / HTTP/1.0\n\n", &r), 0);
	assert_view(r.method, "POST");
	assert_absent(r.host);
	assert_absent(r.user_agent);
	assert_int_equal(decode("HEAD / HTTP/1.0\r\nHost:\r\n\r\n", &r), 0);
	assert_view(r.host, "");
}

static void every_kind_of_request_line_is_taken(void **state)
{
	static const struct {
		const char *line, *method;
	} cases[] = {
		{ "CONNECT mail.example.com:25 HTTP/1.1", "CONNECT" },
		{ "OPTIONS * HTTP/1.1", "OPTIONS" },
		{ "SUBSCRIBE /event HTTP/1.1", "SUBSCRIBE" },
		{ "VERSION-CONTROL /a HTTP/1.1", "VERSION-CONTROL" },
		{ "GET /with space HTTP/1.1", "GET" },
		{ "GET /\303\251 HTTP/1.1 ", "GET" },
		{ "\r\nPUT /a HTTP/1.1", "PUT" },
		{ "\nPUT /a HTTP/1.1", "PUT" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_request r;
		char text[128];

		snprintf(text, sizeof(text), "%s\r\nHost: a\r\n\r\n",
			 cases[i].line);
		assert_int_equal(decode(text, &r), 0);
		assert_view(r.method, cases[i].method);
		assert_view(r.host, "a");
		assert_int_equal(r.head_bytes, strlen(text));
	}
}

static void other_protocols_are_not_http(void **state)
{
	static const char *const texts[] = {
		"HTTP/1.1 200 OK\r\n\r\n",
		"get / HTTP/1.1\r\n\r\n",
		"GETS / HTTP/1.1\r\n\r\n",
		"GET /\r\n",
		"GET / HTTP/2.0\r\n\r\n",
		"GET /HTTP/1.1\r\n\r\n",
		"OPTIONS sip:a@example.com SIP/2.0\r\n\r\n",
		"DESCRIBE rtsp://a RTSP/3.0\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"GET \001\002",
		"\r\rGET / HTTP/1.1\r\n\r\n",
		"\x16\x03\x01",
		"USER alice\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct http_request r;

		assert_int_equal(decode(texts[i], &r), ERR_MALFORMED);
	}
}

static void rtsp_is_known_from_http(void **state)
{
	struct http_request r;

	(void)state;
	assert_int_equal(decode("DESCRIBE rtsp://a/1 RTSP/1.0\r\n"
				"CSeq: 1\r\n\r\n",
				&r),
			 0);
	assert_true(r.rtsp);
	assert_false(r.credentials);
	assert_int_equal(decode("OPTIONS * HTTP/1.1\r\n\r\n", &r), 0);
	assert_false(r.rtsp);
}

static void credentials_in_clear_are_seen_wherever_they_stand(void **state)
{
	static const struct {
		const char *head;
		bool credentials;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nAuthorization: Basic YTpi\r\n\r\n", true },
		{ "GET / HTTP/1.1\r\nproxy-authorization: basic YTpi\r\n\r\n",
		  true },
		{ "GET / HTTP/1.1\r\nAuthorization: Digest a=b\r\n\r\n",
		  false },
		{ "GET http://a:b@c/ HTTP/1.1\r\n\r\n", false },
		{ "SETUP rtsp://a:b@c/ RTSP/1.0\r\n\r\n", true },
		{ "SETUP rtsp://c/a@b RTSP/1.0\r\n\r\n", false },
		{ "PLAY rtsp://c RTSP/1.0\r\nAuthorization: Basic YQ==\r\n"
		  "\r\n",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_request r;

		assert_int_equal(decode(cases[i].head, &r), 0);
		assert_int_equal(r.credentials, cases[i].credentials);
	}
}

static void a_stream_may_begin_with_an_empty_line(void **state)
{
	static const char *const texts[] = { "", "\r", "\r\n", "\n", "\nG" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct http_request r;

		assert_int_equal(decode(texts[i], &r), ERR_AGAIN);
	}
}

static void no_prefix_of_a_head_is_a_request(void **state)
{
	size_t head = strlen(request) - strlen("body");

	(void)state;
	for (size_t n = 0; n < head; n++) {
		struct slice cut = bytes_copy(request, n);
		struct http_request r;

		assert_int_equal(http_decode_request(cut, &r), ERR_AGAIN);
		bytes_free(cut);
	}
}

static void a_head_without_end_is_given_up_at_the_limit(void **state)
{
	static const char start[] = "GET / HTTP/1.1\r\nX: ";
	struct slice bytes;
	struct http_request r;
	static char text[HTTP_HEAD_MAX_BYTES + 8];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, start, sizeof(start) - 1);
	bytes = bytes_copy(text, HTTP_HEAD_MAX_BYTES - 1);
	assert_int_equal(http_decode_request(bytes, &r), ERR_AGAIN);
	bytes_free(bytes);
	/* an end behind the limit comes too late */
	memcpy(text + sizeof(text) - 4, "\r\n\r\n", 4);
	bytes = bytes_copy(text, sizeof(text));
	assert_int_equal(http_decode_request(bytes, &r), ERR_LIMIT);
	bytes_free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_gives_method_host_and_user_agent),
		cmocka_unit_test(what_is_not_there_is_absent),
		cmocka_unit_test(every_kind_of_request_line_is_taken),
		cmocka_unit_test(other_protocols_are_not_http),
		cmocka_unit_test(rtsp_is_known_from_http),
		cmocka_unit_test(
			credentials_in_clear_are_seen_wherever_they_stand),
		cmocka_unit_test(a_stream_may_begin_with_an_empty_line),
		cmocka_unit_test(no_prefix_of_a_head_is_a_request),
		cmocka_unit_test(a_head_without_end_is_given_up_at_the_limit),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
