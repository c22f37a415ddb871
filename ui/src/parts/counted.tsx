// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that was lost, cut short or refused, and what had to be
// restarted: nothing is dropped in silence.

import type { Status } from "../api";
import { plural } from "../format";

export function Counted({ status }: { status: Status }) {
	const restarted = status.processes.filter((one) => one.restarts > 0);
	const down = status.processes.filter((one) => one.pid === null);
	const counts = Object.entries(status.counters).flatMap(([part, counters]) =>
		Object.entries(counters)
			.filter(([, count]) => count > 0)
			.map(([name, count]) => ({ part, name, count })),
	);

	return (
		<section>
			<h2>Counted since the start</h2>
			<dl>
				<dt>Program</dt>
				<dd>
					{down.length === 0
						? `all ${status.processes.length} parts running`
						: `not running: ${down.map((one) => one.name).join(", ")}`}
				</dd>
				{restarted.map((one) => (
					<>
						<dt key={one.name}>{one.name}</dt>
						<dd>restarted {plural(one.restarts, "time")}</dd>
					</>
				))}
				{counts.map(({ part, name, count }) => (
					<>
						<dt key={part + name}>
							{part}: {name.replaceAll("_", " ")}
						</dt>
						<dd>{count.toLocaleString()}</dd>
					</>
				))}
			</dl>
		</section>
	);
}
