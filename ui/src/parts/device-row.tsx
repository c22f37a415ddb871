// SPDX-License-Identifier: GPL-3.0-or-later
// One device in the list.

import type { ListedDevice } from "../api";
import { clueText, isNamedByMaker, maker, title } from "../device";
import { ago, day, rate } from "../format";
import { link } from "../route";
import { now, windows } from "../store";
import { WatchState } from "./watch-state";
import { WatchSwitch } from "./watch-switch";

export function DeviceRow({ device, own }: { device: ListedDevice; own: boolean }) {
	const watchable = !device.gateway && !own;

	return (
		<li class={device.present ? "device" : "device away"}>
			<div class="who">
				<a href={link({ name: "device", id: device.id })}>{title(device)}</a>
				{device.gateway && <span class="tag">router</span>}
				{own && <span class="tag">this computer</span>}
				{watchable && device.watch.wanted && device.lock.state === "identifying" && (
					<span class="tag">identifying</span>
				)}
				<small>
					{device.address ?? "address unknown"}
					{!isNamedByMaker(device) && ` · ${maker(device)}`}
				</small>
			</div>
			<OtherNames device={device} />
			<Presence device={device} />
			{watchable && (
				<div class="watch">
					<div>
						<WatchState device={device} />
						<Speed device={device} />
					</div>
					<WatchSwitch device={device} />
				</div>
			)}
		</li>
	);
}

function OtherNames({ device }: { device: ListedDevice }) {
	const others = new Set(device.names.map((name) => clueText(name.kind, name.text)));

	others.delete(title(device));
	return <div class="names">{[...others].slice(0, 3).join(" · ")}</div>;
}

function Presence({ device }: { device: ListedDevice }) {
	return (
		<div class="presence">
			<span class={`dot ${device.present ? "on" : "off"}`} aria-hidden="true" />
			{device.present ? "online" : "offline"}
			<small>
				{!device.present && `seen ${ago(device.last_seen, now.value)}, `}first seen{" "}
				{day(device.first_seen)}
			</small>
		</div>
	);
}

/** What it moved in its latest 5 s. */
function Speed({ device }: { device: ListedDevice }) {
	const window = windows.value.get(device.id);

	if (device.watch.phase !== "active" || !window) return null;
	const sum = (way: "in_bytes" | "out_bytes") =>
		window.endpoints.reduce((total, endpoint) => total + endpoint[way], 0) / 5;
	return (
		<small class="speed">
			<span title="to the device">↓ {rate(sum("in_bytes"))}</span>{" "}
			<span title="from the device">↑ {rate(sum("out_bytes"))}</span>
		</small>
	);
}
