// SPDX-License-Identifier: GPL-3.0-or-later
// Sharing with researchers: off until the owner names a collector and agrees to
// its own text.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { Offer, Research, Status } from "../api";
import { bytes, clock, plural } from "../format";
import { Ask } from "../parts/ask";
import { Heading } from "../parts/heading";
import { Receipts, Rights } from "../parts/research-rights";
import { ResearchNames } from "../parts/research-names";
import { ResearchSwitches } from "../parts/research-switches";
import { Uploads } from "../parts/research-uploads";
import { now } from "../store";
import { useWish } from "../wish";

/** Does something, and takes the state that comes back; until then it shows what
 * is known of it. */
export type Doing = (
	request: () => Promise<Research>,
	make?: (state: Research) => Research,
) => Promise<void>;

export function ResearchScreen({ status }: { status: Status }) {
	const research = useWish<Research>();
	const doing: Doing = (request, make = (state) => state) =>
		research.change(make, request);

	useEffect(() => void research.ask(api.research), [now.value, status.research.state]);

	return (
		<article class="narrow research">
			<Heading title="Research">Share with research</Heading>
			{research.shown !== null && <Shown research={research.shown} doing={doing} />}
		</article>
	);
}

interface Props {
	research: Research;
	doing: Doing;
}

function Shown({ research, doing }: Props) {
	const account = research.agreed !== null;

	return (
		<>
			<State research={research} doing={doing} />
			{research.state === "off" && <Choose doing={doing} />}
			{(research.state === "offered" || research.state === "changed") &&
				research.offer !== null && (
					<Agree offer={research.offer} research={research} doing={doing} />
				)}
			{account && research.state !== "erasing" && (
				<>
					<ResearchNames research={research} doing={doing} />
					<Uploads research={research} />
					<ResearchSwitches research={research} doing={doing} />
					<Rights research={research} doing={doing} />
				</>
			)}
			<Receipts research={research} />
		</>
	);
}

const STATES: Record<Research["state"], string> = {
	off: "Nothing leaves your home. You may share what the inspector sees with a group of researchers that you choose; nothing here needs it.",
	asking: "Asking the collector what it does…",
	offered: "This collector is run by others. Read what they say; nothing has been sent.",
	joining: "Making an account: a random number, without a name or an e-mail address.",
	sharing: "What your watched devices do is shared, as set below.",
	changed:
		"The collector has changed its text. Nothing is gathered or sent until you agree to the new one.",
	erasing: "Asking the collector to delete everything of yours. Nothing is sent any more.",
};

function State({ research, doing }: Props) {
	const asking = research.state === "asking" || research.state === "joining";

	return (
		<section class="card" aria-label="State">
			<p class="lead">
				{research.state === "sharing" && research.paused
					? "Paused: nothing is gathered or sent."
					: STATES[research.state]}
			</p>
			{research.collector !== null && (
				<p>
					Collector: <span class="text">{research.collector}</span>
				</p>
			)}
			{research.trouble !== null && <Trouble research={research} />}
			<div class="buttons">
				{research.state === "sharing" && (
					<button
						type="button"
						onClick={() =>
							doing(research.paused ? api.researchResume : api.researchPause)
						}
					>
						{research.paused ? "Resume sharing" : "Pause sharing"}
					</button>
				)}
				{(asking || research.state === "offered") && research.agreed === null && (
					<button
						type="button"
						onClick={() => doing(() => api.researchWithdraw(false))}
					>
						Not this one
					</button>
				)}
			</div>
			{research.agreed !== null && <Withdraw research={research} doing={doing} />}
		</section>
	);
}

function Trouble({ research }: { research: Research }) {
	return (
		<p class="text" role="status">
			Last problem: {research.trouble}
			{research.next_try !== null &&
				`. Tried again at ${clock(research.next_try)}.`}
		</p>
	);
}

function Withdraw({ research, doing }: Props) {
	return (
		<div class="buttons">
			<Ask
				label="Stop sharing"
				confirm="Stop"
				onConfirm={() => doing(() => api.researchWithdraw(false))}
			>
				<p>
					Nothing more is sent, and what waits here is deleted. What the researchers have
					stays with them: to have it deleted, choose “Stop and erase”, now, for the
					account is forgotten here.
				</p>
			</Ask>
			{research.state !== "erasing" && (
				<Ask
					label="Stop and erase"
					confirm="Stop and erase everything"
					onConfirm={() => doing(() => api.researchWithdraw(true))}
				>
					<p>
						Nothing more is sent. The researchers' collector is asked to delete
						everything of yours until it confirms that with a receipt.
					</p>
				</Ask>
			)}
		</div>
	);
}

function Choose({ doing }: { doing: Doing }) {
	const url = useSignal("");
	const certificate = useSignal("");

	return (
		<form
			class="card"
			onSubmit={(event) => {
				event.preventDefault();
				void doing(() => api.researchCollector(url.value.trim(), certificate.value));
			}}
		>
			<label>
				Address of a collector, as the researchers gave it to you
				<input
					type="text"
					inputMode="url"
					placeholder="https://"
					autocomplete="off"
					value={url.value}
					onInput={(event) => (url.value = event.currentTarget.value)}
				/>
			</label>
			<details>
				<summary>It is one on trial, with a certificate of its own</summary>
				<label>
					The certificate (PEM)
					<textarea
						rows={4}
						value={certificate.value}
						onInput={(event) => (certificate.value = event.currentTarget.value)}
					/>
				</label>
			</details>
			<button type="submit" class="primary" disabled={url.value.trim() === ""}>
				Ask it what it does
			</button>
			<p class="muted">Only its text is fetched. You decide afterwards.</p>
		</form>
	);
}

function Agree({ offer, doing }: Props & { offer: Offer }) {
	return (
		<section class="card" aria-label="The researchers' text">
			<h2>What the researchers say</h2>
			<div class="their-words text" tabIndex={0} role="region" aria-label="Their text">{offer.text}</div>
			<dl class="facts">
				<dt>Approval</dt>
				<dd class="text">{offer.approval ?? "none given"}</dd>
				<dt>Contact</dt>
				<dd class="text">{offer.contact ?? "none given"}</dd>
				<dt>Kept for</dt>
				<dd>
					{typeof offer.retention_days === "number"
						? plural(offer.retention_days, "day")
						: "not said"}
				</dd>
			</dl>
			<p>
				Sent would be: for each watched device, whom it talks to, when and how much (a window
				of five seconds each, {bytes(5000)} or so), the names that it asks for, how it begins
				encrypted connections, and what it says of its model. Never what is said in a
				connection, never your devices' hardware addresses, never a locked or excluded
				device. Each of these can be switched off, and you see every byte.
			</p>
			<p>
				From what was sent, and nothing else, two questions are asked of the collector once a
				day or so for each shared device: what other homes call one like it, and how many of
				its kind contact the same domains. Its answers, and names that other homes give to
				addresses, are shown to you as theirs.
			</p>
			<button
				type="button"
				class="primary"
				onClick={() => doing(() => api.researchConsent(offer.hash))}
			>
				I agree: share from now on
			</button>
		</section>
	);
}
