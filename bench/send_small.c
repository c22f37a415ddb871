// SPDX-License-Identifier: GPL-3.0-or-later

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * Small UDP packets at a steady rate. In a simulated network a packet's whole
 * way, through every host, is walked by the processor that sent it; so each
 * processor has a sender, as a network card would give each its part.
 */

/* Packets that one send is cut into by the kernel (udp(7), UDP_SEGMENT). */
#define BURST	    50
#define BYTES_MAX   1200
#define SENDERS_MAX 16
#define NS_PER_S    UINT64_C(1000000000)

struct sender {
	pthread_t thread;
	const struct sockaddr_in *to;
	size_t size;
	uint64_t rate, count; /* packets: a second, and in all */
	uint64_t sent;
	bool failed;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void wait_until(uint64_t at_ns)
{
	struct timespec at = { .tv_sec = (time_t)(at_ns / NS_PER_S),
			       .tv_nsec = (long)(at_ns % NS_PER_S) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) ==
	       EINTR)
		;
}

static int open_socket(const struct sender *s)
{
	int segment = (int)s->size, room = 1 << 22;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment,
		       sizeof(segment)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) ||
	    connect(fd, (const struct sockaddr *)s->to, sizeof(*s->to))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void *send_all(void *user)
{
	struct sender *s = user;
	char bytes[BURST * BYTES_MAX];
	uint64_t began = now_ns();
	int fd = open_socket(s);

	memset(bytes, 'x', sizeof(bytes));
	s->failed = fd < 0;
	while (!s->failed && s->sent < s->count) {
		uint64_t left = s->count - s->sent;
		uint64_t n = left < BURST ? left : BURST;
		ssize_t len = (ssize_t)(n * s->size);

		wait_until(began + s->sent * NS_PER_S / s->rate);
		if (send(fd, bytes, (size_t)len, 0) == len)
			s->sent += n;
		else if (errno != ENOBUFS && errno != ECONNREFUSED)
			s->failed = true;
	}
	if (s->failed)
		perror("send");
	if (fd >= 0)
		close(fd);
	return NULL;
}

/* Packets sent, or 0 on failure. */
static uint64_t run(struct sender *senders, size_t count)
{
	uint64_t sent = 0;
	size_t begun = 0;

	while (begun < count && !pthread_create(&senders[begun].thread, NULL,
						send_all, &senders[begun]))
		begun++;
	for (size_t i = 0; i < begun; i++) {
		pthread_join(senders[i].thread, NULL);
		sent += senders[i].sent;
		if (senders[i].failed)
			return 0;
	}
	return begun == count ? sent : 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct sender senders[SENDERS_MAX] = { 0 };
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t count = processors < 1		  ? 1
		       : processors > SENDERS_MAX ? SENDERS_MAX
						  : (size_t)processors;
	uint64_t began, sent, rate, size, seconds;

	if (argc != 6 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) {
		fprintf(stderr, "usage: %s ADDRESS PORT BYTES RATE SECONDS\n",
			argv[0]);
		return 2;
	}
	to.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	size = strtoull(argv[3], NULL, 10);
	rate = strtoull(argv[4], NULL, 10);
	seconds = strtoull(argv[5], NULL, 10);
	if (!size || size > BYTES_MAX || rate < count) {
		fprintf(stderr, "%s: 1 to %d bytes\n", argv[0], BYTES_MAX);
		return 2;
	}
	for (size_t i = 0; i < count; i++)
		senders[i] = (struct sender){ .to = &to,
					      .size = size,
					      .rate = rate / count,
					      .count = rate / count * seconds };
	began = now_ns();
	sent = run(senders, count);
	printf("%" PRIu64 " %.6f\n", sent,
	       (double)(now_ns() - began) / (double)NS_PER_S);
	return sent ? 0 : 1;
}
