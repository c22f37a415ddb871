// SPDX-License-Identifier: GPL-3.0-or-later
// What waits, and every byte of what goes and what went.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { NextUpload, Research, SentQuestion, SentUpload } from "../api";
import { bytes, clock, plural } from "../format";
import { load, now } from "../store";

export function Uploads({ research }: { research: Research }) {
	const { spool } = research;

	return (
		<section class="card" aria-label="Uploads">
			<h2>Uploads</h2>
			<dl class="facts">
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
				{spool.dropped > 0 && (
					<>
						<dt>Lost</dt>
						<dd>{plural(spool.dropped, "window")}: the oldest, for want of room</dd>
					</>
				)}
				{spool.refused > 0 && (
					<>
						<dt>Refused</dt>
						<dd>{plural(spool.refused, "window")}, by the collector</dd>
					</>
				)}
				{spool.outdated > 0 && (
					<>
						<dt>Not sent</dt>
						<dd>{plural(spool.outdated, "window")}, gathered under their old text</dd>
					</>
				)}
			</dl>
			<Next />
			<Sent />
		</section>
	);
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
