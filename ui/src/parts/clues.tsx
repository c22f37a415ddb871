// SPDX-License-Identifier: GPL-3.0-or-later
// What the device says of itself, and where that was heard.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { Clue } from "../api";
import { CLUES, clueText } from "../device";
import { ago, plural } from "../format";
import { load, now } from "../store";
import { Fold } from "./fold";

export function Clues({ id }: { id: string }) {
	const clues = useSignal<Clue[] | null>(null);

	useEffect(() => {
		void load(() => api.clues(id)).then((answer) => {
			if (answer) clues.value = answer.clues;
		});
	}, [id, now.value]);

	if (clues.value === null) return null;
	return (
		<Fold
			title="What it says about itself"
			note={plural(clues.value.length, "thing")}
		>
			{clues.value.length === 0 ? (
				<p class="muted">Nothing heard so far.</p>
			) : (
				<div class="scroll">
					<table>
						<thead>
							<tr>
								<th scope="col">It says</th>
								<th scope="col">As</th>
								<th scope="col">Last heard</th>
							</tr>
						</thead>
						<tbody>
							{clues.value.map((clue) => (
								<tr key={clue.kind + clue.text}>
									<td class="text">{clueText(clue.kind, clue.text)}</td>
									<td>{CLUES[clue.kind]}</td>
									<td>{ago(clue.last_seen, now.value)}</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
		</Fold>
	);
}
