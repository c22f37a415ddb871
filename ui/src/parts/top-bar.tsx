// SPDX-License-Identifier: GPL-3.0-or-later
// The program's name, and the buttons that must be there at every moment.

import { useSignal } from "@preact/signals";
import { api } from "../api";
import type { Status } from "../api";
import { link, route } from "../route";
import { change, findingCount } from "../store";
import icon from "../icon.svg";

export function TopBar({ status }: { status: Status }) {
	return (
		<header class="top-bar">
			<a class="brand" href={link({ name: "devices" })}>
				<img src={icon} alt="" width="32" height="32" />
				<span>IoT Inspector</span>
			</a>
			{status.state !== "waiting_consent" && <Places status={status} />}
			<Controls status={status} />
		</header>
	);
}

function Places({ status }: { status: Status }) {
	const here = (name: string) => (route.value.name === name ? "page" : undefined);

	return (
		<nav aria-label="Pages">
			<a href={link({ name: "devices" })} aria-current={here("devices")}>
				Devices
			</a>
			<a href={link({ name: "findings" })} aria-current={here("findings")}>
				Warnings
				<Count />
			</a>
			<a href={link({ name: "settings" })} aria-current={here("settings")}>
				Settings
			</a>
			<a href={link({ name: "research" })} aria-current={here("research")}>
				Research
				{status.research.state === "changed" && <span class="tag warn">!</span>}
			</a>
			<a href={link({ name: "privacy" })} aria-current={here("privacy")}>
				Privacy
			</a>
		</nav>
	);
}

/** Alarms and warnings that are open. */
function Count() {
	const { alarms, warnings } = findingCount.value;

	if (alarms + warnings === 0) return null;
	return <span class={`tag ${alarms > 0 ? "bad" : "warn"}`}>{alarms + warnings}</span>;
}

function Controls({ status }: { status: Status }) {
	const busy = useSignal(false);
	const paused = status.state === "paused";
	const doing = (request: () => Promise<Status>) => async () => {
		if (busy.value) return;
		busy.value = true;
		await change(request);
		busy.value = false;
	};

	return (
		<div class="controls">
			{(paused || status.state === "running" || status.state === "scanning") && (
				<button
					type="button"
					class={paused ? "primary" : ""}
					onClick={doing(paused ? api.resume : api.pause)}
				>
					{paused ? "Resume" : "Pause"}
				</button>
			)}
			<button
				type="button"
				class={status.state === "waiting_consent" ? "" : "danger"}
				onClick={doing(api.stop)}
				title="Puts the network back as it was and ends the program"
			>
				{status.state === "waiting_consent" ? "Close the program" : "Stop and restore"}
			</button>
		</div>
	);
}
