// SPDX-License-Identifier: GPL-3.0-or-later
// What the owner says that a device is, and whether it is shared.

import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { api } from "../api";
import type { CrowdGuess, DeviceLabel, LabelChoices, LabelSource, LabelTexts } from "../api";
import { plural } from "../format";
import { act, load, notice, status, windows } from "../store";
import { useWish } from "../wish";
import type { Wish } from "../wish";
import { Ask } from "./ask";

const EMPTY: LabelTexts = { name: "", category: "", vendor: "" };

export function LabelCard({ id }: { id: string }) {
	const known = useWish<DeviceLabel>();
	const label = known.shown;
	const say = (said: LabelTexts & { source: LabelSource }) =>
		known.change((state) => state, () => api.changeLabel(id, said));

	// the guess comes to be as the device is heard
	const heard = windows.value.get(id)?.start;
	useEffect(() => void known.ask(() => api.label(id)), [id, heard]);
	if (label === null) return null;
	return (
		<section class="card label-card" aria-label="What it is, in your words">
			<h2>What it is, in your words</h2>
			<Guess label={label} onSay={say} />
			<Form
				label={label}
				onSave={(texts) => say({ ...texts, source: "typed" })}
			/>
			<Sharing id={id} label={label} known={known} />
		</section>
	);
}

function Guess(props: {
	label: DeviceLabel;
	onSay: (label: LabelTexts & { source: LabelSource }) => void;
}) {
	const { guess, crowd, label } = props.label;

	if (label !== null) return null;
	return (
		<>
			{guess !== null && (
				<OneGuess guess={guess} onSay={props.onSay}>
					Our guess:{" "}
					<strong class="text">
						{[guess.vendor, guess.name, guess.category].filter(Boolean).join(", ")}
					</strong>
				</OneGuess>
			)}
			{crowd.map((one) => (
				<OneGuess key={JSON.stringify(one)} guess={pick(one)} onSay={props.onSay}>
					{crowdSays(one)}
				</OneGuess>
			))}
		</>
	);
}

/** "12 homes call a device like this “Roku TV” (Roku)". */
function crowdSays({ homes, name, category, vendor }: CrowdGuess) {
	const what = name ? `“${name}”` : category || vendor;
	const maker = what === vendor ? "" : vendor;

	return (
		<>
			{plural(homes, "home")} {homes === 1 ? "calls" : "call"} a device like this{" "}
			<strong class="text">
				{what}
				{maker && ` (${maker})`}
			</strong>
		</>
	);
}

function OneGuess(props: {
	guess: LabelTexts;
	onSay: (label: LabelTexts & { source: LabelSource }) => void;
	children: ComponentChildren;
}) {
	const { guess, onSay } = props;

	return (
		<div class="guess">
			<span>{props.children}</span>
			<div class="buttons">
				<button type="button" onClick={() => onSay({ ...guess, source: "confirmed" })}>
					Right
				</button>
				<button type="button" onClick={() => onSay({ ...guess, source: "rejected" })}>
					Wrong
				</button>
			</div>
		</div>
	);
}

const FIELDS: readonly [keyof LabelTexts, keyof LabelChoices, string][] = [
	["name", "names", "Name or model"],
	["category", "categories", "Kind of device"],
	["vendor", "vendors", "Maker"],
];

function Form(props: { label: DeviceLabel; onSave: (texts: LabelTexts) => Promise<void> }) {
	const said = props.label.label;
	const rejected = said?.source === "rejected";
	/** Over what was said before, whatever comes to be known of that meanwhile. */
	const typed = useSignal<Partial<LabelTexts>>({});
	const texts = { ...(said !== null && !rejected ? pick(said) : EMPTY), ...typed.value };
	const choices = useSignal<LabelChoices>({ names: [], categories: [], vendors: [] });
	const list = useId();
	const saved = useSignal(false);
	const save = async () => {
		await props.onSave(texts);
		saved.value = notice.value === null;
	};
	/** By the inspector's own rule, which keeps it back. */
	const personal = said !== null && said.personal && texts.name === said.name;

	useEffect(() => {
		void load(api.researchLabels).then((answer) => {
			if (answer) choices.value = answer;
		});
	}, []);
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				void save();
			}}
		>
			{rejected && <p class="muted">You said that the guess was wrong. What is it?</p>}
			{FIELDS.map(([field, from, title]) => (
				<label key={field}>
					{title}
					<input
						type="text"
						maxLength={100}
						list={`${list}-${field}`}
						autocomplete="off"
						value={texts[field]}
						onInput={(event) => {
							typed.value = { ...typed.value, [field]: event.currentTarget.value };
							saved.value = false;
						}}
					/>
					<datalist id={`${list}-${field}`}>
						{choices.value[from].map((choice) => (
							<option key={choice} value={choice} />
						))}
					</datalist>
				</label>
			))}
			{personal && (
				<p role="status" class="warning">
					That looks like a person's name: it stays on this computer. If you share
					with research, say what the device is instead, such as “television in the
					kitchen”.
				</p>
			)}
			<div class="buttons">
				<button type="submit">Save</button>
				<span role="status">{saved.value && "Saved"}</span>
			</div>
		</form>
	);
}

function pick(label: LabelTexts): LabelTexts {
	return { name: label.name, category: label.category, vendor: label.vendor };
}

function Sharing(props: {
	id: string;
	label: DeviceLabel;
	known: Wish<DeviceLabel>;
}) {
	const { id, label, known } = props;
	const state = status.value?.research.state;

	if (state === undefined || state === "off" || state === "asking" || state === "offered")
		return <p class="muted">It stays on this computer: you share with nobody.</p>;
	return (
		<>
			<label class="tick">
				<input
					type="checkbox"
					checked={label.share}
					onChange={(event) => {
						const on = event.currentTarget.checked;
						void known.change(
							(state) => ({ ...state, share: on }),
							() => api.share(id, on),
						);
					}}
				/>
				<span>Share this device with research</span>
			</label>
			<Ask
				label="Delete it at the researchers'"
				confirm="Delete there, and share it no more"
				onConfirm={() =>
					void act(() => api.researchDelete("device", id)).then(() =>
						known.ask(() => api.label(id)),
					)
				}
			>
				<p>
					Everything of this device is deleted at the collector. A receipt comes under
					“Research”.
				</p>
			</Ask>
		</>
	);
}
