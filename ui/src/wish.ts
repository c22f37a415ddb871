// SPDX-License-Identifier: GPL-3.0-or-later
// What the owner sets, shown as he wants it from the moment he says so. His
// changes go out one after the other, each made of what the inspector has by
// then; a refused one is taken back, and those after it stand.

import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { attempt, load, notice } from "./store";

interface Change<T> {
	/** The state with this change in it. */
	make: (state: T) => T;
	/** Asks for it; the answer is the new state. */
	send: (wanted: T) => Promise<T>;
}

export class Wish<T extends object> {
	/** What is shown; null until the inspector has said what it has. */
	readonly #shown = signal<T | null>(null);
	/** What the inspector has, by its last answer. */
	#had: T | null = null;
	/** The first of them is under way. */
	#wanted: Change<T>[] = [];
	/** Counts changes, so that an answer from before one is known as such. */
	#turn = 0;

	get shown(): T | null {
		return this.#shown.value;
	}

	/** Asks for the state; the answer counts if nothing was changed meanwhile. */
	async ask(request: () => Promise<T>): Promise<void> {
		const turn = this.#turn;
		const answer = await load(request);

		if (answer !== null && turn === this.#turn && this.#wanted.length === 0)
			this.#shown.value = this.#had = answer;
	}

	/** Shows the change at once; resolves when nothing is under way any more. */
	async change(make: Change<T>["make"], send: Change<T>["send"]): Promise<void> {
		if (this.#had === null) return;
		notice.value = null;
		this.#turn++;
		this.#wanted.push({ make, send });
		this.#show();
		if (this.#wanted.length === 1) await this.#deliver();
	}

	async #deliver(): Promise<void> {
		for (let next; (next = this.#wanted[0]) !== undefined; ) {
			const { make, send } = next;
			const wanted = make(this.#had!);
			const answer = await attempt(() => send(wanted));

			if (answer !== null) this.#had = answer;
			this.#wanted.shift();
			this.#show();
		}
	}

	#show(): void {
		let state = this.#had!;

		for (const { make } of this.#wanted) state = make(state);
		this.#shown.value = state;
	}
}

/** The component's own. */
export function useWish<T extends object>(): Wish<T> {
	const wish = useRef<Wish<T> | null>(null);

	return (wish.current ??= new Wish<T>());
}
