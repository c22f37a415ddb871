// SPDX-License-Identifier: GPL-3.0-or-later
// A device that is not looked at, excluded or locked: of it, only the address
// is known, and why.

import { api } from "../api";
import type { ClosedDevice } from "../api";
import { link } from "../route";
import { changeDevice } from "../store";

export function ClosedRow({ device }: { device: ClosedDevice }) {
	const address = device.address ?? "address unknown";

	return (
		<li class="device excluded">
			<div class="who">
				{device.excluded && device.lock.by !== "name" ? (
					address
				) : (
					<a href={link({ name: "device", id: device.id })}>{address}</a>
				)}
				<small>{device.lock.reasons[0]}</small>
			</div>
			{device.excluded && device.lock.by !== "name" && (
				<button
					type="button"
					aria-label={`No longer exclude ${device.address ?? "this device"}`}
					onClick={() => changeDevice(() => api.exclude(device.id, false))}
				>
					No longer exclude
				</button>
			)}
		</li>
	);
}
