// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/settings.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"

#define SETTING "settings"
#define UPLOAD	";upload "

static const char *const days[SETTINGS_DAYS] = { "mon", "tue", "wed", "thu",
						 "fri", "sat", "sun" };

/* "DNS;DAYS FROM TO;…;upload MBPS" in numbers */
int settings_save(const struct settings *settings, struct store *store)
{
	struct buf text;
	int err;

	buf_init(&text, STORE_SETTING_BYTES);
	buf_printf(&text, "%d", settings->reverse_dns);
	for (size_t i = 0; i < settings->away_count; i++)
		buf_printf(&text, ";%u %u %u", settings->away[i].days,
			   settings->away[i].from_min,
			   settings->away[i].to_min);
	if (settings->upload_mbps)
		buf_printf(&text, UPLOAD "%u", settings->upload_mbps);
	err = buf_check(&text);
	if (!err)
		err = store_setting_put(store, SETTING, buf_slice(&text));
	buf_done(&text);
	return err;
}

static bool is_good(unsigned int day_bits, unsigned int from, unsigned int to)
{
	return day_bits && day_bits < 1u << SETTINGS_DAYS && from < to &&
	       to <= SETTINGS_DAY_MIN;
}

static void load_upload(struct settings *settings, const char *text)
{
	const char *at = strstr(text, UPLOAD);
	unsigned int mbps;

	if (at && sscanf(at, UPLOAD "%u", &mbps) == 1 &&
	    mbps <= SETTINGS_UPLOAD_MBPS_MAX)
		settings->upload_mbps = (uint16_t)mbps;
}

void settings_load(struct settings *settings, struct store *store)
{
	char text[STORE_SETTING_BYTES + 1];
	int len = store_setting_get(store, SETTING, (uint8_t *)text);
	const char *at = text;
	unsigned int day_bits, from, to;

	*settings = (struct settings){ .reverse_dns = true };
	if (len <= 0)
		return;
	text[len] = '\0';
	settings->reverse_dns = text[0] == '1';
	load_upload(settings, text);
	while ((at = strchr(at, ';')) &&
	       settings->away_count < SETTINGS_AWAY_MAX) {
		at++;
		if (sscanf(at, "%u %u %u", &day_bits, &from, &to) == 3 &&
		    is_good(day_bits, from, to))
			settings->away[settings->away_count++] =
				(struct settings_away){ (uint8_t)day_bits,
							(uint16_t)from,
							(uint16_t)to };
	}
}

bool settings_is_away(const struct settings *settings, uint64_t now_ms)
{
	time_t now = (time_t)(now_ms / 1000);
	unsigned int minute, day;
	struct tm local;

	if (!localtime_r(&now, &local))
		return false;
	minute = (unsigned int)(local.tm_hour * 60 + local.tm_min);
	/* tm_wday counts from Sunday */
	day = 1u << (local.tm_wday + SETTINGS_DAYS - 1) % SETTINGS_DAYS;
	for (size_t i = 0; i < settings->away_count; i++)
		if ((settings->away[i].days & day) &&
		    minute >= settings->away[i].from_min &&
		    minute < settings->away[i].to_min)
			return true;
	return false;
}

json_t *settings_view(const struct settings *settings)
{
	json_t *away = json_array();

	for (size_t i = 0; i < settings->away_count; i++) {
		const struct settings_away *span = &settings->away[i];
		json_t *names = json_array();

		for (size_t day = 0; day < SETTINGS_DAYS; day++)
			if (span->days & 1u << day)
				json_array_append_new(names,
						      json_string(days[day]));
		json_array_append_new(
			away, json_pack("{s:o,s:i,s:i}", "days", names, "from",
					span->from_min, "to", span->to_min));
	}
	return json_pack("{s:b,s:o,s:o}", "reverse_dns", settings->reverse_dns,
			 "away", away, "upload_mbps",
			 settings->upload_mbps
				 ? json_integer(settings->upload_mbps)
				 : json_null());
}

static bool read_days(json_t *list, unsigned int *bits)
{
	json_t *name;
	size_t i, day;

	*bits = 0;
	json_array_foreach(list, i, name)
	{
		const char *text = json_string_value(name);

		for (day = 0; day < SETTINGS_DAYS; day++)
			if (text && !strcmp(text, days[day]))
				break;
		if (day == SETTINGS_DAYS || *bits & 1u << day)
			return false;
		*bits |= 1u << day;
	}
	return json_is_array(list);
}

static bool read_span(json_t *json, struct settings_away *out)
{
	unsigned int bits;
	json_int_t from, to;
	json_t *list;

	if (json_unpack(json, "{s:o,s:I,s:I!}", "days", &list, "from", &from,
			"to", &to) ||
	    !read_days(list, &bits) || from < 0 || to < 0 ||
	    from > SETTINGS_DAY_MIN || to > SETTINGS_DAY_MIN ||
	    !is_good(bits, (unsigned int)from, (unsigned int)to))
		return false;
	*out = (struct settings_away){ (uint8_t)bits, (uint16_t)from,
				       (uint16_t)to };
	return true;
}

static bool read_upload(json_t *json, uint16_t *out)
{
	json_int_t mbps = json_integer_value(json);

	if (json_is_null(json))
		return true;
	if (!json_is_integer(json) || mbps < 1 ||
	    mbps > SETTINGS_UPLOAD_MBPS_MAX)
		return false;
	*out = (uint16_t)mbps;
	return true;
}

int settings_read(json_t *json, struct settings *out)
{
	struct settings settings = { 0 };
	json_t *away, *span, *upload;
	int reverse_dns;
	size_t i;

	if (json_unpack(json, "{s:b,s:o,s:o!}", "reverse_dns", &reverse_dns,
			"away", &away, "upload_mbps", &upload) ||
	    !read_upload(upload, &settings.upload_mbps) ||
	    !json_is_array(away) || json_array_size(away) > SETTINGS_AWAY_MAX)
		return ERR_INVALID;
	settings.reverse_dns = reverse_dns;
	json_array_foreach(away, i, span)
	{
		if (!read_span(span, &settings.away[i]))
			return ERR_INVALID;
		settings.away_count++;
	}
	*out = settings;
	return 0;
}
