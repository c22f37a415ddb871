// SPDX-License-Identifier: GPL-3.0-or-later

#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

/* The least that a reader of captures can do: what the others are held to. */

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const unsigned char *bytes;
	uint64_t frames = 0, total = 0;
	pcap_t *file;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FILE\n", argv[0]);
		return 2;
	}
	file = pcap_open_offline(argv[1], error);
	if (!file) {
		fprintf(stderr, "could not open \"%s\": %s\n", argv[1], error);
		return 1;
	}
	while (pcap_next_ex(file, &header, &bytes) == 1) {
		frames++;
		total += header->len;
	}
	pcap_close(file);
	printf("%" PRIu64 " frames, %" PRIu64 " bytes\n", frames, total);
	return 0;
}
