// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { readMacs } from "../src/text/mac";

test("hardware addresses are taken as printed on devices", () => {
	assert.deepEqual(readMacs("AA:bb:cc:00:11:22, aa-bb-cc-00-11-23\nAABBCC001124\n"), {
		macs: ["AA:bb:cc:00:11:22", "aa-bb-cc-00-11-23", "AA:BB:CC:00:11:24"],
		wrong: [],
	});
});

test("what is no hardware address is told, not dropped", () => {
	assert.deepEqual(readMacs("192.168.1.4 aa:bb:cc:00:11 gg:bb:cc:00:11:22").wrong, [
		"192.168.1.4",
		"aa:bb:cc:00:11",
		"gg:bb:cc:00:11:22",
	]);
});

test("nothing typed is nothing excluded", () => {
	assert.deepEqual(readMacs(" \n"), { macs: [], wrong: [] });
});
