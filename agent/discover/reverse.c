// SPDX-License-Identifier: GPL-3.0-or-later
#include "discover/reverse.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "decode/dns.h"
#include "discover/place.h"

#define DNS_PORT	53
#define CLASS_IN	1
#define RECURSION	0x0100 /* desired: RFC 1035 4.1.1 */
#define QUERY_BYTES	512
#define ANSWER_BYTES	4096
#define ANSWERS_AT_ONCE 64

struct query {
	struct addr address; /* family 0: free */
	uint16_t id;
	unsigned int tries;
	uint64_t sent_ms;
};

struct reverse {
	void (*told)(void *user, const struct addr *address, const char *name);
	void *user;
	int fd; /* connected to the resolver; -1 */
	struct addr resolver;
	uint32_t index; /* of the interface that it is behind */
	struct query queries[REVERSE_WAITING_MAX];
};

int reverse_new(struct reverse **out,
		void (*told)(void *user, const struct addr *address,
			     const char *name),
		void *user)
{
	struct reverse *r = calloc(1, sizeof(*r));

	if (!r)
		return ERR_NOMEM;
	r->told = told;
	r->user = user;
	r->fd = -1;
	*out = r;
	return 0;
}

void reverse_free(struct reverse *r)
{
	if (r && r->fd >= 0)
		close(r->fd);
	free(r);
}

/* The query's entry is free before it is told: what is told may ask anew. */
static void tell(struct reverse *r, struct query *query, const char *name)
{
	struct addr address = query->address;

	query->address.family = 0;
	r->told(r->user, &address, name);
}

/* "4.3.2.1.in-addr.arpa", or 32 nibbles and ip6.arpa. */
static void arpa_name(const struct addr *address, struct buf *out)
{
	if (address->family == 4) {
		for (size_t i = 4; i-- > 0;)
			buf_printf(out, "%u.", address->b[i]);
		buf_puts(out, "in-addr.arpa");
		return;
	}
	for (size_t i = 16; i-- > 0;)
		buf_printf(out, "%x.%x.", address->b[i] & 15,
			   address->b[i] >> 4);
	buf_puts(out, "ip6.arpa");
}

/* Labels with their lengths before them (RFC 1035 3.1). */
static void put_labels(struct buf *out, const char *name)
{
	while (*name) {
		size_t len = strcspn(name, ".");

		buf_u8(out, (uint8_t)len);
		buf_append(out, name, len);
		name += len + (name[len] == '.');
	}
	buf_u8(out, 0);
}

static void send_query(struct reverse *r, const struct query *query)
{
	struct buf name, packet;

	buf_init(&name, QUERY_BYTES);
	buf_init(&packet, QUERY_BYTES);
	arpa_name(&query->address, &name);
	buf_u16(&packet, query->id);
	buf_u16(&packet, RECURSION);
	buf_u16(&packet, 1); /* question */
	buf_u16(&packet, 0);
	buf_u32(&packet, 0);
	put_labels(&packet, buf_text(&name));
	buf_u16(&packet, DNS_TYPE_PTR);
	buf_u16(&packet, CLASS_IN);
	/* what is lost on the way is asked again */
	if (!buf_check(&packet) && !buf_check(&name))
		(void)!send(r->fd, packet.data, packet.len, MSG_DONTWAIT);
	buf_done(&name);
	buf_done(&packet);
}

/* Another resolver: those before it are not waited for any more. */
static int use_resolver(struct reverse *r, const struct message_ask_name *ask)
{
	const struct addr *resolver = &ask->resolver;
	struct place to = place_of(resolver, ask->index, DNS_PORT);
	int fd;

	if (r->fd >= 0 && addr_equal(&r->resolver, resolver) &&
	    r->index == ask->index)
		return 0;
	if (!resolver->family || addr_is_multicast(resolver) ||
	    (!addr_is_private(resolver) &&
	     !cidr_contains(&ask->network, resolver)))
		return ERR_INVALID;
	for (size_t i = 0; i < REVERSE_WAITING_MAX; i++)
		if (r->queries[i].address.family)
			tell(r, &r->queries[i], "");
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	if (fd < 0)
		return ERR_IO;
	/* then the kernel takes answers from it alone */
	if (connect(fd, &to.any, to.len)) {
		close(fd);
		return ERR_IO;
	}
	r->fd = fd;
	r->resolver = *resolver;
	r->index = ask->index;
	return 0;
}

static struct query *free_query(struct reverse *r)
{
	for (size_t i = 0; i < REVERSE_WAITING_MAX; i++)
		if (!r->queries[i].address.family)
			return &r->queries[i];
	return NULL;
}

void reverse_ask(struct reverse *r, const struct message_ask_name *ask,
		 uint64_t now_ms)
{
	const struct addr *address = &ask->address;
	struct query query = { .address = *address,
			       .tries = 1,
			       .sent_ms = now_ms };
	struct query *place;

	if (addr_is_private(address) || !address->family ||
	    use_resolver(r, ask) || !(place = free_query(r)) ||
	    getrandom(&query.id, sizeof(query.id), 0) != sizeof(query.id)) {
		r->told(r->user, address, "");
		return;
	}
	*place = query;
	send_query(r, place);
}

void reverse_poll(const struct reverse *r, uint64_t now_ms, struct pollfd *out,
		  int *timeout_ms)
{
	uint64_t first = UINT64_MAX;

	*out = (struct pollfd){ .fd = r->fd, .events = POLLIN };
	*timeout_ms = -1;
	for (size_t i = 0; i < REVERSE_WAITING_MAX; i++) {
		uint64_t due = r->queries[i].sent_ms + REVERSE_WAIT_MS;

		if (r->queries[i].address.family && due < first)
			first = due;
	}
	if (first != UINT64_MAX)
		*timeout_ms = first > now_ms ? (int)(first - now_ms) : 0;
}

/* A host's name as this project has them: lower case, no final dot. Anything
 * else that somebody put there is none. */
static bool take_name(const char *text, char out[MESSAGE_HOST_NAME_MAX])
{
	size_t len = strlen(text);

	if (!len || len >= MESSAGE_HOST_NAME_MAX || !strchr(text, '.'))
		return false;
	for (size_t i = 0; i <= len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c && !isalnum(c) && !strchr("-_.", c))
			return false;
		out[i] = (char)tolower(c);
	}
	return true;
}

/* Whether the message has the query's question, and nothing else asked. */
static bool is_about(const struct dns_message *m, const struct query *query)
{
	char asked[DNS_NAME_TEXT_BYTES];
	struct dns_question question;
	struct dns_walk walk;
	struct buf name;
	bool same;

	dns_walk_init(&walk, m);
	if (m->counts[0] != 1 || dns_next_question(&walk, &question) != 1 ||
	    question.type != DNS_TYPE_PTR || question.class != CLASS_IN ||
	    dns_name_text(m, question.name_at, asked))
		return false;
	buf_init(&name, QUERY_BYTES);
	arpa_name(&query->address, &name);
	same = !strcasecmp(asked, buf_text(&name));
	buf_done(&name);
	return same;
}

/* The first name that it gives, also through an alias (RFC 2317). */
static void find_name(const struct dns_message *m,
		      char out[MESSAGE_HOST_NAME_MAX])
{
	char text[DNS_NAME_TEXT_BYTES];
	struct dns_record record;
	struct dns_walk walk;

	out[0] = '\0';
	dns_walk_init(&walk, m);
	while (dns_next_record(&walk, &record) == 1)
		if (record.section == DNS_SECTION_ANSWER &&
		    record.type == DNS_TYPE_PTR && record.class == CLASS_IN &&
		    !dns_name_text(m, record.data_at, text) &&
		    take_name(text, out))
			return;
	out[0] = '\0';
}

static void take_answer(struct reverse *r, struct slice bytes)
{
	char name[MESSAGE_HOST_NAME_MAX];
	struct dns_message m;

	if (dns_decode(bytes, &m) || !m.response)
		return;
	for (size_t i = 0; i < REVERSE_WAITING_MAX; i++) {
		struct query *query = &r->queries[i];

		if (!query->address.family || query->id != m.id ||
		    !is_about(&m, query))
			continue;
		find_name(&m, name);
		tell(r, query, m.rcode ? "" : name);
		return;
	}
}

void reverse_run(struct reverse *r, uint64_t now_ms)
{
	uint8_t bytes[ANSWER_BYTES];
	ssize_t n;

	for (size_t i = 0; r->fd >= 0 && i < ANSWERS_AT_ONCE; i++) {
		n = recv(r->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n < 0)
			break;
		take_answer(r, slice_of(bytes, (size_t)n));
	}
	for (size_t i = 0; i < REVERSE_WAITING_MAX; i++) {
		struct query *query = &r->queries[i];

		if (!query->address.family ||
		    now_ms < query->sent_ms + REVERSE_WAIT_MS)
			continue;
		if (query->tries == REVERSE_TRIES) {
			tell(r, query, "");
			continue;
		}
		query->tries++;
		query->sent_ms = now_ms;
		send_query(r, query);
	}
}
