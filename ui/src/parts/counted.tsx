// SPDX-License-Identifier: GPL-3.0-or-later
// What was lost, cut short or refused, and what had to be restarted: nothing
// is dropped in silence. Every other counter is there too, folded away.

import type { Status } from "../api";
import { plural } from "../format";

const LOSS =
	/refused|dropped|lost|truncated|malformed|unsupported|abandoned|cut|failures|late|delayed|limited|skipped/;

/** Those that a person meets in the daily run, in words. */
const WORDS: Record<string, string> = {
	"hub: windows refused": "not taken in, of devices that are closed or left the list (5 s each)",
};

interface Count {
	name: string;
	count: number;
}

export function Counted({ status }: { status: Status }) {
	const all = Object.entries(status.counters).flatMap(([part, counters]) =>
		Object.entries(counters).map(([name, count]) => ({
			name: `${part}: ${name.replaceAll("_", " ")}`,
			count,
		})),
	);
	const losses = all.filter(({ name, count }) => count > 0 && LOSS.test(name));
	const restarts = status.processes
		.filter((one) => one.restarts > 0 || one.pid === null)
		.map((one) =>
			one.pid === null
				? `${one.name} is being started`
				: `${one.name} was restarted ${plural(one.restarts, "time")}`,
		);

	return (
		<section>
			<h2>Lost, cut short or refused</h2>
			{losses.length === 0 && restarts.length === 0 && <p>Nothing since the start.</p>}
			{restarts.map((text) => (
				<p key={text}>{text}</p>
			))}
			<Counts counts={losses} />
			<details>
				<summary>Every counter</summary>
				<Counts counts={all} />
			</details>
		</section>
	);
}

function Counts({ counts }: { counts: Count[] }) {
	return (
		<dl>
			{counts.map(({ name, count }) => [
				<dt key={name}>{WORDS[name] ?? name}</dt>,
				<dd key={`${name}=`}>{count.toLocaleString()}</dd>,
			])}
		</dl>
	);
}
