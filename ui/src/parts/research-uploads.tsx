// SPDX-License-Identifier: GPL-3.0-or-later
// What waits, and every byte of what goes and what went.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { NextUpload, Research, SentQuestion, SentUpload } from "../api";
import { bytes, clock, plural } from "../format";
import { load, now, status } from "../store";

export function Uploads({ research }: { research: Research }) {
	const { spool, counters } = research;

	return (
		<section class="card" aria-label="Uploads">
			<h2>Uploads</h2>
			<dl class="facts">
				<dt>Now</dt>
				<dd>{goesNow(research)}</dd>
				<dt>Sent</dt>
				<dd>
					{plural(spool.sent, "window")} of five seconds, {bytes(spool.sent_bytes)}
					{research.last_sent !== null && `; last at ${clock(research.last_sent)}`}
				</dd>
				<dt>Waiting</dt>
				<dd>
					{plural(spool.waiting, "window")}, {bytes(spool.waiting_bytes)} of at most{" "}
					{bytes(spool.limit_bytes)}
				</dd>
				<Lost
					title="Lost"
					windows={spool.dropped}
					why="the oldest went, for want of room here"
				/>
				<Lost title="Refused" windows={spool.refused} why="the collector would not have them" />
				<Lost
					title="Not sent"
					windows={spool.outdated}
					why="gathered under their old text"
				/>
				<Lost
					title="Not kept"
					windows={counters.windows_lost}
					why="since the start they could not be put where they wait, as on a full disk"
				/>
				{counters.rows_refused > 0 && (
					<>
						<dt>Left out</dt>
						<dd>
							{plural(counters.rows_refused, "line")}, since the start: more than one window
							holds
						</dd>
					</>
				)}
				{counters.letters_failed > 0 && (
					<>
						<dt>Failed</dt>
						<dd>
							{plural(counters.letters_failed, "call")} to the collector, since the start.
							What did not arrive waits, and goes again
						</dd>
					</>
				)}
			</dl>
			<Next />
			<Sent />
		</section>
	);
}

function Lost({ title, windows, why }: { title: string; windows: number; why: string }) {
	if (windows === 0) return null;
	return (
		<>
			<dt>{title}</dt>
			<dd>
				{plural(windows, "window")}: {why}
			</dd>
		</>
	);
}

/** Whether anything goes, and if not, why. */
function goesNow({ state, paused, trouble, next_try, spool }: Research): string {
	if (state === "changed") return "Nothing goes until you agree to the collector's new text.";
	if (state !== "sharing") return "Nothing goes until the account is made.";
	if (paused) return "Nothing goes: sharing is paused.";
	if (next_try !== null)
		return `Nothing goes: the last try failed. What is gathered waits; tried again at ${clock(next_try)}.`;
	if (trouble !== null) return "The last try failed. What is gathered waits, and goes again.";
	if (status.value?.limits.watched === 0 && spool.waiting === 0)
		return "Nothing to send: no device is watched.";
	return "Sent every five seconds, when a window is complete.";
}

function Next() {
	const open = useSignal(false);
	const next = useSignal<NextUpload | null>(null);

	useEffect(() => {
		if (open.value)
			void load(api.researchNext).then((answer) => {
				if (answer) next.value = answer;
			});
	}, [open.value, now.value]);

	return (
		<details onToggle={(event) => (open.value = event.currentTarget.open)}>
			<summary>The next upload, byte by byte</summary>
			{next.value !== null &&
				(next.value.segments === 0 ? (
					<p class="muted">Nothing waits.</p>
				) : (
					<Bytes
						length={next.value.bytes}
						whole="/api/research/upload"
						about={`${plural(next.value.segments, "window")}, ${bytes(next.value.bytes)} before compression${next.value.waiting ? "" : "; still being gathered"}`}
						text={next.value.text}
					/>
				))}
		</details>
	);
}

function Sent() {
	const open = useSignal(false);
	const sent = useSignal<SentUpload[]>([]);
	const asked = useSignal<SentQuestion[]>([]);

	useEffect(() => {
		if (open.value)
			void load(api.researchSent).then((answer) => {
				if (!answer) return;
				sent.value = answer.uploads;
				asked.value = answer.questions;
			});
	}, [open.value, now.value]);

	return (
		<details onToggle={(event) => (open.value = event.currentTarget.open)}>
			<summary>The last uploads and questions that went, byte by byte</summary>
			{sent.value.length === 0 && <p class="muted">None, or a deletion took them.</p>}
			{sent.value.map((one) => (
				<Bytes
					key={one.at}
					length={one.bytes}
					whole={`/api/research/upload?at=${one.at}`}
					about={`At ${clock(one.at)}: ${bytes(one.bytes)}, sent as ${bytes(one.compressed)}`}
					text={one.text}
				/>
			))}
			{asked.value.map((one) => (
				<Bytes
					key={`${one.at} ${one.path}`}
					length={one.bytes}
					about={`Asked at ${clock(one.at)}: ${QUESTIONS[one.path] ?? one.path}, ${bytes(one.bytes)}`}
					text={one.text}
				/>
			))}
		</details>
	);
}

const QUESTIONS: Record<string, string> = {
	"/v1/ask/device": "what others call a device like this",
	"/v1/ask/normal": "how many such devices contact these domains",
};

interface Shown {
	about: string;
	text: string;
	/** Of all of it, of which the text may be the beginning only. */
	length: number;
	/** Where all of it is. */
	whole?: string;
}

function Bytes({ about, text, length, whole }: Shown) {
	const shown = new TextEncoder().encode(text).length;

	return (
		<>
			<p class="muted">
				{about}
				{shown < length && `. Only the first ${bytes(shown)} are shown here`}
				{whole !== undefined && (
					<>
						{". "}
						<a href={whole} download="upload.ndjson" aria-label={`Save every byte: ${about}`}>
							Save every byte
						</a>
					</>
				)}
			</p>
			<pre class="bytes" tabIndex={0} role="region" aria-label={about}>
				{text}
			</pre>
		</>
	);
}
