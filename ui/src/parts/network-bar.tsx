// SPDX-License-Identifier: GPL-3.0-or-later
// The state of the network: always there, more of it on demand.

import { api, isListed } from "../api";
import type { Status } from "../api";
import { title } from "../device";
import { clock, minute, plural, share } from "../format";
import { change, deviceById } from "../store";
import { Counted } from "./counted";
import { DeviceLink } from "./device-link";
import { AllFaults } from "./faults";
import { NotKnown } from "./not-known";

export function NetworkBar({ status }: { status: Status }) {
	const { network, limits } = status;

	return (
		<section class="network" aria-label="State of the network">
			<details>
				<summary>
					<State status={status} />
					{(network.intercepted.length > 0 || network.drops > 0) && (
						<>
							<span class="fact">
								{network.coverage === null
									? "Nothing read yet"
									: `${share(network.coverage)} read`}
							</span>
							<span class={`fact ${network.drops > 0 ? "warn" : ""}`}>
								{network.drops === 0
									? "nothing missed"
									: `${plural(network.drops, "packet")} missed`}
							</span>
						</>
					)}
					{status.faults.length > 0 && (
						<span class="fact warn">{plural(status.faults.length, "problem")}</span>
					)}
					<span class="fact wide">
						<span class="name">Network</span> {network.interface} {network.subnet}
					</span>
					<span class="more">Details</span>
				</summary>
				<div class="details">
					<Intercepted status={status} />
					<Read network={network} />
					<section>
						<h2>This network</h2>
						<dl>
							<dt>Network card</dt>
							<dd>
								{network.interface ?? "–"}
								{status.interface.reason !== null && `, ${status.interface.reason}`}
							</dd>
							<dt>Its addresses</dt>
							<dd>{network.subnet ?? "–"}</dd>
							<dt>Router</dt>
							<dd>{network.gateway ?? "–"}</dd>
							<dt>This computer</dt>
							<dd>{network.address ?? "–"}</dd>
							<dt>Watched</dt>
							<dd>
								{limits.watched} of at most {limits.max_devices}
							</dd>
						</dl>
					</section>
					<AllFaults faults={status.faults} />
					<NotKnown />
					<Counted status={status} />
				</div>
			</details>
		</section>
	);
}

function State({ status }: { status: Status }) {
	const { intercepted } = status.network;
	const active = status.state !== "paused" && intercepted.length > 0;
	const [tone, text] =
		status.state === "paused"
			? ["idle", "Paused: the network is as it was before"]
			: active
				? ["good", watching(intercepted)]
				: status.state === "scanning"
					? ["busy", "Looking for devices"]
					: ["idle", "No device is watched"];

	return (
		<strong class={`state ${tone}`} role="status">
			<span class="who">{text}</span>
			{active && ` since ${minute(Math.min(...intercepted.map((one) => one.since)))}`}
		</strong>
	);
}

function watching(intercepted: Status["network"]["intercepted"]): string {
	const only = deviceById.value.get(intercepted[0]!.device);
	const who =
		intercepted.length === 1 && only && isListed(only)
			? title(only)
			: plural(intercepted.length, "device");

	return `Watching ${who}`;
}

/** What the two figures of the bar mean. */
function Read({ network }: { network: Status["network"] }) {
	const { coverage, drops, windows_lost } = network;

	return (
		<section>
			<h2>How much was read</h2>
			<p>
				{coverage === null
					? "Nothing came to this computer to be read yet: switch a device on to watch it."
					: `Of the packets that watched devices sent by way of this computer, ${share(coverage)} were read.`}
			</p>
			<p>
				{drops === 0
					? "None came too fast for it."
					: `${plural(drops, "packet")} came too fast for it: they reached where they were going, but the figures are that much too low.`}
				{windows_lost > 0 &&
					` ${plural(windows_lost, "time")}, what a device did in five seconds could not be kept.`}
			</p>
			<p class="muted">
				What never comes by this computer is on each device's page, under “How much of it
				we see”.
			</p>
		</section>
	);
}

function Intercepted({ status }: { status: Status }) {
	const { intercepted } = status.network;
	const watchNothing = () => change(api.restore);

	return (
		<section>
			<h2>Watched now</h2>
			{intercepted.length === 0 ? (
				<p>None: every device talks to the router directly.</p>
			) : (
				<ul>
					{intercepted.map((one) => (
						<li key={one.device}>
							<DeviceLink id={one.device} /> since {clock(one.since)}
						</li>
					))}
				</ul>
			)}
			{status.limits.watched > 0 && (
				<button type="button" onClick={watchNothing}>
					Put the network back, watch nothing
				</button>
			)}
		</section>
	);
}
