// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "data/import.h"

/* A file on the disk, imported: into know alone. */
static int import_as(const char *name, const char *text, size_t len,
		     struct list *list, struct buf *file, struct know *know)
{
	char path[128], why[IMPORT_WHY_BYTES] = "";
	FILE *f;
	int err;

	snprintf(path, sizeof(path), "./%d-%s", (int)getpid(), name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	buf_init(file, (size_t)1 << 22);
	err = import_file(path, 3, list, file, why);
	unlink(path);
	know->file_count = 0;
	if (!err) {
		know->file_count = 1;
		assert_int_equal(
			reference_open(buf_slice(file), &know->files[0]), 0);
	} else {
		assert_true(why[0] && !strpbrk(why, "\n\033"));
	}
	return err;
}

struct imported_one {
	struct list list;
	struct buf file;
	struct know know;
};

static void begin(struct imported_one *one, const char *name, const char *text)
{
	assert_int_equal(import_as(name, text, strlen(text), &one->list,
				   &one->file, &one->know),
			 0);
}

static void end(struct imported_one *one)
{
	list_done(&one->list);
	buf_done(&one->file);
}

static enum know_category category(const struct imported_one *one,
				   const char *host)
{
	struct know_listing found;

	return know_tracker(&one->know, slice_text(host), &found)
		       ? found.category
		       : KNOW_CATEGORY_NONE;
}

static const char *company(const struct imported_one *one, const char *host)
{
	struct know_host found;

	return know_host(&one->know, slice_text(host), &found) ? found.company
							       : "-";
}

static void disconnects_services_are_trackers_with_companies(void **state)
{
	struct imported_one one;

	(void)state;
	begin(&one, "services.json",
	      "{\"license\": \"x\", \"categories\": {"
	      "\"Advertising\": [{\"Ads Inc\": {\"https://ads.example/\":"
	      " [\"ads.example\", \"ads-cdn.example\"],"
	      " \"performance\": \"true\"}}],"
	      "\"FingerprintingInvasive\": [{\"Print\": {\"http://p/\":"
	      " [\"print.example\"]}}],"
	      "\"Content\": [{\"Pictures\": {\"http://q/\":"
	      " [\"pictures.example\"]}}]}}");
	assert_string_equal(one.list.name, "Disconnect");
	assert_int_equal(category(&one, "x.ads.example"),
			 KNOW_CATEGORY_ADVERTISING);
	assert_int_equal(category(&one, "print.example"),
			 KNOW_CATEGORY_FINGERPRINTING);
	assert_int_equal(category(&one, "pictures.example"),
			 KNOW_CATEGORY_NONE);
	assert_string_equal(company(&one, "ads-cdn.example"), "Ads Inc");
	assert_string_equal(company(&one, "pictures.example"), "Pictures");
	end(&one);
}

static void webxrays_owners_are_companies(void **state)
{
	struct imported_one one;

	(void)state;
	begin(&one, "owners.json",
	      "[{\"id\": \"a\", \"parent_id\": null, \"name\": \"Owner\","
	      " \"domains\": [\"one.example\", \"*.two.example\"]}]");
	assert_string_equal(one.list.name, "webXray");
	assert_string_equal(company(&one, "a.one.example"), "Owner");
	assert_string_equal(company(&one, "two.example"), "Owner");
	assert_string_equal(company(&one, "xone.example"), "-");
	end(&one);
}

static void a_hosts_file_names_hosts_and_nothing_else(void **state)
{
	struct imported_one one;

	(void)state;
	begin(&one, "hosts",
	      "# Title: My hosts\n127.0.0.1 localhost\n::1 localhost\r\n"
	      "0.0.0.0 Bad.Example other.example # why\n"
	      "192.168.1.7 printer.home.example\n");
	assert_string_equal(one.list.name, "My hosts");
	assert_int_equal(category(&one, "bad.example"), KNOW_CATEGORY_TRACKING);
	assert_int_equal(category(&one, "other.example"),
			 KNOW_CATEGORY_TRACKING);
	assert_int_equal(category(&one, "printer.home.example"),
			 KNOW_CATEGORY_NONE);
	assert_int_equal(one.list.taken, 2);
	end(&one);
}

static void rules_for_whole_hosts_are_taken_and_others_left_out(void **state)
{
	struct imported_one one;

	(void)state;
	begin(&one, "easy.txt",
	      "[Adblock Plus 2.0]\n! Title: EasyList Extra\n"
	      "||ads.example^\n||pop.example^$popup,third-party\n"
	      "||part.example^$domain=a.example\n||path.example/x\n"
	      "good.example##.banner\n@@||not.ads.example^\n&adsize=\n");
	assert_int_equal(category(&one, "x.ads.example"),
			 KNOW_CATEGORY_ADVERTISING);
	assert_int_equal(category(&one, "pop.example"),
			 KNOW_CATEGORY_ADVERTISING);
	assert_int_equal(category(&one, "not.ads.example"), KNOW_CATEGORY_NONE);
	assert_int_equal(category(&one, "part.example"), KNOW_CATEGORY_NONE);
	assert_int_equal(category(&one, "path.example"), KNOW_CATEGORY_NONE);
	assert_int_equal(category(&one, "good.example"), KNOW_CATEGORY_NONE);
	assert_string_equal(one.list.name, "EasyList Extra");
	end(&one);
}

static void a_list_of_malicious_hosts_has_addresses_too(void **state)
{
	struct imported_one one;
	struct know_listing found;
	struct addr addr = { 4, { 198, 51, 100, 7 } };

	(void)state;
	begin(&one, "urlhaus.txt",
	      "! Title: Online Malicious URL Blocklist\n"
	      "! Updated: 2026-01-02T00:00:00Z\n"
	      "! Homepage: https://example/urlhaus-filter\n"
	      "198.51.100.7\nbad.example\n||worse.example^$all\n");
	assert_string_equal(one.list.name, "URLhaus");
	assert_true(
		know_malicious(&one.know, slice_of(NULL, 0), &addr, &found));
	assert_int_equal(found.category, KNOW_CATEGORY_MALICIOUS);
	assert_true(know_malicious(&one.know, slice_text("worse.example"), NULL,
				   &found));
	assert_string_equal(found.list, "URLhaus");
	addr.b[3]++;
	assert_false(know_malicious(&one.know, slice_text("xbad.example"),
				    &addr, &found));
	end(&one);
}

static void tables_of_fingerprints_and_vendors_are_read(void **state)
{
	struct imported_one one;

	(void)state;
	begin(&one, "dhcp.csv",
	      "id,dhcp_fingerprint,device\n1,\"1,3,6,15\",\"A \"\"Smart\"\" "
	      "TV\"\n2,\"1,,3\",wrong\n");
	assert_string_equal(know_dhcp_parameters(&one.know,
						 slice_text("1,3,6,15")),
			    "A \"Smart\" TV");
	assert_int_equal(one.list.taken, 1);
	assert_int_equal(one.list.left_out, 1);
	end(&one);
	begin(&one, "vendors.csv",
	      "dhcp_vendor;device_name\nudhcp 1.2;A thing\n");
	assert_string_equal(know_dhcp_vendor(&one.know,
					     slice_text("udhcp 1.2")),
			    "A thing");
	end(&one);
	begin(&one, "oui.csv",
	      "Registry,Assignment,Organization Name\nMA-L,02A1B2,\"Things, "
	      "Inc.\"\n");
	assert_int_equal(one.list.taken, 1);
	end(&one);
}

static void what_a_list_says_of_itself_can_be_shown(void **state)
{
	struct imported_one one;
	struct buf text;

	(void)state;
	begin(&one, "hosts",
	      "# Title: My \033[2Jh\xc3\xb6sts\xff \xe2\x80\xae\n"
	      "0.0.0.0 bad.example\n");
	assert_string_equal(one.list.name, "My [2Jh\xc3\xb6sts");
	end(&one);
	/* no half of a character where it is cut */
	buf_init(&text, 1 << 10);
	buf_puts(&text, "# Title: ");
	while (text.len < LIST_NAME_BYTES + 20)
		buf_puts(&text, "\xe2\x82\xac");
	buf_puts(&text, "\nbad.example\n");
	begin(&one, "hosts", buf_text(&text));
	assert_int_equal(strlen(one.list.name), 126);
	end(&one);
	buf_done(&text);
}

static void what_is_left_out_is_counted(void **state)
{
	char row[2048];
	struct imported_one one;
	struct buf line;

	(void)state;
	snprintf(row, sizeof(row),
		 "dhcp_vendor,device\n%01025d,Long\nshort,Thing\nalone\n", 7);
	begin(&one, "vendors.csv", row);
	assert_int_equal(one.list.taken, 1);
	assert_int_equal(one.list.left_out, 2);
	end(&one);
	begin(&one, "owners.json",
	      "[{\"name\": \"Owner\", \"domains\": [\"one.example\", 7]},"
	      " {\"domains\": [\"two.example\"]}]");
	assert_int_equal(one.list.taken, 1);
	assert_int_equal(one.list.left_out, 2);
	end(&one);
	buf_init(&line, 1 << 16);
	buf_puts(&line, "0.0.0.0");
	for (int i = 0; i < 300; i++)
		buf_printf(&line, " host%d.example", i);
	begin(&one, "hosts", buf_text(&line));
	assert_int_equal(one.list.taken, 300);
	assert_int_equal(category(&one, "host299.example"),
			 KNOW_CATEGORY_TRACKING);
	end(&one);
	buf_done(&line);
}

static void what_is_no_list_is_told_so(void **state)
{
	static const char *const texts[] = {
		"hello this is a letter\nto nobody\n",
		"{\"a\": [1, 2]}",
		"{\"categories\": {}}",
		"{\"categories\": ",
		"[1, {}]",
		"a,b,c\n1,2,3\n",
		"GIF89a\1\2\3",
		"\n\n\n",
		"||no-host-here\n",
		"{\"categories\": \033[2J}",
	};
	struct imported_one one;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int err = import_as("x", texts[i], strlen(texts[i]), &one.list,
				    &one.file, &one.know);

		assert_true(err == ERR_NOTFOUND || err == ERR_MALFORMED);
		end(&one);
	}
	assert_int_equal(import_as("x", "", 0, &one.list, &one.file, &one.know),
			 ERR_NOTFOUND);
	end(&one);
	assert_int_equal(import_as("x", "a.example\0b.example\n", 20, &one.list,
				   &one.file, &one.know),
			 ERR_NOTFOUND);
	end(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			disconnects_services_are_trackers_with_companies),
		cmocka_unit_test(webxrays_owners_are_companies),
		cmocka_unit_test(a_hosts_file_names_hosts_and_nothing_else),
		cmocka_unit_test(
			rules_for_whole_hosts_are_taken_and_others_left_out),
		cmocka_unit_test(a_list_of_malicious_hosts_has_addresses_too),
		cmocka_unit_test(tables_of_fingerprints_and_vendors_are_read),
		cmocka_unit_test(what_a_list_says_of_itself_can_be_shown),
		cmocka_unit_test(what_is_left_out_is_counted),
		cmocka_unit_test(what_is_no_list_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
