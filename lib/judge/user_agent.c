// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/user_agent.h"

#include "judge/match.h"

/* Products' names, and the parts of comments, in their order. */
struct items {
	struct slice products[USER_AGENT_ITEMS_MAX];
	struct slice parts[USER_AGENT_ITEMS_MAX];
	size_t product_count, part_count;
};

static struct slice trimmed(const uint8_t *from, const uint8_t *to)
{
	while (from < to && (*from == ' ' || *from == '\t'))
		from++;
	while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
		to--;
	return slice_of(from, (size_t)(to - from));
}

static void add(struct slice *list, size_t *count, struct slice item)
{
	if (item.len && *count < USER_AGENT_ITEMS_MAX)
		list[(*count)++] = item;
}

/* From behind the "(" to its ")", which may be missing; nested ones belong to
 * the part they are in. Gives what follows. */
static const uint8_t *split_comment(struct items *items, const uint8_t *at,
				    const uint8_t *end)
{
	const uint8_t *part = at;
	unsigned int depth = 1;

	for (; at < end; at++) {
		depth += *at == '(';
		depth -= *at == ')';
		if (!depth || (*at == ';' && depth == 1)) {
			add(items->parts, &items->part_count,
			    trimmed(part, at));
			part = at + 1;
		}
		if (!depth)
			return at + 1;
	}
	add(items->parts, &items->part_count, trimmed(part, at));
	return at;
}

static void split(struct items *items, struct slice text)
{
	const uint8_t *at = text.data, *end = text.data + text.len, *from;

	while (at < end) {
		if (*at == '(') {
			at = split_comment(items, at + 1, end);
			continue;
		}
		from = at;
		while (at < end && *at != ' ' && *at != '(')
			at++;
		add(items->products, &items->product_count, trimmed(from, at));
		while (at < end && *at == ' ')
			at++;
	}
}

enum place {
	IN_PRODUCT,   /* name and version of a product begin so */
	IN_PART,      /* a comment's part begins so */
	IN_EITHER,    /* a word of it anywhere */
	IN_BEGINNING, /* the beginning of a word anywhere */
};

/* The first that fits decides: programs of Apple's telephones may be named for
 * a television that they control, a television's browser also says what it
 * wants to be taken for, a telephone's that it is Linux. */
static const struct sign {
	enum place place;
	const char *text;
	enum user_agent_platform platform;
} signs[] = {
	{ IN_EITHER, "AppleTV", USER_AGENT_APPLE_TV },
	{ IN_PRODUCT, "AppleTV", USER_AGENT_APPLE_TV },
	{ IN_PART, "Apple TV", USER_AGENT_APPLE_TV },
	{ IN_PART, "HomePod", USER_AGENT_HOMEPOD },
	{ IN_PRODUCT, "AudioAccessory", USER_AGENT_HOMEPOD },
	{ IN_PRODUCT, "Watch", USER_AGENT_APPLE_WATCH },
	{ IN_PART, "Apple Watch", USER_AGENT_APPLE_WATCH },
	{ IN_PART, "iPhone", USER_AGENT_IPHONE },
	{ IN_PRODUCT, "iPhone", USER_AGENT_IPHONE },
	{ IN_PART, "iPod", USER_AGENT_IPHONE },
	{ IN_PART, "iPad", USER_AGENT_IPAD },
	{ IN_PRODUCT, "iPad", USER_AGENT_IPAD },
	{ IN_PRODUCT, "CFNetwork", USER_AGENT_DARWIN },
	{ IN_PRODUCT, "Darwin", USER_AGENT_DARWIN },
	{ IN_PRODUCT, "CaptiveNetworkSupport", USER_AGENT_DARWIN },
	{ IN_EITHER, "SmartTV", USER_AGENT_TELEVISION },
	{ IN_EITHER, "Smart-TV", USER_AGENT_TELEVISION },
	{ IN_EITHER, "SMART_TV", USER_AGENT_TELEVISION },
	{ IN_EITHER, "Web0S", USER_AGENT_TELEVISION },
	{ IN_EITHER, "webOS.TV", USER_AGENT_TELEVISION },
	{ IN_EITHER, "NetCast", USER_AGENT_TELEVISION },
	{ IN_EITHER, "HbbTV", USER_AGENT_TELEVISION },
	{ IN_EITHER, "Roku", USER_AGENT_TELEVISION },
	{ IN_EITHER, "CrKey", USER_AGENT_TELEVISION },
	{ IN_EITHER, "GoogleTV", USER_AGENT_TELEVISION },
	{ IN_EITHER, "Android TV", USER_AGENT_TELEVISION },
	{ IN_EITHER, "AndroidTV", USER_AGENT_TELEVISION },
	{ IN_EITHER, "BRAVIA", USER_AGENT_TELEVISION },
	{ IN_EITHER, "VIZIO", USER_AGENT_TELEVISION },
	{ IN_EITHER, "PlayStation", USER_AGENT_CONSOLE },
	{ IN_EITHER, "Nintendo", USER_AGENT_CONSOLE },
	{ IN_EITHER, "Xbox", USER_AGENT_XBOX },
	{ IN_PART, "Tizen", USER_AGENT_UNKNOWN }, /* watch, fridge, … */
	{ IN_PART, "Windows Phone", USER_AGENT_ANDROID_MOBILE },
	{ IN_PART, "Android", USER_AGENT_ANDROID },
	{ IN_PRODUCT, "Android", USER_AGENT_ANDROID },
	{ IN_PART, "CrOS", USER_AGENT_CHROMEOS },
	{ IN_PART, "Macintosh", USER_AGENT_MAC },
	{ IN_PRODUCT, "Macintosh", USER_AGENT_MAC },
	{ IN_EITHER, "macOS", USER_AGENT_MAC },
	{ IN_BEGINNING, "apple-darwin", USER_AGENT_MAC },
	{ IN_PART, "Windows", USER_AGENT_WINDOWS },
	{ IN_EITHER, "Windows NT", USER_AGENT_WINDOWS },
	{ IN_PRODUCT, "Microsoft-CryptoAPI", USER_AGENT_WINDOWS },
	{ IN_PRODUCT, "Microsoft-WNS", USER_AGENT_WINDOWS },
	{ IN_PRODUCT, "Windows-Update-Agent", USER_AGENT_WINDOWS },
	{ IN_PRODUCT, "Microsoft-Delivery-Optimization", USER_AGENT_WINDOWS },
	{ IN_EITHER, "Microsoft BITS", USER_AGENT_WINDOWS },
	{ IN_EITHER, "Microsoft NCSI", USER_AGENT_WINDOWS },
	{ IN_PART, "X11", USER_AGENT_LINUX_DESKTOP },
	{ IN_PART, "Wayland", USER_AGENT_LINUX_DESKTOP },
	{ IN_EITHER, "Ubuntu", USER_AGENT_LINUX_DESKTOP },
	{ IN_EITHER, "Kubuntu", USER_AGENT_LINUX_DESKTOP },
	{ IN_EITHER, "Fedora", USER_AGENT_LINUX_DESKTOP },
	{ IN_EITHER, "Konqueror", USER_AGENT_LINUX_DESKTOP },
	{ IN_EITHER, "PackageKit", USER_AGENT_LINUX_DESKTOP },
	{ IN_EITHER, "APT-HTTP", USER_AGENT_LINUX },
	{ IN_PART, "darwin", USER_AGENT_MAC }, /* of a compiled command */
	{ IN_PART, "Linux", USER_AGENT_LINUX },
	{ IN_EITHER, "Linux", USER_AGENT_LINUX },
};

static bool shows(const struct items *items, struct slice text,
		  const struct sign *sign)
{
	struct slice pattern = slice_text(sign->text);

	if (sign->place == IN_EITHER)
		return match_text(MATCH_WORD, pattern, text, NULL);
	if (sign->place == IN_BEGINNING)
		return match_text(MATCH_BEGINS_WORD, pattern, text, NULL);
	if (sign->place == IN_PRODUCT) {
		for (size_t i = 0; i < items->product_count; i++)
			if (match_text(MATCH_STARTS, pattern,
				       items->products[i], NULL))
				return true;
		return false;
	}
	for (size_t i = 0; i < items->part_count; i++)
		if (match_text(MATCH_STARTS, pattern, items->parts[i], NULL))
			return true;
	return false;
}

static bool is_mobile(const struct items *items)
{
	for (size_t i = 0; i < items->product_count; i++)
		if (match_text(MATCH_WORD, slice_text("Mobile"),
			       items->products[i], NULL))
			return true;
	for (size_t i = 0; i < items->part_count; i++)
		if (match_text(MATCH_IS, slice_text("Mobile"), items->parts[i],
			       NULL))
			return true;
	return false;
}

/* "Linux; U; Android 9; AFTMM Build/PS7233": the part behind Android's, but
 * for a language, up to the build. Browsers of today say "K" instead. */
static struct slice android_device(const struct items *items)
{
	size_t i = 0, end;
	struct slice part;

	while (i < items->part_count &&
	       !match_text(MATCH_STARTS, slice_text("Android"), items->parts[i],
			   NULL))
		i++;
	for (i++; i < items->part_count; i++) {
		part = items->parts[i];
		if (part.len == 5 &&
		    (part.data[2] == '-' || part.data[2] == '_'))
			continue;
		for (end = 0; end + 6 <= part.len; end++)
			if (match_text(MATCH_STARTS, slice_text("Build/"),
				       slice_of(part.data + end,
						part.len - end),
				       NULL))
				break;
		if (end + 6 > part.len)
			end = part.len;
		part = trimmed(part.data, part.data + end);
		if (part.len > 1 &&
		    !match_text(MATCH_IS, slice_text("wv"), part, NULL) &&
		    !match_text(MATCH_IS, slice_text("Mobile"), part, NULL) &&
		    !match_text(MATCH_STARTS, slice_text("rv:"), part, NULL))
			return part;
	}
	return (struct slice){ NULL, 0 };
}

struct user_agent user_agent_parse(struct slice text)
{
	struct items items = { .product_count = 0 };
	struct user_agent out = { .platform = USER_AGENT_UNKNOWN };

	split(&items, text);
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (shows(&items, text, &signs[i])) {
			out.platform = signs[i].platform;
			break;
		}
	out.device = android_device(&items);
	if (out.platform == USER_AGENT_ANDROID && is_mobile(&items))
		out.platform = USER_AGENT_ANDROID_MOBILE;
	return out;
}

const char *user_agent_platform_name(enum user_agent_platform platform)
{
	static const char *const names[USER_AGENT_PLATFORMS] = {
		[USER_AGENT_UNKNOWN] = "",
		[USER_AGENT_ANDROID] = "android",
		[USER_AGENT_ANDROID_MOBILE] = "android-mobile",
		[USER_AGENT_IPHONE] = "iphone",
		[USER_AGENT_IPAD] = "ipad",
		[USER_AGENT_MAC] = "mac",
		[USER_AGENT_DARWIN] = "darwin",
		[USER_AGENT_APPLE_TV] = "apple-tv",
		[USER_AGENT_HOMEPOD] = "homepod",
		[USER_AGENT_APPLE_WATCH] = "apple-watch",
		[USER_AGENT_WINDOWS] = "windows",
		[USER_AGENT_XBOX] = "xbox",
		[USER_AGENT_CHROMEOS] = "chromeos",
		[USER_AGENT_LINUX_DESKTOP] = "linux-desktop",
		[USER_AGENT_LINUX] = "linux",
		[USER_AGENT_TELEVISION] = "television",
		[USER_AGENT_CONSOLE] = "console",
	};

	return names[platform];
}
