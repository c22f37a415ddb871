// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/personal.h"

static void each_is(const char *const *texts, size_t count, bool personal)
{
	for (size_t i = 0; i < count; i++)
		if (personal_is(slice_text(texts[i])) != personal)
			fail_msg("%s", texts[i]);
}

static void what_says_whose_it_is_is_personal(void **state)
{
	static const char *const texts[] = {
		"Anna's iPhone",
		"Anna\xe2\x80\x99s TV",
		"Anna`s TV",
		"Anna\xca\xbcs garden",
		"Anna\xe2\x80\xb2s room",
		"Max's iPhone",
		"Maxs-iPhone",
		"iPhone von Max",
		"iPhone van Bas",
		"iPhone de Luz",
		"Wolfgangs iPhone",
		"WolfgangsiPhone",
		"Minyoungs iPhone",
		"Phillip's TV",
		"Philip's hue",
		"Alexa's iPhone",
		"Harmony's iPad",
		"Arlo's tablet",
		"James' room",
		"Chris' Apple TV",
		"J's iPhone",
		"O'Brien's TV",
		"Danny's Chromecast",
		"Mom's Echo",
		"Maria's Philips TV",
		"Anna's",
		"Ay\xc5\x9f"
		"e'nin iPhone'u",
		"Ahmet'in TV",
		"Annas iPhone",
		"Annas-iPhone",
		"annas_ipad",
		"annas.iphone",
		"AnnasiPhone",
		"JohnsMacBookPro",
		"johns-macbook-pro",
		"johns-mbp",
		"Johns PC",
		"JohnsPC",
		"Chris TV",
		"Toms Dell",
		"Marks new iPad",
		"Annas old Samsung TV",
		"Annas Philips TV",
		"Jims lamp",
		"Larrys lights",
		"Lukas Handy",
		"Omas Fernseher",
		"J\xc3\xbcrgens Kamera",
		"Papas Drucker",
		"iPhone de Ana",
		"iPhone de Anna",
		"iPhone 12 de Anna",
		"Galaxy S9 de Mar\xc3\xad"
		"a",
		"MacBook Pro de Juan",
		"TV de la Maria",
		"iPhone di Marco",
		"Lampada di Giulia",
		"iPad von Jo",
		"iPad-von-Jo",
		"Kamera von J\xc3\xbcrgen",
		"Fernseher vom Opa",
		"Laptop van Sanne",
		"iPhone da Beatriz",
		"Celular do Jo\xc3\xa3o phone de Ana",
		"Echo of Anna",
		"iPhone d'Hugo",
		"iPhone d\xe2\x80\x99"
		"Anna",
		"iPhone de l'Anna",
		"Lampe de Chlo\xc3\xa9",
		"Philips Hue de Pedro",
		"Cuarto de Sofia TV de Sofia",
		"Telefon fra Ola",
		"iPhone (Anna)",
		"Anna\xe3\x81\xaeiPhone",
		"\xe5\xb0\x8f\xe6\x98\x8e\xe7\x9a\x84 iPhone",
		"Anna\xec\x9d\x98 iPhone",
		"Anna Smith's \"Den\" TV",
		"Anna\x92s iPhone",
		"Anna\xb4s iPhone",
		"Anna%92s iPhone",
		"Anna%27s iPhone",
		"Annas%20iPhone",
		"iPhone%20de%20Ana",
		"Anna&#39;s iPhone",
		"Anna&apos;s iPhone",
		"Anna\\u2019s iPhone",
		"Anna\\226\\128\\153s\\032iPhone",
	};

	(void)state;
	each_is(texts, sizeof(texts) / sizeof(texts[0]), true);
}

static void vendors_things_and_places_are_nobody(void **state)
{
	static const char *const texts[] = {
		"",
		"iPhone",
		"android-5c2",
		"Roku Ultra",
		"Samsung TV",
		"Philips TV",
		"Philips-hue",
		"philips_tv",
		"PhilipsTV",
		"Philips",
		"Philips's",
		"Micro-Star Int'l PC",
		"R&D Center TV",
		"webOS TV",
		"Foscam",
		"Foscam camera",
		"viscam",
		"Philips Hue bridge 2015",
		"Harmony Hub",
		"Logitech Harmony",
		"Ring doorbell",
		"Alexa",
		"Alexa speaker",
		"Nest thermostat",
		"Google Nest Mini",
		"August lock",
		"HS110",
		"amazon-echo",
		"Amazon's Echo",
		"Voice Assistant's",
		"Amazons Echo",
		"Googles speaker",
		"Roku's remote",
		"Sonos speaker",
		"Sonos One",
		"Asus PC",
		"Asus laptop",
		"Siemens TV",
		"Withings scale",
		"Linksys router",
		"Arris modem router",
		"Axis camera",
		"Wireless speaker",
		"Wireless camera",
		"Access camera",
		"Business PC",
		"Windows PC",
		"Glass lamp",
		"Christmas lights",
		"Downstairs TV",
		"Upstairs Echo",
		"Stairs light",
		"Kids TV",
		"Kids' room",
		"Kid's tablet",
		"Children's room",
		"Guests room",
		"Boys room TV",
		"Living room lights",
		"Two cameras switch",
		"Lights switch",
		"Plus TV",
		"Xbox Series X",
		"Echo Dots",
		"Headphones",
		"Chromecast Audio",
		"TV de la sala",
		"TV de sala",
		"Luz de cocina",
		"Camera da letto",
		"L\xc3\xa1mpara de mesa TV",
		"Lampe de chevet",
		"TV de l'entr\xc3\xa9"
		"e",
		"Camera de surveillance",
		"Hub von Philips",
		"Kamera von Amazon",
		"TV im Wohnzimmer",
		"Haus TV",
		"iPad (2)",
		"iPad (3rd generation)",
		"iPhone (work)",
		"Apple TV (Bedroom)",
		"Don't touch TV",
		"'Living room' TV",
		"Rock 'n' roll speaker",
		"90's radio",
		"md=Philips TV",
		"John Deere",
		"ads.tv",
		"device-metrics-us",
		"images.tv",
		"logs.roku",
		"BRAVIA 4K GB",
		"HP LaserJet M15w (1A2B3C)",
		"iPhone 15 Pro Max",
		"Google Home Max speaker",
		"\xc3\x9c"
		"berwachungskamera",
		"Sicherheitskamera",
		"Heizungs-Thermostat",
		"Treppenhauslampe",
		"Arbeitslaptop",
		"Beveiligingscamera",
		"D-Link DCS-932L Camera",
		"Epson POS Printer",
		"Graphics tablet",
		"settings.mobile",
	};

	(void)state;
	each_is(texts, sizeof(texts) / sizeof(texts[0]), false);
}

static void a_text_of_more_words_than_are_looked_at_is_personal(void **state)
{
	char text[2 * PERSONAL_WORDS_MAX + 2];

	(void)state;
	memset(text, '-', sizeof(text));
	for (size_t i = 0; i < PERSONAL_WORDS_MAX; i++)
		text[2 * i] = 'x';
	assert_false(personal_is(slice_of(text, sizeof(text))));
	text[2 * PERSONAL_WORDS_MAX] = 'x';
	assert_true(personal_is(slice_of(text, sizeof(text))));
}

/* Each cut of a text ends within its bytes, or the sanitizer would tell. */
static void a_text_cut_anywhere_is_read_to_its_end(void **state)
{
	static const char whole[] = "iPhone (d\xe2\x80\x99"
				    "Anna\xc2\xb4s \xec\x9d\x98 \xef\xbc\x87";

	(void)state;
	for (size_t n = 0; n < sizeof(whole); n++) {
		char *text = malloc(n ? n : 1);

		memcpy(text, whole, n);
		(void)personal_is(slice_of(text, n));
		free(text);
	}
}

static void an_apostrophe_alone_says_it_in_what_programs_write(void **state)
{
	(void)state;
	assert_true(personal_is_marked(slice_text("app/1 (Anna's iPhone)")));
	assert_true(personal_is_marked(slice_text("TV of James'")));
	assert_true(personal_is_marked(
		slice_text("Anna%E2%80%99s%20App/1 CFNetwork/1206")));
	assert_false(personal_is_marked(slice_text("Home%20App/1 CFNetwork")));
	assert_false(personal_is_marked(slice_text("GlassTV/1 (it's 'new')")));
	assert_false(personal_is_marked(slice_text("Annas iPhone")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_says_whose_it_is_is_personal),
		cmocka_unit_test(vendors_things_and_places_are_nobody),
		cmocka_unit_test(
			a_text_of_more_words_than_are_looked_at_is_personal),
		cmocka_unit_test(a_text_cut_anywhere_is_read_to_its_end),
		cmocka_unit_test(
			an_apostrophe_alone_says_it_in_what_programs_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
