// SPDX-License-Identifier: GPL-3.0-or-later
#include "upload/upload.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "client/client.h"
#include "message/channel.h"
#include "upload/confine.h"

/* The loop looks after a request at least this often. */
#define TURN_MS 1000
/* Messages of one peer taken before the loop turns. */
#define MESSAGES_AT_ONCE 64
/* Of zstd: a batch is small, and the home's computer too. */
#define LEVEL 3

struct upload {
	int keeper, hub; /* -1: not there */
	bool ended;
	struct client *client;
	/* the letter under way */
	int letter; /* -1: none */
	struct message_send send;
	uint8_t *body;
};

/* The hub has one loop; these are too large for its stack. */
static struct message incoming, outgoing;
static struct channel_inbox inbox;

static void drop_letter(struct upload *u)
{
	client_stop(u->client);
	if (u->letter >= 0)
		close(u->letter);
	u->letter = -1;
	free(u->body);
	u->body = NULL;
	explicit_bzero(&u->send, sizeof(u->send));
}

static void tell_hub(struct upload *u, const struct message_sent *sent)
{
	outgoing = (struct message){ .type = MESSAGE_SENT, .fd = -1 };
	outgoing.sent = *sent;
	/* gone, or so far behind that it asks again */
	if (u->hub >= 0)
		(void)!channel_send(u->hub, &outgoing);
}

static void tell_failed(struct upload *u, uint32_t number, const char *why)
{
	struct message_sent sent = { .number = number };

	message_text(sent.why, sizeof(sent.why), why);
	tell_hub(u, &sent);
}

static int read_whole(int fd, uint8_t **out, size_t *len)
{
	struct stat st;
	uint8_t *bytes;
	size_t got = 0;

	if (fstat(fd, &st) || st.st_size < 0)
		return ERR_IO;
	if (st.st_size > UPLOAD_LETTER_MAX)
		return ERR_LIMIT;
	bytes = malloc((size_t)st.st_size + 1);
	if (!bytes)
		return ERR_NOMEM;
	while (got < (size_t)st.st_size) {
		ssize_t n = pread(fd, bytes + got, (size_t)st.st_size - got,
				  (off_t)got);

		if (n <= 0) {
			free(bytes);
			return ERR_IO;
		}
		got += (size_t)n;
	}
	*out = bytes;
	*len = got;
	return 0;
}

static int compress_body(uint8_t **bytes, size_t *len)
{
	size_t most = ZSTD_compressBound(*len), n;
	uint8_t *small = malloc(most);

	if (!small)
		return ERR_NOMEM;
	n = ZSTD_compress(small, most, *bytes, *len, LEVEL);
	if (ZSTD_isError(n)) {
		free(small);
		return ERR_NOMEM;
	}
	free(*bytes);
	*bytes = small;
	*len = n;
	return 0;
}

static int begin(struct upload *u)
{
	const struct message_send *s = &u->send;
	struct client_request request = {
		.post = s->post,
		.url = s->url,
		.user = s->account[0] ? s->account : NULL,
		.password = s->secret,
		.authorities = slice_of(s->pem, s->pem_length),
		.reply_max = (size_t)s->reply_max << (s->long_reply ? 10 : 0),
		.reply_fd = -1,
	};
	size_t len = 0;
	int err = read_whole(u->letter, &u->body, &len);

	if (!err && s->lines)
		err = compress_body(&u->body, &len);
	if (err)
		return err;
	if (s->post) {
		request.body = slice_of(u->body, len);
		request.content_type =
			s->lines ? "application/x-ndjson" : "application/json";
		request.content_encoding = s->lines ? "zstd" : NULL;
	}
	/* what is read in full is written over */
	if (s->long_reply) {
		if (ftruncate(u->letter, 0) ||
		    lseek(u->letter, 0, SEEK_SET) < 0)
			return ERR_IO;
		request.reply_fd = u->letter;
	}
	return client_begin(u->client, &request);
}

static void take_letter(struct upload *u, struct message *m)
{
	int err;

	/* the hub has given up the one under way */
	drop_letter(u);
	u->letter = m->fd;
	u->send = m->send;
	err = begin(u);
	explicit_bzero(m->send.secret, sizeof(m->send.secret));
	if (!err)
		return;
	tell_failed(u, u->send.number,
		    err == ERR_INVALID ? "the address is not one to send to"
				       : err_text(err));
	drop_letter(u);
}

static int write_reply(int fd, struct slice body)
{
	size_t put = 0;

	if (ftruncate(fd, 0))
		return ERR_IO;
	while (put < body.len) {
		ssize_t n =
			pwrite(fd, body.data + put, body.len - put, (off_t)put);

		if (n <= 0)
			return ERR_IO;
		put += (size_t)n;
	}
	return 0;
}

static void look_at_reply(struct upload *u)
{
	struct client_reply reply;
	struct message_sent sent = { .number = u->send.number };

	if (!client_take(u->client, &reply))
		return;
	sent.status = reply.status > 0 && reply.status < 1000
			      ? (uint32_t)reply.status
			      : 0;
	sent.retry_after_s = reply.retry_after_s;
	sent.sent_bytes = reply.sent_bytes;
	sent.length = reply.length;
	message_text(sent.why, sizeof(sent.why), reply.why);
	if (!u->send.long_reply && write_reply(u->letter, reply.body)) {
		sent.status = 0;
		message_text(sent.why, sizeof(sent.why),
			     "the reply could not be handed over");
	}
	drop_letter(u);
	tell_hub(u, &sent);
}

static void take_from_hub(struct upload *u, struct message *m)
{
	if (m->type == MESSAGE_SEND)
		take_letter(u, m);
	else if (m->fd >= 0)
		close(m->fd);
}

static void lose_hub(struct upload *u)
{
	drop_letter(u);
	if (u->hub >= 0)
		close(u->hub);
	u->hub = -1;
}

static void take_from_keeper(struct upload *u, struct message *m)
{
	if (m->type == MESSAGE_STOP)
		u->ended = true;
	if (m->type == MESSAGE_PING)
		/* one that does not get there is asked for again */
		(void)!channel_send_plain(u->keeper, MESSAGE_PONG);
	if (m->type == MESSAGE_PEER && m->peer.process == MESSAGE_HUB) {
		lose_hub(u);
		u->hub = m->fd;
	} else if (m->fd >= 0) {
		close(m->fd);
	}
}

/* Reads one socket; gives ERR_AGAIN, or ERR_CLOSED when it is at its end. */
static int read_from(struct upload *u, int from,
		     void (*take)(struct upload *u, struct message *m))
{
	for (int n = 0; n < MESSAGES_AT_ONCE; n++) {
		int err = channel_receive(from, &inbox, &incoming);

		if (err == ERR_AGAIN)
			return err;
		if (err == ERR_CLOSED || err == ERR_IO)
			return ERR_CLOSED;
		if (!err)
			take(u, &incoming);
	}
	return ERR_AGAIN;
}

static void turn(struct upload *u)
{
	struct pollfd polls[] = { { .fd = u->keeper, .events = POLLIN },
				  { .fd = u->hub, .events = POLLIN } };

	if (client_poll(u->client, polls, 2,
			client_is_busy(u->client) ? TURN_MS : -1) < 0)
		return;
	look_at_reply(u);
	if (polls[1].revents &&
	    read_from(u, u->hub, take_from_hub) == ERR_CLOSED)
		lose_hub(u);
	/* last: it may bring a new hub */
	if (polls[0].revents &&
	    read_from(u, u->keeper, take_from_keeper) == ERR_CLOSED)
		u->ended = true;
}

int upload_run(const struct upload_config *config)
{
	struct upload u = { .keeper = config->keeper_fd,
			    .hub = -1,
			    .letter = -1 };

	if (client_new(&u.client)) {
		fputs("iot-inspector: the TLS library could not be set up\n",
		      stderr);
		return 1;
	}
	if (confine_upload()) {
		fputs("iot-inspector: seccomp is not to be had on this "
		      "system\n",
		      stderr);
		client_free(u.client);
		return 1;
	}
	while (!u.ended)
		turn(&u);
	lose_hub(&u);
	client_free(u.client);
	close(u.keeper);
	return 0;
}
