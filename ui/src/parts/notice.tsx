// SPDX-License-Identifier: GPL-3.0-or-later
// What came of the last thing asked for.

import { notice } from "../store";

export function Notice() {
	return (
		<div role="status">
			{notice.value !== null && (
				<div class={`notice ${notice.value.bad ? "bad" : "good"}`}>
					<p>{notice.value.text}</p>
					<button type="button" class="small" onClick={() => (notice.value = null)}>
						Close
					</button>
				</div>
			)}
		</div>
	);
}
