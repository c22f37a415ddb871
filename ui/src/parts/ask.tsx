// SPDX-License-Identifier: GPL-3.0-or-later
// A button whose deed cannot be undone, and the question it asks first.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface Props {
	/** On the button, and the question's title. */
	label: string;
	/** On the button that does it. */
	confirm: string;
	onConfirm: () => void;
	/** What will happen. */
	children: ComponentChildren;
}

export function Ask({ label, confirm, onConfirm, children }: Props) {
	const open = useSignal(false);

	return (
		<>
			<button type="button" onClick={() => (open.value = true)}>
				{label}
			</button>
			{open.value && (
				<Question
					label={label}
					confirm={confirm}
					onConfirm={onConfirm}
					onClose={() => (open.value = false)}
				>
					{children}
				</Question>
			)}
		</>
	);
}

/** The browser's own modal dialog, with its focus and its Escape key. Whoever
 * presses Enter once more does nothing. */
function Question(props: Props & { onClose: () => void }) {
	const dialog = useRef<HTMLDialogElement>(null);
	const title = useId();
	const confirm = () => {
		dialog.current?.close();
		props.onConfirm();
	};

	useEffect(() => dialog.current?.showModal(), []);

	return (
		<dialog ref={dialog} aria-labelledby={title} onClose={props.onClose}>
			<h2 id={title}>{props.label}</h2>
			{props.children}
			<div class="buttons">
				<button type="button" class="danger" onClick={confirm}>
					{props.confirm}
				</button>
				<button type="button" autoFocus onClick={() => dialog.current?.close()}>
					Cancel
				</button>
			</div>
		</dialog>
	);
}
