// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/client.h"

/* A server on the loopback that answers one connection with these bytes. */
struct server {
	int listener;
	char url[64];
	const char *reply;
	char request[4096];
	pthread_t thread;
};

static void *serve(void *user)
{
	struct server *s = user;
	int fd = accept(s->listener, NULL, NULL);
	size_t got = 0;
	ssize_t n;

	while (fd >= 0 && got + 1 < sizeof(s->request) &&
	       (n = read(fd, s->request + got, sizeof(s->request) - 1 - got)) >
		       0) {
		got += (size_t)n;
		s->request[got] = '\0';
		if (strstr(s->request, "\r\n\r\n"))
			break;
	}
	if (fd >= 0) {
		(void)!write(fd, s->reply, strlen(s->reply));
		close(fd);
	}
	return NULL;
}

static void listen_at(struct server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(s->listener, 1), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &len),
			 0);
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u/v1/upload",
		 ntohs(at.sin_port));
}

static void start(struct server *s, const char *reply)
{
	*s = (struct server){ .reply = reply };
	listen_at(s);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void stop(struct server *s)
{
	pthread_join(s->thread, NULL);
	close(s->listener);
}

static struct client_request request_of(const struct server *s)
{
	return (struct client_request){ .post = true,
					.url = s->url,
					.user = "ab",
					.password = "cd",
					.content_type = "application/json",
					.body = slice_text("{}"),
					.reply_max = 100,
					.reply_fd = -1 };
}

static void a_request_gets_its_reply(void **state)
{
	struct client_request r;
	struct client_reply reply;
	struct client *c;
	struct server s;

	(void)state;
	start(&s, "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n"
		  "Content-Length: 2\r\n\r\nno");
	r = request_of(&s);
	assert_int_equal(client_new(&c), 0);
	assert_int_equal(client_run(c, &r, &reply), 0);
	stop(&s);
	assert_int_equal(reply.status, 503);
	assert_int_equal(reply.retry_after_s, 7);
	assert_int_equal(reply.sent_bytes, 2);
	assert_true(slice_equal(reply.body, slice_text("no")));
	assert_non_null(strstr(s.request, "Authorization: Basic YWI6Y2Q=\r\n"));
	assert_non_null(strstr(s.request, "Content-Type: application/json"));
	assert_null(strstr(s.request, "Expect"));
	client_free(c);
}

static void a_redirect_is_not_followed(void **state)
{
	struct client_request r;
	struct client_reply reply;
	struct client *c;
	struct server s;

	(void)state;
	start(&s, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
		  "Content-Length: 0\r\n\r\n");
	r = request_of(&s);
	assert_int_equal(client_new(&c), 0);
	assert_int_equal(client_run(c, &r, &reply), 0);
	stop(&s);
	assert_int_equal(reply.status, 302);
	client_free(c);
}

static void a_reply_that_is_too_long_fails_with_a_reason(void **state)
{
	struct client_request r;
	struct client_reply reply;
	struct client *c;
	struct server s;

	(void)state;
	start(&s, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789");
	r = request_of(&s);
	r.reply_max = 9;
	assert_int_equal(client_new(&c), 0);
	assert_int_equal(client_run(c, &r, &reply), 0);
	stop(&s);
	assert_int_equal(reply.status, 0);
	assert_string_equal(reply.why, "the reply is longer than 9 bytes");
	client_free(c);
}

static void nobody_there_is_said_in_a_line(void **state)
{
	struct client_request r = { .url = "https://127.0.0.1:1/",
				    .reply_max = 10,
				    .reply_fd = -1 };
	struct client_reply reply;
	struct client *c;

	(void)state;
	assert_int_equal(client_new(&c), 0);
	assert_int_equal(client_run(c, &r, &reply), 0);
	assert_int_equal(reply.status, 0);
	assert_non_null(strstr(reply.why, "onnect"));
	client_free(c);
}

/* A server that keeps its connections, and says over which a request came. */
struct keeper {
	struct server base;
	size_t requests; /* that it serves */
};

static void answer(int fd, size_t number)
{
	char text[128];
	size_t got = 0;
	ssize_t n;

	while ((n = read(fd, text + got, 1)) == 1) {
		/* of a head the end alone counts */
		got = text[got] == "\r\n\r\n"[got] ? got + 1 : 0;
		if (got == 4)
			break;
	}
	if (n != 1)
		return;
	snprintf(text, sizeof(text),
		 "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%zu", number);
	(void)!write(fd, text, strlen(text));
}

static void *keep(void *user)
{
	struct keeper *k = user;
	struct pollfd polls[8] = { { .fd = k->base.listener,
				     .events = POLLIN } };
	size_t count = 1, served = 0;

	while (served < k->requests && poll(polls, count, 10000) > 0) {
		for (size_t i = 1; i < count; i++) {
			char c;

			if (!polls[i].revents)
				continue;
			if (recv(polls[i].fd, &c, 1, MSG_PEEK) == 1) {
				answer(polls[i].fd, i);
				served++;
			} else {
				polls[i].events = 0;
				polls[i].fd = -1 - polls[i].fd;
			}
		}
		if (polls[0].revents && count < 8) {
			polls[count].fd = accept(polls[0].fd, NULL, NULL);
			polls[count++].events = POLLIN;
		}
	}
	for (size_t i = 1; i < count; i++)
		close(polls[i].fd < 0 ? -1 - polls[i].fd : polls[i].fd);
	return NULL;
}

static void users_share_no_connection(void **state)
{
	static const struct {
		const char *user, *connection;
	} asked[] = { { "one", "1" }, { "one", "1" }, { "two", "2" },
		      { "two", "2" }, { NULL, "3" },  { NULL, "3" },
		      { "two", "4" }, { "two", "4" }, { "one", "5" },
		      { "one", "5" } };
	const size_t count = sizeof(asked) / sizeof(asked[0]);
	struct keeper k = { .requests = count };
	struct client_reply reply;
	struct client *c;

	(void)state;
	listen_at(&k.base);
	assert_int_equal(pthread_create(&k.base.thread, NULL, keep, &k), 0);
	assert_int_equal(client_new(&c), 0);
	for (size_t i = 0; i < count; i++) {
		struct client_request r = { .url = k.base.url,
					    .user = asked[i].user,
					    .password =
						    asked[i].user ? "x" : NULL,
					    .reply_max = 10,
					    .reply_fd = -1 };

		assert_int_equal(client_run(c, &r, &reply), 0);
		assert_int_equal(reply.status, 200);
		assert_true(slice_equal(reply.body,
					slice_text(asked[i].connection)));
	}
	client_free(c);
	stop(&k.base);
}

static void only_https_goes_beyond_this_computer(void **state)
{
	static const char *const good[] = {
		"https://c.example", "https://c.example:8443/x",
		"http://127.0.0.1:80/", "http://[::1]:80/", "http://localhost/"
	};
	static const char *const bad[] = { "http://c.example",
					   "c.example",
					   "",
					   "ftp://127.0.0.1/",
					   "https://u@c.example/",
					   "https://c.example/?a=b",
					   "https://c.example/#a",
					   "http://192.168.1.1/",
					   "http://127.0.0.1.c.example/" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(client_url_is_good(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(client_url_is_good(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_gets_its_reply),
		cmocka_unit_test(a_redirect_is_not_followed),
		cmocka_unit_test(a_reply_that_is_too_long_fails_with_a_reason),
		cmocka_unit_test(nobody_there_is_said_in_a_line),
		cmocka_unit_test(users_share_no_connection),
		cmocka_unit_test(only_https_goes_beyond_this_computer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
