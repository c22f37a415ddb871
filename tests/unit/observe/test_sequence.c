// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/sequence.h"

enum {
	SYN = 0x02,
	RST = 0x04,
	ACK = 0x10
};

struct step {
	uint32_t seq;
	uint8_t flags;
	uint32_t len;
	uint32_t adds;
};

static void run(const struct step *steps, size_t count)
{
	struct sequence s = { 0 };

	for (size_t i = 0; i < count; i++) {
		uint32_t added = sequence_add(&s, steps[i].seq, steps[i].flags,
					      steps[i].len);

		if (added != steps[i].adds)
			fail_msg("step %zu: %u, not %u", i, added,
				 steps[i].adds);
	}
}

#define RUN(...)                                                    \
	do {                                                        \
		static const struct step steps[] = { __VA_ARGS__ }; \
		run(steps, sizeof(steps) / sizeof(*steps));         \
	} while (0)

static void segments_in_order_add_their_length(void **state)
{
	(void)state;
	RUN({ 100, SYN, 0, 0 }, { 101, ACK, 10, 10 }, { 111, ACK, 20, 20 },
	    { 131, ACK, 0, 0 });
}

static void a_retransmission_adds_nothing(void **state)
{
	(void)state;
	RUN({ 100, SYN, 0, 0 }, { 101, ACK, 10, 10 }, { 101, ACK, 10, 0 },
	    { 105, ACK, 10, 4 }, { 100, SYN, 0, 0 });
}

static void the_numbers_wrap(void **state)
{
	(void)state;
	RUN({ UINT32_MAX - 4, SYN, 0, 0 }, { UINT32_MAX - 3, ACK, 10, 10 },
	    { 6, ACK, 5, 5 }, { UINT32_MAX - 3, ACK, 10, 0 },
	    { 11, ACK, 1, 1 });
}

static void what_the_capture_missed_counts(void **state)
{
	(void)state;
	RUN({ 100, SYN, 0, 0 }, { 101, ACK, 10, 10 }, { 1111, ACK, 10, 1010 },
	    { 111, ACK, 500, 0 });
	/* an empty acknowledgement shows how far its sender has come, too */
	RUN({ 100, SYN, 0, 0 }, { 101, ACK, 10, 10 }, { 611, ACK, 0, 500 });
}

static void segments_out_of_order_count_once(void **state)
{
	(void)state;
	RUN({ 100, SYN, 0, 0 }, { 121, ACK, 10, 30 }, { 101, ACK, 10, 0 },
	    { 111, ACK, 10, 0 });
	/* before the first one seen, when the beginning was missed */
	RUN({ 500, ACK, 100, 100 }, { 400, ACK, 100, 100 },
	    { 400, ACK, 100, 0 });
}

static void keep_alives_add_nothing(void **state)
{
	(void)state;
	/* RFC 9293 3.8.4: one number back, with or without a byte */
	RUN({ 100, SYN, 0, 0 }, { 101, ACK, 10, 10 }, { 110, ACK, 0, 0 },
	    { 110, ACK, 1, 0 });
}

static void a_reset_adds_nothing_whatever_its_number(void **state)
{
	(void)state;
	RUN({ 100, SYN, 0, 0 }, { 101, ACK, 10, 10 }, { 90000, RST, 0, 0 },
	    { 0, RST | ACK, 100, 0 }, { 111, ACK, 1, 1 });
}

static void data_in_a_syn_counts(void **state)
{
	(void)state;
	RUN({ 100, SYN, 50, 50 }, { 101, ACK, 50, 0 }, { 151, ACK, 1, 1 });
}

static void another_connection_starts_anew(void **state)
{
	(void)state;
	RUN({ 100, SYN, 0, 0 }, { 101, ACK, 10, 10 }, { 70000, SYN, 0, 0 },
	    { 70001, ACK, 10, 10 });
	/* without its SYN: no window reaches so far */
	RUN({ 100, SYN, 0, 0 }, { 101, ACK, 10, 10 },
	    { 0x80000000, ACK, 10, 10 }, { 0x8000000a, ACK, 10, 10 });
}

static void more_than_the_numbers_hold_is_counted(void **state)
{
	struct sequence s = { 0 };
	uint64_t total = 0;

	(void)state;
	(void)sequence_add(&s, 0, SYN, 0);
	for (uint64_t at = 0; at < UINT64_C(10) << 30; at += 1 << 20) {
		total += sequence_add(&s, (uint32_t)(at + 1), ACK, 1 << 20);
		/* again, a hundred megabytes later */
		if (at > 100 << 20)
			total += sequence_add(&s,
					      (uint32_t)(at + 1 - (100 << 20)),
					      ACK, 1 << 20);
	}
	assert_int_equal(total, UINT64_C(10) << 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_in_order_add_their_length),
		cmocka_unit_test(a_retransmission_adds_nothing),
		cmocka_unit_test(the_numbers_wrap),
		cmocka_unit_test(what_the_capture_missed_counts),
		cmocka_unit_test(segments_out_of_order_count_once),
		cmocka_unit_test(keep_alives_add_nothing),
		cmocka_unit_test(a_reset_adds_nothing_whatever_its_number),
		cmocka_unit_test(data_in_a_syn_counts),
		cmocka_unit_test(another_connection_starts_anew),
		cmocka_unit_test(more_than_the_numbers_hold_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
