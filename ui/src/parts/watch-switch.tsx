// SPDX-License-Identifier: GPL-3.0-or-later
// The switch that has a device watched. While it waits for an answer it is not
// disabled, which would take the keyboard's focus from it.

import { useSignal } from "@preact/signals";
import { api } from "../api";
import type { ListedDevice } from "../api";
import { title } from "../device";
import { changeDevice } from "../store";

export function WatchSwitch({ device }: { device: ListedDevice }) {
	const busy = useSignal(false);
	const wanted = device.watch.wanted;
	const flip = async () => {
		if (busy.value) return;
		busy.value = true;
		await changeDevice(() => api.watch(device.id, !wanted));
		busy.value = false;
	};

	return (
		<button
			type="button"
			role="switch"
			class="switch"
			aria-checked={wanted}
			aria-label={`Watch ${title(device)}`}
			aria-disabled={busy}
			onClick={flip}
		>
			<span class="knob" />
		</button>
	);
}
