// SPDX-License-Identifier: GPL-3.0-or-later
// A device that is never touched: of it, only the address is known.

import { api } from "../api";
import type { ClosedDevice } from "../api";
import { changeDevice } from "../store";

export function ExcludedRow({ device }: { device: ClosedDevice }) {
	return (
		<li class="device excluded">
			<div class="who">{device.address ?? "address unknown"}</div>
			<button
				type="button"
				aria-label={`No longer exclude ${device.address ?? "this device"}`}
				onClick={() => changeDevice(() => api.exclude(device.id, false))}
			>
				No longer exclude
			</button>
		</li>
	);
}
