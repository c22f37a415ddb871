// SPDX-License-Identifier: GPL-3.0-or-later
// The devices of the network.

import type { ComponentChildren } from "preact";
import { api, isListed } from "../api";
import type { ClosedDevice, ListedDevice, Status } from "../api";
import { byAddress } from "../device";
import { plural } from "../format";
import { ClosedRow } from "../parts/closed-row";
import { DeviceRow } from "../parts/device-row";
import { Heading } from "../parts/heading";
import { change, devices, hiddenDevices, listed } from "../store";

export function DevicesScreen({ status }: { status: Status }) {
	const own = status.network.address;
	const isThing = (one: ListedDevice) => !one.gateway && one.address !== own;
	const things = listed.value.filter(isThing).sort(byAddress);
	const rest = listed.value.filter((one) => !isThing(one)).sort(byAddress);
	const closed = (devices.value ?? []).filter(
		(one): one is ClosedDevice => !isListed(one),
	);
	const excluded = closed.filter((one) => one.excluded);
	const locked = closed.filter((one) => !one.excluded);

	return (
		<>
			<div class="title-line">
				<Heading title="Devices">Your devices</Heading>
				{status.state !== "paused" && (
					<ScanButton scanning={status.state === "scanning"} />
				)}
			</div>
			{things.length === 0 ? (
				<NothingYet scanning={status.state === "scanning"} />
			) : (
				<>
					<p class="muted">
						{plural(things.length, "device")} found. Switch one on to see who it talks
						to.
					</p>
					<List label="Devices">
						{things.map((one) => (
							<DeviceRow key={one.id} device={one} own={false} />
						))}
					</List>
				</>
			)}
			<Hidden status={status} />
			<List title="Router and this computer">
				{rest.map((one) => (
					<DeviceRow key={one.id} device={one} own={one.address === own} />
				))}
				{own !== null && !rest.some((one) => one.address === own) && (
					<OwnRow address={own} />
				)}
			</List>
			{locked.length > 0 && (
				<List title="Locked: somebody's computer">
					{locked.map((one) => (
						<ClosedRow key={one.id} device={one} />
					))}
				</List>
			)}
			{excluded.length > 0 && (
				<List title="Excluded: never touched">
					{excluded.map((one) => (
						<ClosedRow key={one.id} device={one} />
					))}
				</List>
			)}
		</>
	);
}

function List(props: { title?: string; label?: string; children: ComponentChildren }) {
	return (
		<>
			{props.title && <h2>{props.title}</h2>}
			<ul class="devices" aria-label={props.title ?? props.label}>
				{props.children}
			</ul>
		</>
	);
}

/** This computer, where it is not listed as a device of the network. */
function OwnRow({ address }: { address: string }) {
	return (
		<li class="device">
			<div class="who">
				<strong>This computer</strong>
				<small>{address}</small>
			</div>
		</li>
	);
}

function ScanButton({ scanning }: { scanning: boolean }) {
	return (
		<button
			type="button"
			aria-disabled={scanning}
			onClick={() => !scanning && change(api.scan)}
		>
			{scanning ? "Looking for devices…" : "Look for devices now"}
		</button>
	);
}

function NothingYet({ scanning }: { scanning: boolean }) {
	return (
		<div class="empty" role="status">
			<p>
				<strong>{scanning ? "Looking for devices…" : "No devices yet"}</strong>
			</p>
			<p>
				It takes some seconds until the first appear. Devices that sleep show up when
				they wake: press a button on them or use their app.
			</p>
			{!scanning && (
				<p>
					If none ever comes, your Wi-Fi may keep its devices apart (a guest network
					does): join the network that your devices are on.
				</p>
			)}
		</div>
	);
}

function Hidden({ status }: { status: Status }) {
	const hidden = hiddenDevices.value;

	if (hidden === 0) return null;
	return (
		<div class="notice warn">
			<p>
				{plural(hidden, "more device")} on your network {hidden === 1 ? "is" : "are"} not
				listed: the limit is {status.limits.max_devices}. To see all, start the program
				with <code>--max-devices {status.limits.max_devices + hidden}</code>
			</p>
		</div>
	);
}
