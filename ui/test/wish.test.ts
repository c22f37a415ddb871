// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../src/api";
import { notice } from "../src/store";
import { Wish } from "../src/wish";

interface State {
	night: boolean;
	mbps: number;
}

const FIRST: State = { night: false, mbps: 10 };

/** An inspector that answers each change when it is told to. */
class Inspector {
	has = FIRST;
	readonly sent: State[] = [];
	#answers: (() => void)[] = [];

	readonly take = (wanted: State): Promise<State> => {
		this.sent.push(wanted);
		return new Promise((resolve, refuse) =>
			this.#answers.push(() => {
				if (wanted.mbps > 100) {
					refuse(new Refusal("bad", "No line is so fast."));
					return;
				}
				this.has = wanted;
				resolve(wanted);
			}),
		);
	};

	/** Answers the oldest, and lets the page take the answer. */
	async answer(): Promise<void> {
		this.#answers.shift()!();
		await new Promise(setImmediate);
	}
}

async function shown(inspector: Inspector) {
	const wish = new Wish<State>();

	await wish.ask(async () => inspector.has);
	return {
		wish,
		set: (part: Partial<State>) =>
			void wish.change((state) => ({ ...state, ...part }), inspector.take),
	};
}

test("two quick changes are both shown at once, and both kept", async () => {
	const inspector = new Inspector();
	const { wish, set } = await shown(inspector);

	set({ night: true });
	set({ mbps: 40 });
	assert.deepEqual(wish.shown, { night: true, mbps: 40 });
	assert.equal(inspector.sent.length, 1, "they go one after the other");
	await inspector.answer();
	assert.deepEqual(wish.shown, { night: true, mbps: 40 }, "the newer one stays shown");
	await inspector.answer();
	assert.deepEqual(inspector.sent, [
		{ night: true, mbps: 10 },
		{ night: true, mbps: 40 },
	]);
	assert.deepEqual(inspector.has, { night: true, mbps: 40 });
	assert.deepEqual(wish.shown, inspector.has);
});

test("a refused change is taken back and told; the one after it stands", async () => {
	const inspector = new Inspector();
	const { wish, set } = await shown(inspector);

	set({ mbps: 4000 });
	set({ night: true });
	await inspector.answer();
	assert.deepEqual(wish.shown, { night: true, mbps: 10 });
	await inspector.answer();
	assert.deepEqual(wish.shown, { night: true, mbps: 10 });
	assert.deepEqual(inspector.has, { night: true, mbps: 10 });
	assert.deepEqual(notice.value, { bad: true, text: "No line is so fast." });
});

test("an inspector that does not answer leaves what it was last known to have", async () => {
	const { wish } = await shown(new Inspector());

	await wish.change(
		(state) => ({ ...state, night: true }),
		() => Promise.reject(new TypeError("fetch failed")),
	);
	assert.deepEqual(wish.shown, FIRST);
	assert.deepEqual(notice.value, { bad: true, text: "The inspector did not answer." });
});

test("an answer from before a change does not undo it", async () => {
	const inspector = new Inspector();
	const { wish, set } = await shown(inspector);
	let tell = (_: State) => {};
	const asked = wish.ask(() => new Promise((resolve) => (tell = resolve)));

	set({ night: true });
	await inspector.answer();
	tell(FIRST);
	await asked;
	assert.deepEqual(wish.shown, { night: true, mbps: 10 });
});
