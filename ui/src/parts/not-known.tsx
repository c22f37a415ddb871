// SPDX-License-Identifier: GPL-3.0-or-later
// What cannot be told, because this program has no list of it: so that nothing
// found does not look like nothing there.

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

export function NotKnown() {
	const missing = notKnown.value;

	if (missing.length === 0) return null;
	return (
		<section class="not-known">
			<h2>Not told, for want of a list</h2>
			<ul class="plain">
				{missing.map((part) => (
					<li key={part}>{WORDS[part]}</li>
				))}
			</ul>
			<p class="muted">
				<code>iot-inspector data import FILE</code> takes in a list that you have.
			</p>
		</section>
	);
}
