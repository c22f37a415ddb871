// SPDX-License-Identifier: GPL-3.0-or-later
// What was found of all devices and of the home.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { Findings } from "../api";
import { plural } from "../format";
import { FindingList } from "../parts/finding-list";
import { Heading } from "../parts/heading";
import { findingsTurn, load, notKnown } from "../store";

export function FindingsScreen() {
	const found = useSignal<Findings | null>(null);

	useEffect(() => {
		void load(api.findings).then((answer) => {
			if (answer) found.value = answer;
		});
	}, [findingsTurn.value]);

	return (
		<>
			<Heading title="Warnings">Warnings and changes</Heading>
			{found.value !== null &&
				(found.value.findings.length === 0 ? (
					<p class="empty">
						Nothing found so far. Only devices that are watched can be judged.
					</p>
				) : (
					<FindingList findings={found.value.findings} withDevice />
				))}
			{notKnown.value.includes("malicious") && (
				<p class="muted">
					Computers that are known for attacks are not told here: there is no list of them.
				</p>
			)}
			{found.value !== null && found.value.more > 0 && (
				<p class="muted">{plural(found.value.more, "more finding")} not listed.</p>
			)}
		</>
	);
}
