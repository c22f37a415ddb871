// SPDX-License-Identifier: GPL-3.0-or-later
// What the owner sets for all devices.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { Day, Settings } from "../api";
import { Between } from "../parts/between";
import { Heading } from "../parts/heading";
import { connection } from "../store";
import { useWish } from "../wish";

type Away = Settings["away"][number];

const DAYS: readonly [Day, string][] = [
	["mon", "Mon"],
	["tue", "Tue"],
	["wed", "Wed"],
	["thu", "Thu"],
	["fri", "Fri"],
	["sat", "Sat"],
	["sun", "Sun"],
];
/** A working day, as the first guess. */
const WORK: Away = { days: ["mon", "tue", "wed", "thu", "fri"], from: 9 * 60, to: 17 * 60 };
/** As many times as the inspector keeps. */
const AWAY_MAX = 14;

export function SettingsScreen() {
	const settings = useWish<Settings>();
	const shown = settings.shown;
	const change = (part: Partial<Settings>) =>
		settings.change((state) => ({ ...state, ...part }), api.changeSettings);

	useEffect(() => void settings.ask(api.settings), [connection.value]);

	return (
		<article class="narrow">
			<Heading title="Settings">Settings</Heading>
			{shown !== null && (
				<>
					<section class="card">
						<h2>Names of addresses</h2>
						<label class="tick">
							<input
								type="checkbox"
								checked={shown.reverse_dns}
								onChange={(event) =>
									change({ reverse_dns: event.currentTarget.checked })
								}
							/>
							<span>
								Ask your router for the name of an address that nothing else names; it
								may ask its provider. Never for a locked device.
							</span>
						</label>
					</section>
					<Times away={shown.away} onChange={(away) => change({ away })} />
					<Upload
						mbps={shown.upload_mbps}
						onChange={(upload_mbps) => change({ upload_mbps })}
					/>
					<Between />
				</>
			)}
		</article>
	);
}

function Times(props: { away: Away[]; onChange: (away: Away[]) => void }) {
	const { away, onChange } = props;

	return (
		<section class="card">
			<h2>When nobody is at home</h2>
			<p class="muted">
				What a watched device sends at these times is listed under “What changed” on its
				page. Nothing is concluded about who is at home.
			</p>
			{away.map((one, index) => (
				<Time
					key={index}
					time={one}
					onChange={(changed) =>
						onChange(away.map((other) => (other === one ? changed : other)))
					}
					onRemove={() => onChange(away.filter((other) => other !== one))}
				/>
			))}
			{away.length < AWAY_MAX && (
				<button type="button" onClick={() => onChange([...away, { ...WORK }])}>
					Add a time
				</button>
			)}
		</section>
	);
}

function Time(props: {
	time: Away;
	onChange: (time: Away) => void;
	onRemove: () => void;
}) {
	const { time, onChange } = props;
	const flip = (day: Day) => {
		const days = DAYS.map(([name]) => name).filter((name) =>
			name === day ? !time.days.includes(name) : time.days.includes(name),
		);
		if (days.length > 0) onChange({ ...time, days });
	};
	/** As it was typed, while that is no span of a day. */
	const typed = useSignal<Pick<Away, "from" | "to"> | null>(null);
	const { from, to } = typed.value ?? time;
	const move = (end: "from" | "to", value: string) => {
		if (value === "") return;
		const span = { from, to, [end]: minutes(value, end) };
		const fits = span.from < span.to;

		typed.value = fits ? null : span;
		if (fits) onChange({ ...time, ...span });
	};

	return (
		<fieldset class="away-time">
			<legend>On</legend>
			{DAYS.map(([day, name]) => (
				<label key={day}>
					<input
						type="checkbox"
						checked={time.days.includes(day)}
						onChange={() => flip(day)}
					/>{" "}
					{name}
				</label>
			))}
			<label>
				from{" "}
				<input
					type="time"
					value={clock(from)}
					onChange={(event) => move("from", event.currentTarget.value)}
				/>
			</label>
			<label>
				to{" "}
				<input
					type="time"
					value={clock(to)}
					onChange={(event) => move("to", event.currentTarget.value)}
				/>
			</label>
			<button
				type="button"
				class="small"
				onClick={() => {
					typed.value = null; // the next one takes this place
					props.onRemove();
				}}
			>
				Remove
			</button>
			<p role="status" class="error">
				{typed.value !== null &&
					"Not kept yet: it ends before it begins. For a night, add two times: one until 12:00 AM (midnight), and one from then on."}
			</p>
		</fieldset>
	);
}

/** More than any line for a home has. */
const UPLOAD_MAX = 10_000;

function Upload(props: { mbps: number | null; onChange: (mbps: number | null) => void }) {
	const take = (value: string) => {
		const mbps = value === "" ? null : Math.round(Number(value));

		if (mbps === null || (mbps >= 1 && mbps <= UPLOAD_MAX)) props.onChange(mbps);
	};

	return (
		<section class="card">
			<h2>How fast your home can send</h2>
			<p class="muted">
				You are told when one device takes half of it for ten minutes.{" "}
				{props.mbps === null
					? "You did not say how much it is, so 20 Mbit/s is taken, which may be wrong: your provider's contract or a speed test has it, as “upload”."
					: "Leave it empty if you do not know."}
			</p>
			<label>
				Upload in Mbit/s{" "}
				<input
					type="number"
					inputMode="numeric"
					min={1}
					max={UPLOAD_MAX}
					step={1}
					placeholder="20"
					value={props.mbps ?? ""}
					onChange={(event) => take(event.currentTarget.value)}
				/>
			</label>
		</section>
	);
}

const DAY_MINUTES = 24 * 60;

/** Minutes of the day as a clock has them; its end is midnight. */
function clock(minute: number): string {
	const of = minute % DAY_MINUTES;
	const two = (number: number) => String(number).padStart(2, "0");

	return `${two(Math.floor(of / 60))}:${two(of % 60)}`;
}

function minutes(text: string, end: "from" | "to"): number {
	const [hours = 0, rest = 0] = text.split(":").map(Number);
	const minute = hours * 60 + rest;

	return end === "to" && minute === 0 ? DAY_MINUTES : minute;
}
