// SPDX-License-Identifier: GPL-3.0-or-later
// Names that look like a person's wait for the owner's word.

import { api } from "../api";
import type { PersonalName, Research } from "../api";
import type { Doing } from "../screens/research";
import { DeviceLink } from "./device-link";

/** Without the key that stands before it in an mDNS text: "md=Anna's TV". */
function said({ kind, text }: PersonalName): string {
	return kind === "mdns_txt" ? text.slice(text.indexOf("=") + 1) : text;
}

export function ResearchNames({ research, doing }: { research: Research; doing: Doing }) {
	const asked = research.names.filter((name) => name.answer === null);

	if (asked.length === 0) return null;
	return (
		<section class="card" aria-label="Names to decide on">
			<h2>These names look like a person's</h2>
			<p class="muted">They are not shared unless you say so.</p>
			<ul class="plain">
				{asked.map((name) => (
					<li key={`${name.device} ${name.kind} ${name.text}`}>
						<p>
							<span class="text">“{said(name)}”</span>, of <DeviceLink id={name.device} />
						</p>
						<div class="buttons">
							<button
								type="button"
								class="small"
								onClick={() => doing(() => api.researchName(name, false))}
							>
								Keep it here
							</button>
							<button
								type="button"
								class="small"
								onClick={() => doing(() => api.researchName(name, true))}
							>
								Share it
							</button>
						</div>
					</li>
				))}
			</ul>
		</section>
	);
}
