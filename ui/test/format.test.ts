// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, certified, country, duration, plural, port, protocol, share, subject } from "../src/format";

test("bytes have at most three digits and no idle zeros", () => {
	const cases: [number, string][] = [
		[0, "0 B"],
		[999, "999 B"],
		[1000, "1 kB"],
		[1234, "1.23 kB"],
		[9999, "10 kB"],
		[99_949, "99.9 kB"],
		[99_950, "100 kB"],
		[999_499, "999 kB"],
		[999_500, "1 MB"],
		[1_500_000_000_000_000, "1500 TB"],
	];
	for (const [count, text] of cases) assert.equal(bytes(count), text);
});

test("a share is never rounded up to all of it", () => {
	assert.equal(share(1), "100 %");
	assert.equal(share(0.99999), "99.9 %");
	assert.equal(share(0), "0 %");
});

test("times past are told in the largest unit that fits", () => {
	assert.equal(ago(95_000, 100_000), "just now");
	assert.equal(ago(0, 59_999), "59 s ago");
	assert.equal(ago(0, 61_000), "1 min ago");
	assert.equal(duration(47 * 3_600_000), "47 h");
	assert.equal(duration(49 * 3_600_000), "2 days");
});

test("a clock that runs ahead of ours is not in the future", () => {
	assert.equal(ago(100_000, 90_000), "just now");
});

test("one is singular, none is plural", () => {
	assert.equal(plural(1, "device"), "1 device");
	assert.equal(plural(0, "device"), "0 devices");
	assert.equal(plural(2, "box", "boxes"), "2 boxes");
});

test("a country is told by its name, and what is no code as it is", () => {
	assert.equal(country("DE"), new Intl.DisplayNames(undefined, { type: "region" }).of("DE"));
	assert.notEqual(country("DE"), "DE");
	assert.equal(country("nowhere"), "nowhere");
});

test("a protocol without ports has its name", () => {
	assert.deepEqual(["tcp/443", "58", "47"].map(port), ["tcp/443", "icmp6", "47"]);
});

test("whom a certificate is for is told by its name and its owner", () => {
	assert.equal(certified("C=DE, O=A, Inc., CN=a.example"), "a.example (A, Inc.)");
	assert.equal(certified("CN=lab"), "lab");
	assert.equal(certified("O=A, OU=B=C"), "A");
	assert.equal(certified("C=DE"), "C=DE");
});

test("what a finding is about is told in words", () => {
	assert.equal(subject("first_country", "DE"), country("DE"));
	assert.equal(subject("first_tracker", "DE"), "DE");
});

test("a protocol is written as people know it", () => {
	assert.equal(protocol("doh"), "encrypted DNS (DoH)");
	assert.equal(protocol("ntp"), "NTP");
});
