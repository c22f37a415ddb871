// SPDX-License-Identifier: GPL-3.0-or-later
// What was found, each with its evidence and the one thing to do.

import { useSignal } from "@preact/signals";
import { api } from "../api";
import type { Finding } from "../api";
import { ago, clock, day, duration, plural, subject } from "../format";
import { act, findingsChanged, notice, now } from "../store";
import { DeviceLink } from "./device-link";

const SEVERITY = { alarm: "bad", warning: "warn", note: "" } as const;
const WORDS = { alarm: "alarm", warning: "warning", note: "note" } as const;

export function FindingList(props: { findings: Finding[]; withDevice?: boolean | undefined }) {
	const open = props.findings.filter((one) => one.state === "open");
	const grave = open.filter((one) => one.severity !== "note");
	const notes = open.filter((one) => one.severity === "note");
	const closed = props.findings.filter((one) => one.state !== "open");
	const list = (findings: Finding[]) => (
		<ul class="findings">
			{findings.map((one) => (
				<One key={one.id} finding={one} withDevice={props.withDevice} />
			))}
		</ul>
	);

	return (
		<>
			{list(grave)}
			{notes.length > 0 && (
				<details>
					<summary>{plural(notes.length, "note")} of less weight</summary>
					{list(notes)}
				</details>
			)}
			{closed.length > 0 && (
				<details>
					<summary>{plural(closed.length, "finding")} gone or put aside</summary>
					{list(closed)}
				</details>
			)}
		</>
	);
}

function One({ finding, withDevice }: { finding: Finding; withDevice?: boolean | undefined }) {
	return (
		<li class={`card finding ${SEVERITY[finding.severity]}`}>
			<p>
				<span class={`tag ${SEVERITY[finding.severity]}`}>{WORDS[finding.severity]}</span>
				{withDevice && finding.device !== null && (
					<>
						<DeviceLink id={finding.device} />:{" "}
					</>
				)}
				<strong>{finding.text}</strong>
				{finding.subject !== null && (
					<span class="text"> {subject(finding.kind, finding.subject)}</span>
				)}
			</p>
			{finding.state === "open" && (
				<p>
					<span class="muted">What to do: </span>
					{finding.to_do}
				</p>
			)}
			<small class="muted">
				{when(finding)}
				{finding.state !== "open" && ` · ${finding.state}`}
			</small>
			<details>
				<summary>What this rests on</summary>
				<ul class="reasons">
					{finding.evidence.map((one) => (
						<li key={one.at + one.text}>
							<time>
								{day(one.at)} {clock(one.at)}
							</time>
							: <span class="text">{subject(finding.kind, one.text)}</span>
						</li>
					))}
					<li>The rule's source: {finding.reason}</li>
				</ul>
			</details>
			{finding.state === "open" && <Deeds finding={finding} />}
		</li>
	);
}

function when(finding: Finding): string {
	const last = ago(finding.last, now.value);

	if (finding.hits === 1) return `once, ${last}`;
	return `${finding.hits.toLocaleString()} times, last ${last}, first ${day(finding.since)}`;
}

function Deeds({ finding }: { finding: Finding }) {
	const busy = useSignal(false);
	const doing = (deed: () => Promise<void>) => async () => {
		if (busy.value) return;
		busy.value = true;
		await deed();
		findingsChanged.value++;
		busy.value = false;
	};
	const recheck = async () => {
		const answer = await act(() => api.recheck(finding.id));

		if (answer)
			notice.value = {
				bad: !answer.gone,
				text: answer.gone
					? "It was not seen again: gone."
					: `It was seen ${ago(answer.finding.last, now.value)}.${wait(answer.wait_s)}`,
			};
	};
	const dismiss = async () => {
		await act(() => api.dismiss(finding.id));
	};

	return (
		<div class="buttons">
			<button type="button" class="small" onClick={doing(recheck)}>
				Look again
			</button>
			<button type="button" class="small" onClick={doing(dismiss)}>
				I know, put it aside
			</button>
		</div>
	);
}

function wait(seconds: number | null): string {
	return seconds === null
		? ""
		: ` It is called gone after ${duration(seconds * 1000)} without it.`;
}
