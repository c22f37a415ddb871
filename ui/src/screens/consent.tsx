// SPDX-License-Identifier: GPL-3.0-or-later
// The first screen: nothing is sent or read before its button is pressed.

import { useSignal } from "@preact/signals";
import { api } from "../api";
import type { Status } from "../api";
import { Heading } from "../parts/heading";
import { change } from "../store";
import { CONSENT_VERSION, ConsentText } from "../text/consent";
import { readMacs } from "../text/mac";

export function ConsentScreen({ status }: { status: Status }) {
	const { given_version } = status.consent;

	return (
		<article class="narrow consent">
			<Heading title="Before anything starts">Before anything starts</Heading>
			<p class="lead">
				IoT Inspector shows you who the smart devices in your home talk to. Until you
				agree below, <strong>nothing is sent to your network and nothing is read from
				it</strong>.
			</p>
			{given_version !== null && given_version !== CONSENT_VERSION && (
				<div class="notice">
					<p>
						The text has changed since you agreed (version {given_version}): please read
						it again.
					</p>
				</div>
			)}
			<ConsentText />
			<Agree />
			<p class="muted">Version {CONSENT_VERSION} of this text.</p>
		</article>
	);
}

function Agree() {
	const typed = useSignal("");
	const wrong = readMacs(typed.value).wrong;
	const submit = (event: Event) => {
		event.preventDefault();
		const { macs, wrong } = readMacs(typed.value);
		if (wrong.length === 0) void change(() => api.consent(CONSENT_VERSION, macs));
	};

	return (
		<form class="agree" onSubmit={submit}>
			<label for="exclude">Devices never to touch (optional)</label>
			<p id="exclude-help" class="muted">
				Their hardware (MAC) addresses, one a line, as printed on the device or shown in
				its app: six pairs like <code>a4:cf:12:9b:00:7e</code>. They are never contacted
				or read.
			</p>
			<textarea
				id="exclude"
				rows={2}
				spellcheck={false}
				autocomplete="off"
				aria-describedby="exclude-help exclude-wrong"
				aria-invalid={wrong.length > 0}
				onInput={(event) => (typed.value = event.currentTarget.value)}
			/>
			<p id="exclude-wrong" role="status" class="error">
				{wrong.length > 0 && `Not a hardware address: ${wrong.join(", ")}`}
			</p>
			<label class="tick">
				<input type="checkbox" name="medical" required />
				<span>
					Medical and safety devices are disconnected, or in the list above, or there are
					none.
				</span>
			</label>
			<label class="tick">
				<input type="checkbox" name="people" required />
				<span>
					This is my own network, or I may inspect it, and the people whose devices I
					watch have agreed.
				</span>
			</label>
			<button type="submit" class="primary large">
				I agree: look for my devices
			</button>
		</form>
	);
}
