// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a device may be looked at, why, and what the owner can say to it.

import { api } from "../api";
import type { ListedDevice } from "../api";
import { duration, plural } from "../format";
import { WINDOW_MS } from "../spans";
import { changeDevice } from "../store";
import { Ask } from "./ask";

export function LockCard({ device }: { device: ListedDevice }) {
	if (device.lock.state === "open") return null;
	return (
		<section class="card lock" aria-label="What kind of device it is">
			<h2>Not known yet: a thing, or somebody's computer?</h2>
			<Reasons reasons={device.lock.reasons} />
			{device.lock.withheld > 0 && (
				<p class="muted">
					What it did for {duration(device.lock.withheld * WINDOW_MS)} is held back in
					memory ({plural(device.lock.withheld, "window")}): neither shown nor stored.
				</p>
			)}
			<div class="buttons">
				<button
					type="button"
					onClick={() => changeDevice(() => api.open(device.id))}
				>
					It is a thing: show it
				</button>
				<LockIt device={device} label="It is somebody's computer: lock it" />
			</div>
		</section>
	);
}

export function LockIt({ device, label }: { device: ListedDevice; label: string }) {
	return (
		<Ask
			label={label}
			confirm="Lock it and delete its data"
			onConfirm={() => changeDevice(() => api.lock(device.id))}
		>
			<p>
				It is no longer watched, and what was recorded about it is deleted. Only whoever
				has the device in hand can unlock it again.
			</p>
		</Ask>
	);
}

/** One that was unlocked, or opened by its owner, is closed again at once. */
export function LockAgain({ device }: { device: ListedDevice }) {
	return (
		<button type="button" onClick={() => changeDevice(() => api.lock(device.id))}>
			Lock again and erase what was recorded
		</button>
	);
}

/** Sentences: the first for the whole, the rest what it rests on. */
export function Reasons({ reasons }: { reasons: string[] }) {
	const [first, ...rest] = reasons;

	return (
		<>
			<p>{first}</p>
			{rest.length > 0 && (
				<ul class="reasons">
					{rest.map((reason) => (
						<li key={reason}>{reason}</li>
					))}
				</ul>
			)}
		</>
	);
}
