// SPDX-License-Identifier: GPL-3.0-or-later
// Unlocking a device: by opening a page on it, which only whoever has it in
// hand can, or else by its whole hardware address. One that asks by its name to
// be left alone is only heard again, and by its own browser alone.

import { useSignal } from "@preact/signals";
import { api } from "../api";
import type { ClosedDevice, Unlock } from "../api";
import { clock } from "../format";
import { changeDevice } from "../store";
import { readMacs } from "../text/mac";

export function Unlocking({ device }: { device: ClosedDevice }) {
	const { unlock, by } = device.lock;
	const named = by === "name";

	return (
		<section class="card">
			<h2>
				{named
					? "Has it another name by now?"
					: "Is it your own, or a thing taken for a computer?"}
			</h2>
			{named && (
				<p>
					Whoever has it in hand can have it heard again. As long as its name ends in
					“-noinspect” it stays left alone.
				</p>
			)}
			{unlock === null || unlock.failed ? (
				<>
					{unlock?.failed && (
						<p class="error">
							The page for it could not be served, or somebody guessed at its address.
						</p>
					)}
					<div class="buttons">
						<button
							type="button"
							onClick={() => changeDevice(() => api.unlock(device.id))}
						>
							{named ? "Say so on the device itself" : "Unlock it on the device itself"}
						</button>
					</div>
				</>
			) : (
				<Waiting unlock={unlock} />
			)}
			{!named && (
				<details>
					<summary>It has no browser</summary>
					<ByMac device={device} />
				</details>
			)}
		</section>
	);
}

function Waiting({ unlock }: { unlock: Unlock }) {
	return (
		<div role="status">
			{unlock.url === null ? (
				<p>Preparing a page for it…</p>
			) : (
				<>
					<p>
						Open this address in the browser <strong>of that device</strong>, before{" "}
						{clock(unlock.until)}, and press its button:
					</p>
					<p>
						<code class="address">{unlock.url}</code>
					</p>
				</>
			)}
			{unlock.other !== null && (
				<p class="error">It was opened on another device, {unlock.other}.</p>
			)}
		</div>
	);
}

function ByMac({ device }: { device: ClosedDevice }) {
	const typed = useSignal("");
	const { macs, wrong } = readMacs(typed.value);
	const submit = (event: Event) => {
		event.preventDefault();
		if (macs[0] !== undefined && wrong.length === 0)
			void changeDevice(() => api.unlockByMac(device.id, macs[0]!));
	};

	return (
		<form onSubmit={submit}>
			<label for="mac">Its whole hardware (MAC) address, as it shows it itself</label>
			<div class="buttons">
				<input
					id="mac"
					type="text"
					spellcheck={false}
					autocomplete="off"
					aria-invalid={wrong.length > 0}
					onInput={(event) => (typed.value = event.currentTarget.value)}
				/>
				<button type="submit">Unlock</button>
			</div>
			<p role="status" class="error">
				{wrong.length > 0 && "That is no hardware address."}
			</p>
		</form>
	);
}
