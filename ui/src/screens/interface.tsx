// SPDX-License-Identifier: GPL-3.0-or-later
// Which network to inspect, when it is not clear.

import { useSignal } from "@preact/signals";
import { api } from "../api";
import type { Interface, InterfaceChoice } from "../api";
import { Heading } from "../parts/heading";
import { act, change } from "../store";

export function InterfaceScreen({ choice }: { choice: InterfaceChoice }) {
	return (
		<section class="narrow">
			{choice.candidates.length === 0 ? (
				<Heading title="Devices">Looking at this computer's networks…</Heading>
			) : (
				<Question choice={choice} />
			)}
			<p>
				<button type="button" onClick={() => act(api.interfaces)}>
					Look again
				</button>
			</p>
		</section>
	);
}

function Question({ choice }: { choice: InterfaceChoice }) {
	const usable = choice.candidates.filter((one) => one.usable);
	const useless = choice.candidates.filter((one) => !one.usable);

	return (
		<>
			<Heading title="Which network?">
				{usable.length > 0
					? "Which network shall be inspected?"
					: "No network that can be inspected"}
			</Heading>
			{usable.length > 0 ? (
				<Choice among={usable} />
			) : (
				<p>
					Connect this computer to the home network, by cable or Wi-Fi, and look
					again.
				</p>
			)}
			{useless.length > 0 && (
				<details open={usable.length === 0}>
					<summary>Why not {usable.length === 0 ? "these" : "another one"}?</summary>
					<ul>
						{useless.map((one) => (
							<li key={one.name}>
								<code>{one.name}</code>: {one.note}
							</li>
						))}
					</ul>
				</details>
			)}
		</>
	);
}

function Choice({ among }: { among: Interface[] }) {
	const chosen = useSignal(among.length === 1 ? among[0]!.name : "");
	const submit = (event: Event) => {
		event.preventDefault();
		void change(() => api.chooseInterface(chosen.value));
	};

	return (
		<form onSubmit={submit}>
			<p>
				Choose the one that your smart devices are on: its router is usually the box
				from your Internet provider.
			</p>
			<fieldset class="choices">
				<legend class="hidden">Network interface</legend>
				{among.map((one) => (
					<label key={one.name} class="choice">
						<input
							type="radio"
							name="interface"
							required
							checked={chosen.value === one.name}
							onChange={() => (chosen.value = one.name)}
						/>
						<span>
							<strong>{one.name}</strong> {one.note}
							<small>
								this computer {one.address ?? "has no address"} · router{" "}
								{one.gateway ?? "not found"}
							</small>
						</span>
					</label>
				))}
			</fieldset>
			<button type="submit" class="primary">
				Inspect this network
			</button>
		</form>
	);
}
