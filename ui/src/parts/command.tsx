// SPDX-License-Identifier: GPL-3.0-or-later
// A command to type in a terminal, with a button that copies it.

import { useSignal } from "@preact/signals";

export function Command({ text }: { text: string }) {
	const copied = useSignal(false);
	const copy = async () => {
		await navigator.clipboard.writeText(text);
		copied.value = true;
	};

	return (
		<span class="command">
			<code>{text}</code>
			<button type="button" class="small" onClick={copy} aria-label={`Copy: ${text}`}>
				{copied.value ? "Copied" : "Copy"}
			</button>
		</span>
	);
}
