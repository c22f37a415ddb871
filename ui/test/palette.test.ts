// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { TOP_ENDPOINTS } from "../src/api";
import { Palette } from "../src/chart/palette";

test("an endpoint keeps its colour when the ranking changes", () => {
	const palette = new Palette();

	palette.assign(["a", "b", "c"]);
	const before = palette.property("b");
	palette.assign(["c", "b", "d"]);
	assert.equal(palette.property("b"), before);
});

test("no two endpoints shown have one colour, after many changes too", () => {
	const palette = new Palette();

	for (let turn = 0; turn < 20; turn++) {
		const names = Array.from({ length: TOP_ENDPOINTS }, (_, i) => `e${i + turn}`);
		palette.assign(names);
		const colours = new Set(names.map((name) => palette.property(name)));
		assert.equal(colours.size, TOP_ENDPOINTS);
	}
});

test("what has no colour of its own is among the others", () => {
	const palette = new Palette();

	palette.assign(Array.from({ length: TOP_ENDPOINTS + 1 }, (_, i) => `e${i}`));
	assert.equal(palette.property(`e${TOP_ENDPOINTS}`), palette.property(null));
});
