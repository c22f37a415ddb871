// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Traffic } from "../src/api";
import { speed, stack } from "../src/chart/stack";

const traffic: Traffic = {
	from: 5_000,
	to: 15_000,
	step: 5_000,
	times: [5_000, 10_000],
	series: [
		{ endpoint: "a", doubt: null, in_bytes: [5_000, 0], out_bytes: [500, 0] },
		{ endpoint: null, doubt: null, in_bytes: [10_000, 5_000], out_bytes: [0, 1_000] },
	],
};

test("in is piled above zero and out below, farthest first", () => {
	const { in: above, out: below } = stack(traffic);

	assert.deepEqual(above, [
		{ endpoint: null, edge: [3_000, 1_000, 1_000] },
		{ endpoint: "a", edge: [1_000, 0, 0] },
	]);
	assert.deepEqual(below, [
		{ endpoint: null, edge: [-100, -200, -200] },
		{ endpoint: "a", edge: [-100, 0, 0] },
	]);
});

test("the last point lasts until its end", () => {
	assert.deepEqual(stack(traffic).times, [5, 10, 15]);
});

test("no points make an empty chart", () => {
	const none = { ...traffic, times: [], series: [] };

	assert.deepEqual(stack(none), { times: [], in: [], out: [] });
});

test("a speed is of one point or the mean of all", () => {
	const first = traffic.series[0]!;

	assert.deepEqual(speed(traffic, first, 0), { in: 1_000, out: 100 });
	assert.deepEqual(speed(traffic, first, null), { in: 500, out: 50 });
});
