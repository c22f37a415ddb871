// SPDX-License-Identifier: GPL-3.0-or-later
// A part of a page that is opened when it is wanted: its title, and in a few
// words what is in it.

import type { ComponentChildren } from "preact";

export function Fold(props: {
	title: string;
	note?: string | undefined;
	open?: boolean;
	children: ComponentChildren;
}) {
	return (
		<details class="fold" open={props.open}>
			<summary>
				<h2>{props.title}</h2>
				{props.note !== undefined && <small class="muted">{props.note}</small>}
			</summary>
			{props.children}
		</details>
	);
}
