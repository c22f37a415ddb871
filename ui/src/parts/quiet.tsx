// SPDX-License-Identifier: GPL-3.0-or-later
// Why there is nothing to see of a device, and what to do about it.

import type { ListedDevice } from "../api";
import type { Span } from "../spans";

export function Quiet({ device, span }: { device: ListedDevice; span: Span }) {
	return (
		<div class="empty" role="status">
			<p>
				<strong>No traffic recorded in the last {span.label}</strong>
			</p>
			<p>{advice(device)}</p>
		</div>
	);
}

function advice(device: ListedDevice): string {
	switch (device.watch.phase) {
		case "off":
			return "Switch on “Watch this device” above; the first figures come within ten seconds.";
		case "waiting":
			return "The device has not answered yet. It may be off or asleep: use it or its app.";
		case "checking":
		case "active":
			return "It takes about ten seconds. If nothing comes, the device is quiet: turn it off and on, or use its app.";
		case "released":
			return "The device was let go, so its traffic is not seen: the reason is above.";
		case "peer":
			return "Another inspector on this network watches it: look there, or switch it off there first.";
		case "paused":
			return "The inspector is paused: press “Resume” on top to go on.";
	}
}
