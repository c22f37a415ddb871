// SPDX-License-Identifier: GPL-3.0-or-later
// What was found of one device.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { Findings } from "../api";
import { findingsTurn, load } from "../store";
import { FindingList } from "./finding-list";

export function DeviceFindings({ id }: { id: string }) {
	const found = useSignal<Findings | null>(null);

	useEffect(() => {
		void load(() => api.deviceFindings(id)).then((answer) => {
			if (answer) found.value = answer;
		});
	}, [id, findingsTurn.value]);

	if (found.value === null || found.value.findings.length === 0) return null;
	return (
		<section>
			<h2>What is wrong, and what is new</h2>
			<FindingList findings={found.value.findings} />
		</section>
	);
}
