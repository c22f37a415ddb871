// SPDX-License-Identifier: GPL-3.0-or-later
import { isListed } from "../api";
import { title } from "../device";
import { link } from "../route";
import { deviceById } from "../store";

export function DeviceLink({ id }: { id: string }) {
	const device = deviceById.value.get(id);

	return (
		<a href={link({ name: "device", id })}>
			{device && isListed(device) ? title(device) : "a device"}
		</a>
	);
}
