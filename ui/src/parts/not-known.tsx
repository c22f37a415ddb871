// SPDX-License-Identifier: GPL-3.0-or-later
// What cannot be told, because this program has no list of it: said where it
// would stand, so that nothing found does not look like nothing there.

import type { Part } from "../api";
import { notKnown } from "../store";

const WORDS: Record<Part, string> = {
	vendors: "who made a device",
	companies: "which company a host belongs to",
	trackers: "who is a tracker or an advertiser",
	malicious: "which hosts are known for attacks",
	countries: "in which country an address is",
	networks: "whose network an address belongs to",
	ports: "what a port is used for",
	suites: "which encryption is weak",
	domains: "which names belong together",
};

/** Of these parts, those that are not there. */
export function NotKnown({ of }: { of: readonly Part[] }) {
	const missing = of.filter((part) => notKnown.value.includes(part));

	if (missing.length === 0) return null;
	return (
		<p class="muted not-known">
			Not told here: {missing.map((part) => WORDS[part]).join("; ")}. This program came without{" "}
			{missing.length === 1 ? "a list" : "lists"} of that.
		</p>
	);
}
