// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/ring.h"

#include <linux/if_packet.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define RING_BYTES ((size_t)RING_BLOCKS * RING_BLOCK_BYTES)
/* In this version only a divisor of the block; frames are packed. */
#define RING_FRAME_BYTES UINT32_C(8192)

int ring_open(struct ring *r, int fd)
{
	const int version = TPACKET_V3;
	const struct tpacket_req3 request = {
		.tp_block_size = RING_BLOCK_BYTES,
		.tp_block_nr = RING_BLOCKS,
		.tp_frame_size = RING_FRAME_BYTES,
		.tp_frame_nr = RING_BYTES / RING_FRAME_BYTES,
		.tp_retire_blk_tov = RING_BLOCK_MS,
	};
	void *memory;

	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version,
		       sizeof(version)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request,
		       sizeof(request)))
		return ERR_IO;
	memory = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      0);
	if (memory == MAP_FAILED)
		return ERR_IO;
	*r = (struct ring){ .fd = fd, .memory = memory };
	return 0;
}

void ring_close(struct ring *r)
{
	if (r->fd < 0)
		return;
	munmap(r->memory, RING_BYTES);
	close(r->fd);
	*r = (struct ring){ .fd = -1 };
}

static struct tpacket_hdr_v1 *block_header(const struct ring *r)
{
	uint8_t *block = r->memory + (size_t)r->block * RING_BLOCK_BYTES;

	return &((struct tpacket_block_desc *)(void *)block)->hdr.bh1;
}

/* Takes the block that comes next, if the kernel has handed it over. */
static bool take_block(struct ring *r)
{
	struct tpacket_hdr_v1 *header = block_header(r);

	if (!(__atomic_load_n(&header->block_status, __ATOMIC_ACQUIRE) &
	      TP_STATUS_USER))
		return false;
	r->frames_left = header->num_pkts;
	r->at = r->memory + (size_t)r->block * RING_BLOCK_BYTES +
		header->offset_to_first_pkt;
	return true;
}

static void give_block_back(struct ring *r)
{
	__atomic_store_n(&block_header(r)->block_status, TP_STATUS_KERNEL,
			 __ATOMIC_RELEASE);
	r->at = NULL;
	r->block = (r->block + 1) % RING_BLOCKS;
}

int ring_next(struct ring *r, struct ring_frame *out)
{
	const struct tpacket3_hdr *frame;

	if (r->at && !r->frames_left)
		give_block_back(r);
	while (!r->at) {
		if (!take_block(r))
			return 0;
		if (!r->frames_left)
			give_block_back(r);
	}
	frame = (const void *)r->at;
	*out = (struct ring_frame){
		.time_ns =
			frame->tp_sec * UINT64_C(1000000000) + frame->tp_nsec,
		.bytes = slice_of(r->at + frame->tp_mac, frame->tp_snaplen),
		.wire_bytes = frame->tp_len,
	};
	r->at += frame->tp_next_offset;
	r->frames_left--;
	return 1;
}

void ring_count_dropped(struct ring *r)
{
	struct tpacket_stats_v3 stats;
	socklen_t size = sizeof(stats);

	/* the kernel starts anew at each reading */
	if (!getsockopt(r->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size))
		r->dropped += stats.tp_drops;
}

void ring_clear_error(struct ring *r)
{
	int error;
	socklen_t size = sizeof(error);

	(void)!getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &size);
}
