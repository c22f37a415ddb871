// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/dns.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const struct dns_message *message, size_t at)
{
	char name[DNS_NAME_TEXT_BYTES];

	if (!dns_name_text(message, at, name))
		must(name[0] && strlen(name) < sizeof(name));
}

static void check_message(struct slice bytes)
{
	struct dns_message message;
	struct dns_walk walk;
	struct dns_question question;
	struct dns_record record;
	struct buf text;
	uint32_t n = 0;

	if (dns_decode(bytes, &message))
		return;
	dns_walk_init(&walk, &message);
	buf_init(&text, 1 << 20);
	while (n < DNS_RECORDS_MAX / 2 &&
	       dns_next_question(&walk, &question) > 0) {
		check_name(&message, question.name_at);
		n++;
	}
	while (dns_next_record(&walk, &record) > 0) {
		check_view(record.data, bytes);
		check_name(&message, record.name_at);
		buf_clear(&text);
		if (!dns_data_text(&message, &record, &text))
			must(strlen(buf_text(&text)) == text.len);
		else
			must(text.len == 0);
		n++;
	}
	must(n <= DNS_RECORDS_MAX);
	buf_done(&text);
}

static void check_domains(struct slice list)
{
	char name[DNS_NAME_TEXT_BYTES];
	size_t at = 0, before = 0;

	while (dns_next_domain(list, &at, name) > 0) {
		must(at > before && at <= list.len);
		must(name[0] && strlen(name) < sizeof(name));
		before = at;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size), message;
	size_t used;

	check_message(input);
	check_domains(input);
	if (!dns_gather(input, &message, &used)) {
		must(used == message.len + 2 && used <= size);
		check_view(message, input);
		check_message(message);
	}
	return 0;
}
