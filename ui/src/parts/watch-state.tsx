// SPDX-License-Identifier: GPL-3.0-or-later
// What a device's watch is doing, in words.

import type { ListedDevice } from "../api";
import { watchWords } from "../device";
import { now } from "../store";

export function WatchState({ device }: { device: ListedDevice }) {
	const words = watchWords(device.watch, now.value);
	const since = device.watch.since;

	return (
		<span
			class={`state ${words.tone}`}
			title={since === null ? undefined : `since ${new Date(since).toLocaleString()}`}
		>
			{words.text}
		</span>
	);
}
