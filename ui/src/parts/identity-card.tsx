// SPDX-License-Identifier: GPL-3.0-or-later
// What the device is taken for, how surely, and by which evidence.

import type { Identity } from "../api";
import { CLUES } from "../device";

export function IdentityCard({ identity }: { identity: Identity }) {
	const words = [identity.vendor, identity.model, identity.category_text].filter(Boolean);

	if (words.length === 0) return null;
	return (
		<section class="card">
			<h2>Most likely: {words.join(", ")}</h2>
			<small class="muted">{identity.confidence} % sure</small>
			<details>
				<summary>Why</summary>
				<ul class="reasons">
					{identity.evidence.map((one) => (
						<li key={one.kind + one.text}>
							<span class="text">{one.text}</span>
							{" – "}
							{one.says} ({source(one.kind)}
							{one.contradicts && "; speaks against"})
						</li>
					))}
					{identity.evidence_left_out > 0 && (
						<li class="muted">and {identity.evidence_left_out} more, of less weight</li>
					)}
				</ul>
			</details>
		</section>
	);
}

const SOURCES: Record<string, string> = {
	...CLUES,
	oui: "maker of its network card",
	mac_random: "its hardware address is made up",
	domain: "a name it asked for",
	ja3: "how it greets (TLS)",
	ja4: "how it greets (TLS)",
	application: "how it speaks",
	open: "where it answers others",
	dhcp_table: "a list you imported, by how it asks for an address",
};

function source(kind: string): string {
	return SOURCES[kind] ?? kind;
}
