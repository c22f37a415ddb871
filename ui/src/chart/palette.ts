// SPDX-License-Identifier: GPL-3.0-or-later
// Which colour an endpoint has. Colours are named by the custom properties of
// style/base.css; they can be told apart with any kind of colour vision. An
// endpoint keeps its colour while it is shown, however the ranking changes.

import { TOP_ENDPOINTS } from "../api";

export class Palette {
	#slots = new Map<string, number>();

	/** Gives those now shown a colour each; the others' become free. */
	assign(endpoints: string[]): void {
		const shown = new Set(endpoints);

		for (const name of this.#slots.keys())
			if (!shown.has(name)) this.#slots.delete(name);
		const taken = new Set(this.#slots.values());
		for (const name of shown) {
			if (this.#slots.has(name)) continue;
			const free = firstFree(taken);
			if (free === null) return;
			taken.add(free);
			this.#slots.set(name, free);
		}
	}

	/** The property's name; endpoints without one of their own share one. */
	property(endpoint: string | null): string {
		const slot = endpoint === null ? undefined : this.#slots.get(endpoint);

		return slot === undefined ? "--series-others" : `--series-${slot}`;
	}
}

function firstFree(taken: Set<number>): number | null {
	for (let slot = 0; slot < TOP_ENDPOINTS; slot++)
		if (!taken.has(slot)) return slot;
	return null;
}
