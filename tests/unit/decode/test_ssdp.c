// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ssdp.h"

#include "bytes.h"

static const char notify[] = "NOTIFY * HTTP/1.1\r\n"
			     "HOST: 239.255.255.250:1900\r\n"
			     "Location:http://192.0.2.10:80/desc.xml\r\n"
			     "NT: upnp:rootdevice\r\n"
			     "NTS: ssdp:alive\r\n"
			     "SERVER: Linux/3.4 UPnP/1.0 Bulb/1\r\n"
			     "USN: uuid:1::upnp:rootdevice\r\n"
			     "\r\n";
static const char search[] = "M-SEARCH * HTTP/1.1\r\n"
			     "MAN: \"ssdp:discover\"\r\n"
			     "ST: ssdp:all\r\n"
			     "USER-AGENT: Phone/2\r\n";
static const char response[] = "HTTP/1.1 200 OK\r\n"
			       "ST: upnp:rootdevice\r\n"
			       "USN: uuid:1::upnp:rootdevice\r\n\r\n";

static int decode(const char *text, struct ssdp *out)
{
	static struct slice bytes;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_text(text);
	return ssdp_decode(bytes, out);
}

static void an_announcement_is_read_in_every_field(void **state)
{
	struct ssdp s;

	(void)state;
	assert_int_equal(decode(notify, &s), 0);
	assert_int_equal(s.kind, SSDP_NOTIFY);
	assert_view(s.nt, "upnp:rootdevice");
	assert_view(s.nts, "ssdp:alive");
	assert_view(s.usn, "uuid:1::upnp:rootdevice");
	assert_view(s.server, "Linux/3.4 UPnP/1.0 Bulb/1");
	assert_view(s.location, "http://192.0.2.10:80/desc.xml");
	assert_absent(s.st);
	assert_absent(s.user_agent);
}

static void a_search_may_lack_its_empty_line(void **state)
{
	struct ssdp s;

	(void)state;
	assert_int_equal(decode(search, &s), 0);
	assert_int_equal(s.kind, SSDP_SEARCH);
	assert_view(s.st, "ssdp:all");
	assert_view(s.user_agent, "Phone/2");
	assert_absent(s.nt);
}

static void a_good_response_is_one(void **state)
{
	struct ssdp s;

	(void)state;
	assert_int_equal(decode(response, &s), 0);
	assert_int_equal(s.kind, SSDP_RESPONSE);
	assert_view(s.st, "upnp:rootdevice");
}

static void other_messages_are_not_ssdp(void **state)
{
	static const char *const texts[] = {
		"HTTP/1.1 404 Not Found\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"NOTIFY /event HTTP/1.1\r\n\r\n",
		"m-search * HTTP/1.1\r\n\r\n",
		"\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct ssdp s;

		assert_int_equal(decode(texts[i], &s), ERR_MALFORMED);
	}
}

static void every_prefix_tells_whole_fields_or_none(void **state)
{
	static const char *const texts[] = { notify, search, response };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct slice all = bytes_of_text(texts[i]);
		struct ssdp whole, s;

		assert_int_equal(ssdp_decode(all, &whole), 0);
		for (size_t n = 0; n < all.len; n++) {
			struct slice cut = bytes_copy(all.data, n);

			if (!ssdp_decode(cut, &s)) {
				assert_int_equal(s.kind, whole.kind);
				assert_view_or_absent(s.st, whole.st);
				assert_view_or_absent(s.nt, whole.nt);
				assert_view_or_absent(s.usn, whole.usn);
				assert_view_or_absent(s.server, whole.server);
				assert_view_or_absent(s.location,
						      whole.location);
			} else {
				assert_null(memchr(cut.data, '\n', cut.len));
			}
			bytes_free(cut);
		}
		bytes_free(all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_announcement_is_read_in_every_field),
		cmocka_unit_test(a_search_may_lack_its_empty_line),
		cmocka_unit_test(a_good_response_is_one),
		cmocka_unit_test(other_messages_are_not_ssdp),
		cmocka_unit_test(every_prefix_tells_whole_fields_or_none),
	};

	return cmocka_run_group_tests_name("ssdp", tests, NULL, NULL);
}
