// SPDX-License-Identifier: GPL-3.0-or-later
// What there is to see without a running inspector.

import type { ComponentChildren } from "preact";
import { Command } from "../parts/command";
import { Heading } from "../parts/heading";
import icon from "../icon.svg";

function Alone({ title, children }: { title: string; children: ComponentChildren }) {
	return (
		<main class="alone">
			<img src={icon} alt="" width="56" height="56" />
			<Heading title={title}>{title}</Heading>
			{children}
		</main>
	);
}

export function Connecting() {
	return (
		<Alone title="Connecting to the inspector…">
			<p>
				If this does not go away, the program is not running. Start it again and it
				opens this page anew.
			</p>
		</Alone>
	);
}

export function Stopping() {
	return (
		<Alone title="Putting the network back…">
			<p role="status">This takes a few seconds. Please leave the computer on.</p>
		</Alone>
	);
}

export function Ended() {
	return (
		<Alone title="Stopped. The network is as it was before.">
			<p>
				Your devices talk to the router directly again. You can close this page.
			</p>
			<p class="muted">
				If a device stays offline, restart it, then the router. To put the network
				back once more: <Command text="sudo iot-inspector restore" />
			</p>
		</Alone>
	);
}

export function SignedOut() {
	return (
		<Alone title="This page is not signed in">
			<p>
				For your safety, the inspector answers only the browser that it opened. Use
				the address that it printed when it started, or start it again.
			</p>
		</Alone>
	);
}
