// SPDX-License-Identifier: GPL-3.0-or-later
// What was lost, cut short or refused, and what had to be restarted: nothing
// is dropped in silence. Every other counter is there too, folded away.

import type { Status } from "../api";
import { plural } from "../format";
import counters from "../text/counters.json";

const LOSS =
	/refused|dropped|lost|truncated|malformed|unsupported|abandoned|cut|failures|late|delayed|limited|skipped/;

/** The parts of the program that count, in the order of a packet's way. */
const PARTS: readonly [keyof Status["counters"], string][] = [
	["guard", "On the network"],
	["discover", "Asking devices"],
	["engine", "Reading"],
	["hub", "Showing"],
	["store", "Keeping"],
];

interface Count {
	/** As the interface has it, for who looks for it there. */
	name: string;
	says: string;
	count: number;
}

function countsOf(status: Status, part: keyof Status["counters"]): Count[] {
	const words: Record<string, string> = counters[part];

	return Object.entries(status.counters[part]).map(([name, count]) => ({
		name: `${part}.${name}`,
		says: words[name] ?? name,
		count,
	}));
}

export function Counted({ status }: { status: Status }) {
	const parts = PARTS.map(([part, title]) => ({ title, counts: countsOf(status, part) }));
	const losses = parts
		.flatMap(({ counts }) => counts)
		.filter(({ name, count }) => count > 0 && LOSS.test(name));
	const restarts = status.processes
		.filter((one) => one.restarts > 0 || one.pid === null)
		.map((one) =>
			one.pid === null
				? `${one.name} is being started`
				: `${one.name} was restarted ${plural(one.restarts, "time")}`,
		);

	return (
		<section class="counted">
			<h2>Lost, cut short or refused</h2>
			{losses.length === 0 && restarts.length === 0 && <p>Nothing since the start.</p>}
			{restarts.map((text) => (
				<p key={text}>{text}</p>
			))}
			<Counts counts={losses} />
			<details>
				<summary>Everything counted</summary>
				{parts.map(({ title, counts }) => (
					<section key={title}>
						<h3>{title}</h3>
						<Counts counts={counts} />
					</section>
				))}
			</details>
		</section>
	);
}

function Counts({ counts }: { counts: Count[] }) {
	if (counts.length === 0) return null;
	return (
		<dl>
			{counts.map(({ name, says, count }) => [
				<dt key={name} title={name}>
					{says}
				</dt>,
				<dd key={`${name}=`}>{count.toLocaleString()}</dd>,
			])}
		</dl>
	);
}
