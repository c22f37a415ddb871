// SPDX-License-Identifier: GPL-3.0-or-later
// What is shared, field by field and device by device.

import { useSignal } from "@preact/signals";
import { api } from "../api";
import type { Research, ShareField } from "../api";
import type { Doing } from "../screens/research";
import { DeviceLink } from "./device-link";

const GROUPS: readonly [string, readonly [ShareField, string][]][] = [
	[
		"Connections",
		[
			["remote", "Address and port of the other end"],
			["protocol", "Protocol (TCP, UDP)"],
			["device_port", "The device's own port"],
			["first_packet", "When the first packet went"],
			["bytes", "How many bytes, out and in"],
			["packets", "How many packets, out and in"],
			["opener", "Who opened the connection"],
		],
	],
	[
		"Names",
		[
			["questions", "Names that devices ask for (DNS questions)"],
			["answers", "What they were answered (DNS answers)"],
			["resolver", "Whom they asked (the resolver)"],
			["server_name", "Server names of encrypted connections"],
			["http_host", "Host names of unencrypted web requests"],
		],
	],
	[
		"What a device is",
		[
			["oui", "Maker's part of the hardware address"],
			["client_hello", "How it begins encrypted connections"],
			["user_agent", "Programs it says it runs (User-Agent)"],
			["dhcp", "What it says when it joins the network (DHCP)"],
			["mdns", "Services and model it announces (mDNS)"],
			["ssdp", "Software it announces (SSDP)"],
			["upnp", "Maker and model it describes (UPnP)"],
			["tuya", "Product key of Tuya devices"],
			["labels", "What you say that a device is"],
		],
	],
	[
		"Your home",
		[
			[
				"identifier",
				"One identifier for each device. Without it each has another every day, though who has two days can guess by maker, names and habits which is which; you are told nothing about devices like yours, and what waits is dropped now",
			],
			["utc_offset", "How far your clock is from UTC"],
			["client", "Version of this program"],
			["interaction", "How long you look at which page here"],
		],
	],
];

interface Props {
	research: Research;
	doing: Doing;
}

export function ResearchSwitches({ research, doing }: Props) {
	return (
		<section class="card" aria-label="What is shared">
			<h2>What is shared</h2>
			<p class="muted">
				What you switch off also goes out of what waits to be sent. Each device has a switch
				of its own on its page. Always sent are a random account, which text you agreed to,
				when each device was seen, and whether it is watched.
			</p>
			{GROUPS.map(([title, fields]) => (
				<fieldset key={title}>
					<legend>{title}</legend>
					{fields.map(([field, text]) => (
						<Tick
							key={field}
							text={text}
							on={research.fields[field]}
							onChange={(on) =>
								doing(
									() => api.researchSettings({ fields: { [field]: on } }),
									(state) => ({
										...state,
										fields: { ...state.fields, [field]: on },
									}),
								)
							}
						/>
					))}
				</fieldset>
			))}
			<fieldset>
				<legend>Other devices</legend>
				<Tick
					text="Also maker and model of devices that are not watched"
					on={research.unwatched}
					onChange={(on) =>
						doing(
							() => api.researchSettings({ unwatched: on }),
							(state) => ({ ...state, unwatched: on }),
						)
					}
				/>
			</fieldset>
			{research.not_shared.length > 0 && (
				<p>
					Never shared:{" "}
					{research.not_shared.map((id, index) => (
						<span key={id}>
							{index > 0 && ", "}
							<DeviceLink id={id} />
						</span>
					))}
				</p>
			)}
			<Removed research={research} doing={doing} />
		</section>
	);
}

function Tick(props: { text: string; on: boolean; onChange: (on: boolean) => void }) {
	return (
		<label class="tick">
			<input
				type="checkbox"
				checked={props.on}
				onChange={(event) => props.onChange(event.currentTarget.checked)}
			/>
			<span>{props.text}</span>
		</label>
	);
}

function Removed({ research, doing }: Props) {
	const text = useSignal(research.removed.join("\n"));
	const names = () =>
		text.value
			.toLowerCase()
			.split(/[\s,]+/)
			.filter((name) => name !== "");

	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				void doing(() => api.researchRemoved(names()));
			}}
		>
			<label>
				Names never to share, and all that end in them; one a line
				<textarea
					rows={3}
					placeholder="example.org"
					value={text.value}
					onInput={(event) => (text.value = event.currentTarget.value)}
				/>
			</label>
			<button type="submit">Save these names</button>
		</form>
	);
}
