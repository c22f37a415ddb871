// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/rule.h"

#include <string.h>

/* How soon after it stopped a finding may be called gone: what comes in
 * bursts is waited for longer. */
#define MINUTE 60
#define HOUR   3600

const struct rule rules[RULES] = {
	[RULE_HOST_SCAN] = {
		"host_scan", RULE_ALERT, RULE_ALARM, 25,
		"hosts it tried in vain to connect to within 5 minutes",
		5 * MINUTE,
		"It tries one address after the other, as infected devices do "
		"to find the next victim.",
		RULE_UNPLUG,
		"Unplug it. Reset it to factory settings and update it before "
		"you use it again.",
		"Zeek's policy/misc/scan: 25 failed hosts in 5 minutes",
	},
	[RULE_PORT_SCAN] = {
		"port_scan", RULE_ALERT, RULE_ALARM, 15,
		"ports of one host it tried in vain within 5 minutes",
		5 * MINUTE,
		"It tries one port of a computer after the other, as somebody "
		"does who looks for a way in.",
		RULE_UNPLUG,
		"Unplug it. Reset it to factory settings and update it before "
		"you use it again.",
		"Zeek's policy/misc/scan: 15 failed ports in 5 minutes",
	},
	[RULE_INFECTION_PORTS] = {
		"infection_ports", RULE_ALERT, RULE_ALARM, 5,
		"hosts on the Internet it tried on a port that malware spreads "
		"by, within 5 minutes",
		5 * MINUTE,
		"It knocks on the doors that Mirai and its kin come in by: it "
		"is very likely infected.",
		RULE_UNPLUG,
		"Unplug it. Reset it to factory settings, set a new password "
		"and update it before you use it again.",
		"Antonakakis et al., Understanding the Mirai Botnet (USENIX "
		"Security 2017): telnet and router ports; a device of a home "
		"has no business with strangers there",
	},
	[RULE_SYN_FLOOD] = {
		"syn_flood", RULE_ALERT, RULE_ALARM, 500,
		"TCP packets without content, unanswered, to one host in 5 s",
		5 * MINUTE,
		"It floods a computer with connections that it never uses: an "
		"attack on others.",
		RULE_UNPLUG,
		"Unplug it. Reset it to factory settings and update it before "
		"you use it again.",
		"RFC 4987; 100 a second is more than any client opens, and a "
		"fiftieth of what one infected device sends",
	},
	[RULE_UDP_FLOOD] = {
		"udp_flood", RULE_ALERT, RULE_ALARM, 10000,
		"UDP packets, unanswered, to one host in 5 s, three times in 5 "
		"minutes",
		5 * MINUTE,
		"It floods a computer with packets: an attack on others.",
		RULE_UNPLUG,
		"Unplug it. Reset it to factory settings and update it before "
		"you use it again.",
		"2,000 a second is 20 Mbit/s of video in full packets, with "
		"nobody answering one in a hundred",
	},
	[RULE_FAN_OUT] = {
		"fan_out", RULE_ALERT, RULE_WARNING, 8,
		"times as many hosts on the Internet within an hour as in any "
		"hour before, and at least 100",
		HOUR,
		"It suddenly talks to far more computers than it ever did.",
		RULE_SEPARATE,
		"Move it to a guest network, and look for an update.",
		"a thing's hosts are few and stay (paper 5.2); known after a "
		"day",
	},
	[RULE_KNOWN_BAD] = {
		"known_bad", RULE_ALERT, RULE_ALARM, 1,
		"contacts with a host that a list has as malicious",
		5 * MINUTE,
		"It talks to a computer that is known for attacks.",
		RULE_UNPLUG,
		"Unplug it. Reset it to factory settings and update it before "
		"you use it again.",
		"the list named in the evidence",
	},
	[RULE_SLOWS_HOME] = {
		"slows_home", RULE_ALERT, RULE_WARNING, 50,
		"per cent of the home's upload, taken for 10 minutes",
		10 * MINUTE,
		"It uses so much of your upload that the others feel it.",
		RULE_UNPLUG,
		"Lower its quality of upload; if nothing explains it, unplug "
		"it.",
		"of the upload that you set; else of 20 Mbit/s, what a "
		"broadband line must have (FCC 24-27)",
	},
	[RULE_NEW_DEVICE] = {
		"new_device", RULE_ALERT, RULE_NOTE, 1,
		"devices not seen in the first day, nor since", 0,
		"A device that was not there before is on your network.",
		RULE_UNPLUG,
		"If nobody in the home knows it, unplug it, or change the "
		"password of your Wi-Fi.",
		"after a day every device that is ever used has been heard",
	},
	[RULE_SPOOFER] = {
		"spoofer", RULE_ALERT, RULE_ALARM, 3,
		"claims within 10 s to have the address of the router or of a "
		"watched device, while that one is there",
		MINUTE,
		"Somebody on your network says that he is the router or "
		"another device, and can read what others send.",
		RULE_UNPLUG,
		"Find the device with this address and unplug it.",
		"an attacker repeats its claim, as caches forget it; one "
		"alone may be a router that was replaced, unless this "
		"computer believed it",
	},
	[RULE_ROGUE_DHCP] = {
		"rogue_dhcp", RULE_ALERT, RULE_ALARM, 1,
		"a second server that hands out addresses",
		HOUR,
		"A second device hands out addresses in your network, and can "
		"send others where it likes.",
		RULE_UNPLUG,
		"Unplug it, or switch its DHCP server off.",
		"RFC 2131 2.2: a network has one, or several that somebody "
		"made to agree",
	},
	[RULE_CREDENTIALS_IN_CLEAR] = {
		"credentials_in_clear", RULE_WEAKNESS, RULE_WARNING, 1,
		"names or passwords sent without encryption", HOUR,
		"It sends a name or a password that anybody on the way can "
		"read.",
		RULE_UPDATE,
		"Look for an update, and use that password nowhere else.",
		"RFC 7258: what can be read is read",
	},
	[RULE_PLAINTEXT_HTTP] = {
		"plaintext_http", RULE_WEAKNESS, RULE_NOTE, 1,
		"requests to the Internet without encryption", HOUR,
		"It asks for web pages without encryption: anybody on the way "
		"can read and change them.",
		RULE_UPDATE,
		"Look for an update.",
		"paper 6.1",
	},
	[RULE_CLEAR_PROTOCOL] = {
		"clear_protocol", RULE_WEAKNESS, RULE_NOTE, 1,
		"conversations with the Internet in a protocol without "
		"encryption", HOUR,
		"It talks to the Internet without encryption: anybody on the "
		"way can read and change it.",
		RULE_ASK_VENDOR,
		"Ask the vendor when it will be encrypted.",
		"RFC 7258",
	},
	[RULE_OUTDATED_TLS] = {
		"outdated_tls", RULE_WEAKNESS, RULE_WARNING, 1,
		"connections that offer nothing newer than TLS 1.1", HOUR,
		"Its encryption is outdated and can be broken.",
		RULE_UPDATE,
		"Look for an update.",
		"RFC 8996 (TLS 1.0, 1.1); paper 6.1 (SSL 3.0, TLS 1.0)",
	},
	[RULE_WEAK_SUITES] = {
		"weak_suites", RULE_WEAKNESS, RULE_NOTE, 1,
		"connections that offer ciphers which can be broken", HOUR,
		"It would accept encryption that can be broken.",
		RULE_UPDATE,
		"Look for an update.",
		"RFC 9325 4.1, RFC 7465, RFC 5469; paper 6.1",
	},
	[RULE_HARD_CODED_DNS] = {
		"hard_coded_dns", RULE_WEAKNESS, RULE_NOTE, 1,
		"questions to another resolver than the network's", HOUR,
		"It asks a name server of its own choice, past what your "
		"network set.",
		RULE_ASK_VENDOR,
		"Ask the vendor why.",
		"RFC 2132 3.8, RFC 8106 5.1: the network names the "
		"resolver to use",
	},
	[RULE_FIRST_TRACKER] = {
		"first_tracker", RULE_CHANGE, RULE_NOTE, 1,
		"contacts with a tracker it did not know", 0,
		"It talks to a tracker for the first time.",
		RULE_ASK_VENDOR,
		"Ask the vendor what it tells them.",
		"after a day in which its habits are learnt",
	},
	[RULE_FIRST_COUNTRY] = {
		"first_country", RULE_CHANGE, RULE_NOTE, 1,
		"contacts with a country it did not talk to", 0,
		"It talks to another country for the first time.",
		RULE_ASK_VENDOR,
		"Ask the vendor why.",
		"after a day in which its habits are learnt",
	},
	[RULE_FIRST_PLAINTEXT] = {
		"first_plaintext", RULE_CHANGE, RULE_NOTE, 1,
		"conversations without encryption, the first of their kind", 0,
		"It did not do this without encryption before.",
		RULE_UPDATE,
		"Look for an update.",
		"after a day in which its habits are learnt",
	},
	[RULE_NEW_FINGERPRINT] = {
		"new_fingerprint", RULE_CHANGE, RULE_NOTE, 1,
		"JA4 fingerprints it did not have", 0,
		"A program on it connects in a way that none did before: an "
		"update, or something that does not belong there.",
		RULE_ASK_VENDOR,
		"If you did not update it, ask the vendor.",
		"after a day in which its habits are learnt",
	},
	[RULE_WHILE_AWAY] = {
		"while_away", RULE_CHANGE, RULE_NOTE, 100000,
		"bytes sent to the Internet in 5 minutes while you are away",
		0,
		"It sends much while nobody is at home.",
		RULE_SEPARATE,
		"If nothing explains it, move it to a guest network.",
		"a sign of life is some hundred bytes; 100 kB has content",
	},
};

const char *rule_class_name(enum rule_class class)
{
	static const char *const names[] = {
		[RULE_ALERT] = "alert",
		[RULE_WEAKNESS] = "weakness",
		[RULE_CHANGE] = "change",
	};

	return names[class];
}

const char *rule_severity_name(enum rule_severity severity)
{
	static const char *const names[] = {
		[RULE_NOTE] = "note",
		[RULE_WARNING] = "warning",
		[RULE_ALARM] = "alarm",
	};

	return names[severity];
}

const char *rule_advice_name(enum rule_advice advice)
{
	static const char *const names[] = {
		[RULE_UPDATE] = "update",
		[RULE_SEPARATE] = "separate",
		[RULE_UNPLUG] = "unplug",
		[RULE_ASK_VENDOR] = "ask_vendor",
	};

	return names[advice];
}

enum rule_kind rule_find(const char *name)
{
	enum rule_kind kind = 0;

	while (kind < RULES && strcmp(rules[kind].name, name) != 0)
		kind++;
	return kind;
}
