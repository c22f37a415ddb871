// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/dns.h"

#include "bytes.h"

/* Captured: an answer with two aliases and a start of authority. */
static const char answer[] =
	"be8f818000010002000100000c646574656374706f7274616c0766697265666f"
	"7803636f6d00001c0001c00c000500010000002100280c646574656374706f72"
	"74616c0766697265666f7803636f6d09656467657375697465036e657400c036"
	"00050001000001b30011056131303839016406616b616d6169c059c070000600"
	"010000001c002e036e3064c0720a686f73746d617374657206616b616d6169c0"
	"215a66bf0a000003e8000003e8000003e800000708";
/* Captured: a service binding asked for, and EDNS. */
static const char https_answer[] =
	"f29f818000010001000000010a636c6f7564666c61726503636f6d0000410001"
	"c00c0041000100000081004f000100000100180268330568332d32390568332d"
	"32380568332d323702683200040008681084e5681085e5000600202606470000"
	"00000000000000681084e5260647000000000000000000681085e50000291000"
	"000000000000";

#define HEADER(questions, answers) "00000000" questions answers "00000000"
/* One record whose owner is the root. */
#define RECORD(type, data) "00" type "000100000001" data

static struct slice bytes;
static struct dns_message message;
static struct dns_walk walk;

static void begin(const char *hex)
{
	bytes_free(bytes);
	bytes = bytes_of_hex(hex);
	assert_int_equal(dns_decode(bytes, &message), 0);
	dns_walk_init(&walk, &message);
}

/* The next record as a line of a zone file, or the error. */
static int next_line(char *out, size_t room)
{
	char name[DNS_NAME_TEXT_BYTES], type[DNS_TYPE_TEXT_BYTES];
	struct dns_record record;
	struct buf data;
	int more = dns_next_record(&walk, &record);

	if (more <= 0)
		return more;
	buf_init(&data, 70000);
	assert_int_equal(dns_name_text(&message, record.name_at, name), 0);
	assert_int_equal(dns_data_text(&message, &record, &data), 0);
	snprintf(out, room, "%d %s %u %s %s", (int)record.section, name,
		 record.ttl, dns_type_text(record.type, type), buf_text(&data));
	buf_done(&data);
	return more;
}

static void assert_lines(const char *hex, const char *const *lines, size_t n)
{
	char line[4096];

	begin(hex);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(next_line(line, sizeof(line)), 1);
		assert_string_equal(line, lines[i]);
	}
	assert_int_equal(next_line(line, sizeof(line)), 0);
}

static void an_answer_reads_as_zone_file_lines(void **state)
{
	static const char *const lines[] = {
		"0 detectportal.firefox.com 33 CNAME "
		"detectportal.firefox.com.edgesuite.net",
		"0 detectportal.firefox.com.edgesuite.net 435 CNAME "
		"a1089.d.akamai.net",
		"1 d.akamai.net 28 SOA n0d.akamai.net hostmaster.akamai.com "
		"1516683018 1000 1000 1000 1800",
	};

	(void)state;
	assert_lines(answer, lines, COUNT(lines));
	assert_int_equal(message.id, 0xbe8f);
	assert_true(message.response);
	assert_false(message.truncated);
	assert_int_equal(message.opcode, 0);
	assert_int_equal(message.rcode, 0);
}

static void a_service_binding_reads_as_in_its_rfc(void **state)
{
	static const char *const lines[] = {
		"0 cloudflare.com 129 HTTPS 1 . "
		"alpn=\"h3,h3-29,h3-28,h3-27,h2\" "
		"ipv4hint=104.16.132.229,104.16.133.229 "
		"ipv6hint=2606:4700::6810:84e5,2606:4700::6810:85e5",
		"2 . 0 OPT \\# 0",
	};

	(void)state;
	assert_lines(https_answer, lines, COUNT(lines));
}

static void a_question_comes_before_the_records(void **state)
{
	struct dns_question question;
	char name[DNS_NAME_TEXT_BYTES], line[1024];

	(void)state;
	begin(answer);
	assert_int_equal(dns_next_question(&walk, &question), 1);
	assert_int_equal(dns_name_text(&message, question.name_at, name), 0);
	assert_string_equal(name, "detectportal.firefox.com");
	assert_int_equal(question.type, DNS_TYPE_AAAA);
	assert_int_equal(question.class, 1);
	assert_int_equal(dns_next_question(&walk, &question), 0);
	assert_int_equal(next_line(line, sizeof(line)), 1);
}

static void each_type_has_its_own_text(void **state)
{
	static const struct {
		const char *record, *line;
	} cases[] = {
		{ RECORD("0001", "0004c0000201"), "0 . 1 A 192.0.2.1" },
		{ RECORD("001c", "001020010db8000000000000000000000001"),
		  "0 . 1 AAAA 2001:db8::1" },
		{ RECORD("000c", "0003016100"), "0 . 1 PTR a" },
		{ RECORD("0002", "0003016100"), "0 . 1 NS a" },
		{ RECORD("0027", "0003016100"), "0 . 1 DNAME a" },
		{ RECORD("000f", "0005000a016100"), "0 . 1 MX 10 a" },
		{ RECORD("0021", "0009000100021f90016100"),
		  "0 . 1 SRV 1 2 8080 a" },
		{ RECORD("0010", "0009046122625c03200063"),
		  "0 . 1 TXT \"a\\\"b\\\\\" \" \\000c\"" },
		{ RECORD("0010", "0000"), "0 . 1 TXT " },
		{ RECORD("002f", "0002abcd"), "0 . 1 NSEC \\# 2 abcd" },
		{ RECORD("1234", "0000"), "0 . 1 TYPE4660 \\# 0" },
		{ RECORD("ffff", "0000"), "0 . 1 TYPE65535 \\# 0" },
		{ RECORD("0040", "00050000016100"), "0 . 1 SVCB 0 a" },
		{ RECORD("0041", "001e000100"
				 "000000040001029b"
				 "00010005022c5c0161"
				 "00020000"
				 "0003000201bb"),
		  "0 . 1 HTTPS 1 . mandatory=alpn,key667 "
		  "alpn=\"\\\\,\\\\\\\\,a\" no-default-alpn port=443" },
		{ RECORD("0041", "0017000100"
				 "0005000401020304"
				 "00070003612f62"
				 "029b000162"),
		  "0 . 1 HTTPS 1 . ech=AQIDBA== dohpath=\"a/b\" "
		  "key667=\"b\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char hex[512];

		snprintf(hex, sizeof(hex), HEADER("0000", "0001") "%s",
			 cases[i].record);
		assert_lines(hex, &cases[i].line, 1);
	}
}

static void data_that_breaks_its_format_is_no_text(void **state)
{
	static const char *const records[] = {
		RECORD("0001", "0003c00002"),
		RECORD("0001", "0008c0000201c0000202"),
		RECORD("001c", "0004c0000201"),
		RECORD("000c", "00020161"),
		RECORD("000c", "000401610000"),
		RECORD("0021", "0006000100020003"),
		RECORD("0010", "00020561"),
		/* keys out of order, an empty port, a port of three bytes */
		RECORD("0041", "000d000100"
			       "0003000201bb"
			       "00020000"),
		RECORD("0041", "0007000100"
			       "00030000"),
		RECORD("0041", "000a000100"
			       "00030003000001"),
		RECORD("0041", "0009000100"
			       "00010002"
			       "0561"),
		RECORD("0041", "0008000100"
			       "0002000101"),
		RECORD("0041", "000a000100"
			       "00040003010203"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(records); i++) {
		struct dns_record record;
		char hex[512];
		struct buf out;

		snprintf(hex, sizeof(hex), HEADER("0000", "0001") "%s",
			 records[i]);
		begin(hex);
		assert_int_equal(dns_next_record(&walk, &record), 1);
		buf_init(&out, 1000);
		buf_puts(&out, "before");
		assert_true(dns_data_text(&message, &record, &out) < 0);
		assert_string_equal(buf_text(&out), "before");
		buf_done(&out);
	}
}

static void a_name_is_text_that_reads_back(void **state)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "00", "." },
		{ "0161026263016400", "a.bc.d" },
		{ "03612e62"
		  "0163"
		  "00",
		  "a\\.b.c" },
		{ "0522"
		  "5c283b29"
		  "00",
		  "\\\"\\\\\\(\\;\\)" },
		{ "0124014000", "\\$.\\@" },
		{ "0361"
		  "2062"
		  "00",
		  "a\\032b" },
		{ "0300097f"
		  "02c3a9"
		  "00",
		  "\\000\\009\\127.\\195\\169" },
		{ "03414263"
		  "00",
		  "ABc" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char hex[512], text[DNS_NAME_TEXT_BYTES];

		snprintf(hex, sizeof(hex), HEADER("0000", "0000") "%s",
			 cases[i].name);
		begin(hex);
		assert_int_equal(dns_name_text(&message, 12, text), 0);
		assert_string_equal(text, cases[i].text);
	}
}

static void the_longest_name_fits_and_a_longer_one_is_refused(void **state)
{
	char text[DNS_NAME_TEXT_BYTES];
	uint8_t data[12 + 300] = { 0 };
	size_t last;

	(void)state;
	for (last = 59; last < 65; last++) {
		struct slice copy;
		uint8_t *at = data + 12;
		struct dns_message m;
		int err;

		for (int i = 0; i < 3; i++) {
			*at = 63;
			memset(at + 1, 0xff, 63);
			at += 64;
		}
		*at = (uint8_t)last;
		memset(at + 1, 0xff, last);
		at[1 + last] = 0;
		copy = bytes_copy(data, sizeof(data));
		assert_int_equal(dns_decode(copy, &m), 0);
		err = dns_name_text(&m, 12, text);
		/* 3 * 64 + 1 + last + 1 octets of 255 */
		if (last <= 61) {
			assert_int_equal(err, 0);
			assert_int_equal(strlen(text), (189 + last) * 4 + 3);
		} else {
			assert_int_equal(err, ERR_MALFORMED);
		}
		bytes_free(copy);
	}
}

static void pointers_only_lead_backwards(void **state)
{
	static const struct {
		const char *rest;
		size_t at;
		int answer;
	} cases[] = {
		{ "016100c00c", 15, 0 },
		{ "c00c", 12, ERR_MALFORMED },	   /* to itself */
		{ "c00ec00c", 12, ERR_MALFORMED }, /* forwards */
		{ "0161c00c", 12, ERR_MALFORMED }, /* round and round */
		{ "c00b", 12, ERR_MALFORMED },	   /* into the header */
		{ "0161c0", 12, ERR_TRUNCATED },
		{ "4161", 12, ERR_MALFORMED },
		{ "8061", 12, ERR_MALFORMED },
		{ "0561", 12, ERR_TRUNCATED },
		{ "", 12, ERR_TRUNCATED },
		{ "00", 99, ERR_TRUNCATED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char hex[256], text[DNS_NAME_TEXT_BYTES];

		snprintf(hex, sizeof(hex), HEADER("0000", "0000") "%s",
			 cases[i].rest);
		begin(hex);
		assert_int_equal(dns_name_text(&message, cases[i].at, text),
				 cases[i].answer);
	}
}

static void mdns_bits_are_not_part_of_a_class(void **state)
{
	struct dns_question question;
	struct dns_record record;

	(void)state;
	begin(HEADER("0001", "0002") "00000c8001"
				     "0000018001"
				     "00000001"
				     "0004c0000201"
				     "000029ff000000000000"
				     "00");
	assert_int_equal(dns_next_question(&walk, &question), 1);
	assert_int_equal(question.class, 1);
	assert_int_equal(dns_next_record(&walk, &record), 1);
	assert_int_equal(record.class, 1);
	/* in EDNS it is a size */
	assert_int_equal(dns_next_record(&walk, &record), 1);
	assert_int_equal(record.class, 0xff00);
}

static void a_message_of_more_records_than_the_limit_is_cut(void **state)
{
	enum {
		RECORD_BYTES = 11,
		RECORDS = DNS_RECORDS_MAX + 1
	};
	static uint8_t data[12 + RECORD_BYTES * RECORDS];
	struct dns_record record;
	int more;
	size_t n = 0;

	(void)state;
	data[6] = RECORDS >> 8;
	data[7] = RECORDS & 0xff;
	bytes_free(bytes);
	bytes = bytes_copy(data, sizeof(data));
	assert_int_equal(dns_decode(bytes, &message), 0);
	dns_walk_init(&walk, &message);
	while ((more = dns_next_record(&walk, &record)) == 1)
		n++;
	assert_int_equal(more, ERR_LIMIT);
	assert_int_equal(n, DNS_RECORDS_MAX);
}

static void a_record_that_is_announced_but_missing_breaks_the_walk(void **state)
{
	struct dns_record record;

	(void)state;
	begin(HEADER("0001", "ffff") "0000010001");
	assert_int_equal(dns_next_record(&walk, &record), ERR_TRUNCATED);
	begin(HEADER("ffff", "0000") "0000010001");
	assert_int_equal(dns_next_record(&walk, &record), ERR_TRUNCATED);
}

static void what_cannot_be_dns_is_malformed(void **state)
{
	static const struct {
		const char *hex;
		int answer;
	} cases[] = {
		{ "0000000000000000000000", ERR_TRUNCATED },
		{ "000018000000000000000000", ERR_MALFORMED },
		{ "000038000000000000000000", ERR_MALFORMED },
		{ "000028000000000000000000", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice input = bytes_of_hex(cases[i].hex);
		struct dns_message m;

		assert_int_equal(dns_decode(input, &m), cases[i].answer);
		bytes_free(input);
	}
}

static void a_message_over_tcp_is_gathered_when_it_is_whole(void **state)
{
	char hex[1024];
	struct slice stream, gathered;
	size_t used = 0;

	(void)state;
	snprintf(hex, sizeof(hex), "%04zx%sffff", strlen(answer) / 2, answer);
	stream = bytes_of_hex(hex);
	assert_int_equal(dns_gather(stream, &gathered, &used), 0);
	assert_int_equal(used, strlen(answer) / 2 + 2);
	assert_ptr_equal(gathered.data, stream.data + 2);
	assert_int_equal(gathered.len, strlen(answer) / 2);
	for (size_t n = 0; n < used; n++) {
		struct slice cut = bytes_copy(stream.data, n);
		size_t ignored;

		assert_int_equal(dns_gather(cut, &gathered, &ignored),
				 ERR_AGAIN);
		bytes_free(cut);
	}
	bytes_free(stream);
	stream = bytes_of_hex("000bff");
	assert_int_equal(dns_gather(stream, &gathered, &used), ERR_MALFORMED);
	bytes_free(stream);
}

static void every_prefix_tells_the_same_records_or_fewer(void **state)
{
	static const char *const messages[] = { answer, https_answer };

	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		static char lines[8][1024];
		char line[1024];
		struct slice all;
		size_t n = 0;

		begin(messages[i]);
		while (next_line(lines[n], sizeof(lines[n])) == 1)
			n++;
		all = bytes_of_hex(messages[i]);
		for (size_t len = 0; len < all.len; len++) {
			size_t seen = 0;
			int more = 0;

			bytes_free(bytes);
			bytes = bytes_copy(all.data, len);
			if (dns_decode(bytes, &message) < 0) {
				assert_true(len < 12);
				continue;
			}
			dns_walk_init(&walk, &message);
			while ((more = next_line(line, sizeof(line))) == 1)
				assert_string_equal(line, lines[seen++]);
			/* a cut is never taken for the end */
			assert_true(more < 0);
			assert_true(seen < n);
		}
		bytes_free(all);
	}
}

static void a_list_of_domains_is_read_name_by_name(void **state)
{
	/* RFC 3397 2, its parts put together; a root and what fills up */
	static const char list[] = "\3eng\5apple\3com\0\11marketing\xc0\4"
				   "\0\0\0";
	struct slice bytes_here = bytes_copy(list, sizeof(list) - 1);
	char name[DNS_NAME_TEXT_BYTES];
	size_t at = 0;

	(void)state;
	assert_int_equal(dns_next_domain(bytes_here, &at, name), 1);
	assert_string_equal(name, "eng.apple.com");
	assert_int_equal(dns_next_domain(bytes_here, &at, name), 1);
	assert_string_equal(name, "marketing.apple.com");
	assert_int_equal(dns_next_domain(bytes_here, &at, name), 0);
	bytes_free(bytes_here);
	/* cut anywhere, it gives the same names or fewer, then an end */
	for (size_t n = 0; n < sizeof(list) - 1; n++) {
		struct slice cut = bytes_copy(list, n);
		int names = 0, more;

		at = 0;
		while ((more = dns_next_domain(cut, &at, name)) > 0)
			assert_string_equal(name,
					    names++ ? "marketing.apple.com"
						    : "eng.apple.com");
		assert_true(names <= 2);
		assert_int_equal(more < 0, n && n != 15 && n < 27);
		bytes_free(cut);
	}
}

static void a_list_of_domains_points_backwards_alone(void **state)
{
	static const char *const lists[] = { "\xc0", "\xc0\0", "\1a\xc0\2",
					     "\1a\xc0\4" };
	char name[DNS_NAME_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		size_t at = 0, len = i == 1 ? 2 : strlen(lists[i]);
		struct slice list = bytes_copy(lists[i], len);

		assert_true(dns_next_domain(list, &at, name) < 0);
		bytes_free(list);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_reads_as_zone_file_lines),
		cmocka_unit_test(a_service_binding_reads_as_in_its_rfc),
		cmocka_unit_test(a_question_comes_before_the_records),
		cmocka_unit_test(each_type_has_its_own_text),
		cmocka_unit_test(data_that_breaks_its_format_is_no_text),
		cmocka_unit_test(a_name_is_text_that_reads_back),
		cmocka_unit_test(
			the_longest_name_fits_and_a_longer_one_is_refused),
		cmocka_unit_test(pointers_only_lead_backwards),
		cmocka_unit_test(a_list_of_domains_points_backwards_alone),
		cmocka_unit_test(a_list_of_domains_is_read_name_by_name),
		cmocka_unit_test(mdns_bits_are_not_part_of_a_class),
		cmocka_unit_test(
			a_message_of_more_records_than_the_limit_is_cut),
		cmocka_unit_test(
			a_record_that_is_announced_but_missing_breaks_the_walk),
		cmocka_unit_test(what_cannot_be_dns_is_malformed),
		cmocka_unit_test(
			a_message_over_tcp_is_gathered_when_it_is_whole),
		cmocka_unit_test(every_prefix_tells_the_same_records_or_fewer),
	};
	int failed = cmocka_run_group_tests_name("dns", tests, NULL, NULL);

	bytes_free(bytes);
	return failed;
}
