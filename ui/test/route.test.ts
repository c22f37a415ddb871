// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { link, parse } from "../src/route";
import type { Route } from "../src/route";

test("every place has an address that leads back to it", () => {
	const places: Route[] = [
		{ name: "devices" },
		{ name: "findings" },
		{ name: "settings" },
		{ name: "privacy" },
		{ name: "device", id: "0123456789abcdef".repeat(4) },
	];
	for (const place of places) assert.deepEqual(parse(link(place)), place);
});

test("an address that is none leads to the devices", () => {
	for (const hash of ["", "#", "#/device/../status", "#/device/XYZ", "#/nowhere"])
		assert.deepEqual(parse(hash), { name: "devices" });
});
