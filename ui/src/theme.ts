// SPDX-License-Identifier: GPL-3.0-or-later
// Light or dark, as the system says: for what CSS does not reach (canvas).

import { signal } from "@preact/signals";

const query = matchMedia("(prefers-color-scheme: dark)");

export const dark = signal(query.matches);
query.addEventListener("change", () => (dark.value = query.matches));

/** The value of a custom property now, e.g. property("--line"). */
export function property(name: string): string {
	return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
