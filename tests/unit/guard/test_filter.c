// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guard/filter.h"
#include "message/message.h"

/*
 * The filters run in the kernel here too: attached to a Unix socket, which
 * hands on what they leave of each datagram.
 */

static const struct mac own = { { 2, 0, 0, 0, 0, 1 } };
static const struct mac gateway = { { 2, 0, 0, 0, 0, 2 } };
static const struct mac phone = { { 2, 0, 0, 0, 0, 9 } };
static const struct mac all = { { 255, 255, 255, 255, 255, 255 } };
static const struct mac mdns = { { 1, 0, 0x5e, 0, 0, 0xfb } };
static const uint8_t internet[4] = { 93, 184, 216, 34 };
static struct filter_device devices[MESSAGE_WATCH_MAX];
static struct mac excluded[MESSAGE_EXCLUDE_MAX];

/* Each two share the last four bytes of their MACs. */
static struct filter_device device_of(unsigned i)
{
	struct filter_device d = {
		.mac = { { 4, (uint8_t)(i & 1), (uint8_t)(i >> 1),
			   (uint8_t)((i >> 1) * 7), 1, 1 } },
		.address = { .family = 4,
			     .b = { 10, (uint8_t)(i * 31), 0, (uint8_t)i } },
	};

	return d;
}

static struct filter_spec spec_make(size_t watched, size_t refused)
{
	for (unsigned i = 0; i < MESSAGE_WATCH_MAX; i++) {
		devices[i] = device_of(i);
		excluded[i] = devices[i].mac;
		excluded[i].b[0] = 6;
	}
	return (struct filter_spec){
		.own = own,
		.gateway = gateway,
		.own_address = { .family = 4, .b = { 10, 0, 0, 200 } },
		.devices = devices,
		.device_count = watched,
		.excluded = excluded,
		.excluded_count = refused,
	};
}

static uint8_t frame[6000];

static void frame_make(const struct mac *to, const struct mac *from,
		       uint16_t type)
{
	memset(frame, 0, sizeof(frame));
	memcpy(frame, to->b, 6);
	memcpy(frame + 6, from->b, 6);
	frame[12] = (uint8_t)(type >> 8);
	frame[13] = (uint8_t)type;
	frame[14] = 0x45;
}

static void ipv4_make(const struct mac *to, const struct mac *from,
		      const uint8_t source[4], const uint8_t destination[4])
{
	frame_make(to, from, 0x0800);
	frame[23] = 6;
	memcpy(frame + 26, source, 4);
	memcpy(frame + 30, destination, 4);
}

static void udp_make(const struct mac *to, const struct mac *from,
		     uint8_t header_words, uint16_t source,
		     uint16_t destination)
{
	uint8_t *udp = frame + 14 + 4 * header_words;

	frame_make(to, from, 0x0800);
	frame[14] = 0x40 | header_words;
	frame[23] = 17;
	udp[0] = (uint8_t)(source >> 8);
	udp[1] = (uint8_t)source;
	udp[2] = (uint8_t)(destination >> 8);
	udp[3] = (uint8_t)destination;
}

static int ends[2];

/* Bytes of the frame that pass. */
static size_t passes(void)
{
	static uint8_t got[sizeof(frame)];
	ssize_t n;

	assert_int_equal(send(ends[0], frame, sizeof(frame), 0), sizeof(frame));
	n = recv(ends[1], got, sizeof(got), MSG_DONTWAIT);
	return n < 0 ? 0 : (size_t)n;
}

static void attach(const struct filter_spec *spec,
		   int (*build)(const struct filter_spec *, struct filter *))
{
	static struct filter filter;

	assert_int_equal(build(spec, &filter), 0);
	assert_int_equal(filter_attach(ends[1], &filter), 0);
}

static void check_watched(size_t watched, size_t refused)
{
	struct filter_spec spec = spec_make(watched, refused);

	attach(&spec, filter_capture);
	for (size_t i = 0; i < MESSAGE_WATCH_MAX; i++) {
		const struct filter_device *d = &devices[i];
		size_t whole = i < watched ? FILTER_DEVICE_BYTES : 0;
		size_t headers = i < watched ? FILTER_LEAVING_BYTES : 0;

		ipv4_make(&own, &d->mac, d->address.b, internet);
		assert_int_equal(passes(), whole);
		ipv4_make(&own, &gateway, internet, d->address.b);
		assert_int_equal(passes(), whole);
		ipv4_make(&gateway, &own, d->address.b, internet);
		assert_int_equal(passes(), headers);
		ipv4_make(&d->mac, &own, internet, d->address.b);
		assert_int_equal(passes(), headers);
		ipv4_make(&gateway, &d->mac, d->address.b, internet);
		assert_int_equal(passes(), 0);
	}
}

static void of_the_watched_only_what_goes_through_us_passes(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 47, 48, 49, 100, 250 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		check_watched(sizes[i], 0);
	check_watched(MESSAGE_WATCH_MAX, MESSAGE_EXCLUDE_MAX);
}

static void of_others_no_unicast_passes(void **state)
{
	struct filter_spec spec = spec_make(3, 0);
	static const uint8_t other[4] = { 10, 0, 0, 77 };

	(void)state;
	attach(&spec, filter_capture);
	ipv4_make(&own, &phone, other, internet);
	assert_int_equal(passes(), 0);
	ipv4_make(&own, &gateway, internet, other);
	assert_int_equal(passes(), 0);
	ipv4_make(&gateway, &own, other, internet); /* our own traffic */
	assert_int_equal(passes(), 0);
	ipv4_make(&phone, &gateway, internet, other);
	assert_int_equal(passes(), 0);
	udp_make(&own, &phone, 5, 5353, 5353);
	assert_int_equal(passes(), 0);
}

static void what_is_announced_to_all_passes(void **state)
{
	struct filter_spec spec = spec_make(3, 5);

	(void)state;
	attach(&spec, filter_capture);
	frame_make(&all, &phone, 0x0806);
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	udp_make(&mdns, &phone, 5, 5353, 5353);
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	udp_make(&mdns, &phone, 15, 5353, 5353); /* with options */
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	udp_make(&mdns, &phone, 5, 40000, 1900);
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	udp_make(&mdns, &phone, 5, 40000, 5355);
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	udp_make(&mdns, &phone, 5, 5355, 40000);
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	udp_make(&all, &phone, 5, 68, 67);
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	udp_make(&all, &phone, 5, 137, 137);
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	udp_make(&all, &phone, 5, 40000, 6667);
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	udp_make(&all, &phone, 5, 40000, 7000);
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	udp_make(&all, &phone, 5, 40000, 17500); /* some chatter */
	assert_int_equal(passes(), 0);
	udp_make(&mdns, &phone, 5, 5353, 5353);
	frame[20] = 0x01; /* a later fragment: no ports in it */
	assert_int_equal(passes(), 0);
	frame_make(&all, &phone, 0x86dd);
	frame[20] = 17;
	frame[54] = 5353 >> 8;
	frame[55] = 5353 & 255;
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	frame[56] = 547 >> 8;
	frame[57] = 547 & 255;
	frame[54] = 546 >> 8;
	frame[55] = 546 & 255;
	assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	frame[20] = 58; /* ICMPv6 */
	assert_int_equal(passes(), 0);
}

static void the_excluded_are_not_read_even_when_they_announce(void **state)
{
	struct filter_spec spec = spec_make(250, 250);

	(void)state;
	attach(&spec, filter_capture);
	for (size_t i = 0; i < 250; i++) {
		struct mac near = excluded[i];

		frame_make(&all, &excluded[i], 0x0806);
		assert_int_equal(passes(), 0);
		near.b[5] ^= 8;
		frame_make(&all, &near, 0x0806);
		assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	}
}

static void what_still_goes_through_us_is_seen_by_its_header(void **state)
{
	struct filter_spec spec = spec_make(4, 0);
	const struct filter_device *d = &devices[3];

	(void)state;
	attach(&spec, filter_through_us);
	ipv4_make(&own, &d->mac, d->address.b, internet);
	assert_int_equal(passes(), FILTER_HEADER_BYTES);
	ipv4_make(&own, &gateway, internet, d->address.b);
	assert_int_equal(passes(), FILTER_HEADER_BYTES);
	ipv4_make(&own, &d->mac, d->address.b, spec.own_address.b);
	assert_int_equal(passes(), 0); /* talks to this computer itself */
	ipv4_make(&own, &phone, d->address.b, internet);
	assert_int_equal(passes(), 0);
	ipv4_make(&gateway, &own, d->address.b, internet);
	assert_int_equal(passes(), 0);
	frame_make(&own, &d->mac, 0x0806);
	assert_int_equal(passes(), 0);
}

static const struct mac router6 = { { 2, 0, 0, 0, 0, 6 } };
static const struct addr far6 = { 6, { 0x20, 1, 0x48, 0x60, [15] = 0x88 } };
static struct addr six[FILTER_SIX_MAX];
static struct addr own6 = { 6, { 0xfe, 0x80, [8] = 1, [15] = 9 } };

/* Two addresses of each device share their last eight bytes. */
static struct filter_spec spec6_make(size_t watched, size_t addresses)
{
	struct filter_spec spec = spec_make(watched, 0);

	for (size_t i = 0; i < FILTER_SIX_MAX; i++) {
		six[i] = (struct addr){ 6, { 0x20, 1, 0xd, 0xb8 } };
		if (i & 1)
			memcpy(six[i].b, (uint8_t[4]){ 0xfe, 0x80, 0, 0 }, 4);
		six[i].b[9] = (uint8_t)(i >> 9);
		six[i].b[15] = (uint8_t)(i >> 1);
	}
	spec.router6 = router6;
	spec.six = six;
	spec.six_count = addresses;
	spec.own6 = &own6;
	spec.own6_count = 1;
	spec.six_key = 2654435761u;
	return spec;
}

static void ipv6_make(const struct mac *to, const struct mac *from,
		      const struct addr *source, const struct addr *destination)
{
	frame_make(to, from, 0x86dd);
	frame[20] = 6;
	memcpy(frame + 22, source->b, 16);
	memcpy(frame + 38, destination->b, 16);
}

static void by_ipv6_only_the_addresses_of_the_watched_pass(void **state)
{
	struct filter_spec spec = spec6_make(20, 160);

	(void)state;
	attach(&spec, filter_capture);
	for (size_t i = 0; i < 200; i++) {
		size_t whole = i < 160 ? FILTER_DEVICE_BYTES : 0;
		size_t headers = i < 160 ? FILTER_LEAVING6_BYTES : 0;

		ipv6_make(&own, &router6, &far6, &six[i]);
		assert_int_equal(passes(), whole);
		ipv6_make(&own, &gateway, &far6, &six[i]);
		assert_int_equal(passes(), 0); /* not the IPv6 router */
		ipv6_make(&router6, &own, &six[i], &far6);
		assert_int_equal(passes(), headers);
		ipv6_make(&devices[0].mac, &own, &far6, &six[i]);
		assert_int_equal(passes(), headers);
		ipv6_make(&router6, &phone, &six[i], &far6);
		assert_int_equal(passes(), 0);
		ipv6_make(&own, &phone, &six[i], &far6);
		assert_int_equal(passes(), 0);
		ipv6_make(&own, &devices[i % 20].mac, &six[i], &far6);
		assert_int_equal(passes(), FILTER_DEVICE_BYTES);
	}
	/* this computer's own */
	ipv6_make(&own, &router6, &far6, &own6);
	assert_int_equal(passes(), 0);
	ipv6_make(&router6, &own, &own6, &far6);
	assert_int_equal(passes(), 0);
}

static void neighbour_discovery_is_nobodys_traffic(void **state)
{
	struct filter_spec spec = spec6_make(1, 2);

	(void)state;
	attach(&spec, filter_capture);
	ipv6_make(&own, &devices[0].mac, &six[0], &far6);
	frame[20] = 58;
	for (unsigned type = 128; type < 140; type++) {
		frame[54] = (uint8_t)type;
		assert_int_equal(passes(), type < 133 || type > 137
						   ? FILTER_DEVICE_BYTES
						   : 0);
	}
}

static void guard_hears_neighbour_discovery_and_echoes_alone(void **state)
{
	static struct filter filter;

	(void)state;
	filter_ndp(200, &filter);
	assert_int_equal(filter_attach(ends[1], &filter), 0);
	ipv6_make(&own, &phone, &six[0], &far6);
	assert_int_equal(passes(), 0);
	frame[20] = 58;
	for (unsigned type = 0; type < 256; type++) {
		frame[54] = (uint8_t)type;
		assert_int_equal(
			passes(),
			type == 129 || (type >= 133 && type <= 136) ? 200 : 0);
	}
	frame[12] = 8;
	assert_int_equal(passes(), 0);
}

static void what_still_goes_through_us_by_ipv6_is_seen(void **state)
{
	struct filter_spec spec = spec6_make(2, 4);

	(void)state;
	attach(&spec, filter_through_us6);
	ipv6_make(&own, &devices[1].mac, &six[2], &far6);
	assert_int_equal(passes(), FILTER_HEADER_BYTES);
	ipv6_make(&own, &router6, &far6, &six[3]);
	assert_int_equal(passes(), FILTER_HEADER_BYTES);
	ipv6_make(&own, &router6, &far6, &six[8]);
	assert_int_equal(passes(), 0);
	ipv6_make(&own, &devices[1].mac, &six[2], &own6);
	assert_int_equal(passes(), 0); /* talks to this computer itself */
	ipv6_make(&own, &phone, &six[2], &far6);
	assert_int_equal(passes(), 0);
}

static void addresses_that_do_not_fit_are_an_error(void **state)
{
	static struct filter filter;
	struct filter_spec spec = spec6_make(50, 300);

	(void)state;
	assert_int_equal(filter_capture(&spec, &filter), 0);
	spec = spec6_make(MESSAGE_WATCH_MAX, FILTER_SIX_MAX);
	spec.excluded_count = MESSAGE_EXCLUDE_MAX;
	assert_int_equal(filter_capture(&spec, &filter), ERR_LIMIT);
	spec = spec6_make(1, FILTER_SIX_MAX + 1);
	assert_int_equal(filter_capture(&spec, &filter), ERR_LIMIT);
}

static void more_than_the_limit_is_refused(void **state)
{
	static struct filter filter;
	struct filter_spec spec = spec_make(251, 0);

	(void)state;
	assert_int_equal(filter_capture(&spec, &filter), ERR_LIMIT);
	spec = spec_make(0, 251);
	assert_int_equal(filter_capture(&spec, &filter), ERR_LIMIT);
}

static int sockets_open(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
}

static int sockets_close(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

#define FILTER_TEST(f) \
	cmocka_unit_test_setup_teardown(f, sockets_open, sockets_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILTER_TEST(of_the_watched_only_what_goes_through_us_passes),
		FILTER_TEST(of_others_no_unicast_passes),
		FILTER_TEST(what_is_announced_to_all_passes),
		FILTER_TEST(the_excluded_are_not_read_even_when_they_announce),
		FILTER_TEST(what_still_goes_through_us_is_seen_by_its_header),
		FILTER_TEST(by_ipv6_only_the_addresses_of_the_watched_pass),
		FILTER_TEST(neighbour_discovery_is_nobodys_traffic),
		FILTER_TEST(guard_hears_neighbour_discovery_and_echoes_alone),
		FILTER_TEST(what_still_goes_through_us_by_ipv6_is_seen),
		FILTER_TEST(addresses_that_do_not_fit_are_an_error),
		FILTER_TEST(more_than_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
