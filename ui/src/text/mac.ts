// SPDX-License-Identifier: GPL-3.0-or-later
// Hardware addresses as people type them: one a line, or with commas between.

const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;
const BARE = /^[0-9a-f]{12}$/i;

export interface Typed {
	macs: string[];
	/** What is no hardware address, as it was typed. */
	wrong: string[];
}

export function readMacs(text: string): Typed {
	const typed: Typed = { macs: [], wrong: [] };

	for (const word of text.split(/[\s,;]+/).filter((word) => word !== "")) {
		if (MAC.test(word)) typed.macs.push(word);
		else if (BARE.test(word)) typed.macs.push(word.match(/../g)!.join(":"));
		else typed.wrong.push(word);
	}
	return typed;
}
