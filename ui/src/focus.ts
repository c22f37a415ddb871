// SPDX-License-Identifier: GPL-3.0-or-later
// What is pressed and goes away with that ("Hide", "Wrong") leaves the keyboard
// where it was: the focus goes to what comes next there, not to the page's top.

const TAKES_FOCUS =
	"a[href], button:enabled, input:enabled, select, textarea, summary, [tabindex]";
const PART = "dialog, form, section, article, main";
/** Until a screen that opens has given the focus to its heading, or a dialog that
 * closes has given it back. */
const SETTLED_MS = 100;

/** Where something was: before a node that is still there, or at its parent's end. */
interface Place {
	parent: Node;
	next: Node | null;
}

/** What had the focus last, of who uses no mouse; of others nothing is kept, for
 * whom a focus that moves by itself would open a phone's keyboard. */
let had: Element | null = null;

export function followFocus(): void {
	let byKeys = false;

	addEventListener("keydown", () => {
		byKeys = true;
		had = document.activeElement;
	}, true);
	addEventListener("pointerdown", () => {
		byKeys = false;
		had = null;
	}, true);
	addEventListener("focusin", ({ target }) => {
		had = byKeys && target instanceof Element ? target : null;
	});
	// a screen reader presses without a key; so does a label, of its box
	addEventListener("click", ({ detail, target }) => {
		if (detail === 0 && target instanceof Element && !target.matches("input")) had = target;
	}, true);
	new MutationObserver(changed).observe(document.body, { childList: true, subtree: true });
}

function changed(records: MutationRecord[]): void {
	if (had === null || had.isConnected) return;
	const place = lastPlace(had, records);

	had = null;
	if (place === null) return;
	setTimeout(() => {
		if (document.activeElement === document.body) neighbour(place)?.focus();
	}, SETTLED_MS);
}

/** Where the outermost that went with the element was, if that is still there. */
function lastPlace(element: Element, records: MutationRecord[]): Place | null {
	const record = records.find(
		(one) =>
			one.target.isConnected && [...one.removedNodes].some((node) => node.contains(element)),
	);

	return record ? { parent: record.target, next: record.nextSibling } : null;
}

/** The next in the same part of the page, else the one before, else outside it. */
function neighbour({ parent, next }: Place): HTMLElement | undefined {
	const around = parent instanceof Element ? parent : document.body;
	const isAfter = (one: Element) =>
		next?.isConnected
			? next.contains(one) || follows(next, one)
			: follows(parent, one) && !parent.contains(one);

	for (let part = around.closest(PART); part !== null; part = outer(part)) {
		const all = [...part.querySelectorAll<HTMLElement>(TAKES_FOCUS)].filter((one) =>
			one.checkVisibility({ visibilityProperty: true }),
		);
		const found = all.find(isAfter) ?? all.at(-1);

		if (found) return found;
	}
	return undefined;
}

function outer(part: Element): Element | null {
	return part.parentElement?.closest(PART) ?? null;
}

function follows(one: Node, other: Node): boolean {
	return (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}
