// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and times as a person reads them.

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** 1234567 → "1.2 MB"; powers of 1,000, at most three digits. */
export function bytes(count: number): string {
	let unit = 0;
	let value = count;

	while (Math.round(value) >= 1000 && unit < UNITS.length - 1) {
		value /= 1000;
		unit++;
	}
	const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
	return `${trimmed(value.toFixed(digits))} ${UNITS[unit]}`;
}

export function rate(bytesPerSecond: number): string {
	return `${bytes(bytesPerSecond)}/s`;
}

function trimmed(digits: string): string {
	return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/** 0.998 → "99.8 %"; never rounded up to all of it. */
export function share(part: number): string {
	const percent = Math.floor(part * 1000) / 10;
	return `${percent} %`;
}

export function clock(ms: number): string {
	return new Date(ms).toLocaleTimeString([], {
		hour: "2-digit",
		minute: "2-digit",
		second: "2-digit",
	});
}

export function minute(ms: number): string {
	return new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** 22 Nov, in the order of the person's language. */
export function day(ms: number): string {
	return new Date(ms).toLocaleDateString([], { day: "numeric", month: "short" });
}

const regions = new Intl.DisplayNames(undefined, { type: "region" });

/** US → United States; what is no such code stays as it is. */
export function country(code: string): string {
	return /^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code;
}

/** What a finding or a change is about, in words: a country by its name. */
export function subject(kind: string, text: string): string {
	return kind === "first_country" ? country(text) : text;
}

/** Protocols without ports that a home has, by their numbers (IANA). */
const PROTOCOLS: Record<string, string> = { 1: "icmp", 2: "igmp", 58: "icmp6" };

/** As the inspector writes them: tcp/443, or a protocol's number alone. */
export function port(text: string): string {
	return PROTOCOLS[text] ?? text;
}

/** Names of protocols that are not written in capitals, or say little. */
const SPOKEN: Record<string, string> = {
	dot: "encrypted DNS (DoT)",
	doh: "encrypted DNS (DoH)",
	doq: "encrypted DNS (DoQ)",
	http: "HTTP, web pages without encryption",
	tls: "TLS, encrypted",
	quic: "QUIC, encrypted",
	"google-quic": "Google QUIC, encrypted",
	netbios: "NetBIOS",
	mdns: "mDNS",
	coap: "CoAP",
	tuya: "Tuya",
	telnet: "Telnet",
	matter: "Matter",
	dhcp6: "DHCPv6",
};

/** As the inspector recognises what was spoken: tls → TLS, encrypted. */
export function protocol(name: string): string {
	return SPOKEN[name] ?? name.toUpperCase();
}

/** "CN=a.example, O=A, Inc." → "a.example (A, Inc.)": whom a certificate is of. */
export function certified(subject: string): string {
	const said = new Map(
		subject
			.split(/, (?=[A-Za-z]+=)/)
			.map((part) => [part.split("=", 1)[0]!, part.slice(part.indexOf("=") + 1)]),
	);
	const [name, owner] = [said.get("CN"), said.get("O")];

	if (name && owner && name !== owner) return `${name} (${owner})`;
	return name || owner || subject;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago: "just now", "40 s ago", "12 min ago", "3 h ago", "2 days ago". */
export function ago(ms: number, now: number): string {
	const past = now - ms;

	if (past < 10_000) return "just now";
	return `${duration(past)} ago`;
}

export function duration(ms: number): string {
	if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`;
	if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
	if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
	return `${Math.floor(ms / DAY)} days`;
}

/** 1 device, 2 devices. */
export function plural(count: number, one: string, many = `${one}s`): string {
	return `${count} ${count === 1 ? one : many}`;
}
