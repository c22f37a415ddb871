// SPDX-License-Identifier: GPL-3.0-or-later
// What the researchers hold: to have, and to have deleted.

import { api } from "../api";
import type { Receipt, Research } from "../api";
import { bytes } from "../format";
import type { Doing } from "../screens/research";
import { Ask } from "./ask";

export function Rights({ research, doing }: { research: Research; doing: Doing }) {
	const fetching = research.held.state === "fetching";

	return (
		<section class="card" aria-label="Your rights">
			<h2>What the researchers hold of yours</h2>
			<div class="buttons">
				<button
					type="button"
					aria-disabled={fetching}
					onClick={() => !fetching && doing(api.researchFetchHeld)}
				>
					{fetching ? "Fetching it…" : "Fetch all of it"}
				</button>
				{research.held.state === "ready" && (
					<a href="/api/research/held" download="held.ndjson">
						Save it ({bytes(research.held.bytes)})
					</a>
				)}
				<Ask
					label="Delete names there"
					confirm="Delete all names"
					onConfirm={() => doing(() => api.researchDelete("names"))}
				>
					<p>
						All names that your devices asked for, connected with, or call themselves are
						deleted at the collector, and names of hosts are no longer shared. What devices
						call themselves is, while DHCP and UPnP are switched on.
					</p>
				</Ask>
			</div>
			<p class="muted">
				To delete a single device there, open its page; to delete everything, choose “Stop and
				erase” above.
			</p>
			{research.wishes.length > 0 && (
				<p role="status">
					Not confirmed yet: {research.wishes.map((wish) => wish.what).join(", ")}. It is
					asked for until it is.
				</p>
			)}
		</section>
	);
}

export function Receipts({ research }: { research: Research }) {
	if (research.receipts.length === 0) return null;
	return (
		<section class="card" aria-label="Receipts">
			<h2>Receipts of deletions</h2>
			<ul class="plain">
				{[...research.receipts].reverse().map((receipt) => (
					<li key={`${receipt.receipt} ${receipt.at}`}>
						<One receipt={receipt} />
					</li>
				))}
			</ul>
		</section>
	);
}

function One({ receipt }: { receipt: Receipt }) {
	return (
		<p class="text">
			{receipt.at !== null && new Date(receipt.at).toLocaleString()}: {receipt.what ?? "?"}
			{receipt.device !== null && ` ${receipt.device}`}, {receipt.rows ?? "?"} rows, by{" "}
			{receipt.collector}. {receipt.receipt === null ? "There was nothing." : `Receipt ${receipt.receipt}.`}
		</p>
	);
}
