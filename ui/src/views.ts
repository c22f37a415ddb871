// SPDX-License-Identifier: GPL-3.0-or-later
// How long each view was looked at: told to the inspector, which forgets it at
// once unless the owner shares that.

import { effect } from "@preact/signals";
import { api } from "./api";
import { route } from "./route";
import { status } from "./store";

/** Less is a click on the way. */
const LEAST_S = 1;
/** A view that stays open is told in parts. */
const PART_MS = 30_000;

let view = "";
let since = Date.now();

function tell(): void {
	const seconds = (Date.now() - since) / 1000;

	if (view !== "" && seconds >= LEAST_S && status.peek()?.research.state === "sharing")
		// nobody waits for the answer: the inspector may be ending
		api.researchView(view, Math.round(seconds * 10) / 10).catch(() => undefined);
	since = Date.now();
}

export function followViews(): void {
	effect(() => {
		const { name } = route.value;

		tell();
		view = document.hidden ? "" : name;
	});
	document.addEventListener("visibilitychange", () => {
		tell();
		view = document.hidden ? "" : route.peek().name;
	});
	setInterval(tell, PART_MS);
}
