// SPDX-License-Identifier: GPL-3.0-or-later
// One device: who it talks to, live.

import { useSignal } from "@preact/signals";
import { api, isListed } from "../api";
import type { ClosedDevice, ListedDevice } from "../api";
import { clueText, maker, title } from "../device";
import { ago, share } from "../format";
import { Ask } from "../parts/ask";
import { Clues } from "../parts/clues";
import { DeviceFindings } from "../parts/device-findings";
import { DeviceLink } from "../parts/device-link";
import { Heading } from "../parts/heading";
import { IdentityCard } from "../parts/identity-card";
import { LabelCard } from "../parts/label-card";
import { LockAgain, LockCard, LockIt, Reasons } from "../parts/lock-card";
import { Protection } from "../parts/protection";
import { Talk } from "../parts/talk";
import { Unlocking } from "../parts/unlock";
import { WatchState } from "../parts/watch-state";
import { WatchSwitch } from "../parts/watch-switch";
import { link } from "../route";
import { act, changeDevice, deviceById, devices, notice, now, status } from "../store";

export function DeviceScreen({ id }: { id: string }) {
	const device = deviceById.value.get(id);

	return (
		<>
			<p>
				<a href={link({ name: "devices" })}>← All devices</a>
			</p>
			{device === undefined ? (
				<Unknown />
			) : !isListed(device) ? (
				<Closed key={id} device={device} />
			) : (
				<Known key={id} device={device} />
			)}
		</>
	);
}

function Unknown() {
	return (
		<Heading title="Device">
			{devices.value === null ? "Looking for devices…" : "This device is not on the network"}
		</Heading>
	);
}

function Closed({ device }: { device: ClosedDevice }) {
	return (
		<>
			<Heading title="Closed device">
				{device.address ?? "This device"} is{" "}
				{device.excluded ? "excluded and never touched" : "locked"}
			</Heading>
			<Reasons reasons={device.lock.reasons} />
			{(!device.excluded || device.lock.by === "name") && (
				<Unlocking device={device} />
			)}
		</>
	);
}

function Known({ device }: { device: ListedDevice }) {
	const own = device.address === status.value?.network.address;
	const cleared = useSignal(0);
	const shown = device.lock.state === "open";

	return (
		<>
			<div class="title-line">
				<Heading title={title(device)}>{title(device)}</Heading>
				{device.gateway && <span class="tag">router</span>}
				{own && <span class="tag">this computer</span>}
			</div>
			<Facts device={device} />
			{device.maybe_same !== null && <Returned device={device} same={device.maybe_same} />}
			{device.identity !== null && <IdentityCard identity={device.identity} />}
			{device.gateway || own ? (
				<p class="empty">
					{own
						? "This computer is not watched: its own traffic is not the inspector's business."
						: "The router cannot be watched: everything else goes through it."}
				</p>
			) : (
				<>
					<section class="card watch-card">
						<div>
							<h2>Watch this device</h2>
							<WatchState device={device} />
							{device.watch.phase === "active" && device.watch.coverage !== null && (
								<small>{share(device.watch.coverage)} of its packets passed on</small>
							)}
							{device.watch.phase === "active" &&
								device.watch.ipv6.phase === "released" && (
									<small>
										Its IPv6 is not watched: {device.watch.ipv6.reason}
									</small>
								)}
						</div>
						<WatchSwitch device={device} />
					</section>
					<LockCard device={device} />
					{shown && <DeviceFindings id={device.id} />}
					{shown && <Talk key={cleared.value} device={device} />}
				</>
			)}
			{shown && <Protection key={`protection ${cleared.value}`} device={device} />}
			{shown && <Clues id={device.id} />}
			{shown && !own && <LabelCard id={device.id} />}
			<Deeds device={device} onDeleted={() => cleared.value++} />
		</>
	);
}

/** It was here before, under another hardware address. */
function Returned({
	device,
	same,
}: {
	device: ListedDevice;
	same: NonNullable<ListedDevice["maybe_same"]>;
}) {
	return (
		<section class="card" aria-label="A device that came back">
			<p>
				Probably the same device as <DeviceLink id={same.id} /> ({same.confidence} %
				sure), which was here before under another hardware address:
			</p>
			<ul class="reasons">
				{same.evidence.map((one) => (
					<li key={one.kind + one.text}>
						<span class="text">{one.text}</span> – {one.says}
					</li>
				))}
			</ul>
			<div class="buttons">
				<Ask
					label="They are the same: make them one"
					confirm="Make them one"
					onConfirm={() => changeDevice(() => api.merge(device.id, same.id))}
				>
					<p>
						All that was recorded under the older address becomes this device's, and
						the older one leaves the list. This cannot be undone.
					</p>
				</Ask>
			</div>
		</section>
	);
}

function Facts({ device }: { device: ListedDevice }) {
	return (
		<dl class="facts">
			<dt>Address</dt>
			<dd>{addresses(device).join(", ") || "unknown"}</dd>
			<dt>Maker</dt>
			<dd>{maker(device)}</dd>
			{device.lock.state !== "open" && device.names.length > 0 && (
				<>
					<dt>Calls itself</dt>
					<dd class="text">
						{device.names.map((name) => clueText(name.kind, name.text)).join(", ")}
					</dd>
				</>
			)}
			<dt>Seen</dt>
			<dd>
				{device.present ? "online" : "offline"}, {ago(device.last_seen, now.value)}; first{" "}
				{new Date(device.first_seen).toLocaleString()}
			</dd>
		</dl>
	);
}

/** The one to know it by, then the others. */
function addresses(device: ListedDevice): string[] {
	return [...new Set([device.address, ...device.addresses])].filter(
		(one): one is string => one !== null,
	);
}

function Deeds({ device, onDeleted }: { device: ListedDevice; onDeleted: () => void }) {
	const remove = async () => {
		const answer = await act(() => api.deleteDevice(device.id));

		if (!answer) return;
		onDeleted();
		if (answer.set_aside > 0)
			notice.value = {
				bad: true,
				text:
					"Deleted. A damaged database that was set aside may still have it: it goes " +
					"when everything is deleted, under “Privacy”.",
			};
	};

	return (
		<section class="deeds">
			<Ask label="Delete its data" confirm="Delete" onConfirm={remove}>
				<p>
					Everything recorded about this device is deleted from this computer. This
					cannot be undone.
				</p>
			</Ask>
			{!device.gateway &&
				device.lock.state === "open" &&
				(device.lock.by === "possession" ? (
					<LockAgain device={device} />
				) : (
					<LockIt device={device} label="It is somebody's computer" />
				))}
			{!device.gateway && (
				<Ask
					label="Exclude this device"
					confirm="Exclude and delete its data"
					onConfirm={() => changeDevice(() => api.exclude(device.id, true))}
				>
					<p>
						It is never contacted, watched or read again, and what was recorded about
						it is deleted. The list keeps only its address.
					</p>
				</Ask>
			)}
		</section>
	);
}
