// SPDX-License-Identifier: GPL-3.0-or-later
// Which screen there is to see.

import type { Status } from "./api";
import { FreshFaults } from "./parts/faults";
import { LostBanner } from "./parts/lost-banner";
import { NetworkBar } from "./parts/network-bar";
import { Notice } from "./parts/notice";
import { TopBar } from "./parts/top-bar";
import { route } from "./route";
import { ConsentScreen } from "./screens/consent";
import { DeviceScreen } from "./screens/device";
import { DevicesScreen } from "./screens/devices";
import { FindingsScreen } from "./screens/findings";
import { InterfaceScreen } from "./screens/interface";
import { PrivacyScreen } from "./screens/privacy";
import { ResearchScreen } from "./screens/research";
import { SettingsScreen } from "./screens/settings";
import { Connecting, Ended, SignedOut, Stopping } from "./screens/without";
import { connection, status } from "./store";

export function App() {
	if (connection.value === "signed_out") return <SignedOut />;
	if (connection.value === "ended") return <Ended />;
	if (status.value === null) return <Connecting />;
	if (status.value.state === "stopping") return <Stopping />;
	return <Running status={status.value} />;
}

function Running({ status }: { status: Status }) {
	const atWork = status.state !== "waiting_consent" && status.state !== "choosing";

	return (
		<>
			<div class="pinned">
				<TopBar status={status} />
				{atWork && <NetworkBar status={status} />}
				<LostBanner />
				<Notice />
			</div>
			<main id="main">
				<FreshFaults faults={status.faults} />
				<Screen status={status} />
			</main>
		</>
	);
}

function Screen({ status }: { status: Status }) {
	if (status.state === "waiting_consent") return <ConsentScreen status={status} />;
	switch (route.value.name) {
		case "privacy":
			return <PrivacyScreen status={status} />;
		case "findings":
			return <FindingsScreen />;
		case "research":
			return <ResearchScreen status={status} />;
		case "settings":
			return <SettingsScreen />;
		case "device":
			return <DeviceScreen key={route.value.id} id={route.value.id} />;
		case "devices":
			return status.state === "choosing" ? (
				<InterfaceScreen choice={status.interface} />
			) : (
				<DevicesScreen status={status} />
			);
	}
}
