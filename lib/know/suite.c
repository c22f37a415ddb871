// SPDX-License-Identifier: GPL-3.0-or-later
#include "know/suite.h"

#include <stddef.h>

/* By number, for a binary search. */
static const struct {
	uint16_t suite;
	uint8_t weakness;
} weak_suites[] = {
	{ 0x0000, SUITE_NULL | SUITE_ANON },
	{ 0x0001, SUITE_NULL },
	{ 0x0002, SUITE_NULL },
	{ 0x0003, SUITE_EXPORT | SUITE_RC4 },
	{ 0x0004, SUITE_RC4 },
	{ 0x0005, SUITE_RC4 },
	{ 0x0006, SUITE_EXPORT },
	{ 0x0008, SUITE_EXPORT | SUITE_DES },
	{ 0x0009, SUITE_DES },
	{ 0x000a, SUITE_3DES },
	{ 0x000b, SUITE_EXPORT | SUITE_DES },
	{ 0x000c, SUITE_DES },
	{ 0x000d, SUITE_3DES },
	{ 0x000e, SUITE_EXPORT | SUITE_DES },
	{ 0x000f, SUITE_DES },
	{ 0x0010, SUITE_3DES },
	{ 0x0011, SUITE_EXPORT | SUITE_DES },
	{ 0x0012, SUITE_DES },
	{ 0x0013, SUITE_3DES },
	{ 0x0014, SUITE_EXPORT | SUITE_DES },
	{ 0x0015, SUITE_DES },
	{ 0x0016, SUITE_3DES },
	{ 0x0017, SUITE_EXPORT | SUITE_ANON | SUITE_RC4 },
	{ 0x0018, SUITE_ANON | SUITE_RC4 },
	{ 0x0019, SUITE_EXPORT | SUITE_ANON | SUITE_DES },
	{ 0x001a, SUITE_ANON | SUITE_DES },
	{ 0x001b, SUITE_ANON | SUITE_3DES },
	{ 0x001c, SUITE_NULL },
	{ 0x001e, SUITE_DES },
	{ 0x001f, SUITE_3DES },
	{ 0x0020, SUITE_RC4 },
	{ 0x0022, SUITE_DES },
	{ 0x0023, SUITE_3DES },
	{ 0x0024, SUITE_RC4 },
	{ 0x0026, SUITE_EXPORT | SUITE_DES },
	{ 0x0027, SUITE_EXPORT },
	{ 0x0028, SUITE_EXPORT | SUITE_RC4 },
	{ 0x0029, SUITE_EXPORT | SUITE_DES },
	{ 0x002a, SUITE_EXPORT },
	{ 0x002b, SUITE_EXPORT | SUITE_RC4 },
	{ 0x002c, SUITE_NULL },
	{ 0x002d, SUITE_NULL },
	{ 0x002e, SUITE_NULL },
	{ 0x0034, SUITE_ANON },
	{ 0x003a, SUITE_ANON },
	{ 0x003b, SUITE_NULL },
	{ 0x0046, SUITE_ANON },
	{ 0x0060, SUITE_EXPORT | SUITE_RC4 },
	{ 0x0061, SUITE_EXPORT },
	{ 0x0062, SUITE_EXPORT | SUITE_DES },
	{ 0x0063, SUITE_EXPORT | SUITE_DES },
	{ 0x0064, SUITE_EXPORT | SUITE_RC4 },
	{ 0x0065, SUITE_EXPORT | SUITE_RC4 },
	{ 0x0066, SUITE_RC4 },
	{ 0x006c, SUITE_ANON },
	{ 0x006d, SUITE_ANON },
	{ 0x0082, SUITE_NULL },
	{ 0x0083, SUITE_NULL },
	{ 0x0089, SUITE_ANON },
	{ 0x008a, SUITE_RC4 },
	{ 0x008b, SUITE_3DES },
	{ 0x008e, SUITE_RC4 },
	{ 0x008f, SUITE_3DES },
	{ 0x0092, SUITE_RC4 },
	{ 0x0093, SUITE_3DES },
	{ 0x009b, SUITE_ANON },
	{ 0x00a6, SUITE_ANON },
	{ 0x00a7, SUITE_ANON },
	{ 0x00b0, SUITE_NULL },
	{ 0x00b1, SUITE_NULL },
	{ 0x00b4, SUITE_NULL },
	{ 0x00b5, SUITE_NULL },
	{ 0x00b8, SUITE_NULL },
	{ 0x00b9, SUITE_NULL },
	{ 0x00bf, SUITE_ANON },
	{ 0x00c5, SUITE_ANON },
	{ 0xc001, SUITE_NULL },
	{ 0xc002, SUITE_RC4 },
	{ 0xc003, SUITE_3DES },
	{ 0xc006, SUITE_NULL },
	{ 0xc007, SUITE_RC4 },
	{ 0xc008, SUITE_3DES },
	{ 0xc00b, SUITE_NULL },
	{ 0xc00c, SUITE_RC4 },
	{ 0xc00d, SUITE_3DES },
	{ 0xc010, SUITE_NULL },
	{ 0xc011, SUITE_RC4 },
	{ 0xc012, SUITE_3DES },
	{ 0xc015, SUITE_NULL | SUITE_ANON },
	{ 0xc016, SUITE_ANON | SUITE_RC4 },
	{ 0xc017, SUITE_ANON | SUITE_3DES },
	{ 0xc018, SUITE_ANON },
	{ 0xc019, SUITE_ANON },
	{ 0xc01a, SUITE_3DES },
	{ 0xc01b, SUITE_3DES },
	{ 0xc01c, SUITE_3DES },
	{ 0xc033, SUITE_RC4 },
	{ 0xc034, SUITE_3DES },
	{ 0xc039, SUITE_NULL },
	{ 0xc03a, SUITE_NULL },
	{ 0xc03b, SUITE_NULL },
	{ 0xc046, SUITE_ANON },
	{ 0xc047, SUITE_ANON },
	{ 0xc05a, SUITE_ANON },
	{ 0xc05b, SUITE_ANON },
	{ 0xc084, SUITE_ANON },
	{ 0xc085, SUITE_ANON },
	{ 0xc0b4, SUITE_NULL },
	{ 0xc0b5, SUITE_NULL },
	{ 0xfefe, SUITE_DES },
	{ 0xfeff, SUITE_3DES },
	{ 0xffe0, SUITE_3DES },
	{ 0xffe1, SUITE_DES },
};

unsigned suite_weakness(uint16_t suite)
{
	size_t low = 0, high = sizeof(weak_suites) / sizeof(weak_suites[0]);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (weak_suites[middle].suite == suite)
			return weak_suites[middle].weakness;
		if (weak_suites[middle].suite < suite)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

const char *suite_weakness_name(enum suite_weakness weakness)
{
	switch (weakness) {
	case SUITE_NULL:
		return "no encryption";
	case SUITE_EXPORT:
		return "export";
	case SUITE_ANON:
		return "anonymous";
	case SUITE_RC4:
		return "RC4";
	case SUITE_DES:
		return "DES";
	case SUITE_3DES:
		return "3DES";
	}
	return "";
}
