// SPDX-License-Identifier: GPL-3.0-or-later
// Where in the page we are: kept in the address, so that reload and the back
// button do what one expects.

import { signal } from "@preact/signals";

export type Route =
	| { name: "devices" }
	| { name: "device"; id: string }
	| { name: "findings" }
	| { name: "settings" }
	| { name: "research" }
	| { name: "privacy" };

export function parse(hash: string): Route {
	const device = /^#\/device\/([0-9a-f]{64})$/.exec(hash);

	if (device?.[1]) return { name: "device", id: device[1] };
	if (hash === "#/warnings") return { name: "findings" };
	if (hash === "#/settings") return { name: "settings" };
	if (hash === "#/research") return { name: "research" };
	return { name: hash === "#/privacy" ? "privacy" : "devices" };
}

export function link(route: Route): string {
	switch (route.name) {
		case "device":
			return `#/device/${route.id}`;
		case "findings":
			return "#/warnings";
		case "settings":
			return "#/settings";
		case "research":
			return "#/research";
		case "privacy":
			return "#/privacy";
		case "devices":
			return "#/";
	}
}

export const route = signal<Route>({ name: "devices" });

export function followAddress(): void {
	const follow = () => (route.value = parse(location.hash));
	let byLink = false;

	addEventListener("click", ({ target }) => {
		byLink = target instanceof Element && target.closest('a[href^="#/"]') !== null;
	});
	addEventListener("hashchange", () => {
		follow();
		// by the back button, the browser knows better
		if (byLink) scrollTo(0, 0);
		byLink = false;
	});
	follow();
}
