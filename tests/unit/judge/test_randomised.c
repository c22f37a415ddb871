// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "judge/randomised.h"

static const struct mac made_up = { { 0xda, 0xa1, 0x19, 0x10, 0, 7 } };
static const struct mac another = { { 0x3a, 0x22, 0x01, 0x10, 0, 8 } };
static const struct mac assigned = { { 0x00, 0x17, 0x88, 0x10, 0, 3 } };
static const struct mac assigned_too = { { 0xd0, 0x37, 0x45, 0x10, 0, 4 } };

struct one {
	struct evidence_set set;
	struct identity identity;
	struct randomised_device device;
};

static void make(struct one *o, const struct mac *mac, uint64_t first_ms,
		 uint64_t last_ms, const char *service, const char *host)
{
	evidence_init(&o->set, NULL);
	evidence_add_mac(&o->set, mac);
	evidence_add(&o->set, RECORD_CLUE_MDNS_SERVICE, slice_text(service));
	evidence_add(&o->set, RECORD_CLUE_DHCP_HOSTNAME, slice_text(host));
	identity_judge(&o->set, &o->identity);
	o->device = (struct randomised_device){
		.mac = *mac,
		.evidence = &o->set,
		.identity = &o->identity,
		.first_ms = first_ms,
		.last_ms = last_ms,
	};
}

static struct randomised_match compare(struct one *a, struct one *b)
{
	struct randomised_match found;

	randomised_compare(&a->device, &b->device, &found);
	evidence_done(&a->set);
	evidence_done(&b->set);
	return found;
}

#define CAST "_googlecast._tcp.local"

static void a_made_up_mac_is_seen(void **state)
{
	struct mac group = { { 0x33, 0x33, 0, 0, 0, 1 } };

	(void)state;
	assert_true(randomised_is(&made_up));
	assert_false(randomised_is(&assigned));
	assert_false(randomised_is(&group));
}

static void a_thing_that_returns_with_another_mac_is_offered(void **state)
{
	struct one a, b;
	struct randomised_match found;

	(void)state;
	make(&a, &made_up, 1, 100, CAST, "Bedroom-TV");
	make(&b, &another, 200, 300, CAST, "Bedroom-TV");
	found = compare(&a, &b);
	assert_true(found.confidence >= RANDOMISED_OFFER);
	assert_int_equal(found.reason_count, 1);
	assert_int_equal(found.reasons[0].evidence.kind,
			 RECORD_CLUE_DHCP_HOSTNAME);
}

static void a_phone_is_never_known_again(void **state)
{
	struct one a, b;

	(void)state;
	make(&a, &made_up, 1, 100, "_apple-mobdev2._tcp.local", "Annas-iPhone");
	make(&b, &another, 200, 300, "_apple-mobdev2._tcp.local",
	     "Annas-iPhone");
	assert_int_equal(a.identity.verdict, IDENTITY_COMPUTER);
	assert_int_equal(compare(&a, &b).confidence, 0);
}

static void what_is_there_at_the_same_time_is_another(void **state)
{
	struct one a, b;

	(void)state;
	make(&a, &made_up, 1, 250, CAST, "Bedroom-TV");
	make(&b, &another, 200, 300, CAST, "Bedroom-TV");
	assert_int_equal(compare(&a, &b).confidence, 0);
}

static void macs_that_a_maker_assigned_are_two_devices(void **state)
{
	struct one a, b;

	(void)state;
	make(&a, &assigned, 1, 100, CAST, "Bedroom-TV");
	make(&b, &assigned_too, 200, 300, CAST, "Bedroom-TV");
	assert_int_equal(compare(&a, &b).confidence, 0);
}

static void another_name_is_another_device(void **state)
{
	struct one a, b;

	(void)state;
	make(&a, &made_up, 1, 100, CAST, "Bedroom-TV");
	make(&b, &another, 200, 300, CAST, "Kitchen-TV");
	assert_true(compare(&a, &b).confidence < RANDOMISED_OFFER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_made_up_mac_is_seen),
		cmocka_unit_test(
			a_thing_that_returns_with_another_mac_is_offered),
		cmocka_unit_test(a_phone_is_never_known_again),
		cmocka_unit_test(what_is_there_at_the_same_time_is_another),
		cmocka_unit_test(macs_that_a_maker_assigned_are_two_devices),
		cmocka_unit_test(another_name_is_another_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
