// SPDX-License-Identifier: GPL-3.0-or-later
// What the person must know, newest first, each with what helps against it.

import { useSignal } from "@preact/signals";
import type { Fault } from "../api";
import { clock } from "../format";
import { Command } from "./command";
import { DeviceLink } from "./device-link";

/** Those that were not put aside, in front of everything. */
export function FreshFaults({ faults }: { faults: Fault[] }) {
	const seenUntil = useSignal(0);
	const [newest, ...older] = faults.filter((fault) => fault.at > seenUntil.value);

	return (
		<div role="status">
			{newest && (
				<div class="notice warn">
					<div>
						<One fault={newest} />
						{older.length > 0 && (
							<details>
								<summary>{older.length} more</summary>
								{older.map((fault) => (
									<One key={fault.at + fault.text} fault={fault} />
								))}
							</details>
						)}
					</div>
					<button
						type="button"
						class="small"
						onClick={() => (seenUntil.value = newest.at)}
					>
						Hide
					</button>
				</div>
			)}
		</div>
	);
}

export function AllFaults({ faults }: { faults: Fault[] }) {
	return (
		<section>
			<h2>Problems</h2>
			{faults.length === 0 ? (
				<p>None so far.</p>
			) : (
				faults.map((fault) => <One key={fault.at + fault.text} fault={fault} />)
			)}
		</section>
	);
}

function One({ fault }: { fault: Fault }) {
	return (
		<p>
			<time class="muted">{clock(fault.at)}</time>{" "}
			{fault.device !== null && (
				<>
					<DeviceLink id={fault.device} />:{" "}
				</>
			)}
			{fault.text.replace(/\.?$/, ".")}
			{fault.fix !== null && (
				<>
					{" "}
					This helps: <Command text={fault.fix} />
				</>
			)}
		</p>
	);
}
