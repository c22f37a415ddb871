// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/quic.h"
#include "decode/tls.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_frames(struct slice frames)
{
	struct quic_crypto piece;
	struct slice message;
	size_t at = 0, len;
	int more;

	while ((more = quic_next_crypto(frames, &at, &piece)) > 0) {
		check_view(piece.data, frames);
		if (!tls_take_client_hello(piece.data, &message))
			check_view(message, piece.data);
		if (!tls_take_server_hello(piece.data, &message, &len))
			check_view(message, piece.data);
	}
	must(more == 0 || more == ERR_MALFORMED);
}

static void check_packet(struct crypto *crypto,
			 const struct quic_packet *packet, struct slice input)
{
	static uint8_t opened[QUIC_INITIAL_MAX_BYTES];
	struct quic_keys keys;
	struct slice frames;

	check_view(packet->bytes, input);
	check_view(packet->destination_id, packet->bytes);
	check_view(packet->source_id, packet->bytes);
	check_view(packet->versions, packet->bytes);
	if (packet->kind != QUIC_INITIAL)
		return;
	must(packet->number_at <= packet->bytes.len);
	must(!quic_client_keys(crypto, packet->version, packet->destination_id,
			       &keys));
	if (!quic_open_initial(crypto, &keys, packet, opened, &frames))
		check_frames(frames);
}

/* A datagram as it comes, and the frames of one as they were sealed: nobody
 * guesses a tag. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct crypto *crypto;
	struct slice input = slice_of(data, size);
	struct quic_packet packet;
	size_t at = 0;

	if (!crypto)
		crypto = crypto_new();
	must(crypto);
	while (quic_next_packet(input, &at, &packet) > 0)
		check_packet(crypto, &packet, input);
	check_frames(input);
	return 0;
}
