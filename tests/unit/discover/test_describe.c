// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "discover/describe.h"

#define ROOT "<root xmlns=\"urn:schemas-upnp-org:device-1-0\">"

/* "kind=text;" for each that is told. */
static void note(void *user, enum record_clue_kind kind, struct slice text)
{
	buf_puts(user, record_clue_name(kind));
	buf_puts(user, "=");
	buf_append(user, text.data, text.len);
	buf_puts(user, ";");
}

static const struct {
	const char *xml, *told;
	int err;
} cases[] = {
	{ "<?xml version=\"1.0\"?>" ROOT
	  "<specVersion><major>1</major></specVersion><device>"
	  "<friendlyName> My TV\n</friendlyName>"
	  "<manufacturer>A &amp; B</manufacturer><modelName>X</modelName>"
	  "<modelNumber>2</modelNumber></device></root>",
	  "upnp_friendly_name=My TV;upnp_manufacturer=A & B;upnp_model=X;"
	  "upnp_model_number=2;",
	  0 },
	/* of the root device alone, and once */
	{ ROOT "<device><modelName>X</modelName><modelName>Y</modelName>"
	       "<deviceList><device><modelName>Z</modelName></device>"
	       "</deviceList><iconList><manufacturer>Q</manufacturer>"
	       "</iconList></device></root>",
	  "upnp_model=X;", 0 },
	{ ROOT "<modelName>X</modelName></root>", "", 0 },
	{ ROOT "<device><modelName> </modelName></device></root>", "", 0 },
	{ "<!DOCTYPE root [<!ENTITY a \"b\">]>" ROOT
	  "<device><modelName>&a;</modelName></device></root>",
	  "", ERR_MALFORMED },
	{ "<!DOCTYPE root SYSTEM \"http://10.0.0.1/x\">" ROOT
	  "<device><modelName>X</modelName></device></root>",
	  "", ERR_MALFORMED },
	{ ROOT "<device><modelName>&a;</modelName></device></root>", "",
	  ERR_MALFORMED },
	{ "not XML", "", ERR_MALFORMED },
	{ "", "", ERR_MALFORMED },
};

static void a_description_tells_the_names_of_its_device(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf told;

		buf_init(&told, 4096);
		assert_int_equal(describe_read(slice_text(cases[i].xml), note,
					       &told),
				 cases[i].err);
		assert_string_equal(buf_text(&told), cases[i].told);
		buf_done(&told);
	}
}

/* Nothing is told of a prefix that the whole would not have told. */
static void no_prefix_is_a_description(void **state)
{
	const char *xml = cases[0].xml;

	(void)state;
	for (size_t n = 0; n < strlen(xml); n++) {
		uint8_t *bytes = malloc(n + 1);
		struct buf told;

		assert_non_null(bytes);
		memcpy(bytes, xml, n);
		buf_init(&told, 4096);
		assert_int_equal(describe_read(slice_of(bytes, n), note, &told),
				 ERR_MALFORMED);
		assert_int_equal(
			strncmp(buf_text(&told), cases[0].told, told.len), 0);
		buf_done(&told);
		free(bytes);
	}
}

static void deep_and_long_ones_are_bounded(void **state)
{
	struct buf xml, told;

	(void)state;
	buf_init(&xml, 1 << 20);
	buf_init(&told, 4096);
	for (int i = 0; i < 1000; i++)
		buf_puts(&xml, "<a>");
	for (int i = 0; i < 1000; i++)
		buf_puts(&xml, "</a>");
	assert_int_equal(describe_read(buf_slice(&xml), note, &told),
			 ERR_MALFORMED);
	buf_clear(&xml);
	buf_puts(&xml, "<root><device><modelName>");
	for (int i = 0; i < 5000; i++)
		buf_puts(&xml, "x");
	buf_puts(&xml, "</modelName></device></root>");
	assert_int_equal(describe_read(buf_slice(&xml), note, &told), 0);
	assert_int_equal(told.len, strlen("upnp_model=;") + DESCRIBE_TEXT_MAX);
	buf_done(&xml);
	buf_done(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_description_tells_the_names_of_its_device),
		cmocka_unit_test(no_prefix_is_a_description),
		cmocka_unit_test(deep_and_long_ones_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
