// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { SPANS, WINDOW_MS, reach } from "../src/spans";

test("every span is made of whole steps, and every step of whole windows", () => {
	for (const span of SPANS) {
		assert.equal(span.ms % span.step, 0, span.label);
		assert.equal(span.step % WINDOW_MS, 0, span.label);
	}
});

test("a step that has not ended is not shown", () => {
	const span = { label: "", ms: 60_000, step: 20_000 };

	assert.deepEqual(reach(span, 139_999), { from: 60_000, to: 120_000 });
	assert.deepEqual(reach(span, 140_000), { from: 80_000, to: 140_000 });
});
