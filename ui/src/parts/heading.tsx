// SPDX-License-Identifier: GPL-3.0-or-later
// A screen's title. It takes the focus when the screen opens, so that a
// keyboard or a screen reader starts there.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
	/** For the browser's tab. */
	title: string;
	children: ComponentChildren;
}

export function Heading({ title, children }: Props) {
	const heading = useRef<HTMLHeadingElement>(null);

	useEffect(() => heading.current?.focus({ preventScroll: true }), []);
	useEffect(() => {
		document.title = `${title} – IoT Inspector`;
	}, [title]);

	return (
		<h1 ref={heading} tabIndex={-1}>
			{children}
		</h1>
	);
}
