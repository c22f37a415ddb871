// SPDX-License-Identifier: GPL-3.0-or-later
import { connection } from "../store";
import { Command } from "./command";

export function LostBanner() {
	return (
		<div role="status">
			{connection.value === "lost" && (
				<div class="notice bad lost">
					<p>
						<strong>No connection to the inspector.</strong> Trying again; what you
						see may be out of date. If the program has ended, it put the network back
						as it was. To make sure, run <Command text="sudo iot-inspector restore" />
					</p>
				</div>
			)}
		</div>
	);
}
