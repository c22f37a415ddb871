// SPDX-License-Identifier: GPL-3.0-or-later
// What has the keyboard's focus keeps it when its row gets another place: an
// element that is moved in the document loses it.

import { useLayoutEffect } from "preact/hooks";

/** To be called by the component whose rows move, at each of its renderings. */
export function useKeptFocus(): void {
	const had = document.activeElement;

	useLayoutEffect(() => {
		if (had instanceof HTMLElement && had !== document.activeElement && had.isConnected)
			had.focus({ preventScroll: true });
	});
}
