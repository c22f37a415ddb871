// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/*
 * A plain model of the table: what is there is what the array says. Keys are
 * few, so that they meet again, and slots few, so that probes run into each
 * other and round the end.
 */
enum {
	KEYS = 300,
	STEPS = 200000,
	MAX = 100
};

struct key {
	uint8_t bytes[13]; /* not a multiple of anything */
};

struct value {
	uint64_t number;
	uint8_t more[5];
};

struct model {
	bool there[KEYS];
	uint64_t number[KEYS];
	struct value *at[KEYS];
	uint32_t count;
};

static struct key key_of(uint32_t n)
{
	struct key key = { { 0 } };

	memcpy(key.bytes + 9, &n, sizeof(n));
	return key;
}

/* A generator of our own, so that a failure repeats. */
static uint32_t next_random(uint64_t *s)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*s >> 33);
}

static void add(struct table *t, struct model *m, uint32_t n, uint64_t number)
{
	struct key key = key_of(n);
	bool fresh = false;
	struct value *v = table_get(t, &key, &fresh);

	if (!m->there[n] && m->count == MAX) {
		assert_null(v);
		return;
	}
	assert_non_null(v);
	assert_int_equal(fresh, !m->there[n]);
	if (fresh) {
		assert_true(v->number == 0 && v->more[4] == 0);
		m->count++;
		m->at[n] = v;
	}
	/* values never move while they live */
	assert_ptr_equal(v, m->at[n]);
	v->number = number;
	v->more[4] = 1;
	m->there[n] = true;
	m->number[n] = number;
}

static void take(struct table *t, struct model *m, uint32_t n)
{
	struct key key = key_of(n);

	assert_int_equal(table_remove(t, &key), m->there[n]);
	m->count -= m->there[n];
	m->there[n] = false;
}

static void assert_alike(const struct table *t, const struct model *m)
{
	uint32_t at = 0, met = 0, hash;
	const void *key;
	struct value *v;

	assert_int_equal(t->count, m->count);
	for (uint32_t n = 0; n < KEYS; n++) {
		struct key k = key_of(n);

		v = table_find(t, &k);
		assert_int_equal(v != NULL, m->there[n]);
		if (v)
			assert_true(v == m->at[n] && v->number == m->number[n]);
		hash = table_expect(t, &k);
		table_approach(t, hash);
		assert_ptr_equal(table_find_hashed(t, &k, hash), v);
	}
	while ((v = table_next(t, &at, &key))) {
		uint32_t n;

		memcpy(&n, ((const struct key *)key)->bytes + 9, sizeof(n));
		assert_true(n < KEYS && m->there[n] && v == m->at[n]);
		met++;
	}
	assert_int_equal(met, m->count);
}

static void it_does_what_a_plain_model_does(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		static struct model m;
		struct table t;
		uint64_t random = seed;

		memset(&m, 0, sizeof(m));
		table_init(&t, sizeof(struct key), sizeof(struct value), MAX,
			   seed);
		for (int step = 0; step < STEPS; step++) {
			uint32_t n = next_random(&random) % KEYS;

			/* it fills for a while, then empties for a while */
			if (next_random(&random) % 16 <
			    (step / 1000 % 2 ? 5u : 11u))
				add(&t, &m, n, random);
			else
				take(&t, &m, n);
			if (step % 500 == 0)
				assert_alike(&t, &m);
		}
		assert_alike(&t, &m);
		table_done(&t);
	}
}

static void clearing_empties_it_and_it_fills_again(void **state)
{
	static struct model m;
	struct table t;

	(void)state;
	table_init(&t, sizeof(struct key), sizeof(struct value), MAX, 7);
	table_clear(&t);
	for (int round = 0; round < 3; round++) {
		memset(&m, 0, sizeof(m));
		for (uint32_t n = 0; n < MAX; n++)
			add(&t, &m, n, n);
		for (uint32_t n = 0; n < MAX; n += 3)
			take(&t, &m, n);
		assert_alike(&t, &m);
		table_clear(&t);
		memset(&m, 0, sizeof(m));
		assert_alike(&t, &m);
	}
	table_done(&t);
}

static void an_empty_table_has_nothing_and_no_memory(void **state)
{
	struct key key = key_of(1);
	struct table t;
	uint32_t at = 0;

	(void)state;
	table_init(&t, sizeof(struct key), sizeof(struct value), MAX, 7);
	assert_null(table_find(&t, &key));
	assert_false(table_remove(&t, &key));
	assert_null(table_next(&t, &at, NULL));
	assert_null(t.slots);
	table_done(&t);
}

static void the_entry_just_met_may_be_removed_in_a_walk(void **state)
{
	static struct model m;
	struct table t;
	uint32_t at = 0, met = 0;
	const void *key;

	(void)state;
	memset(&m, 0, sizeof(m));
	table_init(&t, sizeof(struct key), sizeof(struct value), MAX, 7);
	for (uint32_t n = 0; n < MAX; n++)
		add(&t, &m, n, n);
	while (table_next(&t, &at, &key)) {
		struct key copy = *(const struct key *)key;

		assert_true(table_remove(&t, &copy));
		met++;
	}
	assert_int_equal(met, MAX);
	assert_int_equal(t.count, 0);
	table_done(&t);
}

static void a_walk_goes_in_order_of_insertion(void **state)
{
	static struct model m;
	struct table t;
	uint32_t at = 0;

	(void)state;
	memset(&m, 0, sizeof(m));
	table_init(&t, sizeof(struct key), sizeof(struct value), MAX, 7);
	for (uint32_t n = MAX; n > 0; n--)
		add(&t, &m, n, n);
	for (uint32_t n = MAX; n > 0; n--) {
		struct value *v = table_next(&t, &at, NULL);

		assert_non_null(v);
		assert_true(v->number == n);
	}
	table_done(&t);
}

static void another_seed_makes_another_order_of_slots(void **state)
{
	uint64_t one, other;
	unsigned same = 0;

	(void)state;
	for (uint32_t n = 0; n < 256; n++) {
		struct key key = key_of(n);

		one = table_hash(1, &key, sizeof(key));
		other = table_hash(2, &key, sizeof(key));
		same += (one & 0xff) == (other & 0xff);
		assert_true(one == table_hash(1, &key, sizeof(key)));
	}
	/* one in 256 by chance */
	assert_true(same < 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_does_what_a_plain_model_does),
		cmocka_unit_test(clearing_empties_it_and_it_fills_again),
		cmocka_unit_test(an_empty_table_has_nothing_and_no_memory),
		cmocka_unit_test(the_entry_just_met_may_be_removed_in_a_walk),
		cmocka_unit_test(a_walk_goes_in_order_of_insertion),
		cmocka_unit_test(another_seed_makes_another_order_of_slots),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
