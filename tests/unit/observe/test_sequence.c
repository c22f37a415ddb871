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

/* A direction and what the other end says of it. */
struct talk {
	struct sequence s;
	struct sequence_gaps g;
};

static bool segment(struct talk *t, uint32_t seq, uint32_t bytes)
{
	struct sequence before = t->s;

	(void)sequence_add(&t->s, seq, ACK, bytes);
	return sequence_note_segment(&t->g, &before, seq, ACK, bytes);
}

static void acked(struct talk *t, uint32_t ack)
{
	sequence_note_ack(&t->g, &t->s, ack, ACK);
}

static void what_was_acknowledged_unseen_was_missed(void **state)
{
	struct talk t = { 0 };

	(void)state;
	(void)segment(&t, 1000, 100);
	acked(&t, 1100);
	assert_int_equal(t.g.missed, 0);
	acked(&t, 1500);
	assert_int_equal(t.g.missed, 400);
	/* what follows there is no hole besides */
	(void)segment(&t, 1500, 100);
	acked(&t, 1600);
	acked(&t, 1300);
	acked(&t, 1600);
	assert_int_equal(t.g.missed, 400);
	assert_int_equal(t.g.hole_count, 0);
}

static void a_direction_never_seen_is_missed_from_the_first_ack(void **state)
{
	struct talk t = { 0 };

	(void)state;
	acked(&t, 0xffffff00);
	acked(&t, 0x00000100);
	assert_int_equal(t.g.missed, 512);
	/* a connection anew, wherever its numbers begin */
	sequence_note_ack(&t.g, &t.s, 5000, SYN | ACK);
	acked(&t, 5001);
	assert_int_equal(t.g.missed, 512);
}

static void a_hole_that_closes_is_not_missed(void **state)
{
	struct talk t = { 0 };

	(void)state;
	(void)segment(&t, 1000, 100);
	assert_true(segment(&t, 1300, 100));
	assert_int_equal(t.g.hole_count, 1);
	assert_true(segment(&t, 1150, 50)); /* in its middle */
	assert_int_equal(t.g.hole_count, 2);
	assert_true(segment(&t, 1100, 50));
	assert_true(segment(&t, 1200, 100));
	assert_int_equal(t.g.hole_count, 0);
	acked(&t, 1400);
	assert_int_equal(t.g.missed, 0);
}

static void a_hole_is_missed_once_acknowledged_or_old(void **state)
{
	struct talk t = { 0 };

	(void)state;
	(void)segment(&t, 1000, 100);
	(void)segment(&t, 1300, 100);
	(void)segment(&t, 1500, 100);
	acked(&t, 1400);
	assert_int_equal(t.g.missed, 200);
	sequence_renew_gaps(&t.g);
	assert_int_equal(t.g.missed, 0);
	sequence_renew_gaps(&t.g);
	assert_int_equal(t.g.missed, 100);
	assert_int_equal(t.g.hole_count, 0);
}

static void a_hole_too_many_is_told(void **state)
{
	struct talk t = { 0 };

	(void)state;
	(void)segment(&t, 1000, 100);
	for (uint32_t i = 1; i <= SEQUENCE_HOLES_MAX; i++)
		assert_true(segment(&t, 1000 + 200 * i, 100));
	assert_false(segment(&t, 5000, 100));
	assert_int_equal(t.g.hole_count, SEQUENCE_HOLES_MAX);
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
		cmocka_unit_test(what_was_acknowledged_unseen_was_missed),
		cmocka_unit_test(
			a_direction_never_seen_is_missed_from_the_first_ack),
		cmocka_unit_test(a_hole_that_closes_is_not_missed),
		cmocka_unit_test(a_hole_is_missed_once_acknowledged_or_old),
		cmocka_unit_test(a_hole_too_many_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
