// SPDX-License-Identifier: GPL-3.0-or-later
// Whether what watched devices say to each other is read too: all of them, or
// pairs that the owner chooses.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { Between as Wanted, ListedDevice } from "../api";
import { title } from "../device";
import { connection, listed } from "../store";
import { useWish } from "../wish";
import { DeviceLink } from "./device-link";

/** As many pairs as the inspector keeps. */
const PAIRS_MAX = 40;

export function Between() {
	const between = useWish<Wanted>();
	const change = (make: (state: Wanted) => Partial<Wanted>) =>
		between.change((state) => ({ ...state, ...make(state) }), api.changeBetween);

	useEffect(() => void between.ask(api.between), [connection.value]);

	if (between.shown === null) return null;
	const { all, pairs } = between.shown;

	return (
		<section class="card">
			<h2>What watched devices say to each other</h2>
			<label class="tick">
				<input
					type="checkbox"
					checked={all}
					onChange={(event) => {
						const all = event.currentTarget.checked;
						void change(() => ({ all }));
					}}
				/>
				<span>
					Read it between all watched devices. It sends more to your network; leave it
					off unless you want to know.
				</span>
			</label>
			{!all && (
				<>
					<p>{pairs.length === 0 ? "Or only between two that you choose:" : "Read between:"}</p>
					<ul class="pairs">
						{pairs.map((pair) => (
							<li key={pair.join()}>
								<DeviceLink id={pair[0]} /> and <DeviceLink id={pair[1]} />{" "}
								<button
									type="button"
									class="small"
									onClick={() =>
										change((state) => ({
											pairs: state.pairs.filter(
												(one) => one.join() !== pair.join(),
											),
										}))
									}
								>
									Remove
								</button>
							</li>
						))}
					</ul>
					{pairs.length < PAIRS_MAX && (
						<Pair
							onChoose={(pair) =>
								change((state) => ({ pairs: [...state.pairs, pair] }))
							}
						/>
					)}
				</>
			)}
		</section>
	);
}

/** Two devices that are watched. */
function Pair({ onChoose }: { onChoose: (pair: [string, string]) => void }) {
	const watched = listed.value.filter((one) => one.watch.wanted);
	const first = useSignal("");
	const second = useSignal("");
	const submit = (event: Event) => {
		event.preventDefault();
		onChoose([first.value, second.value]);
		first.value = second.value = "";
	};

	if (watched.length < 2)
		return <p class="muted">To choose two devices, watch both first.</p>;
	return (
		<form class="buttons" onSubmit={submit}>
			<Choice label="One device" chosen={first} devices={watched} />
			<Choice
				label="The other device"
				chosen={second}
				devices={watched.filter((one) => one.id !== first.value)}
			/>
			<button type="submit">Add the pair</button>
		</form>
	);
}

function Choice(props: {
	label: string;
	chosen: { value: string };
	devices: ListedDevice[];
}) {
	return (
		<select
			required
			aria-label={props.label}
			value={props.chosen.value}
			onChange={(event) => (props.chosen.value = event.currentTarget.value)}
		>
			<option value="">{props.label}…</option>
			{props.devices.map((one) => (
				<option key={one.id} value={one.id}>
					{title(one)}
				</option>
			))}
		</select>
	);
}
